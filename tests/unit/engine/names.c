/* SPDX-License-Identifier: MIT */

#include "unit/engine/fake.h"

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
		cmocka_unit_test(names_are_those_of_the_events),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
