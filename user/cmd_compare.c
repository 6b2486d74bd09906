// SPDX-License-Identifier: GPL-2.0-or-later
/* `schedsplit compare`: experiments as processes and as threads, and verdicts. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "../kmod/version.h"
#include "agreement.h"
#include "commands.h"
#include "environment.h"
#include "error.h"
#include "interpreter.h"
#include "interrupt.h"
#include "option_values.h"
#include "output/compare.h"
#include "output_file.h"
#include "output/json.h"
#include "progress.h"
#include "repeat.h"
#include "storage.h"

#define QUICK_BLOCKS		10	/* with 7, no p-value is small enough for Holm */
#define DEFAULT_BLOCKS		30
#define QUICK_WARMUPS		1
#define DEFAULT_WARMUPS		2
#define QUICK_TARGET_NS		20000000
#define DEFAULT_TARGET_NS	50000000
#define TRIAL_TIMEOUT_S		120
#define COMMAND_TIMEOUT_S	86400	/* of --vs: how long it may take is for the user to say */
#define TRIAL_OVERHEAD_NS	5000000	/* a guess, for the progress bar */
#define CALIBRATION_TRIALS	4	/* likewise */
#define BLOCKS_MAX		100000
#define EXPERIMENTS_MAX		32
#define PARAMS_CHOSEN_MAX	32

struct options {
	bool		 list, quick, verbose, help, version;
	bool		 json, csv;		/* asked for, to stdout if no file */
	const char	*json_path, *csv_path, *text_path;
	long		 blocks, warmups;	/* -1: by --quick */
	bool		 seeded;
	uint32_t	 seed;
	const char	*cpus;
	const char	*dir, *db, *python;
	const char	*params[2 * PARAMS_CHOSEN_MAX + 1];
	size_t		 n_params;
	const struct experiment *experiment[EXPERIMENTS_MAX];
	size_t		 n_experiments;
	struct vs_commands vs;		/* a: NULL without --vs */
	const char	*repeat_path;
	struct repeat	 repeat;	/* its root: NULL without --repeat */
};

static const char help[] =
"Usage: schedsplit compare [OPTION]... [EXPERIMENT]...\n"
"       schedsplit compare [OPTION]... --vs 'COMMAND A' 'COMMAND B'\n"
"       schedsplit compare [OPTION]... --repeat RUN.json\n"
"\n"
"Run the experiments (default: all), each as processes and as threads, and say\n"
"which claims hold on this machine; or compare any two commands; or do a saved\n"
"run again.\n"
"\n"
"  -l, --list               list experiments, parameters, claims and their rules\n"
"  -q, --quick              fewer and shorter trials: 10 blocks instead of 30\n"
"  -n, --trials N           blocks, each one trial of every arm\n"
"  -w, --warmup N           warm-up blocks, kept but not counted (2; 1 with -q)\n"
"  -s, --seed N             seed of all random choices, 0 to 4294967295\n"
"  -C, --cpus LIST          CPUs to use, such as 0-3,8, in this order\n"
"  -p, --param NAME=VALUE,...  values of a parameter; may be repeated\n"
"  -d, --dir DIR            directory for file work, on a real block device (in\n"
"                           /var/tmp or what is mounted below, if that is one)\n"
"  -D, --db URL             PostgreSQL server for database work, postgresql://...\n"
"  -y, --python PATH        interpreter for Python work (python3)\n"
"  -x, --vs 'CMD A' 'CMD B' two commands, each run by sh -c, with your environment\n"
"  -P, --prepare CMD        run by sh -c before each trial of --vs, not counted\n"
"  -r, --repeat RUN.json    what --json saved: the same again, and how it agrees\n"
"  -j, --json[=FILE]        JSON, to standard output or to FILE\n"
"  -c, --csv[=FILE]         CSV with a row per trial\n"
"  -o, --output FILE        the table to FILE\n"
"  -v, --verbose            every point, after the table\n"
"  -h, --help               print this\n"
"  -V, --version            print the version\n";

static const struct option long_options[] = {
	{ "list", no_argument, NULL, 'l' },
	{ "quick", no_argument, NULL, 'q' },
	{ "trials", required_argument, NULL, 'n' },
	{ "warmup", required_argument, NULL, 'w' },
	{ "seed", required_argument, NULL, 's' },
	{ "cpus", required_argument, NULL, 'C' },
	{ "param", required_argument, NULL, 'p' },
	{ "dir", required_argument, NULL, 'd' },
	{ "db", required_argument, NULL, 'D' },
	{ "python", required_argument, NULL, 'y' },
	{ "vs", required_argument, NULL, 'x' },
	{ "prepare", required_argument, NULL, 'P' },
	{ "repeat", required_argument, NULL, 'r' },
	{ "json", optional_argument, NULL, 'j' },
	{ "csv", optional_argument, NULL, 'c' },
	{ "output", required_argument, NULL, 'o' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

/* ---- command line ---- */

static int parse_number(const char *option, const char *text, long long min, long long max,
			long long *value)
{
	if (params_parse_integer(text, value) && *value >= min && *value <= max)
		return 0;
	return error_usage("compare", "%s: '%s' is not a number from %lld to %lld", option, text,
			   min, max);
}

static int choose(struct options *options, const char *name, const char *values)
{
	if (!*name || !*values)
		return error_usage("compare", "--param: a NAME=VALUE is wanted");
	if (options->n_params == PARAMS_CHOSEN_MAX)
		return error_usage("compare", "--param: more than %d parameters",
				   PARAMS_CHOSEN_MAX);
	options->params[2 * options->n_params] = name;
	options->params[2 * options->n_params++ + 1] = values;
	return 0;
}

/*
 * "NAME=VALUE,VALUE,NAME=VALUE": after a comma, an item with "=" begins another
 * parameter, one without is one more value. The text is cut up in place.
 */
static int parse_params(struct options *options, char *text)
{
	while (text) {
		char *values = strchr(text, '='), *next, *end;
		int status;

		if (!values)
			return error_usage("compare", "--param: '%s' is not NAME=VALUE", text);
		*values++ = '\0';
		next = strchr(values, '=');
		end = NULL;
		if (next) {
			*next = '\0';
			end = strrchr(values, ',');
			*next = '=';
			if (!end)
				return error_usage("compare", "--param: '%s' is no value of %s",
						   values, text);
			*end = '\0';
		}
		status = choose(options, text, values);
		if (status)
			return status;
		text = end ? end + 1 : NULL;
	}
	return 0;
}

/* Two words; getopt has found the first. */
static int parse_vs(struct options *options, int argc, char **argv)
{
	if (options->vs.a)
		return error_usage("compare", "--vs is given twice");
	if (optind >= argc)
		return error_usage("compare", "--vs needs two commands, each as one word");
	options->vs.a = optarg;
	options->vs.b = argv[optind++];
	if (!*options->vs.a || !*options->vs.b)
		return error_usage("compare", "--vs: a command is empty");
	return 0;
}

static int parse_options(struct options *options, int argc, char **argv)
{
	long long number;
	int c, status = 0;

	opterr = 0;
	while (!status && (c = getopt_long(argc, argv, ":lqn:w:s:C:p:d:D:y:x:P:r:j::c::o:vhV",
					   long_options, NULL)) != -1) {
		switch (c) {
		case 'l':
			options->list = true;
			break;
		case 'q':
			options->quick = true;
			break;
		case 'n':
			status = parse_number("--trials", optarg, 1, BLOCKS_MAX, &number);
			options->blocks = (long)number;
			break;
		case 'w':
			status = parse_number("--warmup", optarg, 0, BLOCKS_MAX, &number);
			options->warmups = (long)number;
			break;
		case 's':
			status = parse_number("--seed", optarg, 0, UINT32_MAX, &number);
			options->seed = (uint32_t)number;
			options->seeded = true;
			break;
		case 'C':
			options->cpus = optarg;
			break;
		case 'p':
			status = parse_params(options, optarg);
			break;
		case 'd':
			options->dir = optarg;
			break;
		case 'D':
			if (!*optarg)
				status = error_usage("compare", "--db: the URL is empty");
			options->db = optarg;
			break;
		case 'y':
			if (!*optarg)
				status = error_usage("compare", "--python: the name is empty");
			options->python = optarg;
			break;
		case 'x':
			status = parse_vs(options, argc, argv);
			break;
		case 'P':
			options->vs.prepare = optarg;
			break;
		case 'r':
			options->repeat_path = optarg;
			break;
		case 'j':
			options->json = true;
			options->json_path = option_file(optarg);
			break;
		case 'c':
			options->csv = true;
			options->csv_path = option_file(optarg);
			break;
		case 'o':
			options->text_path = option_file(optarg);
			break;
		case 'v':
			options->verbose = true;
			break;
		case 'h':
			options->help = true;
			return 0;
		case 'V':
			options->version = true;
			return 0;
		default:
			return option_complain("compare", c, long_options, argv);
		}
	}
	return status;
}

static int parse_experiments(struct options *options, char **names)
{
	for (; *names; names++) {
		const struct experiment *experiment = experiment_find(*names);

		if (!experiment)
			return error_usage("compare", "no experiment '%s', see compare --list",
					   *names);
		for (size_t i = 0; i < options->n_experiments; i++)
			if (options->experiment[i] == experiment)
				return error_usage("compare", "'%s' is named twice", *names);
		if (options->n_experiments == EXPERIMENTS_MAX)
			return error_usage("compare", "too many experiments");
		options->experiment[options->n_experiments++] = experiment;
	}
	if (!options->n_experiments)
		for (size_t i = 0; i < n_experiments && i < EXPERIMENTS_MAX; i++)
			options->experiment[options->n_experiments++] = experiments[i];
	return 0;
}

/* ---- what --vs and --repeat are instead of ---- */

static int check_vs(struct options *options, char **names)
{
	if (options->vs.prepare && !options->vs.a)
		return error_usage("compare", "--prepare is for --vs");
	if (options->vs.prepare && !*options->vs.prepare)
		return error_usage("compare", "--prepare: the command is empty");
	if (!options->vs.a)
		return 0;
	if (*names)
		return error_usage("compare", "--vs takes no experiment: '%s'", *names);
	if (options->n_params || options->dir || options->db || options->python)
		return error_usage("compare", "--vs takes no --param, --dir, --db or --python");
	return 0;
}

/* All but what is this machine's, and where the results go. */
static int check_repeat(const struct options *options, char **names)
{
	if (!options->repeat_path)
		return 0;
	if (*names)
		return error_usage("compare", "--repeat takes the experiments from its file: '%s'",
				   *names);
	if (options->vs.a || options->list || options->quick || options->blocks >= 0 ||
	    options->warmups >= 0 || options->seeded || options->cpus || options->n_params)
		return error_usage("compare",
				   "--repeat takes all from its file but --dir, --db, --python and outputs");
	return 0;
}

/* As if the saved run's options had been given. */
static int apply_repeat(struct options *options)
{
	struct repeat *repeat = &options->repeat;
	char err[ERROR_SIZE];
	int ret = repeat_load(repeat, options->repeat_path, err, sizeof(err));

	if (ret) {
		error_print("%s", err);
		return ret == -EINVAL ? STATUS_USAGE : STATUS_FAILED;
	}
	options->quick = repeat->quick;
	options->seeded = true;
	options->seed = repeat->seed;
	options->blocks = (long)repeat->blocks;
	options->warmups = (long)repeat->warmups;
	options->cpus = repeat->cpus;
	if (!options->dir)
		options->dir = repeat->dir;
	if (!options->db)
		options->db = repeat->db;
	if (!options->python)
		options->python = repeat->python;
	options->n_params = repeat->n_params;
	memcpy(options->params, repeat->params, sizeof(repeat->params));
	options->n_experiments = repeat->n_experiments;
	memcpy(options->experiment, repeat->experiment, sizeof(repeat->experiment));
	if (repeat->is_vs)
		options->vs = repeat->vs;
	return 0;
}

static int choose_experiments(struct options *options, char **names)
{
	int status = check_repeat(options, names);

	if (!status)
		status = check_vs(options, names);
	if (!status && options->repeat_path)
		status = apply_repeat(options);
	if (status)
		return status;
	if (!options->vs.a)
		return options->repeat_path ? 0 : parse_experiments(options, names);
	options->experiment[0] = vs_experiment(&options->vs);
	options->n_experiments = 1;
	if (options->experiment[0])
		return 0;
	error_print("out of memory");
	return STATUS_FAILED;
}

static bool takes(const struct experiment *experiment, const char *name)
{
	for (const struct sweep *sweep = experiment->sweeps; sweep->name; sweep++)
		if (!strcmp(sweep->name, name))
			return true;
	return false;
}

static int check_outputs(const struct options *options)
{
	if (options->json && !options->json_path && options->csv && !options->csv_path)
		return error_usage("compare",
				   "--json and --csv cannot both go to standard output: name a file");
	return option_files_differ("compare",
				   (const char *[]){ options->json_path, options->csv_path,
						     options->text_path }, 3);
}

static bool works_with_files(const struct options *options)
{
	for (size_t i = 0; i < options->n_experiments; i++)
		if (options->experiment[i]->files)
			return true;
	return false;
}

/* A parameter of none of the experiments would change nothing, unnoticed. */
static int check_params(const struct options *options)
{
	for (size_t p = 0; p < options->n_params; p++) {
		const char *name = options->params[2 * p];
		bool taken = false;

		for (size_t i = 0; i < options->n_experiments && !taken; i++)
			taken = takes(options->experiment[i], name);
		if (!taken)
			return error_usage("compare", "--param: no parameter '%s' here, see compare --list",
					   name);
		for (size_t other = 0; other < p; other++)
			if (!strcmp(options->params[2 * other], name))
				return error_usage("compare", "--param: '%s' is given twice", name);
	}
	return 0;
}

/* ---- results ---- */

struct outputs {
	struct output_file	text, json, csv;
	bool			want_text;
};

static int open_outputs(const struct options *options, struct outputs *outputs, char *err,
			size_t size)
{
	bool taken = (options->json && !options->json_path) ||
		     (options->csv && !options->csv_path);
	int ret = 0;

	outputs->want_text = options->text_path || !taken;
	if (outputs->want_text)
		ret = output_file_open(&outputs->text, options->text_path, err, size);
	if (!ret && options->json)
		ret = output_file_open(&outputs->json, options->json_path, err, size);
	if (!ret && options->csv)
		ret = output_file_open(&outputs->csv, options->csv_path, err, size);
	return ret;
}

static void discard_outputs(struct outputs *outputs)
{
	output_file_discard(&outputs->text);
	output_file_discard(&outputs->json);
	output_file_discard(&outputs->csv);
}

static int write_text(const struct compare_result *result, FILE *stream, bool verbose,
		      const json_t *agreement)
{
	int ret = compare_text(result, stream, verbose);

	return ret || !agreement ? ret : compare_agreement_text(agreement, stream, verbose);
}

/*
 * All that can be written, whatever cannot. The table last: what scripts wait for
 * is there when people see it.
 */
static int write_outputs(const struct compare_result *result, struct outputs *outputs,
			 const struct options *options, const json_t *json, char *err,
			 size_t size)
{
	*err = '\0';
	/* All 17 digits: what is recomputed from the file comes out equal. */
	if (options->json)
		output_file_commit(&outputs->json, json_write(outputs->json.stream, json), err,
				   size);
	if (options->csv)
		output_file_commit(&outputs->csv, compare_csv(result, outputs->csv.stream), err,
				   size);
	if (outputs->want_text)
		output_file_commit(&outputs->text,
				   write_text(result, outputs->text.stream, options->verbose,
					      json_object_get(json, "agreement")), err, size);
	return *err ? -EIO : 0;
}

/* ---- the run ---- */

struct work {
	struct experiment_run	run[EXPERIMENTS_MAX];
	struct analysis		analysis[EXPERIMENTS_MAX];
	struct judgement	judgement[EXPERIMENTS_MAX];
	size_t			n_planned, n_analyses, n_judgements;
	bool			failed;
};

/* Of the one run there is. */
static struct progress progress;
static size_t progress_part;

static void show_progress(const struct experiment *experiment, size_t done, size_t all)
{
	progress_show(&progress, experiment->name, progress_part, done, all);
}

/* The time that it is expected to take: trials, and some more to calibrate. */
static double weight(const struct experiment_run *run)
{
	const struct experiment *experiment = run->experiment;
	const struct plan *plan = run->plan;
	double trials = 0, calibrations = 0, ns = (double)plan->target_ns;

	for (size_t p = 0; p < run->n_points; p++) {
		if (run->points[p].left_out)
			continue;
		for (size_t v = 0; v < experiment->n_variants; v++)
			trials += !run->points[p].cell[v].absent;
		if (experiment->pace == PACE_ITERATIONS && !experiment->calibrated_by)
			calibrations += CALIBRATION_TRIALS;
	}
	if (experiment->pace == PACE_DURATION && experiment->duration_factor)
		ns *= experiment->duration_factor;
	return (trials * (plan->warmups + plan->blocks) + calibrations) *
	       (ns + TRIAL_OVERHEAD_NS);
}

static int plan_all(struct work *work, const struct options *options, const struct plan *plan,
		    char *err, size_t size)
{
	for (size_t i = 0; i < options->n_experiments; i++) {
		int ret = experiment_plan(&work->run[work->n_planned++], options->experiment[i],
					  plan, err, size);

		if (ret == -ENOMEM)
			error_set(ret, err, size, "out of memory");
		if (ret)
			return ret;
	}
	return 0;
}

/* Resampling takes a while: an impatient user's second Ctrl-C gets through. */
static int analyse(struct work *work, size_t i)
{
	const struct claim *claim = work->run[i].experiment->claim;
	int ret;

	interrupt_let_in();
	ret = analysis_init(&work->analysis[i], &work->run[i]);
	if (!ret)
		work->n_analyses++;
	if (!ret && claim)
		ret = claims_judge(claim, &work->analysis[i],
				   &work->judgement[work->n_judgements++]);
	interrupt_hold();
	return ret;
}

/* After an interrupt the rest is not run, but judged: as not measured. */
static int run_all(struct work *work, char *err, size_t size)
{
	int ret = 0;

	for (size_t i = 0; i < work->n_planned; i++)
		progress_add(&progress, weight(&work->run[i]));
	progress_start(&progress);
	for (size_t i = 0; i < work->n_planned && !ret; i++) {
		struct experiment_run *run = &work->run[i];

		progress_part = i;
		show_progress(run->experiment, 0, 1);
		if (interrupt_signal())
			run->interrupted = true;
		else
			ret = experiment_run(run);
		work->failed |= experiment_failed(run);
		if (!ret)
			ret = analyse(work, i);
	}
	for (size_t i = 0; i < work->n_judgements; i++)
		work->failed |= work->judgement[i].impossible;
	return ret ? error_set(ret, err, size, "out of memory") : 0;
}

/* What was measured until a signal came; one that comes later changes nothing. */
static bool was_interrupted(const struct work *work)
{
	for (size_t i = 0; i < work->n_planned; i++)
		if (work->run[i].interrupted)
			return true;
	return false;
}

static void free_work(struct work *work)
{
	for (size_t i = 0; i < work->n_analyses; i++)
		analysis_free(&work->analysis[i]);
	for (size_t i = 0; i < work->n_planned; i++)
		experiment_free(&work->run[i]);
	free(work);
}

static uint32_t random_seed(void)
{
	uint32_t seed = 0;

	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		seed = 1;
	return seed;
}

static void clean_up_at_once(void)
{
	worker_kill();
	output_file_remove_all();
}

/* What goes into the file; with --repeat, what was in it is held against that. */
static json_t *result_json(const struct compare_result *result, const struct options *options,
			   const struct environment *environment)
{
	json_t *json = compare_json(result, environment_json(environment), SCHEDSPLIT_VERSION);
	json_t *agreement;

	if (!options->repeat.root || !json)
		return json;
	agreement = agreement_json(options->repeat.root, json);
	if (agreement)
		json_object_set_new(agreement, "file", json_bytes(options->repeat_path));
	json_object_set_new(json, "agreement", agreement ? agreement : json_null());
	return json;
}

static int run_and_write(const struct options *options, const struct environment *environment,
			 struct plan *plan, struct work *work)
{
	struct compare_result result = { .plan = plan, .vs = options->vs.a ? &options->vs : NULL };
	struct outputs outputs = { 0 };
	char err[ERROR_SIZE];
	json_t *json;
	int ret;

	ret = plan_all(work, options, plan, err, sizeof(err));
	if (ret) {
		error_print("%s", err);
		return ret == -EINVAL ? STATUS_USAGE : STATUS_FAILED;
	}
	if (open_outputs(options, &outputs, err, sizeof(err)))
		goto failed;
	plan->kernel = kernel_counts_open(err, sizeof(err));
	if (!plan->kernel)
		error_print("%s; counts come from rusage instead, the rest is n/a", err);
	result.timing = timing_name(environment->timing);
	result.source = plan->kernel ? "module" : "rusage";
	ret = run_all(work, err, sizeof(err));
	progress_clear();
	kernel_counts_close(plan->kernel);
	if (ret)
		goto failed;
	result.analyses = work->analysis;
	result.n_analyses = work->n_analyses;
	result.judgements = work->judgement;
	result.n_judgements = work->n_judgements;
	result.interrupted = was_interrupted(work);
	interrupt_let_in();
	json = result_json(&result, options, environment);
	if (!json) {
		error_set(-ENOMEM, err, sizeof(err), "out of memory");
		goto failed;
	}
	ret = write_outputs(&result, &outputs, options, json, err, sizeof(err));
	json_decref(json);
	if (ret)
		goto failed;
	if (result.interrupted)
		return 128 + interrupt_signal();
	return work->failed ? STATUS_FAILED : STATUS_GOOD;
failed:
	error_print("%s", err);
	discard_outputs(&outputs);
	return STATUS_FAILED;
}

static int run(struct options *options)
{
	struct machine machine = { .n_cpus = 0 };
	char dir[PATH_MAX], scratch[PATH_MAX + 32], err[ERROR_SIZE];
	const char *interpreter = interpreter_find(options->python);
	struct environment environment;
	struct work *work;
	struct plan plan;
	bool files;
	int status;

	if (machine_cpus(&machine, options->cpus, err, sizeof(err))) {
		error_print("%s", err);
		return STATUS_USAGE;
	}
	files = works_with_files(options);
	if (files && options->dir && storage_check(options->dir, dir, err, sizeof(err)))
		return error_usage("compare", "--dir: %s", err);
	if (!worker_directory(err, sizeof(err))) {
		error_print("%s", err);
		return STATUS_FAILED;
	}
	environment_read(&environment);
	environment_read_versions(&environment, interpreter);
	machine_memory(&machine, &environment);
	machine.resolution_ns = machine_clock_resolution();
	plan = (struct plan){
		.machine = &machine,
		.seed = options->seeded ? options->seed : random_seed(),
		.blocks = options->blocks >= 0 ? (unsigned int)options->blocks :
			  options->quick ? QUICK_BLOCKS : DEFAULT_BLOCKS,
		.warmups = options->warmups >= 0 ? (unsigned int)options->warmups :
			   options->quick ? QUICK_WARMUPS : DEFAULT_WARMUPS,
		.target_ns = options->quick ? QUICK_TARGET_NS : DEFAULT_TARGET_NS,
		.timeout_s = options->vs.a ? COMMAND_TIMEOUT_S : TRIAL_TIMEOUT_S,
		.params = options->params,
		.quick = options->quick,
		.dir = files && options->dir ? dir : NULL,
		.db = options->db,
		.python = options->python,
		.interpreter = interpreter,
		.progress = show_progress,
	};
	if (files)
		plan.storage = plan.dir ? plan.dir : storage_default();
	if (plan.storage)
		plan.scratch = storage_private_name(plan.storage, scratch, sizeof(scratch));
	work = calloc(1, sizeof(*work));
	if (!work || interrupt_catch()) {
		free(work);
		error_print("out of memory");
		return STATUS_FAILED;
	}
	interrupt_at_once(clean_up_at_once);
	worker_adopt_orphans();
	status = run_and_write(options, &environment, &plan, work);
	free_work(work);
	return status;
}

int cmd_compare(int argc, char **argv)
{
	struct options options = { .blocks = -1, .warmups = -1 };
	int status;

	/* For the table's encoding only: numbers in files keep their full stop. */
	setlocale(LC_CTYPE, "");
	status = parse_options(&options, argc, argv);
	if (!status && options.help) {
		fputs(help, stdout);
		return STATUS_GOOD;
	}
	if (!status && options.version) {
		puts("schedsplit " SCHEDSPLIT_VERSION);
		return STATUS_GOOD;
	}
	if (!status)
		status = choose_experiments(&options, argv + optind);
	if (!status)
		status = check_params(&options);
	if (!status)
		status = check_outputs(&options);
	if (!status && options.list)
		compare_list(stdout);
	else if (!status)
		status = run(&options);
	repeat_free(&options.repeat);
	return status;
}
