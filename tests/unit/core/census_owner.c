/* SPDX-License-Identifier: MIT */
#include "helpers/table.h"

#define SPROUT(id) "SPROUT_MANAGED_AGENT=" id
#define DEFAULT	   "xyz.block.sprout.app"

static void owner_without_evidence_is_gone(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 200, 1, NULL, SPROUT("a") });
	table_census(&t);
	ASSERT_GONE(&t, "a");
	assert_int_equal(table_instance(&t, "a")->doubt, DOUBT_NONE);
	table_release(&t);
}

/* --- by descent --------------------------------------------------------------- */

static void alive_by_descent(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "sprout-desktop" }, { 200, 100, NULL, SPROUT("a") });
	table_census(&t);
	ASSERT_ALIVE(&t, "a", EVIDENCE_DESCENT, 100);
	table_release(&t);
}

static void descent_whatever_lies_between(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "sprout-desktop" }, { 101, 100, "sh" }, { 102, 101, "Buzz" },
	      { 103, 102, "sudo", NULL, .root = true }, { 200, 103, NULL, SPROUT("a") });
	table_census(&t);
	ASSERT_ALIVE(&t, "a", EVIDENCE_DESCENT, 100);
	table_release(&t);
}

static void a_worker_that_descends_is_enough(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "sprout-desktop" }, { 200, 1, NULL, SPROUT("a") },
	      { 201, 100, NULL, SPROUT("a") });
	table_census(&t);
	ASSERT_ALIVE(&t, "a", EVIDENCE_DESCENT, 100);
	table_release(&t);
}

static void the_nearest_desktop_counts(void **state)
{
	struct table t;

	(void)state;
	/* 150 was started by 100 and named its instance; the agent is 150's. */
	TABLE(&t, { 100, 1, "sprout-desktop", .args = "sprout-desktop|--id=outer" },
	      { 150, 100, "sprout-desktop", .args = "sprout-desktop|--id=other" },
	      { 200, 150, NULL, SPROUT("a") });
	table_census(&t);
	ASSERT_ALIVE(&t, "a", EVIDENCE_DESCENT, 150);
	table_release(&t);
}

static void a_desktop_that_carries_the_marker_is_no_owner(void **state)
{
	struct table t;

	(void)state;
	/* An agent of "a" started the desktop; what that starts merely inherited the marker. */
	TABLE(&t, { 100, 1, "Sprout", SPROUT("a"), .args = "Sprout|--id=b" },
	      { 200, 100, NULL, SPROUT("a") }, { 300, 1, NULL, SPROUT("b") });
	table_census(&t);
	ASSERT_GONE(&t, "a");
	ASSERT_ALIVE(&t, "b", EVIDENCE_ARGUMENTS, 100);
	table_release(&t);
}

static void the_desktop_above_it_owns_it(void **state)
{
	struct table t;

	(void)state;
	/* 100 is an agent of 90 and a desktop at once. */
	TABLE(&t, { 90, 1, "Sprout", .args = "Sprout|--id=x" },
	      { 100, 90, "Sprout", SPROUT("a"), .args = "Sprout|--id=y" },
	      { 200, 100, NULL, SPROUT("a") });
	table_census(&t);
	ASSERT_ALIVE(&t, "a", EVIDENCE_DESCENT, 90);
	table_release(&t);
}

static void another_marker_in_the_desktop_does_not_matter(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout", SPROUT("outer") }, { 200, 100, NULL, SPROUT("a") });
	table_census(&t);
	ASSERT_ALIVE(&t, "a", EVIDENCE_DESCENT, 100);
	table_release(&t);
}

static void a_desktop_of_another_app_owns_nothing(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Buzz", .args = "Buzz|--id=a|b" }, { 200, 100, NULL, SPROUT("a") },
	      { 201, 1, NULL, SPROUT("b") });
	table_census(&t);
	/* To this app it is a parent like any other. */
	ASSERT_DOUBT(&t, "a", DOUBT_PARENT);
	ASSERT_GONE(&t, "b");
	table_release(&t);
}

static void a_dead_desktop_owns_nothing(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout", .args = "Sprout|--id=a", .dead = true },
	      { 200, 100, NULL, SPROUT("a") });
	table_census(&t);
	ASSERT_GONE(&t, "a");
	table_release(&t);
}

/* --- by arguments and environment --------------------------------------------- */

static void alive_by_arguments(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout", .args = "Sprout|{\"identifier\":\"a.b\"}" },
	      { 200, 1, NULL, SPROUT("a.b") });
	table_census(&t);
	ASSERT_ALIVE(&t, "a.b", EVIDENCE_ARGUMENTS, 100);
	table_release(&t);
}

static void an_identifier_is_bounded_on_both_sides(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout", "X=x.a.b", .args = "Sprout|--id=a.b.dev|--old=my-a.b" },
	      { 200, 1, NULL, SPROUT("a.b") }, { 201, 1, NULL, SPROUT("a.b.dev") });
	table_census(&t);
	ASSERT_GONE(&t, "a.b");
	ASSERT_ALIVE(&t, "a.b.dev", EVIDENCE_ARGUMENTS, 100);
	table_release(&t);
}

static void an_id_does_not_reach_over_two_arguments(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "bare-desk", .args = "bare-desk|a|b" },
	      { 200, 1, NULL, "BARE_AGENT=a b" }, { 201, 1, NULL, "BARE_AGENT=a" });
	table_census(&t);
	ASSERT_GONE(&t, "a b");
	ASSERT_ALIVE(&t, "a", EVIDENCE_ARGUMENTS, 100);
	table_release(&t);
}

static void alive_by_environment(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout", "PATH=/bin|CONFIG={\"id\":\"a.b\"}" },
	      { 200, 1, NULL, SPROUT("a.b") });
	table_census(&t);
	ASSERT_ALIVE(&t, "a.b", EVIDENCE_ENVIRONMENT, 100);
	table_release(&t);
}

static void the_environment_is_bounded_too(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout", "A=a.b.dev|B=xa.b|C=z" }, { 200, 1, NULL, SPROUT("a.b") },
	      { 201, 1, NULL, SPROUT("z") });
	table_census(&t);
	ASSERT_ALIVE(&t, "z", EVIDENCE_ENVIRONMENT, 100);
	ASSERT_GONE(&t, "a.b");
	table_release(&t);
}

static void the_name_of_a_variable_is_no_evidence(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout", "APP=1|C=z" }, { 200, 1, NULL, SPROUT("APP") },
	      { 201, 1, NULL, SPROUT("z") });
	table_census(&t);
	ASSERT_GONE(&t, "APP");
	table_release(&t);
}

static void markers_in_a_desktops_environment_are_no_evidence(void **state)
{
	struct table t;

	(void)state;
	/* Its own app's, and another app's, marker. */
	TABLE(&t, { 100, 1, "Sprout", SPROUT("a") "|BUZZ_MANAGED_AGENT=b|C=z" },
	      { 200, 1, NULL, SPROUT("a") }, { 201, 1, NULL, SPROUT("b") },
	      { 202, 1, NULL, SPROUT("z") });
	table_census(&t);
	ASSERT_GONE(&t, "a");
	ASSERT_GONE(&t, "b");
	ASSERT_ALIVE(&t, "z", EVIDENCE_ENVIRONMENT, 100);
	table_release(&t);
}

static void an_agent_never_vouches(void **state)
{
	struct table t;

	(void)state;
	/* Arguments and environment of what is no desktop say nothing. */
	TABLE(&t, { 200, 1, NULL, SPROUT("a") "|CONFIG=a", .args = "node|--id=a" },
	      { 201, 1, "bash", "CONFIG=a", .args = "bash|--id=a" });
	table_census(&t);
	ASSERT_GONE(&t, "a");
	table_release(&t);
}

static void arguments_come_before_environment(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout", "CONFIG=a" }, { 150, 1, "Sprout", .args = "Sprout|a" },
	      { 200, 1, NULL, SPROUT("a") });
	table_census(&t);
	ASSERT_ALIVE(&t, "a", EVIDENCE_ARGUMENTS, 150);
	table_release(&t);
}

static void descent_comes_before_arguments(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout", .args = "Sprout|a" }, { 150, 1, "Sprout" },
	      { 200, 150, NULL, SPROUT("a") });
	table_census(&t);
	ASSERT_ALIVE(&t, "a", EVIDENCE_DESCENT, 150);
	table_release(&t);
}

/* --- the default instance ------------------------------------------------------ */

static void a_desktop_that_names_none_is_the_defaults(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout", "PATH=/" }, { 200, 1, NULL, SPROUT(DEFAULT) });
	table_census(&t);
	ASSERT_ALIVE(&t, DEFAULT, EVIDENCE_DEFAULT, 100);
	table_release(&t);
}

static void what_a_desktop_says_alone_does_not_take_its_default_away(void **state)
{
	struct table t;

	(void)state;
	/* A file may have been opened with another id in its path. */
	TABLE(&t, { 100, 1, "Sprout", .args = "Sprout|--id=a" }, { 200, 1, NULL, SPROUT(DEFAULT) },
	      { 201, 1, NULL, SPROUT("a") });
	table_census(&t);
	ASSERT_ALIVE(&t, DEFAULT, EVIDENCE_DEFAULT, 100);
	ASSERT_ALIVE(&t, "a", EVIDENCE_ARGUMENTS, 100);
	table_release(&t);
	/* It may have inherited an environment, too. */
	TABLE(&t, { 100, 1, "Sprout", "CONFIG=a" }, { 200, 1, NULL, SPROUT(DEFAULT) },
	      { 201, 1, NULL, SPROUT("a") });
	table_census(&t);
	ASSERT_ALIVE(&t, DEFAULT, EVIDENCE_DEFAULT, 100);
	ASSERT_ALIVE(&t, "a", EVIDENCE_ENVIRONMENT, 100);
	table_release(&t);
}

static void nor_is_one_that_has_another_by_descent(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout" }, { 200, 1, NULL, SPROUT(DEFAULT) },
	      { 201, 100, NULL, SPROUT("a") });
	table_census(&t);
	ASSERT_GONE(&t, DEFAULT);
	table_release(&t);
}

static void one_desktop_of_two_is_the_defaults(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout" }, { 150, 1, "Sprout" }, { 200, 1, NULL, SPROUT(DEFAULT) },
	      { 201, 100, NULL, SPROUT("a") });
	table_census(&t);
	ASSERT_ALIVE(&t, DEFAULT, EVIDENCE_DEFAULT, 150);
	table_release(&t);
}

static void without_a_default_a_nameless_desktop_is_doubtful(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "bare-desk" }, { 200, 1, NULL, "BARE_AGENT=a" });
	table_census(&t);
	ASSERT_DOUBT(&t, "a", DOUBT_NAMELESS);
	assert_int_equal(table_instance(&t, "a")->desktop->id.pid, 100);
	table_release(&t);
}

static void without_a_default_one_that_names_another_is_not(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "bare-desk", .args = "bare-desk|b" }, { 200, 1, NULL, "BARE_AGENT=a" },
	      { 201, 1, NULL, "BARE_AGENT=b" });
	table_census(&t);
	ASSERT_GONE(&t, "a");
	table_release(&t);
}

/* --- what cannot be told -------------------------------------------------------- */

static void a_desktop_that_could_not_be_read_is_doubtful(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout", .no_args = true }, { 200, 1, NULL, SPROUT("a") });
	table_census(&t);
	ASSERT_DOUBT(&t, "a", DOUBT_UNREADABLE);
	assert_int_equal(table_instance(&t, "a")->desktop->id.pid, 100);
	table_release(&t);
	TABLE(&t, { 100, 1, "Sprout", .no_env = true }, { 200, 1, NULL, SPROUT("a") });
	table_census(&t);
	ASSERT_DOUBT(&t, "a", DOUBT_UNREADABLE);
	table_release(&t);
}

static void one_that_may_be_a_desktop_is_doubtful(void **state)
{
	struct table t;

	(void)state;
	/* The rest of its name, buzz-desktop.bin, stands in what could not be read. */
	TABLE(&t, { 100, 1, "buzz-desktop.bi", .no_args = true },
	      { 200, 1, NULL, "BUZZ_MANAGED_AGENT=a" });
	table_census(&t);
	ASSERT_DOUBT(&t, "a", DOUBT_UNREADABLE);
	table_release(&t);
	TABLE(&t, { 100, 1, "buzz-desktop.bi", .no_args = true, .exe = "/usr/bin/other" },
	      { 200, 1, NULL, "BUZZ_MANAGED_AGENT=a" });
	table_census(&t);
	ASSERT_GONE(&t, "a");
	table_release(&t);
}

static void an_unreadable_one_does_not_outweigh_evidence(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout", .no_args = true, .no_env = true },
	      { 150, 1, "Sprout", .args = "Sprout|a" }, { 200, 1, NULL, SPROUT("a") });
	table_census(&t);
	ASSERT_ALIVE(&t, "a", EVIDENCE_ARGUMENTS, 150);
	table_release(&t);
}

static void an_unreadable_one_of_another_app_is_not_asked(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Buzz", .no_args = true }, { 200, 1, NULL, SPROUT("a") });
	table_census(&t);
	ASSERT_GONE(&t, "a");
	table_release(&t);
}

static void an_incomplete_scan_tells_of_no_end(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout", .args = "Sprout|b" }, { 200, 1, NULL, SPROUT("a") },
	      { 201, 1, NULL, SPROUT("b") });
	t.s->complete = false;
	table_census(&t);
	ASSERT_DOUBT(&t, "a", DOUBT_INCOMPLETE);
	/* A process that was seen is there, whatever else is hidden. */
	ASSERT_ALIVE(&t, "b", EVIDENCE_ARGUMENTS, 100);
	table_release(&t);
}

/* --- other users ------------------------------------------------------------------ */

static void a_desktop_of_another_user_owns_nothing_and_spares(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout", .args = "Sprout|a", .uid = 1001 },
	      { 110, 1, "Sprout", "C=b", .uid = 1001 }, { 120, 1, "Sprout", .uid = 1001 },
	      { 150, 1, "Sprout", .uid = 1001, .no_args = true }, { 200, 1, NULL, SPROUT("a") },
	      { 201, 1, NULL, SPROUT("b") }, { 202, 120, NULL, SPROUT("c") },
	      { 203, 1, NULL, SPROUT(DEFAULT) });
	t.input.all_users = true;
	table_census(&t);
	/* Named by arguments, by environment, by descent. */
	ASSERT_DOUBT(&t, "a", DOUBT_OTHER_USER);
	assert_int_equal(table_instance(&t, "a")->desktop->id.pid, 100);
	ASSERT_DOUBT(&t, "b", DOUBT_OTHER_USER);
	assert_int_equal(table_instance(&t, "b")->desktop->id.pid, 110);
	ASSERT_DOUBT(&t, "c", DOUBT_OTHER_USER);
	assert_int_equal(table_instance(&t, "c")->desktop->id.pid, 120);
	/* That one names nothing, and one cannot be read, says nothing of another user's. */
	ASSERT_GONE(&t, DEFAULT);
	table_release(&t);
}

static void the_same_id_of_two_users_is_two_instances(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout", .args = "Sprout|a" }, { 200, 1, NULL, SPROUT("a") },
	      { 201, 1, NULL, SPROUT("a"), .uid = 1001 });
	t.input.all_users = true;
	table_census(&t);
	ASSERT_ALIVE(&t, "a", EVIDENCE_ARGUMENTS, 100);
	assert_int_equal(
		census_find_instance(t.c, &(struct instance_key){ NULL, bytes_of("a"), 1001 })
			->doubt,
		DOUBT_OTHER_USER);
	table_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(owner_without_evidence_is_gone),
		cmocka_unit_test(alive_by_descent),
		cmocka_unit_test(descent_whatever_lies_between),
		cmocka_unit_test(a_worker_that_descends_is_enough),
		cmocka_unit_test(the_nearest_desktop_counts),
		cmocka_unit_test(a_desktop_that_carries_the_marker_is_no_owner),
		cmocka_unit_test(the_desktop_above_it_owns_it),
		cmocka_unit_test(another_marker_in_the_desktop_does_not_matter),
		cmocka_unit_test(a_desktop_of_another_app_owns_nothing),
		cmocka_unit_test(a_dead_desktop_owns_nothing),
		cmocka_unit_test(alive_by_arguments),
		cmocka_unit_test(an_identifier_is_bounded_on_both_sides),
		cmocka_unit_test(an_id_does_not_reach_over_two_arguments),
		cmocka_unit_test(alive_by_environment),
		cmocka_unit_test(the_environment_is_bounded_too),
		cmocka_unit_test(the_name_of_a_variable_is_no_evidence),
		cmocka_unit_test(markers_in_a_desktops_environment_are_no_evidence),
		cmocka_unit_test(an_agent_never_vouches),
		cmocka_unit_test(arguments_come_before_environment),
		cmocka_unit_test(descent_comes_before_arguments),
		cmocka_unit_test(a_desktop_that_names_none_is_the_defaults),
		cmocka_unit_test(what_a_desktop_says_alone_does_not_take_its_default_away),
		cmocka_unit_test(nor_is_one_that_has_another_by_descent),
		cmocka_unit_test(one_desktop_of_two_is_the_defaults),
		cmocka_unit_test(without_a_default_a_nameless_desktop_is_doubtful),
		cmocka_unit_test(without_a_default_one_that_names_another_is_not),
		cmocka_unit_test(a_desktop_that_could_not_be_read_is_doubtful),
		cmocka_unit_test(one_that_may_be_a_desktop_is_doubtful),
		cmocka_unit_test(an_unreadable_one_does_not_outweigh_evidence),
		cmocka_unit_test(an_unreadable_one_of_another_app_is_not_asked),
		cmocka_unit_test(an_incomplete_scan_tells_of_no_end),
		cmocka_unit_test(a_desktop_of_another_user_owns_nothing_and_spares),
		cmocka_unit_test(the_same_id_of_two_users_is_two_instances),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
