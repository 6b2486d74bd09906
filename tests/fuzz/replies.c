// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A module that answers anything. The tool asks as it does in stat, explain, top,
 * compare and status, through its own netlink code, and writes what it has read;
 * the socket below it is this file.
 *
 * Input: the action, which requests are answered from the input (FROM_INPUT_*, the
 * others get good answers), two bytes of options, and a list as script.h has it.
 *
 * wraps: mnl_socket_open2 mnl_socket_bind mnl_socket_get_portid mnl_socket_setsockopt
 * wraps: mnl_socket_sendto mnl_socket_recvfrom mnl_socket_close
 * wraps: nanosleep clock_gettime ppoll fopen
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <poll.h>
#include <sanitizer/asan_interface.h>
#include <stdio.h>
#include <time.h>

#include "diagnosis.h"
#include "fuzz.h"
#include "kernel_counts.h"
#include "measure.h"
#include "meter.h"
#include "netlink.h"
#include "output/explain.h"
#include "output/json.h"
#include "output/stat.h"
#include "output/top.h"
#include "result.h"
#include "script.h"
#include "signals.h"

#define PORT		4711
#define DATAGRAM_SIZE	(48 * 1024)
#define NESTS_MAX	16
#define BUCKETS		24

/* ---- messages ---- */

/* What is left to read of a list. */
struct reader {
	const uint8_t	*at;
	size_t		 left;
};

static struct reader input;
static unsigned int	 from_input;	/* FROM_INPUT_* */

static struct script	 good;		/* answers that the input does not give */
static uint64_t		 readings;
static unsigned int	 magnitude;	/* of their counts: a power of two */

/* The request that is being answered. */
static struct request {
	struct nlmsghdr	 nlh;
	struct genlmsghdr genl;
	struct reader	 canned;
	struct reader	*reader;
} request;

static struct datagram {
	_Alignas(struct nlmsghdr) char bytes[DATAGRAM_SIZE];
	size_t	length;
	size_t	message;		/* where the last one begins */
	bool	open;			/* … and has not ended */
	size_t	attr;			/* where its last attribute begins; 0: none */
	size_t	nest[NESTS_MAX];
	size_t	nests;
} datagram;

static unsigned int take_byte(struct reader *reader)
{
	if (!reader->left)
		return 0;
	reader->left--;
	return *reader->at++;
}

static void take_bytes(struct reader *reader, void *bytes, size_t n)
{
	size_t there = n < reader->left ? n : reader->left;

	memset(bytes, 0, n);
	if (there)
		memcpy(bytes, reader->at, there);
	reader->at += there;
	reader->left -= there;
}

/* False if it does not fit. Room for the last message is always kept. */
static bool put(const void *bytes, size_t n)
{
	if (datagram.length + NLMSG_ALIGN(n) > sizeof(datagram.bytes) - 64)
		return false;
	memset(datagram.bytes + datagram.length, 0, NLMSG_ALIGN(n));
	if (n)
		memcpy(datagram.bytes + datagram.length, bytes, n);
	datagram.length += NLMSG_ALIGN(n);
	return true;
}

static void end_nest(void)
{
	size_t at = datagram.nest[--datagram.nests];
	struct nlattr *attr = (struct nlattr *)(datagram.bytes + at);

	attr->nla_len = (uint16_t)(datagram.length - at);
}

static void end_message(void)
{
	if (!datagram.open)
		return;
	while (datagram.nests)
		end_nest();
	((struct nlmsghdr *)(datagram.bytes + datagram.message))->nlmsg_len =
		(uint32_t)(datagram.length - datagram.message);
	datagram.open = false;
	datagram.attr = 0;
}

static void begin_message(uint16_t type, unsigned int flags, const void *payload, size_t n)
{
	struct nlmsghdr nlh = {
		.nlmsg_type = (uint16_t)(type + !!(flags & FLAG_OTHER_TYPE)),
		.nlmsg_flags = (uint16_t)(NLM_F_MULTI |
					  (flags & FLAG_INTERRUPTED ? NLM_F_DUMP_INTR : 0) |
					  (flags & FLAG_WORDS ? NLM_F_ACK_TLVS : 0) |
					  (flags & FLAG_CAPPED ? NLM_F_CAPPED : 0)),
		.nlmsg_seq = request.nlh.nlmsg_seq + !!(flags & FLAG_OTHER_SEQUENCE),
		.nlmsg_pid = PORT + !!(flags & FLAG_OTHER_PORT),
	};
	size_t at;

	end_message();
	at = datagram.length;
	if (!put(&nlh, sizeof(nlh)) || !put(payload, n)) {
		datagram.length = at;
		return;
	}
	datagram.message = at;
	datagram.open = true;
}

static void begin_answer(unsigned int flags)
{
	struct genlmsghdr genl = {
		.cmd = (uint8_t)(request.genl.cmd + !!(flags & FLAG_OTHER_COMMAND)),
		.version = SCHEDSPLIT_GENL_VERSION,
	};

	begin_message(request.nlh.nlmsg_type, flags, &genl, sizeof(genl));
}

/* With NLMSG_ERROR comes the request. */
static void begin_status(uint16_t type, unsigned int flags, int error)
{
	struct nlmsgerr both = { .error = error, .msg = request.nlh };

	begin_message(type, flags, &both, type == NLMSG_ERROR ? sizeof(both) : sizeof(error));
}

static void put_attr(unsigned int type, const void *payload, size_t n)
{
	struct nlattr attr = {
		.nla_type = (uint16_t)type, .nla_len = (uint16_t)(sizeof(attr) + n),
	};
	size_t at;

	if (!datagram.open)
		begin_answer(0);
	at = datagram.length;
	if (!datagram.open || !put(&attr, sizeof(attr)))
		return;
	if (!put(payload, n)) {
		datagram.length = at;
		return;
	}
	datagram.attr = at;
}

static void put_nest(unsigned int type)
{
	size_t at = datagram.length;

	if (datagram.nests == NESTS_MAX)
		return;
	put_attr(type | NLA_F_NESTED, NULL, 0);
	if (datagram.attr && datagram.attr >= at)
		datagram.nest[datagram.nests++] = datagram.attr;
}

static void change_length(int change)
{
	if (datagram.attr)
		((struct nlattr *)(datagram.bytes + datagram.attr))->nla_len += (uint16_t)change;
}

/* One of the list. Returns what it was. */
static enum op step(struct reader *reader)
{
	enum op op = take_byte(reader) % OPS;
	unsigned int type, flags, n;
	uint8_t bytes[256];

	switch (op) {
	case OP_U32:
	case OP_U64:
		type = take_byte(reader);
		take_bytes(reader, bytes, op == OP_U32 ? 4 : 8);
		put_attr(type, bytes, op == OP_U32 ? 4 : 8);
		break;
	case OP_TEXT:
	case OP_BYTES:
		type = take_byte(reader);
		n = take_byte(reader);
		take_bytes(reader, bytes, n);
		bytes[n] = '\0';
		put_attr(type, bytes, n + (op == OP_TEXT));
		break;
	case OP_NEST:
		put_nest(take_byte(reader));
		break;
	case OP_END:
		if (datagram.nests)
			end_nest();
		break;
	case OP_LENGTH:
		change_length((int8_t)take_byte(reader));
		break;
	case OP_ANSWER:
		begin_answer(take_byte(reader));
		break;
	case OP_ERROR:
	case OP_DONE:
		flags = take_byte(reader);
		take_bytes(reader, bytes, sizeof(int));
		memcpy(&n, bytes, sizeof(n));
		begin_status(op == OP_ERROR ? NLMSG_ERROR : NLMSG_DONE, flags, (int)n);
		break;
	case OP_OVERRUN:
		begin_message(NLMSG_OVERRUN, 0, NULL, 0);
		break;
	default:
		break;
	}
	return op;
}

/* ---- the socket ---- */

static void make_good_answer(void)
{
	uint64_t n = ++readings << magnitude;

	good.n = 0;
	if (request.nlh.nlmsg_type == GENL_ID_CTRL) {
		script_family(&good);
		return;
	}
	switch (request.genl.cmd) {
	case SCHEDSPLIT_CMD_INFO_GET:
		script_info(&good, n, BUCKETS);
		break;
	case SCHEDSPLIT_CMD_CPU_GET:
		script_cpus(&good, n, 1);
		break;
	case SCHEDSPLIT_CMD_WATCH_NEW:
		script_watch(&good);
		break;
	case SCHEDSPLIT_CMD_WATCH_GET:
		script_state(&good, n);
		break;
	case SCHEDSPLIT_CMD_GROUP_GET:
		script_groups(&good, n);
		break;
	case SCHEDSPLIT_CMD_TASK_GET:
		script_tasks(&good, n);
		break;
	}
}

static unsigned int source_of_request(void)
{
	static const uint8_t sources[SCHEDSPLIT_CMD_MAX + 1] = {
		[SCHEDSPLIT_CMD_INFO_GET] = FROM_INPUT_INFO,
		[SCHEDSPLIT_CMD_CPU_GET] = FROM_INPUT_CPUS,
		[SCHEDSPLIT_CMD_WATCH_NEW] = FROM_INPUT_WATCH,
		[SCHEDSPLIT_CMD_WATCH_GET] = FROM_INPUT_STATE,
		[SCHEDSPLIT_CMD_GROUP_GET] = FROM_INPUT_GROUPS,
		[SCHEDSPLIT_CMD_TASK_GET] = FROM_INPUT_TASKS,
	};
	unsigned int source;

	if (request.nlh.nlmsg_type == GENL_ID_CTRL)
		return FROM_INPUT_FAMILY;
	CHECK(request.genl.cmd < COUNT(sources));
	source = sources[request.genl.cmd];
	return source ? source : FROM_INPUT_OTHERS;
}

struct mnl_socket *__wrap_mnl_socket_open2(int bus, int flags);
int __wrap_mnl_socket_bind(struct mnl_socket *nl, unsigned int groups, pid_t pid);
unsigned int __wrap_mnl_socket_get_portid(const struct mnl_socket *nl);
int __wrap_mnl_socket_setsockopt(const struct mnl_socket *nl, int type, void *buf, socklen_t len);
int __wrap_mnl_socket_close(struct mnl_socket *nl);
ssize_t __wrap_mnl_socket_sendto(const struct mnl_socket *nl, const void *buf, size_t len);
ssize_t __wrap_mnl_socket_recvfrom(const struct mnl_socket *nl, void *buf, size_t bufsiz);

struct mnl_socket *__wrap_mnl_socket_open2(int bus, int flags)
{
	(void)bus;
	(void)flags;
	return (struct mnl_socket *)&datagram;
}

int __wrap_mnl_socket_bind(struct mnl_socket *nl, unsigned int groups, pid_t pid)
{
	(void)nl;
	(void)groups;
	(void)pid;
	return 0;
}

unsigned int __wrap_mnl_socket_get_portid(const struct mnl_socket *nl)
{
	(void)nl;
	return PORT;
}

int __wrap_mnl_socket_setsockopt(const struct mnl_socket *nl, int type, void *buf, socklen_t len)
{
	(void)nl;
	(void)type;
	(void)buf;
	(void)len;
	return 0;
}

int __wrap_mnl_socket_close(struct mnl_socket *nl)
{
	(void)nl;
	return 0;
}

ssize_t __wrap_mnl_socket_sendto(const struct mnl_socket *nl, const void *buf, size_t len)
{
	const struct nlmsghdr *nlh = buf;

	(void)nl;
	CHECK(len == nlh->nlmsg_len && len >= sizeof(*nlh) + sizeof(struct genlmsghdr));
	request.nlh = *nlh;
	memcpy(&request.genl, mnl_nlmsg_get_payload(nlh), sizeof(request.genl));
	if (input.left && from_input & source_of_request()) {
		request.reader = &input;
		return (ssize_t)len;
	}
	make_good_answer();
	request.canned = (struct reader){ good.bytes, good.n };
	request.reader = &request.canned;
	return (ssize_t)len;
}

ssize_t __wrap_mnl_socket_recvfrom(const struct mnl_socket *nl, void *buf, size_t bufsiz)
{
	bool is_dump = request.nlh.nlmsg_flags & NLM_F_DUMP, part = false;

	(void)nl;
	datagram.length = 0;
	ASAN_UNPOISON_MEMORY_REGION(buf, bufsiz);
	while (request.reader->left) {
		enum op op = step(request.reader);

		part = op == OP_PART;
		if (part || op == OP_SEND)
			break;
	}
	end_message();
	if (!part) {
		begin_status(is_dump ? NLMSG_DONE : NLMSG_ERROR, 0, 0);
		end_message();
	}
	CHECK(datagram.length <= bufsiz);
	memcpy(buf, datagram.bytes, datagram.length);
	/* What is left there of earlier messages is not to be read. */
	ASAN_POISON_MEMORY_REGION((char *)buf + datagram.length, bufsiz - datagram.length);
	return (ssize_t)datagram.length;
}

/* ---- time, which passes when it is asked for; and /proc/stat ---- */

static int64_t time_ns;

int __wrap_nanosleep(const struct timespec *wanted, struct timespec *left);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ts);
int __wrap_ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
		 const sigset_t *mask);
FILE *__wrap_fopen(const char *path, const char *mode);
FILE *__real_fopen(const char *path, const char *mode);

int __wrap_nanosleep(const struct timespec *wanted, struct timespec *left)
{
	(void)wanted;
	(void)left;
	return 0;
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *ts)
{
	(void)clock;
	time_ns += 1000000;
	ts->tv_sec = (time_t)(time_ns / 1000000000);
	ts->tv_nsec = (long)(time_ns % 1000000000);
	return 0;
}

/* Where the module says that the start is yet to come, it would take a while. */
int __wrap_ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
		 const sigset_t *mask)
{
	(void)fds;
	(void)n;
	(void)mask;
	CHECK(!timeout || (timeout->tv_nsec >= 0 && timeout->tv_nsec < 1000000000));
	time_ns += 500000000;
	if (time_ns < 5000000000)
		return 0;
	errno = EIO;
	return -1;
}

/* The fuzzer itself opens files too. */
FILE *__wrap_fopen(const char *path, const char *mode)
{
	static char stat[] = "cpu  1 2 3\nctxt 1234\n";

	if (!strcmp(path, "/proc/stat"))
		return fmemopen(stat, sizeof(stat) - 1, "r");
	return __real_fopen(path, mode);
}

/* ---- what the tool does ---- */

static FILE *sink;
static char err[512];

/* Names of tasks and the kernel's words must not command a terminal. */
static void check_text(char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		CHECK((unsigned char)text[i] >= ' ' || text[i] == '\n');
	free(text);
}

static void check_json(json_t *json)
{
	CHECK(json);
	CHECK(!json_write(sink, json));
	json_decref(json);
}

static void do_status(struct session *session)
{
	static const uint64_t hist[INFO_BUCKETS_MAX] = {
		1, 2, [20] = 5, [INFO_BUCKETS_MAX - 1] = 1,
	};
	static const struct costs costs = { .count[3][4][1] = 7, .hist[1] = { 3, 4 } };
	static struct info info;

	if (info_get(session, &info, err, sizeof(err)))
		return;
	CHECK(info.buckets <= INFO_BUCKETS_MAX && info.hooks <= INFO_HOOKS_MAX);
	info_median(&info, hist);
	costs_quantile(&costs, COST_SAME, 0.9, &info);
}

static void set_options(struct stat_options *options, unsigned int bits)
{
	static pid_t pid = 100;

	memset(options, 0, sizeof(*options));
	options->repeat = 1;
	options->pid[0] = pid;
	options->pids = 1;
	options->duration_ns = 1000000;
	options->interval_ns = bits & 1 ? 10000000 : 0;
	options->per_cpu = bits & 2;
	options->per_task = bits & 4;
	options->per_group = bits & 8;
	options->hist = bits & 16;
	options->handoff = bits & 32;
	options->cost = bits & 64;
	options->migrations = bits & 128;
	options->life = bits & 256;
	options->signals = bits & 512;
}

static void write_stat(const struct result *result, const struct stat_options *options)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	CHECK(stream);
	stat_text(stream, result, options, false);
	stat_csv(stream, result, options);
	fclose(stream);
	check_text(text, size);
	check_json(stat_json(result, options, json_object(), "1"));
}

static void write_explanation(const struct result *result, const struct stat_options *options)
{
	struct diagnoses diagnoses;
	char *text = NULL;
	size_t size = 0;
	FILE *stream;

	if (diagnose(result, 2, &diagnoses))
		return;
	stream = open_memstream(&text, &size);
	CHECK(stream);
	explain_text(stream, result, &diagnoses, TIMING_HARDWARE, false);
	fclose(stream);
	check_text(text, size);
	check_json(explain_json(&diagnoses, stat_json(result, options, json_object(), "1"), "1"));
}

static bool on_interval(const struct interval *interval, void *data)
{
	(void)data;
	stat_text_interval(sink, interval, true);
	return true;
}

static void do_stat(struct session *session, enum action action, unsigned int bits)
{
	static struct result result, run;
	static struct stat_options options;
	struct signals signals = { .fd = -1 };
	struct measure measure = {
		.options = &options, .session = session, .signals = &signals,
		.on_interval = on_interval,
	};
	unsigned int runs = bits & 1024 ? 2 : 1;

	set_options(&options, action == ACTION_EXPLAIN ? bits | 0xbc : bits);
	options.scope = action == ACTION_STAT_SYSTEM ? SCOPE_SYSTEM :
			bits & 2048 ? SCOPE_TID : SCOPE_PID;
	result_init(&result, &options);
	if (options.cost && costs_attach(session, err, sizeof(err)))
		return;
	for (unsigned int i = 0; i < runs; i++) {
		if (measure_run(&measure, &run, err, sizeof(err)) || result_append(&result, &run))
			break;
	}
	if (result.runs) {
		result_is_proved(&result);
		write_stat(&result, &options);
		if (action == ACTION_EXPLAIN)
			write_explanation(&result, &options);
	}
	result_free(&result);
}

static void do_top(struct session *session, unsigned int bits)
{
	struct view view = { .tasks = bits & 1, .all = bits & 2, .reverse = bits & 4,
			     .sort = (bits >> 4) % COLUMNS, .filter = "p" };
	pid_t pid = 100;
	struct meter meter;
	struct rates rates;

	if (bits & 8)
		view.filter[0] = '\0';
	if (meter_start(&meter, session, &pid, bits & 512 ? 1 : 0, err, sizeof(err)))
		return;
	for (unsigned long i = 1; i < 4 && !meter_next(&meter, &rates, err, sizeof(err)); i++) {
		char *text = NULL;
		size_t size = 0;
		FILE *stream = open_memstream(&text, &size);

		CHECK(stream);
		CHECK(!top_text(stream, &rates, &view));
		fclose(stream);
		check_text(text, size);
		check_json(top_json(&rates, &view, i, "1"));
		rates_free(&rates);
	}
	meter_end(&meter);
}

static void do_compare(unsigned int bits)
{
	static struct tally tally, sum;
	struct kernel_counts *kernel = kernel_counts_open(err, sizeof(err));
	unsigned int also = bits & (KERNEL_COSTS | KERNEL_SIGNALS | KERNEL_GROUPS);

	if (!kernel)
		return;
	memset(&sum, 0, sizeof(sum));
	if (!kernel_counts_has_costs(kernel))
		also &= ~(unsigned int)KERNEL_COSTS;
	for (int i = 0; i < 2; i++) {
		if (kernel_counts_watch(kernel, 100, also, err, sizeof(err)) ||
		    kernel_counts_begin(kernel, err, sizeof(err)) ||
		    kernel_counts_end(kernel, err, sizeof(err))) {
			kernel_counts_finish(kernel, NULL, err, sizeof(err));
			break;
		}
		if (kernel_counts_finish(kernel, &tally, err, sizeof(err)))
			break;
		tally_add(&sum, &tally);
		tally_total(&sum, TALLY_VOLUNTARY);
		tally_mean_running(&sum);
		tally_shared_core(&sum);
		check_json(tally_json(&sum));
	}
	kernel_counts_close(kernel);
}

/* One message by itself, which is much faster: among others, what says that a task died. */
static void do_message(unsigned int which)
{
	static struct info info;
	struct task_record task;
	struct group_record group;
	struct watch_state state;
	struct snapshot snapshot;
	struct nlmsghdr *nlh;

	request.nlh = (struct nlmsghdr){ .nlmsg_type = 0x20 };
	request.genl = (struct genlmsghdr){ .cmd = SCHEDSPLIT_CMD_EXIT_NTF };
	while (input.left && step(&input) != OP_SEND)
		;
	end_message();
	if (!datagram.length)
		return;
	nlh = (struct nlmsghdr *)datagram.bytes;
	/* Of its own, so that a byte read beyond its end is seen. */
	nlh = memcpy(malloc(nlh->nlmsg_len), nlh, nlh->nlmsg_len);
	switch (which % 5) {
	case 0:
		if (!task_parse(&task, nlh, err, sizeof(err)))
			task_matches(&task);
		break;
	case 1:
		if (!group_parse(&group, nlh, err, sizeof(err)))
			group_free(&group);
		break;
	case 2:
		if (!watch_state_parse(&state, nlh, err, sizeof(err)))
			watch_state_free(&state);
		break;
	case 3:
		info_parse(&info, nlh, err, sizeof(err));
		break;
	default:
		snapshot_init(&snapshot);
		snapshot_parse(&snapshot, nlh, err, sizeof(err));
		snapshot_free(&snapshot);
		break;
	}
	free(nlh);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct session *session = NULL;
	enum action action;
	unsigned int bits;

	if (!sink)
		sink = __real_fopen("/dev/null", "w");
	input = (struct reader){ data, size };
	action = take_byte(&input) % ACTIONS;
	from_input = take_byte(&input);
	bits = take_byte(&input);
	bits |= take_byte(&input) << 8;
	magnitude = bits >> 12 << 2;
	time_ns = 1000000000;
	readings = 0;
	datagram.length = datagram.nests = datagram.attr = 0;
	datagram.open = false;
	err[0] = '\0';
	if (action == ACTION_MESSAGE) {
		do_message(bits);
		return 0;
	}
	if (action == ACTION_COMPARE) {
		do_compare(bits);
		return 0;
	}
	if (session_open(&session, err, sizeof(err)))
		return 0;
	if (action == ACTION_STATUS)
		do_status(session);
	else if (action == ACTION_TOP)
		do_top(session, bits);
	else
		do_stat(session, action, bits);
	session_close(session);
	return 0;
}
