/* SPDX-License-Identifier: MIT */
/* What is asked again while reaping, and what was forked meanwhile. */
#include "unit/engine/reap_fixture.h"

static void forks_while_reaping_are_wiped_out(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	p->ignores_term = true;
	begin(t);
	p->forks = 6;
	reap_all(t);
	for (size_t i = 0; i < t->f->nr; i++)
		assert_false(t->f->procs[i].used && strcmp(t->f->procs[i].comm, "goose") == 0);
	assert_true(t->report.count[OUTCOME_KILLED] >= 2);
	assert_int_equal(t->report.count[OUTCOME_SURVIVED], 0);
}

static void double_forks_are_wiped_out(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	p->forks_away = true;
	p->forks = 5;
	begin(t);
	reap_all(t);
	for (size_t i = 0; i < t->f->nr; i++)
		assert_false(t->f->procs[i].used && strcmp(t->f->procs[i].comm, "goose") == 0);
}

static void fork_bombs_end_within_bounds(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	/* Without freezing every round kills one generation; there are more of them. */
	t->options.save = false;
	p->forks = 300;
	p->ignores_term = true;
	begin(t);
	reap_all(t);
	assert_true(t->report.stopped);
	assert_true(t->f->scans < 100);
}

/* A bystander's children are not the victims'. */
static void fork_from_bystander(struct fake *f)
{
	struct fake_proc *child;

	if (f->scans != 2)
		return;
	child = fake_agent(f, 301, 1, ID);
	child->pgid = child->sid = 300;
	fake_agent(f, 302, 1, ID);
}

static void others_children_are_left_alone(void **state)
{
	struct ctx *t = *state;
	struct reap_request request = request_of(ID);
	struct identity only;

	only = (struct identity){ 200, fake_agent(t->f, 200, 1, ID)->start, 0 };
	fake_agent(t->f, 300, 1, ID);
	request.face = FACE_PICK;
	request.only = &only;
	request.nr_only = 1;
	begin(t);
	t->f->scans = 0;
	t->f->on_scan = fork_from_bystander;
	reap(t, &request);
	assert_null(fake_find(t->f, 200));
	assert_non_null(fake_find(t->f, 300));
	assert_non_null(fake_find(t->f, 301));
	assert_non_null(fake_find(t->f, 302));
}

static void fork_into_group(struct fake *f)
{
	struct fake_proc *child;

	if (f->scans != 2)
		return;
	child = fake_agent(f, 301, 1, ID);
	child->pgid = child->sid = 200;
	fake_agent(f, 302, 1, ID);
}

static void what_left_its_parent_is_known_by_its_group(void **state)
{
	struct ctx *t = *state;

	t->f->on_scan = fork_into_group;
	begin(t);
	t->f->scans = 0;
	pick(t, fake_agent(t->f, 200, 1, ID));
	assert_null(fake_find(t->f, 301));
	/* One in a group of its own could be any process's child. */
	assert_non_null(fake_find(t->f, 302));
}

static void unless_others_are_in_that_group(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *other;

	t->f->on_scan = fork_into_group;
	begin(t);
	t->f->scans = 0;
	fake_agent(t->f, 200, 1, ID);
	other = fake_agent(t->f, 210, 1, ID);
	other->pgid = other->sid = 200;
	pick(t, fake_find(t->f, 200));
	assert_null(fake_find(t->f, 200));
	assert_non_null(fake_find(t->f, 210));
	assert_non_null(fake_find(t->f, 301));
}

static void fork_kept_child(struct fake *f)
{
	struct fake_proc *p = fake_find(f, 200);

	if (p && p->got[SIGTERM] && !fake_find(f, 301))
		fake_env(fake_agent(f, 301, 200, ID), "STRAY_KEEP=1");
}

static void kept_forks_are_not_even_frozen(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID)->ignores_term = true;
	t->f->on_scan = fork_kept_child;
	reap_all(t);
	assert_null(fake_find(t->f, 200));
	assert_non_null(fake_find(t->f, 301));
	assert_int_equal(fake_find(t->f, 301)->got[SIGSTOP], 0);
}

static void kept_forks_of_a_picked_one_are_not_picked(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID)->ignores_term = true;
	t->f->on_scan = fork_kept_child;
	pick(t, fake_find(t->f, 200));
	assert_null(fake_find(t->f, 200));
	assert_non_null(fake_find(t->f, 301));
	assert_int_equal(fake_find(t->f, 301)->got[SIGSTOP], 0);
}

static void fork_plain_child(struct fake *f)
{
	struct fake_proc *p = fake_find(f, 200);

	if (p && p->got[SIGTERM] && !fake_find(f, 301))
		fake_agent(f, 301, 200, ID)->ignores_term = true;
}

/* What runs below a kept one is kept; the one that was picked goes by itself. */
static void a_kept_one_is_picked_alone(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	p->ignores_term = true;
	fake_env(p, "STRAY_KEEP=1");
	fake_agent(t->f, 201, 200, ID);
	t->f->on_scan = fork_plain_child;
	pick(t, p);
	assert_null(fake_find(t->f, 200));
	assert_non_null(fake_find(t->f, 201));
	assert_non_null(fake_find(t->f, 301));
}

static void refuse_its_environ(struct fake *f, pid_t pid)
{
	if (pid == 301)
		fake_find(f, pid)->environ_read = READ_REFUSED;
}

static void a_fork_that_could_not_be_verified_is_told(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID)->ignores_term = true;
	t->f->on_scan = fork_plain_child;
	t->f->on_open = refuse_its_environ;
	reap_all(t);
	assert_non_null(fake_find(t->f, 301));
	assert_int_equal(result_of(t, 301)->outcome, OUTCOME_REFUSED);
	assert_int_equal(t->report.count[OUTCOME_REFUSED], 1);
}

static void become_anothers(struct fake *f, pid_t pid)
{
	if (pid == 301)
		fake_find(f, pid)->not_ours = true;
}

static void a_fork_that_may_not_be_signalled_is_told(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID)->ignores_term = true;
	t->f->on_scan = fork_plain_child;
	t->f->on_open = become_anothers;
	reap_all(t);
	assert_non_null(fake_find(t->f, 301));
	assert_int_equal(result_of(t, 301)->outcome, OUTCOME_REFUSED);
	assert_int_equal(result_of(t, 301)->error, EPERM);
}

/* It forks and exits between the look and the signal. */
static void hop(struct fake *f, pid_t pid)
{
	if (pid != 200)
		return;
	fake_pass(f, 20);
	fake_agent(f, 301, 200, ID);
	fake_end(f, fake_find(f, pid));
}

static void process_forked_before_the_signal_is_ended_too(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	t->f->on_open = hop;
	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_GONE);
	assert_null(fake_find(t->f, 301));
	assert_int_equal(result_of(t, 301)->outcome, OUTCOME_KILLED);
}

/* After the first scan since SIGTERM, which does not show what it leaves. */
static void hop_behind_the_look(struct fake *f)
{
	struct fake_proc *p = fake_find(f, 200);

	if (!p || f->scans != 2)
		return;
	fake_pass(f, 20);
	fake_agent(f, 301, 200, ID);
	fake_end(f, p);
}

static void process_forked_behind_the_scan_is_ended_too(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID)->ignores_term = true;
	begin(t);
	t->f->scans = 0;
	t->f->on_wait = hop_behind_the_look;
	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_EXITED);
	assert_null(fake_find(t->f, 301));
	assert_int_equal(result_of(t, 301)->outcome, OUTCOME_KILLED);
}

/* The first scan after the end of all has nothing of what they left, the second has. */
static void show_hopper_late(struct fake *f)
{
	if (fake_find(f, 200) || ++f->procs[0].got[0] != 2)
		return;
	fake_pass(f, 20);
	fake_agent(f, 301, 1, ID);
}

static void one_scan_that_shows_none_is_no_proof(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	begin(t);
	t->f->on_scan = show_hopper_late;
	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_EXITED);
	assert_null(fake_find(t->f, 301));
	assert_int_equal(result_of(t, 301)->outcome, OUTCOME_KILLED);
	assert_false(t->report.stopped);
}

static void what_a_picked_one_forks_goes_with_it(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID)->ignores_term = true;
	t->f->on_scan = fork_plain_child;
	pick(t, fake_find(t->f, 200));
	assert_null(fake_find(t->f, 200));
	assert_null(fake_find(t->f, 301));
}

static void fork_from_child(struct fake *f)
{
	struct fake_proc *p = fake_find(f, 200);

	if (p && p->got[SIGTERM] && !fake_find(f, 202))
		fake_agent(f, 202, 201, ID);
}

/* Seen for the first time when its parent's turn has come: it stays, and what it forks too. */
static void what_an_uncounted_child_forks_is_not_its_parents(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID)->ignores_term = true;
	begin(t);
	assert_int_equal(engine_tick(t->eng, TICK_COUNT | TICK_REAP, NULL, NULL), 0);
	fake_pass(t->f, engine_defaults.interval_ms);
	fake_agent(t->f, 201, 200, ID);
	t->f->on_scan = fork_from_child;
	assert_int_equal(engine_tick(t->eng, TICK_COUNT | TICK_REAP, NULL, NULL), 0);
	assert_null(fake_find(t->f, 200));
	assert_non_null(fake_find(t->f, 201));
	assert_non_null(fake_find(t->f, 202));
	assert_int_equal(fake_find(t->f, 202)->got[SIGSTOP], 0);
}

/* Picked was the agent, not the tmux below it, nor the pane that opens there now. */
static void what_a_kept_one_forks_is_not_picked(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID)->ignores_term = true;
	fake_env(fake_add(t->f, 201, 200, "tmux: server"), "SPROUT_MANAGED_AGENT=" ID);
	t->f->on_scan = fork_from_child;
	pick(t, fake_find(t->f, 200));
	assert_null(fake_find(t->f, 200));
	assert_non_null(fake_find(t->f, 201));
	assert_non_null(fake_find(t->f, 202));
	assert_int_equal(fake_find(t->f, 202)->got[SIGSTOP], 0);
}

static void desktop_when_frozen(struct fake *f)
{
	struct fake_proc *p = fake_find(f, 200);

	if (p && p->stopped && !fake_find(f, 300))
		fake_env(fake_desktop(f, 300, ID), "HOME=/nonexistent/home");
}

static void desktop_that_comes_up_stops_it(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	p->ignores_term = true;
	t->f->on_scan = desktop_when_frozen;
	reap_all(t);
	assert_int_equal(p->got[SIGSTOP], 1);
	assert_int_equal(p->got[SIGKILL], 0);
	assert_false(p->stopped);
	assert_true(t->report.stopped);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_SURVIVED);
}

static void exec_as_desktop_when_frozen(struct fake *f)
{
	struct fake_proc *p = fake_find(f, 200);

	if (!p || !p->stopped)
		return;
	p = fake_find(f, 300);
	if (!p)
		return;
	memcpy(p->comm, "sprout-desktop", sizeof("sprout-desktop"));
	fake_arg(p, ID);
}

static void owner_that_ran_before_stops_it_too(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	p->ignores_term = true;
	fake_env(fake_add(t->f, 300, 1, "launch"), "HOME=/nonexistent/home");
	t->f->on_scan = exec_as_desktop_when_frozen;
	reap_all(t);
	assert_int_equal(p->got[SIGKILL], 0);
	assert_true(t->report.stopped);
}

static void another_desktop_when_frozen(struct fake *f)
{
	struct fake_proc *p = fake_find(f, 200);

	if (!p || !p->stopped || !fake_find(f, 300))
		return;
	fake_end(f, fake_find(f, 300));
	fake_env(fake_desktop(f, 301, ID), "HOME=/nonexistent/home");
}

static void the_next_owner_stops_it_too(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	/* An orphan that a former desktop left, beside one that runs. */
	p->ignores_term = true;
	fake_pass(t->f, 1000);
	fake_env(fake_desktop(t->f, 300, ID), "HOME=/nonexistent/home");
	t->f->on_scan = another_desktop_when_frozen;
	reap_all(t);
	assert_int_equal(p->got[SIGSTOP], 1);
	assert_int_equal(p->got[SIGKILL], 0);
	assert_true(t->report.stopped);
}

static void opt_out_when_frozen(struct fake *f)
{
	struct fake_proc *p = fake_find(f, 200);

	if (p && p->stopped && !memmem(p->env, p->env_len, "STRAY_KEEP", 10))
		fake_env(p, "STRAY_KEEP=1");
}

static void predicate_is_asked_again_before_the_kill(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	p->ignores_term = true;
	t->f->on_scan = opt_out_when_frozen;
	reap_all(t);
	assert_true(t->f->scans < 8);
	assert_int_equal(p->got[SIGKILL], 0);
	assert_false(p->stopped);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_SURVIVED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(forks_while_reaping_are_wiped_out),
		TEST(double_forks_are_wiped_out),
		TEST(fork_bombs_end_within_bounds),
		TEST(others_children_are_left_alone),
		TEST(what_left_its_parent_is_known_by_its_group),
		TEST(unless_others_are_in_that_group),
		TEST(kept_forks_are_not_even_frozen),
		TEST(kept_forks_of_a_picked_one_are_not_picked),
		TEST(a_kept_one_is_picked_alone),
		TEST(a_fork_that_could_not_be_verified_is_told),
		TEST(a_fork_that_may_not_be_signalled_is_told),
		TEST(process_forked_before_the_signal_is_ended_too),
		TEST(process_forked_behind_the_scan_is_ended_too),
		TEST(one_scan_that_shows_none_is_no_proof),
		TEST(what_a_picked_one_forks_goes_with_it),
		TEST(what_an_uncounted_child_forks_is_not_its_parents),
		TEST(what_a_kept_one_forks_is_not_picked),
		TEST(desktop_that_comes_up_stops_it),
		TEST(owner_that_ran_before_stops_it_too),
		TEST(the_next_owner_stops_it_too),
		TEST(predicate_is_asked_again_before_the_kill),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
