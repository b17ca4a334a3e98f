/* SPDX-License-Identifier: MIT */
#include "core/sight.h"
#include "helpers/table.h"

static const struct scope ours = { .uid = TABLE_UID }, all = { .all_users = true };

/* --- what could be read ---------------------------------------------------------- */

static void environments_of_others_in_scope_are_counted(void **state)
{
	struct table t;
	struct sight sight;

	(void)state;
	TABLE(&t, { 300, 1, "shell" }, { TABLE_SELF, 300, "stray" },
	      { 400, 1, "(sd-pam)", .no_env = true }, { 401, 1, "a", .dead = true, .no_env = true },
	      { 402, 1, "b", .root = true, .no_env = true }, { 403, 1, "c", .no_env = true },
	      { 404, 1, "d" });
	table_census(&t);
	sight = sight_of(&ours, t.c);
	assert_int_equal(sight.readable, 1);
	assert_int_equal(sight.refused, 1);
	sight = sight_of(&all, t.c);
	assert_int_equal(sight.refused, 2);
	table_release(&t);
}

static void stray_and_its_ancestors_show_nothing(void **state)
{
	struct table t;
	struct sight sight;

	(void)state;
	TABLE(&t, { 300, 1, "shell", .no_env = true }, { TABLE_SELF, 300, "stray" });
	table_census(&t);
	sight = sight_of(&ours, t.c);
	assert_int_equal(sight.readable, 0);
	assert_int_equal(sight.refused, 0);
	table_release(&t);
}

/* --- what may have been missed ---------------------------------------------------- */

static void a_quiet_scan_is_conclusive(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 200, 1, "node" });
	table_census(&t);
	assert_false(sight_is_inconclusive(&ours, t.c, NULL));
	t.s->vanished = 1;
	assert_true(sight_is_inconclusive(&ours, t.c, t.c));
	table_release(&t);
}

/* Is a scan of these processes inconclusive? */
#define INCONCLUSIVE(scope, ...)                                                                   \
	({                                                                                         \
		struct table t_;                                                                   \
		bool inconclusive_;                                                                \
                                                                                                   \
		TABLE(&t_, __VA_ARGS__);                                                           \
		table_census(&t_);                                                                 \
		inconclusive_ = sight_is_inconclusive(scope, t_.c, NULL);                          \
		table_release(&t_);                                                                \
		inconclusive_;                                                                     \
	})

static void a_process_that_just_ended_makes_it_inconclusive(void **state)
{
	(void)state;
	assert_true(INCONCLUSIVE(&ours, { 201, 1, .dead = true }));
	assert_false(INCONCLUSIVE(&ours, { 201, 1, .dead = true, .uid = 2000 }));
	assert_true(INCONCLUSIVE(&all, { 201, 1, .dead = true, .uid = 2000 }));
}

static void a_child_of_an_unmanaged_process_left_no_agent(void **state)
{
	(void)state;
	assert_false(INCONCLUSIVE(&ours, { 200, 1, "make" }, { 201, 200, .dead = true }));
	/* An agent, an adopter, stray and one that has ended itself may have forked it. */
	assert_true(INCONCLUSIVE(&ours, { 200, 1, "node", "BARE_AGENT=a" },
				 { 201, 200, .dead = true }));
	assert_true(INCONCLUSIVE(&ours, { 200, 1, "systemd" }, { 201, 200, .dead = true }));
	assert_true(INCONCLUSIVE(&ours, { 201, TABLE_SELF, .dead = true }));
	assert_true(INCONCLUSIVE(&ours, { 200, 1, .dead = true }, { 201, 200, .dead = true }));
}

static void a_zombie_counts_once(void **state)
{
	struct table before, after, reused, alive;

	(void)state;
	TABLE(&before, { 201, 1, .dead = true });
	TABLE(&after, { 201, 1, .dead = true });
	TABLE(&alive, { 201, 1 });
	TABLE(&reused, { 201, 1, .dead = true, .start = 300 });
	table_census(&before);
	table_census(&after);
	table_census(&reused);
	table_census(&alive);
	assert_false(sight_is_inconclusive(&ours, after.c, before.c));
	assert_true(sight_is_inconclusive(&ours, reused.c, before.c));
	/* What has ended since may have forked in between. */
	assert_true(sight_is_inconclusive(&ours, after.c, alive.c));
	table_release(&before);
	table_release(&after);
	table_release(&reused);
	table_release(&alive);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(environments_of_others_in_scope_are_counted),
		cmocka_unit_test(stray_and_its_ancestors_show_nothing),
		cmocka_unit_test(a_quiet_scan_is_conclusive),
		cmocka_unit_test(a_process_that_just_ended_makes_it_inconclusive),
		cmocka_unit_test(a_child_of_an_unmanaged_process_left_no_agent),
		cmocka_unit_test(a_zombie_counts_once),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
