/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stray/app.h"

static void holds_copies(void **state)
{
	struct strings list = { 0 };
	char text[] = "one";

	(void)state;
	assert_int_equal(strings_add(&list, text, 3), 0);
	text[0] = 'X';
	assert_int_equal(list.nr, 1);
	assert_string_equal(list.items[0], "one");
	assert_true(strings_has(&list, "one", 3));
	strings_release(&list);
}

static void takes_only_the_length_it_is_told(void **state)
{
	struct strings list = { 0 };

	(void)state;
	assert_int_equal(strings_add(&list, "onetwo", 3), 0);
	assert_string_equal(list.items[0], "one");
	strings_release(&list);
}

static void compares_whole_names(void **state)
{
	struct strings list = { 0 };

	(void)state;
	assert_int_equal(strings_add(&list, "one", 3), 0);
	assert_int_equal(strings_add(&list, "two", 3), 0);
	assert_true(strings_has(&list, "two", 3));
	assert_true(strings_has(&list, "twofold", 3));
	assert_false(strings_has(&list, "tw", 2));
	assert_false(strings_has(&list, "twofold", 7));
	assert_false(strings_has(&list, "Two", 3));
	assert_false(strings_has(&list, "", 0));
	strings_release(&list);
}

static void grows_and_keeps_the_order(void **state)
{
	struct strings list = { 0 };
	char text[2] = "a";

	(void)state;
	for (char c = 'a'; c <= 'z'; c++) {
		text[0] = c;
		assert_int_equal(strings_add(&list, text, 1), 0);
	}
	assert_int_equal(list.nr, 26);
	for (size_t i = 0; i < list.nr; i++)
		assert_int_equal(list.items[i][0], 'a' + (char)i);
	strings_release(&list);
	assert_int_equal(list.nr, 0);
	assert_null(list.items);
	assert_false(strings_has(&list, "a", 1));
	strings_release(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holds_copies),
		cmocka_unit_test(takes_only_the_length_it_is_told),
		cmocka_unit_test(compares_whole_names),
		cmocka_unit_test(grows_and_keeps_the_order),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
