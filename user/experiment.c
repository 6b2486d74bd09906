// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs an experiment: points, calibration, interleaved blocks, marks. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_rng.h>

#include "experiment.h"
#include "interrupt.h"
#include "stats.h"
#include "storage.h"

/* More than this from the experiment's median is another clock (MARK_FREQUENCY). */
#define FREQUENCY_TOLERANCE	0.05
/* Fewer iterations cannot tell how long many take. */
#define CALIBRATION_ROUNDS	12

const char *const arm_name[] = {
	[ARM_PROCESS] = "process",
	[ARM_THREAD] = "thread",
	[ARM_OTHER] = "other",
	[ARM_A] = "a",
	[ARM_B] = "b",
};

const struct experiment *experiment_find(const char *name)
{
	for (size_t i = 0; i < n_experiments; i++)
		if (!strcmp(experiments[i]->name, name))
			return experiments[i];
	return NULL;
}

/* ---- points ---- */

static const char *chosen_values(const struct plan *plan, const char *name)
{
	for (const char **pair = plan->params; pair && *pair; pair += 2)
		if (!strcmp(pair[0], name))
			return pair[1];
	return NULL;
}

static bool is_choice(const char *choices, const char *value)
{
	size_t length = strlen(value);

	while (*choices) {
		size_t n = strcspn(choices, ",");

		if (n == length && !strncmp(choices, value, n))
			return true;
		choices += n + (choices[n] == ',');
	}
	return false;
}

static int check_value(const struct sweep *sweep, const char *value, char *err, size_t size)
{
	long long number;

	if (strlen(value) >= PARAM_SIZE) {
		snprintf(err, size, "--param %s: a value of more than %d characters", sweep->name,
			 PARAM_SIZE - 1);
		return -EINVAL;
	}
	if (sweep->choices) {
		if (is_choice(sweep->choices, value))
			return 0;
		snprintf(err, size, "--param %s: '%s' is none of %s", sweep->name, value,
			 sweep->choices);
		return -EINVAL;
	}
	if (params_parse_integer(value, &number) && number >= sweep->min && number <= sweep->max)
		return 0;
	snprintf(err, size, "--param %s: '%s' is not a number from %ld to %ld", sweep->name,
		 value, sweep->min, sweep->max);
	return -EINVAL;
}

/* As many as there is room for, and none of them empty. */
static int check_list(const char *name, const char *values, char *err, size_t size)
{
	const char *at = values;

	if (strlen(values) >= VALUES_SIZE) {
		snprintf(err, size, "--param %s: more than %d characters of values", name,
			 VALUES_SIZE - 1);
		return -EINVAL;
	}
	for (;; at++) {
		size_t n = strcspn(at, ",");

		if (!n)
			break;
		at += n;
		if (!*at)
			return 0;
	}
	snprintf(err, size, "--param %s: a value of '%s' is empty", name, values);
	return -EINVAL;
}

static int add_point(struct experiment_run *run, const struct params *params)
{
	const struct experiment *experiment = run->experiment;
	struct point *points, *point;

	points = realloc(run->points, (run->n_points + 1) * sizeof(*points));
	if (!points)
		return -ENOMEM;
	run->points = points;
	point = &points[run->n_points];
	memset(point, 0, sizeof(*point));
	point->params = *params;
	if (experiment->left_out)
		point->left_out = experiment->left_out(params, run->plan->machine);
	point->cell = calloc(experiment->n_variants, sizeof(*point->cell));
	if (!point->cell)
		return -ENOMEM;
	for (size_t v = 0; v < experiment->n_variants && experiment->has; v++)
		point->cell[v].absent = !experiment->has(&experiment->variants[v], params);
	run->n_points++;
	return 0;
}

/* Cuts @values down to its first, or to all but that. */
static void cut_values(char *values, bool first)
{
	char *comma = strchr(values, ',');

	if (first && comma)
		*comma = '\0';
	else if (!first)
		memmove(values, comma ? comma + 1 : "", comma ? strlen(comma) : 1);
}

/* The value of @name in "NAME=VALUE,…". False if it is not in it. */
static bool setting_of(const char *text, const char *name, char *value, size_t size)
{
	size_t length = strlen(name);

	for (; text; text = strchr(text, ',')) {
		text += *text == ',';
		if (strncmp(text, name, length) || text[length] != '=')
			continue;
		text += length + 1;
		snprintf(value, size, "%.*s", (int)strcspn(text, ","), text);
		return true;
	}
	return false;
}

/* The values of @sweep in the design's main part, or beside it where @aside varies. */
static void take_values(const struct experiment_run *run, const struct sweep *sweep,
			const struct sweep *aside, char *values, size_t size)
{
	const struct plan *plan = run->plan;
	const char *chosen = chosen_values(plan, sweep->name);

	if (!chosen && aside && aside != sweep &&
	    setting_of(aside->aside, sweep->name, values, size))
		return;
	if (chosen)
		snprintf(values, size, "%s", chosen);
	else if (plan->quick && sweep->quick_values)
		snprintf(values, size, "%s", sweep->quick_values);
	else if (sweep->values)
		snprintf(values, size, "%s", sweep->values);
	else
		sweep->default_values(plan->machine, plan->quick, values, size);
	if (!chosen && sweep->aside)
		cut_values(values, sweep != aside);
}

static bool is_set(const struct params *params, const char *setting)
{
	char name[PARAM_SIZE], value[PARAM_SIZE];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(setting, "="), setting);
	return setting_of(setting, name, value, sizeof(value)) && params_is(params, name, value);
}

/* All combinations of values, the last sweep's changing fastest. */
static int add_points(struct experiment_run *run, const struct sweep *sweep,
		      const struct sweep *aside, const struct params *params, char *err,
		      size_t size)
{
	char values[VALUES_SIZE], *value, *save;

	if (!sweep->name)
		return add_point(run, params);
	if (sweep->when && !is_set(params, sweep->when))
		return add_points(run, sweep + 1, aside, params, err, size);
	take_values(run, sweep, aside, values, sizeof(values));
	for (value = strtok_r(values, ",", &save); value; value = strtok_r(NULL, ",", &save)) {
		struct params more = *params;
		int ret = check_value(sweep, value, err, size);

		if (!ret)
			ret = params_set(&more, sweep->name, value);
		if (!ret)
			ret = add_points(run, sweep + 1, aside, &more, err, size);
		if (ret)
			return ret;
	}
	return 0;
}

int experiment_plan(struct experiment_run *run, const struct experiment *experiment,
		    const struct plan *plan, char *err, size_t size)
{
	struct params none = { .n = 0 };
	bool narrowed = false;
	int ret = 0;

	memset(run, 0, sizeof(*run));
	run->experiment = experiment;
	run->plan = plan;
	for (const struct sweep *sweep = experiment->sweeps; sweep->name && !ret; sweep++) {
		const char *chosen = chosen_values(plan, sweep->name);

		narrowed |= chosen != NULL;
		if (chosen)
			ret = check_list(sweep->name, chosen, err, size);
	}
	if (!ret)
		ret = add_points(run, experiment->sweeps, NULL, &none, err, size);
	for (const struct sweep *sweep = experiment->sweeps; sweep->name && !ret; sweep++)
		if (sweep->aside && !narrowed)
			ret = add_points(run, experiment->sweeps, sweep, &none, err, size);
	return ret;
}

void experiment_free(struct experiment_run *run)
{
	for (size_t i = 0; i < run->n_points; i++)
		free(run->points[i].cell);
	for (size_t i = 0; i < run->n_trials; i++)
		free(run->trials[i].tally);
	free(run->points);
	free(run->trials);
	memset(run, 0, sizeof(*run));
}

void cell_params(const struct experiment_run *run, size_t point, size_t variant,
		 struct params *params)
{
	const char *method = run->experiment->variants[variant].method;

	*params = run->points[point].params;
	if (method)
		params_set(params, "method", method);
}

bool experiment_failed(const struct experiment_run *run)
{
	for (size_t p = 0; p < run->n_points; p++)
		for (size_t v = 0; v < run->experiment->n_variants; v++)
			if (run->points[p].cell[v].failed)
				return true;
	return false;
}

/* ---- one trial ---- */

/* Room for "NAME=VALUE" of each argument that is made here. */
struct arguments {
	char	text[WORKER_ARGUMENTS_MAX][4096];
	size_t	n;
};

static void add_argument(struct worker_command *command, struct arguments *arguments,
			 const char *name, const char *value)
{
	char *text = arguments->text[arguments->n];

	snprintf(text, sizeof(arguments->text[0]), "%s=%s", name, value);
	command->arguments[arguments->n++] = text;
}

static void add_cpus(struct worker_command *command, struct arguments *arguments)
{
	char list[4000];
	size_t at = 0;

	for (unsigned int i = 0; i < command->n_cpus && at < sizeof(list); i++)
		at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%d", i ? "," : "",
				       command->cpus[i]);
	add_argument(command, arguments, "cpus", list);
}

static int64_t target_ns(const struct experiment_run *run)
{
	unsigned int factor = run->experiment->duration_factor;

	return run->plan->target_ns * (factor ? factor : 1);
}

static void run_worker(const struct experiment_run *run, size_t p, size_t v,
		       uint64_t iterations, struct worker_result *result)
{
	const struct experiment *experiment = run->experiment;
	const struct plan *plan = run->plan;
	static struct arguments arguments;
	struct worker_command command = {
		.cpus = plan->machine->cpus,
		.kernel = plan->kernel,
		.timeout_s = plan->timeout_s,
		.db = plan->db,
		.companion_cpu = plan->machine->cpus[plan->machine->n_cpus - 1],
	};
	struct params params;
	char number[32];

	arguments.n = 0;
	cell_params(run, p, v, &params);
	command.program = experiment->program ? experiment->program :
						params_get(&params, "workload");
	if (experiment->python)
		command.interpreter = plan->interpreter;
	if (experiment->companion)
		command.companion = experiment->companion(&params);
	command.huge_pages = params_is(&params, "huge_pages", "on");
	command.also = experiment->also;
	if (params_is(&params, "costs", "on"))
		command.also |= KERNEL_COSTS;
	command.user_environment = experiment->user_environment;
	command.n_cpus = experiment->cpus(&params, plan->machine);
	add_argument(&command, &arguments, "arm", arm_name[experiment->variants[v].arm]);
	for (size_t i = 0; i < params.n; i++)
		add_argument(&command, &arguments, params.p[i].name, params.p[i].value);
	for (const char *const *fixed = experiment->arguments; fixed && *fixed; fixed++)
		command.arguments[arguments.n++] = *fixed;
	if (experiment->variant_arguments)
		command.arguments[arguments.n++] = experiment->variant_arguments[v];
	if (run->points[p].argument[0])
		command.arguments[arguments.n++] = run->points[p].argument;
	if (plan->storage) {
		add_argument(&command, &arguments, "dir", plan->storage);
		add_argument(&command, &arguments, "scratch", plan->scratch);
	}
	if (plan->interpreter)
		add_argument(&command, &arguments, "python", plan->interpreter);
	snprintf(number, sizeof(number), "%" PRIu64, iterations);
	add_argument(&command, &arguments, "iterations", number);
	snprintf(number, sizeof(number), "%" PRId64, target_ns(run));
	add_argument(&command, &arguments, "duration_ns", number);
	add_cpus(&command, &arguments);
	if (command.also & KERNEL_COSTS &&
	    !(plan->kernel && kernel_counts_has_costs(plan->kernel))) {
		memset(result, 0, sizeof(*result));
		result->outcome = WORKER_UNAVAILABLE;
		snprintf(result->reason, sizeof(result->reason), "%s", plan->kernel ?
			 "finish_task_switch() of this kernel cannot be traced" :
			 "only the module can tell what switches cost");
		return;
	}
	/* Of a lean machine, no failure. */
	if (!plan->interpreter &&
	    (experiment->python || params_is(&params, "program", "python"))) {
		memset(result, 0, sizeof(*result));
		result->outcome = plan->python ? WORKER_FAILED : WORKER_UNAVAILABLE;
		snprintf(result->reason, sizeof(result->reason), "there is no interpreter %s",
			 plan->python ? plan->python : "python3");
		return;
	}
	worker_run(&command, result);
	/* Here, where all that worked in it is dead, however that came about. */
	if (plan->storage)
		storage_remove(plan->scratch);
}

/* The reason a cell has no more trials. */
static void close_cell(struct cell *cell, const struct worker_result *result)
{
	snprintf(cell->reason, sizeof(cell->reason), "%s", result->reason);
	cell->failed = result->outcome == WORKER_FAILED;
	cell->unavailable = result->outcome == WORKER_UNAVAILABLE;
}

bool experiment_try(struct experiment_run *run, size_t point, size_t variant,
		    uint64_t iterations, struct worker_result *result)
{
	run_worker(run, point, variant, iterations, result);
	if (result->outcome == WORKER_INTERRUPTED)
		run->interrupted = true;
	else if (result->outcome != WORKER_WORKED)
		close_cell(&run->points[point].cell[variant], result);
	return result->outcome == WORKER_WORKED;
}

static bool is_closed(const struct cell *cell)
{
	return cell->absent || cell->failed || cell->unavailable;
}

/* Metrics in the table's order, so that an index means the same everywhere. */
static bool take_metrics(const struct experiment *experiment, struct trial *trial,
			 struct worker_result *result)
{
	for (size_t m = 0; m < experiment->n_metrics; m++) {
		const struct worker_number *number;

		if (experiment->metrics[m].derived)
			continue;
		number = worker_metric(result, experiment->metrics[m].name);
		if (!number && experiment->metrics[m].optional)
			continue;
		if (!number) {
			result->outcome = WORKER_FAILED;
			snprintf(result->reason, sizeof(result->reason),
				 "the worker program did not report %s",
				 experiment->metrics[m].name);
			return false;
		}
		trial->metric[m] = (struct fraction){ number->numerator, number->denominator };
	}
	return true;
}

static unsigned int marks_of(const struct experiment_run *run, const struct worker_result *result)
{
	const struct disturbance *before = &result->before, *after = &result->after;
	unsigned int marks = 0;

	if (result->pinned_migrations > 0)
		marks |= 1u << MARK_MIGRATED;
	if (after->throttled > before->throttled)
		marks |= 1u << MARK_THROTTLED;
	if (after->hot > before->hot)
		marks |= 1u << MARK_FREQUENCY;
	if (result->interval_ns < CLOCK_RESOLUTIONS_MIN * run->plan->machine->resolution_ns)
		marks |= 1u << MARK_SHORT;
	return marks;
}

static struct trial *new_trial(struct experiment_run *run)
{
	if (run->n_trials == run->room) {
		size_t room = run->room ? 2 * run->room : 256;
		struct trial *trials = realloc(run->trials, room * sizeof(*trials));

		if (!trials)
			return NULL;
		run->trials = trials;
		run->room = room;
	}
	memset(&run->trials[run->n_trials], 0, sizeof(*run->trials));
	return &run->trials[run->n_trials];
}

static int measure(struct experiment_run *run, size_t p, size_t v, unsigned int block,
		   unsigned int order, bool warmup)
{
	struct cell *cell = &run->points[p].cell[v];
	static struct worker_result result;
	struct trial *trial = new_trial(run);

	if (!trial)
		return -ENOMEM;
	if (!experiment_try(run, p, v, run->points[p].iterations, &result))
		return 0;
	if (!take_metrics(run->experiment, trial, &result)) {
		close_cell(cell, &result);
		return 0;
	}
	trial->point = p;
	trial->variant = v;
	trial->block = block;
	trial->order = order;
	trial->warmup = warmup;
	trial->marks = marks_of(run, &result);
	trial->start_ns = result.start_ns;
	trial->interval_ns = result.interval_ns;
	trial->frequency_khz = result.after.frequency_khz;
	memcpy(trial->count, result.count, sizeof(trial->count));
	trial->counts = result.counts;
	trial->tally = tally_clone(&result.tally);
	if (!trial->tally)
		return -ENOMEM;
	if (!warmup)
		tally_add(&cell->tally, &result.tally);
	run->n_trials++;
	return 0;
}

/* ---- calibration ---- */

/*
 * Iterations that make the measured part last about target_ns in the first
 * variant that works. Every variant then does the same work. The target is far
 * above 1,000 clock resolutions, so that a faster arm is long enough too; a
 * trial that is not gets MARK_SHORT.
 */
static void find_iterations(struct experiment_run *run, size_t p)
{
	const struct experiment *experiment = run->experiment;
	int64_t target = target_ns(run);
	struct point *point = &run->points[p];
	uint64_t iterations = experiment->min_iterations;
	static struct worker_result result;
	size_t v = 0;

	if (target < 10 * CLOCK_RESOLUTIONS_MIN * run->plan->machine->resolution_ns)
		target = 10 * CLOCK_RESOLUTIONS_MIN * run->plan->machine->resolution_ns;
	for (int round = 0; round < CALIBRATION_ROUNDS && v < experiment->n_variants; round++) {
		double factor;

		if (is_closed(&point->cell[v])) {
			v++;
			continue;
		}
		if (!experiment_try(run, p, v, iterations, &result)) {
			if (run->interrupted)
				return;
			continue;
		}
		if (result.interval_ns >= target / 2)
			break;
		/* From a short run no more than tenfold: its edges weigh in. */
		factor = (double)target / (double)(result.interval_ns > 0 ? result.interval_ns : 1);
		if (result.interval_ns < target / 20 && factor > 10)
			factor = 10;
		iterations = (uint64_t)ceil((double)iterations * factor);
		if (result.interval_ns >= target / 20)
			break;
	}
	point->iterations = iterations;
}

/* A point calibrated earlier whose work is the same. */
static const struct point *calibrated_alike(const struct experiment_run *run, size_t p)
{
	const char *by = run->experiment->calibrated_by;
	const char *value = by ? params_get(&run->points[p].params, by) : NULL;

	if (!value)
		return NULL;
	for (size_t i = 0; i < p; i++)
		if (run->points[i].iterations && params_is(&run->points[i].params, by, value))
			return &run->points[i];
	return NULL;
}

static void calibrate_all(struct experiment_run *run)
{
	for (size_t p = 0; p < run->n_points && !run->interrupted; p++) {
		const struct point *alike = calibrated_alike(run, p);

		if (run->points[p].left_out)
			continue;
		if (run->experiment->pace != PACE_ITERATIONS)
			run->points[p].iterations = run->experiment->min_iterations;
		else if (alike)
			run->points[p].iterations = alike->iterations;
		else
			find_iterations(run, p);
		if (run->experiment->prepare && !run->interrupted)
			run->experiment->prepare(run, p);
		run->interrupted |= interrupt_signal() != 0;
	}
}

/* ---- blocks ---- */

static int run_block(struct experiment_run *run, gsl_rng *rng, size_t p, unsigned int block,
		     bool warmup)
{
	size_t n = run->experiment->n_variants, order[VARIANTS_MAX];

	stats_permutation(rng, order, n);
	for (size_t i = 0; i < n && !run->interrupted; i++) {
		int ret;

		if (is_closed(&run->points[p].cell[order[i]]))
			continue;
		ret = measure(run, p, order[i], block, (unsigned int)i, warmup);
		if (ret)
			return ret;
		run->interrupted |= interrupt_signal() != 0;
	}
	return 0;
}

/* One block at every point, in random order. */
static int run_round(struct experiment_run *run, gsl_rng *rng, size_t *order, unsigned int block,
		     bool warmup)
{
	int ret = 0;

	stats_permutation(rng, order, run->n_points);
	for (size_t i = 0; i < run->n_points && !ret && !run->interrupted; i++) {
		if (run->points[order[i]].left_out)
			continue;
		ret = run_block(run, rng, order[i], block, warmup);
		if (run->plan->progress) {
			unsigned int rounds = run->plan->warmups + run->plan->blocks;
			unsigned int done = warmup ? block : run->plan->warmups + block;

			run->plan->progress(run->experiment, done * run->n_points + i + 1,
					    rounds * run->n_points);
		}
	}
	return ret;
}

static double median_frequency(const struct experiment_run *run)
{
	double *khz = malloc((run->n_trials + 1) * sizeof(*khz));
	double median;
	size_t n = 0;

	if (!khz)
		return NAN;
	for (size_t i = 0; i < run->n_trials; i++)
		if (run->trials[i].frequency_khz > 0)
			khz[n++] = (double)run->trials[i].frequency_khz;
	median = stats_median(khz, n);
	free(khz);
	return median;
}

static void mark_frequency(struct experiment_run *run)
{
	double median = median_frequency(run);

	if (isnan(median))
		return;
	for (size_t i = 0; i < run->n_trials; i++) {
		struct trial *trial = &run->trials[i];

		if (trial->frequency_khz > 0 &&
		    fabs((double)trial->frequency_khz - median) > FREQUENCY_TOLERANCE * median)
			trial->marks |= 1u << MARK_FREQUENCY;
	}
}

int experiment_run(struct experiment_run *run)
{
	const struct plan *plan = run->plan;
	size_t *order = malloc((run->n_points + 1) * sizeof(*order));
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	int ret = order && rng ? 0 : -ENOMEM;
	char name[64];

	if (ret)
		goto out;
	snprintf(name, sizeof(name), "order %s", run->experiment->name);
	gsl_rng_set(rng, stats_seed(plan->seed, name));
	calibrate_all(run);
	for (unsigned int i = 0; i < plan->warmups && !ret && !run->interrupted; i++)
		ret = run_round(run, rng, order, i, true);
	for (unsigned int i = 0; i < plan->blocks && !ret && !run->interrupted; i++)
		ret = run_round(run, rng, order, i, false);
	mark_frequency(run);
out:
	if (rng)
		gsl_rng_free(rng);
	free(order);
	return ret;
}

const struct trial *experiment_find_trial(const struct experiment_run *run,
					  const struct trial *trial,
					  const struct params *params)
{
	for (size_t i = 0; i < run->n_trials; i++) {
		const struct trial *other = &run->trials[i];

		if (other->variant == trial->variant && other->block == trial->block &&
		    other->warmup == trial->warmup &&
		    params_equal(&run->points[other->point].params, params))
			return other;
	}
	return NULL;
}

bool trial_value(const struct experiment_run *run, const struct trial *trial, size_t metric,
		 double *value)
{
	const struct experiment *experiment = run->experiment;

	if (experiment->metrics[metric].derived)
		return experiment->derive(run, trial, metric, value);
	if (!trial->metric[metric].denominator)
		return false;
	*value = (double)trial->metric[metric].numerator /
		 (double)trial->metric[metric].denominator;
	return true;
}
