/* SPDX-License-Identifier: MIT */
#include "helpers/table.h"

#include <stdlib.h>

#include "core/holdings.h"

#define SPROUT(id) "SPROUT_MANAGED_AGENT=" id

enum {
	WINDOW = 1U << WHY_WINDOW,
	LISTENER = 1U << WHY_LISTENER,
	MOUNT = 1U << WHY_MOUNT,
	SPARE_MS = 600 * 1000, /* a time that the boot is older than */
};

struct holding {
	pid_t pid;
	uint8_t holds;
};

/* What @pid is spared for, where one process holds that. */
static unsigned spared(const struct table *t, pid_t pid, struct holding h, int64_t spare_ms)
{
	uint8_t *holds = calloc(t->s->nr, sizeof(*holds));
	unsigned *kept = calloc(t->s->nr, sizeof(*kept)), why;

	assert_true(holds && kept);
	holds[snapshot_index(t->s, h.pid)] = h.holds;
	assert_int_equal(holdings_spread(t->c, holds, spare_ms, kept), 0);
	why = kept[snapshot_index(t->s, pid)];
	free(holds);
	free(kept);
	return why;
}

static bool is_probed(const struct table *t, pid_t pid, pid_t for_pid, bool listeners)
{
	bool *wanted = calloc(t->s->nr, sizeof(*wanted)), *probe = calloc(t->s->nr, 1), yes;

	assert_true(wanted && probe);
	wanted[snapshot_index(t->s, for_pid)] = true;
	assert_int_equal(holdings_choose(t->c, wanted, listeners, probe), 0);
	yes = probe[snapshot_index(t->s, pid)];
	free(wanted);
	free(probe);
	return yes;
}

static void what_runs_below_is_spared_with_it(void **state)
{
	static const struct {
		uint8_t holds;
		unsigned why;
	} cases[] = {
		{ HOLDS_WINDOW, WINDOW },
		{ HOLDS_PORT, LISTENER },
		{ HOLDS_MOUNT, MOUNT },
		{ HOLDS_UNKNOWN, WINDOW | LISTENER },
		{ HOLDS_WINDOW | HOLDS_MOUNT, WINDOW | MOUNT },
	};
	struct table t;

	(void)state;
	/* Each in a session and a group of its own; 203 is beside, 199 above. */
	TABLE(&t, { 199, 1, NULL, SPROUT("a"), .sid = 199, .pgid = 199 },
	      { 200, 199, NULL, SPROUT("a"), .sid = 200, .pgid = 200 },
	      { 201, 200, NULL, SPROUT("a"), .sid = 201, .pgid = 201 },
	      { 202, 201, "sh", .sid = 202, .pgid = 202 },
	      { 203, 199, NULL, SPROUT("a"), .sid = 203, .pgid = 203 });
	table_census(&t);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct holding h = { 200, cases[i].holds };

		for (pid_t pid = 200; pid <= 202; pid++)
			assert_int_equal(spared(&t, pid, h, SPARE_MS), cases[i].why);
		assert_int_equal(spared(&t, 199, h, SPARE_MS), 0);
		assert_int_equal(spared(&t, 203, h, SPARE_MS), 0);
	}
	/* What spares from above has to be looked up. */
	assert_true(is_probed(&t, 202, 202, false));
	assert_true(is_probed(&t, 200, 202, false));
	assert_false(is_probed(&t, 203, 202, false));
	assert_false(is_probed(&t, TABLE_INIT_PID, 202, false));
	table_release(&t);
}

static void a_listener_spares_its_group(void **state)
{
	struct table t;

	(void)state;
	/* The group's other process is not managed, and the session is a person's. */
	TABLE(&t, { 50, 1, "bash", .sid = 50, .pgid = 50 },
	      { 200, 1, NULL, SPROUT("a"), .sid = 50, .pgid = 77 },
	      { 201, 50, "server", .sid = 50, .pgid = 77 },
	      { 202, 1, NULL, SPROUT("a"), .sid = 50, .pgid = 78 });
	table_census(&t);
	assert_int_equal(spared(&t, 200, (struct holding){ 201, HOLDS_PORT }, SPARE_MS), LISTENER);
	assert_int_equal(spared(&t, 202, (struct holding){ 201, HOLDS_PORT }, SPARE_MS), 0);
	assert_int_equal(spared(&t, 200, (struct holding){ 201, HOLDS_WINDOW }, SPARE_MS), 0);
	assert_true(is_probed(&t, 201, 200, true));
	assert_false(is_probed(&t, 201, 200, false));
	assert_false(is_probed(&t, 202, 200, true));
	table_release(&t);
}

static void a_listener_spares_its_session_where_that_is_managed(void **state)
{
	const struct holding h = { 201, HOLDS_PORT };
	struct table t;

	(void)state;
	/* A managed process leads it. */
	TABLE(&t, { 200, 1, NULL, SPROUT("a"), .sid = 200, .pgid = 200 },
	      { 201, 200, NULL, SPROUT("a"), .sid = 200, .pgid = 201 },
	      { 202, 1, NULL, SPROUT("a"), .sid = 200, .pgid = 202 });
	table_census(&t);
	assert_int_equal(spared(&t, 202, h, SPARE_MS), LISTENER);
	assert_true(is_probed(&t, 201, 202, true));
	table_release(&t);
	/* The leader has ended, and all that is in it is managed. */
	TABLE(&t, { 201, 1, NULL, SPROUT("a"), .sid = 60, .pgid = 201 },
	      { 202, 1, NULL, SPROUT("a"), .sid = 60, .pgid = 202 });
	table_census(&t);
	assert_int_equal(spared(&t, 202, h, SPARE_MS), LISTENER);
	assert_true(is_probed(&t, 201, 202, true));
	table_release(&t);
	/* ... and not all is; or the leader lives and is not managed. */
	TABLE(&t, { 201, 1, NULL, SPROUT("a"), .sid = 60, .pgid = 201 },
	      { 202, 1, NULL, SPROUT("a"), .sid = 60, .pgid = 202 },
	      { 203, 1, "vim", .sid = 60, .pgid = 203 });
	table_census(&t);
	assert_int_equal(spared(&t, 202, h, SPARE_MS), 0);
	assert_int_equal(spared(&t, 201, h, SPARE_MS), LISTENER);
	table_release(&t);
	TABLE(&t, { 60, 1, "bash", .sid = 60, .pgid = 60 },
	      { 201, 1, NULL, SPROUT("a"), .sid = 60, .pgid = 201 },
	      { 202, 1, NULL, SPROUT("a"), .sid = 60, .pgid = 202 });
	table_census(&t);
	assert_int_equal(spared(&t, 202, h, SPARE_MS), 0);
	assert_false(is_probed(&t, 201, 202, true));
	table_release(&t);
}

static void a_listener_is_spared_for_a_while(void **state)
{
	const struct holding h = { 200, HOLDS_PORT };
	struct table t;
	struct member *m;

	(void)state;
	TABLE(&t, { 200, 1, NULL, SPROUT("a") });
	table_census(&t);
	m = (struct member *)table_member(&t, 200, "a");
	m->orphan_since_ms = t.s->boottime_ms - SPARE_MS + 1;
	assert_int_equal(spared(&t, 200, h, SPARE_MS), LISTENER);
	m->orphan_since_ms = t.s->boottime_ms - SPARE_MS;
	assert_int_equal(spared(&t, 200, h, SPARE_MS), 0);
	m->orphan_since_ms = -1;
	assert_int_equal(spared(&t, 200, h, SPARE_MS), LISTENER);
	assert_int_equal(spared(&t, 200, h, 0), 0);
	table_release(&t);
}

/* The namespace's init would take the window along, and its launcher the init. */
static void what_one_inside_a_sandbox_holds_spares_all_of_it(void **state)
{
	const struct holding h = { 204, HOLDS_WINDOW };
	struct table t;

	(void)state;
	TABLE(&t, { 200, 1, NULL, SPROUT("a") }, { 201, 200, "bwrap" },
	      { 202, 201, "sh", SPROUT("a"), .pid_ns = 99, .ns_pid = 1 },
	      { 203, 202, NULL, SPROUT("a"), .pid_ns = 99, .ns_pid = 2 },
	      { 204, 202, NULL, SPROUT("a"), .pid_ns = 99, .ns_pid = 3 });
	table_census(&t);
	for (pid_t pid = 201; pid <= 204; pid++)
		assert_int_equal(spared(&t, pid, h, SPARE_MS), WINDOW);
	assert_int_equal(spared(&t, 200, h, SPARE_MS), 0);
	assert_true(is_probed(&t, 204, 203, false));
	assert_true(is_probed(&t, 204, 201, false));
	assert_false(is_probed(&t, 204, 200, false));
	table_release(&t);
}

/* What is not managed spares what runs below it no more than it is swept. */
static void what_is_not_managed_spares_nothing_by_itself(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 60, 1, "xterm" }, { 200, 60, NULL, SPROUT("a") });
	table_census(&t);
	assert_int_equal(spared(&t, 200, (struct holding){ 60, HOLDS_WINDOW }, SPARE_MS), 0);
	table_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_runs_below_is_spared_with_it),
		cmocka_unit_test(a_listener_spares_its_group),
		cmocka_unit_test(a_listener_spares_its_session_where_that_is_managed),
		cmocka_unit_test(a_listener_is_spared_for_a_while),
		cmocka_unit_test(what_one_inside_a_sandbox_holds_spares_all_of_it),
		cmocka_unit_test(what_is_not_managed_spares_nothing_by_itself),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
