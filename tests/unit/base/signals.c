/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/signals.h"

static void an_ignored_signal_is_told_from_others(void **state)
{
	(void)state;
	assert_false(signal_is_ignored(SIGHUP));
	signal(SIGHUP, SIG_IGN);
	assert_true(signal_is_ignored(SIGHUP));
	signal(SIGHUP, SIG_DFL);
	assert_false(signal_is_ignored(SIGHUP));
	assert_false(signal_is_ignored(SIGKILL));
	assert_false(signal_is_ignored(-1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ignored_signal_is_told_from_others),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
