/* SPDX-License-Identifier: MIT */
#include "helpers/table.h"

#define SPROUT(id) "SPROUT_MANAGED_AGENT=" id

static pid_t doubts(const struct table *t, const char *id)
{
	const struct process *proc = table_instance(t, id)->desktop;

	return proc ? proc->id.pid : 0;
}

/* Its root has lost its parent, which @why tells: with no owner it is an orphan. */
#define ASSERT_LOST(t, pid, id, why) ASSERT_STATE((t), (pid), (id), STATE_ORPHAN, (why))
/* It has not, so that one may be the owner. */
#define ASSERT_HAS(t, pid, id)                                                                     \
	do {                                                                                       \
		ASSERT_STATE((t), (pid), (id), STATE_UNKNOWN, BECAUSE_OWNER_UNKNOWN);              \
		ASSERT_DOUBT((t), (id), DOUBT_PARENT);                                             \
	} while (0)

/* --- adopters ------------------------------------------------------------------- */

static void an_adopter_by_name_is_no_parent(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 50, 1, "systemd" }, { 51, 1, "conmon" }, { 52, 1, "Relay(99)" },
	      { 53, 1, "renamed-desk" }, { 200, 50, NULL, SPROUT("a") },
	      { 201, 51, NULL, SPROUT("b") }, { 202, 52, NULL, SPROUT("c") },
	      { 203, 53, NULL, SPROUT("d") });
	table_census(&t);
	ASSERT_LOST(&t, 200, "a", BECAUSE_ADOPTER);
	ASSERT_LOST(&t, 201, "b", BECAUSE_ADOPTER);
	ASSERT_LOST(&t, 202, "c", BECAUSE_ADOPTER);
	ASSERT_HAS(&t, 203, "d");
	assert_int_equal(doubts(&t, "d"), 53);
	table_release(&t);
}

static void pid_1_adopts_by_name_too(void **state)
{
	static const char *const names[] = { "systemd", "tail", "pause", "bash" };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct table t;

		/* It leads a session, as the agent does, so that the name alone tells. */
		TABLE(&t, { 1, 0, names[i], NULL, .root = true, .pgid = 1, .sid = 1 },
		      { 200, 1, NULL, SPROUT("a"), .pgid = 200, .sid = 200 });
		table_census(&t);
		if (i < 3)
			ASSERT_LOST(&t, 200, "a", BECAUSE_ADOPTER);
		else
			ASSERT_HAS(&t, 200, "a");
		table_release(&t);
	}
}

static void what_a_container_init_was_made_to_run_has_its_parent(void **state)
{
	struct table t;

	(void)state;
	/* 60 begins at tick 60: its first child within a second, the others later. */
	TABLE(&t, { 60, 1, "tini" }, { 100, 60, NULL, SPROUT("a") }, { 101, 60, NULL, SPROUT("b") },
	      { 70, 1, "tini" }, { 300, 70, NULL, SPROUT("c") }, { 80, 1, "tini" },
	      { 90, 80, "sh", .dead = true }, { 110, 80, NULL, SPROUT("d") });
	table_census(&t);
	ASSERT_HAS(&t, 100, "a");
	ASSERT_LOST(&t, 101, "b", BECAUSE_ADOPTER);
	/* Begun more than a second after it. */
	ASSERT_LOST(&t, 300, "c", BECAUSE_ADOPTER);
	/* The oldest that lives. */
	ASSERT_HAS(&t, 110, "d");
	table_release(&t);
	/* Of the same tick the one with the lower pid, whatever else is said of it. */
	TABLE(&t, { 60, 1, "tini" }, { 100, 60, NULL, SPROUT("a"), .start = 70 },
	      { 101, 60, NULL, SPROUT("b"), .start = 70 });
	t.changed = 100;
	table_census(&t);
	ASSERT_HAS(&t, 100, "a");
	ASSERT_LOST(&t, 101, "b", BECAUSE_ADOPTER);
	table_release(&t);
	/* An adopter of another kind was made to run nothing. */
	TABLE(&t, { 60, 1, "conmon" }, { 100, 60, NULL, SPROUT("a") });
	table_census(&t);
	ASSERT_LOST(&t, 100, "a", BECAUSE_ADOPTER);
	table_release(&t);
}

/* --- what the engine saw ---------------------------------------------------------- */

static void a_parent_that_was_seen_to_change_is_lost(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "subreaper" }, { 200, 100, NULL, SPROUT("a") },
	      { 201, 100, NULL, SPROUT("b") });
	t.changed = 200;
	table_census(&t);
	ASSERT_LOST(&t, 200, "a", BECAUSE_PARENT_CHANGED);
	ASSERT_HAS(&t, 201, "b");
	t.input.parent_changed = NULL;
	table_census(&t);
	ASSERT_HAS(&t, 200, "a");
	table_release(&t);
}

/* --- sessions ---------------------------------------------------------------------- */

static void a_parent_that_leads_no_session_has_never_left_its_own(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "subreaper", NULL, .pgid = 100, .sid = 90 },
	      { 200, 100, NULL, SPROUT("a"), .pgid = 200, .sid = 150 },
	      { 201, 100, NULL, SPROUT("b"), .pgid = 201, .sid = 90 });
	table_census(&t);
	ASSERT_LOST(&t, 200, "a", BECAUSE_SESSION);
	/* In the session of its parent it was born. */
	ASSERT_HAS(&t, 201, "b");
	table_release(&t);
}

static void a_parent_that_leads_a_session_may_have_left_its_childs(void **state)
{
	struct table t;

	(void)state;
	/* It forked its agent and called setsid(2) then, as a server does. */
	TABLE(&t, { 100, 1, "server", NULL, .pgid = 100, .sid = 100 },
	      { 200, 100, NULL, SPROUT("a"), .pgid = 90, .sid = 90 });
	table_census(&t);
	ASSERT_HAS(&t, 200, "a");
	table_release(&t);
}

static void a_session_that_is_younger_than_the_parent_never_had_it(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "server", NULL, .sid = 100 }, { 150, 1, "bash", NULL, .sid = 150 },
	      { 200, 100, NULL, SPROUT("a"), .pgid = 200, .sid = 150 },
	      /* Its leader is as old as the parent, dead, or not there. */
	      { 151, 1, "bash", NULL, .sid = 151, .start = 100 },
	      { 201, 100, NULL, SPROUT("b"), .pgid = 201, .sid = 151 },
	      { 152, 1, "bash", NULL, .sid = 152, .dead = true },
	      { 202, 100, NULL, SPROUT("c"), .pgid = 202, .sid = 152 },
	      { 203, 100, NULL, SPROUT("d"), .pgid = 203, .sid = 153 });
	table_census(&t);
	ASSERT_LOST(&t, 200, "a", BECAUSE_SESSION);
	ASSERT_HAS(&t, 201, "b");
	ASSERT_HAS(&t, 202, "c");
	ASSERT_HAS(&t, 203, "d");
	table_release(&t);
}

static void what_leads_its_session_has_left_its_parents_by_itself(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "renamed-desk", NULL, .pgid = 100, .sid = 90 },
	      { 200, 100, NULL, SPROUT("a"), .pgid = 200, .sid = 200 });
	table_census(&t);
	ASSERT_HAS(&t, 200, "a");
	table_release(&t);
}

static void pid_1_began_in_session_0(void **state)
{
	struct table t;

	(void)state;
	/* A shell as pid 1, which leads its session, and may have started all it has. */
	TABLE(&t, { 1, 0, "bash", NULL, .root = true, .pgid = 1, .sid = 1 },
	      { 200, 1, NULL, SPROUT("a"), .pgid = 200, .sid = 150 },
	      { 201, 1, NULL, SPROUT("b"), .pgid = 201, .sid = 1 },
	      { 203, 1, NULL, SPROUT("d"), .pgid = 203, .sid = 203 });
	table_census(&t);
	ASSERT_LOST(&t, 200, "a", BECAUSE_SESSION);
	ASSERT_HAS(&t, 201, "b");
	ASSERT_HAS(&t, 203, "d");
	table_release(&t);
}

/* hidepid=1: nothing but our own user's processes can be read. */
static void a_hidden_pid_1_adopted_what_was_born_in_another_session(void **state)
{
	struct process agents[] = {
		{ .id = { .pid = 1000, .start_ticks = 900 }, .sid = 500 },
		{ .id = { .pid = 1001, .start_ticks = 901 }, .sid = 1001 },
		{ .id = { .pid = 1002, .start_ticks = 902 }, .sid = 1 },
	};
	const enum member_state states[] = { STATE_ORPHAN, STATE_UNKNOWN, STATE_UNKNOWN };
	struct snapshot *s = snapshot_new();
	struct census_input input = { .snapshot = s, .all_users = true };
	struct policy policy;
	struct census *c;

	(void)state;
	assert_int_equal(policy_init(&policy), 0);
	input.policy = &policy;
	s->complete = true;
	for (size_t i = 0; i < 3; i++) {
		agents[i].ppid = 1;
		agents[i].comm = "node";
		agents[i].tpgid = -1;
		agents[i].uid = 1000;
		agents[i].ns_pid = agents[i].id.pid;
		agents[i].environ = bytes_of("SPROUT_MANAGED_AGENT=a");
		agents[i].environ_read = agents[i].args_read = READ_DONE;
		assert_int_equal(snapshot_add(s, &agents[i], NULL), 0);
	}
	snapshot_seal(s);
	assert_int_equal(census_build(&input, &c), 0);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(c->members[i].state, states[i]);
	census_unref(c);
	snapshot_unref(s);
	policy_release(&policy);
}

/* --- not lost ------------------------------------------------------------------------ */

static void a_root_that_is_pid_1_is_unknown(void **state)
{
	struct table t;

	(void)state;
	/* A container with an agent as its init. */
	TABLE(&t, { 1, 0, "node", SPROUT("a"), .pgid = 1, .sid = 1 },
	      { 200, 1, NULL, SPROUT("a") });
	table_census(&t);
	ASSERT_STATE(&t, 1, "a", STATE_UNKNOWN, BECAUSE_ROOT_IS_INIT);
	ASSERT_STATE(&t, 200, "a", STATE_UNKNOWN, BECAUSE_ROOT_IS_INIT);
	table_release(&t);
}

static void what_entered_the_namespace_has_its_parent_outside(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 200, 0, NULL, SPROUT("a"), .pgid = 200, .sid = 0 },
	      { 201, 1, NULL, SPROUT("a") });
	table_census(&t);
	ASSERT_DOUBT(&t, "a", DOUBT_PARENT);
	assert_int_equal(doubts(&t, "a"), 200);
	ASSERT_STATE(&t, 201, "a", STATE_UNKNOWN, BECAUSE_OWNER_UNKNOWN);
	table_release(&t);
}

static void a_root_without_a_parent_in_the_table_is_unknown_by_itself(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 201, 4711, NULL, SPROUT("a"), .pgid = 201, .sid = 55 },
	      { 202, 1, NULL, SPROUT("a") });
	table_census(&t);
	ASSERT_STATE(&t, 201, "a", STATE_UNKNOWN, BECAUSE_PARENT_LIVES);
	ASSERT_LOST(&t, 202, "a", BECAUSE_ADOPTER);
	table_release(&t);
}

static void what_systemd_executed_has_not_lost_it(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 200, 1, NULL, SPROUT("a") "|SYSTEMD_EXEC_PID=200" },
	      { 201, 200, "sh", SPROUT("a") "|SYSTEMD_EXEC_PID=200" },
	      { 300, 1, NULL, SPROUT("b") "|SYSTEMD_EXEC_PID=200" });
	table_census(&t);
	ASSERT_DOUBT(&t, "a", DOUBT_SERVICE);
	assert_int_equal(doubts(&t, "a"), 200);
	assert_null(table_instance(&t, "a")->unit);
	ASSERT_STATE(&t, 201, "a", STATE_UNKNOWN, BECAUSE_OWNER_UNKNOWN);
	/* Its control group tells the unit's name. */
	t.service = 200;
	table_census(&t);
	ASSERT_DOUBT(&t, "a", DOUBT_SERVICE);
	assert_string_equal(table_instance(&t, "a")->unit, "x.service");
	/* A child has inherited the variable of its service. */
	ASSERT_LOST(&t, 300, "b", BECAUSE_ADOPTER);
	table_release(&t);
}

static void the_oldest_of_a_service_has_not_lost_it(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 200, 1, NULL, SPROUT("a") }, { 201, 1, NULL, SPROUT("b") });
	t.service = 200;
	table_census(&t);
	ASSERT_DOUBT(&t, "a", DOUBT_SERVICE);
	assert_string_equal(table_instance(&t, "a")->unit, "x.service");
	ASSERT_LOST(&t, 201, "b", BECAUSE_ADOPTER);
	/* That it could not be looked up is not that there is none. */
	t.service_else = ANSWER_UNKNOWN;
	table_census(&t);
	ASSERT_DOUBT(&t, "b", DOUBT_SERVICE);
	assert_null(table_instance(&t, "b")->unit);
	t.input.service = NULL;
	table_census(&t);
	ASSERT_LOST(&t, 200, "a", BECAUSE_ADOPTER);
	table_release(&t);
}

static void a_service_of_a_live_owner_is_named_with_its_state(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout", .args = "Sprout|a", .start = 500 },
	      { 200, 1, NULL, SPROUT("a") });
	t.service = 200;
	table_census(&t);
	ASSERT_STATE(&t, 200, "a", STATE_UNKNOWN, BECAUSE_SERVICE);
	assert_string_equal(table_member(&t, 200, "a")->unit, "x.service");
	table_release(&t);
}

/* --- cost ---------------------------------------------------------------------------- */

/* As deep as a runaway program makes it: every step up is taken once. */
static void a_deep_chain_has_one_root(void **state)
{
	enum { DEEP = 20000 };
	struct process p = { .comm = "sh", .uid = TABLE_UID, .tpgid = -1, .sid = 2, .pgid = 2 };
	struct snapshot *s = snapshot_new();
	struct census_input input = { .snapshot = s, .all_users = true };
	struct policy policy;
	struct census *c;

	(void)state;
	assert_int_equal(policy_init(&policy), 0);
	input.policy = &policy;
	s->complete = true;
	p.environ = bytes_of("SPROUT_MANAGED_AGENT=a");
	p.environ_read = p.args_read = READ_DONE;
	for (pid_t pid = 1; pid <= DEEP; pid++) {
		struct process each = p;

		each.id = (struct identity){ .pid = pid, .start_ticks = (uint64_t)pid };
		each.ns_pid = pid;
		each.ppid = pid - 1;
		if (pid == 1) {
			each.comm = "systemd";
			each.pgid = each.sid = 1;
			each.environ.len = 0;
		}
		assert_int_equal(snapshot_add(s, &each, NULL), 0);
	}
	snapshot_seal(s);
	assert_int_equal(census_build(&input, &c), 0);
	assert_int_equal(c->nr_members, DEEP - 1);
	for (size_t i = 0; i < c->nr_members; i++) {
		assert_int_equal(c->members[i].root->id.pid, 2);
		assert_int_equal(c->members[i].state, STATE_ORPHAN);
	}
	census_unref(c);
	snapshot_unref(s);
	policy_release(&policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_adopter_by_name_is_no_parent),
		cmocka_unit_test(pid_1_adopts_by_name_too),
		cmocka_unit_test(what_a_container_init_was_made_to_run_has_its_parent),
		cmocka_unit_test(a_parent_that_was_seen_to_change_is_lost),
		cmocka_unit_test(a_parent_that_leads_no_session_has_never_left_its_own),
		cmocka_unit_test(a_parent_that_leads_a_session_may_have_left_its_childs),
		cmocka_unit_test(a_session_that_is_younger_than_the_parent_never_had_it),
		cmocka_unit_test(what_leads_its_session_has_left_its_parents_by_itself),
		cmocka_unit_test(pid_1_began_in_session_0),
		cmocka_unit_test(a_hidden_pid_1_adopted_what_was_born_in_another_session),
		cmocka_unit_test(a_root_that_is_pid_1_is_unknown),
		cmocka_unit_test(what_entered_the_namespace_has_its_parent_outside),
		cmocka_unit_test(a_root_without_a_parent_in_the_table_is_unknown_by_itself),
		cmocka_unit_test(what_systemd_executed_has_not_lost_it),
		cmocka_unit_test(the_oldest_of_a_service_has_not_lost_it),
		cmocka_unit_test(a_service_of_a_live_owner_is_named_with_its_state),
		cmocka_unit_test(a_deep_chain_has_one_root),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
