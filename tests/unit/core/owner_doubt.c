/* SPDX-License-Identifier: MIT */
/* Owners, continued: what keeps one from being proven gone. */
#include "helpers/table.h"

#define SPROUT(id) "SPROUT_MANAGED_AGENT=" id

static pid_t doubts(const struct table *t, const char *id)
{
	const struct process *proc = table_instance(t, id)->desktop;

	return proc ? proc->id.pid : 0;
}

/* --- desktops ---------------------------------------------------------------------- */

static void one_in_the_middle_of_an_exec_could_not_be_read(void **state)
{
	struct table t;

	(void)state;
	/* Neither arguments nor environment yet; one of them alone may be empty. */
	TABLE(&t, { 100, 1, "Sprout", .args = "" }, { 110, 1, "bare-desk", "C=z", .args = "" },
	      { 200, 1, NULL, SPROUT("a") }, { 201, 1, NULL, "BARE_AGENT=b" },
	      { 202, 1, NULL, "BARE_AGENT=z" });
	t.s->procs[snapshot_index(t.s, 100)].args.len = 0;
	t.s->procs[snapshot_index(t.s, 110)].args.len = 0;
	table_census(&t);
	ASSERT_DOUBT(&t, "a", DOUBT_UNREADABLE);
	assert_int_equal(doubts(&t, "a"), 100);
	ASSERT_GONE(&t, "b");
	table_release(&t);
}

static void refused_arguments_leave_a_doubt_whatever_the_environment_holds(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout", "C=z", .no_args = true }, { 200, 1, NULL, SPROUT("a") },
	      { 201, 1, NULL, SPROUT("z") });
	table_census(&t);
	ASSERT_DOUBT(&t, "a", DOUBT_UNREADABLE);
	ASSERT_ALIVE(&t, "z", EVIDENCE_ENVIRONMENT, 100);
	table_release(&t);
}

static void a_name_casts_no_doubt_where_the_value_names_the_owner(void **state)
{
	struct app *app;
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout", .no_env = true },
	      { 200, 1, NULL, "SPROUT_MANAGED_AGENT=4711" });
	table_census(&t);
	ASSERT_DOUBT(&t, "4711", DOUBT_UNREADABLE);
	app = &t.policy.apps[policy_find_app(&t.policy, "sprout") - t.policy.apps];
	app->owner = APP_OWNER_PID;
	table_census(&t);
	ASSERT_GONE(&t, "4711");
	table_release(&t);
}

/* --- values ------------------------------------------------------------------------ */

static void a_value_from_another_namespace_means_nothing_here(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "make" }, { 200, 1, NULL, "STRAY_INSTANCE=100", .pid_ns = 99 },
	      { 210, 1, "make" }, { 300, 1, NULL, "STRAY_INSTANCE=210", .pid_ns = 99 },
	      { 301, 1, NULL, "STRAY_INSTANCE=210" });
	table_census(&t);
	ASSERT_DOUBT(&t, "100", DOUBT_CONTAINER);
	assert_int_equal(doubts(&t, "100"), 200);
	/* One of ours proves it. */
	ASSERT_ALIVE(&t, "210", EVIDENCE_VALUE, 210);
	table_release(&t);
}

static void a_value_that_pid_1_carries_was_stamped_outside(void **state)
{
	struct table t;

	(void)state;
	/* docker run -e ...: the number is one of the host. */
	TABLE(&t, { 1, 0, "tail", "STRAY_INSTANCE=100", .pgid = 1, .sid = 1 }, { 100, 1, "make" },
	      { 200, 1, NULL, "STRAY_INSTANCE=100" });
	table_census(&t);
	ASSERT_DOUBT(&t, "100", DOUBT_CONTAINER);
	table_release(&t);
}

static void so_was_one_that_entered_with_ppid_0(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "make" },
	      { 150, 0, NULL, "STRAY_INSTANCE=100", .pgid = 150, .sid = 150 },
	      { 200, 1, NULL, "STRAY_INSTANCE=100" });
	table_census(&t);
	ASSERT_DOUBT(&t, "100", DOUBT_CONTAINER);
	table_release(&t);
}

/* --- parents ------------------------------------------------------------------------ */

static void one_live_parent_makes_the_whole_instance_unknown(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "renamed-desk" }, { 200, 100, NULL, SPROUT("a") },
	      { 201, 1, NULL, SPROUT("a") }, { 202, 1, NULL, SPROUT("b") });
	table_census(&t);
	ASSERT_DOUBT(&t, "a", DOUBT_PARENT);
	assert_int_equal(doubts(&t, "a"), 100);
	ASSERT_STATE(&t, 201, "a", STATE_UNKNOWN, BECAUSE_OWNER_UNKNOWN);
	ASSERT_GONE(&t, "b");
	table_release(&t);
}

static void an_inferred_process_casts_no_doubt(void **state)
{
	struct table t;

	(void)state;
	/* 300 is inferred from its group's leader, and has a parent of its own. */
	TABLE(&t, { 100, 1, "bash" }, { 200, 1, NULL, SPROUT("a"), .pgid = 200 },
	      { 300, 100, "sleep", NULL, .pgid = 200 });
	table_census(&t);
	ASSERT_GONE(&t, "a");
	table_release(&t);
}

static void one_in_another_namespace_casts_no_doubt(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "bash" }, { 200, 100, NULL, SPROUT("a"), .pid_ns = 99 },
	      { 201, 1, NULL, SPROUT("a") });
	table_census(&t);
	ASSERT_GONE(&t, "a");
	table_release(&t);
}

static void stray_and_what_it_runs_in_cast_no_doubt(void **state)
{
	struct table t;

	(void)state;
	/* Looked at from inside an agent. */
	TABLE(&t, { 100, 1, "xterm" }, { 101, 100, "bash", SPROUT("a") },
	      { TABLE_SELF, 101, "stray", SPROUT("a") }, { 201, 1, NULL, SPROUT("a") });
	table_census(&t);
	ASSERT_GONE(&t, "a");
	table_release(&t);
	/* A program that becomes stray has the children that it had. */
	TABLE(&t, { 200, TABLE_SELF, NULL, SPROUT("a") });
	table_census(&t);
	ASSERT_GONE(&t, "a");
	table_release(&t);
}

static void in_a_trap_the_shell_casts_no_doubt(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "bash" }, { TABLE_SELF, 100, "stray" },
	      { 200, 100, NULL, SPROUT("a") });
	table_census(&t);
	ASSERT_DOUBT(&t, "a", DOUBT_PARENT);
	t.input.reap = true;
	table_census(&t);
	ASSERT_GONE(&t, "a");
	table_release(&t);
	/* Only what it runs in. */
	TABLE(&t, { 100, 1, "bash" }, { 110, 1, "bash" }, { TABLE_SELF, 100, "stray" },
	      { 200, 110, NULL, SPROUT("a") });
	t.input.reap = true;
	table_census(&t);
	ASSERT_DOUBT(&t, "a", DOUBT_PARENT);
	table_release(&t);
}

static void a_dead_parent_is_no_owner(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "bash", .dead = true }, { 200, 100, NULL, SPROUT("a") },
	      { 201, 1, NULL, SPROUT("a") });
	table_census(&t);
	ASSERT_GONE(&t, "a");
	ASSERT_STATE(&t, 200, "a", STATE_UNKNOWN, BECAUSE_PARENT_LIVES);
	table_release(&t);
}

/* --- hidden processes ------------------------------------------------------------------ */

static void where_processes_are_hidden_none_is_gone(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 200, 1, NULL, SPROUT("a") }, { 201, 1, NULL, SPROUT("b") },
	      { 202, 1, NULL, "STRAY_INSTANCE=4711" }, { 203, 1, NULL, "STRAY_INSTANCE=4712" },
	      { 300, 1, "make" }, { 250, 1, NULL, "STRAY_INSTANCE=300" });
	t.s->hides = true;
	table_census(&t);
	ASSERT_DOUBT(&t, "a", DOUBT_HIDDEN);
	ASSERT_DOUBT(&t, "4711", DOUBT_HIDDEN);
	/* Another process has that pid by now: it is younger. */
	ASSERT_GONE(&t, "300");
	/* What the engine saw end, and what pidfd_open(2) says. */
	t.seen_gone = "b";
	t.ended = 4712;
	table_census(&t);
	ASSERT_DOUBT(&t, "a", DOUBT_HIDDEN);
	ASSERT_GONE(&t, "b");
	ASSERT_DOUBT(&t, "4711", DOUBT_HIDDEN);
	ASSERT_GONE(&t, "4712");
	t.input.seen_gone = NULL;
	t.input.ended = NULL;
	table_census(&t);
	ASSERT_DOUBT(&t, "b", DOUBT_HIDDEN);
	ASSERT_DOUBT(&t, "4712", DOUBT_HIDDEN);
	table_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_in_the_middle_of_an_exec_could_not_be_read),
		cmocka_unit_test(refused_arguments_leave_a_doubt_whatever_the_environment_holds),
		cmocka_unit_test(a_name_casts_no_doubt_where_the_value_names_the_owner),
		cmocka_unit_test(a_value_from_another_namespace_means_nothing_here),
		cmocka_unit_test(a_value_that_pid_1_carries_was_stamped_outside),
		cmocka_unit_test(so_was_one_that_entered_with_ppid_0),
		cmocka_unit_test(one_live_parent_makes_the_whole_instance_unknown),
		cmocka_unit_test(an_inferred_process_casts_no_doubt),
		cmocka_unit_test(one_in_another_namespace_casts_no_doubt),
		cmocka_unit_test(stray_and_what_it_runs_in_cast_no_doubt),
		cmocka_unit_test(in_a_trap_the_shell_casts_no_doubt),
		cmocka_unit_test(a_dead_parent_is_no_owner),
		cmocka_unit_test(where_processes_are_hidden_none_is_gone),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
