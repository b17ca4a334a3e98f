/* SPDX-License-Identifier: MIT */
/* The predicate, continued: what the owner and the state say, ticks, force, and the words. */
#include "helpers/table.h"

#define SPROUT(id) "SPROUT_MANAGED_AGENT=" id
#define BUZZ(id)   "BUZZ_MANAGED_AGENT=" id

static const struct verdict_ask sweep = { .face = FACE_SWEEP }, group = { .face = FACE_GROUP };
static const struct verdict_ask pick = { .face = FACE_PICK };

static enum verdict_why ask(const struct table *t, pid_t pid, const struct verdict_ask *how)
{
	return verdict_of_process(t->c, snapshot_find(t->s, pid), how);
}

/* It may not be ended from any face. */
static void assert_no(const struct table *t, pid_t pid, enum verdict_why why)
{
	assert_int_equal(ask(t, pid, &sweep), why);
	assert_int_equal(ask(t, pid, &group), why);
	assert_int_equal(ask(t, pid, &pick), why);
}

static void what_a_receipt_names_is_its_owners(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout", .args = "Sprout|a", .start = 900 },
	      { 200, 1, NULL, SPROUT("a"), .pgid = 200 });
	t.receipts_state = RECEIPTS_READ;
	t.receipts[t.nr_receipts++] = 200;
	table_census(&t);
	assert_no(&t, 200, WHY_OWNER_ALIVE);
	table_release(&t);
}

static void the_detached_are_left_alone(void **state)
{
	struct verdict_ask detached = { .face = FACE_SWEEP, .reap_detached = true };
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout", .args = "Sprout|a" }, { 200, 1, NULL, SPROUT("a") });
	table_census(&t);
	assert_no(&t, 200, WHY_DETACHED);
	assert_int_equal(ask(&t, 200, &detached), WHY_MAY_END);
	detached.grace = 1;
	assert_int_equal(ask(&t, 200, &detached), WHY_TICKS);
	table_release(&t);
}

static void the_unknown_are_left_alone(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout", .no_args = true }, { 200, 1, NULL, SPROUT("a") });
	table_census(&t);
	assert_no(&t, 200, WHY_UNKNOWN);
	table_release(&t);
	TABLE(&t, { 1, 0, "node", NULL, .pgid = 1, .sid = 1 }, { 200, 0, NULL, SPROUT("a") });
	t.s->complete = false;
	table_census(&t);
	assert_no(&t, 200, WHY_UNKNOWN);
	table_release(&t);
}

static void a_person_need_not_know_about_the_parent(void **state)
{
	struct table t;

	(void)state;
	/* The owner is gone; only that the root's parent, our shell, lives makes it unknown. */
	TABLE(&t, { 150, 1, "bash" }, { 200, 150, NULL, SPROUT("a") },
	      { TABLE_SELF, 150, "stray" });
	t.input.reap = true;
	table_census(&t);
	assert_int_equal(ask(&t, 200, &sweep), WHY_UNKNOWN);
	assert_int_equal(ask(&t, 200, &group), WHY_MAY_END);
	assert_int_equal(ask(&t, 200, &pick), WHY_MAY_END);
	table_release(&t);
}

static void but_a_person_must_know_the_rest(void **state)
{
	struct table t;

	(void)state;
	/* A live owner with receipts that could not be read; a root that is pid 1. */
	TABLE(&t, { 100, 1, "Sprout", .args = "Sprout|a" }, { 200, 1, NULL, SPROUT("a") });
	t.receipts_state = RECEIPTS_FAILED;
	table_census(&t);
	assert_no(&t, 200, WHY_UNKNOWN);
	table_release(&t);
	TABLE(&t, { 1, 0, "node", SPROUT("a"), .pgid = 1, .sid = 1 }, { 200, 1, NULL, SPROUT("a") },
	      { TABLE_SELF, 0, "stray" });
	table_census(&t);
	assert_no(&t, 200, WHY_UNKNOWN);
	table_release(&t);
	/* An older agent with a live parent and a live owner. */
	TABLE(&t, { 100, 1, "Sprout", .args = "Sprout|a", .start = 900 }, { 150, 1, "bash" },
	      { 200, 150, NULL, SPROUT("a") });
	table_census(&t);
	ASSERT_STATE(&t, 200, "a", STATE_UNKNOWN, BECAUSE_PARENT_LIVES);
	assert_no(&t, 200, WHY_UNKNOWN);
	table_release(&t);
}

static void the_sweep_waits_for_its_ticks(void **state)
{
	struct verdict_ask patient = { .face = FACE_SWEEP, .grace = 2 };
	struct table t;

	(void)state;
	TABLE(&t, { 200, 1, NULL, SPROUT("a") });
	table_census(&t);
	assert_int_equal(ask(&t, 200, &patient), WHY_TICKS);
	table_member(&t, 200, "a")->ticks = 1;
	assert_int_equal(ask(&t, 200, &patient), WHY_TICKS);
	table_member(&t, 200, "a")->ticks = 2;
	assert_int_equal(ask(&t, 200, &patient), WHY_MAY_END);
	table_member(&t, 200, "a")->ticks = 0;
	patient.face = FACE_GROUP;
	assert_int_equal(ask(&t, 200, &patient), WHY_MAY_END);
	patient.face = FACE_PICK;
	assert_int_equal(ask(&t, 200, &patient), WHY_MAY_END);
	table_release(&t);
}

static void what_is_inferred_has_the_ticks_of_its_source(void **state)
{
	struct verdict_ask patient = { .face = FACE_SWEEP, .grace = 2 };
	struct table t;

	(void)state;
	TABLE(&t, { 200, 1, NULL, SPROUT("a") }, { 201, 200, "sh" }, { 202, 201, "sleep" });
	table_census(&t);
	table_member(&t, 202, "a")->ticks = 9; /* its own do not count */
	table_member(&t, 200, "a")->ticks = 1;
	assert_int_equal(ask(&t, 202, &patient), WHY_TICKS);
	table_member(&t, 200, "a")->ticks = 2;
	assert_int_equal(ask(&t, 201, &patient), WHY_MAY_END);
	assert_int_equal(ask(&t, 202, &patient), WHY_MAY_END);
	table_release(&t);
}

static void every_membership_must_let_it_go(void **state)
{
	struct verdict_ask patient = { .face = FACE_SWEEP, .grace = 1 };
	struct table t;

	(void)state;
	/* An orphan of "a"; "b" has a live owner. */
	TABLE(&t, { 100, 1, "Buzz", .args = "Buzz|b" }, { 200, 1, NULL, SPROUT("a") "|" BUZZ("b") },
	      { 201, 1, NULL, SPROUT("a") "|" SPROUT("c") "|" BUZZ("d") });
	table_census(&t);
	assert_no(&t, 200, WHY_DETACHED);
	assert_int_equal(verdict_of(t.c, table_member(&t, 200, "a"), &sweep), WHY_DETACHED);
	/* Two orphans of which one is not old enough. */
	table_member(&t, 201, "a")->ticks = 1;
	assert_int_equal(ask(&t, 201, &patient), WHY_TICKS);
	table_member(&t, 201, "d")->ticks = 1;
	assert_int_equal(ask(&t, 201, &patient), WHY_MAY_END);
	table_release(&t);
}

/* --- force -------------------------------------------------------------------------- */

static struct verdict_ask force(const struct table *t, const char *id)
{
	return (struct verdict_ask){ .face = FACE_GROUP,
				     .force = true,
				     .of = table_instance(t, id) };
}

static void force_lifts_the_owners_say(void **state)
{
	struct verdict_ask a;
	struct table t;

	(void)state;
	/* Detached; unknown; in a receipt. */
	TABLE(&t, { 100, 1, "Sprout", .args = "Sprout|a" }, { 200, 1, NULL, SPROUT("a") },
	      { 50, 1, NULL, SPROUT("a"), .pgid = 50 });
	t.receipts_state = RECEIPTS_READ;
	t.receipts[t.nr_receipts++] = 50;
	table_census(&t);
	a = force(&t, "a");
	assert_int_equal(ask(&t, 200, &a), WHY_MAY_END);
	assert_int_equal(ask(&t, 50, &a), WHY_MAY_END);
	a.force = false;
	assert_int_equal(ask(&t, 200, &a), WHY_DETACHED);
	assert_int_equal(ask(&t, 50, &a), WHY_OWNER_ALIVE);
	t.s->procs[snapshot_index(t.s, 100)].args_read = READ_REFUSED;
	t.s->procs[snapshot_index(t.s, 100)].args.len = 0;
	table_census(&t);
	a = force(&t, "a");
	assert_int_equal(ask(&t, 200, &a), WHY_MAY_END);
	table_release(&t);
}

static void force_lifts_descent_from_its_own_desktop(void **state)
{
	struct verdict_ask a, b;
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout" }, { 200, 100, NULL, SPROUT("a") }, { 201, 200, "sh" },
	      { 110, 1, "Sprout" }, { 210, 110, NULL, SPROUT("b") }, { 101, 100, "zygote" });
	table_census(&t);
	a = force(&t, "a");
	b = force(&t, "b");
	assert_int_equal(ask(&t, 200, &a), WHY_MAY_END);
	assert_int_equal(ask(&t, 201, &a), WHY_MAY_END);
	/* No other instance's, nothing unmanaged, and no desktop. */
	assert_int_equal(ask(&t, 210, &a), WHY_OWNED);
	assert_int_equal(ask(&t, 200, &b), WHY_OWNED);
	assert_int_equal(ask(&t, 101, &a), WHY_OWNED);
	assert_int_equal(ask(&t, 100, &a), WHY_DESKTOP);
	a.of = NULL;
	assert_int_equal(ask(&t, 200, &a), WHY_OWNED);
	table_release(&t);
}

static void force_does_not_lift_descent_from_another_desktop(void **state)
{
	struct verdict_ask a;
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Buzz" }, { 200, 100, NULL, SPROUT("a") });
	table_census(&t);
	a = force(&t, "a");
	assert_int_equal(ask(&t, 200, &a), WHY_OWNED);
	table_release(&t);
}

static void force_does_not_lift_a_desktop_that_carries_the_marker(void **state)
{
	struct verdict_ask a;
	struct table t;

	(void)state;
	/* It was started inside an agent of "a", and is another instance's. */
	TABLE(&t, { 100, 1, "Sprout", SPROUT("a"), .args = "Sprout|--id=b" },
	      { 200, 100, NULL, SPROUT("a") });
	table_census(&t);
	a = force(&t, "a");
	assert_int_equal(ask(&t, 200, &a), WHY_OWNED);
	table_release(&t);
}

static void force_does_not_lift_another_users_desktop(void **state)
{
	struct verdict_ask a;
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout", .uid = 1001 }, { 200, 100, NULL, SPROUT("a") });
	table_census(&t);
	a = force(&t, "a");
	assert_int_equal(ask(&t, 200, &a), WHY_OWNED);
	table_release(&t);
}

/* Root's wrapper ends what its command has left, also what became another user. */
static void force_lifts_descent_from_the_wrapper_for_every_user(void **state)
{
	struct verdict_ask a;
	struct table t;

	(void)state;
	TABLE(&t, { TABLE_SELF, 1, "stray", .root = true },
	      { 10, TABLE_SELF, "postgres", "STRAY_INSTANCE=9000" }, { 100, 1, "Sprout" },
	      { 200, 100, NULL, SPROUT("a") });
	t.input.all_users = true;
	t.input.wrapper = TABLE_SELF;
	t.input.wrapper_id = bytes_of("9000");
	table_census(&t);
	a = force(&t, "9000");
	assert_int_equal(ask(&t, 10, &a), WHY_MAY_END);
	assert_int_equal(ask(&t, 200, &a), WHY_OWNED);
	a = force(&t, "a");
	assert_int_equal(ask(&t, 10, &a), WHY_OWNED);
	table_release(&t);
}

static void force_lifts_nothing_that_keeps(void **state)
{
	struct verdict_ask a;
	struct table t;

	(void)state;
	TABLE(&t, { 200, 1, NULL, SPROUT("a") "|STRAY_KEEP=1" },
	      { 201, 1, NULL, SPROUT("a"), .pid_ns = 99 }, { 202, 1, "zellij", SPROUT("a") },
	      { 203, 1, "Sprout", SPROUT("a") }, { 50, 1, NULL, SPROUT("a") },
	      { TABLE_SELF, 50, "stray" });
	table_census(&t);
	a = force(&t, "a");
	assert_int_equal(ask(&t, 200, &a), WHY_OPT_OUT);
	assert_int_equal(ask(&t, 201, &a), WHY_CONTAINER);
	assert_int_equal(ask(&t, 202, &a), WHY_KEEP_LIST);
	assert_int_equal(ask(&t, 203, &a), WHY_DESKTOP);
	assert_int_equal(ask(&t, 50, &a), WHY_SELF);
	table_release(&t);
}

static void force_speaks_for_one_instance(void **state)
{
	struct verdict_ask a;
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout", .args = "Sprout|a" }, { 110, 1, "Buzz", .args = "Buzz|b" },
	      { 200, 1, NULL, SPROUT("a") "|" BUZZ("b") });
	table_census(&t);
	a = force(&t, "a");
	/* "b" has a word in it too, and its owner lives. */
	assert_int_equal(ask(&t, 200, &a), WHY_DETACHED);
	table_release(&t);
}

static void force_passes_over_a_membership_that_its_own_desktop_owns(void **state)
{
	struct verdict_ask a;
	struct app *app;
	struct table t;

	(void)state;
	/* One desktop, an agent of two of its instances. */
	TABLE(&t, { 100, 1, "bare-desk" }, { 200, 100, NULL, "BARE_AGENT=a|BARE_OLD=b" });
	app = &t.policy.apps[policy_find_app(&t.policy, "bare") - t.policy.apps];
	assert_int_equal(strings_add(&app->markers, "BARE_OLD", 8), 0);
	table_census(&t);
	assert_no(&t, 200, WHY_OWNED);
	a = force(&t, "a");
	assert_int_equal(ask(&t, 200, &a), WHY_MAY_END);
	table_release(&t);
	/* "b" has another, live desktop of its own. */
	TABLE(&t, { 100, 1, "bare-desk" }, { 110, 1, "bare-desk" },
	      { 200, 100, NULL, "BARE_AGENT=a|BARE_OLD=b" },
	      { 120, 110, NULL, "BARE_OLD=b", .start = 5 });
	app = &t.policy.apps[policy_find_app(&t.policy, "bare") - t.policy.apps];
	assert_int_equal(strings_add(&app->markers, "BARE_OLD", 8), 0);
	t.s->procs[snapshot_index(t.s, 110)].args = bytes_of("b");
	table_census(&t);
	a = force(&t, "a");
	((struct instance *)table_instance(&t, "b"))->desktop = snapshot_find(t.s, 110);
	assert_int_equal(ask(&t, 200, &a), WHY_OWNED);
	table_release(&t);
}

/* --- words --------------------------------------------------------------------------- */

static void has_the_words_of_the_json_form(void **state)
{
	static const struct {
		enum verdict_why why;
		const char *name;
	} names[] = {
		{ WHY_SELF, "self" },		{ WHY_CONTAINER, "container" },
		{ WHY_OPT_OUT, "opt-out" },	{ WHY_KEEP_LIST, "keep-list" },
		{ WHY_TERMINAL, "terminal" },	{ WHY_HOST, "host" },
		{ WHY_TRACED, "traced" },	{ WHY_WINDOW, "window" },
		{ WHY_LISTENER, "listener" },	{ WHY_SERVICE, "service" },
		{ WHY_MOUNT, "mount" },		{ WHY_LOOK_ONLY, "look-only" },
		{ WHY_CONNECTED, "connected" },
	};
	unsigned named = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_string_equal(verdict_kept_name(names[i].why), names[i].name);
	for (int why = 0; why < WHY_NR; why++) {
		named += verdict_kept_name((enum verdict_why)why) != NULL;
		assert_non_null(verdict_text((enum verdict_why)why));
		for (int other = 0; other < why; other++)
			assert_string_not_equal(verdict_text((enum verdict_why)why),
						verdict_text((enum verdict_why)other));
	}
	assert_int_equal(named, sizeof(names) / sizeof(names[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_receipt_names_is_its_owners),
		cmocka_unit_test(the_detached_are_left_alone),
		cmocka_unit_test(the_unknown_are_left_alone),
		cmocka_unit_test(a_person_need_not_know_about_the_parent),
		cmocka_unit_test(but_a_person_must_know_the_rest),
		cmocka_unit_test(the_sweep_waits_for_its_ticks),
		cmocka_unit_test(what_is_inferred_has_the_ticks_of_its_source),
		cmocka_unit_test(every_membership_must_let_it_go),
		cmocka_unit_test(force_lifts_the_owners_say),
		cmocka_unit_test(force_lifts_descent_from_its_own_desktop),
		cmocka_unit_test(force_does_not_lift_descent_from_another_desktop),
		cmocka_unit_test(force_does_not_lift_a_desktop_that_carries_the_marker),
		cmocka_unit_test(force_does_not_lift_another_users_desktop),
		cmocka_unit_test(force_lifts_descent_from_the_wrapper_for_every_user),
		cmocka_unit_test(force_lifts_nothing_that_keeps),
		cmocka_unit_test(force_speaks_for_one_instance),
		cmocka_unit_test(force_passes_over_a_membership_that_its_own_desktop_owns),
		cmocka_unit_test(has_the_words_of_the_json_form),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
