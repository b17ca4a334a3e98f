/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/array.h"
#include "cli/session.h"

enum { OURS = 1000 };

/* A snapshot of these processes; the first is stray itself. */
static struct sight look(const struct process *procs, struct census_node *nodes, size_t nr,
			 bool all_users)
{
	struct session s = { .scope = { .uid = OURS, .all_users = all_users } };
	struct snapshot snapshot = { .procs = (struct process *)procs, .nr = nr };
	struct census census = { .snapshot = &snapshot, .nodes = nodes };

	return session_sight(&s, &census);
}

static void test_sight(void **state)
{
	static const struct process procs[] = {
		{ .id.pid = 10, .uid = OURS, .comm = "stray", .environ_read = READ_DONE },
		{ .id.pid = 9, .uid = OURS, .comm = "systemd", .environ_read = READ_REFUSED },
		{ .id.pid = 1, .uid = OURS, .comm = "init", .environ_read = READ_DONE },
		{ .id.pid = 8, .uid = OURS, .comm = "(sd-pam)", .environ_read = READ_REFUSED },
		{ .id.pid = 7,
		  .uid = OURS,
		  .comm = "dead",
		  .dead = true,
		  .environ_read = READ_REFUSED },
		{ .id.pid = 6, .uid = 0, .comm = "root", .environ_read = READ_REFUSED },
		{ .id.pid = 5, .uid = OURS, .comm = "a", .environ_read = READ_REFUSED },
		{ .id.pid = 4, .uid = OURS, .comm = "b", .environ_read = READ_DONE },
		{ .id.pid = 3, .uid = OURS, .comm = "c", .environ_read = READ_NOT_TRIED },
	};
	struct census_node nodes[ARRAY_SIZE(procs)] = { { .self = true }, { .self = true } };
	struct sight sight = look(procs, nodes, ARRAY_SIZE(procs), false);

	(void)state;
	assert_int_equal(sight.readable, 1);
	assert_int_equal(sight.refused, 1);
	sight = look(procs, nodes, ARRAY_SIZE(procs), true);
	assert_int_equal(sight.refused, 2);
	/* Without other processes none can be refused. */
	sight = look(procs, nodes, 6, false);
	assert_int_equal(sight.readable, 0);
	assert_int_equal(sight.refused, 0);
}

static void test_colour(void **state)
{
	struct options o = { .colour = COLOUR_AUTO };
	struct session s = { .options = &o };
	int out = dup(STDOUT_FILENO), pipes[2];
	struct report_options ro;

	(void)state;
	/* A pipe is no terminal, whatever the tests run in. */
	assert_int_equal(pipe(pipes), 0);
	fflush(stdout);
	dup2(pipes[1], STDOUT_FILENO);
	unsetenv("NO_COLOR");
	unsetenv("COLUMNS");
	ro = session_report_options(&s, STDOUT_FILENO);
	o.colour = COLOUR_ALWAYS;
	struct report_options always = session_report_options(&s, STDOUT_FILENO);
	o.colour = COLOUR_NEVER;
	struct report_options never = session_report_options(&s, STDOUT_FILENO);
	dup2(out, STDOUT_FILENO);
	setenv("COLUMNS", "60", 1);
	assert_int_equal(session_report_options(&s, pipes[1]).width, 60);
	setenv("COLUMNS", "sixty", 1);
	assert_int_equal(session_report_options(&s, pipes[1]).width, 0);
	setenv("COLUMNS", "60", 1);
	assert_int_equal(session_report_options(&s, -1).width, 0); /* a file is no terminal's */
	unsetenv("COLUMNS");
	assert_false(ro.colour);
	assert_int_equal(ro.width, 0);
	assert_true(always.colour);
	assert_false(never.colour);
	close(out);
	close(pipes[0]);
	close(pipes[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sight),
		cmocka_unit_test(test_colour),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
