// SPDX-License-Identifier: GPL-2.0-or-later
/* Text in lines that a terminal can show. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "wrap.h"

#define WIDTH		100
#define WIDTH_MIN	60
#define WIDTH_MAX	140	/* longer lines are hard to read */

size_t wrap_width(FILE *stream)
{
	int fd = fileno(stream);
	struct winsize size;

	if (fd < 0 || ioctl(fd, TIOCGWINSZ, &size) || !size.ws_col)
		return WIDTH;
	return size.ws_col < WIDTH_MIN ? WIDTH_MIN :
	       size.ws_col > WIDTH_MAX ? WIDTH_MAX : size.ws_col;
}

/* All but continuation bytes begin a character. */
static size_t characters(const char *text, size_t bytes)
{
	size_t n = 0;

	for (size_t i = 0; i < bytes; i++)
		n += ((unsigned char)text[i] & 0xc0) != 0x80;
	return n;
}

size_t wrap_length(const char *text)
{
	return characters(text, strlen(text));
}

char *wrap_lines(const char *text, size_t width)
{
	char *lines = strdup(text), *blank = NULL;
	size_t used = 0;

	if (!lines)
		return NULL;
	for (char *at = lines; *at;) {
		size_t length = strcspn(at, " ");

		/* The blank before a word that does not fit ends the line. */
		if (blank && used + 1 + characters(at, length) > width) {
			*blank = '\n';
			used = 0;
		} else if (blank) {
			used++;
		}
		used += characters(at, length);
		at += length;
		blank = *at ? at++ : NULL;
	}
	return lines;
}

int wrap_print(FILE *stream, const char *text, size_t width, size_t indent)
{
	char *lines = wrap_lines(text, width > indent ? width - indent : 1);

	if (!lines)
		return -ENOMEM;
	for (char *at = lines; *at;) {
		size_t length = strcspn(at, "\n");

		fprintf(stream, "%*s%.*s\n", at == lines ? 0 : (int)indent, "", (int)length, at);
		at += length + (at[length] == '\n');
	}
	free(lines);
	return 0;
}
