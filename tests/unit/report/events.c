/* SPDX-License-Identifier: MIT */
#include "unit/report/fixture.h"

static const struct tick_summary summary = {
	.counted = true,
	.complete = true,
	.instances = 5,
	.agents = 11,
	.managed = 30,
	.orphans = 3,
	.scanned = 412,
	.unreadable = 3,
	.condemned = 2,
	.exited = 2,
	.scan_us = 3100,
	.took_us = 4149,
};

static struct event event_of(enum event_kind kind)
{
	return (struct event){
		.kind = kind,
		.realtime_ms = 1795460400000,
		.instance = { HOSTILE_ID, sizeof(HOSTILE_ID) - 1 },
		.app = "sprout",
		.process = { .pid = 5000, .start_ticks = 812345 },
		.name = HOSTILE_NAME,
		.outcome = OUTCOME_EXITED,
		.orphan_age_ms = 12 * 60 * 1000,
		.ticks = 1,
		.summary = kind == EVENT_TICK ? &summary : NULL,
	};
}

static json_t *json_of(const struct event *e, struct strbuf *sb)
{
	assert_int_equal(report_json.event(sb, e, &plain_options), 0);
	assert_harmless(sb);
	return parse_line(sb);
}

static void text_is(const struct event *e, const struct report_options *o, const char *expected)
{
	struct strbuf sb = STRBUF_INIT;

	assert_int_equal(report_text.event(&sb, e, o), 0);
	assert_string_equal(sb.buf, expected);
	assert_harmless(&sb);
	strbuf_release(&sb);
}

static void a_reaped_line_is_as_documented(void **state)
{
	struct event e = event_of(EVENT_REAPED);
	struct strbuf sb = STRBUF_INIT;
	json_t *object = json_of(&e, &sb);

	(void)state;
	assert_keys(object, KEYS("event", "time", "instance", "app", "pid", "start_ticks", "name",
				 "outcome", "orphan_age_s"));
	assert_text(object, "event", "reaped");
	assert_text(object, "time", "2026-11-23T19:00:00Z");
	assert_text(object, "instance", HOSTILE_ID_SHOWN);
	assert_text(object, "name", HOSTILE_NAME_SHOWN);
	assert_text(object, "outcome", "exited");
	assert_has(&sb, "\"pid\":5000,\"start_ticks\":812345,");
	assert_has(&sb, "\"orphan_age_s\":720.0}");
	json_decref(object);
	strbuf_release(&sb);
}

static void survived_lines_say_why(void **state)
{
	struct event e = event_of(EVENT_SURVIVED);
	struct strbuf sb = STRBUF_INIT;
	json_t *object;

	(void)state;
	e.outcome = OUTCOME_REFUSED;
	object = json_of(&e, &sb);
	assert_text(object, "outcome", "refused");
	assert_null_key(object, "kept");
	json_decref(object);
	strbuf_reset(&sb);
	e.outcome = OUTCOME_KEPT;
	e.why = WHY_TERMINAL;
	e.orphan_age_ms = -1;
	object = json_of(&e, &sb);
	assert_text(object, "kept", "terminal");
	assert_null_key(object, "orphan_age_s");
	json_decref(object);
	strbuf_release(&sb);
}

static void orphaned_lines_count(void **state)
{
	struct event e = event_of(EVENT_ORPHANED);
	struct strbuf sb = STRBUF_INIT;
	json_t *object = json_of(&e, &sb);

	(void)state;
	assert_keys(object, KEYS("event", "time", "instance", "app", "pid", "start_ticks", "name",
				 "ticks", "orphan_age_s", "orphan_age_exact"));
	assert_true(json_is_false(json_object_get(object, "orphan_age_exact")));
	json_decref(object);
	strbuf_release(&sb);
}

static void ticks_warnings_and_the_stop_are_objects(void **state)
{
	struct event tick = event_of(EVENT_TICK);
	struct event warning = { .kind = EVENT_WARNING,
				 .warning = WARNING_LEDGER_DAMAGED,
				 .text = "odd\nledger",
				 .orphan_age_ms = -1 };
	struct event stop = { .kind = EVENT_STOP, .orphan_age_ms = -1 };
	struct strbuf sb = STRBUF_INIT;
	json_t *object = json_of(&tick, &sb);

	(void)state;
	assert_text(object, "event", "tick");
	assert_int_equal(json_integer_value(json_object_get(object, "orphans")), 3);
	assert_has(&sb, "\"scan_ms\":3.1,\"took_ms\":4.1}");
	json_decref(object);
	strbuf_reset(&sb);

	object = json_of(&warning, &sb);
	assert_text(object, "why", "ledger-damaged");
	assert_text(object, "text", "odd\\x0aledger");
	assert_null_key(object, "instance");
	assert_null_key(object, "app");
	assert_null_key(object, "pid");
	assert_null_key(object, "start_ticks");
	assert_null_key(object, "time");
	json_decref(object);
	strbuf_reset(&sb);

	object = json_of(&stop, &sb);
	assert_text(object, "event", "stop");
	assert_null_key(object, "why");
	assert_null_key(object, "text");
	json_decref(object);
	strbuf_reset(&sb);

	stop.reason = "terminated";
	stop.text = "asked to end";
	object = json_of(&stop, &sb);
	assert_text(object, "why", "terminated");
	assert_text(object, "text", "asked to end");
	json_decref(object);
	strbuf_release(&sb);
}

static void text_lines(void **state)
{
	struct event e = event_of(EVENT_REAPED);

	(void)state;
	e.orphan_exact = true;
	text_is(&e, &plain_options,
		"2026-11-23T19:00:00Z reaped pid 5000 " HOSTILE_NAME_SHOWN " of " HOSTILE_ID_SHOWN
		" (sprout): exited, orphan for 12m\n");
	e = event_of(EVENT_SURVIVED);
	e.outcome = OUTCOME_SURVIVED;
	text_is(&e, &(struct report_options){ .priority = true },
		"<4>survived pid 5000 " HOSTILE_NAME_SHOWN " of " HOSTILE_ID_SHOWN
		" (sprout): survived, orphan for >=12m\n");
	e = event_of(EVENT_TICK);
	e.instance.len = 0;
	text_is(&e, &(struct report_options){ .priority = true },
		"<6>tick: 5 instances, 11 agents, 3 orphans, 2 exited; 412 scanned, 3 unreadable, "
		"4.1 ms\n");
	e = (struct event){ .kind = EVENT_WARNING, .text = "a\nb", .orphan_age_ms = -1 };
	text_is(&e, &(struct report_options){ .priority = true }, "<4>warning: a\\x0ab\n");
	e = (struct event){ .kind = EVENT_STOP, .text = "told to", .orphan_age_ms = -1 };
	text_is(&e, &(struct report_options){ .priority = true }, "<5>stop: told to\n");
}

static void the_width_is_kept(void **state)
{
	struct event e = event_of(EVENT_REAPED);
	struct report_options o = { .width = 30 };

	(void)state;
	text_is(&e, &o, "2026-11-23T19:00:00Z reaped p+\n");
	o.utf8 = true;
	text_is(&e, &o, "2026-11-23T19:00:00Z reaped p\xe2\x80\xa6\n");
}

static void a_huge_instance_is_cut(void **state)
{
	static char huge[5000];
	struct event e = event_of(EVENT_ORPHANED);
	struct strbuf sb = STRBUF_INIT;

	(void)state;
	memset(huge, 'x', sizeof(huge));
	e.instance = (struct bytes){ huge, sizeof(huge) };
	assert_int_equal(report_text.event(&sb, &e, &plain_options), 0);
	assert_true(sb.len < 500);
	assert_has(&sb, "x... (sprout)");
	strbuf_release(&sb);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reaped_line_is_as_documented),
		cmocka_unit_test(survived_lines_say_why),
		cmocka_unit_test(orphaned_lines_count),
		cmocka_unit_test(ticks_warnings_and_the_stop_are_objects),
		cmocka_unit_test(text_lines),
		cmocka_unit_test(the_width_is_kept),
		cmocka_unit_test(a_huge_instance_is_cut),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
