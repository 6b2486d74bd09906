// SPDX-License-Identifier: GPL-2.0-only
#include <linux/cpuhotplug.h>
#include <linux/topology.h>
#include "compat.h"
#include "core.h"
#include "migration.h"

static enum cpuhp_state online_state;

/*
 * Where a CPU is, by numbers that stay the same when its neighbours go offline.
 * On the CPU, when it comes online.
 */
static int place_cpu(unsigned int cpu)
{
	struct cpu_place *place = &per_cpu(cpu_state, cpu)->place;

	place->core = (u64)topology_physical_package_id(cpu) << 40 |
		      (u64)topology_die_id(cpu) << 20 | topology_core_id(cpu);
	place->llc = compat_llc_id(cpu);
	place->node = cpu_to_node(cpu);
	core_join(per_cpu(cpu_state, cpu));
	return 0;
}

/**
 * migration_init() - find out where CPUs are, before any probe is attached
 *
 * Returns 0 or a negative error.
 */
int migration_init(void)
{
	int ret = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "schedsplit:online",
				    place_cpu, NULL);

	if (ret < 0)
		return ret;
	online_state = ret;
	return 0;
}

/** migration_exit() - once no probe runs */
void migration_exit(void)
{
	cpuhp_remove_state(online_state);
}
