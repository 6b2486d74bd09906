// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Short texts that come from elsewhere: databases' addresses, values of --param,
 * names of tasks, lines of a kernel's configuration. Input: which, then the text.
 */
#include <errno.h>

#include "attr.h"
#include "db_url.h"
#include "environment.h"
#include "error.h"
#include "experiment.h"
#include "fuzz.h"
#include "output/json.h"
#include "output/wrap.h"

#define POINTS_MAX	64

/* Bytes of a password that is put into each address: they must not come out. */
#define SECRET	"S3cr3t"

/* "USER\nPASSWORD\nREST" */
static void check_url(char *text)
{
	char *password = strchr(text, '\n'), *rest = password ? strchr(password + 1, '\n') : NULL;
	char *url, *kept;

	free(db_url_without_password(text));
	if (!rest)
		return;
	*password++ = '\0';
	*rest++ = '\0';
	/* libpq takes what is before the first of these for the whole address. */
	if (strpbrk(text, ":@/") || strpbrk(password, "@/"))
		return;
	CHECK(asprintf(&url, "postgresql://%s:" SECRET "%s" SECRET "@%s", text, password,
		       rest) >= 0);
	kept = db_url_without_password(url);
	CHECK(!kept || strstr(text, SECRET) || strstr(rest, SECRET) || !strstr(kept, SECRET));
	free(kept);
	free(url);
}

/* Each value that was chosen is measured, if it is not refused. */
static void check_points(const struct experiment_run *run, const char *name, char *values)
{
	const struct sweep *sweep = run->experiment->sweeps;
	char *value, *save;

	while (sweep->name && strcmp(sweep->name, name))
		sweep++;
	if (!sweep->name || sweep->when)
		return;
	for (value = strtok_r(values, ",", &save); value; value = strtok_r(NULL, ",", &save)) {
		size_t p = 0;

		while (p < run->n_points && !params_is(&run->points[p].params, name, value))
			p++;
		CHECK(p < run->n_points);
	}
}

static size_t count_values(const char *values)
{
	size_t n = 1;

	for (; *values; values++)
		n += *values == ',';
	return n;
}

/* Two bytes, "NAME=VALUES\nNAME=VALUES" */
static void check_plan(char *text)
{
	static const struct machine machine = {
		.cpus = { 0, 1 }, .n_cpus = 2, .resolution_ns = 1, .memory = 1 << 30,
		.l1_kib = 32, .l2_kib = 1024, .llc_kib = 32768,
	};
	const char *params[5] = { NULL };
	struct plan plan = { .machine = &machine, .params = params };
	const struct experiment *experiment;
	struct experiment_run run;
	char err[ERROR_SIZE] = "", *save;
	size_t points = 1;
	int ret;

	if (!text[0] || !text[1])
		return;
	experiment = experiments[(unsigned char)text[0] % n_experiments];
	plan.quick = text[1] & 1;
	text = strtok_r(text + 2, "\n", &save);
	for (size_t i = 0; i < 4 && text; i += 2, text = strtok_r(NULL, "\n", &save)) {
		char *values = strchr(text, '=');

		if (!values || values == text || !values[1])
			return;
		*values++ = '\0';
		if (i && !strcmp(params[0], text))
			return;
		params[i] = text;
		params[i + 1] = values;
		points *= count_values(values);
	}
	if (points > POINTS_MAX)
		return;
	ret = experiment_plan(&run, experiment, &plan, err, sizeof(err));
	CHECK(!ret || (ret == -EINVAL && *err));
	CHECK(ret || run.n_points);
	for (size_t i = 0; i < 4 && params[i] && !ret; i += 2)
		check_points(&run, params[i], (char *)params[i + 1]);
	experiment_free(&run);
}

static void check_clean(char *text)
{
	size_t length = strlen(text);
	json_t *json;

	text_clean(text);
	CHECK(strlen(text) == length);
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		CHECK(c >= ' ' && c != 0x7f);
		CHECK(c != 0xc2 || (unsigned char)text[i + 1] >= 0xa0);
	}
	CHECK(!strstr(text, "\xe2\x80\xae") && !strstr(text, "\xe2\x81\xa6"));
	json = json_string(text);
	CHECK(json);
	json_decref(json);
}

static void check_bytes(char *text)
{
	json_t *json = json_bytes(text);
	char *back = json ? json_bytes_text(json) : NULL;

	CHECK(back && !strcmp(back, text));
	free(back);
	json_decref(json);
}

static void check_wrap(char *text)
{
	char *lines = wrap_lines(text, 1 + strlen(text) % 20);

	CHECK(lines && strlen(lines) == strlen(text));
	for (size_t i = 0; text[i]; i++)
		CHECK(lines[i] == text[i] || (lines[i] == '\n' && text[i] == ' '));
	free(lines);
}

static void check_lines(char *text)
{
	static struct environment environment;
	char *line, *save;
	json_t *json;

	memset(&environment, 0, sizeof(environment));
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		environment_take_option(&environment, line);
		environment_take_memory(&environment, line);
	}
	json = environment_json(&environment);
	CHECK(json);
	json_decref(json);
}

static void check_count(char *text)
{
	struct params params = { .n = 0 };
	static struct tally tally;
	char short_text[20];
	json_t *json;

	memset(&tally, 0, sizeof(tally));
	tally_set(&tally, text, 1);
	params_set(&params, "one", text);
	params_set(&params, "other", "2");
	params_number(&params, "one");
	params_text(&params, short_text, sizeof(short_text));
	CHECK(params_equal(&params, &params));
	/* Values go into JSON; those of a plan are known to be good. */
	json = params_json(&params);
	CHECK(json);
	json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const checks[])(char *text) = {
		check_url, check_plan, check_clean, check_bytes, check_wrap, check_lines,
		check_count,
	};
	char *text;

	if (!size)
		return 0;
	text = fuzz_text(data + 1, size - 1);
	checks[data[0] % COUNT(checks)](text);
	free(text);
	return 0;
}
