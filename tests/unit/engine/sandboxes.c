/* SPDX-License-Identifier: MIT */
#include "helpers/table.h"

#include "engine/sandboxes.h"

#define SPROUT(id) "SPROUT_MANAGED_AGENT=" id

static const struct process *find(const struct table *t, pid_t pid)
{
	return snapshot_find(t->s, pid);
}

static void a_sandbox_is_remembered_until_its_init_has_ended(void **state)
{
	struct table with, without, gone;
	struct ledger seen;
	bool changed;

	(void)state;
	ledger_init(&seen, "boot", 1);
	TABLE(&with, { 200, 1, NULL, SPROUT("a") },
	      { 202, 200, "sh", SPROUT("a"), .pid_ns = 99, .ns_pid = 1 },
	      { 300, 1, NULL, SPROUT("b") });
	table_census(&with);
	assert_false(sandboxes_has(&seen, find(&with, 202), table_instance(&with, "a")));
	for (int i = 0; i < 2; i++) {
		assert_int_equal(sandboxes_note(&seen, with.c, &changed), 0);
		assert_int_equal(changed, i == 0);
	}
	assert_int_equal(seen.nr_sandboxes, 1);
	/* The launcher has ended. */
	TABLE(&without, { 202, 1, "sh", SPROUT("a"), .pid_ns = 99, .ns_pid = 1 },
	      { 300, 1, NULL, SPROUT("b") });
	table_census(&without);
	assert_int_equal(sandboxes_note(&seen, without.c, &changed), 0);
	assert_false(changed);
	assert_true(sandboxes_has(&seen, find(&without, 202), table_instance(&without, "a")));
	assert_false(sandboxes_has(&seen, find(&without, 202), table_instance(&without, "b")));
	/* An incomplete scan forgets nothing; the pid in another process's hands is no init. */
	TABLE(&gone, { 202, 1, "sh", SPROUT("a"), .start = 777, .pid_ns = 99, .ns_pid = 1 });
	gone.s->complete = false;
	table_census(&gone);
	assert_int_equal(sandboxes_note(&seen, gone.c, &changed), 0);
	assert_int_equal(seen.nr_sandboxes, 1);
	assert_false(sandboxes_has(&seen, find(&gone, 202), table_instance(&gone, "a")));
	gone.s->complete = true;
	assert_int_equal(sandboxes_note(&seen, gone.c, &changed), 0);
	assert_true(changed);
	assert_int_equal(seen.nr_sandboxes, 0);
	ledger_release(&seen);
	table_release(&with);
	table_release(&without);
	table_release(&gone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sandbox_is_remembered_until_its_init_has_ended),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
