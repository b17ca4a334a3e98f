/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/print.h"

static void colour_and_width_follow_terminal_and_options(void **state)
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
	ro = print_options(&s, STDOUT_FILENO);
	o.colour = COLOUR_ALWAYS;
	struct report_options always = print_options(&s, STDOUT_FILENO);
	o.colour = COLOUR_NEVER;
	struct report_options never = print_options(&s, STDOUT_FILENO);
	dup2(out, STDOUT_FILENO);
	setenv("COLUMNS", "60", 1);
	assert_int_equal(print_options(&s, pipes[1]).width, 60);
	setenv("COLUMNS", "sixty", 1);
	assert_int_equal(print_options(&s, pipes[1]).width, 0);
	setenv("COLUMNS", "60", 1);
	assert_int_equal(print_options(&s, -1).width, 0); /* a file is no terminal's */
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
		cmocka_unit_test(colour_and_width_follow_terminal_and_options),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
