/* SPDX-License-Identifier: MIT */

#include "unit/engine/fake.h"

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

static void names_are_those_of_the_events(void **state)
{
	(void)state;
	assert_string_equal(outcome_name(OUTCOME_EXITED), "exited");
	assert_string_equal(outcome_name(OUTCOME_WOULD), "would");
	assert_string_equal(outcome_name(OUTCOME_NR), "unknown");
	assert_string_equal(event_kind_name(EVENT_TICK), "tick");
	assert_string_equal(event_kind_name(EVENT_STOP), "stop");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_scope_narrows_by_glob_and_app),
		cmocka_unit_test(an_id_is_as_long_as_it_says),
		cmocka_unit_test(names_are_those_of_the_events),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
