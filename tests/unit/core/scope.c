/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "stray/scope.h"

static bool has(const char *glob, const char *app, const char *id)
{
	char name[] = "sprout";
	const struct app own = { .name = name };
	const struct instance inst = { .id = { id, strlen(id) }, .app = &own };
	const struct scope scope = { .instance_glob = glob, .app = app };

	return scope_has(&scope, &inst);
}

static void a_scope_narrows_by_glob_and_app(void **state)
{
	(void)state;
	assert_true(has(NULL, NULL, "a.b"));
	assert_true(has("a.*", NULL, "a.b"));
	assert_true(has("a.b", "sprout", "a.b"));
	assert_false(has("a.b", NULL, "a.b.c"));
	assert_false(has("a.*", "buzz", "a.b"));
	assert_false(has("", NULL, "a"));
}

static void an_id_is_as_long_as_it_says(void **state)
{
	char name[] = "sprout";
	const struct app own = { .name = name };
	/* What stands behind it in memory is not its. */
	const struct instance inst = { .id = { "app.dev", 3 }, .app = &own };
	const struct scope scope = { .instance_glob = "app" };

	(void)state;
	assert_true(scope_has(&scope, &inst));
}

static void a_scope_has_its_user_or_all(void **state)
{
	const struct scope own = { .uid = 1000 }, all = { .uid = 1000, .all_users = true };

	(void)state;
	assert_true(scope_has_user(&own, 1000));
	assert_false(scope_has_user(&own, 0));
	assert_true(scope_has_user(&all, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_scope_narrows_by_glob_and_app),
		cmocka_unit_test(an_id_is_as_long_as_it_says),
		cmocka_unit_test(a_scope_has_its_user_or_all),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
