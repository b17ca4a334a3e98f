/* SPDX-License-Identifier: MIT */
/* Owners, continued: files, carriers, many instances, and desktops at an agent's work. */
#include "helpers/table.h"

#define SPROUT(id) "SPROUT_MANAGED_AGENT=" id
#define DEFAULT	   "xyz.block.sprout.app"
#define DEV	   DEFAULT ".dev.branch"

static struct app *app_of(struct table *t, const char *name)
{
	return &t->policy.apps[policy_find_app(&t->policy, name) - t->policy.apps];
}

static pid_t desktop_of(const struct table *t, const char *id)
{
	const struct process *proc = table_instance(t, id)->desktop;

	return proc ? proc->id.pid : 0;
}

/* --- files ----------------------------------------------------------------------- */

static void alive_by_files_of_the_desktop_itself(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout" }, { 200, 1, NULL, SPROUT("org.x") });
	t.files = 100;
	t.files_id = "org.x";
	table_census(&t);
	ASSERT_ALIVE(&t, "org.x", EVIDENCE_FILES, 100);
	table_release(&t);
}

static void alive_by_files_of_what_runs_below_it(void **state)
{
	struct table t;

	(void)state;
	/* A helper, whatever lies between; not an agent, nor another desktop's helper. */
	TABLE(&t, { 100, 1, "Sprout" }, { 101, 100, "sh" }, { 102, 101, "WebKitNetwork" },
	      { 110, 100, "Buzz" }, { 111, 110, "helper" }, { 120, 100, NULL, SPROUT("org.z") },
	      { 200, 1, NULL, SPROUT("org.x") });
	t.files_id = "org.x";
	t.files = 102;
	table_census(&t);
	ASSERT_ALIVE(&t, "org.x", EVIDENCE_FILES, 100);
	t.files = 111;
	table_census(&t);
	ASSERT_GONE(&t, "org.x");
	t.files = 120;
	table_census(&t);
	ASSERT_GONE(&t, "org.x");
	table_release(&t);
}

static void files_are_asked_only_where_nothing_else_decides(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout", .args = "Sprout|a" }, { 200, 1, NULL, SPROUT("a") },
	      { 201, 1, NULL, SPROUT(DEFAULT) });
	table_census(&t);
	assert_int_equal(t.files_asked, 0);
	table_release(&t);
	/* An app without data folders, and a machine without a desktop. */
	TABLE(&t, { 100, 1, "bare-desk" }, { 200, 1, NULL, "BARE_AGENT=a" },
	      { 201, 1, NULL, SPROUT("b") });
	table_census(&t);
	assert_int_equal(t.files_asked, 0);
	table_release(&t);
}

static void a_desktop_with_files_of_one_is_not_nameless_to_another(void **state)
{
	struct table t;

	(void)state;
	/* A release build names its id nowhere, but keeps its files open. */
	TABLE(&t, { 100, 1, "Sprout" }, { 200, 1, NULL, SPROUT(DEFAULT) },
	      { 201, 1, NULL, SPROUT("org.nightly") });
	t.files = 100;
	t.files_id = DEFAULT;
	table_census(&t);
	ASSERT_ALIVE(&t, DEFAULT, EVIDENCE_FILES, 100);
	ASSERT_GONE(&t, "org.nightly");
	table_release(&t);
}

static void files_of_another_take_the_default_away(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout" }, { 200, 1, NULL, SPROUT(DEFAULT) },
	      { 201, 1, NULL, SPROUT("org.nightly") });
	t.files = 100;
	t.files_id = "org.nightly";
	table_census(&t);
	ASSERT_ALIVE(&t, "org.nightly", EVIDENCE_FILES, 100);
	ASSERT_GONE(&t, DEFAULT);
	table_release(&t);
}

static void files_that_could_not_be_looked_up_leave_a_doubt(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout", .args = "Sprout|a" }, { 200, 1, NULL, SPROUT("a") },
	      { 201, 1, NULL, SPROUT("b") });
	t.files_else = ANSWER_UNKNOWN;
	table_census(&t);
	ASSERT_DOUBT(&t, "b", DOUBT_FILES);
	assert_int_equal(desktop_of(&t, "b"), 100);
	t.input.files = NULL;
	table_census(&t);
	ASSERT_GONE(&t, "b");
	table_release(&t);
}

/* --- nameless desktops ------------------------------------------------------------ */

static void a_nameless_desktop_leaves_a_doubt_on_other_ids(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout" }, { 200, 1, NULL, SPROUT("org.nightly") },
	      { 201, 1, NULL, SPROUT(DEV) });
	table_census(&t);
	ASSERT_DOUBT(&t, "org.nightly", DOUBT_NAMELESS);
	assert_int_equal(desktop_of(&t, "org.nightly"), 100);
	/* Desktops of such ids always name them. */
	ASSERT_GONE(&t, DEV);
	table_release(&t);
}

/* --- carriers ---------------------------------------------------------------------- */

static void alive_by_carrier(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "bare-desk", "BARE_AGENT=a" }, { 110, 1, "node", "BARE_AGENT=c" },
	      { 200, 1, NULL, "BARE_AGENT=a" }, { 201, 1, NULL, "BARE_AGENT=b" });
	app_of(&t, "bare")->owner = APP_OWNER_CARRIER;
	table_census(&t);
	ASSERT_ALIVE(&t, "a", EVIDENCE_CARRIER, 100);
	/* One that carries an instance names it, and casts no doubt on another. */
	ASSERT_GONE(&t, "b");
	/* What goes by no desktop's name carries for itself alone. */
	ASSERT_GONE(&t, "c");
	app_of(&t, "bare")->owner = APP_OWNER_NAME;
	table_census(&t);
	ASSERT_GONE(&t, "a");
	table_release(&t);
}

static void another_users_carrier_spares(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "bare-desk", "BARE_AGENT=a", .uid = 1001 },
	      { 200, 1, NULL, "BARE_AGENT=a" });
	app_of(&t, "bare")->owner = APP_OWNER_CARRIER;
	t.input.all_users = true;
	table_census(&t);
	assert_int_equal(table_instance(&t, "a")->owner, OWNER_UNKNOWN);
	table_release(&t);
}

/* --- many instances ----------------------------------------------------------------- */

static void a_desktop_of_many_owns_every_id_that_none_names(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "bare-desk", .args = "bare-desk|b" }, { 200, 1, NULL, "BARE_AGENT=a" },
	      { 201, 1, NULL, "BARE_AGENT=b" });
	app_of(&t, "bare")->many_instances = true;
	table_census(&t);
	ASSERT_ALIVE(&t, "a", EVIDENCE_DEFAULT, 100);
	ASSERT_ALIVE(&t, "b", EVIDENCE_ARGUMENTS, 100);
	app_of(&t, "bare")->many_instances = false;
	table_census(&t);
	ASSERT_GONE(&t, "a");
	table_release(&t);
}

static void many_instances_without_a_desktop_are_gone(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "bare-desk", .dead = true }, { 200, 1, NULL, "BARE_AGENT=a" });
	app_of(&t, "bare")->many_instances = true;
	table_census(&t);
	ASSERT_GONE(&t, "a");
	table_release(&t);
}

/* --- a desktop's program at an agent's work ------------------------------------------- */

static void one_at_work_owns_nothing_and_casts_a_doubt_on_others(void **state)
{
	struct table t;

	(void)state;
	/* It holds its own id in its arguments, which an interpreter may. */
	TABLE(&t, { 100, 1, "Sprout", SPROUT("a"), .args = "Sprout|--for=a" },
	      { 200, 1, NULL, SPROUT("a") }, { 201, 1, NULL, SPROUT("b") },
	      { 202, 1, NULL, SPROUT(DEFAULT) });
	table_census(&t);
	ASSERT_GONE(&t, "a");
	ASSERT_DOUBT(&t, "b", DOUBT_AT_WORK);
	assert_int_equal(desktop_of(&t, "b"), 100);
	ASSERT_DOUBT(&t, DEFAULT, DOUBT_AT_WORK);
	table_release(&t);
}

static void one_that_names_another_instance_is_a_desktop(void **state)
{
	struct table t;

	(void)state;
	/* By arguments, by environment, by an agent below it, by its files. */
	TABLE(&t, { 100, 1, "Sprout", SPROUT("a"), .args = "Sprout|b" },
	      { 200, 1, NULL, SPROUT("b") }, { 201, 1, NULL, SPROUT("z") });
	table_census(&t);
	ASSERT_ALIVE(&t, "b", EVIDENCE_ARGUMENTS, 100);
	ASSERT_GONE(&t, "z");
	table_release(&t);
	TABLE(&t, { 100, 1, "Sprout", SPROUT("a") "|C=b" }, { 200, 1, NULL, SPROUT("b") });
	table_census(&t);
	ASSERT_ALIVE(&t, "b", EVIDENCE_ENVIRONMENT, 100);
	table_release(&t);
	TABLE(&t, { 100, 1, "Sprout", SPROUT("a") }, { 200, 100, NULL, SPROUT("b") });
	table_census(&t);
	ASSERT_ALIVE(&t, "b", EVIDENCE_DESCENT, 100);
	table_release(&t);
	TABLE(&t, { 100, 1, "Sprout", SPROUT("a") }, { 200, 1, NULL, SPROUT("b") });
	t.files = 100;
	t.files_id = "b";
	table_census(&t);
	ASSERT_ALIVE(&t, "b", EVIDENCE_FILES, 100);
	table_release(&t);
}

static void a_desktop_of_many_at_work_owns_none_of_them(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "bare-desk", "BARE_AGENT=a" }, { 200, 1, NULL, "BARE_AGENT=b" });
	app_of(&t, "bare")->many_instances = true;
	table_census(&t);
	ASSERT_DOUBT(&t, "b", DOUBT_AT_WORK);
	table_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alive_by_files_of_the_desktop_itself),
		cmocka_unit_test(alive_by_files_of_what_runs_below_it),
		cmocka_unit_test(files_are_asked_only_where_nothing_else_decides),
		cmocka_unit_test(a_desktop_with_files_of_one_is_not_nameless_to_another),
		cmocka_unit_test(files_of_another_take_the_default_away),
		cmocka_unit_test(files_that_could_not_be_looked_up_leave_a_doubt),
		cmocka_unit_test(a_nameless_desktop_leaves_a_doubt_on_other_ids),
		cmocka_unit_test(alive_by_carrier),
		cmocka_unit_test(another_users_carrier_spares),
		cmocka_unit_test(a_desktop_of_many_owns_every_id_that_none_names),
		cmocka_unit_test(many_instances_without_a_desktop_are_gone),
		cmocka_unit_test(one_at_work_owns_nothing_and_casts_a_doubt_on_others),
		cmocka_unit_test(one_that_names_another_instance_is_a_desktop),
		cmocka_unit_test(a_desktop_of_many_at_work_owns_none_of_them),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
