/* SPDX-License-Identifier: MIT */
/* Signals, waits and outcomes. */
#include "unit/engine/reap_fixture.h"

static void process_that_heeds_term_is_not_killed(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_EXITED);
	assert_int_equal(p->got[SIGTERM], 1);
	assert_int_equal(p->got[SIGKILL], 0);
	assert_int_equal(p->got[SIGSTOP], 0);
	assert_int_equal(t->f->boottime_ms, 100000);
}

static void a_stopped_one_is_continued_after_term(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	p->stopped = true;
	p->ignores_term = true;
	reap_all(t);
	assert_int_equal(p->got[SIGTERM], 1);
	assert_true(p->got[SIGCONT] >= 1);
}

static void process_that_ignores_term_is_frozen_and_killed(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	p->ignores_term = true;
	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_KILLED);
	assert_int_equal(p->got[SIGSTOP], 1);
	assert_int_equal(p->got[SIGKILL], 1);
	/* No longer than the term timeout. */
	assert_int_equal(t->f->boottime_ms, 105000);
}

static void what_cannot_die_survives_and_goes_on(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	p->cannot_die = true;
	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_SURVIVED);
	assert_false(p->stopped);
	assert_int_equal(t->f->outcomes[OUTCOME_SURVIVED], 1);
	assert_int_equal(t->report.count[OUTCOME_KILLED], 0);
}

static void not_permitted_is_refused_and_alive(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID)->not_ours = true;
	fake_agent(t->f, 201, 1, ID);
	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_REFUSED);
	assert_int_equal(result_of(t, 200)->error, EPERM);
	assert_int_equal(result_of(t, 201)->outcome, OUTCOME_EXITED);
}

static void keep_the_last(struct fake *f)
{
	struct fake_proc *p = fake_find(f, 203);

	if (p && !fake_find(f, 200) && !p->got[0]++)
		fake_env(p, "STRAY_KEEP=1");
}

static void later_batches_are_asked_about_again(void **state)
{
	struct ctx *t = *state;

	t->f->handles_max = 1;
	for (pid_t pid = 200; pid < 204; pid++)
		fake_agent(t->f, pid, 1, ID);
	t->f->on_scan = keep_the_last;
	reap_all(t);
	assert_null(fake_find(t->f, 202));
	assert_non_null(fake_find(t->f, 203));
	assert_int_equal(fake_find(t->f, 203)->got[SIGTERM], 0);
	assert_int_equal(result_of(t, 203)->outcome, OUTCOME_KEPT);
	assert_int_equal(result_of(t, 203)->why, WHY_OPT_OUT);
}

static void stop_cuts_the_wait_short(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	p->ignores_term = true;
	begin(t);
	assert_int_equal(write(t->stop[1], "", 1), 1);
	reap_all(t);
	assert_int_equal(t->f->boottime_ms, 100000);
	assert_int_equal(p->got[SIGTERM] + p->got[SIGKILL], 0);
	assert_true(t->report.stopped);
}

static void more_victims_than_handles_go_in_batches(void **state)
{
	struct ctx *t = *state;

	t->f->handles_max = 3;
	for (pid_t pid = 200; pid < 210; pid++)
		fake_agent(t->f, pid, 1, ID)->ignores_term = pid % 2;
	for (pid_t pid = 200; pid < 205; pid++)
		fake_add(t->f, pid + 100, pid, "helper");
	reap_all(t);
	assert_int_equal(t->f->most_handles, 3);
	for (pid_t pid = 200; pid < 210; pid++)
		assert_null(fake_find(t->f, pid));
	for (pid_t pid = 300; pid < 305; pid++)
		assert_null(fake_find(t->f, pid));
	assert_int_equal(t->report.count[OUTCOME_EXITED] + t->report.count[OUTCOME_KILLED], 15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(process_that_heeds_term_is_not_killed),
		TEST(a_stopped_one_is_continued_after_term),
		TEST(process_that_ignores_term_is_frozen_and_killed),
		TEST(what_cannot_die_survives_and_goes_on),
		TEST(not_permitted_is_refused_and_alive),
		TEST(later_batches_are_asked_about_again),
		TEST(stop_cuts_the_wait_short),
		TEST(more_victims_than_handles_go_in_batches),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
