// SPDX-License-Identifier: GPL-2.0-only
/* schedsplit: counts context switches of thread-group leaders and threads. */
#include <linux/module.h>
#include "cost.h"
#include "counters.h"
#include "migration.h"
#include "netlink.h"
#include "pool.h"
#include "probes.h"
#include "record.h"
#include "version.h"
#include "watch.h"

static unsigned int records_max = 262144;
module_param(records_max, uint, 0400);
MODULE_PARM_DESC(records_max, "most records of tasks, and most of processes, of all watches together");

static int __init schedsplit_init(void)
{
	int err;

	err = counters_init();
	if (err)
		return err;
	err = migration_init();
	if (err)
		goto free_counters;
	err = pools_start();
	if (err)
		goto exit_migration;
	err = records_init(records_max);
	if (err)
		goto stop_pools;
	err = probes_attach();
	if (err)
		goto exit_records;
	counters_start();
	cost_init();
	err = netlink_init(records_max);
	if (err)
		goto exit_cost;
	return 0;

exit_cost:
	cost_exit();
	probes_detach();
exit_records:
	records_exit();
stop_pools:
	pools_stop();
exit_migration:
	migration_exit();
free_counters:
	counters_free();
	return err;
}

static void __exit schedsplit_exit(void)
{
	netlink_exit();
	cost_exit();
	probes_detach();
	watch_exit();
	records_exit();
	pools_stop();
	migration_exit();
	counters_free();
}

module_init(schedsplit_init);
module_exit(schedsplit_exit);
MODULE_LICENSE("GPL");
MODULE_AUTHOR("the schedsplit authors");
MODULE_DESCRIPTION("Context switches of thread-group leaders and of threads");
MODULE_VERSION(SCHEDSPLIT_VERSION);
