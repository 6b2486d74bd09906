// SPDX-License-Identifier: GPL-2.0-or-later
/* Text of others, made fit for a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "attr.h"

static void clean(const char *text, const char *expected)
{
	char copy[64];

	strcpy(copy, text);
	text_clean(copy);
	assert_string_equal(copy, expected);
}

static void what_prints_stays(void **state)
{
	(void)state;
	clean("", "");
	clean(" ~", " ~");
	clean("\xc2\xa0\xc3\xa9", "\xc2\xa0\xc3\xa9");
	clean("\xe4\xb8\xad\xf0\x9f\x90\xa7", "\xe4\xb8\xad\xf0\x9f\x90\xa7");
	clean("\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf");
	/* beside those that turn text round */
	clean("\xe2\x80\xa7\xe2\x80\xaf", "\xe2\x80\xa7\xe2\x80\xaf");
	clean("\xe2\x81\xa5\xe2\x81\xaa", "\xe2\x81\xa5\xe2\x81\xaa");
}

static void controls_go(void **state)
{
	(void)state;
	clean("a\nb\033[31m\x7f", "a?b?[31m?");
	clean("\xc2\x80\xc2\23331m\xc2\x9f", "????31m??");
}

static void what_is_no_utf8_goes(void **state)
{
	(void)state;
	clean("\23331m\xff", "?31m?");
	/* cut off; overlong; a surrogate; beyond U+10FFFF */
	clean("\xe2\x80", "??");
	clean("\xc0\x9b", "??");
	clean("\xe0\x82\x9b", "???");
	clean("\xed\xa0\x80", "???");
	clean("\xf4\x90\x80\x80", "????");
}

/* Line separators, and what turns the direction of text round. */
static void text_is_not_turned_round(void **state)
{
	char text[] = "a\xe2\x80\xa8z";

	(void)state;
	for (unsigned char last = 0xa8; last <= 0xae; last++) {
		text[3] = (char)last;
		clean(text, "a???z");
	}
	text[2] = (char)0x81;
	for (unsigned char last = 0xa6; last <= 0xa9; last++) {
		text[3] = (char)last;
		clean(text, "a???z");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_prints_stays),
		cmocka_unit_test(controls_go),
		cmocka_unit_test(what_is_no_utf8_goes),
		cmocka_unit_test(text_is_not_turned_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
