// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What worker programs and their companions say. Input: an even byte for a worker
 * program, an odd one for a companion, then all that it writes.
 *
 * wraps: disturbance_read
 */
#include <fcntl.h>
#include <math.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "worker.h"

void __wrap_disturbance_read(struct disturbance *disturbance, const int *cpus, size_t n_cpus);

/* files.c reads those. */
void __wrap_disturbance_read(struct disturbance *disturbance, const int *cpus, size_t n_cpus)
{
	(void)cpus;
	(void)n_cpus;
	memset(disturbance, 0, sizeof(*disturbance));
}

static void check_name(const char name[WORKER_NAME_SIZE])
{
	CHECK(memchr(name, '\0', WORKER_NAME_SIZE));
}

static void check(const struct worker_result *result)
{
	json_t *json;

	CHECK(memchr(result->reason, '\0', sizeof(result->reason)));
	/* A reason goes to the terminal and into JSON. */
	for (const char *c = result->reason; *c; c++)
		CHECK((unsigned char)*c >= ' ');
	json = json_string(result->reason);
	CHECK(json);
	json_decref(json);
	CHECK((result->outcome == WORKER_WORKED) == !*result->reason);
	CHECK(result->metrics <= WORKER_METRICS_MAX && result->counts <= WORKER_COUNTS_MAX);
	for (size_t i = 0; i < result->metrics; i++) {
		check_name(result->metric[i].name);
		CHECK(result->metric[i].denominator >= 0);
		CHECK(worker_metric(result, result->metric[i].name));
	}
	for (size_t i = 0; i < result->counts; i++) {
		check_name(result->count[i].name);
		json = json_pack("{s:i}", result->count[i].name, 1);
		CHECK(json);
		json_decref(json);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct worker_command command = { .timeout_s = 1 };
	static struct worker_result result;
	static struct tally sum;
	static int report = -1, control = -1;
	json_t *json;

	if (!size)
		return 0;
	if (report < 0) {
		report = memfd_create("report", MFD_CLOEXEC);
		control = open("/dev/null", O_WRONLY | O_CLOEXEC);
		CHECK(report >= 0 && control >= 0);
	}
	CHECK(!ftruncate(report, 0) && !lseek(report, 0, SEEK_SET));
	CHECK(write(report, data + 1, size - 1) == (ssize_t)size - 1);
	CHECK(!lseek(report, 0, SEEK_SET));
	worker_hear(&command, report, control, data[0] & 1, &result);
	check(&result);
	memset(&sum, 0, sizeof(sum));
	tally_add(&sum, &result.tally);
	tally_add(&sum, &result.tally);
	tally_total(&sum, TALLY_RUN_NS);
	json = tally_json(&sum);
	CHECK(json);
	json_decref(json);
	return 0;
}
