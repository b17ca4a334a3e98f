/* SPDX-License-Identifier: MIT */
#include "base/array.h"
#include "helpers/table.h"

#define SPROUT(id) "SPROUT_MANAGED_AGENT=" id
#define BUZZ(id)   "BUZZ_MANAGED_AGENT=" id

/* --- a value that names no instance --------------------------------------------------- */

static void an_excepted_value_and_what_runs_below_it_are_not_inferred(void **state)
{
	static const char *const values[] = { BUZZ("1"), "BUZZ_MANAGED_AGENT=" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		struct table t;

		TABLE(&t, { 10, 1, NULL, BUZZ("a"), .pgid = 10, .sid = 10 },
		      { 11, 10, NULL, values[i] }, { 12, 11, NULL, NULL },
		      { 13, 12, NULL, NULL, .pgid = 10, .sid = 10 }, { 14, 10, NULL, NULL });
		table_census(&t);
		for (pid_t pid = 11; pid <= 13; pid++)
			ASSERT_STRANGER(&t, pid, NULL);
		ASSERT_MEMBER(&t, 14, "a");
		table_release(&t);
	}
}

static void an_excepted_value_of_one_app_says_nothing_of_another(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 10, 1, NULL, SPROUT("a") "|" BUZZ("b") }, { 11, 10, NULL, BUZZ("0") },
	      { 12, 11, NULL, NULL });
	table_census(&t);
	for (pid_t pid = 11; pid <= 12; pid++) {
		ASSERT_MEMBER(&t, pid, "a");
		ASSERT_STRANGER(&t, pid, "b");
	}
	table_release(&t);
}

static void a_value_that_no_glob_matches_names_no_instance(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 10, 1, NULL, "RUNNER_TRACKING_ID=github_1" },
	      { 11, 1, NULL, "RUNNER_TRACKING_ID=other" }, { 12, 1, NULL, "RUNNER_TRACKING_ID=0" });
	table_census(&t);
	ASSERT_MEMBER(&t, 10, "github_1");
	ASSERT_STRANGER(&t, 11, NULL);
	ASSERT_STRANGER(&t, 12, NULL);
	table_release(&t);
}

static void without_inheritance_only_the_marker_makes_a_member(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 10, 1, NULL, "RUNNER_TRACKING_ID=github_1", .pgid = 10, .sid = 10 },
	      { 11, 10, NULL, NULL }, { 12, 1, NULL, NULL, .pgid = 10, .sid = 10 },
	      { 13, 11, NULL, "RUNNER_TRACKING_ID=github_1" });
	table_census(&t);
	ASSERT_STRANGER(&t, 11, NULL);
	ASSERT_STRANGER(&t, 12, NULL);
	ASSERT_MEMBER(&t, 13, "github_1");
	table_release(&t);
}

static void the_nearest_ancestor_that_lets_inherit_is_inferred_from(void **state)
{
	const struct member *m;
	struct table t;

	(void)state;
	TABLE(&t, { 10, 1, NULL, SPROUT("a") }, { 11, 10, NULL, "RUNNER_TRACKING_ID=github_1" },
	      { 12, 11, NULL, NULL });
	table_census(&t);
	m = table_member(&t, 12, "a");
	assert_non_null(m);
	assert_int_equal(t.c->members[m->inferred_from].proc->id.pid, 10);
	ASSERT_STRANGER(&t, 12, "github_1");
	table_release(&t);
	/* An excepted value shuts out one app; the ancestor above is of another. */
	TABLE(&t, { 10, 1, NULL, SPROUT("a") }, { 11, 10, NULL, BUZZ("b") },
	      { 12, 11, NULL, BUZZ("1") }, { 13, 12, NULL, NULL });
	table_census(&t);
	ASSERT_MEMBER(&t, 13, "a");
	ASSERT_STRANGER(&t, 13, "b");
	table_release(&t);
}

static void the_nearest_ancestor_is_inferred_from_whatever_its_pid(void **state)
{
	const struct member *m;
	struct table t;

	(void)state;
	TABLE(&t, { 50, 1, NULL, SPROUT("a") }, { 40, 50, "sh", NULL }, { 30, 40, "sh", NULL });
	table_census(&t);
	m = table_member(&t, 30, "a");
	assert_non_null(m);
	assert_int_equal(t.c->members[m->inferred_from].proc->id.pid, 40);
	table_release(&t);
}

static void a_live_desktop_above_one_that_hands_nothing_on_shields_from_leaders(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 5, 1, NULL, SPROUT("a"), .pgid = 5, .sid = 5 },
	      { 10, 1, "sprout-desktop", NULL }, { 11, 10, NULL, "RUNNER_TRACKING_ID=github_1" },
	      { 12, 11, NULL, NULL, .pgid = 5, .sid = 5 });
	table_census(&t);
	ASSERT_STRANGER(&t, 12, NULL);
	table_release(&t);
}

/* --- remembered ------------------------------------------------------------------------- */

static struct {
	pid_t pid;
	struct remembered was;
} ledger[4];

static bool on_remembered(void *ctx, const struct process *proc, size_t nth, struct remembered *ret)
{
	(void)ctx;
	for (size_t i = 0; i < ARRAY_SIZE(ledger); i++)
		if (ledger[i].pid == proc->id.pid && nth-- == 0) {
			*ret = ledger[i].was;
			return true;
		}
	return false;
}

/* Let the ledger hold that @pid was inferred from @from, of an instance of the app. */
static void let_remember(struct table *t, size_t slot, pid_t pid, const char *app, const char *id,
			 pid_t from)
{
	if (!slot)
		memset(ledger, 0, sizeof(ledger));
	ledger[slot].pid = pid;
	ledger[slot].was = (struct remembered){
		.key = { app, bytes_of(id), TABLE_UID },
		.from = { .pid = from, .start_ticks = (uint64_t)from },
		.generation = bytes_of("nonce"),
	};
	t->input.remembered = on_remembered;
}

static void what_was_inferred_stays_a_member_after_its_source_has_ended(void **state)
{
	const struct member *m;
	struct table t;

	(void)state;
	TABLE(&t, { 20, 1, "server", NULL, .pgid = 20, .sid = 20 }, { 21, 20, "sh", NULL });
	let_remember(&t, 0, 20, "buzz", "a", 15);
	table_census(&t);
	m = table_member(&t, 20, "a");
	assert_non_null(m);
	assert_true(m->remembered);
	assert_true(m->inferred);
	assert_true(m->inferred_from == CENSUS_NONE);
	assert_true(bytes_is(m->generation, "nonce"));
	assert_string_equal(table_instance(&t, "a")->app->name, "buzz");
	/* What runs below it is inferred from it. */
	m = table_member(&t, 21, "a");
	assert_non_null(m);
	assert_false(m->remembered);
	assert_int_equal(t.c->members[m->inferred_from].proc->id.pid, 20);
	table_release(&t);
}

static void what_is_remembered_of_several_instances_belongs_to_each(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 20, 1, "server", NULL });
	let_remember(&t, 0, 20, "buzz", "a", 15);
	let_remember(&t, 1, 20, "sprout", "b", 15);
	table_census(&t);
	ASSERT_MEMBER(&t, 20, "a");
	ASSERT_MEMBER(&t, 20, "b");
	/* One that is of no use hides no other. */
	let_remember(&t, 0, 20, "gone-from-the-policy", "a", 15);
	let_remember(&t, 1, 20, "sprout", "b", 15);
	table_census(&t);
	ASSERT_MEMBER(&t, 20, "b");
	table_release(&t);
}

static void what_is_remembered_joins_the_instance_that_is_there(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 10, 1, NULL, BUZZ("a") }, { 20, 1, "server", NULL });
	let_remember(&t, 0, 20, "buzz", "a", 15);
	table_census(&t);
	assert_int_equal(t.c->nr_instances, 1);
	ASSERT_MEMBER(&t, 20, "a");
	table_release(&t);
}

static void while_its_source_lives_nothing_is_remembered(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 15, 1, NULL, NULL }, { 20, 1, "server", NULL });
	let_remember(&t, 0, 20, "buzz", "a", 15);
	table_census(&t);
	ASSERT_STRANGER(&t, 20, NULL);
	/* Another process that has its pid now is not it. */
	ledger[0].was.from.start_ticks = 1;
	table_census(&t);
	ASSERT_MEMBER(&t, 20, "a");
	table_release(&t);
	/* And a dead one does not live. */
	TABLE(&t, { 15, 1, NULL, NULL, .dead = true }, { 20, 1, "server", NULL });
	let_remember(&t, 0, 20, "buzz", "a", 15);
	table_census(&t);
	ASSERT_MEMBER(&t, 20, "a");
	table_release(&t);
}

static void what_is_marked_or_below_a_live_desktop_is_not_remembered(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 20, 1, NULL, SPROUT("own") }, { 30, 1, "Buzz" }, { 31, 30, "sh", NULL },
	      { 32, 31, "server", NULL });
	let_remember(&t, 0, 20, "buzz", "a", 15);
	let_remember(&t, 1, 32, "buzz", "a", 15);
	let_remember(&t, 2, 30, "buzz", "a", 15);
	table_census(&t);
	ASSERT_STRANGER(&t, 20, "a");
	ASSERT_STRANGER(&t, 32, NULL);
	ASSERT_STRANGER(&t, 30, NULL);
	table_release(&t);
}

static void what_is_exempt_is_not_remembered(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 20, 1, NULL, BUZZ("1") }, { 21, 20, "server", NULL }, { 22, 1, "job", NULL });
	let_remember(&t, 0, 20, "buzz", "a", 15);
	let_remember(&t, 1, 21, "buzz", "a", 15);
	let_remember(&t, 2, 22, "github-runner", "github_1", 15);
	let_remember(&t, 3, 23, "gone-from-the-policy", "a", 15);
	table_census(&t);
	assert_int_equal(t.c->nr_members, 0);
	table_release(&t);
}

/* --- dead stdio servers -------------------------------------------------------------------- */

static unsigned asked;
static pid_t connected, holds, service;

static enum answer on_hung_up(void *ctx, const struct process *proc)
{
	(void)ctx;
	asked++;
	return proc->id.pid == connected ? ANSWER_NO : ANSWER_YES;
}

static enum answer on_holds(void *ctx, const struct process *proc)
{
	(void)ctx;
	return proc->id.pid == holds ? ANSWER_UNKNOWN : ANSWER_NO;
}

static enum answer on_service(void *ctx, struct arena *storage, const struct process *proc,
			      const char **ret_unit)
{
	(void)ctx;
	(void)storage;
	*ret_unit = "x.service";
	return proc->id.pid == service ? ANSWER_YES : ANSWER_NO;
}

static void let_hang_up(struct table *t)
{
	asked = 0;
	connected = holds = service = 0;
	t->input.hung_up = on_hung_up;
	t->input.holds = on_holds;
	t->input.service = on_service;
}

static void a_dead_stdio_server_is_a_member_of_stdio(void **state)
{
	const struct member *m;
	struct table t;

	(void)state;
	TABLE(&t, { 50, 1, "bash", NULL, .pgid = 50, .sid = 50 },
	      { 60, 1, "mcp-files", NULL, NULL, "/opt/mcp-files", .pgid = 52, .sid = 50 },
	      { 61, 60, "sh", NULL, .pgid = 52, .sid = 50 },
	      { 62, 61, "job", NULL, .pgid = 62, .sid = 62 });
	let_hang_up(&t);
	table_census(&t);
	m = table_member(&t, 60, "mcp-files");
	assert_non_null(m);
	assert_true(m->inferred);
	assert_null(m->marker);
	assert_string_equal(table_instance(&t, "mcp-files")->app->name, "stdio");
	ASSERT_OWNER(&t, "mcp-files", OWNER_GONE, EVIDENCE_HUNG_UP);
	ASSERT_STATE(&t, 60, "mcp-files", STATE_ORPHAN, BECAUSE_ADOPTER);
	/* What runs below it belongs to it in its own session alone. */
	ASSERT_MEMBER(&t, 61, "mcp-files");
	ASSERT_STATE(&t, 61, "mcp-files", STATE_ORPHAN, BECAUSE_ADOPTER);
	ASSERT_STRANGER(&t, 62, NULL);
	table_release(&t);
}

static void only_what_has_lost_its_parent_is_a_dead_server(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 50, 1, "bash", NULL, .pgid = 50, .sid = 50 },
	      { 60, 50, "mcp", NULL, .pgid = 52, .sid = 50 });
	let_hang_up(&t);
	table_census(&t);
	ASSERT_STRANGER(&t, 60, NULL);
	assert_int_equal(asked, 0);
	t.changed = 60;
	table_census(&t);
	ASSERT_MEMBER(&t, 60, "mcp");
	table_release(&t);
}

static void a_dead_server_has_no_terminal_marker_session_desktop_or_link(void **state)
{
	static const struct row rows[] = {
		{ 60, 1, "mcp", NULL, .pgid = 52, .sid = 50, .tty = 4, .tpgid = 52 },
		{ 60, 1, "mcp", NULL, .pgid = 60, .sid = 60 },
		{ 60, 1, "mcp", SPROUT("a"), .pgid = 52, .sid = 50 },
		{ 60, 1, "mcp", BUZZ("1"), .pgid = 52, .sid = 50 },
		{ 60, 1, "mcp", NULL, .pgid = 52, .sid = 50, .no_env = true },
		{ 60, 1, "mcp", NULL, .pgid = 52, .sid = 50, .dead = true },
		{ 60, 1, "mcp", NULL, .pgid = 52, .sid = 50, .uid = 1001 },
		{ 60, 1, "claude", NULL, .pgid = 52, .sid = 50 },
		{ 60, 0, "mcp", NULL, .pgid = 52, .sid = 50 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct table t;

		table_init(&t, &rows[i], 1);
		let_hang_up(&t);
		table_census(&t);
		ASSERT_STRANGER(&t, 60, "mcp");
		assert_int_equal(asked, 0);
		table_release(&t);
	}
}

static void a_dead_server_may_stand_in_the_background_of_a_terminal(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 50, 1, "bash", NULL, .pgid = 50, .sid = 50, .tty = 4, .tpgid = 50 },
	      { 60, 1, "mcp", NULL, .pgid = 52, .sid = 50, .tty = 4, .tpgid = 50 });
	let_hang_up(&t);
	table_census(&t);
	ASSERT_MEMBER(&t, 60, "mcp");
	table_release(&t);
}

static void a_server_with_a_client_a_window_or_a_unit_is_not_dead(void **state)
{
	pid_t *const facts[] = { &connected, &holds, &service };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(facts); i++) {
		struct table t;

		TABLE(&t, { 60, 1, "mcp", NULL, .pgid = 52, .sid = 50 });
		let_hang_up(&t);
		table_census(&t);
		ASSERT_MEMBER(&t, 60, "mcp");
		*facts[i] = 60;
		table_census(&t);
		ASSERT_STRANGER(&t, 60, NULL);
		table_release(&t);
	}
}

static void what_systemd_executed_is_no_dead_server(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 60, 1, "mcp", "SYSTEMD_EXEC_PID=60", .pgid = 52, .sid = 50 },
	      { 61, 1, "other", "SYSTEMD_EXEC_PID=60", .pgid = 52, .sid = 50 });
	let_hang_up(&t);
	table_census(&t);
	ASSERT_STRANGER(&t, 60, NULL);
	ASSERT_MEMBER(&t, 61, "other");
	table_release(&t);
}

static void the_command_of_a_container_is_no_dead_server(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 40, 1, "tini", NULL, .root = true },
	      { 60, 40, "command", NULL, .pgid = 60, .sid = 40, .start = 50 },
	      { 61, 40, "later", NULL, .pgid = 60, .sid = 40, .start = 60 });
	let_hang_up(&t);
	table_census(&t);
	ASSERT_STRANGER(&t, 60, NULL);
	ASSERT_MEMBER(&t, 61, "later");
	table_release(&t);
}

static void another_apps_member_is_no_dead_server(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 60, 1, "mcp", NULL, .pgid = 52, .sid = 50 });
	let_hang_up(&t);
	let_remember(&t, 0, 60, "buzz", "a", 15);
	table_census(&t);
	ASSERT_MEMBER(&t, 60, "a");
	ASSERT_STRANGER(&t, 60, "mcp");
	assert_int_equal(asked, 0);
	table_release(&t);
}

static void a_dead_server_is_called_by_its_program_or_script(void **state)
{
	static const struct {
		struct row row;
		const char *id;
	} cases[] = {
		{ { 60, 1, "python3", NULL, "python3|/home/u/mcp.py|--deaf", "/usr/bin/python3.11",
		    .pgid = 52, .sid = 50 },
		  "mcp" },
		{ { 60, 1, "npm exec mcp-fa", NULL, "npm exec mcp-fake --token=x||",
		    "/usr/bin/node", .pgid = 52, .sid = 50 },
		  "npx mcp-fake" },
		{ { 60, 1, "my-title", NULL, "my-title", "/usr/bin/node", .pgid = 52, .sid = 50 },
		  "my-title" },
		{ { 60, 1, "a-very-long-nam", NULL, "x", "/opt/a-very-long-name", .pgid = 52,
		    .sid = 50 },
		  "a-very-long-name" },
		{ { 60, 1, "hidden", NULL, "x", .pgid = 52, .sid = 50 }, "hidden" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct table t;

		table_init(&t, &cases[i].row, 1);
		let_hang_up(&t);
		table_census(&t);
		ASSERT_MEMBER(&t, 60, cases[i].id);
		table_release(&t);
	}
}

static void in_an_incomplete_scan_no_server_is_proven_dead(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 60, 1, "mcp", NULL, .pgid = 52, .sid = 50 });
	let_hang_up(&t);
	t.s->complete = false;
	table_census(&t);
	ASSERT_DOUBT(&t, "mcp", DOUBT_INCOMPLETE);
	table_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_excepted_value_and_what_runs_below_it_are_not_inferred),
		cmocka_unit_test(an_excepted_value_of_one_app_says_nothing_of_another),
		cmocka_unit_test(a_value_that_no_glob_matches_names_no_instance),
		cmocka_unit_test(without_inheritance_only_the_marker_makes_a_member),
		cmocka_unit_test(the_nearest_ancestor_that_lets_inherit_is_inferred_from),
		cmocka_unit_test(the_nearest_ancestor_is_inferred_from_whatever_its_pid),
		cmocka_unit_test(
			a_live_desktop_above_one_that_hands_nothing_on_shields_from_leaders),
		cmocka_unit_test(what_was_inferred_stays_a_member_after_its_source_has_ended),
		cmocka_unit_test(what_is_remembered_of_several_instances_belongs_to_each),
		cmocka_unit_test(what_is_remembered_joins_the_instance_that_is_there),
		cmocka_unit_test(while_its_source_lives_nothing_is_remembered),
		cmocka_unit_test(what_is_marked_or_below_a_live_desktop_is_not_remembered),
		cmocka_unit_test(what_is_exempt_is_not_remembered),
		cmocka_unit_test(a_dead_stdio_server_is_a_member_of_stdio),
		cmocka_unit_test(only_what_has_lost_its_parent_is_a_dead_server),
		cmocka_unit_test(a_dead_server_has_no_terminal_marker_session_desktop_or_link),
		cmocka_unit_test(a_server_with_a_client_a_window_or_a_unit_is_not_dead),
		cmocka_unit_test(a_dead_server_may_stand_in_the_background_of_a_terminal),
		cmocka_unit_test(what_systemd_executed_is_no_dead_server),
		cmocka_unit_test(the_command_of_a_container_is_no_dead_server),
		cmocka_unit_test(another_apps_member_is_no_dead_server),
		cmocka_unit_test(a_dead_server_is_called_by_its_program_or_script),
		cmocka_unit_test(in_an_incomplete_scan_no_server_is_proven_dead),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
