/* The tick: grace, counting, what is remembered, what is confirmed. */
#include "unit/engine/fake.h"

#define ID "xyz.block.sprout.app.dev"
#define INTERVAL 60000

struct ctx {
	struct fake *f;
	struct policy policy;
	struct sweep_options options;
	struct sweep *sw;
	struct tick_summary sum;
};

static int set_up(void **state)
{
	struct ctx *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	t->f = fake_new();
	assert_int_equal(policy_init(&t->policy), 0);
	t->options = (struct sweep_options){
		.policy = &t->policy,
		.settings = sweep_defaults,
		.scope = { .uid = FAKE_UID },
		.stop_fd = -1,
		.notify = fake_notify,
		.ctx = t->f,
	};
	*state = t;
	return 0;
}

static int tear_down(void **state)
{
	struct ctx *t = *state;

	sweep_free(t->sw);
	/* Whatever happened, no handle is left open. */
	assert_int_equal(t->f->open_handles, 0);
	policy_release(&t->policy);
	free(t->f);
	free(t);
	return 0;
}

static void begin(struct ctx *t)
{
	sweep_free(t->sw);
	t->sw = NULL;
	assert_int_equal(sweep_new(&t->options, &t->f->source, &t->f->reaper, &t->sw), 0);
}

static void tick(struct ctx *t, unsigned flags)
{
	assert_int_equal(sweep_tick(t->sw, flags, NULL, &t->sum), 0);
}

/* A counted tick that reaps, @ms after the one before. */
static void sweep_after(struct ctx *t, int64_t ms)
{
	fake_pass(t->f, ms);
	tick(t, TICK_COUNT | TICK_REAP);
}

/* The first membership of @pid after a look that changes nothing. */
static struct member look_at(struct ctx *t, pid_t pid)
{
	struct census *c = NULL;
	struct member copy;
	const struct member *m;

	assert_int_equal(sweep_tick(t->sw, 0, &c, &t->sum), 0);
	m = census_find_member(c, pid);
	assert_non_null(m);
	copy = *m;
	census_unref(c);
	return copy;
}

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

static void an_early_tick_counts_nobody_new(void **state)
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
	assert_true(sweep_due_ms(t->sw) > 0);
	sweep_after(t, INTERVAL);
	/* The count of before was kept: this is the second tick. */
	assert_null(fake_find(t->f, 200));
}

static void blind_on_second_scan(struct fake *f)
{
	if (f->scans == 2)
		f->blind = 1;
}

static void confirmation_must_be_complete(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	begin(t);
	sweep_after(t, 0);
	t->f->scans = 0;
	t->f->on_scan = blind_on_second_scan;
	sweep_after(t, INTERVAL);
	assert_int_equal(t->f->scans, 2);
	assert_int_equal(t->f->signals, 0);
	assert_non_null(fake_find(t->f, 200));
	assert_non_null(strstr(t->f->warnings, "could not all be looked at"));
}

static void close_window_on_second_scan(struct fake *f)
{
	if (f->scans == 2)
		fake_find(f, 200)->window = false;
}

static void confirmation_condemns_nobody_new(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID)->window = true;
	fake_agent(t->f, 201, 1, ID);
	begin(t);
	sweep_after(t, 0);
	t->f->scans = 0;
	t->f->on_scan = close_window_on_second_scan;
	sweep_after(t, INTERVAL);
	assert_null(fake_find(t->f, 201));
	assert_non_null(fake_find(t->f, 200));
}

static void confirmation_reads_everything_again(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	begin(t);
	sweep_after(t, 0);
	assert_int_equal(t->f->full_scans, 0);
	t->f->scans = 0;
	sweep_after(t, INTERVAL);
	/* Everything but the first look and the one afterwards. */
	assert_true(t->f->full_scans >= 2);
}

static void desktop_on_second_scan(struct fake *f)
{
	if (f->scans == 2)
		fake_env(fake_desktop(f, 300, ID), "HOME=/nonexistent/home");
}

static void owner_that_comes_up_before_the_signal_saves_all(void **state)
{
	struct ctx *t = *state;

	/* Older than the desktop that comes up, so that its state stays that of an orphan. */
	fake_agent(t->f, 200, 1, ID);
	begin(t);
	sweep_after(t, 0);
	t->f->scans = 0;
	t->f->on_scan = desktop_on_second_scan;
	sweep_after(t, INTERVAL);
	assert_int_equal(t->f->signals, 0);
	assert_int_equal(t->sum.condemned, 0);
	assert_int_equal(look_at(t, 200).ticks, 2);
}

static void launcher_on_second_scan(struct fake *f)
{
	if (f->scans == 2)
		fake_arg(fake_add(f, 400, 1, "just"), ID);
}

static void launcher_at_confirmation_saves_all(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	begin(t);
	sweep_after(t, 0);
	t->f->scans = 0;
	t->f->on_scan = launcher_on_second_scan;
	sweep_after(t, INTERVAL);
	assert_int_equal(t->f->signals, 0);
	assert_non_null(fake_find(t->f, 200));
}

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
	assert_int_equal(sweep_reconfigure(t->sw, NULL, &t->options.settings), 0);
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

static void listeners_in_a_persons_session_are_not(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	/* Its session is led by the shell, which no instance manages. */
	p->sid = FAKE_SHELL;
	p->port = 8080;
	begin(t);
	sweep_after(t, 0);
	sweep_after(t, INTERVAL);
	assert_null(fake_find(t->f, 200));
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

static void windows_are_spared(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID)->window = true;
	begin(t);
	for (int i = 0; i < 5; i++)
		sweep_after(t, INTERVAL);
	assert_int_equal(t->f->signals, 0);
}

static void who_cannot_be_probed_is_spared(void **state)
{
	struct ctx *t = *state;

	t->options.settings.spare_listeners_ms = 0;
	fake_agent(t->f, 200, 1, ID)->probe_fails = true;
	begin(t);
	for (int i = 0; i < 3; i++)
		sweep_after(t, INTERVAL);
	assert_int_equal(t->f->signals, 0);
}

static void only_condemned_ones_are_probed(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	fake_agent(t->f, 201, FAKE_SHELL, ID);
	begin(t);
	sweep_after(t, 0);
	assert_int_equal(t->f->probed, 0);
	fake_pass(t->f, INTERVAL);
	tick(t, TICK_COUNT);
	assert_int_equal(t->f->probed, 1);
}

static void max_kill_refuses_the_tick(void **state)
{
	struct ctx *t = *state;

	t->options.settings.max_kill = 2;
	for (pid_t pid = 200; pid < 203; pid++)
		fake_agent(t->f, pid, 1, ID);
	begin(t);
	sweep_after(t, 0);
	sweep_after(t, INTERVAL);
	assert_int_equal(t->f->signals, 0);
	assert_int_equal(t->f->events[EVENT_WARNING], 1);
	fake_end(t->f, fake_find(t->f, 202));
	sweep_after(t, INTERVAL);
	assert_null(fake_find(t->f, 200));
	assert_null(fake_find(t->f, 201));
}

static void max_kill_is_for_the_whole_tick(void **state)
{
	struct ctx *t = *state;

	t->options.settings.max_kill = 1;
	fake_agent(t->f, 200, 1, ID);
	fake_agent(t->f, 201, 1, "other");
	begin(t);
	sweep_after(t, 0);
	sweep_after(t, INTERVAL);
	assert_int_equal(t->f->signals, 0);
}

static void dry_run_signals_nobody(void **state)
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

static void without_pidfds_nobody_is_ended(void **state)
{
	struct ctx *t = *state;

	t->f->open_error = -ENOSYS;
	fake_agent(t->f, 200, 1, ID);
	begin(t);
	sweep_after(t, 0);
	fake_pass(t->f, INTERVAL);
	assert_int_equal(sweep_tick(t->sw, TICK_COUNT | TICK_REAP, NULL, NULL), -ENOSYS);
	assert_int_equal(t->f->signals, 0);
}

static void due_follows_the_last_count(void **state)
{
	struct ctx *t = *state;

	begin(t);
	assert_int_equal(sweep_due_ms(t->sw), 0);
	sweep_after(t, 0);
	assert_int_equal(sweep_due_ms(t->sw), INTERVAL);
	fake_pass(t->f, 45000);
	tick(t, 0);
	assert_int_equal(sweep_due_ms(t->sw), 15000);
	fake_pass(t->f, 20000);
	assert_int_equal(sweep_due_ms(t->sw), 0);
}

static void member_of_two_instances_needs_both(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	/* The Buzz instance has an owner, in whose receipts nothing can be looked up. */
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(grace_takes_two_ticks),
		TEST(grace_of_one_reaps_on_first_sight),
		TEST(counts_advance_after_half_an_interval_awake),
		TEST(an_early_tick_counts_nobody_new),
		TEST(looking_neither_counts_nor_reaps),
		TEST(incomplete_scan_reaps_and_forgets_nothing),
		TEST(confirmation_must_be_complete),
		TEST(confirmation_condemns_nobody_new),
		TEST(confirmation_reads_everything_again),
		TEST(owner_that_comes_up_before_the_signal_saves_all),
		TEST(launcher_at_confirmation_saves_all),
		TEST(counts_must_be_consecutive),
		TEST(recycled_pid_starts_at_tick_one),
		TEST(counts_older_than_a_day_start_again),
		TEST(narrowing_leaves_the_others),
		TEST(other_users_are_not_swept),
		TEST(detached_only_with_reap_detached),
		TEST(orphan_age_is_exact_when_the_owner_was_seen_to_go),
		TEST(orphan_age_is_a_lower_bound_otherwise),
		TEST(inferred_go_with_their_source),
		TEST(inferred_stay_with_their_source),
		TEST(marked_child_needs_its_own_ticks),
		TEST(listeners_are_spared_for_a_while),
		TEST(listeners_are_not_spared_at_zero),
		TEST(listeners_in_a_persons_session_are_not),
		TEST(windows_opened_while_reaping_are_spared),
		TEST(windows_are_spared),
		TEST(who_cannot_be_probed_is_spared),
		TEST(only_condemned_ones_are_probed),
		TEST(max_kill_refuses_the_tick),
		TEST(max_kill_is_for_the_whole_tick),
		TEST(dry_run_signals_nobody),
		TEST(without_pidfds_nobody_is_ended),
		TEST(due_follows_the_last_count),
		TEST(member_of_two_instances_needs_both),
		TEST(survivor_of_two_instances_is_signalled_once),
		TEST(cpu_is_a_rate_between_two_looks),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
