/* SPDX-License-Identifier: MIT */
/* The tick: when it counts, when it reaps. */
#include "unit/engine/engine_fixture.h"

static void grace_takes_two_ticks(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	begin(t);
	sweep_after(t, 0);
	assert_true(t->sum.counted);
	assert_int_equal(t->sum.orphans, 1);
	assert_int_equal(t->sum.condemned, 0);
	assert_int_equal(t->f->signals, 0);
	assert_non_null(fake_find(t->f, 200));
	sweep_after(t, INTERVAL);
	assert_int_equal(t->sum.exited, 1);
	assert_null(fake_find(t->f, 200));
	assert_int_equal(t->f->events[EVENT_ORPHANED], 2);
	assert_int_equal(t->f->outcomes[OUTCOME_EXITED], 1);
}

static void grace_of_one_reaps_on_first_sight(void **state)
{
	struct ctx *t = *state;

	t->options.settings.grace = 1;
	fake_agent(t->f, 200, 1, ID);
	begin(t);
	sweep_after(t, 0);
	assert_null(fake_find(t->f, 200));
}

static void counts_advance_after_half_an_interval_awake(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	begin(t);
	sweep_after(t, 0);
	sweep_after(t, INTERVAL / 2 - 1);
	assert_false(t->sum.counted);
	/* Asleep: CLOCK_BOOTTIME goes on, CLOCK_MONOTONIC does not. */
	t->f->boottime_ms += 10 * INTERVAL;
	sweep_after(t, 0);
	assert_false(t->sum.counted);
	assert_int_equal(t->f->signals, 0);
	sweep_after(t, 1);
	assert_true(t->sum.counted);
	assert_null(fake_find(t->f, 200));
}

static void early_tick_counts_nothing_new(void **state)
{
	struct ctx *t = *state;

	begin(t);
	sweep_after(t, 0);
	fake_agent(t->f, 200, 1, ID);
	sweep_after(t, 1000);
	assert_int_equal(look_at(t, 200).ticks, 0);
	sweep_after(t, INTERVAL);
	assert_int_equal(look_at(t, 200).ticks, 1);
}

static void looking_neither_counts_nor_reaps(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	begin(t);
	tick(t, 0);
	assert_int_equal(look_at(t, 200).ticks, 0);
	tick(t, TICK_COUNT);
	fake_pass(t->f, INTERVAL);
	tick(t, TICK_COUNT);
	fake_pass(t->f, INTERVAL);
	tick(t, TICK_COUNT);
	assert_int_equal(look_at(t, 200).ticks, 3);
	assert_true(look_at(t, 200).condemned);
	assert_int_equal(t->f->signals, 0);
}

static void incomplete_scan_reaps_and_forgets_nothing(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	begin(t);
	sweep_after(t, 0);
	t->f->blind = 1;
	sweep_after(t, INTERVAL);
	assert_false(t->sum.complete);
	assert_false(t->sum.counted);
	assert_int_equal(t->f->signals, 0);
	assert_true(engine_due_ms(t->eng) > 0);
	sweep_after(t, INTERVAL);
	/* The count of before was kept: this is the second tick. */
	assert_null(fake_find(t->f, 200));
}

static void dry_run_signals_none(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *stubborn;

	t->options.dry_run = true;
	fake_agent(t->f, 200, 1, ID);
	stubborn = fake_agent(t->f, 201, 1, ID);
	stubborn->ignores_term = true;
	begin(t);
	sweep_after(t, 0);
	sweep_after(t, INTERVAL);
	assert_int_equal(t->f->signals, 0);
	assert_int_equal(t->sum.would, 2);
	assert_int_equal(t->sum.exited + t->sum.killed, 0);
	assert_non_null(fake_find(t->f, 200));
	/* And again: nothing was forgotten as if it were gone. */
	sweep_after(t, INTERVAL);
	assert_int_equal(t->sum.would, 2);
}

static void without_pidfds_none_is_ended(void **state)
{
	struct ctx *t = *state;

	t->f->open_error = -ENOSYS;
	fake_agent(t->f, 200, 1, ID);
	begin(t);
	sweep_after(t, 0);
	fake_pass(t->f, INTERVAL);
	assert_int_equal(engine_tick(t->eng, TICK_COUNT | TICK_REAP, NULL, NULL), -ENOSYS);
	assert_int_equal(t->f->signals, 0);
}

/* A census of the old policy may be held by a face when another comes into force. */
static void a_policy_lives_while_a_census_of_it_does(void **state)
{
	struct ctx *t = *state;
	struct census *census;
	struct policy *next;

	fake_agent(t->f, 200, 1, "a");
	begin(t);
	assert_int_equal(t->policy.refs, 2);
	assert_int_equal(engine_tick(t->eng, TICK_FULL, &census, NULL), 0);
	assert_int_equal(t->policy.refs, 3);
	assert_int_equal(policy_new(&next), 0);
	assert_int_equal(engine_reconfigure(t->eng, next, &t->options.settings), 0);
	policy_unref(next);
	assert_int_equal(next->refs, 1);
	assert_int_equal(t->policy.refs, 2);
	assert_string_equal(census->instances[0].app->name, "sprout");
	census_unref(census);
	assert_int_equal(t->policy.refs, 1);
}

static void due_follows_the_last_count(void **state)
{
	struct ctx *t = *state;

	begin(t);
	assert_int_equal(engine_due_ms(t->eng), 0);
	sweep_after(t, 0);
	assert_int_equal(engine_due_ms(t->eng), INTERVAL);
	fake_pass(t->f, 45000);
	tick(t, 0);
	assert_int_equal(engine_due_ms(t->eng), 15000);
	fake_pass(t->f, 20000);
	assert_int_equal(engine_due_ms(t->eng), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(grace_takes_two_ticks),
		TEST(grace_of_one_reaps_on_first_sight),
		TEST(counts_advance_after_half_an_interval_awake),
		TEST(early_tick_counts_nothing_new),
		TEST(looking_neither_counts_nor_reaps),
		TEST(incomplete_scan_reaps_and_forgets_nothing),
		TEST(dry_run_signals_none),
		TEST(without_pidfds_none_is_ended),
		TEST(a_policy_lives_while_a_census_of_it_does),
		TEST(due_follows_the_last_count),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
