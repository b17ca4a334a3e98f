/* SPDX-License-Identifier: MIT */
#include "linux/pidset.h"

#include "helpers/child.h"

static void sets_of_pids(void **state)
{
	struct pidset set = { 0 };

	(void)state;
	assert_false(pidset_has(&set, 1));
	assert_int_equal(pidset_add(&set, 0), 0);
	assert_int_equal(pidset_add(&set, -1), 0);
	assert_int_equal(pidset_add(&set, 4194303), 0);
	assert_int_equal(pidset_add(&set, 63), 0);
	assert_true(pidset_has(&set, 4194303));
	assert_true(pidset_has(&set, 63));
	assert_false(pidset_has(&set, 64));
	assert_false(pidset_has(&set, 0));
	assert_false(pidset_has(&set, -1));
	pidset_clear(&set);
	assert_false(pidset_has(&set, 63));
	pidset_release(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sets_of_pids),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
