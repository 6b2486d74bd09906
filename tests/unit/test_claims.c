// SPDX-License-Identifier: GPL-2.0-or-later
/* Verdicts, from planted samples that must give each. */
#include "planted_run.h"

static const struct claim *find_claim(const char *id)
{
	for (size_t i = 0; i < n_experiments; i++)
		if (!strcmp(experiments[i]->claim->id, id))
			return experiments[i]->claim;
	fail_msg("no claim %s", id);
	return NULL;
}

static enum verdict judge(struct planted *planted, const char *id, struct judgement *judgement)
{
	assert_int_equal(analysis_init(&planted->analysis, &planted->run), 0);
	assert_int_equal(claims_judge(find_claim(id), &planted->analysis, judgement), 0);
	assert_true(judgement->why[0]);
	return judgement->verdict;
}

static enum verdict verdict_of(const char *id, unsigned int blocks, double noise, plant_fn factor)
{
	struct judgement judgement;
	struct planted planted;
	enum verdict verdict;

	plant(&planted, id, 2, blocks, noise, factor);
	verdict = judge(&planted, id, &judgement);
	planted_free(&planted);
	return verdict;
}

/* ---- planted effects ---- */

static double process_twice(const struct params *params, enum arm arm, unsigned int block)
{
	(void)params;
	(void)block;
	return arm == ARM_PROCESS ? 2 : 1;
}

static double equal(const struct params *params, enum arm arm, unsigned int block)
{
	(void)params;
	(void)arm;
	(void)block;
	return 1;
}

static double process_half(const struct params *params, enum arm arm, unsigned int block)
{
	return 1 / process_twice(params, arm, block);
}

static double pipe_differs(const struct params *params, enum arm arm, unsigned int block)
{
	return params_is(params, "method", "pipe") ? 1 : process_twice(params, arm, block);
}

static double other_cpu_differs(const struct params *params, enum arm arm, unsigned int block)
{
	return params_is(params, "cpu", "other") ? process_half(params, arm, block) :
						   process_twice(params, arm, block);
}

static double borderline(const struct params *params, enum arm arm, unsigned int block)
{
	(void)params;
	(void)block;
	return arm == ARM_PROCESS ? 1.05 : 1;
}

/* Machine and arms drift together: the pairing must see through it. */
static double drifting_alike(const struct params *params, enum arm arm, unsigned int block)
{
	return process_twice(params, arm, block) * (1 + block);
}

/* Blocks 0 to 7 (1 to 8 as planted) tell another story. */
static double first_blocks_differ(const struct params *params, enum arm arm, unsigned int block)
{
	return block <= 16 ? 1 : process_twice(params, arm, block);
}

/* ---- planted figures of any claim, by its conditions ---- */

static double in_range(const struct condition *condition)
{
	if (condition->figure == FIGURE_RATIO)
		return condition->side == CLAIM_ABOVE ? 2 : 0.5;
	if (isinf(condition->hi))
		return 2 * condition->lo + 1;
	return isinf(condition->lo) ? condition->hi - 1 : (condition->lo + condition->hi) / 2;
}

static double out_of_range(const struct condition *condition)
{
	if (condition->figure == FIGURE_RATIO)
		return 1;
	if (!isinf(condition->hi))
		return condition->hi > 0 ? 3 * condition->hi : condition->hi + 1;
	return condition->lo / 3;
}

/* Of the first condition that is about this cell; 1 if none is. */
static double by_conditions(const struct plant_cell *cell, bool (*is_for)(size_t point,
									 size_t condition))
{
	const struct claim *claim = cell->experiment->claim;
	const struct variant *variant = &cell->experiment->variants[cell->variant];
	static const struct machine two = { .n_cpus = 2 };

	for (size_t c = 0; c < claim->n_conditions; c++) {
		const struct condition *condition = &claim->conditions[c];
		struct params params = *cell->params;

		/* Whatever the ratio is to: named() may ask. */
		if (condition->figure == FIGURE_RATIO)
			for (size_t v = 0; v < cell->experiment->n_variants; v++)
				if (cell->experiment->variants[v].arm == condition->to &&
				    cell->experiment->variants[v].method) {
					params_set(&params, "to_method",
						   cell->experiment->variants[v].method);
					if (condition->names && condition->names(&params, &two))
						break;
				}
		if (strcmp(condition->metric, cell->metric->name) ||
		    !claims_is_of(condition, variant->arm) ||
		    (condition->names && !condition->names(&params, &two)))
			continue;
		return is_for(cell->point, c) ? in_range(condition) : out_of_range(condition);
	}
	return 1;
}

static bool always(size_t point, size_t condition)
{
	(void)point;
	(void)condition;
	return true;
}

static bool never(size_t point, size_t condition)
{
	return !always(point, condition);
}

static size_t divided_at;	/* points from here on are against */

static bool at_first_points(size_t point, size_t condition)
{
	return point < divided_at || (!divided_at && condition == 0);
}

static double all_for(const struct plant_cell *cell)
{
	return by_conditions(cell, always);
}

static double all_against(const struct plant_cell *cell)
{
	return by_conditions(cell, never);
}

static double some_for(const struct plant_cell *cell)
{
	return by_conditions(cell, at_first_points);
}

/* ---- tests ---- */

static void each_verdict_can_be_had(void **state)
{
	(void)state;
	assert_int_equal(verdict_of("switch-cost", 30, 0.02, process_twice), VERDICT_HOLDS);
	assert_int_equal(verdict_of("switch-cost", 30, 0.02, equal), VERDICT_FAILS);
	assert_int_equal(verdict_of("switch-cost", 30, 0.02, process_half), VERDICT_FAILS);
	assert_int_equal(verdict_of("switch-cost", 30, 0.02, pipe_differs), VERDICT_DEPENDS);
	assert_int_equal(verdict_of("switch-cost", 30, 0.02, borderline), VERDICT_INCONCLUSIVE);
	assert_int_equal(verdict_of("switch-cost", 30, 2, equal), VERDICT_INCONCLUSIVE);
	/* Too few blocks for an interval, however clear the figures. */
	assert_int_equal(verdict_of("switch-cost", 5, 0.001, process_twice), VERDICT_INCONCLUSIVE);
	assert_int_equal(verdict_of("switch-cost", 0, 0.02, process_twice), VERDICT_NOT_MEASURED);
}

static enum verdict verdict_by(const char *id, plant_value_fn value, size_t *points)
{
	struct judgement judgement;
	struct planted planted;
	enum verdict verdict;

	plant_values(&planted, id, 2, 30, 0.002, value);
	verdict = judge(&planted, id, &judgement);
	*points = judgement.points;
	planted_free(&planted);
	return verdict;
}

static void each_claim_can_hold_and_fail(void **state)
{
	size_t points;

	(void)state;
	for (size_t i = 0; i < n_experiments; i++) {
		const char *id = experiments[i]->claim->id;

		print_message("%s\n", id);
		assert_int_equal(verdict_by(id, all_for, &points), VERDICT_HOLDS);
		assert_int_equal(verdict_by(id, all_against, &points), VERDICT_FAILS);
	}
}

/* … and depend, by points or by conditions, unless one figure decides it alone. */
static void each_claim_can_depend(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_experiments; i++) {
		const char *id = experiments[i]->claim->id;
		bool depends = false;
		size_t points = 0;

		print_message("%s\n", id);
		for (divided_at = 0; divided_at < 40 && !depends; divided_at++)
			depends = verdict_by(id, some_for, &points) == VERDICT_DEPENDS;
		assert_true(depends || points == 1);
	}
}

/* Ten blocks, as --quick has, are enough for every verdict. */
static void quick_can_say_depends(void **state)
{
	(void)state;
	assert_int_equal(verdict_of("switch-cost", 10, 0.02, pipe_differs), VERDICT_DEPENDS);
	assert_int_equal(verdict_of("start-time", 10, 0.02, other_cpu_differs), VERDICT_DEPENDS);
}

/* The rule of switch-cost names the same CPU only. */
static void unnamed_points_do_not_decide(void **state)
{
	(void)state;
	assert_int_equal(verdict_of("switch-cost", 30, 0.02, other_cpu_differs), VERDICT_HOLDS);
}

static void what_both_arms_share_cancels(void **state)
{
	(void)state;
	assert_int_equal(verdict_of("switch-cost", 30, 0.02, drifting_alike), VERDICT_HOLDS);
}

static void marked_trials_that_decide_make_it_depend(void **state)
{
	struct judgement judgement;
	struct planted planted;

	(void)state;
	/* 16 of 30 blocks say equal, so the median does; marked, they count for nothing. */
	plant(&planted, "switch-cost", 2, 30, 0.001, first_blocks_differ);
	for (size_t i = 0; i < planted.run.n_trials; i++)
		if (planted.run.trials[i].block < 16)
			planted.run.trials[i].marks = 1u << MARK_THROTTLED;
	assert_int_equal(judge(&planted, "switch-cost", &judgement), VERDICT_DEPENDS);
	assert_non_null(strstr(judgement.why, "marked"));
	planted_free(&planted);

	/* Marks on a few of many that agree change nothing. */
	plant(&planted, "switch-cost", 2, 30, 0.02, process_twice);
	for (size_t i = 0; i < planted.run.n_trials; i++)
		if (planted.run.trials[i].block < 3)
			planted.run.trials[i].marks = 1u << MARK_MIGRATED;
	assert_int_equal(judge(&planted, "switch-cost", &judgement), VERDICT_HOLDS);
	assert_int_equal(judgement.headline.ratio->marked, 3);
	assert_int_equal(judgement.headline.ratio->all.n, 30);
	assert_int_equal(judgement.headline.ratio->unmarked.n, 27);
	planted_free(&planted);
}

static void a_failed_point_is_not_measured(void **state)
{
	struct judgement judgement;
	struct planted planted;

	(void)state;
	plant(&planted, "switch-cost", 2, 30, 0.02, process_twice);
	planted.run.points[0].cell[0].failed = true;
	strcpy(planted.run.points[0].cell[0].reason, "the worker program was killed");
	assert_true(experiment_failed(&planted.run));
	assert_int_equal(judge(&planted, "switch-cost", &judgement), VERDICT_NOT_MEASURED);
	assert_non_null(strstr(judgement.why, "the worker program was killed"));
	planted_free(&planted);
}

/* One CPU: points that need two are left out and said; the rest decides. */
static void one_cpu_decides_by_what_it_can(void **state)
{
	struct judgement judgement;
	struct planted planted;

	(void)state;
	plant(&planted, "start-time", 1, 30, 0.02, process_twice);
	assert_int_equal(judge(&planted, "start-time", &judgement), VERDICT_HOLDS);
	assert_int_equal(judgement.points, 3);
	assert_non_null(strstr(judgement.why, "left out"));
	assert_false(judgement.impossible);
	planted_free(&planted);
}

/* --param that leaves named points out: the rule is not applied to the rest. */
static void points_not_asked_for_are_not_measured(void **state)
{
	const char *params[] = { "method", "pipe", NULL };
	struct judgement judgement;
	struct planted planted;
	struct plan narrow;
	char err[256];

	(void)state;
	plant(&planted, "switch-cost", 2, 30, 0.02, process_twice);
	narrow = planted.plan;
	narrow.params = params;
	experiment_free(&planted.run);
	assert_int_equal(experiment_plan(&planted.run, experiment_find("switch-cost"), &narrow,
					 err, sizeof(err)), 0);
	assert_int_equal(judge(&planted, "switch-cost", &judgement), VERDICT_NOT_MEASURED);
	assert_non_null(strstr(judgement.why, "3 of the 4 points"));
	assert_false(judgement.impossible);
	planted_free(&planted);
}

/* What only the module knows is n/a without it; the rest decides. */
static void what_no_trial_has_does_not_decide(void **state)
{
	struct judgement judgement;
	struct planted planted;

	(void)state;
	plant_values(&planted, "python", 2, 30, 0.002, all_for);
	for (size_t m = 0; m < planted.experiment.n_metrics; m++)
		for (size_t i = 0; i < planted.run.n_trials; i++)
			if (!strcmp(planted.metrics[m].name, "overlap"))
				planted.run.trials[i].metric[m].denominator = 0;
	for (size_t p = 0; p < planted.run.n_points; p++)
		for (size_t v = 0; v < planted.experiment.n_variants; v++)
			planted.run.points[p].cell[v].tally.trials = 30;
	assert_int_equal(judge(&planted, "python", &judgement), VERDICT_HOLDS);
	assert_non_null(strstr(judgement.why, "6 figures n/a here"));
	planted_free(&planted);
}

/* … but where there was no trial, the reason is what is said. */
static void what_cannot_run_is_said(void **state)
{
	struct judgement judgement;
	struct planted planted;

	(void)state;
	plant_values(&planted, "python", 2, 0, 0.002, all_for);
	for (size_t p = 0; p < planted.run.n_points; p++)
		for (size_t v = 0; v < planted.experiment.n_variants; v++) {
			planted.run.points[p].cell[v].unavailable = true;
			strcpy(planted.run.points[p].cell[v].reason, "there is no python");
		}
	assert_int_equal(judge(&planted, "python", &judgement), VERDICT_NOT_MEASURED);
	assert_string_equal(judgement.why, "there is no python");
	assert_true(judgement.impossible);
	planted_free(&planted);
}

static struct estimate estimate(double lo, double hi)
{
	struct estimate e = {
		.n = 30, .value = sqrt(lo * hi), .ci = { true, lo, hi },
		.p_above = 1e-6, .p_equal = 1e-6, .p_below = 1e-6,
	};

	return e;
}

/* The bounds, to the letter: beyond is beyond, within includes the ends. */
static void a_point_is_read_by_its_interval(void **state)
{
	struct estimate e;

	(void)state;
	e = estimate(1.0501, 2);
	assert_int_equal(claims_read_ratio(&e, CLAIM_ABOVE).says, POINT_FOR);
	assert_int_equal(claims_read_ratio(&e, CLAIM_BELOW).says, POINT_AGAINST);
	e = estimate(1.05, 2);
	assert_int_equal(claims_read_ratio(&e, CLAIM_ABOVE).says, POINT_OPEN);
	e = estimate(1 / 1.05, 1.05);
	assert_int_equal(claims_read_ratio(&e, CLAIM_ABOVE).says, POINT_EQUAL);
	e = estimate(0.5, 0.95);
	assert_int_equal(claims_read_ratio(&e, CLAIM_ABOVE).says, POINT_AGAINST);
	assert_int_equal(claims_read_ratio(&e, CLAIM_BELOW).says, POINT_FOR);
	e = estimate(0.9, 1);
	assert_int_equal(claims_read_ratio(&e, CLAIM_ABOVE).says, POINT_OPEN);
	e.ci.known = false;
	assert_int_equal(claims_read_ratio(&e, CLAIM_ABOVE).says, POINT_OPEN);
}

/* Points that disagree by their own intervals, but not after Holm. */
static void disagreement_needs_holm(void **state)
{
	struct reading both[] = { { POINT_FOR, 0.001 }, { POINT_EQUAL, 0.001 } };

	(void)state;
	assert_int_equal(claims_settle(both, 2), VERDICT_DEPENDS);
	both[0].p = 0.04;
	both[1].p = 0.04;
	assert_int_equal(claims_settle(both, 2), VERDICT_INCONCLUSIVE);
	both[1].p = 0.02;
	assert_int_equal(claims_settle(both, 2), VERDICT_DEPENDS);
	assert_int_equal(claims_settle(both, 0), VERDICT_NOT_MEASURED);
}

static void a_median_is_read_by_its_interval(void **state)
{
	const double x[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };	/* interval [2, 9] */
	struct reading reading;

	(void)state;
	reading = claims_read_median(x, 10, 2, 9);
	assert_int_equal(reading.says, POINT_FOR);
	/* One of ten beyond: 2 * (1 + 10) / 2^10. */
	assert_true(fabs(reading.p - 22.0 / 1024) < 1e-12);
	assert_int_equal(claims_read_median(x, 10, 2.5, 9).says, POINT_OPEN);
	assert_int_equal(claims_read_median(x, 10, 0, 8).says, POINT_OPEN);
	assert_int_equal(claims_read_median(x, 10, 0, 1.5).says, POINT_AGAINST);
	assert_int_equal(claims_read_median(x, 10, 9.5, 100).says, POINT_AGAINST);
	assert_int_equal(claims_read_median(x, 5, 0, 100).says, POINT_OPEN);
}

static void a_fact_is_one_in_every_trial(void **state)
{
	const double always[] = { 1, 1, 1, 1, 1, 1 }, once_not[] = { 1, 1, 1, 1, 0, 1 };

	(void)state;
	assert_int_equal(claims_read_fact(always, 6, 1, 1).says, POINT_FOR);
	assert_int_equal(claims_read_fact(always, 6, 0, 0).says, POINT_AGAINST);
	assert_int_equal(claims_read_fact(once_not, 6, 1, 1).says, POINT_OPEN);
	assert_int_equal(claims_read_fact(always, 5, 1, 1).says, POINT_OPEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_point_is_read_by_its_interval),
		cmocka_unit_test(disagreement_needs_holm),
		cmocka_unit_test(a_median_is_read_by_its_interval),
		cmocka_unit_test(a_fact_is_one_in_every_trial),
		cmocka_unit_test(each_verdict_can_be_had),
		cmocka_unit_test(each_claim_can_hold_and_fail),
		cmocka_unit_test(each_claim_can_depend),
		cmocka_unit_test(quick_can_say_depends),
		cmocka_unit_test(unnamed_points_do_not_decide),
		cmocka_unit_test(what_both_arms_share_cancels),
		cmocka_unit_test(marked_trials_that_decide_make_it_depend),
		cmocka_unit_test(a_failed_point_is_not_measured),
		cmocka_unit_test(one_cpu_decides_by_what_it_can),
		cmocka_unit_test(points_not_asked_for_are_not_measured),
		cmocka_unit_test(what_no_trial_has_does_not_decide),
		cmocka_unit_test(what_cannot_run_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
