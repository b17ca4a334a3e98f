/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"

static void room_is_aligned_for_every_type_beside_odd_copies(void **state)
{
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < 20000; i++) {
		max_align_t *room;

		assert_non_null(arena_copy(&a, "xyz", i % 4));
		room = arena_alloc(&a, sizeof(*room));
		assert_non_null(room);
		assert_int_equal((uintptr_t)room % _Alignof(max_align_t), 0);
	}
	arena_release(&a);
}

static void room_is_zero(void **state)
{
	struct arena a = { 0 };
	unsigned char *room;

	(void)state;
	for (size_t size = 1; size < 100000; size *= 3) {
		memset(arena_alloc(&a, size), 0xff, size);
		room = arena_alloc_array(&a, size, 2);
		for (size_t i = 0; i < 2 * size; i++)
			assert_int_equal(room[i], 0);
	}
	arena_release(&a);
}

static void copies_end_with_nul_and_never_move(void **state)
{
	char filler[5000], *at[300];
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < 300; i++) {
		memset(filler, 'a' + (int)(i % 26), sizeof(filler));
		at[i] = arena_copy(&a, filler, 1000 + i * 13);
		assert_non_null(at[i]);
	}
	for (size_t i = 0; i < 300; i++) {
		assert_int_equal(strlen(at[i]), 1000 + i * 13);
		assert_int_equal(at[i][0], 'a' + (int)(i % 26));
		assert_int_equal(at[i][999 + i * 13], 'a' + (int)(i % 26));
	}
	assert_string_equal(arena_copy(&a, NULL, 0), "");
	arena_release(&a);
}

static void too_much_is_refused(void **state)
{
	struct arena a = { 0 };

	(void)state;
	assert_null(arena_alloc_array(&a, SIZE_MAX / 2, 3));
	assert_null(arena_alloc(&a, SIZE_MAX - 8));
	assert_null(arena_copy(&a, "", SIZE_MAX));
	arena_release(&a);
}

static void a_released_one_may_be_used_again(void **state)
{
	struct arena a = { 0 };

	(void)state;
	assert_non_null(arena_alloc(&a, 10));
	arena_release(&a);
	assert_null(a.chunks);
	arena_release(&a);
	assert_string_equal(arena_copy(&a, "again", 5), "again");
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(room_is_aligned_for_every_type_beside_odd_copies),
		cmocka_unit_test(room_is_zero),
		cmocka_unit_test(copies_end_with_nul_and_never_move),
		cmocka_unit_test(too_much_is_refused),
		cmocka_unit_test(a_released_one_may_be_used_again),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
