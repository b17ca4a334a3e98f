/* SPDX-License-Identifier: MIT */
#include "unit/report/fixture.h"

static void formats_are_found_by_name(void **state)
{
	(void)state;
	assert_ptr_equal(report_find("text"), &report_text);
	assert_ptr_equal(report_find("json"), &report_json);
	assert_ptr_equal(report_find("junit"), &report_junit);
	assert_ptr_equal(report_find("github"), &report_github);
	assert_null(report_find("prometheus"));
	assert_null(report_find("xml"));
	assert_null(report_find(""));
}

static void every_word_is_there(void **state)
{
	(void)state;
	for (int i = 0; i < OUTCOME_NR; i++)
		assert_non_null(report_outcome_word((enum outcome)i));
	for (int i = EVENT_TICK; i <= EVENT_STOP; i++)
		assert_non_null(report_event_word((enum event_kind)i));
	for (int i = DOUBT_NONE; i <= DOUBT_LAUNCHER; i++)
		assert_non_null(report_doubt_text((enum owner_doubt)i));
	for (int i = 0; i <= BECAUSE_PARENT_CHANGED; i++)
		assert_true(*report_reason_text((enum state_reason)i));
	assert_string_equal(report_outcome_word(OUTCOME_EXITED), "exited");
	assert_string_equal(report_event_word(EVENT_REAPED), "reaped");
}

static void the_oldest_orphan_speaks_for_the_instance(void **state)
{
	struct world w;
	struct member *m;
	const struct instance *inst;
	bool exact = true;

	(void)state;
	world_init(&w);
	m = world_member(&w, 5001);
	inst = &w.census->instances[m->instance];
	assert_int_equal(report_orphan_age_ms(w.census, inst, &exact), -1);
	world_remember(&w, false);
	m->orphan_since_ms = w.census->snapshot->boottime_ms - 5000;
	m->orphan_exact = true;
	assert_int_equal(report_orphan_age_ms(w.census, inst, &exact), 12 * 60 * 1000);
	assert_false(exact);
	world_release(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_are_found_by_name),
		cmocka_unit_test(every_word_is_there),
		cmocka_unit_test(the_oldest_orphan_speaks_for_the_instance),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
