/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"

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

static void an_empty_one_can_be_printed(void **state)
{
	struct strbuf sb = STRBUF_INIT;

	(void)state;
	assert_string_equal(sb.buf, "");
	strbuf_addstr(&sb, "");
	strbuf_add(&sb, NULL, 0);
	strbuf_addchars(&sb, 'x', 0);
	strbuf_truncate(&sb, 0);
	assert_string_equal(sb.buf, "");
	assert_int_equal(strbuf_empty[0], 0);
	strbuf_release(&sb);
	strbuf_release(&sb);
}

static void adds_in_every_way(void **state)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;

	(void)state;
	strbuf_addstr(&sb, "one");
	strbuf_addch(&sb, ' ');
	strbuf_add(&sb, "twofold", 3);
	strbuf_addchars(&sb, '-', 3);
	strbuf_addf(&sb, "%d|%s", 42, "x");
	assert_string_equal(sb.buf, "one two---42|x");
	assert_int_equal(sb.len, strlen("one two---42|x"));
	assert_false(sb.failed);
}

static void holds_nul_bytes(void **state)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;

	(void)state;
	strbuf_add(&sb, "a\0b", 3);
	strbuf_addch(&sb, '\0');
	assert_int_equal(sb.len, 4);
	assert_memory_equal(sb.buf, "a\0b\0", 5);
}

static void ends_with_nul_at_every_length(void **state)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;

	(void)state;
	for (size_t i = 0; i < 500; i++) {
		strbuf_addch(&sb, 'a');
		assert_int_equal(strlen(sb.buf), i + 1);
		assert_true(sb.alloc > sb.len);
	}
	strbuf_addf(&sb, "%700s", "b");
	assert_int_equal(strlen(sb.buf), 1200);
	strbuf_truncate(&sb, 3);
	assert_string_equal(sb.buf, "aaa");
}

static void a_failure_stays_and_nothing_is_added(void **state)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;

	(void)state;
	strbuf_addstr(&sb, "kept");
	assert_false(strbuf_reserve(&sb, SIZE_MAX / 2));
	assert_true(sb.failed);
	strbuf_addstr(&sb, "lost");
	strbuf_addch(&sb, 'l');
	strbuf_addchars(&sb, 'l', 2);
	strbuf_addf(&sb, "%s", "lost");
	assert_string_equal(sb.buf, "kept");
	assert_null(strbuf_detach(&sb));
	assert_string_equal(sb.buf, "");
	assert_false(sb.failed);
}

static void says_when_memory_runs_out(void **state)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;

	(void)state;
	/* With 32 bits there is no size that is refused for sure and does not overflow. */
	if (sizeof(size_t) < 8)
		skip();
	/* More than an address space holds, yet no overflow. */
	assert_false(strbuf_reserve(&sb, SIZE_MAX / 8));
	assert_true(sb.failed);
	strbuf_reset(&sb);
	assert_false(sb.failed);
	strbuf_addstr(&sb, "again");
	assert_string_equal(sb.buf, "again");
}

static void reset_keeps_the_memory(void **state)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;
	const char *buf;
	size_t alloc;

	(void)state;
	strbuf_addstr(&sb, "text");
	buf = sb.buf;
	alloc = sb.alloc;
	strbuf_reset(&sb);
	assert_int_equal(sb.len, 0);
	assert_string_equal(sb.buf, "");
	assert_ptr_equal(sb.buf, buf);
	assert_int_equal(sb.alloc, alloc);
}

static void detaching_hands_the_buffer_over(void **state)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;
	_cleanup_free_ char *text = NULL, *empty = NULL;

	(void)state;
	strbuf_addstr(&sb, "text");
	text = strbuf_detach(&sb);
	assert_string_equal(text, "text");
	assert_int_equal(sb.len, 0);
	assert_ptr_equal(sb.buf, strbuf_empty);
	/* An empty one gives heap memory too: the caller frees it. */
	empty = strbuf_detach(&sb);
	assert_string_equal(empty, "");
	assert_ptr_not_equal(empty, strbuf_empty);
}

static void taking_leaves_nothing_behind(void **state)
{
	char *text = strdup("x"), *taken = TAKE_PTR(text);
	int fd = 7;

	(void)state;
	assert_null(text);
	assert_string_equal(taken, "x");
	free(taken);
	assert_int_equal(take_fd(&fd), 7);
	assert_int_equal(fd, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_one_can_be_printed),
		cmocka_unit_test(adds_in_every_way),
		cmocka_unit_test(holds_nul_bytes),
		cmocka_unit_test(ends_with_nul_at_every_length),
		cmocka_unit_test(a_failure_stays_and_nothing_is_added),
		cmocka_unit_test(says_when_memory_runs_out),
		cmocka_unit_test(reset_keeps_the_memory),
		cmocka_unit_test(detaching_hands_the_buffer_over),
		cmocka_unit_test(taking_leaves_nothing_behind),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
