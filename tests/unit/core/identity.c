/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/array.h"
#include "stray/identity.h"

static void unset_is_equal_to_nothing(void **state)
{
	const struct identity unset = { 0 }, also = { .start_ticks = 5 }, set = { .pid = 5 };

	(void)state;
	assert_false(identity_is_set(&unset));
	assert_false(identity_is_set(&also));
	assert_true(identity_is_set(&set));
	assert_false(identity_equal(&unset, &unset));
	assert_false(identity_equal(&unset, &set));
	assert_false(identity_equal(&set, &unset));
	assert_true(identity_equal(&set, &set));
}

static void every_field_counts(void **state)
{
	const struct identity id = { 5, 100, 7 };
	const struct identity pid = { 6, 100, 7 }, start = { 5, 101, 7 }, ino = { 5, 100, 8 };

	(void)state;
	assert_true(identity_equal(&id, &id));
	assert_false(identity_equal(&id, &pid));
	assert_false(identity_equal(&id, &start));
	assert_false(identity_equal(&id, &ino));
}

static void inode_numbers_count_where_both_are_known(void **state)
{
	const struct identity full = { 5, 100, 7 }, plain = { 5, 100, 0 }, other = { 5, 99, 0 };

	(void)state;
	assert_true(identity_equal(&full, &plain));
	assert_true(identity_equal(&plain, &full));
	assert_true(identity_equal(&plain, &plain));
	assert_false(identity_equal(&full, &other));
}

static int compare(const void *a, const void *b)
{
	return identity_compare(a, b);
}

static void orders_by_pid_start_and_inode(void **state)
{
	struct identity ids[] = {
		{ 9, 1, 1 }, { 5, 200, 0 }, { 5, 100, 9 }, { 5, 100, 3 }, { 1, UINT64_MAX, 0 },
	};
	const struct identity sorted[] = {
		{ 1, UINT64_MAX, 0 }, { 5, 100, 3 }, { 5, 100, 9 }, { 5, 200, 0 }, { 9, 1, 1 },
	};

	(void)state;
	qsort(ids, ARRAY_SIZE(ids), sizeof(ids[0]), compare);
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		assert_int_equal(identity_compare(&ids[i], &sorted[i]), 0);
		for (size_t k = 0; k < ARRAY_SIZE(ids); k++) {
			int order = identity_compare(&ids[i], &ids[k]);

			assert_int_equal((order > 0) - (order < 0), (i > k) - (i < k));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unset_is_equal_to_nothing),
		cmocka_unit_test(every_field_counts),
		cmocka_unit_test(inode_numbers_count_where_both_are_known),
		cmocka_unit_test(orders_by_pid_start_and_inode),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
