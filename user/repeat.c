// SPDX-License-Identifier: GPL-2.0-or-later
/* A run that was saved, read back to be run again. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "machine.h"
#include "output/json.h"
#include "repeat.h"

#define SCHEMA	"schedsplit-compare/1"

/* Where in the file we are, and room to complain. */
struct check {
	char	where[128];
	char	*err;
	size_t	 size;
};

static int wrong(const struct check *check, const char *key, const char *what)
{
	return error_set(-EINVAL, check->err, check->size, "%s%s%s %s", check->where,
			 *check->where ? "." : "", key, what);
}

/* ---- single values ---- */

static int take_integer(const struct check *check, const json_t *object, const char *key,
			long long min, long long max, long long *value)
{
	const json_t *json = json_object_get(object, key);
	char what[96];

	if (!json)
		return wrong(check, key, "is missing");
	*value = json_integer_value(json);
	if (json_is_integer(json) && *value >= min && *value <= max)
		return 0;
	snprintf(what, sizeof(what), "is not a number from %lld to %lld", min, max);
	return wrong(check, key, what);
}

/* A string without a NUL in it, which would end it early. */
static bool is_text(const json_t *json)
{
	return json_is_string(json) &&
	       strlen(json_string_value(json)) == json_string_length(json);
}

static int take_text(const struct check *check, const json_t *object, const char *key,
		     const char **text)
{
	const json_t *json = json_object_get(object, key);

	*text = "";
	if (!json)
		return wrong(check, key, "is missing");
	if (!is_text(json))
		return wrong(check, key, "is not a string");
	*text = json_string_value(json);
	return 0;
}

/* null or not there: NULL. */
static int take_optional_text(const struct check *check, const json_t *object, const char *key,
			      const char **text)
{
	const json_t *json = json_object_get(object, key);

	*text = NULL;
	return !json || json_is_null(json) ? 0 : take_text(check, object, key, text);
}

static int take_array(const struct check *check, const json_t *object, const char *key,
		      const json_t **array)
{
	*array = json_object_get(object, key);
	if (!*array)
		return wrong(check, key, "is missing");
	return json_is_array(*array) ? 0 : wrong(check, key, "is not an array");
}

/* ---- the options ---- */

static int take_cpus(struct repeat *repeat, const struct check *check)
{
	const json_t *array, *cpu;
	size_t i, at = 0;
	int ret = take_array(check, repeat->root, "cpus", &array);

	if (ret)
		return ret;
	if (!json_array_size(array) || json_array_size(array) > MACHINE_CPUS_MAX)
		return wrong(check, "cpus", "has no CPU, or too many");
	json_array_foreach(array, i, cpu) {
		json_int_t value = json_integer_value(cpu);

		if (!json_is_integer(cpu) || value < 0 || value >= MACHINE_CPUS_MAX)
			return wrong(check, "cpus", "has something else than CPUs in it");
		at += (size_t)snprintf(repeat->cpus + at, sizeof(repeat->cpus) - at,
				       "%s%" JSON_INTEGER_FORMAT, i ? "," : "", value);
	}
	return 0;
}

static int take_params(struct repeat *repeat, const struct check *check, const json_t *options)
{
	json_t *params = json_object_get(options, "params"), *values;
	const char *name;

	if (!json_is_object(params))
		return wrong(check, "params", "is not an object");
	json_object_foreach(params, name, values) {
		if (!is_text(values) || !*name || !*json_string_value(values))
			return wrong(check, "params", "has something else than values in it");
		if (repeat->n_params == REPEAT_PARAMS_MAX)
			return wrong(check, "params", "has too many parameters");
		repeat->params[2 * repeat->n_params] = name;
		repeat->params[2 * repeat->n_params++ + 1] = json_string_value(values);
	}
	return 0;
}

static int take_options(struct repeat *repeat, struct check *check)
{
	const json_t *options = json_object_get(repeat->root, "options");
	const json_t *quick = json_object_get(options, "quick");
	long long seed, blocks, warmups;
	int ret;

	if (!json_is_object(options))
		return wrong(check, "options", "is missing: the run was saved by another version");
	ret = take_integer(check, repeat->root, "seed", 0, UINT32_MAX, &seed);
	if (!ret)
		ret = take_integer(check, repeat->root, "blocks", 1, REPEAT_BLOCKS_MAX, &blocks);
	if (!ret)
		ret = take_integer(check, repeat->root, "warmups", 0, REPEAT_BLOCKS_MAX, &warmups);
	if (!ret)
		ret = take_cpus(repeat, check);
	if (ret)
		return ret;
	snprintf(check->where, sizeof(check->where), "options");
	if (!json_is_boolean(quick))
		return wrong(check, "quick", "is neither true nor false");
	ret = take_params(repeat, check, options);
	if (!ret)
		ret = take_optional_text(check, options, "dir", &repeat->dir);
	if (!ret)
		ret = take_optional_text(check, options, "db", &repeat->db);
	if (!ret)
		ret = take_optional_text(check, options, "python", &repeat->python);
	if (ret)
		return ret;
	repeat->seed = (uint32_t)seed;
	repeat->blocks = (unsigned int)blocks;
	repeat->warmups = (unsigned int)warmups;
	repeat->quick = json_is_true(quick);
	check->where[0] = '\0';
	return 0;
}

static int take_command(const struct check *check, const json_t *vs, const char *key,
			const char **command)
{
	*command = json_bytes_text(json_object_get(vs, key));
	return *command && **command ? 0 : wrong(check, key, "is not a command");
}

static int take_vs(struct repeat *repeat, struct check *check)
{
	const json_t *vs = json_object_get(repeat->root, "vs");
	const json_t *prepare = json_object_get(vs, "prepare");
	int ret;

	if (repeat->is_vs)
		return wrong(check, "experiments", "has 'vs' in it twice");
	if (!json_is_object(vs))
		return wrong(check, "vs", "is not an object");
	snprintf(check->where, sizeof(check->where), "vs");
	repeat->is_vs = true;
	ret = take_command(check, vs, "a", &repeat->vs.a);
	if (!ret)
		ret = take_command(check, vs, "b", &repeat->vs.b);
	if (!ret && prepare && !json_is_null(prepare))
		ret = take_command(check, vs, "prepare", &repeat->vs.prepare);
	check->where[0] = '\0';
	return ret;
}

/* ---- the figures ---- */

static bool is_figure(const json_t *json)
{
	return json_is_number(json) || json_is_null(json);
}

static bool is_interval(const json_t *json)
{
	return json_is_null(json) ||
	       (json_is_array(json) && json_array_size(json) == 2 &&
		json_is_number(json_array_get(json, 0)) && json_is_number(json_array_get(json, 1)));
}

/* A measurement or a ratio: @value names its figure. */
static int check_figure(const struct check *check, const json_t *object, const char *value,
			const char *arm)
{
	const char *text;
	int ret;

	if (!json_is_object(object))
		return wrong(check, "", "is not an object");
	ret = take_text(check, object, "metric", &text);
	if (!ret)
		ret = take_text(check, object, arm, &text);
	if (ret)
		return ret;
	if (!json_is_object(json_object_get(object, "params")))
		return wrong(check, "params", "is not an object");
	if (!is_figure(json_object_get(object, value)))
		return wrong(check, value, "is not a number");
	if (!is_interval(json_object_get(object, "ci95")))
		return wrong(check, "ci95", "is not an interval");
	return 0;
}

static int check_figures(struct check *check, const json_t *experiment, size_t e,
			 const char *key, const char *value, const char *arm)
{
	const json_t *array, *figure;
	size_t i;
	int ret;

	snprintf(check->where, sizeof(check->where), "experiments[%zu]", e);
	ret = take_array(check, experiment, key, &array);
	if (ret)
		return ret;
	json_array_foreach(array, i, figure) {
		snprintf(check->where, sizeof(check->where), "experiments[%zu].%s[%zu]", e, key, i);
		ret = check_figure(check, figure, value, arm);
		if (ret)
			return ret;
		if (!strcmp(key, "ratios") && !is_text(json_object_get(figure, "to")))
			return wrong(check, "to", "is not a string");
	}
	return 0;
}

static int take_experiment(struct repeat *repeat, struct check *check, const json_t *json,
			   size_t e)
{
	const struct experiment *experiment;
	const char *name;
	int ret;

	snprintf(check->where, sizeof(check->where), "experiments[%zu]", e);
	if (!json_is_object(json))
		return wrong(check, "", "is not an object");
	ret = take_text(check, json, "name", &name);
	if (!ret)
		ret = check_figures(check, json, e, "measurements", "median", "arm");
	if (!ret)
		ret = check_figures(check, json, e, "ratios", "value", "of");
	if (ret)
		return ret;
	check->where[0] = '\0';
	if (!strcmp(name, "vs"))
		return take_vs(repeat, check);
	experiment = experiment_find(name);
	if (!experiment)
		return error_set(-EINVAL, check->err, check->size, "no experiment '%.64s' here",
				 name);
	for (size_t i = 0; i < repeat->n_experiments; i++)
		if (repeat->experiment[i] == experiment)
			return error_set(-EINVAL, check->err, check->size, "'%s' is in it twice",
					 name);
	if (repeat->n_experiments == REPEAT_EXPERIMENTS_MAX)
		return wrong(check, "experiments", "has too many in it");
	repeat->experiment[repeat->n_experiments++] = experiment;
	return 0;
}

static int take_experiments(struct repeat *repeat, struct check *check)
{
	const json_t *array, *experiment;
	size_t e;
	int ret = take_array(check, repeat->root, "experiments", &array);

	if (ret)
		return ret;
	if (!json_array_size(array))
		return wrong(check, "experiments", "is empty");
	json_array_foreach(array, e, experiment) {
		ret = take_experiment(repeat, check, experiment, e);
		if (ret)
			return ret;
	}
	if (repeat->is_vs && json_array_size(array) > 1)
		return wrong(check, "experiments", "has 'vs' and others in it");
	return 0;
}

static int check_claims(struct repeat *repeat, struct check *check)
{
	const json_t *array, *claim;
	const char *text;
	size_t i;
	int ret = take_array(check, repeat->root, "claims", &array);

	if (ret)
		return ret;
	json_array_foreach(array, i, claim) {
		snprintf(check->where, sizeof(check->where), "claims[%zu]", i);
		ret = take_text(check, claim, "id", &text);
		if (!ret)
			ret = take_text(check, claim, "verdict", &text);
		if (ret)
			return ret;
	}
	check->where[0] = '\0';
	return 0;
}

int repeat_parse(struct repeat *repeat, json_t *root, char *err, size_t size)
{
	struct check check = { .err = err, .size = size };
	const json_t *schema = json_object_get(root, "schema");
	const char *version;
	int ret;

	memset(repeat, 0, sizeof(*repeat));
	repeat->root = root;
	if (!is_text(schema) || strcmp(json_string_value(schema), SCHEMA))
		ret = error_set(-EINVAL, err, size, "this is no result of compare (schema %s)",
				SCHEMA);
	else
		ret = take_text(&check, root, "version", &version);
	if (!ret)
		ret = take_options(repeat, &check);
	if (!ret)
		ret = take_experiments(repeat, &check);
	if (!ret)
		ret = check_claims(repeat, &check);
	if (ret)
		repeat_free(repeat);
	return ret;
}

void repeat_free(struct repeat *repeat)
{
	free((char *)repeat->vs.a);
	free((char *)repeat->vs.b);
	free((char *)repeat->vs.prepare);
	json_decref(repeat->root);
	memset(repeat, 0, sizeof(*repeat));
}

/* ---- the file ---- */

struct source {
	FILE	*file;
	size_t	 left;		/* of what is read at most */
	int	 error;
};

static size_t read_some(void *buffer, size_t size, void *data)
{
	struct source *source = data;
	size_t n = fread(buffer, 1, size < source->left ? size : source->left, source->file);

	if (!n && ferror(source->file))
		source->error = errno ? errno : EIO;
	if (!source->left)
		source->error = EFBIG;
	source->left -= n;
	return source->error ? (size_t)-1 : n;
}

int repeat_load(struct repeat *repeat, const char *path, char *err, size_t size)
{
	struct source source = { .file = fopen(path, "re"), .left = REPEAT_FILE_MAX };
	char what[ERROR_SIZE / 2];
	json_error_t error;
	json_t *root;
	int ret;

	memset(repeat, 0, sizeof(*repeat));
	if (!source.file)
		return error_set(-errno, err, size, "cannot read %s: %s", path, strerror(errno));
	root = json_load_callback(read_some, &source, JSON_REJECT_DUPLICATES, &error);
	fclose(source.file);
	if (source.error) {
		json_decref(root);
		return error_set(-source.error, err, size, "cannot read %s: %s", path,
				 strerror(source.error));
	}
	if (!root)
		return error_set(-EINVAL, err, size, "%s is not JSON: line %d: %s", path,
				 error.line, error.text);
	ret = repeat_parse(repeat, root, what, sizeof(what));
	return ret ? error_set(ret, err, size, "cannot repeat %s: %s", path, what) : 0;
}
