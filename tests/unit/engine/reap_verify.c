/* SPDX-License-Identifier: MIT */
/* No process is signalled that is not verified to be the one that is meant. */
#include "unit/engine/reap_fixture.h"

/* Between the handle and the reading another process gets the pid. */
static unsigned opens_of_200;

static void recycle_on_second_open(struct fake *f, pid_t pid)
{
	struct fake_proc *p;

	if (pid != 200 || ++opens_of_200 != 2)
		return;
	fake_end(f, fake_find(f, 200));
	p = fake_agent(f, 200, 1, ID);
	p->start = 10000;
}

static void handle_of_ended_process_signals_none(void **state)
{
	struct ctx *t = *state;

	opens_of_200 = 0;
	fake_agent(t->f, 200, 1, ID)->start = 10000;
	t->f->on_open = recycle_on_second_open;
	reap_all(t);
	assert_int_equal(opens_of_200, 2);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_GONE);
	assert_int_equal(t->f->signals, 0);
	assert_non_null(fake_find(t->f, 200));
}

static void other_start_time_is_gone(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);
	const struct identity only = { 200, p->start + 1, 0 };
	struct reap_request request = request_of(ID);

	request.only = &only;
	request.nr_only = 1;
	reap(t, &request);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_GONE);
	assert_int_equal(t->f->signals, 0);
}

static void other_inode_is_gone(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);
	const struct identity only = { 200, p->start, p->ino + 1 };
	struct reap_request request = request_of(ID);

	request.only = &only;
	request.nr_only = 1;
	reap(t, &request);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_GONE);
	assert_int_equal(t->f->signals, 0);
}

static void exec_without_marker(struct fake *f, pid_t pid)
{
	struct fake_proc *p = fake_find(f, pid);

	if (pid == 200)
		p->env_len = 0;
}

static void marker_is_read_again(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	t->f->on_open = exec_without_marker;
	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_GONE);
	assert_int_equal(t->f->signals, 0);
}

/* exec(2) with the same environment: for a moment there is none. */
static void exec_is_over(struct fake *f)
{
	struct fake_proc *p = fake_find(f, 200);

	if (p && !p->env_len && f->waits > 2)
		fake_env(p, "SPROUT_MANAGED_AGENT=" ID);
}

static void one_between_two_programs_is_looked_at_again(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	t->f->on_open = exec_without_marker;
	t->f->on_wait = exec_is_over;
	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_EXITED);
}

static void what_was_inferred_from_one_between_two_programs_is_ended(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	/* The handle of 201 comes when that of 200 is open already, which is held by then. */
	p->sid = p->pgid = 200;
	fake_add(t->f, 201, 200, "sh")->sid = 200;
	t->f->on_open = exec_without_marker;
	t->f->on_wait = exec_is_over;
	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_EXITED);
	assert_int_equal(result_of(t, 201)->outcome, OUTCOME_EXITED);
}

static void opt_out(struct fake *f, pid_t pid)
{
	if (pid == 200)
		fake_env(fake_find(f, pid), "STRAY_KEEP=1");
}

static void become_multiplexer(struct fake *f, pid_t pid)
{
	struct fake_proc *p = fake_find(f, pid);

	if (pid == 200)
		snprintf(p->comm, sizeof(p->comm), "tmux: server");
}

static void become_desktop(struct fake *f, pid_t pid)
{
	struct fake_proc *p = fake_find(f, pid);

	if (pid == 200)
		snprintf(p->comm, sizeof(p->comm), "sprout-desktop");
}

static void what_has_become_a_kept_program_since_the_scan_is_kept(void **state)
{
	static const struct {
		void (*exec)(struct fake *f, pid_t pid);
		enum verdict_why why;
	} execs[] = {
		{ opt_out, WHY_OPT_OUT },
		{ become_multiplexer, WHY_KEEP_LIST },
		{ become_desktop, WHY_DESKTOP },
	};
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	fake_agent(t->f, 201, 1, ID);
	for (size_t i = 0; i < 3; i++) {
		const struct fake_proc before = *p;

		t->f->on_open = execs[i].exec;
		reap_all(t);
		assert_int_equal(result_of(t, 200)->outcome, OUTCOME_KEPT);
		assert_int_equal(result_of(t, 200)->why, execs[i].why);
		assert_int_equal(p->got[SIGTERM], 0);
		*p = before;
	}
	assert_null(fake_find(t->f, 201));
}

static void exec_with_opt_out(struct fake *f)
{
	struct fake_proc *p = fake_find(f, 200);

	if (p && !p->env_len && f->waits > 2) {
		fake_env(p, "SPROUT_MANAGED_AGENT=" ID);
		fake_env(p, "STRAY_KEEP=1");
	}
}

static void one_between_two_programs_may_become_a_kept_one(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	t->f->on_open = exec_without_marker;
	t->f->on_wait = exec_with_opt_out;
	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_KEPT);
	assert_int_equal(t->f->signals, 0);
}

static void picked_is_ended_although_its_program_is_kept(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	fake_env(p, "STRAY_KEEP=1");
	pick(t, p);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_EXITED);
}

static void exec_as_other_instance(struct fake *f, pid_t pid)
{
	struct fake_proc *p = fake_find(f, pid);

	if (pid != 200)
		return;
	p->env_len = 0;
	fake_env(p, "SPROUT_MANAGED_AGENT=" ID ".branch");
}

static void marker_must_have_the_same_value(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	t->f->on_open = exec_as_other_instance;
	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_GONE);
	assert_int_equal(t->f->signals, 0);
}

static void change_start(struct fake *f, pid_t pid)
{
	if (pid == 200)
		fake_find(f, pid)->start = 1;
}

static void start_time_is_read_again(void **state)
{
	struct ctx *t = *state;

	t->f->on_open = change_start;
	/* By itself: where all of the instance is meant, the other one is meant, too. */
	pick(t, fake_agent(t->f, 200, 1, ID));
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_GONE);
	assert_int_equal(t->f->signals, 0);
}

static void change_uid(struct fake *f, pid_t pid)
{
	if (pid == 200)
		fake_find(f, pid)->uid = 2000;
}

static void another_uid_is_refused(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	t->f->on_open = change_uid;
	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_REFUSED);
	assert_int_equal(t->f->signals, 0);
}

static void refuse_environ(struct fake *f, pid_t pid)
{
	struct fake_proc *p = fake_find(f, pid);

	if (pid == 200)
		p->environ_read = READ_REFUSED;
}

static void end_soon(struct fake *f, pid_t pid)
{
	refuse_environ(f, pid);
	if (pid == 200)
		fake_find(f, pid)->ending = true;
}

static void unreadable_because_it_ends_is_gone(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	t->f->on_open = end_soon;
	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_GONE);
	assert_int_equal(t->f->signals, 0);
}

static void unreadable_marker_is_refused(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	t->f->on_open = refuse_environ;
	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_REFUSED);
	assert_int_equal(t->f->signals, 0);
}

static void leave_parent(struct fake *f, pid_t pid)
{
	struct fake_proc *p = fake_find(f, 201);

	if (pid == 201 && p)
		p->ppid = 1;
}

static void inferred_are_verified_by_their_source(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	fake_add(t->f, 201, 200, "helper");
	t->f->on_open = leave_parent;
	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_EXITED);
	assert_int_equal(result_of(t, 201)->outcome, OUTCOME_REFUSED);
	assert_non_null(fake_find(t->f, 201));
}

static void take_a_marker(struct fake *f, pid_t pid)
{
	struct fake_proc *p = fake_find(f, 201);

	if (pid == 201 && p)
		fake_env(p, "BUZZ_MANAGED_AGENT=another.instance");
}

static void one_without_a_marker_is_verified_to_have_none_still(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	fake_add(t->f, 201, 200, "helper");
	t->f->on_open = take_a_marker;
	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_EXITED);
	assert_int_equal(result_of(t, 201)->outcome, OUTCOME_GONE);
	assert_int_equal(fake_find(t->f, 201)->got[SIGTERM], 0);
}

static void below_a_wrapper_one_may_carry_the_marker_of_an_inner_one(void **state)
{
	static const char id[] = "50:100";
	struct ctx *t = *state;
	struct reap_request request = request_of(id);

	t->options.wrapper = FAKE_SELF;
	t->options.wrapper_id = (struct bytes){ id, strlen(id) };
	fake_env(fake_add(t->f, 200, FAKE_SELF, "helper"), "STRAY_INSTANCE=7:7");
	request.app = "stray";
	request.force = true;
	reap(t, &request);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_EXITED);
}

static void a_person_may_end_a_server_that_has_a_client(void **state)
{
	const struct reap_request request = request_of("4999");
	struct ctx *t = *state;
	struct fake_proc *p = fake_add(t->f, 200, 1, "mcp-server");

	fake_env(p, "OPENCODE_PID=4999");
	p->sid = FAKE_SHELL;
	reap(t, &request);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_EXITED);
}

static void client_for_200(struct fake *f, pid_t pid)
{
	fake_find(f, pid)->hung_up = ANSWER_NO;
}

static void for_a_person_too_one_without_a_marker_must_be_hung_up_still(void **state)
{
	const struct reap_request request = request_of("mcp-server");
	struct ctx *t = *state;
	struct fake_proc *p = fake_add(t->f, 200, 1, "mcp-server");

	p->sid = FAKE_SHELL;
	p->hung_up = ANSWER_YES;
	t->f->on_open = client_for_200;
	reap(t, &request);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_KEPT);
	assert_int_equal(result_of(t, 200)->why, WHY_CONNECTED);
	assert_int_equal(t->f->signals, 0);
}

static void all_are_read_together(void **state)
{
	struct ctx *t = *state;
	unsigned reads;

	for (pid_t pid = 200; pid < 220; pid++)
		fake_agent(t->f, pid, 1, ID);
	begin(t);
	reads = t->f->reads;
	reap_all(t);
	assert_int_equal(t->report.count[OUTCOME_EXITED], 20);
	assert_int_equal(t->f->reads - reads, 1);
}

static void one_that_cannot_be_read_is_refused_alone(void **state)
{
	struct ctx *t = *state;

	for (pid_t pid = 200; pid < 204; pid++)
		fake_agent(t->f, pid, 1, ID);
	fake_find(t->f, 201)->read_error = -EIO;
	fake_find(t->f, 202)->read_error = -ESRCH;
	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_EXITED);
	assert_int_equal(result_of(t, 201)->outcome, OUTCOME_REFUSED);
	assert_int_equal(result_of(t, 202)->outcome, OUTCOME_GONE);
	assert_int_equal(result_of(t, 203)->outcome, OUTCOME_EXITED);
	assert_int_equal(fake_find(t->f, 201)->got[SIGTERM], 0);
	assert_int_equal(fake_find(t->f, 202)->got[SIGTERM], 0);
}

/* Handles that take the last descriptors leave none to read with. */
static void handles_leave_descriptors_to_read_with(void **state)
{
	struct ctx *t = *state;

	for (pid_t pid = 200; pid < 240; pid++)
		fake_agent(t->f, pid, 1, ID);
	t->f->handles_max = 20;
	t->f->overpromises = true;
	reap_all(t);
	assert_int_equal(t->report.count[OUTCOME_EXITED], 40);
	assert_int_equal(t->f->most_handles, 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(handle_of_ended_process_signals_none),
		TEST(other_start_time_is_gone),
		TEST(other_inode_is_gone),
		TEST(one_between_two_programs_is_looked_at_again),
		TEST(what_was_inferred_from_one_between_two_programs_is_ended),
		TEST(what_has_become_a_kept_program_since_the_scan_is_kept),
		TEST(one_between_two_programs_may_become_a_kept_one),
		TEST(picked_is_ended_although_its_program_is_kept),
		TEST(marker_is_read_again),
		TEST(marker_must_have_the_same_value),
		TEST(start_time_is_read_again),
		TEST(another_uid_is_refused),
		TEST(unreadable_marker_is_refused),
		TEST(unreadable_because_it_ends_is_gone),
		TEST(inferred_are_verified_by_their_source),
		TEST(one_without_a_marker_is_verified_to_have_none_still),
		TEST(below_a_wrapper_one_may_carry_the_marker_of_an_inner_one),
		TEST(a_person_may_end_a_server_that_has_a_client),
		TEST(for_a_person_too_one_without_a_marker_must_be_hung_up_still),
		TEST(all_are_read_together),
		TEST(one_that_cannot_be_read_is_refused_alone),
		TEST(handles_leave_descriptors_to_read_with),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
