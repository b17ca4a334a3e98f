/* SPDX-License-Identifier: MIT */
/* What runs in a pid namespace of its own: a container, or a sandbox that is part of an agent. */
#include "helpers/table.h"

#define SPROUT(id) "SPROUT_MANAGED_AGENT=" id

static const struct verdict_ask sweep = { .face = FACE_SWEEP }, group = { .face = FACE_GROUP };
static const struct verdict_ask pick = { .face = FACE_PICK };

static enum verdict_why ask(const struct table *t, pid_t pid, const struct verdict_ask *how)
{
	return verdict_of_process(t->c, snapshot_find(t->s, pid), how);
}

static void another_pid_namespace_is_a_container(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 200, 1, NULL, SPROUT("a"), .pid_ns = 99, .ns_pid = 7 },
	      { 201, 1, NULL, SPROUT("a"), .no_ns = true, .ns_pid = 7 },
	      { 202, 1, NULL, SPROUT("a"), .no_ns = true },
	      { 203, 1, NULL, SPROUT("a"), .pid_ns = 99 },
	      { 204, 203, NULL, SPROUT("a"), .pid_ns = 98, .ns_pid = 1 });
	table_census(&t);
	assert_int_equal(ask(&t, 200, &sweep), WHY_CONTAINER);
	assert_int_equal(ask(&t, 201, &sweep), WHY_CONTAINER); /* told by its pid there */
	assert_int_equal(ask(&t, 202, &sweep), WHY_MAY_END);
	assert_int_equal(ask(&t, 203, &sweep), WHY_CONTAINER); /* the same number by chance */
	assert_int_equal(ask(&t, 204, &sweep), WHY_CONTAINER); /* a sandbox inside of that one */
	t.s->pid_ns = 0;
	table_census(&t);
	assert_int_equal(ask(&t, 200, &sweep), WHY_CONTAINER);
	table_release(&t);
}

static void a_sandbox_of_its_own_is_part_of_the_agent(void **state)
{
	struct table t;

	(void)state;
	/* agent 200 > bwrap 201 > its namespace's init 202 > what runs in it 203. */
	TABLE(&t, { 200, 1, NULL, SPROUT("a") }, { 201, 200, "bwrap" },
	      { 202, 201, "sh", SPROUT("a"), .pid_ns = 99, .ns_pid = 1 },
	      { 203, 202, NULL, SPROUT("a"), .pid_ns = 99, .ns_pid = 2 });
	table_census(&t);
	assert_int_equal(ask(&t, 202, &sweep), WHY_MAY_END);
	assert_int_equal(ask(&t, 203, &sweep), WHY_MAY_END);
	assert_int_equal(table_member(&t, 203, "a")->kept, WHY_MAY_END);
	table_release(&t);
	/* It is the sandbox of "a", not of "b": what is not part of it spares all of it. */
	TABLE(&t, { 200, 1, NULL, SPROUT("a") }, { 201, 200, "bwrap" },
	      { 202, 201, "sh", SPROUT("a"), .pid_ns = 99, .ns_pid = 1 },
	      { 203, 202, NULL, SPROUT("a"), .pid_ns = 99, .ns_pid = 2 },
	      { 204, 202, NULL, SPROUT("b"), .pid_ns = 99, .ns_pid = 3 });
	table_census(&t);
	assert_int_equal(ask(&t, 204, &sweep), WHY_CONTAINER);
	assert_int_equal(table_member(&t, 204, "b")->kept, WHY_CONTAINER);
	assert_int_equal(ask(&t, 202, &sweep), WHY_CONTAINER);
	assert_int_equal(ask(&t, 200, &sweep), WHY_MAY_END);
	table_release(&t);
}

/* agent 200 > launcher 201 > init 202 > 203, with a row more. */
#define SANDBOX(t, ...)                                                                            \
	TABLE(t, { 200, 1, NULL, SPROUT("a") }, { 201, 200, "bwrap" },                             \
	      { 202, 201, "sh", SPROUT("a"), .pid_ns = 99, .ns_pid = 1, .levels = 2 },             \
	      { 203, 202, NULL, SPROUT("a"), .pid_ns = 99, .ns_pid = 2, .levels = 2 },             \
	      __VA_ARGS__)

static void expect_sandbox(const struct table *t, enum verdict_why why, pid_t obstacle)
{
	const struct verdict_ask asks[] = { sweep, group };

	for (size_t i = 0; i < 2; i++) {
		/* Its init takes all along, and what started the init may. */
		for (pid_t pid = 201; pid <= 203; pid++) {
			const struct process *blamed =
				verdict_blames(t->c, snapshot_find(t->s, pid), &asks[i]);

			assert_int_equal(ask(t, pid, &asks[i]), why);
			if (why != WHY_MAY_END && pid != obstacle)
				assert_int_equal(blamed->id.pid, obstacle);
			else
				assert_null(blamed);
		}
		assert_int_equal(ask(t, 200, &asks[i]), WHY_MAY_END);
	}
	/* The init is not ended by picking it either; another one takes nothing along. */
	assert_int_equal(ask(t, 202, &pick), why);
	assert_int_equal(ask(t, 203, &pick), WHY_MAY_END);
}

static void all_in_a_sandbox_is_spared_for_one_that_is_kept(void **state)
{
	struct table t;

	(void)state;
	SANDBOX(&t, { 204, 202, NULL, SPROUT("a") "|STRAY_KEEP=1", .pid_ns = 99, .ns_pid = 3 });
	table_census(&t);
	expect_sandbox(&t, WHY_OPT_OUT, 204);
	assert_int_equal(table_member(&t, 202, "a")->kept, WHY_OPT_OUT);
	assert_int_equal(table_member(&t, 202, "a")->kept_with->id.pid, 204);
	assert_int_equal(table_member(&t, 200, "a")->kept, WHY_MAY_END);
	table_release(&t);
}

static void what_a_launcher_ends_with_is_spared_with_its_sandbox(void **state)
{
	static const char *const args[] = { "bwrap|--die-with-parent|sh",
					    "bwrap|--unshare-pid|sh" };
	struct table t;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		TABLE(&t, { 190, 1, NULL, SPROUT("a") }, { 200, 190, "bash", SPROUT("a") },
		      { 201, 200, "bwrap", SPROUT("a"), args[i] },
		      { 202, 201, "bwrap", SPROUT("a"), .pid_ns = 99, .ns_pid = 1, .levels = 2 },
		      { 203, 202, "sh", SPROUT("a") "|STRAY_KEEP=1", .pid_ns = 99, .ns_pid = 2 });
		table_census(&t);
		assert_int_equal(ask(&t, 201, &sweep), WHY_OPT_OUT);
		assert_int_equal(ask(&t, 200, &sweep), i == 0 ? WHY_OPT_OUT : WHY_MAY_END);
		assert_int_equal(table_member(&t, 200, "a")->kept,
				 i == 0 ? WHY_OPT_OUT : WHY_MAY_END);
		assert_int_equal(ask(&t, 190, &sweep), WHY_MAY_END);
		table_release(&t);
	}
}

static void all_in_a_sandbox_is_spared_for_one_that_joined_it(void **state)
{
	struct table t;

	(void)state;
	SANDBOX(&t, { 300, 1, "bash" }, { 301, 300, "bash", .pid_ns = 99, .ns_pid = 4 });
	table_census(&t);
	expect_sandbox(&t, WHY_CONTAINER, 301);
	assert_int_equal(table_member(&t, 203, "a")->kept, WHY_CONTAINER);
	table_release(&t);
	/* What has ended is not in the way. */
	SANDBOX(&t, { 300, 1, "bash" },
		{ 301, 300, "bash", .pid_ns = 99, .ns_pid = 4, .dead = true });
	table_census(&t);
	expect_sandbox(&t, WHY_MAY_END, 0);
	table_release(&t);
}

static void all_in_a_sandbox_is_spared_for_one_in_a_namespace_below(void **state)
{
	struct table t;

	(void)state;
	SANDBOX(&t, { 205, 202, "bwrap", NULL, .pid_ns = 99, .ns_pid = 5, .levels = 2 },
		{ 206, 205, "sh", SPROUT("a"), .pid_ns = 98, .ns_pid = 1, .levels = 3 },
		{ 300, 1, "bash" }, { 301, 300, "bash", .pid_ns = 98, .ns_pid = 2, .levels = 3 });
	table_census(&t);
	expect_sandbox(&t, WHY_CONTAINER, 301);
	table_release(&t);
}

/* One with a refused namespace link that is as deep by NSpid may be inside. */
static void all_in_a_sandbox_is_spared_for_one_that_may_be_inside(void **state)
{
	struct table t;

	(void)state;
	SANDBOX(&t, { 300, 1, "bash" },
		{ 301, 300, "bash", .no_ns = true, .ns_pid = 4, .levels = 2 });
	table_census(&t);
	expect_sandbox(&t, WHY_CONTAINER, 301);
	table_release(&t);
	SANDBOX(&t, { 300, 1, "bash" },
		{ 301, 300, "bash", .no_ns = true, .ns_pid = 301, .levels = 1 });
	table_census(&t);
	expect_sandbox(&t, WHY_MAY_END, 0);
	table_release(&t);
}

static bool seen_below(void *ctx, const struct process *init, const struct instance *inst)
{
	(void)ctx;
	return init->id.pid == 202 && inst->id.data[0] == 'a';
}

/* The launcher has ended: an init seen below a managed process is part of the agent still. */
static void a_sandbox_stays_the_agents_after_its_launcher_ended(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 202, 1, "sh", SPROUT("a"), .pid_ns = 99, .ns_pid = 1 },
	      { 203, 202, NULL, SPROUT("a"), .pid_ns = 99, .ns_pid = 2 });
	table_census(&t);
	assert_int_equal(ask(&t, 202, &sweep), WHY_CONTAINER);
	t.input.sandboxed = seen_below;
	table_census(&t);
	assert_int_equal(ask(&t, 202, &sweep), WHY_MAY_END);
	assert_int_equal(ask(&t, 203, &sweep), WHY_MAY_END);
	table_release(&t);
}

static void a_sandbox_below_the_wrapper_is_part_of_its_command(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { TABLE_SELF, 1, "stray" },
	      { 202, TABLE_SELF, "sh", SPROUT("a"), .pid_ns = 99, .ns_pid = 1 });
	/* A stray that wraps nothing got its children from what became it by exec(2). */
	table_census(&t);
	assert_int_equal(table_member(&t, 202, "a")->kept, WHY_CONTAINER);
	t.input.wrapper = TABLE_SELF;
	t.input.wrapper_id = bytes_of("9000");
	/* And one that had children before may have adopted what those started. */
	t.input.wrapper_shared = true;
	table_census(&t);
	assert_int_equal(table_member(&t, 202, "a")->kept, WHY_CONTAINER);
	t.input.wrapper_shared = false;
	table_census(&t);
	/* Not a container of another's: what else there is to say of it is the owner's. */
	assert_int_not_equal(ask(&t, 202, &sweep), WHY_CONTAINER);
	assert_int_equal(table_member(&t, 202, "a")->kept, WHY_MAY_END);
	table_release(&t);
}

static void a_container_that_a_daemon_started_is_not(void **state)
{
	struct table t;

	(void)state;
	/* The marker was handed in (docker run -e); no managed process is above its init. */
	TABLE(&t, { 60, 1, "containerd-shim" },
	      { 202, 60, "sh", SPROUT("a"), .pid_ns = 99, .ns_pid = 1 },
	      { 203, 202, NULL, SPROUT("a"), .pid_ns = 99, .ns_pid = 2 },
	      { 204, 202, "sh", SPROUT("a"), .pid_ns = 98, .ns_pid = 1 });
	table_census(&t);
	assert_int_equal(ask(&t, 202, &sweep), WHY_CONTAINER);
	assert_int_equal(ask(&t, 203, &sweep), WHY_CONTAINER);
	/* Nor one inside it: the managed process above is not in our namespace. */
	assert_int_equal(ask(&t, 204, &sweep), WHY_CONTAINER);
	table_release(&t);
}

static void a_held_one_is_not_asked_for_its_namespace_again(void **state)
{
	struct verdict_ask held = group;
	struct table t;

	(void)state;
	TABLE(&t, { 200, 1, NULL, SPROUT("a"), .pid_ns = 99 },
	      { 201, 1, NULL, SPROUT("a") "|STRAY_KEEP=1", .pid_ns = 99 }, { 100, 1, "Buzz" },
	      { 202, 100, NULL, SPROUT("a"), .pid_ns = 99 });
	table_census(&t);
	assert_int_equal(ask(&t, 200, &held), WHY_CONTAINER);
	held.held = true;
	assert_int_equal(ask(&t, 200, &held), WHY_MAY_END);
	/* Everything else it is asked. */
	assert_int_equal(ask(&t, 201, &held), WHY_OPT_OUT);
	assert_int_equal(ask(&t, 202, &held), WHY_OWNED);
	table_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_pid_namespace_is_a_container),
		cmocka_unit_test(a_sandbox_of_its_own_is_part_of_the_agent),
		cmocka_unit_test(all_in_a_sandbox_is_spared_for_one_that_is_kept),
		cmocka_unit_test(what_a_launcher_ends_with_is_spared_with_its_sandbox),
		cmocka_unit_test(all_in_a_sandbox_is_spared_for_one_that_joined_it),
		cmocka_unit_test(all_in_a_sandbox_is_spared_for_one_in_a_namespace_below),
		cmocka_unit_test(all_in_a_sandbox_is_spared_for_one_that_may_be_inside),
		cmocka_unit_test(a_sandbox_stays_the_agents_after_its_launcher_ended),
		cmocka_unit_test(a_sandbox_below_the_wrapper_is_part_of_its_command),
		cmocka_unit_test(a_container_that_a_daemon_started_is_not),
		cmocka_unit_test(a_held_one_is_not_asked_for_its_namespace_again),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
