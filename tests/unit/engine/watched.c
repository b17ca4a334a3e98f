/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/watched.h"

/* A reaper with handles that end after so many waits, and the progress as it was told. */
struct world {
	struct reaper reaper;
	struct watched w;
	int waits, ends_at[2];
	int64_t last_ms;
	bool stop;
	struct reap_progress told[16];
	size_t nr_told;
};

static int do_signal(struct reaper *r, int handle, int signo)
{
	(void)r;
	(void)handle;
	(void)signo;
	return 0;
}

static int do_wait(struct reaper *r, const int *handles, size_t nr, int64_t timeout_ms, int stop_fd,
		   bool *ret_dead)
{
	struct world *world = (struct world *)r;
	int dead = 0;

	(void)handles;
	(void)stop_fd;
	world->waits++;
	world->last_ms = timeout_ms;
	for (size_t i = 0; i < nr; i++) {
		ret_dead[i] = world->ends_at[i] && world->waits >= world->ends_at[i];
		dead += ret_dead[i];
	}
	return world->stop ? -EINTR : dead;
}

static const struct reaper_ops ops = { .signal = do_signal, .wait = do_wait };

static void tell(void *ctx, const struct reap_progress *progress)
{
	struct world *world = ctx;

	assert_true(world->nr_told < 16);
	world->told[world->nr_told++] = *progress;
}

static void begin(struct world *world)
{
	*world = (struct world){ .reaper = { &ops } };
	watched_init(&world->w, &world->reaper, tell, world);
}

static int wait_ms(struct world *world, int64_t ms)
{
	struct reaper *r = &world->w.reaper;
	const int handles[2] = { 3, 4 };
	bool dead[2];

	return r->ops->wait(r, handles, 2, ms, -1, dead);
}

static void a_long_wait_is_told_in_steps(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	world.w.reaper.ops->signal(&world.w.reaper, 3, SIGTERM);
	world.ends_at[0] = 2;
	assert_int_equal(wait_ms(&world, 2500), 1);
	assert_int_equal(world.waits, 3);
	assert_int_equal(world.last_ms, 500); /* no longer than was asked for */
	assert_int_equal(world.nr_told, 3);
	assert_int_equal(world.told[0].ended, 0);
	assert_int_equal(world.told[0].kill_in_ms, 2500);
	assert_int_equal(world.told[2].ended, 1);
	assert_int_equal(world.told[2].kill_in_ms, 500);
	assert_false(world.told[2].killed);
}

static void it_ends_as_soon_as_all_have_ended(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	world.ends_at[0] = world.ends_at[1] = 1;
	assert_int_equal(wait_ms(&world, 5000), 2);
	assert_int_equal(world.waits, 1);
}

static void being_stopped_is_passed_on(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	world.stop = true;
	assert_int_equal(wait_ms(&world, 5000), -EINTR);
	assert_int_equal(world.waits, 1);
}

static void a_short_wait_is_not_told(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	assert_int_equal(wait_ms(&world, 0), 0);
	assert_int_equal(wait_ms(&world, 999), 0);
	assert_int_equal(world.nr_told, 0);
	assert_int_equal(world.last_ms, 999);
}

static void after_sigkill_it_says_so(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	world.w.reaper.ops->signal(&world.w.reaper, 3, SIGKILL);
	wait_ms(&world, 1000);
	assert_true(world.told[0].killed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_long_wait_is_told_in_steps),
		cmocka_unit_test(it_ends_as_soon_as_all_have_ended),
		cmocka_unit_test(being_stopped_is_passed_on),
		cmocka_unit_test(a_short_wait_is_not_told),
		cmocka_unit_test(after_sigkill_it_says_so),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
