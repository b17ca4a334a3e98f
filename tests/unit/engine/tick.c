/* SPDX-License-Identifier: MIT */
/* No process is ended that is not confirmed. */
#include "unit/engine/engine_fixture.h"

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
	assert_non_null(strstr(t->f->warnings, "cannot scan all processes again"));
	/* The first scan was complete, the confirming one was not. */
	assert_false(t->sum.complete);
}

static void close_window_on_second_scan(struct fake *f)
{
	if (f->scans == 2)
		fake_find(f, 200)->window = false;
}

static void confirmation_condemns_nothing_new(void **state)
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
	/* Not the first scan, nor those that show that none is left. */
	assert_int_equal(t->f->full_scans, 1);
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
	/* And says so, since an orphan that its ticks do not end needs a reason. */
	assert_non_null(strstr(t->f->warnings, "is not swept while pid 400 'just' names it"));
	assert_non_null(fake_find(t->f, 200));
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

static void child_on_second_scan(struct fake *f)
{
	if (f->scans == 2)
		fake_add(f, 210, 200, "sh");
}

static void what_is_inferred_meanwhile_counts_against_max_kill(void **state)
{
	struct ctx *t = *state;

	t->options.settings.max_kill = 2;
	fake_agent(t->f, 200, 1, ID);
	fake_agent(t->f, 201, 1, "other");
	begin(t);
	sweep_after(t, 0);
	t->f->scans = 0;
	t->f->on_scan = child_on_second_scan;
	sweep_after(t, INTERVAL);
	assert_int_equal(t->f->signals, 0);
	assert_non_null(strstr(t->f->warnings, "3 processes would be ended, more than max-kill"));
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

/* --- all that is condemned together -------------------------------------------------- */

static void instances_are_ended_together(void **state)
{
	struct ctx *t = *state;
	static char ids[20][16];

	for (int i = 0; i < 20; i++) {
		snprintf(ids[i], sizeof(ids[i]), "instance.%d", i);
		fake_agent(t->f, 200 + i, 1, ids[i])->ignores_term = true;
	}
	begin(t);
	sweep_after(t, 0);
	t->f->scans = t->f->full_scans = 0;
	sweep_after(t, INTERVAL);
	assert_int_equal(t->sum.killed, 20);
	/* One wait. */
	assert_int_equal(t->f->boottime_ms, 100000 + INTERVAL + 5000);
	/* Confirmed by one full reading, killed on another, and one shows the end. */
	assert_int_equal(t->f->full_scans, 3);
}

static void desktop_once_both_have_sigterm(struct fake *f)
{
	const struct fake_proc *p = fake_find(f, 201);

	if (p && p->got[SIGTERM] && !fake_find(f, 300))
		fake_env(fake_desktop(f, 300, ID), "HOME=/nonexistent/home");
}

static void desktop_that_comes_back_spares_its_own_instance_only(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID)->ignores_term = true;
	fake_agent(t->f, 201, 1, "other.instance")->ignores_term = true;
	begin(t);
	sweep_after(t, 0);
	t->f->on_scan = desktop_once_both_have_sigterm;
	sweep_after(t, INTERVAL);
	assert_non_null(fake_find(t->f, 200));
	assert_int_equal(fake_find(t->f, 200)->got[SIGKILL], 0);
	assert_null(fake_find(t->f, 201));
	assert_int_equal(t->sum.killed, 1);
	assert_int_equal(t->sum.survived, 1);
}

static void desktop_on_third_scan(struct fake *f)
{
	if (f->scans == 3)
		fake_env(fake_desktop(f, 300, ID), "HOME=/nonexistent/home");
}

static void desktop_that_comes_up_while_victims_are_verified_saves_them(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	fake_agent(t->f, 201, 1, "other.instance");
	begin(t);
	sweep_after(t, 0);
	t->f->scans = 0;
	t->f->on_scan = desktop_on_third_scan;
	sweep_after(t, INTERVAL);
	assert_non_null(fake_find(t->f, 200));
	assert_int_equal(fake_find(t->f, 200)->got[SIGTERM], 0);
	assert_null(fake_find(t->f, 201));
}

static void opt_out_on_third_scan(struct fake *f)
{
	if (f->scans == 3)
		fake_env(fake_find(f, 200), "STRAY_KEEP=1");
}

static void what_opts_out_while_victims_are_verified_is_kept_with_what_runs_below(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	fake_agent(t->f, 201, 200, ID);
	fake_agent(t->f, 202, 1, ID);
	begin(t);
	sweep_after(t, 0);
	t->f->scans = 0;
	t->f->on_scan = opt_out_on_third_scan;
	sweep_after(t, INTERVAL);
	assert_int_equal(fake_find(t->f, 200)->got[SIGTERM], 0);
	assert_int_equal(fake_find(t->f, 201)->got[SIGTERM], 0);
	assert_null(fake_find(t->f, 202));
	assert_int_equal(t->sum.kept, 2);
}

static void buzz_at_confirmation(struct fake *f)
{
	struct fake_proc *p;

	if (f->scans != 2)
		return;
	p = fake_add(f, 300, 1, "buzz-desktop");
	fake_arg(p, ID);
	fake_env(p, "HOME=/nonexistent/home");
}

static void desktop_back_at_confirmation_is_seen_among_several_apps(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, "other.instance");
	fake_env(fake_add(t->f, 201, 1, "goose"), "BUZZ_MANAGED_AGENT=" ID);
	begin(t);
	sweep_after(t, 0);
	t->f->scans = 0;
	t->f->on_scan = buzz_at_confirmation;
	sweep_after(t, INTERVAL);
	assert_null(fake_find(t->f, 200));
	assert_non_null(fake_find(t->f, 201));
	assert_int_equal(fake_find(t->f, 201)->got[SIGTERM], 0);
}

static unsigned heard;

static void hear(void *ctx)
{
	(void)ctx;
	heard++;
}

/* A stdio server without a client, in the session of the shell that started that. */
static struct fake_proc *dead_server(struct ctx *t, pid_t pid, const char *marker)
{
	struct fake_proc *p = fake_add(t->f, pid, 1, "mcp-server");

	if (marker)
		fake_env(p, marker);
	p->sid = p->pgid = FAKE_SHELL;
	p->hung_up = ANSWER_YES;
	return p;
}

/* The last handle is opened after the confirming scan. */
static void client_for_200(struct fake *f, pid_t pid)
{
	if (pid == 201 && f->full_scans)
		fake_find(f, 200)->hung_up = ANSWER_NO;
}

static void dead_server_that_has_a_client_again_is_kept(void **state)
{
	struct ctx *t = *state;

	dead_server(t, 200, "OPENCODE_PID=4999");
	dead_server(t, 201, "OPENCODE_PID=4999");
	t->options.settings.grace = 1;
	t->f->on_open = client_for_200;
	begin(t);
	sweep_after(t, 0);
	assert_non_null(fake_find(t->f, 200));
	assert_null(fake_find(t->f, 201));
	assert_int_equal(fake_find(t->f, 200)->got[SIGTERM], 0);
	assert_int_equal(t->sum.kept, 1);
}

static void lose_sight_of_200(struct fake *f, pid_t pid)
{
	if (pid == 201 && f->full_scans)
		fake_find(f, 200)->hung_up = ANSWER_UNKNOWN;
}

static void one_below_a_server_that_may_have_a_client_is_kept(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p;

	dead_server(t, 200, "OPENCODE_PID=4999");
	p = dead_server(t, 201, "OPENCODE_PID=4999");
	p->ppid = 200;
	p->hung_up = ANSWER_NO;
	t->options.settings.grace = 1;
	t->f->on_open = lose_sight_of_200;
	begin(t);
	sweep_after(t, 0);
	assert_non_null(fake_find(t->f, 200));
	assert_non_null(fake_find(t->f, 201));
	assert_int_equal(t->sum.kept, 2);
}

/* What runs below it may have its own ends, as the shell of an npx chain may. */
static void one_below_a_dead_server_goes_with_it(void **state)
{
	struct ctx *t = *state;

	policy_edit_app(&t->policy, "stdio", "test")->sweep = APP_SWEEP_YES;
	for (pid_t pid = 200; pid < 204; pid += 2) {
		const char *marker = pid == 200 ? "OPENCODE_PID=4999" : NULL;
		struct fake_proc *p;

		dead_server(t, pid, marker);
		p = dead_server(t, pid + 1, marker);
		p->ppid = pid;
		p->hung_up = ANSWER_NO;
	}
	t->options.settings.grace = 1;
	begin(t);
	sweep_after(t, 0);
	for (pid_t pid = 200; pid < 204; pid++)
		assert_null(fake_find(t->f, pid));
}

static void unmarked_server_that_has_a_client_again_is_kept(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p;

	policy_edit_app(&t->policy, "stdio", "test")->sweep = APP_SWEEP_YES;
	dead_server(t, 200, NULL);
	p = dead_server(t, 201, NULL);
	p->ppid = 200;
	p->hung_up = ANSWER_NO;
	dead_server(t, 202, NULL);
	t->options.settings.grace = 1;
	t->f->on_open = client_for_200;
	begin(t);
	sweep_after(t, 0);
	assert_non_null(fake_find(t->f, 200));
	assert_non_null(fake_find(t->f, 201));
	assert_null(fake_find(t->f, 202));
}

static void steady_looks_ask_for_closed_ends_once_in_a_while(void **state)
{
	struct ctx *t = *state;

	policy_edit_app(&t->policy, "stdio", "test")->sweep = APP_SWEEP_YES;
	dead_server(t, 200, "OPENCODE_PID=4999");
	dead_server(t, 201, NULL);
	begin(t);
	tick(t, 0);
	assert_int_equal(t->f->hangups, 2);
	assert_int_equal(t->f->probes, 1);
	for (int looks = 0; looks < 32; looks++)
		tick(t, 0);
	assert_int_equal(t->f->hangups, 2);
	assert_int_equal(t->f->probes, 1);
	tick(t, 0);
	assert_int_equal(t->f->hangups, 4);
	assert_int_equal(t->f->probes, 2);
	tick(t, TICK_FULL);
	assert_int_equal(t->f->hangups, 6);
	assert_int_equal(t->f->probes, 3);
}

static void open_ends_are_asked_for_at_each_look(void **state)
{
	struct ctx *t = *state;

	dead_server(t, 200, "OPENCODE_PID=4999")->hung_up = ANSWER_NO;
	dead_server(t, 201, NULL)->hung_up = ANSWER_UNKNOWN;
	begin(t);
	tick(t, 0);
	tick(t, 0);
	assert_int_equal(t->f->hangups, 4);
	fake_find(t->f, 200)->hung_up = ANSWER_YES;
	assert_int_equal(look_at(t, 200).kept, WHY_MAY_END);
}

static void app_that_is_swept_whole_is_not_asked_for_its_ends(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID)->sid = FAKE_SHELL;
	t->options.settings.grace = 1;
	begin(t);
	t->f->hangups = 0;
	sweep_after(t, 0);
	assert_null(fake_find(t->f, 200));
	assert_int_equal(t->f->hangups, 0);
}

static void a_long_wait_says_that_it_lives(void **state)
{
	struct ctx *t = *state;

	heard = 0;
	t->options.alive = hear;
	fake_agent(t->f, 200, 1, ID)->ignores_term = true;
	begin(t);
	sweep_after(t, 0);
	sweep_after(t, INTERVAL);
	/* Once a second of the five that it takes, at least. */
	assert_true(heard >= 5);
	assert_int_equal(t->f->boottime_ms, 100000 + INTERVAL + 5000);
}

/* --- what is not told --------------------------------------------------------------- */

static void blind_from_the_third_scan(struct fake *f)
{
	f->blind = f->scans >= 3;
}

/* What it forked meanwhile, if anything, no scan showed. */
static void what_could_not_be_looked_at_afterwards_is_unfinished(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	begin(t);
	sweep_after(t, 0);
	t->f->scans = 0;
	t->f->on_scan = blind_from_the_third_scan;
	sweep_after(t, INTERVAL);
	assert_int_equal(t->sum.exited, 1);
	assert_int_equal(t->sum.survived + t->sum.refused, 0);
	assert_int_equal(t->sum.unfinished, 1);
}

static void instance_not_reached_is_unfinished(void **state)
{
	struct ctx *t = *state;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	t->options.stop_fd = fds[0];
	fake_agent(t->f, 200, 1, ID);
	begin(t);
	sweep_after(t, 0);
	assert_int_equal(t->sum.unfinished, 0);
	assert_int_equal(write(fds[1], "", 1), 1);
	sweep_after(t, INTERVAL);
	assert_int_equal(t->f->signals, 0);
	assert_int_equal(t->sum.unfinished, 1);
	close(fds[0]);
	close(fds[1]);
}

static void desktop_on_fourth_scan(struct fake *f)
{
	if (f->scans == 4)
		fake_env(fake_desktop(f, 300, ID), "HOME=/nonexistent/home");
}

/* What is left then is the desktop's. */
static void spared_instance_is_settled(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	begin(t);
	sweep_after(t, 0);
	t->f->scans = 0;
	t->f->on_scan = desktop_on_fourth_scan;
	sweep_after(t, INTERVAL);
	assert_non_null(strstr(t->f->warnings, "a desktop of the"));
	assert_int_equal(t->sum.exited, 1);
	assert_int_equal(t->sum.unfinished, 0);
}

/* An agent hops: while it ends, its marker is gone, and it is its successor's parent. */
static void ending_parent_on_fourth_scan(struct fake *f)
{
	if (f->scans != 4)
		return;
	fake_pass(f, 20);
	fake_add(f, 310, 1, "goose");
	fake_agent(f, 311, 310, ID);
}

static void shell_starts_one_on_fourth_scan(struct fake *f)
{
	if (f->scans != 4)
		return;
	fake_pass(f, 20);
	fake_agent(f, 311, 309, ID);
}

static unsigned unfinished_with(struct ctx *t, void (*on_scan)(struct fake *f))
{
	fake_agent(t->f, 200, 1, ID);
	fake_add(t->f, 309, 1, "bash");
	begin(t);
	sweep_after(t, 0);
	t->f->scans = 0;
	t->f->on_scan = on_scan;
	sweep_after(t, INTERVAL);
	assert_non_null(strstr(t->f->warnings, "the owner is unknown now"));
	assert_int_equal(t->sum.exited, 1);
	assert_non_null(fake_find(t->f, 311));
	return (unsigned)t->sum.unfinished;
}

static void what_may_be_hopping_is_unfinished(void **state)
{
	assert_int_equal(unfinished_with(*state, ending_parent_on_fourth_scan), 1);
}

static void what_a_process_of_before_starts_is_settled(void **state)
{
	assert_int_equal(unfinished_with(*state, shell_starts_one_on_fourth_scan), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(confirmation_must_be_complete),
		TEST(confirmation_condemns_nothing_new),
		TEST(confirmation_reads_everything_again),
		TEST(owner_that_comes_up_before_the_signal_saves_all),
		TEST(launcher_at_confirmation_saves_all),
		TEST(max_kill_refuses_the_tick),
		TEST(what_is_inferred_meanwhile_counts_against_max_kill),
		TEST(max_kill_is_for_the_whole_tick),
		TEST(instances_are_ended_together),
		TEST(desktop_that_comes_back_spares_its_own_instance_only),
		TEST(desktop_back_at_confirmation_is_seen_among_several_apps),
		TEST(desktop_that_comes_up_while_victims_are_verified_saves_them),
		TEST(what_opts_out_while_victims_are_verified_is_kept_with_what_runs_below),
		TEST(dead_server_that_has_a_client_again_is_kept),
		TEST(one_below_a_server_that_may_have_a_client_is_kept),
		TEST(one_below_a_dead_server_goes_with_it),
		TEST(unmarked_server_that_has_a_client_again_is_kept),
		TEST(steady_looks_ask_for_closed_ends_once_in_a_while),
		TEST(open_ends_are_asked_for_at_each_look),
		TEST(app_that_is_swept_whole_is_not_asked_for_its_ends),
		TEST(a_long_wait_says_that_it_lives),
		TEST(what_could_not_be_looked_at_afterwards_is_unfinished),
		TEST(instance_not_reached_is_unfinished),
		TEST(spared_instance_is_settled),
		TEST(what_may_be_hopping_is_unfinished),
		TEST(what_a_process_of_before_starts_is_settled),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
