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
	ASSERT_STATE(&t, 200, "a", STATE_UNKNOWN, BECAUSE_OWNER_UNKNOWN);
	assert_int_equal(because(&t, 200, "a"), 100);
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

static void the_group_of_a_receipts_process_is_owned_whatever_leads_it(void **state)
{
	struct table t;

	(void)state;
	/* 201 stands in the receipt and does not lead its group. */
	TABLE(&t, { 100, 1, "Sprout", .args = "Sprout|a", .start = 500 },
	      { 200, 1, NULL, SPROUT("a"), .pgid = 200 },
	      { 201, 1, NULL, SPROUT("a"), .pgid = 200 },
	      { 202, 1, NULL, SPROUT("a"), .pgid = 202 });
	t.receipts_state = RECEIPTS_READ;
	t.receipts[t.nr_receipts++] = 201;
	table_census(&t);
	ASSERT_STATE(&t, 201, "a", STATE_OWNED, BECAUSE_RECEIPT);
	ASSERT_STATE(&t, 200, "a", STATE_OWNED, BECAUSE_RECEIPT);
	ASSERT_STATE(&t, 202, "a", STATE_ORPHAN, BECAUSE_ADOPTER);
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

/* --- generations ------------------------------------------------------------------ */

#define NONCE(value) "|BUZZ_MANAGED_AGENT_START_NONCE=" value

static void what_an_owned_harness_put_in_the_background_is_detached(void **state)
{
	struct table t;

	(void)state;
	/* The harness 200 was adopted by its receipt; 210 is its job, 220 a former one's. */
	TABLE(&t, { 100, 1, "buzz-desktop", .args = "buzz-desktop|a", .start = 500 },
	      { 200, 1, NULL, BUZZ("a") NONCE("n1"), .pgid = 200 },
	      { 210, 1, NULL, BUZZ("a") NONCE("n1"), .pgid = 210 },
	      { 211, 210, "sh", NULL, .pgid = 211 },
	      { 220, 1, NULL, BUZZ("a") NONCE("n2"), .pgid = 220 },
	      { 230, 1, NULL, BUZZ("a"), .pgid = 230 }, { 240, 1, NULL, BUZZ("a"), .pgid = 240 });
	t.receipts_state = RECEIPTS_READ;
	t.receipts[t.nr_receipts++] = 200;
	t.receipts[t.nr_receipts++] = 240;
	table_census(&t);
	ASSERT_STATE(&t, 200, "a", STATE_OWNED, BECAUSE_RECEIPT);
	ASSERT_STATE(&t, 210, "a", STATE_DETACHED, BECAUSE_GENERATION);
	/* What was inferred is of the generation of its source. */
	ASSERT_STATE(&t, 211, "a", STATE_DETACHED, BECAUSE_GENERATION);
	ASSERT_STATE(&t, 220, "a", STATE_ORPHAN, BECAUSE_ADOPTER);
	/* No generation is no generation in common with 240, which is owned. */
	ASSERT_STATE(&t, 230, "a", STATE_ORPHAN, BECAUSE_ADOPTER);
	table_release(&t);
}

static void a_generation_of_another_instance_says_nothing(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "buzz-desktop", .args = "buzz-desktop|a|b", .start = 500 },
	      { 200, 100, NULL, BUZZ("a") NONCE("n1") }, { 210, 1, NULL, BUZZ("b") NONCE("n1") });
	table_census(&t);
	ASSERT_STATE(&t, 200, "a", STATE_OWNED, BECAUSE_DESCENT);
	ASSERT_STATE(&t, 210, "b", STATE_ORPHAN, BECAUSE_ADOPTER);
	table_release(&t);
}

static void an_owned_process_that_was_inferred_has_its_sources_generation(void **state)
{
	struct table t;

	(void)state;
	/* 201 alone stands in the receipts; 200, which it came from, is of the same work. */
	TABLE(&t, { 100, 1, "buzz-desktop", .args = "buzz-desktop|a", .start = 500 },
	      { 200, 1, NULL, BUZZ("a") NONCE("n1"), .pgid = 200 },
	      { 201, 200, "sh", NULL, .pgid = 201 });
	t.receipts_state = RECEIPTS_READ;
	t.receipts[t.nr_receipts++] = 201;
	table_census(&t);
	ASSERT_STATE(&t, 201, "a", STATE_OWNED, BECAUSE_RECEIPT);
	ASSERT_STATE(&t, 200, "a", STATE_DETACHED, BECAUSE_GENERATION);
	table_release(&t);
}

static void unread_receipts_come_before_the_generation(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "buzz-desktop", .args = "buzz-desktop|a", .start = 500 },
	      { 200, 100, NULL, BUZZ("a") NONCE("n1") }, { 210, 1, NULL, BUZZ("a") NONCE("n1") });
	t.receipts_state = RECEIPTS_FAILED;
	table_census(&t);
	ASSERT_STATE(&t, 210, "a", STATE_UNKNOWN, BECAUSE_RECEIPTS_UNREAD);
	table_release(&t);
}

/* --- a desktop's program at an agent's work ---------------------------------------- */

static void a_desktops_program_at_an_agents_work_is_unknown(void **state)
{
	struct table t;

	(void)state;
	/* 100 carries the marker and names nothing else: an interpreter, or a desktop. */
	TABLE(&t, { 100, 1, "Sprout", SPROUT("a") }, { 200, 1, NULL, SPROUT("a") },
	      { 201, 100, "sh", SPROUT("a") });
	table_census(&t);
	ASSERT_GONE(&t, "a");
	ASSERT_STATE(&t, 100, "a", STATE_UNKNOWN, BECAUSE_AT_WORK);
	ASSERT_STATE(&t, 200, "a", STATE_ORPHAN, BECAUSE_ADOPTER);
	/* What runs below it has a live desktop above it. */
	ASSERT_STATE(&t, 201, "a", STATE_OWNED, BECAUSE_DESCENT);
	table_release(&t);
}

/* --- orphan ----------------------------------------------------------------------- */

static void the_root_decides_for_what_runs_below_it(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 200, 1, NULL, SPROUT("a") }, { 201, 200, "sh" },
	      { 202, 201, NULL, SPROUT("b") }, { 203, 202, NULL, SPROUT("a") }, { 150, 1, "bash" },
	      { 210, 150, NULL, SPROUT("c") }, { 211, 210, NULL, SPROUT("c") });
	table_census(&t);
	for (pid_t pid = 201; pid <= 203; pid++) {
		ASSERT_STATE(&t, pid, NULL, STATE_ORPHAN, BECAUSE_ADOPTER);
		assert_int_equal(table_member(&t, pid, NULL)->root->id.pid, 200);
	}
	ASSERT_STATE(&t, 211, "c", STATE_UNKNOWN, BECAUSE_OWNER_UNKNOWN);
	assert_int_equal(table_member(&t, 211, "c")->root->id.pid, 210);
	/* The parent that may have been seen to change is the root's. */
	t.changed = 211;
	table_census(&t);
	ASSERT_STATE(&t, 211, "c", STATE_UNKNOWN, BECAUSE_OWNER_UNKNOWN);
	t.changed = 210;
	table_census(&t);
	ASSERT_STATE(&t, 211, "c", STATE_ORPHAN, BECAUSE_PARENT_CHANGED);
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
	ASSERT_STATE(&t, 200, "a", STATE_UNKNOWN, BECAUSE_OWNER_UNKNOWN);
	assert_int_equal(because(&t, 200, "a"), 190);
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
	/* 300 is in the group of 200, which has a live parent; alone it would be an orphan. */
	TABLE(&t, { 150, 1, "bash" }, { 200, 150, NULL, SPROUT("a"), .pgid = 200 },
	      { 300, 1, "sleep", NULL, .pgid = 200 }, { 400, 1, NULL, SPROUT("b"), .pgid = 400 },
	      { 500, 150, "sleep", NULL, .pgid = 400 });
	table_census(&t);
	ASSERT_STATE(&t, 300, "a", STATE_UNKNOWN, BECAUSE_OWNER_UNKNOWN);
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
	/* 300 descends from an orphan and is in the group of one that is detached. */
	TABLE(&t, { 100, 1, "Sprout", .args = "Sprout|a", .start = 205 },
	      { 200, 1, NULL, SPROUT("a"), .pgid = 200 },
	      { 210, 1, NULL, SPROUT("a"), .pgid = 210 }, { 300, 200, "sh", NULL, .pgid = 210 });
	table_census(&t);
	ASSERT_STATE(&t, 200, "a", STATE_ORPHAN, BECAUSE_ADOPTER);
	ASSERT_STATE(&t, 210, "a", STATE_DETACHED, BECAUSE_YOUNGER);
	ASSERT_STATE(&t, 300, "a", STATE_DETACHED, BECAUSE_YOUNGER);
	table_release(&t);
	/* The same of a session's leader. */
	TABLE(&t, { 100, 1, "Sprout", .args = "Sprout|a", .start = 205 },
	      { 200, 1, NULL, SPROUT("a"), .pgid = 200 }, { 210, 1, NULL, SPROUT("a"), .sid = 210 },
	      { 300, 200, "sh", NULL, .pgid = 300, .sid = 210 });
	table_census(&t);
	ASSERT_STATE(&t, 300, "a", STATE_DETACHED, BECAUSE_YOUNGER);
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
		cmocka_unit_test(owned_by_a_receipt),
		cmocka_unit_test(a_receipt_names_a_process_and_its_group),
		cmocka_unit_test(owned_by_an_ancestors_receipt),
		cmocka_unit_test(the_group_of_a_receipts_process_is_owned_whatever_leads_it),
		cmocka_unit_test(receipts_of_a_dead_owner_are_not_asked),
		cmocka_unit_test(receipts_are_asked_once_per_instance),
		cmocka_unit_test(unread_receipts_of_a_live_owner_leave_it_unknown),
		cmocka_unit_test(no_receipts_yet_are_none),
		cmocka_unit_test(younger_than_the_desktop_is_detached),
		cmocka_unit_test(an_orphan_is_older_than_every_desktop),
		cmocka_unit_test(a_desktop_of_another_instance_does_not_detach),
		cmocka_unit_test(one_with_a_live_parent_is_detached_too),
		cmocka_unit_test(what_an_owned_harness_put_in_the_background_is_detached),
		cmocka_unit_test(a_generation_of_another_instance_says_nothing),
		cmocka_unit_test(an_owned_process_that_was_inferred_has_its_sources_generation),
		cmocka_unit_test(unread_receipts_come_before_the_generation),
		cmocka_unit_test(a_desktops_program_at_an_agents_work_is_unknown),
		cmocka_unit_test(the_root_decides_for_what_runs_below_it),
		cmocka_unit_test(another_users_managed_parent_is_no_root),
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
