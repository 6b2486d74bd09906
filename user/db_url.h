/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A database's address, fit to be kept in a file. */
#ifndef SCHEDSPLIT_DB_URL_H
#define SCHEDSPLIT_DB_URL_H

/*
 * db_url_without_password() - postgresql://USER:PASSWORD@HOST/DB?NAME=VALUE&…
 *	without what is, or could be, a password
 *
 * To be freed. NULL if nothing can be kept, or no memory: a list of
 * "name=value" words with a password in it is dropped as a whole, and so is an
 * address whose password cannot be told from what follows it.
 */
char *db_url_without_password(const char *url);

#endif
