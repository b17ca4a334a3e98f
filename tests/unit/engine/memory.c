/* SPDX-License-Identifier: MIT */
/* What is remembered of which process, and for how long. */
#include "unit/engine/engine_fixture.h"

static void counts_must_be_consecutive(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	begin(t);
	sweep_after(t, 0);
	assert_int_equal(look_at(t, 200).ticks, 1);
	/* For one look its parent is a shell: nothing is proven any more. */
	p->ppid = FAKE_SHELL;
	p->sid = FAKE_SHELL;
	p->pgid = 200;
	/* The parent changed, so in the same session it would still be an orphan. */
	fake_env(fake_desktop(t->f, 300, ID), "HOME=/nonexistent/home");
	p->ppid = 300;
	sweep_after(t, INTERVAL);
	assert_int_equal(look_at(t, 200).ticks, 0);
	fake_end(t->f, fake_find(t->f, 300));
	sweep_after(t, INTERVAL);
	assert_int_equal(look_at(t, 200).ticks, 1);
	assert_int_equal(t->f->signals, 0);
}

static void recycled_pid_starts_at_tick_one(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID), *other;
	uint64_t start = p->start;

	begin(t);
	sweep_after(t, 0);
	/* Same pid, same start time, same marker: only the inode number tells. */
	fake_end(t->f, p);
	other = fake_agent(t->f, 200, 1, ID);
	other->start = start;
	sweep_after(t, INTERVAL);
	assert_int_equal(t->f->signals, 0);
	assert_int_equal(look_at(t, 200).ticks, 1);
	sweep_after(t, INTERVAL);
	assert_null(fake_find(t->f, 200));
}

static void counts_older_than_a_day_start_again(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	begin(t);
	sweep_after(t, 0);
	sweep_after(t, (int64_t)24 * 60 * INTERVAL + 1);
	assert_int_equal(t->f->signals, 0);
	assert_int_equal(look_at(t, 200).ticks, 1);
}

static void narrowing_leaves_the_others(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	fake_agent(t->f, 201, 1, "other.instance");
	t->options.scope.instance_glob = "other.*";
	begin(t);
	sweep_after(t, 0);
	sweep_after(t, INTERVAL);
	assert_non_null(fake_find(t->f, 200));
	assert_null(fake_find(t->f, 201));
	assert_int_equal(look_at(t, 200).ticks, 0);
	assert_int_equal(t->sum.instances, 0);
}

static void other_users_are_not_swept(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID)->uid = 2000;
	begin(t);
	sweep_after(t, 0);
	sweep_after(t, INTERVAL);
	sweep_after(t, INTERVAL);
	assert_int_equal(t->f->signals, 0);
}

static void detached_only_with_reap_detached(void **state)
{
	struct ctx *t = *state;

	fake_env(fake_desktop(t->f, 300, ID), "HOME=/nonexistent/home");
	fake_pass(t->f, 1000);
	fake_agent(t->f, 200, 1, ID);
	begin(t);
	for (int i = 0; i < 3; i++)
		sweep_after(t, INTERVAL);
	assert_int_equal(t->sum.detached, 1);
	assert_int_equal(t->f->signals, 0);
	t->options.settings.reap_detached = true;
	assert_int_equal(engine_reconfigure(t->eng, t->options.policy, &t->options.settings), 0);
	sweep_after(t, INTERVAL);
	assert_int_equal(t->f->signals, 0);
	sweep_after(t, INTERVAL);
	assert_null(fake_find(t->f, 200));
}

static void orphan_age_is_exact_when_the_owner_was_seen_to_go(void **state)
{
	struct ctx *t = *state;
	struct member m;

	fake_env(fake_desktop(t->f, 300, ID), "HOME=/nonexistent/home");
	fake_agent(t->f, 200, 300, ID);
	begin(t);
	sweep_after(t, 0);
	fake_pass(t->f, 5000);
	fake_end(t->f, fake_find(t->f, 300));
	m = look_at(t, 200);
	assert_true(m.orphan_exact);
	assert_int_equal(m.orphan_since_ms, t->f->boottime_ms);
	fake_pass(t->f, 7000);
	assert_int_equal(look_at(t, 200).orphan_since_ms, t->f->boottime_ms - 7000);
}

static void orphan_age_is_a_lower_bound_otherwise(void **state)
{
	struct ctx *t = *state;
	struct member m;

	fake_agent(t->f, 200, 1, ID);
	begin(t);
	fake_pass(t->f, 5000);
	m = look_at(t, 200);
	assert_false(m.orphan_exact);
	assert_int_equal(m.orphan_since_ms, t->f->boottime_ms);
}

/* A server without a marker; its agent was of two instances: one is gone, one has its owner. */
static void leave_server_of_two(struct ctx *t)
{
	fake_env(fake_desktop(t->f, 300, "other"), "HOME=/nonexistent/home");
	fake_pass(t->f, 1000);
	fake_env(fake_agent(t->f, 200, 1, ID), "BUZZ_MANAGED_AGENT=xyz.block.buzz.app");
	fake_add(t->f, 201, 200, "server");
	fake_env(fake_add(t->f, 400, 1, "buzz-desktop"), "HOME=/nonexistent/home");
	fake_find(t->f, 400)->start = 1;
	begin(t);
	sweep_after(t, INTERVAL);
	fake_end(t->f, fake_find(t->f, 200));
	fake_find(t->f, 201)->ppid = 1;
}

static void what_is_remembered_is_spared_by_each_of_its_instances(void **state)
{
	struct ctx *t = *state;

	leave_server_of_two(t);
	for (int i = 0; i < 3; i++)
		sweep_after(t, INTERVAL);
	assert_non_null(fake_find(t->f, 201));
	assert_int_equal(t->f->signals, 0);
	/* Without the other owner both let it go. */
	fake_end(t->f, fake_find(t->f, 400));
	for (int i = 0; i < 3; i++)
		sweep_after(t, INTERVAL);
	assert_null(fake_find(t->f, 201));
}

static void what_was_inferred_once_is_remembered_wherever_it_was_in_between(void **state)
{
	struct ctx *t = *state;

	/* A server of an agent's, adopted on one tick, while the agent still lives. */
	fake_agent(t->f, 200, 1, ID);
	fake_desktop(t->f, 400, ID);
	fake_find(t->f, 400)->start = 1;
	fake_env(fake_find(t->f, 400), "HOME=/nonexistent/home");
	fake_add(t->f, 201, 200, "server");
	begin(t);
	sweep_after(t, INTERVAL);
	fake_find(t->f, 201)->ppid = 1;
	sweep_after(t, INTERVAL);
	/* With both gone it is a member again, and has its own count. */
	fake_end(t->f, fake_find(t->f, 200));
	fake_end(t->f, fake_find(t->f, 400));
	sweep_after(t, INTERVAL);
	assert_int_equal(look_at(t, 201).ticks, 1);
	sweep_after(t, INTERVAL);
	assert_null(fake_find(t->f, 201));
}

static void a_narrowed_sweep_remembers_what_else_it_was(void **state)
{
	struct ctx *t = *state;

	t->options.scope.instance_glob = ID;
	leave_server_of_two(t);
	for (int i = 0; i < 3; i++)
		sweep_after(t, INTERVAL);
	assert_non_null(fake_find(t->f, 201));
	assert_int_equal(t->f->signals, 0);
}

static void cpu_is_a_rate_between_two_looks(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	begin(t);
	assert_true(look_at(t, 200).cpu_pct != look_at(t, 200).cpu_pct);
	fake_pass(t->f, 1000);
	p->cpu_ticks += 50;
	assert_true(look_at(t, 200).cpu_pct > 49 && t->f->nr);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(counts_must_be_consecutive),
		TEST(recycled_pid_starts_at_tick_one),
		TEST(counts_older_than_a_day_start_again),
		TEST(narrowing_leaves_the_others),
		TEST(other_users_are_not_swept),
		TEST(detached_only_with_reap_detached),
		TEST(orphan_age_is_exact_when_the_owner_was_seen_to_go),
		TEST(orphan_age_is_a_lower_bound_otherwise),
		TEST(what_is_remembered_is_spared_by_each_of_its_instances),
		TEST(what_was_inferred_once_is_remembered_wherever_it_was_in_between),
		TEST(a_narrowed_sweep_remembers_what_else_it_was),
		TEST(cpu_is_a_rate_between_two_looks),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
