/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The subcommands. Each gets its own arguments, argv[0] being "schedsplit" so
 * that getopt's messages begin like all others, and returns an exit status.
 */
#ifndef SCHEDSPLIT_COMMANDS_H
#define SCHEDSPLIT_COMMANDS_H

int cmd_status(int argc, char **argv);
int cmd_stat(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_top(int argc, char **argv);
int cmd_compare(int argc, char **argv);

#endif
