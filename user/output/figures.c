// SPDX-License-Identifier: GPL-2.0-or-later
/* Figures as people read them. */
#include <langinfo.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "figures.h"

static bool utf8(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

static const char *scaled(double value, const char *const *units, char *text, size_t size)
{
	while (fabs(value) >= 999.5 && units[1]) {
		value /= 1000;
		units++;
	}
	snprintf(text, size, "%.3g %s", value, *units);
	return text;
}

/* Three digits, or all that stand before the point: 12345 rather than 1.23e+04. */
static const char *plain(double value, char *text, size_t size)
{
	snprintf(text, size, fabs(value) >= 999.5 && fabs(value) < 1e9 ? "%.0f" : "%.3g", value);
	return text;
}

static void bytes(double value, char *text, size_t size)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", NULL };
	size_t unit = 0;

	for (; fabs(value) >= 1023.5 && units[unit + 1]; unit++)
		value /= 1024;
	snprintf(text, size, "%.4g %s", value, units[unit]);
}

const char *figure_text(double value, const char *unit, char *text, size_t size)
{
	static const char *const time_utf8[] = { "ns", "\xc2\xb5s", "ms", "s", NULL };
	static const char *const time_ascii[] = { "ns", "us", "ms", "s", NULL };
	static const char *const rate[] = { "/s", "k/s", "M/s", "G/s", NULL };

	if (isnan(value))
		snprintf(text, size, "n/a");
	else if (!strcmp(unit, "ns"))
		scaled(value, utf8() ? time_utf8 : time_ascii, text, size);
	else if (!strcmp(unit, "1/s"))
		scaled(value, rate, text, size);
	else if (!strcmp(unit, "B"))
		bytes(value, text, size);
	else if (!strcmp(unit, "bool"))
		snprintf(text, size, "%s", value <= 0 ? "no" : value >= 1 ? "yes" : "now and then");
	else
		plain(value, text, size);
	return text;
}

const char *figure_with_interval(double value, const struct stats_interval *ci, char *text,
				 size_t size)
{
	char middle[32], lo[32], hi[32];

	if (isnan(value)) {
		snprintf(text, size, "n/a");
		return text;
	}
	plain(value, middle, sizeof(middle));
	if (ci->known)
		snprintf(text, size, "%s [%s, %s]", middle, plain(ci->lo, lo, sizeof(lo)),
			 plain(ci->hi, hi, sizeof(hi)));
	else
		snprintf(text, size, "%s [n/a]", middle);
	return text;
}

const char *figure_interval(const struct stats_interval *ci, const char *unit, char *text,
			    size_t size)
{
	char lo[32], hi[32];

	if (!ci->known)
		return "n/a";
	snprintf(text, size, "[%s, %s]", figure_text(ci->lo, unit, lo, sizeof(lo)),
		 figure_text(ci->hi, unit, hi, sizeof(hi)));
	return text;
}
