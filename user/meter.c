// SPDX-License-Identifier: GPL-2.0-or-later
/* A meter: a watch that is read again and again. */
#include <errno.h>
#include <string.h>

#include "error.h"
#include "meter.h"
#include "watch.h"

/* Reading so many records takes some ten milliseconds. */
#define DEAD_MAX	8192

static int read_origin(struct meter *meter, char *err, size_t size)
{
	struct watch_state state;
	int ret;

	ret = watch_get(meter->session, meter->watch, &state, err, size);
	if (ret)
		return ret;
	meter->origin_ns = state.time_ns - state.duration_ns;
	watch_state_free(&state);
	return 0;
}

int meter_start(struct meter *meter, struct session *session, const pid_t *pids, size_t n_pids,
		char *err, size_t size)
{
	struct watch_spec spec = {
		.kind = n_pids ? SCHEDSPLIT_KIND_GROUP : SCHEDSPLIT_KIND_ALL,
		.pids = pids, .n_pids = n_pids,
	};
	int ret;

	memset(meter, 0, sizeof(*meter));
	meter->session = session;
	meter->renews = !n_pids;
	ret = watch_new(session, &spec, &meter->watch, err, size);
	return ret ? ret : read_origin(meter, err, size);
}

static bool has_too_many_dead(const struct reading *reading)
{
	size_t alive = tasks_alive(&reading->tasks), dead = reading->tasks.n - alive;

	return dead > DEAD_MAX && dead > alive;
}

/*
 * The new one begins before the old one is stopped, so that nothing is in
 * neither. If there is no room for it, the old one goes on.
 */
static uint32_t renew(struct meter *meter)
{
	static const struct watch_spec spec = { .kind = SCHEDSPLIT_KIND_ALL };
	char ignored[ERROR_SIZE];
	uint32_t watch;

	if (watch_new(meter->session, &spec, &watch, ignored, sizeof(ignored)))
		return 0;
	watch_stop(meter->session, meter->watch, ignored, sizeof(ignored));
	return watch;
}

int meter_next(struct meter *meter, struct rates *rates, char *err, size_t size)
{
	uint32_t next = 0;
	struct reading reading;
	char ignored[ERROR_SIZE];
	int ret;

	if (meter->renews && has_too_many_dead(&meter->last))
		next = renew(meter);
	ret = reading_take(meter->session, meter->watch, &reading, err, size);
	if (ret)
		return ret;
	/* Derived from two clocks, it differs a little each time that it is read. */
	if (!meter->renewed)
		reading.start_ns = meter->origin_ns;
	ret = rates_between(rates, &meter->last, &reading);
	reading_free(&meter->last);
	meter->last = reading;
	if (ret)
		return error_set(ret, err, size, "out of memory");
	rates->start_ns -= meter->origin_ns;
	rates->end_ns -= meter->origin_ns;
	if (next) {
		watch_del(meter->session, meter->watch, ignored, sizeof(ignored));
		meter->watch = next;
		meter->renewed = true;
		reading_free(&meter->last);
	}
	return 0;
}

void meter_end(struct meter *meter)
{
	reading_free(&meter->last);
}
