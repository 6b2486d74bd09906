// SPDX-License-Identifier: GPL-2.0-or-later
/* A database's address, fit to be kept in a file. */
#include <stdlib.h>
#include <string.h>

#include "db_url.h"

/* Names can be written with percent signs: what may be one is taken for one. */
static int may_hold_password(const char *words)
{
	return strcasestr(words, "pass") || strchr(words, '%');
}

char *db_url_without_password(const char *url)
{
	const char *scheme = strstr(url, "://");
	char *copy, *user, *at, *colon, *query;

	if (!scheme)
		return may_hold_password(url) ? NULL : strdup(url);
	copy = strdup(url);
	if (!copy)
		return NULL;
	user = copy + (scheme - url) + 3;
	query = strchr(user, '?');
	/* The last one: a password that should have been escaped may hold others. */
	at = strrchr(user, '@');
	colon = strchr(user, ':');
	if (query && may_hold_password(query)) {
		/* … or a '?': what is then cut off may be only its end. */
		if (at && at > query && colon && colon < query) {
			free(copy);
			return NULL;
		}
		*query = '\0';
		at = strrchr(user, '@');
	}
	if (at && colon && colon < at)
		memmove(colon, at, strlen(at) + 1);
	return copy;
}
