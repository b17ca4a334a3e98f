/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/array.h"
#include "service/service.h"

/*
 * The loop alone: these four stand in for the engine. Each test says what the
 * n-th tick does, mostly which signal comes in while it runs.
 */
enum { MAX_TICKS = 8 };

struct engine {
	struct {
		int raises[2]; /* signals that come in during it, 0: none */
		int result;
		bool drains; /* takes note of the desktop that has ended */
	} script[MAX_TICKS];
	unsigned flags[MAX_TICKS];
	size_t nr;
	int watch_fd;
	int64_t due_ms;
};

static struct census picture = { .refs = 1000 };

int engine_tick(struct engine *eng, unsigned flags, struct census **ret_census,
		struct tick_summary *ret_summary)
{
	size_t i = eng->nr++;
	uint64_t value;

	if (i >= MAX_TICKS)
		fail_msg("ticks without end");
	eng->flags[i] = flags;
	for (size_t k = 0; k < 2; k++)
		if (eng->script[i].raises[k])
			raise(eng->script[i].raises[k]);
	if (eng->script[i].drains)
		assert_int_equal(read(eng->watch_fd, &value, sizeof(value)), sizeof(value));
	if (eng->script[i].result == 0) {
		*ret_census = census_ref(&picture);
		*ret_summary = (struct tick_summary){ .complete = true };
	}
	return eng->script[i].result;
}

int64_t engine_due_ms(struct engine *eng)
{
	return eng->due_ms;
}

int engine_watch_fd(struct engine *eng)
{
	return eng->watch_fd;
}

struct seen {
	size_t ticked, reloads, stops;
	int status; /* what ticked() returns */
	int64_t interval;
};

static int on_tick(void *ctx, const struct census *census)
{
	struct seen *seen = ctx;

	assert_ptr_equal(census, &picture);
	seen->ticked++;
	return seen->status;
}

static int64_t on_reload(void *ctx)
{
	struct seen *seen = ctx;

	seen->reloads++;
	return seen->interval;
}

static void on_event(void *ctx, const struct event *event)
{
	struct seen *seen = ctx;

	assert_int_equal(event->kind, EVENT_STOP);
	assert_non_null(event->text);
	assert_non_null(event->reason);
	seen->stops++;
}

static int run(struct engine *eng, struct seen *seen)
{
	struct service_options o = {
		.sweep = eng,
		.interval_ms = 3600000,
		.ticked = on_tick,
		.reload = on_reload,
		.notify = on_event,
		.ctx = seen,
	};

	return service_run(&o);
}

enum { COUNTED = TICK_COUNT | TICK_REAP };

static void test_stopped_before(void **state)
{
	struct engine eng = { .watch_fd = -1 };
	struct seen seen = { 0 };

	(void)state;
	raise(SIGTERM);
	assert_int_equal(run(&eng, &seen), 0);
	assert_int_equal(eng.nr, 0);
	assert_int_equal(seen.stops, 1);
}

static void test_signals(void **state)
{
	struct engine eng = {
		.script = { { .raises = { SIGUSR1 } }, { .raises = { SIGINT } } },
		.watch_fd = -1,
	};
	struct seen seen = { 0 };

	(void)state;
	assert_int_equal(run(&eng, &seen), 0);
	assert_int_equal(eng.nr, 2);
	assert_int_equal(eng.flags[0], COUNTED | TICK_FULL);
	assert_int_equal(eng.flags[1], COUNTED);
	assert_int_equal(seen.ticked, 2);
	assert_int_equal(seen.stops, 1);
}

/* TERM beside another signal: the tick that runs is the last. */
static void test_stop_wins(void **state)
{
	struct engine eng = { .script = { { .raises = { SIGTERM, SIGINT } } }, .watch_fd = -1 };
	struct seen seen = { 0 };

	(void)state;
	assert_int_equal(run(&eng, &seen), 0);
	assert_int_equal(eng.nr, 1);
	assert_int_equal(seen.stops, 1);
}

static void test_reload(void **state)
{
	struct engine eng = {
		.script = { { .raises = { SIGHUP } }, { .raises = { SIGTERM } } },
		.watch_fd = -1,
	};
	struct seen seen = { .interval = 5000 };

	(void)state;
	assert_int_equal(run(&eng, &seen), 0);
	assert_int_equal(seen.reloads, 1);
	assert_int_equal(eng.nr, 2);
	/* It looks with the new profiles, but a reload is no tick. */
	assert_int_equal(eng.flags[1], TICK_FULL);
}

static void test_bad_reload(void **state)
{
	struct engine eng = {
		.script = { { .raises = { SIGHUP } },
			    { .raises = { SIGHUP } },
			    { .raises = { SIGTERM } } },
		.watch_fd = -1,
	};
	struct seen seen = { .interval = -EINVAL };

	(void)state;
	assert_int_equal(run(&eng, &seen), 0);
	assert_int_equal(seen.reloads, 2);
	assert_int_equal(eng.nr, 3);
}

static void test_timer(void **state)
{
	struct engine eng = {
		.script = { { .result = 0 }, { .result = 0 }, { .raises = { SIGTERM } } },
		.watch_fd = -1,
		.due_ms = 1,
	};
	struct seen seen = { 0 };

	(void)state;
	assert_int_equal(run(&eng, &seen), 0);
	assert_int_equal(eng.nr, 3);
	assert_int_equal(eng.flags[1], COUNTED);
	assert_int_equal(eng.flags[2], COUNTED);
}

static void test_desktop_ends(void **state)
{
	struct engine eng = {
		.script = { { .result = 0 }, { .drains = true, .raises = { SIGTERM } } },
		.watch_fd = eventfd(1, EFD_CLOEXEC),
	};
	struct seen seen = { 0 };

	(void)state;
	assert_int_equal(run(&eng, &seen), 0);
	assert_int_equal(eng.nr, 2);
	assert_int_equal(eng.flags[1], 0); /* only looks */
	close(eng.watch_fd);
}

/* A scan that cannot take note of a desktop's end is not repeated without pause. */
static void test_no_spinning(void **state)
{
	struct engine eng = {
		.script = { { .result = 0 }, { .result = 0 }, { .raises = { SIGTERM } } },
		.watch_fd = eventfd(1, EFD_CLOEXEC),
		.due_ms = 50,
	};
	struct seen seen = { 0 };

	(void)state;
	assert_int_equal(run(&eng, &seen), 0);
	assert_int_equal(eng.nr, 3);
	assert_int_equal(eng.flags[1], 0);
	assert_int_equal(eng.flags[2], COUNTED); /* the timer's */
	close(eng.watch_fd);
}

static void test_errors(void **state)
{
	static const struct {
		int result, want;
		size_t ticks;
	} rows[] = {
		{ -ENOMEM, -ENOMEM, 1 },
		{ -ESTALE, -ESTALE, 1 },
		{ -EROFS, 0, 2 }, /* a ledger that cannot be written may be so again */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct engine eng = {
			.script = { { .result = rows[i].result }, { .raises = { SIGTERM } } },
			.watch_fd = -1,
			.due_ms = 1,
		};
		struct seen seen = { 0 };

		assert_int_equal(run(&eng, &seen), rows[i].want);
		assert_int_equal(eng.nr, rows[i].ticks);
	}
}

static void test_face_ends_it(void **state)
{
	struct engine eng = { .watch_fd = -1 };
	struct seen seen = { .status = 3 };

	(void)state;
	assert_int_equal(run(&eng, &seen), 3);
	assert_int_equal(eng.nr, 1);
	assert_int_equal(seen.stops, 0);
}

static int set_up(void **state)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1 };
	sigset_t set;

	(void)state;
	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaddset(&set, signals[i]);
	unsetenv("NOTIFY_SOCKET");
	return sigprocmask(SIG_BLOCK, &set, NULL);
}

/* What a test did not take must not reach the next one. */
static int drain(void **state)
{
	struct timespec now = { 0 };
	sigset_t set;

	(void)state;
	sigprocmask(SIG_BLOCK, NULL, &set);
	while (sigtimedwait(&set, NULL, &now) > 0)
		;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_stopped_before, drain),
		cmocka_unit_test_teardown(test_signals, drain),
		cmocka_unit_test_teardown(test_stop_wins, drain),
		cmocka_unit_test_teardown(test_reload, drain),
		cmocka_unit_test_teardown(test_bad_reload, drain),
		cmocka_unit_test_teardown(test_timer, drain),
		cmocka_unit_test_teardown(test_desktop_ends, drain),
		cmocka_unit_test_teardown(test_no_spinning, drain),
		cmocka_unit_test_teardown(test_errors, drain),
		cmocka_unit_test_teardown(test_face_ends_it, drain),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, NULL);
}
