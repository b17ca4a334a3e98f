/* SPDX-License-Identifier: MIT */
/* Owners, continued: owner = pid, and launchers at confirm time. */
#include "helpers/table.h"

#define SPROUT(id) "SPROUT_MANAGED_AGENT=" id

static void alive_by_value(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "make" }, { 200, 1, NULL, "STRAY_INSTANCE=100" });
	table_census(&t);
	ASSERT_ALIVE(&t, "100", EVIDENCE_VALUE, 100);
	table_release(&t);
}

static void the_value_comes_before_descent(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "make" }, { 200, 100, NULL, "STRAY_INSTANCE=100" });
	table_census(&t);
	ASSERT_ALIVE(&t, "100", EVIDENCE_VALUE, 100);
	table_release(&t);
}

static void the_start_time_must_be_the_same_where_given(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "make", .start = 50 }, { 200, 1, NULL, "STRAY_INSTANCE=100:50" },
	      { 201, 1, NULL, "STRAY_INSTANCE=100:51" });
	table_census(&t);
	ASSERT_ALIVE(&t, "100:50", EVIDENCE_VALUE, 100);
	ASSERT_GONE(&t, "100:51");
	table_release(&t);
}

static void an_owner_is_not_younger_than_its_process(void **state)
{
	struct table t;

	(void)state;
	/* The pid was handed out again. */
	TABLE(&t, { 100, 1, "make", .start = 301 },
	      { 200, 1, NULL, "STRAY_INSTANCE=100", .start = 300 },
	      { 110, 1, "make", .start = 300 },
	      { 210, 1, NULL, "STRAY_INSTANCE=110", .start = 300 });
	table_census(&t);
	ASSERT_GONE(&t, "100");
	ASSERT_ALIVE(&t, "110", EVIDENCE_VALUE, 110);
	table_release(&t);
}

static void an_owner_that_is_not_there_is_gone(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 200, 1, NULL, "STRAY_INSTANCE=100" }, { 110, 1, "make", .dead = true },
	      { 210, 1, NULL, "STRAY_INSTANCE=110" });
	table_census(&t);
	ASSERT_GONE(&t, "100");
	ASSERT_GONE(&t, "110");
	table_release(&t);
}

static void a_process_that_carries_its_own_pid_is_the_owner(void **state)
{
	struct table t;

	(void)state;
	/* sh -c 'export STRAY_INSTANCE=$$; exec program' */
	TABLE(&t, { 200, 1, NULL, "STRAY_INSTANCE=200" }, { 201, 200, "sh", NULL });
	table_census(&t);
	assert_int_equal(table_instance(&t, "200")->owner, OWNER_ALIVE);
	assert_int_equal(table_instance(&t, "200")->evidence, EVIDENCE_VALUE);
	assert_true(t.c->nodes[snapshot_index(t.s, 200)].desktop);
	table_release(&t);
	/* Not where the value says that it is another. */
	TABLE(&t, { 200, 1, NULL, "STRAY_INSTANCE=200:7" });
	table_census(&t);
	ASSERT_GONE(&t, "200:7");
	table_release(&t);
}

static void an_owner_of_another_user_leaves_a_doubt(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "make", .uid = 1001 }, { 200, 1, NULL, "STRAY_INSTANCE=100" });
	table_census(&t);
	ASSERT_DOUBT(&t, "100", DOUBT_OTHER_USER);
	assert_int_equal(table_instance(&t, "100")->desktop->id.pid, 100);
	table_release(&t);
}

static void a_value_that_is_no_pid_leaves_a_doubt(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 200, 1, NULL, "STRAY_INSTANCE=me" }, { 201, 1, NULL, "STRAY_INSTANCE=1" });
	table_census(&t);
	ASSERT_DOUBT(&t, "me", DOUBT_VALUE);
	ASSERT_DOUBT(&t, "1", DOUBT_VALUE);
	table_release(&t);
}

static void what_is_named_by_one_value_leaves_no_doubt_on_another(void **state)
{
	struct table t;

	(void)state;
	/* 100 is a desktop by "100" alone: that it names no other id says nothing of "101". */
	TABLE(&t, { 100, 1, "make", .no_args = true }, { 200, 1, NULL, "STRAY_INSTANCE=100" },
	      { 201, 1, NULL, "STRAY_INSTANCE=101" });
	table_census(&t);
	ASSERT_ALIVE(&t, "100", EVIDENCE_VALUE, 100);
	ASSERT_GONE(&t, "101");
	table_release(&t);
}

static void an_inferred_process_speaks_for_no_value(void **state)
{
	struct table t;

	(void)state;
	/* Only the younger, inferred child could have 100 as its owner. */
	TABLE(&t, { 100, 1, "make", .start = 300 },
	      { 200, 1, NULL, "STRAY_INSTANCE=100", .start = 250 },
	      { 201, 200, "sh", .start = 350 });
	table_census(&t);
	ASSERT_GONE(&t, "100");
	table_release(&t);
}

/* --- at confirm time ----------------------------------------------------------------- */

static void a_launcher_leaves_a_doubt(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "updater", .args = "updater|--restart|org.a.b" },
	      { 200, 1, NULL, SPROUT("org.a.b") });
	table_census(&t);
	ASSERT_GONE(&t, "org.a.b");
	t.input.confirm = true;
	table_census(&t);
	ASSERT_DOUBT(&t, "org.a.b", DOUBT_LAUNCHER);
	assert_int_equal(table_instance(&t, "org.a.b")->desktop->id.pid, 100);
	table_release(&t);
}

static void a_launcher_holds_the_whole_id(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "updater", .args = "updater|org.a.b.dev|x-org.a.b" },
	      { 200, 1, NULL, SPROUT("org.a.b") });
	t.input.confirm = true;
	table_census(&t);
	ASSERT_GONE(&t, "org.a.b");
	table_release(&t);
}

static void what_is_no_launcher(void **state)
{
	struct table t;

	(void)state;
	/* Managed, another user's, dead, stray and its ancestors, and one that mentions it only
	 * in its environment. */
	TABLE(&t, { 200, 1, NULL, SPROUT("org.a.b"), .args = "node|org.a.b" },
	      { 201, 200, "sh", .args = "sh|org.a.b" },
	      { 101, 1, "updater", .args = "updater|org.a.b", .uid = 1001 },
	      { 102, 1, "updater", .args = "updater|org.a.b", .dead = true },
	      { 103, 1, "updater", "X=org.a.b" },
	      { 105, 1, "bash", .args = "bash|-c|stray --reap org.a.b" },
	      { TABLE_SELF, 105, "stray", .args = "stray|--reap|org.a.b" });
	t.input.confirm = true;
	table_census(&t);
	ASSERT_GONE(&t, "org.a.b");
	table_release(&t);
}

static void a_desktop_is_no_launcher(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Buzz", .args = "Buzz|org.a.b" }, { 200, 1, NULL, SPROUT("org.a.b") });
	t.input.confirm = true;
	table_census(&t);
	ASSERT_GONE(&t, "org.a.b");
	table_release(&t);
}

static void short_ids_and_numbers_are_not_asked_of_launchers(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "ls", .args = "ls|abcde|abcdef|1234567|4711:12" },
	      { 200, 1, NULL, SPROUT("abcde") }, { 201, 1, NULL, SPROUT("abcdef") },
	      { 202, 1, NULL, SPROUT("1234567") }, { 203, 1, NULL, "STRAY_INSTANCE=4711:12" });
	t.input.confirm = true;
	table_census(&t);
	ASSERT_GONE(&t, "abcde");
	ASSERT_DOUBT(&t, "abcdef", DOUBT_LAUNCHER);
	ASSERT_GONE(&t, "1234567");
	ASSERT_GONE(&t, "4711:12");
	assert_null(census_find_launcher(t.c, table_instance(&t, "abcde")));
	assert_non_null(census_find_launcher(t.c, table_instance(&t, "abcdef")));
	table_release(&t);
}

static void a_launcher_that_has_launched_is_done(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "npm", .args = "npm|run|org.a.b" },
	      { 150, 100, "Sprout", .args = "Sprout|org.a.b" },
	      { 200, 1, NULL, SPROUT("org.a.b") });
	t.input.confirm = true;
	table_census(&t);
	ASSERT_ALIVE(&t, "org.a.b", EVIDENCE_ARGUMENTS, 150);
	table_release(&t);
	/* One that has not makes even a live owner doubtful: it may replace it. */
	TABLE(&t, { 100, 1, "npm", .args = "npm|run|org.a.b" },
	      { 150, 1, "Sprout", .args = "Sprout|org.a.b" }, { 200, 1, NULL, SPROUT("org.a.b") });
	t.input.confirm = true;
	table_census(&t);
	ASSERT_DOUBT(&t, "org.a.b", DOUBT_LAUNCHER);
	table_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alive_by_value),
		cmocka_unit_test(the_value_comes_before_descent),
		cmocka_unit_test(the_start_time_must_be_the_same_where_given),
		cmocka_unit_test(an_owner_is_not_younger_than_its_process),
		cmocka_unit_test(an_owner_that_is_not_there_is_gone),
		cmocka_unit_test(a_process_that_carries_its_own_pid_is_the_owner),
		cmocka_unit_test(an_owner_of_another_user_leaves_a_doubt),
		cmocka_unit_test(a_value_that_is_no_pid_leaves_a_doubt),
		cmocka_unit_test(what_is_named_by_one_value_leaves_no_doubt_on_another),
		cmocka_unit_test(an_inferred_process_speaks_for_no_value),
		cmocka_unit_test(a_launcher_leaves_a_doubt),
		cmocka_unit_test(a_launcher_holds_the_whole_id),
		cmocka_unit_test(what_is_no_launcher),
		cmocka_unit_test(a_desktop_is_no_launcher),
		cmocka_unit_test(short_ids_and_numbers_are_not_asked_of_launchers),
		cmocka_unit_test(a_launcher_that_has_launched_is_done),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
