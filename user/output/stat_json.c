// SPDX-License-Identifier: GPL-2.0-or-later
/* `stat` as JSON. */
#include "json.h"
#include "stat.h"

const char *scope_name(enum scope scope)
{
	switch (scope) {
	case SCOPE_SYSTEM:
		return "system";
	case SCOPE_PID:
	case SCOPE_TID:
		return "pid";
	case SCOPE_CGROUP:
		return "cgroup";
	case SCOPE_COMMAND:
		break;
	}
	return "command";
}

/* Arguments can be any bytes, JSON strings cannot. */
static json_t *argument(const char *text)
{
	json_t *json = json_string(text);

	return json ? json : json_string("(not UTF-8)");
}

static json_t *scope(const struct result *result, const struct stat_options *options)
{
	json_t *scope = json_pack("{s:s}", "kind", scope_name(result->scope));
	json_t *list = json_array();

	for (char **word = result->command; word && *word; word++)
		json_array_append_new(list, argument(*word));
	json_object_set_new(scope, "command", result->command ? json_incref(list) : json_null());
	json_decref(list);
	json_object_set_new(scope, "exit_status",
			    result->has_status ? json_integer(result->exit_status) : json_null());
	if (result->scope == SCOPE_PID || result->scope == SCOPE_TID) {
		list = json_array();
		for (size_t i = 0; i < options->pids; i++)
			json_array_append_new(list, json_integer(options->pid[i]));
		json_object_set_new(scope, result->scope == SCOPE_PID ? "pids" : "tids", list);
	}
	if (result->scope == SCOPE_CGROUP)
		json_object_set_new(scope, "cgroup", argument(options->cgroup));
	return scope;
}

static json_t *space(const struct space_counts *space)
{
	return json_pack("{s:o s:o s:o s:o}",
			 "lazy", json_count(space->lazy), "same", json_count(space->same),
			 "cross", json_count(space->cross),
			 "same_group", json_count(space->same_group));
}

/* Pairs that did not happen are left out. */
static json_t *handoff(const struct cpu_counts *counts)
{
	json_t *list = json_array();

	for (int from = 0; from < SCHEDSPLIT_CLASSES; from++)
		for (int to = 0; to < SCHEDSPLIT_CLASSES; to++) {
			uint64_t switches = cpu_counts_handoff(counts, from, to);

			if (switches)
				json_array_append_new(list, json_pack("{s:s s:s s:o}",
						      "from", class_name[from],
						      "to", class_name[to],
						      "switches", json_count(switches)));
		}
	return list;
}

static json_t *distances(const uint64_t by_distance[SCHEDSPLIT_DISTANCES], int first)
{
	json_t *json = json_object();

	for (int distance = first; distance < SCHEDSPLIT_DISTANCES; distance++)
		json_object_set_new(json, distance_name[distance],
				    json_count(by_distance[distance]));
	return json;
}

/* By class, cause and distance; "birth" is no migration, but a new task's place. */
static json_t *migrations(const struct cpu_counts *counts)
{
	json_t *classes = json_object();

	for (int class = 0; class < SCHEDSPLIT_CLASSES; class++) {
		json_t *causes = json_object();

		for (int cause = 0; cause < SCHEDSPLIT_CAUSES; cause++)
			json_object_set_new(causes, cause_name[cause],
					    distances(counts->moves[class][cause],
						      SCHEDSPLIT_DISTANCE_SMT));
		json_object_set_new(causes, "birth",
				    distances(counts->moves[class][MOVES_PLACEMENTS], 0));
		json_object_set_new(classes, class_name[class], causes);
	}
	return classes;
}

static json_t *cpus(const struct result *result)
{
	json_t *list = json_array();

	for (uint32_t cpu = 0; cpu < result->counts.cpus; cpu++) {
		const struct cpu_counts *counts = result->counts.cpu[cpu];

		/* a task belongs to no CPU: their number is not known by CPU */
		if (counts)
			json_array_append_new(list, json_pack("{s:i s:o s:o}", "cpu", (int)cpu,
					      "classes", json_classes(counts->class, false),
					      "untraced", json_count(counts->untraced)));
	}
	return list;
}

static json_t *groups(const struct result *result)
{
	json_t *list = json_array();

	for (size_t i = 0; i < result->groups.n; i++) {
		const struct group_record *group = &result->groups.group[i];
		json_t *json = json_pack("{s:i s:s s:i s:o s:o s:o}",
					 "tgid", (int)group->tgid, "comm", group->comm,
					 "tasks", (int)group->tasks,
					 "leader", json_counters(&group->leader, true),
					 "thread", json_counters(&group->thread, true),
					 "concurrency", json_concurrency(&group->concurrency));

		json_object_set_new(json, "beside", json_pack("{s:o s:o s:o}",
				    "leader_ns", json_count(group_leader_beside(group)),
				    "threads_ns", json_count(group_threads_beside(group)),
				    "one_core_ns", json_count(group_on_one_core(group))));

		if (result->runs > 1)
			json_object_set_new(json, "run", json_integer(group->run));
		json_array_append_new(list, json);
	}
	return list;
}

static const char *end_name(enum schedsplit_end end)
{
	switch (end) {
	case SCHEDSPLIT_END_DEAD:
		return "dead";
	case SCHEDSPLIT_END_LEFT:
		return "left";
	default:
		return "alive";
	}
}

/* Only where it is not what was counted: all others would say the same twice. */
static void add_kernel_counts(json_t *json, const struct task_record *task)
{
	if (!task->untraced && task_matches(task))
		return;
	json_object_set_new(json, "untraced", json_count(task->untraced));
	json_object_set_new(json, "kernel", json_pack("{s:o s:o s:o}",
			    "switches_voluntary", json_count(task->kernel.nvcsw),
			    "switches_involuntary", json_count(task->kernel.nivcsw),
			    "migrations", json_count(task->kernel.migrations)));
}

static json_t *tasks(const struct result *result)
{
	json_t *list = json_array();

	for (size_t i = 0; i < result->tasks.n; i++) {
		const struct task_record *task = &result->tasks.task[i];
		struct counters counters = task->counters;
		json_t *json = json_pack("{s:i s:i s:s s:s s:b s:s s:b}",
					 "tid", (int)task->tid, "tgid", (int)task->tgid,
					 "comm", task->comm, "class", class_name[task->class],
					 "dead", task->end == SCHEDSPLIT_END_DEAD,
					 "end", end_name(task->end),
					 "matches_kernel", task_matches(task));
		json_t *own;

		counters.tasks = 1;
		own = json_counters(&counters, true);
		json_object_update(json, own);
		json_decref(own);
		if (task->was_thread)
			json_object_set_new(json, "as_thread",
					    json_counters(&task->as_thread, false));
		add_kernel_counts(json, task);
		if (result->runs > 1)
			json_object_set_new(json, "run", json_integer(task->run));
		json_array_append_new(list, json);
	}
	return list;
}

static json_t *histogram(const struct info *info, const uint64_t bucket[INFO_BUCKETS_MAX])
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < info->buckets; i++) {
		const struct bound *bound = &info->bound[i];

		if (bucket[i])
			json_array_append_new(list, json_pack("{s:o s:o s:o}",
					      "lo", json_count(bound->lo),
					      /* null: no upper bound */
					      "hi", json_count(bound->hi),
					      "count", json_count(bucket[i])));
	}
	return list;
}

static json_t *histograms(const struct result *result)
{
	const struct cpu_counts *sum = &result->counts.sum;
	json_t *slice = json_object(), *wait = json_object();

	for (int class = 0; class < SCHEDSPLIT_CLASSES; class++) {
		json_object_set_new(slice, class_name[class],
				    histogram(&result->info, sum->slice[class]));
		json_object_set_new(wait, class_name[class],
				    histogram(&result->info, sum->wait[class]));
	}
	return json_pack("{s:o s:o}", "slice", slice, "wait", wait);
}

static json_t *lives(const struct result *result)
{
	json_t *stages = json_object();

	for (int stage = 0; stage < SCHEDSPLIT_LIVES; stage++) {
		json_t *classes = json_object();

		for (int class = 0; class < SCHEDSPLIT_CLASSES; class++)
			json_object_set_new(classes, class_name[class],
					    histogram(&result->info,
						      result->counts.sum.life[stage][class]));
		json_object_set_new(stages, life_name[stage], classes);
	}
	return stages;
}

static json_t *signals(const struct result *result)
{
	json_t *all = json_object();

	for (int to = 0; to < SCHEDSPLIT_SIGNAL_TOS; to++) {
		const struct signal_counts *signals = &result->counts.sum.signal[to];
		json_t *taken = json_object();
		uint64_t sum = 0;

		for (int class = 0; class < SCHEDSPLIT_CLASSES; class++) {
			json_object_set_new(taken, class_name[class],
					    json_count(signals->taken[class]));
			sum += signals->taken[class];
		}
		/* of signals pending when counting began, more may be taken than became so */
		json_object_set_new(all, signal_to_name[to], json_pack("{s:o s:o s:o s:o}",
				    "generated", json_count(signals->generated),
				    "taken", taken,
				    "unmatched", json_integer((json_int_t)signals->generated -
							      (json_int_t)sum),
				    "delay", histogram(&result->info, signals->delay)));
	}
	return all;
}

/* --- direct costs: cycles, told in ns --- */

static json_t *cost_ns(const struct info *info, double cycles)
{
	return info->cost_khz ? json_real(cycles * 1e6 / (double)info->cost_khz) : json_null();
}

/* Bounds are rounded to ns, all alike: neighbours stay neighbours. */
static json_t *cost_bound(const struct info *info, uint64_t cycles)
{
	if (cycles == UINT64_MAX)
		return json_null();
	return json_count((uint64_t)((double)cycles * 1e6 / (double)info->cost_khz + 0.5));
}

static json_t *cost_histograms(const struct result *result)
{
	const struct info *info = &result->info;
	json_t *spaces = json_object();

	for (int space = 0; space < COST_SPACES; space++) {
		json_t *list = json_array();

		for (unsigned int i = 0; i < info->buckets; i++) {
			uint64_t count = costs_bucket(&result->counts.sum.costs, space, i);

			if (count)
				json_array_append_new(list, json_pack("{s:o s:o s:o}",
						      "lo", cost_bound(info, info->bound[i].lo),
						      "hi", cost_bound(info, info->bound[i].hi),
						      "count", json_count(count)));
		}
		json_object_set_new(spaces, cost_space_name[space], list);
	}
	return spaces;
}

static json_t *cost_sum(const struct info *info, const struct cost_sum *sum)
{
	return json_pack("{s:o s:o s:o}", "switches", json_count(sum->switches),
			 "cycles", json_count(sum->cycles),
			 "mean_ns", sum->switches ? cost_ns(info, (double)sum->cycles /
							    (double)sum->switches) : json_null());
}

static json_t *cost_kinds(const struct result *result)
{
	json_t *list = json_array();

	for (int from = 0; from < SCHEDSPLIT_CLASSES; from++)
		for (int to = 0; to < SCHEDSPLIT_CLASSES; to++)
			for (int space = 0; space < COST_SPACES; space++) {
				struct cost_sum sum = costs_of_kind(&result->counts.sum.costs,
								    from, to, space);
				json_t *json;

				if (!sum.switches)
					continue;
				json = cost_sum(&result->info, &sum);
				json_object_set_new(json, "from", json_string(class_name[from]));
				json_object_set_new(json, "to", json_string(class_name[to]));
				json_object_set_new(json, "space",
						    json_string(cost_space_name[space]));
				json_array_append_new(list, json);
			}
	return list;
}

static json_t *costs_json(const struct result *result)
{
	const struct costs *costs = &result->counts.sum.costs;
	const struct info *info = &result->info;
	json_t *spaces = json_object();

	for (int space = 0; space < COST_SPACES; space++) {
		struct cost_sum sum = costs_of_space(costs, space);
		json_t *json = cost_sum(info, &sum);

		json_object_set_new(json, "tlb_flushed", json_count(sum.flushed));
		json_object_set_new(spaces, cost_space_name[space], json);
	}
	return json_pack("{s:i s:o s:i s:o s:o s:o}", "cycles_khz", (int)info->cost_khz,
			 "missed", json_count(costs->missed),
			 "window_cycles", (int)info->cost_window,
			 "window_ns", cost_ns(info, info->cost_window),
			 "spaces", spaces, "kinds", cost_kinds(result));
}

static json_t *proof(const struct proof *proof)
{
	return json_pack("{s:o s:o s:o s:o}",
			 "tasks_checked", json_count(proof->tasks_checked),
			 "tasks_mismatched", json_count(proof->tasks_mismatched),
			 "lost", json_count(proof->lost),
			 "untraced", json_count(proof->untraced));
}

static json_t *whole_proof(const struct result *result)
{
	json_t *json = proof(&result->proof);

	if (result->ctxt.known)
		json_object_set_new(json, "ctxt", json_pack("{s:o s:o s:o}",
				    "kernel_low", json_count(result->ctxt.low),
				    "counted", json_count(result->ctxt.counted),
				    "kernel_high", json_count(result->ctxt.high)));
	json_object_set_new(json, "adds_up", json_boolean(result->adds_up));
	json_object_set_new(json, "holds", json_boolean(result_is_proved(result)));
	return json;
}

static json_t *intervals(const struct result *result)
{
	json_t *list = json_array();

	for (size_t i = 0; i < result->intervals; i++) {
		const struct interval *interval = &result->interval[i];

		json_array_append_new(list, json_pack("{s:o s:o s:o}",
				      "start_ns", json_count(interval->start_ns),
				      "end_ns", json_count(interval->end_ns),
				      "classes", json_classes(interval->class, false)));
	}
	return list;
}

static json_t *runs(const struct result *result)
{
	json_t *list = json_array();

	for (size_t i = 0; i < result->runs; i++) {
		const struct run *run = &result->run[i];

		json_array_append_new(list, json_pack("{s:o s:i s:o s:o s:o s:o}",
				      "duration_ns", json_count(run->duration_ns),
				      "exit_status", run->exit_status,
				      "classes", json_classes(run->class, true),
				      "space", space(&run->space),
				      "running_mean", run->mean_running < 0 ? json_null() :
				      json_real(run->mean_running),
				      "proof", proof(&run->proof)));
	}
	return list;
}

json_t *stat_json(const struct result *result, const struct stat_options *options,
		  json_t *environment, const char *version)
{
	struct space_counts spaces = cpu_counts_space(&result->counts.sum);
	json_t *root = json_pack("{s:s s:s s:o s:o s:o s:o s:o s:o}",
				 "schema", "schedsplit-stat/1", "version", version,
				 "environment", environment,
				 "scope", scope(result, options),
				 "duration_ns", json_count(result->duration_ns),
				 "classes", json_classes(result->counts.sum.class, true),
				 "space", space(&spaces),
				 "handoff", handoff(&result->counts.sum));

	if (!root)
		return NULL;
	if (result->scope != SCOPE_SYSTEM)
		json_object_set_new(root, "concurrency", json_concurrency(&result->concurrency));
	if (options->migrations)
		json_object_set_new(root, "migrations", migrations(&result->counts.sum));
	if (options->per_cpu)
		json_object_set_new(root, "cpus", cpus(result));
	if (options->per_group)
		json_object_set_new(root, "groups", groups(result));
	if (options->per_task)
		json_object_set_new(root, "tasks", tasks(result));
	if (options->hist)
		json_object_set_new(root, "histograms", histograms(result));
	if (options->hist && options->cost)
		json_object_set_new(json_object_get(root, "histograms"), "cost",
				    cost_histograms(result));
	if (options->life)
		json_object_set_new(root, "life", lives(result));
	if (options->signals)
		json_object_set_new(root, "signals", signals(result));
	if (options->cost)
		json_object_set_new(root, "cost", costs_json(result));
	if (options->interval_ns)
		json_object_set_new(root, "intervals", intervals(result));
	if (options->repeat > 1)
		json_object_set_new(root, "runs", runs(result));
	if (result->watched)
		json_object_set_new(root, "alive", json_integer((json_int_t)result->alive));
	json_object_set_new(root, "proof", whole_proof(result));
	/* Known once costs have been measured: that calibrates it. */
	json_object_set_new(root, "probe", json_pack("{s:o}", "ns_per_switch",
			    result->info.cost_probe ? cost_ns(&result->info,
							      result->info.cost_probe) :
						      json_null()));
	return root;
}
