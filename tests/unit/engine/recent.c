/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/recent.h"

static const struct identity one = { 10, 100, 0 }, two = { 20, 100, 0 };

static void what_was_added_is_known_from_the_next_look_on(void **state)
{
	struct recent r = { 0 };

	(void)state;
	recent_begin(&r);
	recent_add(&r, &two);
	recent_add(&r, &one);
	assert_false(recent_has(&r, &one));
	recent_begin(&r);
	assert_true(recent_has(&r, &one));
	assert_true(recent_has(&r, &two));
	recent_release(&r);
	assert_false(recent_has(&r, &one));
}

static void another_process_with_that_pid_is_not_known(void **state)
{
	static const struct identity later = { 10, 101, 0 }, other = { 10, 100, 7 };
	static const struct identity seven = { 30, 1, 7 }, eight = { 30, 1, 8 };
	struct recent r = { 0 };

	(void)state;
	recent_add(&r, &one);
	recent_add(&r, &seven);
	recent_begin(&r);
	assert_false(recent_has(&r, &later));
	assert_false(recent_has(&r, &eight));
	/* An inode that is not known says nothing. */
	assert_true(recent_has(&r, &other));
	recent_release(&r);
}

static void after_32_looks_it_is_forgotten(void **state)
{
	struct recent r = { 0 };

	(void)state;
	recent_add(&r, &one);
	for (int looks = 0; looks < 32; looks++) {
		recent_begin(&r);
		assert_true(recent_has(&r, &one));
		if (looks == 10)
			recent_add(&r, &two);
	}
	recent_begin(&r);
	assert_false(recent_has(&r, &one));
	assert_true(recent_has(&r, &two));
	recent_release(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_added_is_known_from_the_next_look_on),
		cmocka_unit_test(another_process_with_that_pid_is_not_known),
		cmocka_unit_test(after_32_looks_it_is_forgotten),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
