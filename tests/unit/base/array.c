/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/array.h"

/* Let an allocation that is too large fail under the sanitizers as it does without them. */
const char *__asan_default_options(void);
const char *__tsan_default_options(void);

const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

const char *__tsan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static void grows_one_by_one(void **state)
{
	size_t nr = 0, alloc = 0;
	int *array = NULL;

	(void)state;
	for (; nr < 1000; nr++) {
		assert_int_equal(ARRAY_GROW(array, nr, alloc), 0);
		assert_true(alloc > nr);
		array[nr] = (int)nr;
	}
	for (size_t i = 0; i < nr; i++)
		assert_int_equal(array[i], (int)i);
	free(array);
}

static void stays_where_there_is_room(void **state)
{
	size_t alloc = 0, before;
	char *array = NULL, *was;

	(void)state;
	assert_int_equal(ARRAY_GROW(array, 0, alloc), 0);
	was = array;
	before = alloc;
	assert_int_equal(ARRAY_GROW(array, alloc - 1, alloc), 0);
	assert_ptr_equal(array, was);
	assert_int_equal(alloc, before);
	free(array);
}

static void refuses_what_would_overflow(void **state)
{
	int one = 1, *array = &one;
	size_t alloc = SIZE_MAX / 2 / sizeof(one);

	(void)state;
	/* Nothing has changed: not the pointer, which realloc(3) never saw, and not the room. */
	assert_int_equal(ARRAY_GROW(array, alloc, alloc), -ENOMEM);
	assert_ptr_equal(array, &one);
	assert_int_equal(alloc, SIZE_MAX / 2 / sizeof(one));
}

static void says_when_memory_runs_out(void **state)
{
	size_t alloc = SIZE_MAX / 8;
	char *array = NULL;

	(void)state;
	/* With 32 bits there is no size that is refused for sure and does not overflow. */
	if (sizeof(size_t) < 8)
		skip();
	/* More than an address space holds, yet no overflow. */
	assert_int_equal(ARRAY_GROW(array, alloc, alloc), -ENOMEM);
	assert_null(array);
	assert_int_equal(alloc, SIZE_MAX / 8);
}

static void counts_the_elements(void **state)
{
	static const short row[7];

	(void)state;
	assert_int_equal(ARRAY_SIZE(row), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows_one_by_one),
		cmocka_unit_test(stays_where_there_is_room),
		cmocka_unit_test(refuses_what_would_overflow),
		cmocka_unit_test(says_when_memory_runs_out),
		cmocka_unit_test(counts_the_elements),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
