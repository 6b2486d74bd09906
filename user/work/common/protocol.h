/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a worker program talks with `schedsplit compare`.
 *
 * Parameters come as NAME=VALUE arguments. With report=FD and control=FD the
 * program writes lines to the first and waits for one byte on the second:
 *
 *	argument NAME=VALUE	of a companion: one more for the worker program
 *	watch PID		before `ready`, of a program that only looks after the
 *				work: PID, at rest, and what it will create is counted,
 *				the program itself is not
 *	ready			everything is set up and at rest; waits
 *	metric NAME N D		a figure: N / D, 64-bit integers, D >= 0; with D = 0
 *				this trial has none
 *	count NAME N		a 64-bit integer that goes with it; CLASS.COUNTER for
 *				what the kernel counted for the measured tasks
 *	done			the measured part is over and at rest; waits
 *	end			last line of a program that worked
 *	error TEXT		in place of all that follows
 *	unavailable TEXT	likewise: this machine cannot do what was asked, which
 *				is no failure
 *
 * The tool reads the kernel's counters at `ready` and `done`, so that they
 * cover the measured part and not the start of the program. Without the two
 * arguments the lines go to stdout and nothing waits: for use by hand.
 */
#ifndef SCHEDSPLIT_WORK_PROTOCOL_H
#define SCHEDSPLIT_WORK_PROTOCOL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct counts;

/* First call of main(): takes the arguments, opens the report. */
void protocol_start(int argc, char **argv);

/* A named argument; one that is missing or out of range ends the program. */
const char *argument_text(const char *name);
int64_t argument_number(const char *name, int64_t min, int64_t max);

/* … or what takes the place of one that is missing. */
const char *argument_text_or(const char *name, const char *otherwise);
int64_t argument_number_or(const char *name, int64_t otherwise, int64_t min, int64_t max);

/**
 * argument_list() - a comma-separated list of numbers
 * @list: room for @max of them
 *
 * Return: how many there were, at least 1.
 */
unsigned int argument_list(const char *name, int *list, unsigned int max);

/* Of a companion, before it is ready: what the worker program gets as well. */
void report_argument(const char *name, int64_t value);

/* The descriptors of report and control are not for programs that this one execs. */
void protocol_close_on_exec(void);

/* Whether there is such an argument. */
bool argument_given(const char *name);

void report_watch(pid_t pid);
void report_ready(void);
void report_metric(const char *name, int64_t numerator, int64_t denominator);
void report_count(const char *name, int64_t value);
void report_counts(const char *class, const struct counts *counts);
void report_done(void);
void report_end(void);

/*
 * As many descriptors as may be had: on a large machine, one a worker is more
 * than the usual limit.
 */
void raise_descriptor_limit(void);

/* Says why the machine cannot do this, and ends the program with status 0. */
void unavailable(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Says why, and ends the program with status 1. */
void die(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
