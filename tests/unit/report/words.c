/* SPDX-License-Identifier: MIT */
/* Each reason has an identifier of its own, in small letters and dashes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "report/report.h"

typedef const char *(*word_fn)(int value);

static const char *doubt(int value)
{
	return report_doubt_word((enum owner_doubt)value);
}

static const char *reason(int value)
{
	return report_reason_word((enum state_reason)value);
}

static const char *why(int value)
{
	return report_why_word((enum verdict_why)value);
}

static const char *warning(int value)
{
	return report_warning_word((enum warning)value);
}

static void assert_words(word_fn word, int first, int end)
{
	for (int i = first; i < end; i++) {
		const char *text = word(i);

		assert_non_null(text);
		assert_true(strlen(text) > 2);
		assert_int_equal(strspn(text, "abcdefghijklmnopqrstuvwxyz-"), strlen(text));
		for (int k = first; k < i; k++)
			assert_string_not_equal(text, word(k));
	}
}

static void each_reason_has_an_identifier_of_its_own(void **state)
{
	(void)state;
	assert_null(report_doubt_word(DOUBT_NONE));
	assert_words(doubt, DOUBT_NONE + 1, DOUBT_FILES + 1);
	assert_words(reason, BECAUSE_OWNER_UNKNOWN, BECAUSE_AT_WORK + 1);
	assert_words(why, WHY_MAY_END, WHY_NR);
	assert_words(warning, WARNING_OTHER, WARNING_NR);
	assert_string_equal(report_why_word(WHY_OWNER_ALIVE), "owner-alive");
	/* Those that stand in `kept` are the same there. */
	for (int i = WHY_MAY_END + 1; i < WHY_NR; i++) {
		const char *kept = verdict_kept_name((enum verdict_why)i);

		if (kept)
			assert_string_equal(kept, why(i));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_reason_has_an_identifier_of_its_own),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
