// SPDX-License-Identifier: GPL-2.0-or-later
/* A saved run as input: whatever is in the file, one sentence or the run. */
#include <stdio.h>

#include "agreement.h"
#include "db_url.h"
#include "error.h"
#include "output/compare.h"
#include "planted_run.h"
#include "repeat.h"

static double process_twice(const struct params *params, enum arm arm, unsigned int block)
{
	(void)params;
	(void)block;
	return arm == ARM_PROCESS ? 2 : 1;
}

/* What compare --json writes of a run that was planted. */
static json_t *saved(const char *db, double noise)
{
	static const char *params[] = { "method", "pipe,futex", NULL };
	struct compare_result result = { .timing = "virtual", .source = "rusage" };
	struct judgement judgement;
	struct planted planted;
	json_t *root;

	plant(&planted, "switch-cost", 2, 8, noise, process_twice);
	planted.plan.params = params;
	planted.plan.quick = true;
	planted.plan.dir = "/var/tmp";
	planted.plan.db = db;
	assert_int_equal(analysis_init(&planted.analysis, &planted.run), 0);
	assert_int_equal(claims_judge(experiment_find("switch-cost")->claim, &planted.analysis,
				      &judgement), 0);
	result.plan = &planted.plan;
	result.analyses = &planted.analysis;
	result.n_analyses = 1;
	result.judgements = &judgement;
	result.n_judgements = 1;
	root = compare_json(&result, json_object(), "1.2.3");
	assert_non_null(root);
	planted_free(&planted);
	return root;
}

static void a_saved_run_is_taken(void **state)
{
	struct repeat repeat;
	char err[ERROR_SIZE];

	(void)state;
	assert_int_equal(repeat_parse(&repeat, saved("postgresql://u:secret@h/d", 0.02), err,
				      sizeof(err)), 0);
	assert_int_equal(repeat.seed, 1);
	assert_int_equal(repeat.blocks, 8);
	assert_int_equal(repeat.warmups, 1);
	assert_true(repeat.quick);
	assert_string_equal(repeat.cpus, "0,1");
	assert_string_equal(repeat.dir, "/var/tmp");
	assert_string_equal(repeat.db, "postgresql://u@h/d");
	assert_null(repeat.python);
	assert_int_equal(repeat.n_params, 1);
	assert_string_equal(repeat.params[0], "method");
	assert_string_equal(repeat.params[1], "pipe,futex");
	assert_int_equal(repeat.n_experiments, 1);
	assert_string_equal(repeat.experiment[0]->name, "switch-cost");
	assert_false(repeat.is_vs);
	repeat_free(&repeat);
}

/* The saved run with @path (keys, and numbers of elements) set to @value; NULL: deleted. */
static void refused(const char *path, const char *value, const char *complaint)
{
	char words[128], *key, *next, *save, err[ERROR_SIZE];
	static json_t *fine;
	json_t *root, *at, *new;
	struct repeat repeat;

	if (!fine)
		fine = saved(NULL, 0.02);
	root = json_deep_copy(fine);
	at = root;
	snprintf(words, sizeof(words), "%s", path);
	key = strtok_r(words, "/", &save);
	for (; (next = strtok_r(NULL, "/", &save)); key = next)
		at = json_is_array(at) ? json_array_get(at, (size_t)atoi(key)) :
					 json_object_get(at, key);
	new = value ? json_loads(value, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL) : NULL;
	assert_true(at && (new || !value));
	if (json_is_array(at))
		json_array_set_new(at, (size_t)atoi(key), new);
	else if (new)
		json_object_set_new(at, key, new);
	else
		json_object_del(at, key);
	if (repeat_parse(&repeat, root, err, sizeof(err)) != -EINVAL)
		fail_msg("%s = %s is taken", path, value ? value : "nothing");
	if (!strstr(err, complaint))
		fail_msg("%s = %s: %s", path, value ? value : "nothing", err);
	assert_null(strchr(err, '\n'));
	assert_null(repeat.root);
}

static void what_is_missing_or_of_a_wrong_type_is_named(void **state)
{
	static const char *const keys[] = {
		"schema", "version", "seed", "blocks", "warmups", "cpus", "options", "claims",
		"experiments", "options/quick", "options/params", "experiments/0/name",
		"experiments/0/measurements", "experiments/0/ratios",
		"experiments/0/measurements/0/metric", "experiments/0/measurements/0/params",
		"experiments/0/measurements/0/arm", "experiments/0/measurements/0/median",
		"experiments/0/measurements/0/ci95", "experiments/0/ratios/0/of",
		"experiments/0/ratios/0/to", "experiments/0/ratios/0/value", "claims/0/id",
		"claims/0/verdict",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *name = strrchr(keys[i], '/');

		refused(keys[i], NULL, name ? name + 1 : keys[i]);
		refused(keys[i], "[[[]]]", name ? name + 1 : keys[i]);
		refused(keys[i], "\"a\\u0000b\"", name ? name + 1 : keys[i]);
	}
	refused("experiments/0", "1", "experiments[0]");
	refused("claims/0", "1", "claims[0]");
	refused("options/dir", "1", "options.dir");
	refused("options/python", "{}", "options.python");
}

static void what_is_out_of_range_is_refused(void **state)
{
	(void)state;
	refused("schema", "\"schedsplit-stat/1\"", "no result of compare");
	refused("seed", "-1", "seed");
	refused("seed", "4294967296", "seed");
	refused("seed", "1.5", "seed");
	refused("blocks", "0", "blocks");
	refused("blocks", "1000000000000000", "blocks");
	refused("warmups", "-1", "warmups");
	refused("cpus", "[]", "cpus");
	refused("cpus", "[-1]", "cpus");
	refused("cpus", "[1024]", "cpus");
	refused("cpus", "[\"0\"]", "cpus");
	refused("options/params", "{\"\": \"1\"}", "params");
	refused("options/params", "{\"method\": \"\"}", "params");
	refused("options/params", "{\"method\": 1}", "params");
	refused("experiments", "[]", "experiments");
	refused("experiments/0/name", "\"nonsense\"", "no experiment 'nonsense'");
	refused("experiments/0/measurements/0/ci95", "[1]", "ci95");
	refused("experiments/0/measurements/0/ci95", "[1, \"2\"]", "ci95");
	refused("experiments/0/name", "\"vs\"", "vs");
}

static void the_same_experiment_twice_is_refused(void **state)
{
	json_t *root = saved(NULL, 0.02), *experiments = json_object_get(root, "experiments");
	struct repeat repeat;
	char err[ERROR_SIZE];

	(void)state;
	json_array_append(experiments, json_array_get(experiments, 0));
	assert_int_equal(repeat_parse(&repeat, root, err, sizeof(err)), -EINVAL);
	assert_non_null(strstr(err, "twice"));
}

static void commands_can_be_any_bytes(void **state)
{
	json_t *root = saved(NULL, 0.02), *vs, *twice;
	struct repeat repeat;
	char err[ERROR_SIZE];

	(void)state;
	json_object_set_new(json_array_get(json_object_get(root, "experiments"), 0), "name",
			    json_string("vs"));
	vs = json_pack("{s:s,s:[i,i,i],s:n}", "a", "sleep 1\n", "b", 0xff, 0x41, 0x80, "prepare");
	json_object_set_new(root, "vs", vs);
	assert_int_equal(repeat_parse(&repeat, json_deep_copy(root), err, sizeof(err)), 0);
	assert_true(repeat.is_vs);
	assert_int_equal(repeat.n_experiments, 0);
	assert_string_equal(repeat.vs.a, "sleep 1\n");
	assert_string_equal(repeat.vs.b, "\xff\x41\x80");
	assert_null(repeat.vs.prepare);
	repeat_free(&repeat);

	twice = json_deep_copy(root);
	json_array_append(json_object_get(twice, "experiments"),
			  json_array_get(json_object_get(twice, "experiments"), 0));
	assert_int_equal(repeat_parse(&repeat, twice, err, sizeof(err)), -EINVAL);
	assert_non_null(strstr(err, "twice"));

	json_object_set_new(vs, "b", json_pack("[i,i]", 65, 0));
	assert_int_equal(repeat_parse(&repeat, json_deep_copy(root), err, sizeof(err)), -EINVAL);
	json_object_set_new(vs, "b", json_string(""));
	assert_int_equal(repeat_parse(&repeat, json_deep_copy(root), err, sizeof(err)), -EINVAL);
	json_object_set_new(vs, "b", json_string("true"));
	json_object_set_new(vs, "prepare", json_integer(1));
	assert_int_equal(repeat_parse(&repeat, root, err, sizeof(err)), -EINVAL);
	assert_non_null(strstr(err, "vs.prepare"));
}

/* Writes @text @times times, then loads that. */
static int load(const char *text, size_t times, char *err, size_t size)
{
	FILE *file = fopen("repeat.json", "w");
	struct repeat repeat;
	int ret;

	assert_non_null(file);
	for (size_t i = 0; i < times; i++)
		fputs(text, file);
	fclose(file);
	ret = repeat_load(&repeat, "repeat.json", err, size);
	repeat_free(&repeat);
	remove("repeat.json");
	return ret;
}

static void files_that_are_no_such_thing(void **state)
{
	char err[ERROR_SIZE];
	struct repeat repeat;

	(void)state;
	assert_int_equal(load("", 1, err, sizeof(err)), -EINVAL);
	assert_non_null(strstr(err, "not JSON"));
	assert_int_equal(load("hello\n", 3, err, sizeof(err)), -EINVAL);
	assert_int_equal(load("[1, 2]", 1, err, sizeof(err)), -EINVAL);
	assert_int_equal(load("{\"a\": 1, \"a\": 2}", 1, err, sizeof(err)), -EINVAL);
	assert_int_equal(load("[1e999]", 1, err, sizeof(err)), -EINVAL);
	assert_int_equal(load("[", 1000000, err, sizeof(err)), -EINVAL);
	assert_non_null(strstr(err, "depth"));
	assert_int_equal(repeat_load(&repeat, "nowhere/at/all", err, sizeof(err)), -ENOENT);
	assert_int_equal(repeat_load(&repeat, "/", err, sizeof(err)), -EISDIR);
	assert_int_equal(repeat_load(&repeat, "/dev/zero", err, sizeof(err)), -EINVAL);
}

/* ---- how two runs agree ---- */

static json_int_t counted(const json_t *agreement, const char *key, const char *what)
{
	const json_t *summary = json_object_get(agreement, "summary");

	return json_integer_value(json_object_get(json_object_get(summary, key), what));
}

static json_int_t with_intervals(const json_t *root, const char *key)
{
	const json_t *experiment = json_array_get(json_object_get(root, "experiments"), 0), *figure;
	json_int_t n = 0;
	size_t i;

	json_array_foreach(json_object_get(experiment, key), i, figure)
		n += json_is_array(json_object_get(figure, "ci95"));
	return n;
}

static void a_run_agrees_with_itself(void **state)
{
	json_t *root = saved(NULL, 0.02), *agreement = agreement_json(root, root);
	json_int_t n;

	(void)state;
	n = with_intervals(root, "ratios");
	assert_true(n > 2);
	assert_int_equal(counted(agreement, "ratios_overlap", "n"), n);
	assert_int_equal(counted(agreement, "ratios_within", "of"), n);
	assert_int_equal(counted(agreement, "measurements_within", "n"),
			 with_intervals(root, "measurements"));
	assert_int_equal(counted(agreement, "verdicts_same", "n"), 1);
	json_decref(agreement);
	json_decref(root);
}

static void what_differs_is_said(void **state)
{
	json_t *before = saved(NULL, 0.02), *now = saved(NULL, 0.02), *agreement, *entry, *ratio;
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	json_int_t n;

	(void)state;
	ratio = json_array_get(json_object_get(json_array_get(json_object_get(now, "experiments"),
							      0), "ratios"), 0);
	json_object_set_new(ratio, "value", json_real(77.5));
	json_object_set_new(ratio, "ci95", json_pack("[f,f]", 77.0, 78.0));
	json_array_remove(json_object_get(json_array_get(json_object_get(before, "experiments"),
							 0), "ratios"), 1);
	json_object_set_new(json_array_get(json_object_get(before, "claims"), 0), "verdict",
			    json_string("\033[31mfails"));
	agreement = agreement_json(before, now);
	json_object_set_new(agreement, "file", json_string("old.json"));
	entry = json_array_get(json_object_get(agreement, "ratios"), 0);
	assert_true(json_is_false(json_object_get(entry, "overlap")));
	assert_true(json_is_false(json_object_get(entry, "within")));
	entry = json_array_get(json_object_get(agreement, "ratios"), 1);
	assert_true(json_is_null(json_object_get(entry, "before")));
	assert_true(json_is_null(json_object_get(entry, "overlap")));
	n = with_intervals(now, "ratios");
	assert_int_equal(counted(agreement, "ratios_overlap", "n"), n - 2);
	assert_int_equal(counted(agreement, "ratios_overlap", "of"), n - 1);
	assert_int_equal(counted(agreement, "verdicts_same", "n"), 0);
	assert_int_equal(compare_agreement_text(agreement, stream, true), 0);
	fclose(stream);
	assert_non_null(strstr(text, "77.5 [77, 78]"));
	assert_non_null(strstr(text, "fails before, holds now"));
	assert_null(strchr(text, '\033'));
	free(text);
	json_decref(agreement);
	json_decref(before);
	json_decref(now);
}

/* ---- addresses of databases ---- */

static void kept(const char *url, const char *wanted)
{
	char *found = db_url_without_password(url);

	if (!wanted)
		assert_null(found);
	else
		assert_string_equal(found, wanted);
	free(found);
}

static void no_password_is_kept(void **state)
{
	(void)state;
	kept("postgresql://h/d", "postgresql://h/d");
	kept("postgresql:///d?host=/run", "postgresql:///d?host=/run");
	kept("postgresql://u@h:5432/d", "postgresql://u@h:5432/d");
	kept("postgresql://u:p@h:5432/d", "postgresql://u@h:5432/d");
	kept("postgres://u:p@q:r/s@h/d", "postgres://u@h/d");
	kept("postgresql://:p@h/d", "postgresql://@h/d");
	kept("postgresql://h/d?password=p", "postgresql://h/d");
	kept("postgresql://h/d?host=x&PassWord=p", "postgresql://h/d");
	kept("postgresql://h/d?p%61ssword=p", "postgresql://h/d");
	/* where the password ends is not clear: libpq lets it have a '?' in it */
	kept("postgresql://u:a?pass@h/d", NULL);
	kept("postgresql://u:a?b%20c@h/d", NULL);
	kept("postgresql://u:a?b@h/d", "postgresql://u@h/d");
	kept("host=h dbname=d", "host=h dbname=d");
	kept("host=h password=p", NULL);
	kept("", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_saved_run_is_taken),
		cmocka_unit_test(what_is_missing_or_of_a_wrong_type_is_named),
		cmocka_unit_test(what_is_out_of_range_is_refused),
		cmocka_unit_test(the_same_experiment_twice_is_refused),
		cmocka_unit_test(commands_can_be_any_bytes),
		cmocka_unit_test(files_that_are_no_such_thing),
		cmocka_unit_test(a_run_agrees_with_itself),
		cmocka_unit_test(what_differs_is_said),
		cmocka_unit_test(no_password_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
