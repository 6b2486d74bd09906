// SPDX-License-Identifier: GPL-2.0-or-later
/* What cpu-bound derives from its trials, and how many workers it takes. */
#include "planted_run.h"

#include "experiments/experiments.h"

static void steps(unsigned int n_cpus, bool quick, const char *expected)
{
	struct machine machine = { .n_cpus = n_cpus };
	char text[VALUES_SIZE];

	worker_steps(&machine, quick, text, sizeof(text));
	assert_string_equal(text, expected);
}

static void workers_go_in_steps(void **state)
{
	(void)state;
	steps(1, false, "1,2");
	steps(2, false, "1,2,4");
	steps(3, false, "1,2,3,4,6");
	steps(12, false, "1,2,4,8,12,16,24");
	steps(1, true, "1");
	steps(2, true, "1,2");
	steps(12, true, "1,12");
}

/* Throughput grows with the square root of the workers. */
static double by_workers(const struct plant_cell *cell)
{
	double noise = cell->block * 10;

	if (strcmp(cell->metric->name, "throughput"))
		return 1;
	return (1000 + noise) * sqrt((double)params_number(cell->params, "workers"));
}

static size_t metric_index(const char *name)
{
	for (size_t m = 0; m < cpu_bound.n_metrics; m++)
		if (!strcmp(cpu_bound.metrics[m].name, name))
			return m;
	fail_msg("no metric %s", name);
	return 0;
}

static void efficiency_is_of_the_same_block(void **state)
{
	size_t efficiency = metric_index("efficiency"), seen = 0;
	struct planted planted;

	(void)state;
	plant_values(&planted, "cpu-bound", 2, 6, 0, by_workers);
	planted.run.experiment = &cpu_bound;
	for (size_t i = 0; i < planted.run.n_trials; i++) {
		const struct trial *trial = &planted.run.trials[i];
		const struct params *params = &planted.run.points[trial->point].params;
		double workers = (double)params_number(params, "workers"), value;

		assert_true(trial_value(&planted.run, trial, efficiency, &value));
		assert_true(fabs(value - sqrt(workers) / fmin(workers, 2)) < 1e-6);
		seen += workers > 1;
	}
	assert_true(seen);
	planted_free(&planted);
}

static void running_needs_the_module(void **state)
{
	size_t running = metric_index("running");
	struct planted planted;
	struct trial *trial;
	struct tally *tally;
	double value;

	(void)state;
	plant_values(&planted, "cpu-bound", 2, 1, 0, by_workers);
	planted.run.experiment = &cpu_bound;
	trial = &planted.run.trials[0];
	assert_false(trial_value(&planted.run, trial, running, &value));

	tally = calloc(1, sizeof(*tally));
	assert_non_null(tally);
	tally->module = true;
	tally->concurrency_max = 2;
	free(trial->tally);
	trial->tally = tally;
	/* Nobody ran: no mean. */
	tally->concurrency[0] = 1000;
	assert_false(trial_value(&planted.run, trial, running, &value));
	tally->concurrency[1] = 100;
	tally->concurrency[2] = 300;
	assert_true(trial_value(&planted.run, trial, running, &value));
	assert_true(fabs(value - 1.75) < 1e-9);
	planted_free(&planted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(workers_go_in_steps),
		cmocka_unit_test(efficiency_is_of_the_same_block),
		cmocka_unit_test(running_needs_the_module),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
