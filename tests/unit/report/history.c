/* SPDX-License-Identifier: MIT */
#include "report/history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"

static struct history_entry entry(void)
{
	return (struct history_entry){
		.realtime_ms = 1700000000123,
		.face = "sweep",
		.uid = 1000,
		.app = "sprout",
		.instance = bytes_of("some.\033[31minstance"),
		.process = { 4300, 77, 5 },
		.boot_id = "11111111-2222-3333-4444-555555555555",
		.pid_ns = 4026531836,
		.name = "goose",
		.outcome = OUTCOME_KILLED,
		.owner = OWNER_GONE,
		.evidence = EVIDENCE_HUNG_UP,
		.orphan_age_ms = 61500,
		.ticks = 2,
	};
}

static void a_line_says_what_when_and_why(void **state)
{
	static const char *const words[] = {
		"sweep",    "killed",	  "4300",    "goose", "some.\\x1b[31minstance",
		"(sprout)", "owner gone", "hung-up", "1m",    "2 ticks"
	};
	const struct report_options o = { .utf8 = true };
	const struct history_entry e = entry();
	struct strbuf sb = STRBUF_INIT;

	(void)state;
	assert_int_equal(history_text(&sb, &e, &o), 0);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		assert_non_null(strstr(sb.buf, words[i]));
	/* One line, and no byte that drives a terminal. */
	assert_ptr_equal(strchr(sb.buf, '\n'), sb.buf + sb.len - 1);
	assert_null(strchr(sb.buf, '\033'));
	strbuf_release(&sb);
}

static void a_line_stays_within_the_width(void **state)
{
	const struct report_options o = { .width = 60, .utf8 = true };
	const struct history_entry e = entry();
	struct strbuf sb = STRBUF_INIT;

	(void)state;
	assert_int_equal(history_text(&sb, &e, &o), 0);
	assert_true(sb.len <= 64);
	strbuf_release(&sb);
}

static void an_object_holds_all_of_it(void **state)
{
	const struct history_entry e = entry();
	struct strbuf sb = STRBUF_INIT;
	json_t *object;

	(void)state;
	assert_int_equal(history_json(&sb, &e), 0);
	object = json_loadb(sb.buf, sb.len, 0, NULL);
	assert_int_equal(json_integer_value(json_object_get(object, "pid")), 4300);
	assert_int_equal(json_integer_value(json_object_get(object, "start_ticks")), 77);
	assert_int_equal(json_integer_value(json_object_get(object, "ticks")), 2);
	assert_string_equal(json_string_value(json_object_get(object, "outcome")), "killed");
	assert_string_equal(json_string_value(json_object_get(object, "owner")), "gone");
	assert_string_equal(json_string_value(json_object_get(object, "face")), "sweep");
	json_decref(object);
	strbuf_release(&sb);
}

static void a_pid_that_is_gone_is_explained(void **state)
{
	const struct report_options o = { .utf8 = true };
	struct history_entry e = entry();
	struct strbuf sb = STRBUF_INIT;
	json_t *object;

	(void)state;
	e.orphan_age_ms = -1;
	assert_int_equal(history_explain_text(&sb, &e, &o), 0);
	assert_non_null(strstr(sb.buf, "pid 4300 goose of some."));
	assert_non_null(strstr(sb.buf, "killed by sweep at "));
	assert_null(strstr(sb.buf, "orphan for"));
	strbuf_release(&sb);
	sb = (struct strbuf)STRBUF_INIT;
	assert_int_equal(history_explain_json(&sb, &e), 0);
	object = json_loadb(sb.buf, sb.len, 0, NULL);
	assert_true(json_is_true(json_object_get(object, "gone")));
	assert_true(
		json_is_null(json_object_get(json_object_get(object, "former"), "orphan_age_s")));
	json_decref(object);
	strbuf_release(&sb);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_says_what_when_and_why),
		cmocka_unit_test(a_line_stays_within_the_width),
		cmocka_unit_test(an_object_holds_all_of_it),
		cmocka_unit_test(a_pid_that_is_gone_is_explained),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
