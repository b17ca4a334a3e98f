/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "demo/fleet.h"

static void parents_come_first(void **state)
{
	(void)state;
	for (size_t i = 0; i < demo_nr_rows; i++) {
		assert_true(demo_rows[i].parent == DEMO_TOP || demo_rows[i].parent < (int)i);
		assert_true(demo_rows[i].parent >= DEMO_TOP);
	}
}

/* A comm of 15 bytes is cut: longer names would show as others. */
static void names_fit(void **state)
{
	(void)state;
	assert_true(strlen(DEMO_INIT) < 15);
	assert_true(strlen(DEMO_DESKTOP) < 15);
	for (size_t i = 0; i < demo_nr_rows; i++) {
		assert_true(strlen(demo_rows[i].name) > 0);
		assert_true(strlen(demo_rows[i].name) < 15);
	}
}

static void desktops_are_as_told(void **state)
{
	size_t live = 0, gone = 0, nameless = 0;
	const char *live_id = NULL;

	(void)state;
	for (size_t i = 0; i < demo_nr_rows; i++) {
		const struct demo_row *row = &demo_rows[i];

		if (!(row->flags & DEMO_IS_DESKTOP))
			continue;
		assert_null(row->instance);
		assert_string_equal(row->name, DEMO_DESKTOP);
		if (row->flags & DEMO_GONE) {
			gone++;
		} else if (row->args[0]) {
			live++;
			live_id = row->args[1];
		} else {
			nameless++;
		}
	}
	assert_int_equal(live, 1);
	assert_int_equal(nameless, 1);
	assert_int_equal(gone, 2);
	/* The ids of those that are gone begin the id of the one that lives. */
	for (size_t i = 0; i < demo_nr_rows; i++) {
		const struct demo_row *row = &demo_rows[i];

		if (!(row->flags & DEMO_IS_DESKTOP) || !(row->flags & DEMO_GONE))
			continue;
		assert_memory_equal(live_id, row->args[1], strlen(row->args[1]));
		assert_true(strlen(live_id) > strlen(row->args[1]));
	}
}

static void there_is_one_of_each_kind(void **state)
{
	size_t agents = 0, workers = 0;
	unsigned seen = 0;

	(void)state;
	for (size_t i = 0; i < demo_nr_rows; i++) {
		const struct demo_row *row = &demo_rows[i];
		const struct demo_row *parent = row->parent < 0 ? NULL : &demo_rows[row->parent];

		if (!row->instance)
			continue;
		if (parent && parent->instance && !(parent->flags & DEMO_GONE))
			workers++;
		else
			agents++;
		seen |= row->flags;
	}
	assert_true(agents >= 12);
	assert_true(workers >= 10);
	assert_int_equal(seen,
			 DEMO_GONE | DEMO_SESSION | DEMO_GROUP | DEMO_DEAF | DEMO_KEEP | DEMO_BUSY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parents_come_first),
		cmocka_unit_test(names_fit),
		cmocka_unit_test(desktops_are_as_told),
		cmocka_unit_test(there_is_one_of_each_kind),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
