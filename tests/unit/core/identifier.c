/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "core/identifier.h"

static bool in(const char *text, const char *id)
{
	return identifier_in(bytes_of(text), bytes_of(id));
}

static void finds_it_wherever_it_stands(void **state)
{
	(void)state;
	assert_true(in("a.b", "a.b"));
	assert_true(in("--id=a.b", "a.b"));
	assert_true(in("{\"identifier\":\"a.b\"}", "a.b"));
	assert_true(in("/data/a.b/agents", "a.b"));
	assert_true(in("a.b c", "a.b"));
	assert_true(in("c a.b", "a.b"));
	assert_true(in("\nA=a.b\n", "a.b"));
}

static void no_identifier_byte_may_stand_before_it(void **state)
{
	static const char before[] = "azAZ09._-";
	char text[] = "?a.b";

	(void)state;
	for (size_t i = 0; before[i]; i++) {
		text[0] = before[i];
		assert_false(in(text, "a.b"));
	}
}

static void no_identifier_byte_may_stand_behind_it(void **state)
{
	static const char behind[] = "azAZ09._-";
	char text[] = "a.b?";

	(void)state;
	for (size_t i = 0; behind[i]; i++) {
		text[3] = behind[i];
		assert_false(in(text, "a.b"));
	}
}

static void every_other_byte_is_a_boundary(void **state)
{
	char text[] = "?a.b?";

	(void)state;
	for (int c = 0; c < 256; c++) {
		bool identifier = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
				  (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';

		text[0] = text[4] = (char)c;
		assert_int_equal(identifier_in((struct bytes){ text, 5 }, bytes_of("a.b")),
				 !identifier);
	}
}

static void a_longer_name_hides_no_later_one(void **state)
{
	(void)state;
	assert_true(in("a.b.c a.b", "a.b"));
	assert_true(in("xa.b,a.b", "a.b"));
	assert_false(in("a.b.c xa.b", "a.b"));
	/* Each place is looked at, also one that begins inside the last. */
	assert_true(in("aa/aa/aa", "aa/aa"));
	assert_true(in("xaa/aa/aa", "aa/aa"));
}

static void takes_no_byte_as_a_pattern(void **state)
{
	(void)state;
	assert_false(in("axb", "a.b"));
	assert_false(in("A.B", "a.b"));
	assert_true(in("'*'", "*"));
}

static void an_id_may_hold_any_byte(void **state)
{
	const struct bytes text = { "x\0y z", 5 }, id = { "\0y", 2 };

	(void)state;
	/* Not [x]\0: the byte before is an identifier's. */
	assert_false(identifier_in(text, id));
	assert_true(identifier_in((struct bytes){ " \0y z", 5 }, id));
}

static void nothing_is_nowhere(void **state)
{
	(void)state;
	assert_false(in("", ""));
	assert_false(in("a.b", ""));
	assert_false(in("", "a"));
	assert_false(in("a", "a.b"));
	assert_false(identifier_in((struct bytes){ NULL, 0 }, bytes_of("a")));
	/* Not beyond the end of the text. */
	assert_false(identifier_in((struct bytes){ "a.b", 2 }, bytes_of("a.b")));
	assert_true(identifier_in((struct bytes){ "a.bc", 3 }, bytes_of("a.b")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_it_wherever_it_stands),
		cmocka_unit_test(no_identifier_byte_may_stand_before_it),
		cmocka_unit_test(no_identifier_byte_may_stand_behind_it),
		cmocka_unit_test(every_other_byte_is_a_boundary),
		cmocka_unit_test(a_longer_name_hides_no_later_one),
		cmocka_unit_test(takes_no_byte_as_a_pattern),
		cmocka_unit_test(an_id_may_hold_any_byte),
		cmocka_unit_test(nothing_is_nowhere),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
