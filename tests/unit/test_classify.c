// SPDX-License-Identifier: GPL-2.0-or-later
/* Classes of tasks and spaces of switches: every combination of what decides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* As in the kernel's include/linux/sched.h; only that they differ matters. */
#define PF_IO_WORKER	0x00000010
#define PF_USER_WORKER	0x00004000
#define PF_KTHREAD	0x00200000

#include "uapi/schedsplit.h"
#include "classify.h"

#define SIGCHLD		17
#define NOT_LEADER	(-1)

static void idle_and_kernel_threads(void **state)
{
	(void)state;
	assert_int_equal(classify(PF_KTHREAD, 0, SIGCHLD, 1, NULL), SCHEDSPLIT_CLASS_IDLE);
	assert_int_equal(classify(PF_KTHREAD, 2, 0, 1, NULL), SCHEDSPLIT_CLASS_KTHREAD);
	/* they lead a group each, and would pass for processes */
	assert_int_equal(classify(PF_KTHREAD, 15, SIGCHLD, 1, NULL), SCHEDSPLIT_CLASS_KTHREAD);
}

static void user_workers(void **state)
{
	(void)state;
	assert_int_equal(classify(PF_IO_WORKER, 70, NOT_LEADER, 3, NULL), SCHEDSPLIT_CLASS_WORKER);
	assert_int_equal(classify(PF_USER_WORKER, 70, NOT_LEADER, 3, NULL),
			 SCHEDSPLIT_CLASS_WORKER);
	assert_int_equal(classify(PF_IO_WORKER | PF_USER_WORKER, 70, NOT_LEADER, 2, NULL),
			 SCHEDSPLIT_CLASS_WORKER);
}

static void worker_that_exits(void **state)
{
	int worker;

	/* its flag is gone, what it works for is not */
	(void)state;
	assert_int_equal(classify(0, 70, NOT_LEADER, 3, &worker), SCHEDSPLIT_CLASS_WORKER);
	/* kernel threads have that too, and no leader that matters has */
	assert_int_equal(classify(PF_KTHREAD, 15, SIGCHLD, 1, &worker),
			 SCHEDSPLIT_CLASS_KTHREAD);
	assert_int_equal(classify(0, 1, SIGCHLD, 1, &worker), SCHEDSPLIT_CLASS_PROCESS);
}

static void groups(void **state)
{
	(void)state;
	assert_int_equal(classify(0, 100, SIGCHLD, 1, NULL), SCHEDSPLIT_CLASS_PROCESS);
	assert_int_equal(classify(0, 100, SIGCHLD, 2, NULL), SCHEDSPLIT_CLASS_LEADER);
	assert_int_equal(classify(0, 101, NOT_LEADER, 2, NULL), SCHEDSPLIT_CLASS_THREAD);
	/* a clone without an exit signal leads a group all the same */
	assert_int_equal(classify(0, 100, 0, 1, NULL), SCHEDSPLIT_CLASS_PROCESS);
	assert_int_equal(classify(0, 100, 0, 5, NULL), SCHEDSPLIT_CLASS_LEADER);
	/* the last thread, whose leader is dead but not gone */
	assert_int_equal(classify(0, 101, NOT_LEADER, 1, NULL), SCHEDSPLIT_CLASS_THREAD);
	/* reaped before its last switch */
	assert_int_equal(classify(0, 100, SIGCHLD, 0, NULL), SCHEDSPLIT_CLASS_PROCESS);
}

static void other_flags_do_not_matter(void **state)
{
	const unsigned int deciding = PF_KTHREAD | PF_IO_WORKER | PF_USER_WORKER;

	(void)state;
	for (unsigned int bit = 0; bit < 32; bit++) {
		unsigned int flag = 1u << bit & ~deciding;

		assert_int_equal(classify(flag, 9, SIGCHLD, 1, NULL), SCHEDSPLIT_CLASS_PROCESS);
		assert_int_equal(classify(flag, 9, NOT_LEADER, 2, NULL), SCHEDSPLIT_CLASS_THREAD);
		assert_int_equal(classify(flag | PF_KTHREAD, 9, SIGCHLD, 1, NULL),
				 SCHEDSPLIT_CLASS_KTHREAD);
	}
}

static void spaces(void **state)
{
	int one, other;

	(void)state;
	assert_int_equal(classify_space(NULL, &one, 0), SCHEDSPLIT_SPACE_LAZY);
	assert_int_equal(classify_space(NULL, &one, 1), SCHEDSPLIT_SPACE_LAZY);
	assert_int_equal(classify_space(&one, &one, 1), SCHEDSPLIT_SPACE_SAME_GROUP);
	/* back after idle, a vfork child, CLONE_VM */
	assert_int_equal(classify_space(&one, &one, 0), SCHEDSPLIT_SPACE_SAME);
	assert_int_equal(classify_space(&one, &other, 0), SCHEDSPLIT_SPACE_CROSS);
	/* exec gives a task of the same group another space */
	assert_int_equal(classify_space(&one, &other, 1), SCHEDSPLIT_SPACE_CROSS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(idle_and_kernel_threads),
		cmocka_unit_test(user_workers),
		cmocka_unit_test(worker_that_exits),
		cmocka_unit_test(groups),
		cmocka_unit_test(other_flags_do_not_matter),
		cmocka_unit_test(spaces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
