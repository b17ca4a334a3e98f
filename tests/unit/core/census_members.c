/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "helpers/table.h"

#define SPROUT(id) "SPROUT_MANAGED_AGENT=" id
#define BUZZ(id)   "BUZZ_MANAGED_AGENT=" id

static void a_marker_makes_a_member(void **state)
{
	struct table t;
	const struct member *m;

	(void)state;
	TABLE(&t, { 10, 1, NULL, "PATH=/|" SPROUT("a") }, { 11, 1, NULL, "PATH=/" });
	table_census(&t);
	m = table_member(&t, 10, "a");
	assert_non_null(m);
	assert_false(m->inferred);
	assert_true(m->inferred_from == CENSUS_NONE);
	assert_string_equal(m->marker, "SPROUT_MANAGED_AGENT");
	ASSERT_STRANGER(&t, 11, NULL);
	table_release(&t);
}

static void empty_value_names_no_instance(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 10, 1, NULL, "SPROUT_MANAGED_AGENT=" },
	      { 11, 1, NULL, "SPROUT_MANAGED_AGENT" });
	table_census(&t);
	assert_int_equal(t.c->nr_instances, 0);
	table_release(&t);
}

static void the_first_entry_counts(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 10, 1, NULL, SPROUT("a") "|" SPROUT("b") },
	      { 11, 1, NULL, "SPROUT_MANAGED_AGENT=|" SPROUT("b") });
	table_census(&t);
	ASSERT_MEMBER(&t, 10, "a");
	ASSERT_STRANGER(&t, 10, "b");
	ASSERT_STRANGER(&t, 11, NULL);
	table_release(&t);
}

static void a_marker_in_another_value_is_none(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 10, 1, NULL, "A=x\n" SPROUT("a") },
	      { 11, 1, "node", NULL, "node|" SPROUT("a") },
	      { 12, 1, NULL, "XSPROUT_MANAGED_AGENT=a" });
	table_census(&t);
	assert_int_equal(t.c->nr_members, 0);
	table_release(&t);
}

static void two_markers_of_one_app_are_one_membership(void **state)
{
	struct app *app;
	struct table t;

	(void)state;
	TABLE(&t, { 10, 1, NULL, "BARE_AGENT=a|BARE_OLD=a" },
	      { 11, 1, NULL, "BARE_AGENT=a|BARE_OLD=b" });
	app = &t.policy.apps[policy_find_app(&t.policy, "bare") - t.policy.apps];
	assert_int_equal(strings_add(&app->markers, "BARE_OLD", 8), 0);
	table_census(&t);
	assert_null(census_next_membership(t.c, census_find_member(t.c, 10)));
	ASSERT_MEMBER(&t, 11, "a");
	ASSERT_MEMBER(&t, 11, "b");
	table_release(&t);
}

static void the_dead_and_the_kernel_are_no_members(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 10, 1, NULL, SPROUT("a"), .dead = true },
	      { 11, 1, NULL, SPROUT("a"), .kernel = true }, { 12, 1, NULL, SPROUT("a") },
	      { 13, 12, NULL, NULL, .dead = true }, { 14, 12, NULL, NULL, .kernel = true });
	table_census(&t);
	assert_int_equal(t.c->nr_members, 1);
	ASSERT_MEMBER(&t, 12, "a");
	table_release(&t);
}

static void only_users_in_scope_have_members(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 10, 1, NULL, SPROUT("a") }, { 11, 1, NULL, SPROUT("a"), .uid = 1001 },
	      { 12, 1, NULL, SPROUT("a"), .root = true });
	table_census(&t);
	assert_int_equal(t.c->nr_members, 1);
	t.input.uid = 1001;
	table_census(&t);
	assert_int_equal(t.c->nr_members, 1);
	assert_int_equal(t.c->members[0].proc->id.pid, 11);
	t.input.all_users = true;
	table_census(&t);
	/* The same id of three users: three instances. */
	assert_int_equal(t.c->nr_instances, 3);
	assert_int_equal(t.c->nr_members, 3);
	table_release(&t);
}

static void descent_is_inferred(void **state)
{
	struct table t;
	const struct member *m;

	(void)state;
	TABLE(&t, { 10, 1, NULL, SPROUT("a") }, { 11, 10, "sh", NULL, .pgid = 11, .sid = 11 },
	      { 12, 11, "sleep", NULL, .pgid = 12, .sid = 12 });
	table_census(&t);
	for (pid_t pid = 11; pid <= 12; pid++) {
		m = table_member(&t, pid, "a");
		assert_non_null(m);
		assert_true(m->inferred);
		assert_null(m->marker);
		assert_true(m->inferred_from != CENSUS_NONE);
		assert_int_equal(t.c->members[m->inferred_from].proc->id.pid, pid - 1);
	}
	table_release(&t);
}

static void a_group_led_by_a_managed_process_is_inferred(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 10, 1, NULL, SPROUT("a"), .pgid = 10, .sid = 5 },
	      { 11, 1, "sleep", NULL, .pgid = 10, .sid = 5 },
	      { 12, 1, "sleep", NULL, .pgid = 5, .sid = 5 });
	table_census(&t);
	ASSERT_MEMBER(&t, 11, "a");
	assert_int_equal(t.c->members[table_member(&t, 11, "a")->inferred_from].proc->id.pid, 10);
	ASSERT_STRANGER(&t, 12, NULL);
	table_release(&t);
}

static void a_session_led_by_a_managed_process_is_inferred(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 10, 1, NULL, SPROUT("a"), .pgid = 10, .sid = 10 },
	      { 11, 1, "sleep", NULL, .pgid = 11, .sid = 10 },
	      { 12, 1, "sleep", NULL, .pgid = 12, .sid = 5 });
	table_census(&t);
	ASSERT_MEMBER(&t, 11, "a");
	ASSERT_STRANGER(&t, 12, NULL);
	table_release(&t);
}

static void sharing_a_group_or_session_proves_nothing(void **state)
{
	struct table t;

	(void)state;
	/* bash leads the session; an agent and a stranger sit in it, and in one group. */
	TABLE(&t, { 5, 1, "bash", NULL, .pgid = 5, .sid = 5 },
	      { 10, 5, NULL, SPROUT("a"), .pgid = 7, .sid = 5 },
	      { 11, 5, "vim", NULL, .pgid = 7, .sid = 5 });
	table_census(&t);
	ASSERT_MEMBER(&t, 10, "a");
	ASSERT_STRANGER(&t, 11, NULL);
	ASSERT_STRANGER(&t, 5, NULL);
	table_release(&t);
}

static void a_leader_may_be_inferred_itself_in_any_order(void **state)
{
	struct table t;

	(void)state;
	/* 30 (marked) > 20 (descends) leads 10's group, which leads 5's session. */
	TABLE(&t, { 30, 1, NULL, SPROUT("a") }, { 20, 30, NULL, NULL, .pgid = 20, .sid = 20 },
	      { 10, 1, NULL, NULL, .pgid = 20, .sid = 10 },
	      { 5, 1, NULL, NULL, .pgid = 5, .sid = 10 });
	table_census(&t);
	ASSERT_MEMBER(&t, 20, "a");
	ASSERT_MEMBER(&t, 10, "a");
	ASSERT_MEMBER(&t, 5, "a");
	table_release(&t);
}

static void a_marker_of_its_own_keeps_from_being_inferred(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 10, 1, NULL, SPROUT("a") }, { 11, 10, NULL, SPROUT("b") },
	      { 12, 10, NULL, BUZZ("c") }, { 13, 11, NULL });
	table_census(&t);
	ASSERT_STRANGER(&t, 11, "a");
	ASSERT_MEMBER(&t, 11, "b");
	ASSERT_STRANGER(&t, 12, "a");
	/* The nearest managed ancestor counts, not the next one. */
	ASSERT_MEMBER(&t, 13, "b");
	ASSERT_STRANGER(&t, 13, "a");
	table_release(&t);
}

static void everything_of_the_ancestor_is_inferred(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 10, 1, NULL, SPROUT("a") "|" BUZZ("b") }, { 11, 10, "sh" });
	table_census(&t);
	ASSERT_MEMBER(&t, 11, "a");
	ASSERT_MEMBER(&t, 11, "b");
	table_release(&t);
}

static void desktops_are_not_inferred(void **state)
{
	struct table t;

	(void)state;
	/* A desktop started from inside an agent, and one in an agent's group. */
	TABLE(&t, { 10, 1, NULL, SPROUT("a"), .pgid = 10, .sid = 10 }, { 11, 10, "sprout-desktop" },
	      { 12, 1, "Sprout", NULL, .pgid = 10, .sid = 10 }, { 13, 10, "Buzz" });
	table_census(&t);
	ASSERT_STRANGER(&t, 11, NULL);
	ASSERT_STRANGER(&t, 12, NULL);
	ASSERT_STRANGER(&t, 13, NULL);
	table_release(&t);
}

static void what_descends_from_a_live_desktop_is_not_inferred(void **state)
{
	struct table t;

	(void)state;
	/* Below a desktop (of any app) that runs inside an agent; in the agent's group too. */
	TABLE(&t, { 10, 1, NULL, SPROUT("a"), .pgid = 10, .sid = 10 }, { 11, 10, "Buzz" },
	      { 12, 11, "zygote" }, { 13, 12, "sh", NULL, .pgid = 10, .sid = 10 },
	      { 14, 11, NULL, BUZZ("b"), .pgid = 14, .sid = 14 }, { 15, 14, "sh" });
	table_census(&t);
	ASSERT_STRANGER(&t, 12, NULL);
	ASSERT_STRANGER(&t, 13, NULL);
	/* With a marker of its own it is managed, and so is what runs below that. */
	ASSERT_MEMBER(&t, 14, "b");
	ASSERT_MEMBER(&t, 15, "b");
	ASSERT_STRANGER(&t, 15, "a");
	table_release(&t);
}

static void a_dead_desktop_does_not_keep_from_inferring(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 10, 1, NULL, SPROUT("a") }, { 11, 10, "Buzz", NULL, .dead = true },
	      { 12, 11, "sh" });
	table_census(&t);
	ASSERT_MEMBER(&t, 12, "a");
	table_release(&t);
}

static void nothing_is_inferred_from_another_user(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 10, 1, NULL, SPROUT("a"), .uid = 1001, .pgid = 10, .sid = 10 },
	      { 11, 10, "sh", NULL, .pgid = 10, .sid = 10 });
	t.input.all_users = true;
	table_census(&t);
	assert_int_equal(t.c->nr_members, 1);
	ASSERT_STRANGER(&t, 11, NULL);
	table_release(&t);
}

static void an_ancestor_of_another_user_is_passed_over(void **state)
{
	struct table t;

	(void)state;
	/* An agent runs sudo, which runs something as the user again. */
	TABLE(&t, { 10, 1, NULL, SPROUT("a") }, { 11, 10, "sudo", NULL, .root = true },
	      { 12, 11, "sh" });
	table_census(&t);
	ASSERT_STRANGER(&t, 11, NULL);
	ASSERT_MEMBER(&t, 12, "a");
	table_release(&t);
}

static void agents_have_a_parent_of_no_such_instance(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 10, 1, NULL, SPROUT("a") }, { 11, 10, NULL, SPROUT("a") }, { 12, 11, "sh" },
	      { 13, 10, NULL, SPROUT("b") }, { 14, 1, "sleep", NULL, .pgid = 10 });
	table_census(&t);
	assert_int_equal(table_member(&t, 10, "a")->role, ROLE_AGENT);
	assert_int_equal(table_member(&t, 11, "a")->role, ROLE_WORKER);
	assert_int_equal(table_member(&t, 12, "a")->role, ROLE_WORKER);
	assert_int_equal(table_member(&t, 13, "b")->role, ROLE_AGENT);
	assert_true(table_member(&t, 10, "a")->parent == CENSUS_NONE);
	assert_int_equal(t.c->members[table_member(&t, 12, "a")->parent].proc->id.pid, 11);
	assert_true(table_member(&t, 13, "b")->parent == CENSUS_NONE);
	assert_int_equal(table_instance(&t, "a")->workers, 2);
	table_release(&t);
}

static void members_stand_together_ordered_by_pid(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 30, 1, NULL, SPROUT("b") }, { 20, 1, NULL, BUZZ("b") },
	      { 10, 1, NULL, SPROUT("b") }, { 40, 1, NULL, SPROUT("a") }, { 15, 30, "sh" },
	      { 25, 40, "sh" }, { 12, 1, NULL, SPROUT("ab") });
	table_census(&t);
	assert_int_equal(t.c->nr_instances, 4);
	assert_int_equal(t.c->nr_members, 7);
	for (size_t i = 0, at = 0; i < t.c->nr_instances; i++) {
		const struct instance *inst = &t.c->instances[i];

		assert_int_equal(inst->first, at);
		for (size_t m = at; m < at + inst->nr; m++) {
			assert_int_equal(t.c->members[m].instance, i);
			if (m > at)
				assert_true(t.c->members[m - 1].proc < t.c->members[m].proc);
		}
		at += inst->nr;
	}
	/* By the app's name, then id: buzz b, then sprout a, ab, b. */
	assert_string_equal(t.c->instances[0].app->name, "buzz");
	assert_string_equal(t.c->instances[1].app->name, "sprout");
	assert_true(bytes_is(t.c->instances[1].id, "a"));
	assert_true(bytes_is(t.c->instances[2].id, "ab"));
	assert_true(bytes_is(t.c->instances[3].id, "b"));
	table_release(&t);
}

static void the_wrapper_owns_whatever_descends_from_it(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 10, TABLE_SELF, "sh", "STRAY_INSTANCE=9000" },
	      { 11, 10, "env-i", NULL, .pgid = 11, .sid = 11 },
	      { 12, TABLE_SELF, NULL, SPROUT("a") },
	      { 13, TABLE_SELF, "adopted", NULL, .pgid = 13, .sid = 13 }, { 14, 1, "other" },
	      { 15, 10, "sudo", NULL, .root = true }, { 16, 10, "gone", NULL, .dead = true });
	t.input.wrapper = TABLE_SELF;
	t.input.wrapper_id = bytes_of("9000");
	table_census(&t);
	ASSERT_MEMBER(&t, 10, "9000");
	assert_false(table_member(&t, 10, "9000")->inferred);
	ASSERT_MEMBER(&t, 11, "9000");
	ASSERT_MEMBER(&t, 12, "9000");
	ASSERT_MEMBER(&t, 12, "a");
	ASSERT_MEMBER(&t, 13, "9000");
	assert_true(table_member(&t, 13, "9000")->inferred);
	assert_true(table_member(&t, 13, "9000")->inferred_from == CENSUS_NONE);
	ASSERT_STRANGER(&t, 14, NULL);
	ASSERT_STRANGER(&t, 15, NULL);
	ASSERT_STRANGER(&t, 16, NULL);
	ASSERT_STRANGER(&t, TABLE_SELF, NULL);
	table_release(&t);
}

static void a_shared_wrapper_owns_what_is_stamped(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 10, TABLE_SELF, "sh", "STRAY_INSTANCE=9000" },
	      { 11, 10, "env-i", NULL, .pgid = 11, .sid = 11 }, { 12, TABLE_SELF, "early" },
	      { 13, 12, "its-child" }, { 14, TABLE_SELF, "adopted", NULL, .pgid = 14, .sid = 14 });
	t.input.wrapper = TABLE_SELF;
	t.input.wrapper_id = bytes_of("9000");
	t.input.wrapper_shared = true;
	table_census(&t);
	ASSERT_MEMBER(&t, 10, "9000");
	ASSERT_MEMBER(&t, 11, "9000");
	ASSERT_STRANGER(&t, 12, NULL);
	ASSERT_STRANGER(&t, 13, NULL);
	/* Of which instance this one was, nothing tells. */
	ASSERT_STRANGER(&t, 14, NULL);
	table_release(&t);
}

static void absent_wrapper_wraps_no_process(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 10, TABLE_SELF, "sh" }, { 11, 1, NULL, SPROUT("a") });
	t.input.wrapper = 4711;
	t.input.wrapper_id = bytes_of("4711");
	table_census(&t);
	assert_int_equal(t.c->nr_members, 1);
	table_release(&t);
}

static void counts_and_sums(void **state)
{
	struct table t;
	const struct instance *inst;

	(void)state;
	TABLE(&t, { 10, 1, NULL, SPROUT("a") "|" BUZZ("b"), .rss = 100 },
	      { 11, 10, "sh", .rss = 20 }, { 12, 1, NULL, SPROUT("a"), .rss = 3 });
	table_census(&t);
	inst = table_instance(&t, "a");
	assert_int_equal(inst->nr, 3);
	assert_int_equal(inst->agents, 2);
	assert_int_equal(inst->workers, 1);
	assert_int_equal(inst->orphans, 3);
	assert_int_equal(inst->owned + inst->detached + inst->unknown, 0);
	assert_int_equal(inst->rss_kib, 123);
	assert_int_equal(table_instance(&t, "b")->rss_kib, 120);
	assert_int_equal(t.c->agents, 2); /* pid 10 is an agent of two instances, counted once */
	table_release(&t);
}

static void many_members_and_instances_fit(void **state)
{
	static struct row rows[300];
	static char env[300][40];
	struct table t;

	(void)state;
	for (int i = 0; i < 300; i++) {
		snprintf(env[i], sizeof(env[i]), SPROUT("i%d"), i % 60);
		rows[i] = (struct row){ .pid = 100 + i, .ppid = 1, .env = env[i] };
	}
	table_init(&t, rows, 300);
	table_census(&t);
	assert_int_equal(t.c->nr_instances, 60);
	assert_int_equal(t.c->nr_members, 300);
	for (int i = 0; i < 300; i++)
		ASSERT_MEMBER(&t, 100 + i, env[i] + strlen(SPROUT("")));
	table_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_marker_makes_a_member),
		cmocka_unit_test(empty_value_names_no_instance),
		cmocka_unit_test(the_first_entry_counts),
		cmocka_unit_test(a_marker_in_another_value_is_none),
		cmocka_unit_test(two_markers_of_one_app_are_one_membership),
		cmocka_unit_test(the_dead_and_the_kernel_are_no_members),
		cmocka_unit_test(only_users_in_scope_have_members),
		cmocka_unit_test(descent_is_inferred),
		cmocka_unit_test(a_group_led_by_a_managed_process_is_inferred),
		cmocka_unit_test(a_session_led_by_a_managed_process_is_inferred),
		cmocka_unit_test(sharing_a_group_or_session_proves_nothing),
		cmocka_unit_test(a_leader_may_be_inferred_itself_in_any_order),
		cmocka_unit_test(a_marker_of_its_own_keeps_from_being_inferred),
		cmocka_unit_test(everything_of_the_ancestor_is_inferred),
		cmocka_unit_test(desktops_are_not_inferred),
		cmocka_unit_test(what_descends_from_a_live_desktop_is_not_inferred),
		cmocka_unit_test(a_dead_desktop_does_not_keep_from_inferring),
		cmocka_unit_test(nothing_is_inferred_from_another_user),
		cmocka_unit_test(an_ancestor_of_another_user_is_passed_over),
		cmocka_unit_test(agents_have_a_parent_of_no_such_instance),
		cmocka_unit_test(members_stand_together_ordered_by_pid),
		cmocka_unit_test(the_wrapper_owns_whatever_descends_from_it),
		cmocka_unit_test(a_shared_wrapper_owns_what_is_stamped),
		cmocka_unit_test(absent_wrapper_wraps_no_process),
		cmocka_unit_test(counts_and_sums),
		cmocka_unit_test(many_members_and_instances_fit),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
