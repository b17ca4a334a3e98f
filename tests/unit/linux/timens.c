/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "linux/timens.h"

static void the_offset_is_that_of_the_boot_clock(void **state)
{
	(void)state;
	assert_int_equal(timens_parse("monotonic           0         0\n"
				      "boottime            0         0\n"),
			 0);
	assert_int_equal(timens_parse("monotonic          7         0\n"
				      "boottime      864000         500000000\n"),
			 INT64_C(864000500000000));
	assert_int_equal(timens_parse("boottime -10 0\n"), -INT64_C(10000000000));
	assert_int_equal(timens_parse("monotonic 7 0\n"), 0);
	assert_int_equal(timens_parse(""), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_offset_is_that_of_the_boot_clock),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
