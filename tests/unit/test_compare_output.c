// SPDX-License-Identifier: GPL-2.0-or-later
/* What `compare` writes: the contract's keys, recomputable figures, tidy rows. */
#include <stdio.h>

#include "output/compare.h"
#include "output/wrap.h"
#include "planted_run.h"
#include "progress.h"

static double process_twice(const struct params *params, enum arm arm, unsigned int block)
{
	(void)params;
	(void)block;
	return arm == ARM_PROCESS ? 2 : 1;
}

struct output {
	struct planted		planted;
	struct judgement	judgement;
	struct compare_result	result;
};

static void prepare(struct output *output, const char *name, const char *timing)
{
	struct compare_result *result = &output->result;

	plant(&output->planted, name, 2, 8, 0.02, process_twice);
	output->planted.run.trials[output->planted.run.n_trials - 1].marks =
		1u << MARK_MIGRATED | 1u << MARK_SHORT;
	assert_int_equal(analysis_init(&output->planted.analysis, &output->planted.run), 0);
	assert_int_equal(claims_judge(experiment_find(name)->claim, &output->planted.analysis,
				      &output->judgement), 0);
	memset(result, 0, sizeof(*result));
	result->plan = &output->planted.plan;
	result->timing = timing;
	result->source = "rusage";
	result->analyses = &output->planted.analysis;
	result->n_analyses = 1;
	result->judgements = &output->judgement;
	result->n_judgements = 1;
}

static char *text_of(struct output *output, bool csv, bool verbose)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	assert_non_null(stream);
	if (csv)
		assert_int_equal(compare_csv(&output->result, stream), 0);
	else
		assert_int_equal(compare_text(&output->result, stream, verbose), 0);
	fclose(stream);
	return text;
}

static size_t count(const char *text, char c)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == c;
	return n;
}

/* ---- JSON ---- */

static const json_t *get(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (!value)
		fail_msg("no key \"%s\"", key);
	return value;
}

static void json_has_the_contract_s_keys(void **state)
{
	static const char *const top[] = { "schema", "version", "environment", "seed", "timing",
					   "source", "claims", "experiments" };
	static const char *const claim_keys[] = { "id", "text", "experiments", "rule", "verdict",
						  "why" };
	static const char *const m_keys[] = { "metric", "unit", "params", "arm", "n", "median",
					      "ci95", "min", "max", "samples", "kernel" };
	static const char *const s_keys[] = { "value", "block", "order", "start_ns", "warmup",
					      "marks" };
	static const char *const r_keys[] = { "metric", "params", "of", "to", "value", "ci95",
					      "marks" };
	const json_t *experiment, *m;
	struct output output;
	json_t *root;

	(void)state;
	prepare(&output, "switch-cost", "virtual");
	root = compare_json(&output.result, json_object(), "1.2.3");
	assert_non_null(root);
	for (size_t i = 0; i < sizeof(top) / sizeof(top[0]); i++)
		get(root, top[i]);
	assert_string_equal(json_string_value(get(root, "schema")), "schedsplit-compare/1");
	for (size_t i = 0; i < sizeof(claim_keys) / sizeof(claim_keys[0]); i++)
		get(json_array_get(get(root, "claims"), 0), claim_keys[i]);
	experiment = json_array_get(get(root, "experiments"), 0);
	m = json_array_get(get(experiment, "measurements"), 0);
	for (size_t i = 0; i < sizeof(m_keys) / sizeof(m_keys[0]); i++)
		get(m, m_keys[i]);
	for (size_t i = 0; i < sizeof(s_keys) / sizeof(s_keys[0]); i++)
		get(json_array_get(get(m, "samples"), 0), s_keys[i]);
	for (size_t i = 0; i < sizeof(r_keys) / sizeof(r_keys[0]); i++)
		get(json_array_get(get(experiment, "ratios"), 0), r_keys[i]);
	/* Warm-ups are there, and are not counted. */
	assert_int_equal(json_array_size(get(m, "samples")), 9);
	assert_int_equal(json_integer_value(get(m, "n")), 8);
	json_decref(root);
	planted_free(&output.planted);
}

static const json_t *find_measurement(const json_t *experiment, const json_t *ratio,
				      const char *arm)
{
	const json_t *params = get(ratio, "params"), *metric = get(ratio, "metric");
	const json_t *all = get(experiment, "measurements"), *m;
	size_t i;

	json_array_foreach(all, i, m)
		if (json_equal(get(m, "params"), params) && json_equal(get(m, "metric"), metric) &&
		    !strcmp(json_string_value(get(m, "arm")), arm))
			return m;
	fail_msg("no measurement of arm %s", arm);
	return NULL;
}

static size_t values(const json_t *measurement, double *x)
{
	const json_t *samples = get(measurement, "samples"), *sample;
	size_t i, n = 0;

	json_array_foreach(samples, i, sample)
		if (!json_is_true(get(sample, "warmup")))
			x[n++] = json_number_value(get(sample, "value"));
	return n;
}

/* Value and interval of every ratio again, from nothing but the file. */
static void ratios_can_be_recomputed_from_the_file(void **state)
{
	const json_t *experiment, *ratios, *ratio;
	struct output output;
	json_t *root, *copy;
	size_t i, recomputed = 0;
	char *file;

	(void)state;
	prepare(&output, "switch-cost", "virtual");
	copy = compare_json(&output.result, json_object(), "1.2.3");
	file = json_dumps(copy, 0);
	root = json_loads(file, 0, NULL);
	experiment = json_array_get(get(root, "experiments"), 0);
	ratios = get(experiment, "ratios");
	assert_true(json_array_size(ratios) > 0);
	json_array_foreach(ratios, i, ratio) {
		const json_t *params = get(ratio, "params"), *ci = get(ratio, "ci95"), *value;
		const char *of = json_string_value(get(ratio, "of"));
		const char *to = json_string_value(get(ratio, "to"));
		double x[16], y[16];
		char name[512];
		struct stats_interval interval;
		struct stats_ratio again;
		size_t n, at, block_length;
		const char *key;
		uint64_t seed;

		n = values(find_measurement(experiment, ratio, of), x);
		assert_int_equal(values(find_measurement(experiment, ratio, to), y), n);
		/* Left out by the machine: said, and without a figure. */
		if (!n) {
			assert_true(json_is_null(get(ratio, "value")));
			assert_true(json_is_null(ci));
			continue;
		}
		recomputed++;
		at = (size_t)snprintf(name, sizeof(name), "switch-cost %s",
				      json_string_value(get(ratio, "metric")));
		json_object_foreach((json_t *)params, key, value) {
			char *text = json_dumps(value, JSON_ENCODE_ANY);

			/* A number, or a name in quotes. */
			at += (size_t)snprintf(name + at, sizeof(name) - at, " %s=%.*s", key,
					       (int)strcspn(text + (*text == '"'), "\""),
					       text + (*text == '"'));
			free(text);
		}
		snprintf(name + at, sizeof(name) - at, " %s/%s", of, to);
		block_length = (size_t)json_integer_value(get(ratio, "block_length"));
		seed = (uint64_t)json_integer_value(get(root, "seed"));
		assert_int_equal(stats_ratio_init(&again, x, y, n, block_length, STATS_RESAMPLES,
						  stats_seed(seed, name)), 0);
		interval = stats_ratio_ci(&again, STATS_LEVEL);
		assert_true(fabs(again.value - json_number_value(get(ratio, "value"))) < 1e-12);
		assert_true(fabs(interval.lo - json_number_value(json_array_get(ci, 0))) < 1e-12);
		assert_true(fabs(interval.hi - json_number_value(json_array_get(ci, 1))) < 1e-12);
		stats_ratio_free(&again);
	}
	/* 18 points by three pairs of arms, two where there are no processes; four metrics. */
	assert_int_equal(recomputed, 4 * (18 * 3 + 2));
	free(file);
	json_decref(copy);
	json_decref(root);
	planted_free(&output.planted);
}

/* A trial that divides by 0 is in the file, has no value, and is not counted. */
static void a_trial_without_a_value_is_kept(void **state)
{
	const json_t *experiment, *measurement, *sample;
	const struct measurement *m;
	struct output output;
	struct trial *trial;
	json_t *root;

	(void)state;
	prepare(&output, "switch-cost", "virtual");
	analysis_free(&output.planted.analysis);
	trial = &output.planted.run.trials[output.planted.run.n_trials - 1];
	trial->metric[0].denominator = 0;
	assert_int_equal(analysis_init(&output.planted.analysis, &output.planted.run), 0);
	output.result.n_judgements = 0;
	m = output.planted.analysis.measurement;
	while (m->point != trial->point || m->variant != trial->variant)
		m++;
	assert_int_equal(m->n, 7);
	assert_int_equal(m->n_samples, 9);
	assert_false(isnan(m->median));
	root = compare_json(&output.result, json_object(), "1.2.3");
	experiment = json_array_get(get(root, "experiments"), 0);
	measurement = json_array_get(get(experiment, "measurements"),
				     (size_t)(m - output.planted.analysis.measurement));
	sample = json_array_get(get(measurement, "samples"), 8);
	assert_true(json_is_null(get(sample, "value")));
	assert_int_equal(json_integer_value(get(sample, "denominator")), 0);
	json_decref(root);
	planted_free(&output.planted);
}

/* ---- CSV ---- */

static void csv_is_tidy(void **state)
{
	struct output output;
	char *text, *line, *save;
	size_t columns, rows = 0, marked = 0;

	(void)state;
	prepare(&output, "start-time", "virtual");
	text = text_of(&output, true, false);
	line = strtok_r(text, "\n", &save);
	columns = count(line, ',');
	assert_non_null(strstr(line, "first_instruction_ns,joined_ns"));
	while ((line = strtok_r(NULL, "\n", &save))) {
		assert_int_equal(count(line, ','), columns);
		marked += strstr(line, ",migrated short,") != NULL;
		rows++;
	}
	assert_int_equal(rows, output.planted.run.n_trials);
	assert_int_equal(marked, 1);
	free(text);
	planted_free(&output.planted);
}

/* ---- text ---- */

static void emulated_time_says_so(void **state)
{
	struct output output;
	char *text;

	(void)state;
	prepare(&output, "switch-cost", "emulated");
	text = text_of(&output, false, false);
	assert_non_null(strstr(text, "holds (emulated)"));
	assert_non_null(strstr(text, "Timing: emulated"));
	assert_non_null(strstr(text, "Counts: rusage"));
	assert_non_null(strstr(text, "1 marked"));
	free(text);
	planted_free(&output.planted);

	prepare(&output, "switch-cost", "hardware");
	text = text_of(&output, false, false);
	assert_non_null(strstr(text, "holds"));
	assert_null(strstr(text, "(emulated)"));
	free(text);
	planted_free(&output.planted);
}

/* The test runs in the C locale: no byte above 127. */
static void plain_locale_gets_plain_text(void **state)
{
	struct output output;
	char *text;

	(void)state;
	prepare(&output, "switch-cost", "virtual");
	text = text_of(&output, false, true);
	for (const char *at = text; *at; at++)
		assert_true((unsigned char)*at < 128);
	assert_non_null(strstr(text, "method=sched_yield cpu=other "));
	assert_non_null(strstr(text, " more: on a CPU of its own"));
	assert_non_null(strstr(text, " us"));
	free(text);
	planted_free(&output.planted);
}

/* What is missing for one reason is one line. */
static void a_reason_is_said_once(void **state)
{
	struct output output;
	struct experiment_run *run = &output.planted.run;
	char *text;

	(void)state;
	prepare(&output, "boundness", "virtual");
	for (size_t p = 0; p < 3; p++)
		for (size_t v = 0; v < 2; v++) {
			run->points[p].cell[v].failed = true;
			strcpy(run->points[p].cell[v].reason, p < 2 ? "out of cheese" : "no milk");
		}
	text = text_of(&output, false, false);
	assert_non_null(strstr(text, "\nFailed: boundness workload=matrix (process) and 3 more: "
				     "out of cheese.\n"
				     "Failed: boundness workload=x264 (process) and 1 more: "
				     "no milk.\n"
				     "Timing: "));
	free(text);
	planted_free(&output.planted);
}

/* Where it does not go to a terminal. */
static void lines_are_short(void **state)
{
	(void)state;
	for (size_t e = 0; e < n_experiments; e++) {
		struct output output;
		char *text, *line, *save;

		prepare(&output, experiments[e]->name, "emulated");
		text = text_of(&output, false, false);
		for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
			if (wrap_length(line) > 100 && strncmp(line, "Left out: ", 10))
				fail_msg("%zu columns: %s", wrap_length(line), line);
		free(text);
		planted_free(&output.planted);
	}
}

/* The file has every figure; people see three points of each condition. */
static void people_see_the_first_points(void **state)
{
	struct output output;
	const struct judgement *judgement = &output.judgement;

	(void)state;
	prepare(&output, "start-time", "virtual");
	assert_non_null(strstr(judgement->brief, " and 3 more"));
	assert_null(strstr(judgement->why, " more"));
	assert_non_null(strstr(judgement->why, "posix-spawn"));
	assert_true(strlen(judgement->brief) < strlen(judgement->why));
	planted_free(&output.planted);
}

static void text_is_wrapped_at_blanks(void **state)
{
	static const struct { const char *text; size_t width; const char *lines; } cases[] = {
		{ "one two three", 100, "one two three" },
		{ "one two three", 7, "one two\nthree" },
		{ "one two three", 1, "one\ntwo\nthree" },
		{ "", 5, "" },
		{ "unbreakable word", 4, "unbreakable\nword" },
		{ "\xc2\xb5\xc2\xb5\xc2\xb5 \xc2\xb5", 5, "\xc2\xb5\xc2\xb5\xc2\xb5 \xc2\xb5" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *lines = wrap_lines(cases[i].text, cases[i].width);

		assert_string_equal(lines, cases[i].lines);
		free(lines);
	}
}

/* Two commands, one of which fails now and then: no verdict, one ratio a metric. */
static void two_commands_are_side_by_side(void **state)
{
	static const struct vs_commands vs = { "run\033[2J", "walk", NULL };
	const struct experiment *experiment = vs_experiment(&vs);
	struct compare_result result = { .timing = "virtual", .source = "rusage", .vs = &vs };
	char err[256], *text = NULL;
	struct experiment_run run;
	struct analysis analysis;
	struct machine machine = { .n_cpus = 1, .resolution_ns = 20 };
	struct plan plan = { .machine = &machine, .seed = 1, .blocks = 7 };
	static struct trial trials[14];
	static const struct tally no_counts;
	json_t *root;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	(void)state;
	assert_int_equal(experiment_plan(&run, experiment, &plan, err, sizeof(err)), 0);
	assert_int_equal(run.n_points, 1);
	run.trials = calloc(14, sizeof(*run.trials));
	for (size_t i = 0; i < 14; i++) {
		run.trials[i] = trials[i];
		run.trials[i].variant = i % 2;
		run.trials[i].block = (unsigned int)i / 2;
		run.trials[i].tally = tally_clone(&no_counts);
		for (size_t m = 0; m < experiment->n_metrics; m++)
			run.trials[i].metric[m] = (struct fraction){ i % 2 ? 3000 : 1000, 1 };
	}
	run.n_trials = 14;
	assert_int_equal(analysis_init(&analysis, &run), 0);
	result.plan = &plan;
	result.analyses = &analysis;
	result.n_analyses = 1;
	assert_int_equal(compare_text(&result, stream, true), 0);
	fclose(stream);
	assert_non_null(strstr(text, "A:       run"));
	assert_null(strchr(text, '\033'));
	assert_non_null(strstr(text, "0.333 [0.333, 0.333]"));
	root = compare_json(&result, json_object(), "1.2.3");
	assert_string_equal(json_string_value(json_object_get(json_object_get(root, "vs"), "b")),
			    "walk");
	assert_int_equal(json_array_size(json_object_get(root, "claims")), 0);
	json_decref(root);
	free(text);
	analysis_free(&analysis);
	experiment_free(&run);
}

static void progress_is_of_the_whole(void **state)
{
	struct progress progress = { .n = 0 };

	(void)state;
	assert_true(progress_fraction(&progress, 0, 1, 2) == 0);
	progress_add(&progress, 3);
	progress_add(&progress, 1);
	assert_true(progress_fraction(&progress, 0, 0, 10) == 0);
	assert_true(progress_fraction(&progress, 0, 5, 10) == 0.375);
	assert_true(progress_fraction(&progress, 1, 0, 0) == 0.75);
	assert_true(progress_fraction(&progress, 1, 10, 10) == 1);
	assert_true(progress_left(0, 10) < 0);
	assert_true(progress_left(0.25, 10) == 30);
	assert_true(progress_left(1, 10) == 0);
}

static void list_prints_every_rule(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	(void)state;
	compare_list(stream);
	fclose(stream);
	for (size_t i = 0; i < n_experiments; i++) {
		assert_non_null(strstr(text, experiments[i]->name));
		assert_non_null(strstr(text, experiments[i]->claim->text));
		assert_non_null(strstr(text, experiments[i]->claim->rule));
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_has_the_contract_s_keys),
		cmocka_unit_test(ratios_can_be_recomputed_from_the_file),
		cmocka_unit_test(a_trial_without_a_value_is_kept),
		cmocka_unit_test(csv_is_tidy),
		cmocka_unit_test(emulated_time_says_so),
		cmocka_unit_test(plain_locale_gets_plain_text),
		cmocka_unit_test(a_reason_is_said_once),
		cmocka_unit_test(lines_are_short),
		cmocka_unit_test(people_see_the_first_points),
		cmocka_unit_test(text_is_wrapped_at_blanks),
		cmocka_unit_test(two_commands_are_side_by_side),
		cmocka_unit_test(progress_is_of_the_whole),
		cmocka_unit_test(list_prints_every_rule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
