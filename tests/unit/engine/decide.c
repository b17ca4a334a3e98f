/* SPDX-License-Identifier: MIT */
/* What a sweep condemns, and what keeps it from that. */
#include "unit/engine/engine_fixture.h"

static void inferred_go_with_their_source(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	begin(t);
	sweep_after(t, 0);
	/* A child with a scrubbed environment, born after the first tick. */
	fake_add(t->f, 201, 200, "helper");
	fake_pass(t->f, INTERVAL);
	tick(t, TICK_COUNT);
	assert_int_equal(look_at(t, 201).ticks, 2);
	sweep_after(t, INTERVAL);
	assert_null(fake_find(t->f, 200));
	assert_null(fake_find(t->f, 201));
}

static void inferred_stay_with_their_source(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID)->window = true;
	fake_add(t->f, 201, 200, "helper");
	begin(t);
	for (int i = 0; i < 4; i++)
		sweep_after(t, INTERVAL);
	assert_int_equal(t->f->signals, 0);
	assert_false(look_at(t, 201).condemned);
}

static void marked_child_needs_its_own_ticks(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	begin(t);
	sweep_after(t, 0);
	fake_agent(t->f, 201, 200, ID);
	sweep_after(t, INTERVAL);
	assert_null(fake_find(t->f, 200));
	assert_non_null(fake_find(t->f, 201));
	sweep_after(t, INTERVAL);
	assert_null(fake_find(t->f, 201));
}

static void listeners_are_spared_for_a_while(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *child;

	t->options.settings.spare_listeners_ms = 10 * INTERVAL;
	fake_agent(t->f, 200, 1, ID);
	child = fake_agent(t->f, 201, 200, ID);
	child->sid = child->pgid = 200;
	child->port = 8080;
	fake_agent(t->f, 202, 1, ID);
	begin(t);
	sweep_after(t, 0);
	sweep_after(t, INTERVAL);
	/* The whole session stays, the one beside it goes. */
	assert_non_null(fake_find(t->f, 200));
	assert_non_null(fake_find(t->f, 201));
	assert_null(fake_find(t->f, 202));
	assert_int_equal(t->f->outcomes[OUTCOME_SURVIVED], 0);
	for (int i = 0; i < 8; i++)
		sweep_after(t, INTERVAL);
	assert_non_null(fake_find(t->f, 201));
	sweep_after(t, INTERVAL);
	assert_null(fake_find(t->f, 200));
	assert_null(fake_find(t->f, 201));
}

static bool is_due(struct ctx *t, pid_t pid)
{
	struct census *c = NULL;
	bool due;

	assert_int_equal(engine_tick(t->eng, TICK_AHEAD, &c, &t->sum), 0);
	assert_non_null(census_find_member(c, pid));
	due = census_find_member(c, pid)->due;
	census_unref(c);
	return due;
}

static void the_next_tick_can_be_foreseen(void **state)
{
	struct ctx *t = *state;

	t->options.settings.spare_listeners_ms = 10 * INTERVAL;
	fake_agent(t->f, 200, 1, ID);
	fake_agent(t->f, 201, 1, ID)->port = 8080;
	fake_agent(t->f, 202, 1, ID)->window = true;
	begin(t);
	assert_false(is_due(t, 200)); /* the next tick is its first one */
	sweep_after(t, 0);
	fake_agent(t->f, 203, 1, ID);
	assert_true(is_due(t, 200));
	assert_false(look_at(t, 200).condemned);
	assert_false(is_due(t, 201));
	assert_false(is_due(t, 202));
	assert_false(is_due(t, 203));
	sweep_after(t, INTERVAL);
	assert_null(fake_find(t->f, 200));
	assert_non_null(fake_find(t->f, 201));
	assert_non_null(fake_find(t->f, 202));
	assert_non_null(fake_find(t->f, 203));
}

static void instance_with_launcher_is_not_due(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	fake_agent(t->f, 201, 1, "other");
	fake_arg(fake_add(t->f, 400, 1, "just"), ID);
	begin(t);
	sweep_after(t, 0);
	assert_false(is_due(t, 200));
	assert_true(is_due(t, 201));
	sweep_after(t, INTERVAL);
	assert_non_null(fake_find(t->f, 200));
	assert_null(fake_find(t->f, 201));
}

static void with_a_grace_of_one_every_orphan_is_due(void **state)
{
	struct ctx *t = *state;

	t->options.settings.grace = 1;
	fake_agent(t->f, 200, 1, ID);
	begin(t);
	assert_true(is_due(t, 200));
	assert_false(look_at(t, 200).condemned);
	sweep_after(t, 0);
	assert_null(fake_find(t->f, 200));
}

static void listeners_are_not_spared_at_zero(void **state)
{
	struct ctx *t = *state;

	t->options.settings.spare_listeners_ms = 0;
	fake_agent(t->f, 200, 1, ID)->port = 8080;
	begin(t);
	sweep_after(t, 0);
	sweep_after(t, INTERVAL);
	assert_null(fake_find(t->f, 200));
}

static void listeners_in_a_persons_session_spare_themselves_alone(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p;

	/* Their session is led by the shell, which no instance manages. */
	t->options.settings.spare_listeners_ms = 100 * INTERVAL;
	p = fake_agent(t->f, 200, 1, ID);
	p->sid = FAKE_SHELL;
	p->port = 8080;
	p = fake_agent(t->f, 201, 1, ID);
	p->sid = FAKE_SHELL;
	begin(t);
	sweep_after(t, 0);
	sweep_after(t, INTERVAL);
	assert_non_null(fake_find(t->f, 200));
	assert_null(fake_find(t->f, 201));
}

static void fork_a_window(struct fake *f)
{
	struct fake_proc *p = fake_find(f, 200);

	if (p && p->got[SIGTERM] && !fake_find(f, 201))
		fake_agent(f, 201, 200, ID)->window = true;
}

static void windows_opened_while_reaping_are_spared(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	p->ignores_term = true;
	begin(t);
	sweep_after(t, 0);
	t->f->on_scan = fork_a_window;
	sweep_after(t, INTERVAL);
	assert_null(fake_find(t->f, 200));
	assert_non_null(fake_find(t->f, 201));
	assert_int_equal(fake_find(t->f, 201)->got[SIGKILL], 0);
	assert_false(fake_find(t->f, 201)->stopped);
}

static void fork_below_a_window(struct fake *f)
{
	struct fake_proc *p = fake_find(f, 200);

	if (p && p->got[SIGTERM] && !fake_find(f, 202))
		fake_agent(f, 202, 201, ID);
}

/* The browser stays, and so does the tab that opens while its agent is ended. */
static void what_a_window_forks_while_reaping_is_spared(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID)->ignores_term = true;
	fake_agent(t->f, 201, 200, ID)->window = true;
	begin(t);
	sweep_after(t, 0);
	t->f->on_scan = fork_below_a_window;
	sweep_after(t, INTERVAL);
	assert_null(fake_find(t->f, 200));
	assert_non_null(fake_find(t->f, 201));
	assert_non_null(fake_find(t->f, 202));
	assert_int_equal(fake_find(t->f, 202)->got[SIGSTOP], 0);
}

static void windows_are_spared(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID)->window = true;
	begin(t);
	for (int i = 0; i < 5; i++)
		sweep_after(t, INTERVAL);
	assert_int_equal(t->f->signals, 0);
}

static void what_runs_below_a_window_is_spared(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID)->window = true;
	fake_agent(t->f, 201, 200, ID);
	fake_agent(t->f, 202, 201, ID);
	begin(t);
	for (int i = 0; i < 5; i++)
		sweep_after(t, INTERVAL);
	assert_int_equal(t->f->signals, 0);
}

/* A browser that also belongs to a live app, with a child that carries one marker only. */
static void a_window_that_is_not_condemned_spares_what_runs_below(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p;

	fake_add(t->f, 150, 1, "Buzz");
	p = fake_agent(t->f, 200, 1, ID);
	fake_env(p, "BUZZ_MANAGED_AGENT=xyz.block.buzz.app");
	p->window = true;
	fake_agent(t->f, 201, 200, ID);
	fake_agent(t->f, 202, 201, ID);
	begin(t);
	for (int i = 0; i < 4; i++)
		sweep_after(t, INTERVAL);
	assert_int_equal(t->f->signals, 0);
	/* It is the window that keeps them. */
	fake_find(t->f, 200)->window = false;
	sweep_after(t, INTERVAL);
	assert_null(fake_find(t->f, 201));
	assert_null(fake_find(t->f, 202));
	assert_non_null(fake_find(t->f, 200));
}

static void a_window_outside_the_scope_spares_what_runs_below(void **state)
{
	struct ctx *t = *state;

	t->options.scope.instance_glob = ID;
	fake_agent(t->f, 200, 1, "other")->window = true;
	fake_agent(t->f, 201, 200, ID);
	begin(t);
	for (int i = 0; i < 4; i++)
		sweep_after(t, INTERVAL);
	assert_int_equal(t->f->signals, 0);
}

static void process_with_failed_probe_is_spared(void **state)
{
	struct ctx *t = *state;

	t->options.settings.spare_listeners_ms = 0;
	fake_agent(t->f, 200, 1, ID)->probe_fails = true;
	begin(t);
	for (int i = 0; i < 3; i++)
		sweep_after(t, INTERVAL);
	assert_int_equal(t->f->signals, 0);
	/* Which is no peace: it could not be told. */
	assert_false(t->sum.complete);
	assert_non_null(strstr(t->f->warnings, "of pid 200"));
	/* Where no verdict hangs on it, all is as it was. */
	fake_end(t->f, fake_find(t->f, 200));
	sweep_after(t, INTERVAL);
	assert_true(t->sum.complete);
}

static void only_condemned_ones_are_probed(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	fake_agent(t->f, 201, FAKE_SHELL, "org.other");
	begin(t);
	sweep_after(t, 0);
	assert_int_equal(t->f->probed, 0);
	fake_pass(t->f, INTERVAL);
	tick(t, TICK_COUNT);
	assert_int_equal(t->f->probed, 1);
}

static void member_of_two_instances_needs_both(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	/* The Buzz instance has an owner, and its receipts cannot be looked up. */
	fake_env(p, "BUZZ_MANAGED_AGENT=buzz.instance");
	fake_arg(fake_add(t->f, 300, 1, "buzz-desktop"), "buzz.instance");
	begin(t);
	for (int i = 0; i < 4; i++)
		sweep_after(t, INTERVAL);
	assert_int_equal(t->f->signals, 0);
	fake_end(t->f, fake_find(t->f, 300));
	sweep_after(t, INTERVAL);
	assert_int_equal(t->f->signals, 0);
	sweep_after(t, INTERVAL);
	assert_null(fake_find(t->f, 200));
	/* Ended once, and told once. */
	assert_int_equal(t->f->events[EVENT_REAPED], 1);
}

static void survivor_of_two_instances_is_signalled_once(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	fake_env(p, "BUZZ_MANAGED_AGENT=buzz.instance");
	p->cannot_die = true;
	begin(t);
	sweep_after(t, 0);
	sweep_after(t, INTERVAL);
	assert_int_equal(p->got[SIGTERM], 1);
	assert_int_equal(t->sum.survived, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(inferred_go_with_their_source),
		TEST(inferred_stay_with_their_source),
		TEST(marked_child_needs_its_own_ticks),
		TEST(listeners_are_spared_for_a_while),
		TEST(the_next_tick_can_be_foreseen),
		TEST(instance_with_launcher_is_not_due),
		TEST(with_a_grace_of_one_every_orphan_is_due),
		TEST(listeners_are_not_spared_at_zero),
		TEST(listeners_in_a_persons_session_spare_themselves_alone),
		TEST(windows_opened_while_reaping_are_spared),
		TEST(what_a_window_forks_while_reaping_is_spared),
		TEST(windows_are_spared),
		TEST(what_runs_below_a_window_is_spared),
		TEST(a_window_that_is_not_condemned_spares_what_runs_below),
		TEST(a_window_outside_the_scope_spares_what_runs_below),
		TEST(process_with_failed_probe_is_spared),
		TEST(only_condemned_ones_are_probed),
		TEST(member_of_two_instances_needs_both),
		TEST(survivor_of_two_instances_is_signalled_once),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
