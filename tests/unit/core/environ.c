/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "core/environ.h"

/* A block from a string constant; the NUL that C adds ends the last entry. */
#define BLOCK(text) ((struct bytes){ text, sizeof(text) })

static void assert_get(struct bytes env, const char *name, const char *value)
{
	struct bytes found = { "untouched", 9 };

	if (!value) {
		assert_false(environ_get(env, name, &found));
		assert_string_equal(found.data, "untouched");
		return;
	}
	assert_true(environ_get(env, name, &found));
	assert_int_equal(found.len, strlen(value));
	assert_memory_equal(found.data, value, found.len);
}

static void finds_a_variable(void **state)
{
	const struct bytes env = BLOCK("PATH=/bin\0MARK=a.b\0HOME=/root");

	(void)state;
	assert_get(env, "PATH", "/bin");
	assert_get(env, "MARK", "a.b");
	assert_get(env, "HOME", "/root");
	assert_get(env, "MAR", NULL);
	assert_get(env, "MARKS", NULL);
	assert_get(env, "ARK", NULL);
	assert_get(env, "mark", NULL);
}

static void the_first_entry_counts(void **state)
{
	(void)state;
	assert_get(BLOCK("MARK=first\0MARK=second"), "MARK", "first");
	assert_get(BLOCK("MARK=\0MARK=second"), "MARK", "");
}

static void splits_at_nul_and_at_nothing_else(void **state)
{
	const struct bytes env = BLOCK("A=x\nMARK=y\0B=x MARK=z\0C=MARK=w");

	(void)state;
	assert_get(env, "MARK", NULL);
	assert_get(env, "A", "x\nMARK=y");
	assert_get(env, "C", "MARK=w");
}

static void the_value_begins_behind_the_first_equals_sign(void **state)
{
	(void)state;
	assert_get(BLOCK("MARK=a=b"), "MARK", "a=b");
	assert_get(BLOCK("MARK==b"), "MARK", "=b");
}

static void an_entry_without_equals_sign_defines_nothing(void **state)
{
	(void)state;
	assert_get(BLOCK("MARK"), "MARK", NULL);
	/* It does not hide a later one either. */
	assert_get(BLOCK("MARK\0MARK=x"), "MARK", "x");
}

static void the_last_nul_may_be_missing(void **state)
{
	(void)state;
	assert_get((struct bytes){ "A=1\0MARK=x.yz", 10 }, "MARK", "x");
	assert_get((struct bytes){ "A=1\0MARK=", 9 }, "MARK", "");
	assert_get((struct bytes){ "A=1\0MARK=", 8 }, "MARK", NULL);
}

static void nothing_is_in_an_empty_block(void **state)
{
	(void)state;
	assert_get((struct bytes){ NULL, 0 }, "MARK", NULL);
	assert_get((struct bytes){ "MARK=x", 0 }, "MARK", NULL);
	assert_get(BLOCK("\0\0"), "MARK", NULL);
}

static void walks_over_every_entry(void **state)
{
	const struct bytes env = { "A=1\0\0B\0=odd\0C=", 15 };
	static const struct {
		const char *name, *value;
	} entries[] = { { "A", "1" }, { "", "" }, { "B", "" }, { "", "odd" }, { "C", "" } };
	struct bytes name, value;
	size_t offset = 0;

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		assert_true(environ_next(env, &offset, &name, &value));
		assert_true(bytes_is(name, entries[i].name));
		assert_true(bytes_is(value, entries[i].value));
	}
	assert_false(environ_next(env, &offset, &name, &value));
	assert_false(environ_next(env, &offset, &name, &value));
}

static void assert_filtered(struct bytes env, struct bytes wanted)
{
	struct policy policy;
	char out[256];
	size_t len;

	assert_int_equal(policy_init(&policy), 0);
	memset(out, '#', sizeof(out));
	assert_true(env.len + 1 < sizeof(out));
	len = environ_filter(env, &policy, out);
	assert_int_equal(len, wanted.len);
	assert_memory_equal(out, wanted.data, wanted.len);
	assert_true(len <= env.len + 1);
	assert_int_equal(out[env.len + 1], '#'); /* no byte beyond the room it asks for */
	policy_release(&policy);
}

static void filters_variables_that_no_rule_reads(void **state)
{
	(void)state;
	assert_filtered(
		BLOCK("SECRET=x\0SPROUT_MANAGED_AGENT=a.b\0PATH=/\0STRAY_KEEP=1\0STRAY_INSTANCE=7"),
		BLOCK("SPROUT_MANAGED_AGENT=a.b\0STRAY_KEEP=1\0STRAY_INSTANCE=7"));
	assert_filtered(BLOCK("SPROUT_MANAGED_AGENTS=a\0XSTRAY_KEEP=1"), (struct bytes){ "", 0 });
	assert_filtered((struct bytes){ NULL, 0 }, (struct bytes){ "", 0 });
}

static void filtering_keeps_only_the_first_of_a_name(void **state)
{
	(void)state;
	assert_filtered(BLOCK("STRAY_KEEP=\0STRAY_KEEP=1"), BLOCK("STRAY_KEEP="));
	assert_filtered(BLOCK("BUZZ_MANAGED_AGENT=a\0STRAY_KEEP=1\0BUZZ_MANAGED_AGENT=b"),
			BLOCK("BUZZ_MANAGED_AGENT=a\0STRAY_KEEP=1"));
	/* One that defines nothing is no first one. */
	assert_filtered(BLOCK("STRAY_KEEP\0STRAY_KEEP=1"), BLOCK("STRAY_KEEP=1"));
}

static void filtering_ends_the_last_entry(void **state)
{
	(void)state;
	assert_filtered((struct bytes){ "STRAY_KEEP=1", 12 }, BLOCK("STRAY_KEEP=1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_a_variable),
		cmocka_unit_test(the_first_entry_counts),
		cmocka_unit_test(splits_at_nul_and_at_nothing_else),
		cmocka_unit_test(the_value_begins_behind_the_first_equals_sign),
		cmocka_unit_test(an_entry_without_equals_sign_defines_nothing),
		cmocka_unit_test(the_last_nul_may_be_missing),
		cmocka_unit_test(nothing_is_in_an_empty_block),
		cmocka_unit_test(walks_over_every_entry),
		cmocka_unit_test(filters_variables_that_no_rule_reads),
		cmocka_unit_test(filtering_keeps_only_the_first_of_a_name),
		cmocka_unit_test(filtering_ends_the_last_entry),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
