/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"

static void clocks_agree(void **state)
{
	int64_t ms, us, later;

	(void)state;
	ms = clock_ms(CLOCK_MONOTONIC);
	us = clock_us(CLOCK_MONOTONIC);
	later = clock_ms(CLOCK_MONOTONIC);
	assert_true(ms > 0);
	assert_true(us / 1000 >= ms);
	assert_true(us / 1000 <= later);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clocks_agree),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
