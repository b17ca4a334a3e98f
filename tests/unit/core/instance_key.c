/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "stray/instance.h"

static struct instance_key key(const char *app, const char *id, uid_t uid)
{
	return (struct instance_key){ app, bytes_of(id), uid };
}

static void each_part_is_compared(void **state)
{
	const struct instance_key a = key("sprout", "x.app", 1000);
	const struct instance_key same = key("sprout", "x.app", 1000);
	const struct instance_key others[] = {
		key("buzz", "x.app", 1000),
		key("sprout", "x.app.dev", 1000),
		key("sprout", "x.apq", 1000),
		key("sprout", "x.app", 1001),
	};

	(void)state;
	assert_true(instance_key_equal(&a, &same));
	assert_int_equal(instance_key_compare(&a, &same), 0);
	assert_true(instance_key_hash(&a) == instance_key_hash(&same));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_false(instance_key_equal(&a, &others[i]));
		assert_int_not_equal(instance_key_compare(&a, &others[i]), 0);
		assert_int_equal(instance_key_compare(&a, &others[i]) < 0,
				 instance_key_compare(&others[i], &a) > 0);
		assert_true(instance_key_hash(&a) != instance_key_hash(&others[i]));
	}
}

static void unset_key_equals_nothing(void **state)
{
	const struct instance_key unset = { 0 }, a = key("sprout", "", 0);

	(void)state;
	assert_false(instance_key_equal(&unset, &unset));
	assert_false(instance_key_equal(&unset, &a));
	assert_false(instance_key_equal(&a, &unset));
}

static void copy_outlives_its_source(void **state)
{
	char app[] = "sprout", id[] = { 'x', '\0', 'y' };
	const struct instance_key from = { app, { id, 3 }, 7 };
	struct instance_key copy = { 0 };

	(void)state;
	assert_int_equal(instance_key_copy(&from, &copy), 0);
	app[0] = id[0] = 'z';
	assert_string_equal(copy.app, "sprout");
	assert_int_equal(copy.id.len, 3);
	assert_memory_equal(copy.id.data, "x\0y", 4);
	assert_int_equal(copy.uid, 7);
	instance_key_release(&copy);
	assert_null(copy.app);
	instance_key_release(&copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_part_is_compared),
		cmocka_unit_test(unset_key_equals_nothing),
		cmocka_unit_test(copy_outlives_its_source),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
