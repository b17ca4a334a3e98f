/* SPDX-License-Identifier: MIT */
#include "helpers/table.h"

#define SPROUT(id) "SPROUT_MANAGED_AGENT=" id

static const struct census_node *node(const struct table *t, pid_t pid)
{
	return &t->c->nodes[snapshot_index(t->s, pid)];
}

static pid_t desktop_above(const struct table *t, pid_t pid)
{
	size_t above = node(t, pid)->desktop_above;

	return above == CENSUS_NONE ? 0 : t->s->procs[above].id.pid;
}

static void every_process_has_its_depth(void **state)
{
	struct table t;

	(void)state;
	/* Parents with higher and with lower pids. */
	TABLE(&t, { 30, 1 }, { 20, 30 }, { 40, 20 }, { 10, 40 }, { 50, 4711 }, { 51, 50 },
	      { 52, 0 });
	table_census(&t);
	assert_int_equal(node(&t, 1)->depth, 0);
	assert_true(node(&t, 1)->parent == CENSUS_NONE);
	assert_int_equal(node(&t, 30)->depth, 1);
	assert_int_equal(node(&t, 20)->depth, 2);
	assert_int_equal(node(&t, 40)->depth, 3);
	assert_int_equal(node(&t, 10)->depth, 4);
	assert_int_equal(t.s->procs[node(&t, 10)->parent].id.pid, 40);
	assert_int_equal(node(&t, 50)->depth, 0);
	assert_true(node(&t, 50)->parent == CENSUS_NONE);
	assert_int_equal(node(&t, 51)->depth, 1);
	assert_int_equal(node(&t, 52)->depth, 0);
	table_release(&t);
}

static void circles_come_to_an_end(void **state)
{
	struct table t;

	(void)state;
	/* A circle of three with a tail, one of two, and a process that is its own parent. */
	TABLE(&t, { 10, 12, NULL, SPROUT("a") }, { 11, 10 }, { 12, 11 }, { 13, 12 }, { 20, 21 },
	      { 21, 20 }, { 30, 30, NULL, SPROUT("b") });
	table_census(&t);
	for (pid_t pid = 10; pid <= 30; pid++) {
		const struct census_node *n;
		size_t steps = 0;

		if (!snapshot_find(t.s, pid))
			continue;
		for (n = node(&t, pid); n->parent != CENSUS_NONE; n = &t.c->nodes[n->parent])
			assert_true(steps++ < t.s->nr);
		assert_int_equal(node(&t, pid)->depth, steps);
	}
	assert_int_equal(node(&t, 30)->depth, 0);
	/* Nothing is proven of a root without a parent. */
	ASSERT_STATE(&t, 30, "b", STATE_UNKNOWN, BECAUSE_PARENT_LIVES);
	table_release(&t);
}

static void stray_and_its_ancestors_are_self(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 50, 1, "bash" }, { TABLE_SELF, 50, "stray" }, { 9001, TABLE_SELF, "child" },
	      { 51, 50, "vim" });
	table_census(&t);
	assert_true(node(&t, TABLE_SELF)->self);
	assert_true(node(&t, 50)->self);
	assert_true(node(&t, 1)->self);
	assert_false(node(&t, 9001)->self);
	assert_false(node(&t, 51)->self);
	t.s->self = 0;
	table_census(&t);
	assert_false(node(&t, TABLE_SELF)->self);
	table_release(&t);
}

static void desktops_are_known_by_name(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout" }, { 101, 1, "x", .exe = "/opt/buzz-desktop (deleted)" },
	      { 102, 1, "x", .args = "/opt/sprout_desktop|-x" }, { 103, 1, "Sprout", .dead = true },
	      { 104, 1, "Sprout", .kernel = true }, { 105, 1, "sprout" });
	table_census(&t);
	assert_true(node(&t, 100)->desktop);
	assert_true(node(&t, 101)->desktop);
	assert_true(node(&t, 102)->desktop);
	assert_false(node(&t, 103)->desktop);
	assert_false(node(&t, 104)->desktop);
	assert_false(node(&t, 105)->desktop);
	table_release(&t);
}

static void what_a_marker_names_is_a_desktop(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "make" }, { 101, 1, "make" }, { 102, 1, "make", .dead = true },
	      { 103, 1, "make", .start = 900 }, { 104, 1, "kworker", .kernel = true },
	      { 105, 1, "make" }, { 106, 1, "make" }, { 200, 1, NULL, "STRAY_INSTANCE=100" },
	      { 201, 1, NULL, "STRAY_INSTANCE=101:102" }, { 202, 1, NULL, "STRAY_INSTANCE=102" },
	      { 203, 1, NULL, "STRAY_INSTANCE=103" }, { 204, 1, NULL, "STRAY_INSTANCE=104" },
	      { 205, 1, NULL, "STRAY_INSTANCE=105", .dead = true }, { 206, 1, NULL, SPROUT("106") },
	      { 207, 100, "sh" });
	table_census(&t);
	assert_true(node(&t, 100)->desktop);
	assert_false(node(&t, 101)->desktop); /* started at another time */
	assert_false(node(&t, 102)->desktop); /* dead */
	assert_false(node(&t, 103)->desktop); /* younger than what names it */
	assert_false(node(&t, 104)->desktop); /* a kernel thread */
	assert_false(node(&t, 105)->desktop); /* named by a dead one */
	assert_false(node(&t, 106)->desktop); /* not owner = pid */
	/* In every rule: what runs below it has a live desktop above. */
	assert_int_equal(desktop_above(&t, 207), 100);
	table_release(&t);
}

static void the_wrapper_is_a_desktop(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 10, TABLE_SELF, "sh" });
	table_census(&t);
	assert_false(node(&t, TABLE_SELF)->desktop);
	t.input.wrapper = TABLE_SELF;
	t.input.wrapper_id = bytes_of("9000");
	table_census(&t);
	assert_true(node(&t, TABLE_SELF)->desktop);
	ASSERT_ALIVE(&t, "9000", EVIDENCE_DESCENT, TABLE_SELF);
	table_release(&t);
}

static void the_nearest_desktop_of_any_app_is_above(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout" }, { 90, 100, "sh" }, { 80, 90, "Buzz" }, { 70, 80, "sh" },
	      { 60, 1, "sh" });
	table_census(&t);
	assert_int_equal(desktop_above(&t, 70), 80);
	assert_int_equal(desktop_above(&t, 80), 100);
	assert_int_equal(desktop_above(&t, 90), 100);
	assert_int_equal(desktop_above(&t, 100), 0); /* not itself */
	assert_int_equal(desktop_above(&t, 60), 0);
	table_release(&t);
}

static void a_host_has_a_live_desktop_below(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 40, 1, "bash" }, { 41, 40, "npm" }, { 100, 41, "Sprout" }, { 101, 100, "sh" },
	      { 42, 40, "vim" }, { 50, 1, "bash" }, { 51, 50, "Sprout", .dead = true },
	      { 60, 41, "Buzz" });
	table_census(&t);
	assert_true(node(&t, 41)->host);
	assert_true(node(&t, 40)->host);
	assert_true(node(&t, 1)->host);
	assert_false(node(&t, 100)->host);
	assert_false(node(&t, 101)->host);
	assert_false(node(&t, 42)->host);
	assert_false(node(&t, 50)->host);
	table_release(&t);
}

static void a_process_may_be_a_desktop_of_two_apps(void **state)
{
	struct app *bare;
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout" }, { 110, 1, "Buzz" },
	      { 200, 100, NULL, SPROUT("a") "|BARE_AGENT=b" }, { 210, 110, NULL, SPROUT("c") });
	bare = &t.policy.apps[policy_find_app(&t.policy, "bare") - t.policy.apps];
	assert_int_equal(strings_add(&bare->desktops, "Sprout", 6), 0);
	table_census(&t);
	ASSERT_ALIVE(&t, "a", EVIDENCE_DESCENT, 100);
	ASSERT_ALIVE(&t, "b", EVIDENCE_DESCENT, 100);
	/* A desktop of one app is a parent like any other to the rest. */
	ASSERT_DOUBT(&t, "c", DOUBT_PARENT);
	table_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_process_has_its_depth),
		cmocka_unit_test(circles_come_to_an_end),
		cmocka_unit_test(stray_and_its_ancestors_are_self),
		cmocka_unit_test(desktops_are_known_by_name),
		cmocka_unit_test(what_a_marker_names_is_a_desktop),
		cmocka_unit_test(the_wrapper_is_a_desktop),
		cmocka_unit_test(the_nearest_desktop_of_any_app_is_above),
		cmocka_unit_test(a_host_has_a_live_desktop_below),
		cmocka_unit_test(a_process_may_be_a_desktop_of_two_apps),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
