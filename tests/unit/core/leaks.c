/* SPDX-License-Identifier: MIT */
#include "core/leaks.h"
#include "helpers/table.h"

/* --- the check of a list ------------------------------------------------------------ */

static const struct scope everything = { .uid = TABLE_UID };

/* The report of @q on the table, to be released with the table by done(). */
struct check {
	struct table t;
	struct leak_query q;
	struct leak_report r;
};

#define CHECK(c, ...)                                                                              \
	do {                                                                                       \
		*(c) = (struct check){ .q.scope = &everything };                                   \
		TABLE(&(c)->t, __VA_ARGS__);                                                       \
	} while (0)

static void collect(struct check *c)
{
	table_census(&c->t);
	assert_int_equal(leaks_collect(&c->q, c->t.c, &c->r), 0);
}

static void done(struct check *c)
{
	leak_report_release(&c->r);
	table_release(&c->t);
}

/* The kind of the row of @pid; LEAK_NR: it has none. */
static enum leak_kind kind_of(const struct check *c, pid_t pid)
{
	for (size_t i = 0; i < c->r.nr; i++)
		if (c->r.rows[i].member->proc->id.pid == pid)
			return c->r.rows[i].kind;
	return LEAK_NR;
}

static void orphans_and_detached_ones_are_left_and_owned_ones_are_not(void **state)
{
	struct check c;

	(void)state;
	CHECK(&c, { 100, 1, "bare-desk", .args = "bare-desk|b" },
	      { 101, 100, NULL, "BARE_AGENT=b" }, { 102, 1, NULL, "BARE_AGENT=b" },
	      { 200, 1, NULL, "BARE_AGENT=a" }, { 201, 200, "sh" });
	collect(&c);
	ASSERT_STATE(&c.t, 102, "b", STATE_DETACHED, BECAUSE_YOUNGER);
	assert_int_equal(kind_of(&c, 100), LEAK_NR);
	assert_int_equal(kind_of(&c, 101), LEAK_NR);
	assert_int_equal(kind_of(&c, 102), LEAK_LEFT);
	assert_int_equal(kind_of(&c, 200), LEAK_LEFT);
	assert_int_equal(kind_of(&c, 201), LEAK_LEFT);
	assert_int_equal(c.r.count[LEAK_LEFT], 3);
	done(&c);
}

static void a_desktop_started_by_an_agent_is_in_use(void **state)
{
	struct check c;

	(void)state;
	CHECK(&c, { 200, 1, NULL, "BARE_AGENT=a" },
	      { 300, 200, "sprout-desktop", "BARE_AGENT=a", "sprout-desktop|s" });
	collect(&c);
	ASSERT_STATE(&c.t, 300, "a", STATE_ORPHAN, BECAUSE_ADOPTER);
	/* The agent is kept, as its host. */
	assert_int_equal(kind_of(&c, 200), LEAK_KEPT);
	assert_int_equal(kind_of(&c, 300), LEAK_NR);
	done(&c);
}

static void an_unknown_state_is_listed_as_unknown(void **state)
{
	struct check c;

	(void)state;
	CHECK(&c, { 100, 1, "make" }, { 200, 100, NULL, "BARE_AGENT=a" });
	collect(&c);
	assert_int_equal(kind_of(&c, 200), LEAK_UNKNOWN);
	assert_int_equal(leaks_count(&c.r), 0);
	done(&c);
}

static void a_kept_process_is_listed_with_its_reason(void **state)
{
	struct check c;

	(void)state;
	CHECK(&c, { 200, 1, NULL, "BARE_AGENT=a|STRAY_KEEP=1" });
	collect(&c);
	assert_int_equal(kind_of(&c, 200), LEAK_KEPT);
	assert_int_equal(c.r.rows[0].kept, WHY_OPT_OUT);
	assert_int_equal(leaks_count(&c.r), 0);
	done(&c);
}

static void the_dead_are_no_leaks(void **state)
{
	struct check c;

	(void)state;
	CHECK(&c, { 200, 1, NULL, "BARE_AGENT=a" },
	      { 201, 200, NULL, "BARE_AGENT=a", .dead = true });
	collect(&c);
	assert_int_equal(kind_of(&c, 200), LEAK_LEFT);
	assert_int_equal(kind_of(&c, 201), LEAK_NR);
	done(&c);
}

static void what_another_app_has_at_work_is_no_leak(void **state)
{
	struct check c;

	(void)state;
	/* 210 descends from a desktop, and 220 has a membership with an owner. */
	CHECK(&c, { 100, 1, "sprout-desktop", .args = "sprout-desktop|s", .start = 60 },
	      { 210, 100, NULL, "BARE_AGENT=x" },
	      { 220, 1, NULL, "BARE_AGENT=a|SPROUT_MANAGED_AGENT=s", .start = 50 },
	      { 230, 1, NULL, "BARE_AGENT=a" });
	c.t.changed = 210;
	c.t.receipts_state = RECEIPTS_READ;
	c.t.receipts[0] = 220;
	c.t.nr_receipts = 1;
	collect(&c);
	ASSERT_STATE(&c.t, 210, "x", STATE_ORPHAN, BECAUSE_PARENT_CHANGED);
	ASSERT_STATE(&c.t, 220, "a", STATE_ORPHAN, BECAUSE_ADOPTER);
	ASSERT_STATE(&c.t, 220, "s", STATE_OWNED, BECAUSE_RECEIPT);
	assert_int_equal(kind_of(&c, 210), LEAK_NR);
	assert_int_equal(kind_of(&c, 220), LEAK_NR);
	assert_int_equal(kind_of(&c, 230), LEAK_LEFT);
	done(&c);
}

static void the_baseline_forgives_by_identity(void **state)
{
	struct baseline b = BASELINE_INIT;
	struct check c;

	(void)state;
	CHECK(&c, { 200, 1, NULL, "BARE_AGENT=a" }, { 201, 1, NULL, "BARE_AGENT=a" });
	memcpy(b.boot_id, c.t.s->boot_id, sizeof(b.boot_id));
	assert_int_equal(baseline_add(&b, 201, 7), 0);
	assert_int_equal(baseline_add(&b, 200, 200), 0);
	baseline_sort(&b);
	c.q.baseline = &b;
	collect(&c);
	assert_int_equal(kind_of(&c, 200), LEAK_FORGIVEN);
	assert_int_equal(kind_of(&c, 201), LEAK_LEFT);
	done(&c);
	baseline_release(&b);
}

static void the_scope_narrows_the_check(void **state)
{
	static const struct scope glob = { .uid = TABLE_UID, .instance_glob = "a*" };
	static const struct scope app = { .uid = TABLE_UID, .app = "sprout" };
	struct check c;

	(void)state;
	CHECK(&c, { 200, 1, NULL, "BARE_AGENT=ab" }, { 201, 1, NULL, "SPROUT_MANAGED_AGENT=b" });
	c.q.scope = &glob;
	collect(&c);
	assert_int_equal(kind_of(&c, 200), LEAK_LEFT);
	assert_int_equal(kind_of(&c, 201), LEAK_NR);
	c.q.scope = &app;
	collect(&c);
	assert_int_equal(kind_of(&c, 200), LEAK_NR);
	assert_int_equal(kind_of(&c, 201), LEAK_LEFT);
	done(&c);
}

static void a_process_has_one_row_of_its_worst_kind(void **state)
{
	struct check c;

	(void)state;
	/* Whether `s` has an owner, none can tell: its desktop cannot be read. */
	CHECK(&c, { 100, 1, "sprout-desktop", .no_args = true, .no_env = true },
	      { 200, 1, NULL, "BARE_AGENT=a|SPROUT_MANAGED_AGENT=s" });
	collect(&c);
	assert_int_equal(table_member(&c.t, 200, "s")->state, STATE_UNKNOWN);
	assert_int_equal(c.r.nr, 1);
	assert_int_equal(kind_of(&c, 200), LEAK_LEFT);
	done(&c);
}

/* --- what a command left -------------------------------------------------------------- */

/* A check of the command that stray, TABLE_SELF, runs. */
#define COMMAND(c, ...)                                                                            \
	do {                                                                                       \
		CHECK(c, __VA_ARGS__);                                                             \
		(c)->t.input.wrapper = (c)->q.wrapper = TABLE_SELF;                                \
		(c)->t.input.wrapper_id = (c)->q.wrapper_id = bytes_of("9000");                    \
	} while (0)

static void all_that_descends_from_the_wrapper_is_left(void **state)
{
	struct check c;

	(void)state;
	COMMAND(&c, { 200, TABLE_SELF, "sh" }, { 201, 200, "node" }, { 300, 1, "other" },
		{ 301, 1, NULL, "BARE_AGENT=a" }, { 302, TABLE_SELF, "dead", .dead = true });
	collect(&c);
	assert_int_equal(kind_of(&c, 200), LEAK_LEFT);
	assert_int_equal(kind_of(&c, 201), LEAK_LEFT);
	assert_int_equal(c.r.nr, 2);
	done(&c);
}

static void a_kept_leftover_is_a_leak_unless_kept_ones_are_spared(void **state)
{
	struct check c;

	(void)state;
	COMMAND(&c, { 200, TABLE_SELF, "sh", "STRAY_KEEP=1" });
	collect(&c);
	assert_int_equal(kind_of(&c, 200), LEAK_LEFT);
	assert_int_equal(c.r.rows[0].kept, WHY_OPT_OUT);
	/* It is told as a leak, and not ended. */
	assert_int_equal(leaks_count(&c.r), 0);
	c.q.spare_kept = true;
	collect(&c);
	assert_int_equal(kind_of(&c, 200), LEAK_KEPT);
	done(&c);
}

static void what_is_allowed_by_name_is_no_leftover(void **state)
{
	struct check c;

	(void)state;
	COMMAND(&c, { 200, TABLE_SELF, "daemon" }, { 201, 200, "helper" },
		{ 202, TABLE_SELF, "else" });
	assert_int_equal(strings_add(&c.t.policy.allow, "daemon", 6), 0);
	collect(&c);
	assert_int_equal(kind_of(&c, 200), LEAK_KEPT);
	assert_int_equal(kind_of(&c, 201), LEAK_KEPT);
	assert_int_equal(kind_of(&c, 202), LEAK_LEFT);
	done(&c);
}

static void the_terminals_foreground_keeps_no_leftover(void **state)
{
	struct check c;

	(void)state;
	COMMAND(&c, { 50, 1, "bash", .sid = 50, .tty = 7, .tpgid = 200 },
		{ TABLE_SELF, 50, "stray", .sid = 50, .tty = 7, .tpgid = 200 },
		{ 200, TABLE_SELF, "sh", .sid = 50, .pgid = 200, .tty = 7, .tpgid = 200 });
	c.q.spare_kept = true;
	collect(&c);
	assert_int_equal(table_member(&c.t, 200, "9000")->kept, WHY_TERMINAL);
	assert_int_equal(kind_of(&c, 200), LEAK_LEFT);
	assert_int_equal(leaks_count(&c.r), 1);
	done(&c);
}

/* --- what may be ended ---------------------------------------------------------------- */

static void rows_are_picked_by_instance_and_the_others_spared(void **state)
{
	struct identity ids[4];
	struct check c;

	(void)state;
	CHECK(&c, { 200, 1, NULL, "BARE_AGENT=a" }, { 201, 1, NULL, "BARE_AGENT=b" },
	      { 202, 1, NULL, "BARE_AGENT=a|STRAY_KEEP=1" });
	collect(&c);
	assert_int_equal(c.r.nr, 3);
	assert_int_equal(leaks_count(&c.r), 2);
	assert_int_equal(
		leaks_pick(&c.r, (size_t)(table_instance(&c.t, "a") - c.t.c->instances), ids), 1);
	assert_int_equal(ids[0].pid, 200);
	assert_int_equal(leaks_spared(&c.r, ids), 1);
	assert_int_equal(ids[0].pid, 202);
	done(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(orphans_and_detached_ones_are_left_and_owned_ones_are_not),
		cmocka_unit_test(a_desktop_started_by_an_agent_is_in_use),
		cmocka_unit_test(an_unknown_state_is_listed_as_unknown),
		cmocka_unit_test(a_kept_process_is_listed_with_its_reason),
		cmocka_unit_test(the_dead_are_no_leaks),
		cmocka_unit_test(what_another_app_has_at_work_is_no_leak),
		cmocka_unit_test(the_baseline_forgives_by_identity),
		cmocka_unit_test(the_scope_narrows_the_check),
		cmocka_unit_test(a_process_has_one_row_of_its_worst_kind),
		cmocka_unit_test(all_that_descends_from_the_wrapper_is_left),
		cmocka_unit_test(a_kept_leftover_is_a_leak_unless_kept_ones_are_spared),
		cmocka_unit_test(what_is_allowed_by_name_is_no_leftover),
		cmocka_unit_test(the_terminals_foreground_keeps_no_leftover),
		cmocka_unit_test(rows_are_picked_by_instance_and_the_others_spared),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
