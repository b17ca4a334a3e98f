/* SPDX-License-Identifier: MIT */
/* Freezing, and its end when it is cut short. */
#include "unit/engine/reap_fixture.h"

static void read_ledger_on_stop(struct fake *f, struct fake_proc *p, int signo)
{
	struct ctx *t = f->ctx;

	(void)p;
	if (signo == SIGSTOP && !t->seen)
		t->seen = fake_slurp(t->dir, LEDGER_NAME);
}

static void ledger_is_written_before_freezing(void **state)
{
	struct ctx *t = *state;
	struct ledger l;
	const char *why;
	char *after;

	fake_agent(t->f, 200, 1, ID)->ignores_term = true;
	t->f->on_signal = read_ledger_on_stop;
	reap_all(t);
	assert_non_null(t->seen);
	ledger_init(&l, FAKE_BOOT, 1);
	assert_int_equal(ledger_decode(&l, t->seen, strlen(t->seen), t->f->boottime_ms, &why), 0);
	assert_int_equal(l.nr_frozen, 1);
	assert_int_equal(l.frozen[0].id.pid, 200);
	assert_int_equal(l.frozen[0].by.pid, FAKE_SELF);
	ledger_release(&l);
	/* And is taken out again at the end. */
	after = fake_slurp(t->dir, LEDGER_NAME);
	ledger_init(&l, FAKE_BOOT, 1);
	assert_int_equal(ledger_decode(&l, after, strlen(after), t->f->boottime_ms, &why), 0);
	assert_int_equal(l.nr_frozen, 0);
	ledger_release(&l);
	free(after);
}

static void without_ledger_none_is_frozen(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	p->ignores_term = true;
	t->options.save = false;
	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_KILLED);
	assert_int_equal(p->got[SIGSTOP], 0);
}

static void unwritable_ledger_freezes_none(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	p->ignores_term = true;
	begin(t);
	/* Others may look in from now on, so it is no state folder any more. */
	assert_int_equal(chmod(t->dir, 0755), 0);
	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_KILLED);
	assert_int_equal(p->got[SIGSTOP], 0);
	assert_int_equal(chmod(t->dir, 0700), 0);
}

static void blind_when_frozen(struct fake *f)
{
	struct fake_proc *p = fake_find(f, 200);

	if (p && p->stopped)
		f->blind = 1;
}

static void incomplete_rescans_kill_none(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	p->ignores_term = true;
	t->f->on_scan = blind_when_frozen;
	reap_all(t);
	assert_int_equal(p->got[SIGKILL], 0);
	assert_false(p->stopped);
	assert_true(t->report.stopped);
}

static void stop_on_sigstop(struct fake *f, struct fake_proc *p, int signo)
{
	struct ctx *t = f->ctx;

	(void)p;
	if (signo == SIGSTOP)
		assert_int_equal(write(t->stop[1], "", 1), 1);
}

static void told_to_stop_continues_the_frozen(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	p->ignores_term = true;
	t->f->on_signal = stop_on_sigstop;
	reap_all(t);
	assert_int_equal(p->got[SIGSTOP], 1);
	assert_int_equal(p->got[SIGKILL], 0);
	assert_false(p->stopped);
	assert_true(t->report.stopped);
}

/* Another process ends it while it stands still: its environment goes first. */
static void end_slowly(struct fake *f)
{
	struct fake_proc *p = fake_find(f, 200);

	if (!p || !p->stopped)
		return;
	if (!p->env_len)
		fake_end(f, p);
	p->env_len = 0;
}

static void one_that_is_ending_did_not_survive(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID)->ignores_term = true;
	t->f->on_scan = end_slowly;
	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_EXITED);
}

/* However many looks come before its end. */
static void begin_to_end(struct fake *f, struct fake_proc *p, int signo)
{
	(void)f;
	if (signo != SIGSTOP)
		return;
	p->env_len = 0;
	p->ending = true;
}

static void one_that_is_ending_is_waited_for(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID)->ignores_term = true;
	t->f->on_signal = begin_to_end;
	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_EXITED);
}

static void scrub(struct fake *f)
{
	struct fake_proc *p = fake_find(f, 200);

	if (p && p->got[SIGTERM])
		p->env_len = 0;
}

/* What has become something else goes on, and is said to be there. */
static void one_without_its_marker_is_let_go(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	p->ignores_term = true;
	t->f->on_scan = scrub;
	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_SURVIVED);
	assert_int_equal(p->got[SIGKILL], 0);
}

/* Scans that are slow and never show those that end at once. */
static void busy_machine(struct fake *f)
{
	f->vanished = 12;
	f->scan_ms = 60;
}

static void slow_looks_do_not_end_the_hunt(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	busy_machine(t->f);
	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_EXITED);
	assert_true(t->f->scans > 30);
	/* Of which instance they were, no scan showed: they may have been ours. */
	assert_true(t->report.stopped);
}

static void crawling_machine(struct fake *f)
{
	f->vanished = 1;
	f->scan_ms = 100;
}

static void a_hunt_that_time_ends_did_not_succeed(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	crawling_machine(t->f);
	reap_all(t);
	assert_true(t->report.stopped);
	assert_string_equal(t->report.why, "new processes kept appearing");
}

static void storm_that_is_never_caught(struct fake *f)
{
	f->vanished = 1;
	f->scan_ms = 1;
}

/* One look in two shows nothing at all: that is not an end. */
static void storm_that_pauses(struct fake *f)
{
	f->vanished = !f->vanished && !fake_find(f, 201);
	f->scan_ms = 1;
}

static void what_was_never_caught_is_said(void **state)
{
	void (*const storms[])(struct fake * f) = { storm_that_is_never_caught, storm_that_pauses };
	struct ctx *t = *state;

	for (pid_t pid = 200; pid < 202; pid++) {
		fake_agent(t->f, pid, 1, ID);
		t->f->on_scan = storms[pid - 200];
		reap_all(t);
		assert_int_equal(result_of(t, pid)->outcome, OUTCOME_EXITED);
		assert_true(t->report.stopped);
		assert_non_null(t->report.why);
	}
}

/* One look in two shows one that has just ended, forked by @parent. */
static pid_t parent_of_the_ended;

static void a_child_ends(struct fake *f)
{
	struct fake_proc *p;

	if (fake_find(f, 200))
		return;
	for (size_t i = 0; i < f->nr; i++)
		f->procs[i].used = f->procs[i].used && !f->procs[i].zombie;
	p = fake_add(f, f->next_pid++, parent_of_the_ended, "sh");
	p->zombie = true;
	f->scan_ms = 6;
}

static unsigned scans_with_children_of(struct ctx *t, pid_t parent)
{
	unsigned before = t->f->scans;

	parent_of_the_ended = parent;
	fake_agent(t->f, 200, 60, ID);
	t->f->on_scan = a_child_ends;
	reap_all(t);
	assert_null(fake_find(t->f, 200));
	t->f->on_scan = NULL;
	return t->f->scans - before;
}

static void what_others_fork_is_not_hunted(void **state)
{
	struct ctx *t = *state;

	/* 60 is a manager of services, and adopts what 200 leaves. */
	fake_add(t->f, 60, 1, "s6-svscan");
	fake_add(t->f, 61, 1, "make");
	fake_add(t->f, 62, 61, "sh");
	begin(t);
	/* To choose, and three that show that it is over. */
	assert_int_equal(scans_with_children_of(t, 61), 4);
	assert_false(t->report.stopped);
	assert_int_equal(scans_with_children_of(t, 62), 4);
	assert_false(t->report.stopped);
	/* A child of the manager, of pid 1 or of no known parent may have been adopted. */
	for (pid_t parent = 0; parent < 3; parent++) {
		assert_true(scans_with_children_of(t, (pid_t[]){ 60, 1, 999 }[parent]) >= 30);
		assert_true(t->report.stopped);
	}
}

static void storm_that_ends(struct fake *f)
{
	f->vanished = f->scans < 12;
	f->scan_ms = 1;
}

static void when_nothing_new_turns_up_it_is_over(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	t->f->on_scan = storm_that_ends;
	reap_all(t);
	assert_false(t->report.stopped);
	assert_true(t->f->scans > 12);
}

/* It is never waited for. */
static void leave_a_zombie(struct fake *f, uid_t uid)
{
	struct fake_proc *p = fake_find(f, 200);

	if (p && p->got[SIGTERM])
		return;
	if (!p && !fake_find(f, 300)) {
		p = fake_add(f, 300, 1, "goose");
		p->zombie = true;
		p->uid = uid;
	}
	f->scan_ms = 1;
}

static void leave_ours(struct fake *f)
{
	leave_a_zombie(f, FAKE_UID);
}

static void leave_others(struct fake *f)
{
	leave_a_zombie(f, FAKE_UID + 1);
}

static void a_zombie_is_news_once(void **state)
{
	struct ctx *t = *state;
	unsigned scans, full;

	fake_agent(t->f, 200, 1, ID);
	t->f->on_scan = leave_others;
	reap_all(t);
	assert_false(t->report.stopped);
	scans = t->f->scans;
	full = t->f->full_scans;
	fake_end(t->f, fake_find(t->f, 300));
	fake_agent(t->f, 200, 1, ID);
	t->f->on_scan = leave_ours;
	reap_all(t);
	assert_false(t->report.stopped);
	/* It may have forked another before its end: there is a hunt, and nothing to be found. */
	assert_true(t->f->full_scans - full > full);
	assert_true(t->f->scans - scans < 12);
}

static void fork_on_term(struct fake *f, struct fake_proc *p, int signo)
{
	(void)f;
	if (signo == SIGTERM)
		p->forks = 1;
}

static void what_was_too_quick_among_ours_is_said(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID)->ignores_term = true;
	t->f->on_signal = fork_on_term;
	busy_machine(t->f);
	reap_all(t);
	assert_true(t->report.stopped);
}

static unsigned scans_at_term, full_at_term, scans_at_kill, full_at_kill;

/* Its last act is a child, which has its marker and no parent. */
static void leave_a_child_on_term(struct fake *f, struct fake_proc *p, int signo)
{
	if (p->pid == 200 && signo == SIGTERM) {
		fake_agent(f, 300, 1, ID);
		scans_at_term = f->scans;
		full_at_term = f->full_scans;
	} else if (p->pid == 300 && !scans_at_kill) {
		scans_at_kill = f->scans;
		full_at_kill = f->full_scans;
	}
}

static void what_a_quick_look_shows_is_ended_after_a_full_one(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	scans_at_kill = 0;
	t->f->on_signal = leave_a_child_on_term;
	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_EXITED);
	assert_int_equal(result_of(t, 300)->outcome, OUTCOME_KILLED);
	assert_int_equal(scans_at_kill - scans_at_term, 2);
	assert_int_equal(full_at_kill - full_at_term, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ledger_is_written_before_freezing),
		TEST(without_ledger_none_is_frozen),
		TEST(unwritable_ledger_freezes_none),
		TEST(incomplete_rescans_kill_none),
		TEST(told_to_stop_continues_the_frozen),
		TEST(one_that_is_ending_did_not_survive),
		TEST(one_that_is_ending_is_waited_for),
		TEST(one_without_its_marker_is_let_go),
		TEST(slow_looks_do_not_end_the_hunt),
		TEST(a_hunt_that_time_ends_did_not_succeed),
		TEST(what_was_never_caught_is_said),
		TEST(what_others_fork_is_not_hunted),
		TEST(when_nothing_new_turns_up_it_is_over),
		TEST(a_zombie_is_news_once),
		TEST(what_was_too_quick_among_ours_is_said),
		TEST(what_a_quick_look_shows_is_ended_after_a_full_one),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
