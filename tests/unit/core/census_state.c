/* SPDX-License-Identifier: MIT */
#include "helpers/table.h"

#define SPROUT(id) "SPROUT_MANAGED_AGENT=" id
#define BUZZ(id)   "BUZZ_MANAGED_AGENT=" id

static pid_t because(const struct table *t, pid_t pid, const char *id)
{
	const struct process *proc = table_member(t, pid, id)->because;

	return proc ? proc->id.pid : 0;
}

/* --- owned ----------------------------------------------------------------------- */

static void owned_by_descent(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout" }, { 101, 100, "sh" }, { 200, 101, NULL, SPROUT("a") },
	      { 201, 200, "sleep" });
	table_census(&t);
	ASSERT_STATE(&t, 200, "a", STATE_OWNED, BECAUSE_DESCENT);
	ASSERT_STATE(&t, 201, "a", STATE_OWNED, BECAUSE_DESCENT);
	assert_int_equal(because(&t, 200, "a"), 100);
	assert_int_equal(table_instance(&t, "a")->owned, 2);
	table_release(&t);
}

static void a_desktop_of_another_instance_owns_too(void **state)
{
	struct table t;

	(void)state;
	/* Its desktop by descent carries the marker, so the owner is gone; it lives all the same. */
	TABLE(&t, { 100, 1, "Sprout", SPROUT("a"), .args = "Sprout|b" },
	      { 200, 100, NULL, SPROUT("a") });
	table_census(&t);
	ASSERT_GONE(&t, "a");
	ASSERT_STATE(&t, 200, "a", STATE_OWNED, BECAUSE_DESCENT);
	table_release(&t);
}

static void a_desktop_of_another_app_does_not_own(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Buzz" }, { 200, 100, NULL, SPROUT("a") });
	table_census(&t);
	ASSERT_STATE(&t, 200, "a", STATE_UNKNOWN, BECAUSE_PARENT_LIVES);
	assert_int_equal(because(&t, 200, "a"), 100);
	table_release(&t);
}

static void pid_1_adopts_where_it_is_hidden(void **state)
{
	const struct process self = { .id = { .pid = 1000, .start_ticks = 900 },
				      .ppid = 1,
				      .comm = "node",
				      .uid = 1000,
				      .tpgid = -1,
				      .state = 'S',
				      .environ = { "SPROUT_MANAGED_AGENT=a", 23 },
				      .environ_read = READ_DONE,
				      .args_read = READ_DONE };
	struct snapshot *s = snapshot_new();
	struct census_input input = { .snapshot = s, .all_users = true };
	struct policy policy;
	struct census *c;

	(void)state;
	assert_int_equal(policy_init(&policy), 0);
	input.policy = &policy;
	s->complete = true;
	assert_int_equal(snapshot_add(s, &self, NULL), 0); /* and nobody else: hidepid=2 */
	snapshot_seal(s);
	assert_int_equal(census_build(&input, &c), 0);
	assert_int_equal(c->members[0].state, STATE_ORPHAN);
	census_unref(c);
	snapshot_unref(s);
	policy_release(&policy);
}

static void a_desktop_of_another_app_is_no_adopter_whatever_its_name(void **state)
{
	struct app *bare;
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "conmon" }, { 200, 100, NULL, SPROUT("a") });
	table_census(&t);
	ASSERT_STATE(&t, 200, "a", STATE_ORPHAN, BECAUSE_ADOPTER);
	bare = policy_replace_app(&t.policy, "bare", "test");
	assert_int_equal(strings_add(&bare->desktops, "conmon", 6), 0);
	table_census(&t);
	ASSERT_STATE(&t, 200, "a", STATE_UNKNOWN, BECAUSE_PARENT_LIVES);
	table_release(&t);
}

static void owned_by_a_receipt(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout", .args = "Sprout|a", .start = 500 },
	      { 200, 1, NULL, SPROUT("a"), .pgid = 200 },
	      { 201, 1, NULL, SPROUT("a"), .pgid = 201 });
	t.receipts_state = RECEIPTS_READ;
	t.receipts[t.nr_receipts++] = 77;
	t.receipts[t.nr_receipts++] = 200;
	table_census(&t);
	ASSERT_STATE(&t, 200, "a", STATE_OWNED, BECAUSE_RECEIPT);
	assert_int_equal(because(&t, 200, "a"), 200);
	/* The one beside it stands in no receipt: a former desktop left it. */
	ASSERT_STATE(&t, 201, "a", STATE_ORPHAN, BECAUSE_ADOPTER);
	table_release(&t);
}

static void a_receipt_names_a_process_and_its_group(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout", .args = "Sprout|a", .start = 500 },
	      { 200, 1, NULL, SPROUT("a"), .pgid = 190 },
	      { 201, 1, NULL, SPROUT("a"), .pgid = 190 },
	      { 202, 1, NULL, SPROUT("a"), .pgid = 203 },
	      { 204, 1, NULL, SPROUT("a"), .pgid = 204 }, { 205, 1, NULL, SPROUT("a"), .pgid = 1 },
	      { 206, 1, NULL, SPROUT("a"), .pgid = 1 });
	t.receipts_state = RECEIPTS_READ;
	/* Out of order, one of them gone. */
	t.receipts[t.nr_receipts++] = 203;
	t.receipts[t.nr_receipts++] = 200;
	t.receipts[t.nr_receipts++] = 205;
	table_census(&t);
	/* The process itself, but not all of the group of pid 1. */
	ASSERT_STATE(&t, 205, "a", STATE_OWNED, BECAUSE_RECEIPT);
	ASSERT_STATE(&t, 206, "a", STATE_ORPHAN, BECAUSE_ADOPTER);
	/* The process itself, though it leads no group, and what shares its group. */
	ASSERT_STATE(&t, 200, "a", STATE_OWNED, BECAUSE_RECEIPT);
	ASSERT_STATE(&t, 201, "a", STATE_OWNED, BECAUSE_RECEIPT);
	/* The group of one that has ended. */
	ASSERT_STATE(&t, 202, "a", STATE_OWNED, BECAUSE_RECEIPT);
	ASSERT_STATE(&t, 204, "a", STATE_ORPHAN, BECAUSE_ADOPTER);
	table_release(&t);
}

static void owned_by_an_ancestors_receipt(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout", .args = "Sprout|a", .start = 500 },
	      { 200, 1, NULL, SPROUT("a"), .pgid = 200 }, { 201, 200, "sh", NULL, .pgid = 201 },
	      { 202, 201, NULL, SPROUT("a"), .pgid = 202 });
	t.receipts_state = RECEIPTS_READ;
	t.receipts[t.nr_receipts++] = 200;
	table_census(&t);
	ASSERT_STATE(&t, 201, "a", STATE_OWNED, BECAUSE_RECEIPT);
	ASSERT_STATE(&t, 202, "a", STATE_OWNED, BECAUSE_RECEIPT);
	assert_int_equal(because(&t, 202, "a"), 200);
	table_release(&t);
}

static void receipts_of_a_dead_owner_are_not_asked(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 200, 1, NULL, SPROUT("a"), .pgid = 200 });
	t.receipts_state = RECEIPTS_READ;
	t.receipts[t.nr_receipts++] = 200;
	table_census(&t);
	assert_int_equal(t.receipts_asked, 0);
	ASSERT_STATE(&t, 200, "a", STATE_ORPHAN, BECAUSE_ADOPTER);
	table_release(&t);
}

static void receipts_are_asked_once_per_instance(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout", .args = "Sprout|a|b" }, { 200, 1, NULL, SPROUT("a") },
	      { 201, 1, NULL, SPROUT("a") }, { 202, 1, NULL, SPROUT("b") });
	table_census(&t);
	assert_int_equal(t.receipts_asked, 2);
	table_release(&t);
}

static void unread_receipts_of_a_live_owner_leave_it_unknown(void **state)
{
	struct table t;

	(void)state;
	/* Neither an orphan (200 is older) nor detached (600 is younger). */
	TABLE(&t, { 100, 1, "Sprout", .args = "Sprout|a", .start = 500 },
	      { 200, 1, NULL, SPROUT("a") }, { 600, 1, NULL, SPROUT("a") });
	t.receipts_state = RECEIPTS_FAILED;
	table_census(&t);
	ASSERT_STATE(&t, 200, "a", STATE_UNKNOWN, BECAUSE_RECEIPTS_UNREAD);
	ASSERT_STATE(&t, 600, "a", STATE_UNKNOWN, BECAUSE_RECEIPTS_UNREAD);
	table_release(&t);
}

static void no_receipts_yet_are_none(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout", .args = "Sprout|a", .start = 500 },
	      { 200, 1, NULL, SPROUT("a") });
	t.receipts_state = RECEIPTS_NONE;
	table_census(&t);
	ASSERT_STATE(&t, 200, "a", STATE_ORPHAN, BECAUSE_ADOPTER);
	t.input.receipts = NULL;
	table_census(&t);
	ASSERT_STATE(&t, 200, "a", STATE_ORPHAN, BECAUSE_ADOPTER);
	table_release(&t);
}

/* --- detached --------------------------------------------------------------------- */

static void younger_than_the_desktop_is_detached(void **state)
{
	struct table t;

	(void)state;
	/* Younger, of the same tick, and older. */
	TABLE(&t, { 100, 1, "Sprout", .args = "Sprout|a", .start = 500 },
	      { 200, 1, NULL, SPROUT("a"), .start = 501 },
	      { 201, 1, NULL, SPROUT("a"), .start = 500 },
	      { 202, 1, NULL, SPROUT("a"), .start = 499 });
	table_census(&t);
	ASSERT_STATE(&t, 200, "a", STATE_DETACHED, BECAUSE_YOUNGER);
	assert_int_equal(because(&t, 200, "a"), 100);
	ASSERT_STATE(&t, 201, "a", STATE_DETACHED, BECAUSE_YOUNGER);
	ASSERT_STATE(&t, 202, "a", STATE_ORPHAN, BECAUSE_ADOPTER);
	assert_int_equal(table_instance(&t, "a")->detached, 2);
	table_release(&t);
}

static void an_orphan_is_older_than_every_desktop(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout", .args = "Sprout|a", .start = 700 },
	      { 150, 1, "Sprout", .args = "Sprout|a", .start = 500 },
	      { 200, 1, NULL, SPROUT("a"), .start = 600 },
	      { 201, 1, NULL, SPROUT("a"), .start = 400 });
	table_census(&t);
	ASSERT_STATE(&t, 200, "a", STATE_DETACHED, BECAUSE_YOUNGER);
	ASSERT_STATE(&t, 201, "a", STATE_ORPHAN, BECAUSE_ADOPTER);
	table_release(&t);
}

static void a_desktop_of_another_instance_does_not_detach(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout", .args = "Sprout|b", .start = 100 },
	      { 150, 1, "Sprout", .args = "Sprout|a", .start = 500 },
	      { 200, 1, NULL, SPROUT("a"), .start = 300 },
	      { 201, 1, NULL, SPROUT("b"), .start = 300 });
	table_census(&t);
	ASSERT_STATE(&t, 200, "a", STATE_ORPHAN, BECAUSE_ADOPTER);
	ASSERT_STATE(&t, 201, "b", STATE_DETACHED, BECAUSE_YOUNGER);
	table_release(&t);
}

static void one_with_a_live_parent_is_detached_too(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout", .args = "Sprout|a" }, { 150, 1, "bash" },
	      { 200, 150, NULL, SPROUT("a") });
	table_census(&t);
	ASSERT_STATE(&t, 200, "a", STATE_DETACHED, BECAUSE_YOUNGER);
	table_release(&t);
}

/* --- orphan ----------------------------------------------------------------------- */

static void adopted_by_pid_1(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 1, 0, "tail", NULL, .root = true, .pgid = 1, .sid = 1 },
	      { 200, 1, NULL, SPROUT("a") });
	table_census(&t);
	ASSERT_STATE(&t, 200, "a", STATE_ORPHAN, BECAUSE_ADOPTER);
	assert_int_equal(because(&t, 200, "a"), 1);
	table_release(&t);
}

static void adopted_by_a_subreaper(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 50, 1, "systemd" }, { 200, 50, NULL, SPROUT("a") },
	      { 51, 1, "containerd-shim" }, { 201, 51, NULL, SPROUT("a") });
	t.s->procs[snapshot_index(t.s, 51)].comm = "containerd-shi"; /* not cut: another name */
	table_census(&t);
	ASSERT_STATE(&t, 200, "a", STATE_ORPHAN, BECAUSE_ADOPTER);
	ASSERT_STATE(&t, 201, "a", STATE_UNKNOWN, BECAUSE_PARENT_LIVES);
	t.s->procs[snapshot_index(t.s, 51)].comm = "containerd-shim";
	table_census(&t);
	ASSERT_STATE(&t, 201, "a", STATE_ORPHAN, BECAUSE_ADOPTER);
	table_release(&t);
}

static void a_live_parent_of_its_own_is_unknown(void **state)
{
	struct table t;

	(void)state;
	/* The owner under a name we do not know, a shell, an editor. */
	TABLE(&t, { 100, 1, "renamed-desk" }, { 200, 100, NULL, SPROUT("a") });
	table_census(&t);
	ASSERT_GONE(&t, "a");
	ASSERT_STATE(&t, 200, "a", STATE_UNKNOWN, BECAUSE_PARENT_LIVES);
	assert_int_equal(because(&t, 200, "a"), 100);
	table_release(&t);
}

static void a_parent_in_another_session_is_not_its_own(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "subreaper", NULL, .sid = 100 },
	      { 200, 100, NULL, SPROUT("a"), .pgid = 200, .sid = 150 });
	table_census(&t);
	ASSERT_STATE(&t, 200, "a", STATE_ORPHAN, BECAUSE_SESSION);
	assert_int_equal(because(&t, 200, "a"), 100);
	table_release(&t);
}

static void unless_it_leads_its_session(void **state)
{
	struct table t;

	(void)state;
	/* setsid(2) after the fork: that the sessions differ proves nothing. */
	TABLE(&t, { 100, 1, "renamed-desk", NULL, .sid = 100 },
	      { 200, 100, NULL, SPROUT("a"), .pgid = 200, .sid = 200 });
	table_census(&t);
	ASSERT_STATE(&t, 200, "a", STATE_UNKNOWN, BECAUSE_PARENT_LIVES);
	table_release(&t);
}

static void a_parent_that_was_seen_to_change_is_not_its_own(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "subreaper" }, { 200, 100, NULL, SPROUT("a") },
	      { 201, 100, NULL, SPROUT("a") });
	t.changed = 200;
	table_census(&t);
	ASSERT_STATE(&t, 200, "a", STATE_ORPHAN, BECAUSE_PARENT_CHANGED);
	ASSERT_STATE(&t, 201, "a", STATE_UNKNOWN, BECAUSE_PARENT_LIVES);
	t.input.parent_changed = NULL;
	table_census(&t);
	ASSERT_STATE(&t, 200, "a", STATE_UNKNOWN, BECAUSE_PARENT_LIVES);
	table_release(&t);
}

static void the_root_decides_for_what_runs_below_it(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 200, 1, NULL, SPROUT("a") }, { 201, 200, "sh" },
	      { 202, 201, NULL, SPROUT("b") }, { 203, 202, NULL, SPROUT("a") }, { 150, 1, "bash" },
	      { 210, 150, NULL, SPROUT("a") }, { 211, 210, NULL, SPROUT("a") });
	table_census(&t);
	for (pid_t pid = 201; pid <= 203; pid++) {
		ASSERT_STATE(&t, pid, NULL, STATE_ORPHAN, BECAUSE_ADOPTER);
		assert_int_equal(table_member(&t, pid, NULL)->root->id.pid, 200);
	}
	ASSERT_STATE(&t, 211, "a", STATE_UNKNOWN, BECAUSE_PARENT_LIVES);
	assert_int_equal(table_member(&t, 211, "a")->root->id.pid, 210);
	/* It is the root whose parent may have been seen to change. */
	t.changed = 211;
	table_census(&t);
	ASSERT_STATE(&t, 211, "a", STATE_UNKNOWN, BECAUSE_PARENT_LIVES);
	t.changed = 210;
	table_census(&t);
	ASSERT_STATE(&t, 211, "a", STATE_ORPHAN, BECAUSE_PARENT_CHANGED);
	table_release(&t);
}

static void another_users_managed_parent_is_no_root(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 190, 1, NULL, SPROUT("a"), .uid = 1001 }, { 200, 190, NULL, SPROUT("a") });
	t.input.all_users = true;
	table_census(&t);
	assert_int_equal(table_member(&t, 200, "a")->root->id.pid, 200);
	ASSERT_STATE(&t, 200, "a", STATE_UNKNOWN, BECAUSE_PARENT_LIVES);
	table_release(&t);
}

static void a_root_that_is_pid_1_is_unknown(void **state)
{
	struct table t;

	(void)state;
	/* A container whose init is an agent. */
	TABLE(&t, { 1, 0, "node", SPROUT("a"), .pgid = 1, .sid = 1 },
	      { 200, 1, NULL, SPROUT("a") });
	table_census(&t);
	ASSERT_STATE(&t, 1, "a", STATE_UNKNOWN, BECAUSE_ROOT_IS_INIT);
	ASSERT_STATE(&t, 200, "a", STATE_UNKNOWN, BECAUSE_ROOT_IS_INIT);
	table_release(&t);
}

static void a_root_without_a_parent_in_the_table_is_unknown(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 200, 0, NULL, SPROUT("a"), .pgid = 200, .sid = 200 },
	      { 201, 4711, NULL, SPROUT("a"), .pgid = 201, .sid = 55 });
	table_census(&t);
	ASSERT_STATE(&t, 200, "a", STATE_UNKNOWN, BECAUSE_PARENT_LIVES);
	ASSERT_STATE(&t, 201, "a", STATE_UNKNOWN, BECAUSE_PARENT_LIVES);
	table_release(&t);
}

static void an_unknown_owner_leaves_it_unknown(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout", .no_args = true }, { 200, 1, NULL, SPROUT("a") });
	table_census(&t);
	ASSERT_STATE(&t, 200, "a", STATE_UNKNOWN, BECAUSE_OWNER_UNKNOWN);
	assert_int_equal(because(&t, 200, "a"), 100);
	assert_int_equal(table_instance(&t, "a")->unknown, 1);
	table_release(&t);
}

static void an_incomplete_scan_makes_no_orphan(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 200, 1, NULL, SPROUT("a") });
	t.s->complete = false;
	table_census(&t);
	ASSERT_STATE(&t, 200, "a", STATE_UNKNOWN, BECAUSE_OWNER_UNKNOWN);
	table_release(&t);
}

static void each_membership_has_its_own_state(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Buzz", .args = "Buzz|b" },
	      { 200, 1, NULL, SPROUT("a") "|" BUZZ("b") });
	table_census(&t);
	ASSERT_STATE(&t, 200, "a", STATE_ORPHAN, BECAUSE_ADOPTER);
	ASSERT_STATE(&t, 200, "b", STATE_DETACHED, BECAUSE_YOUNGER);
	table_release(&t);
}

/* --- inferred ones ------------------------------------------------------------------ */

static void what_is_inferred_goes_with_its_source(void **state)
{
	struct table t;

	(void)state;
	/* 300 is in the group of 200, whose parent lives; by itself it would be an orphan. */
	TABLE(&t, { 150, 1, "bash" }, { 200, 150, NULL, SPROUT("a"), .pgid = 200 },
	      { 300, 1, "sleep", NULL, .pgid = 200 }, { 400, 1, NULL, SPROUT("b"), .pgid = 400 },
	      { 500, 150, "sleep", NULL, .pgid = 400 });
	table_census(&t);
	ASSERT_STATE(&t, 300, "a", STATE_UNKNOWN, BECAUSE_PARENT_LIVES);
	ASSERT_STATE(&t, 500, "b", STATE_ORPHAN, BECAUSE_ADOPTER);
	table_release(&t);
}

static void what_is_inferred_below_a_desktop_of_its_own_is_owned(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout", .args = "Sprout|z" }, { 200, 100, NULL, SPROUT("a") },
	      { 201, 200, "sh" });
	table_census(&t);
	ASSERT_STATE(&t, 201, "a", STATE_OWNED, BECAUSE_DESCENT);
	table_release(&t);
}

static void every_marked_leader_spares_it(void **state)
{
	struct table t;

	(void)state;
	/* 300 descends from an orphan and is in the group of one that is not. */
	TABLE(&t, { 150, 1, "bash" }, { 200, 1, NULL, SPROUT("a"), .pgid = 200 },
	      { 210, 150, NULL, SPROUT("a"), .pgid = 210 }, { 300, 200, "sh", NULL, .pgid = 210 });
	table_census(&t);
	ASSERT_STATE(&t, 200, "a", STATE_ORPHAN, BECAUSE_ADOPTER);
	ASSERT_STATE(&t, 210, "a", STATE_UNKNOWN, BECAUSE_PARENT_LIVES);
	ASSERT_STATE(&t, 300, "a", STATE_UNKNOWN, BECAUSE_PARENT_LIVES);
	table_release(&t);
	/* The same of a session's leader. */
	TABLE(&t, { 150, 1, "bash" }, { 200, 1, NULL, SPROUT("a"), .pgid = 200 },
	      { 210, 150, NULL, SPROUT("a"), .sid = 210 },
	      { 300, 200, "sh", NULL, .pgid = 300, .sid = 210 });
	table_census(&t);
	ASSERT_STATE(&t, 300, "a", STATE_UNKNOWN, BECAUSE_PARENT_LIVES);
	table_release(&t);
}

static void what_is_inferred_may_stand_in_the_receipts_itself(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout", .args = "Sprout|a", .start = 900 },
	      { 200, 1, NULL, SPROUT("a"), .pgid = 200 }, { 201, 200, "sh", NULL, .pgid = 201 });
	t.receipts_state = RECEIPTS_READ;
	t.receipts[t.nr_receipts++] = 201;
	table_census(&t);
	ASSERT_STATE(&t, 200, "a", STATE_ORPHAN, BECAUSE_ADOPTER);
	ASSERT_STATE(&t, 201, "a", STATE_OWNED, BECAUSE_RECEIPT);
	table_release(&t);
}

/* --- the wrapper --------------------------------------------------------------------- */

static void what_the_wrapper_runs_is_owned(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { TABLE_SELF, 1, "stray", .start = 5 },
	      { 10, TABLE_SELF, "sh", "STRAY_INSTANCE=9000" },
	      { 11, 10, "env-i", NULL, .pgid = 11, .sid = 11 },
	      { 12, TABLE_SELF, NULL, SPROUT("a") });
	t.input.wrapper = TABLE_SELF;
	t.input.wrapper_id = bytes_of("9000");
	table_census(&t);
	ASSERT_STATE(&t, 10, "9000", STATE_OWNED, BECAUSE_DESCENT);
	ASSERT_STATE(&t, 11, "9000", STATE_OWNED, BECAUSE_DESCENT);
	/* It adopts what other apps left, as a subreaper does. */
	ASSERT_STATE(&t, 12, "9000", STATE_OWNED, BECAUSE_DESCENT);
	ASSERT_STATE(&t, 12, "a", STATE_ORPHAN, BECAUSE_ADOPTER);
	assert_int_equal(because(&t, 12, "a"), TABLE_SELF);
	table_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(owned_by_descent),
		cmocka_unit_test(a_desktop_of_another_instance_owns_too),
		cmocka_unit_test(a_desktop_of_another_app_does_not_own),
		cmocka_unit_test(pid_1_adopts_where_it_is_hidden),
		cmocka_unit_test(a_desktop_of_another_app_is_no_adopter_whatever_its_name),
		cmocka_unit_test(owned_by_a_receipt),
		cmocka_unit_test(a_receipt_names_a_process_and_its_group),
		cmocka_unit_test(owned_by_an_ancestors_receipt),
		cmocka_unit_test(receipts_of_a_dead_owner_are_not_asked),
		cmocka_unit_test(receipts_are_asked_once_per_instance),
		cmocka_unit_test(unread_receipts_of_a_live_owner_leave_it_unknown),
		cmocka_unit_test(no_receipts_yet_are_none),
		cmocka_unit_test(younger_than_the_desktop_is_detached),
		cmocka_unit_test(an_orphan_is_older_than_every_desktop),
		cmocka_unit_test(a_desktop_of_another_instance_does_not_detach),
		cmocka_unit_test(one_with_a_live_parent_is_detached_too),
		cmocka_unit_test(adopted_by_pid_1),
		cmocka_unit_test(adopted_by_a_subreaper),
		cmocka_unit_test(a_live_parent_of_its_own_is_unknown),
		cmocka_unit_test(a_parent_in_another_session_is_not_its_own),
		cmocka_unit_test(unless_it_leads_its_session),
		cmocka_unit_test(a_parent_that_was_seen_to_change_is_not_its_own),
		cmocka_unit_test(the_root_decides_for_what_runs_below_it),
		cmocka_unit_test(another_users_managed_parent_is_no_root),
		cmocka_unit_test(a_root_that_is_pid_1_is_unknown),
		cmocka_unit_test(a_root_without_a_parent_in_the_table_is_unknown),
		cmocka_unit_test(an_unknown_owner_leaves_it_unknown),
		cmocka_unit_test(an_incomplete_scan_makes_no_orphan),
		cmocka_unit_test(each_membership_has_its_own_state),
		cmocka_unit_test(what_is_inferred_goes_with_its_source),
		cmocka_unit_test(what_is_inferred_below_a_desktop_of_its_own_is_owned),
		cmocka_unit_test(every_marked_leader_spares_it),
		cmocka_unit_test(what_is_inferred_may_stand_in_the_receipts_itself),
		cmocka_unit_test(what_the_wrapper_runs_is_owned),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
