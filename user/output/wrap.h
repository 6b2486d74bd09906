/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text in lines that a terminal can show. */
#ifndef SCHEDSPLIT_OUTPUT_WRAP_H
#define SCHEDSPLIT_OUTPUT_WRAP_H

#include <stddef.h>
#include <stdio.h>

/* Columns for @stream: the terminal's, within reason; else 100. */
size_t wrap_width(FILE *stream);

/* How many columns a text takes: its characters, in UTF-8. */
size_t wrap_length(const char *text);

/**
 * wrap_lines() - break a text at blanks
 * @width: of a line, in characters; a longer word has a line of its own
 *
 * Return: the lines, separated by newlines, to be freed; NULL: no memory.
 */
char *wrap_lines(const char *text, size_t width);

/* Print @text, its first line at the cursor, the others after @indent blanks. */
int wrap_print(FILE *stream, const char *text, size_t width, size_t indent);

#endif
