/* SPDX-License-Identifier: MIT */
#include "unit/report/fixture.h"

#include "report/metrics.h"

static const struct metrics none;

static void happens(struct metrics *m, enum event_kind kind, enum outcome outcome, const char *app)
{
	struct event e = { .kind = kind, .outcome = outcome, .app = app, .orphan_age_ms = -1 };

	assert_int_equal(metrics_event(m, &e), 0);
}

static void events_are_counted_by_app(void **state)
{
	struct metrics m = { 0 };
	struct strbuf sb = STRBUF_INIT;
	struct world w;

	(void)state;
	world_init(&w);
	happens(&m, EVENT_REAPED, OUTCOME_EXITED, "sprout");
	happens(&m, EVENT_REAPED, OUTCOME_EXITED, "sprout");
	happens(&m, EVENT_REAPED, OUTCOME_KILLED, "sprout");
	happens(&m, EVENT_SURVIVED, OUTCOME_SURVIVED, "sprout");
	happens(&m, EVENT_SURVIVED, OUTCOME_REFUSED, "gone-from-policy");
	happens(&m, EVENT_WARNING, 0, NULL);
	happens(&m, EVENT_ORPHANED, 0, "sprout");
	assert_int_equal(metrics_write(&sb, &m, w.census, &plain_options), 0);
	assert_has(&sb, "\nstray_reaped_total{app=\"sprout\",outcome=\"exited\"} 2\n");
	assert_has(&sb, "\nstray_reaped_total{app=\"sprout\",outcome=\"killed\"} 1\n");
	assert_has(&sb, "\nstray_reaped_total{app=\"buzz\",outcome=\"exited\"} 0\n");
	assert_has(&sb, "\nstray_survived_total{app=\"sprout\"} 1\n");
	assert_has(&sb, "\nstray_refused_total{app=\"gone-from-policy\"} 1\n");
	assert_has(&sb, "\nstray_refused_total{app=\"sprout\"} 0\n");
	assert_has(&sb, "\nstray_warnings_total 1\n");
	assert_has(&sb, "\nstray_orphaned_total 1\n");
	metrics_release(&m);
	assert_int_equal(m.nr, 0);
	strbuf_release(&sb);
	world_release(&w);
}

static void what_is_there_is_counted_by_app(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	struct world w;

	(void)state;
	world_init(&w);
	assert_int_equal(metrics_write(&sb, &none, w.census, &plain_options), 0);
	assert_has(&sb, "\nstray_agents{app=\"sprout\"} 2\n");
	assert_has(&sb, "\nstray_agents{app=\"buzz\"} 0\n");
	assert_has(&sb, "\nstray_orphans{app=\"sprout\"} 2\n");
	assert_has(&sb, "\nstray_instances{app=\"sprout\",owner=\"alive\"} 1\n");
	assert_has(&sb, "\nstray_instances{app=\"sprout\",owner=\"gone\"} 1\n");
	assert_has(&sb, "\nstray_instances{app=\"sprout\",owner=\"unknown\"} 0\n");
	assert_has(&sb, "\nstray_resident_memory_bytes{app=\"sprout\"} 164331520\n");
	assert_has(&sb, "\nstray_scanned_processes 412\n");
	assert_has(&sb, "\nstray_unreadable_processes 3\n");
	assert_has(&sb, "\nstray_scan_complete 1\n");
	/* There was no tick: no series speaks of one. */
	assert_has_not(&sb, "stray_tick_duration_seconds");
	assert_has_not(&sb, "stray_last_tick_timestamp_seconds");
	assert_has_not(&sb, "instance=");
	strbuf_release(&sb);
	world_release(&w);
}

static void ticks_are_counted(void **state)
{
	struct tick_summary t = { .counted = true,
				  .complete = true,
				  .scanned = 412,
				  .unreadable = 3,
				  .scan_us = 3100,
				  .took_us = 1004149 };
	struct event e = { .kind = EVENT_TICK, .realtime_ms = 1795460400123, .summary = &t };
	struct strbuf sb = STRBUF_INIT;
	struct metrics m = { 0 };

	(void)state;
	assert_int_equal(metrics_event(&m, &e), 0);
	t.counted = t.complete = false;
	assert_int_equal(metrics_event(&m, &e), 0);
	assert_int_equal(metrics_write(&sb, &m, NULL, &plain_options), 0);
	assert_has(&sb, "\nstray_ticks_total 2\n");
	assert_has(&sb, "\nstray_counted_ticks_total 1\n");
	assert_has(&sb, "\nstray_incomplete_scans_total 1\n");
	assert_has(&sb, "\nstray_tick_duration_seconds 1.004149\n");
	assert_has(&sb, "\nstray_scan_duration_seconds 0.003100\n");
	assert_has(&sb, "\nstray_last_tick_timestamp_seconds 1795460400.123\n");
	assert_has(&sb, "\nstray_scanned_processes 412\n");
	assert_has(&sb, "\nstray_scan_complete 0\n");
	metrics_release(&m);
	strbuf_release(&sb);
}

static void instances_are_labels_only_if_asked_for(void **state)
{
	struct report_options o = { .per_instance = true };
	struct strbuf sb = STRBUF_INIT;
	struct world w;

	(void)state;
	world_init(&w);
	world_remember(&w, false);
	assert_int_equal(metrics_write(&sb, &none, w.census, &o), 0);
	assert_harmless(&sb);
	assert_has(&sb, "\nstray_instance_agents{app=\"sprout\",uid=\"1000\",instance=\"" GOOD_ID
			"\"} 1\n");
	assert_has(&sb, "instance=\"a\\\\x1b[2Jb\\\\x0a<&\\\"%,:\\\\xff\\\\xe2\\\\x80\\\\xae\"} ");
	assert_has(&sb, "\"} 720.000\n");
	strbuf_release(&sb);
	world_release(&w);
}

/* Each name has one HELP and one TYPE before its samples, and its samples stand together. */
static void the_exposition_is_well_formed(void **state)
{
	struct report_options o = { .per_instance = true };
	struct strbuf sb = STRBUF_INIT;
	struct world w;
	char name[128] = "";

	(void)state;
	world_init(&w);
	assert_int_equal(metrics_write(&sb, &none, w.census, &o), 0);
	for (char *line = sb.buf, *end; *line; line = end + 1) {
		end = strchr(line, '\n');
		assert_non_null(end);
		*end = 0;
		if (strncmp(line, "# HELP ", 7) == 0) {
			size_t len = strcspn(line + 7, " ");

			assert_in_range(len, 1, sizeof(name) - 1);
			memcpy(name, line + 7, len);
			name[len] = 0;
		} else if (strncmp(line, "# TYPE ", 7) == 0) {
			assert_int_equal(strncmp(line + 7, name, strlen(name)), 0);
		} else {
			assert_int_equal(strcspn(line, "{ "), strlen(name));
			assert_int_equal(strncmp(line, name, strlen(name)), 0);
		}
	}
	strbuf_release(&sb);
	world_release(&w);
}

/* Two users whose files lie in one folder must not give the same series twice. */
static void every_series_has_the_user(void **state)
{
	struct scope mine = { .uid = 1000 }, all = { .all_users = true };
	struct report_options o = { .scope = &mine, .per_instance = true };
	struct strbuf sb = STRBUF_INIT;
	struct world w;

	(void)state;
	world_init(&w);
	assert_int_equal(metrics_write(&sb, &none, w.census, &o), 0);
	assert_has(&sb, "\nstray_agents{app=\"sprout\",uid=\"1000\"} 2\n");
	assert_has(&sb, "\nstray_ticks_total{uid=\"1000\"} 0\n");
	assert_has(&sb, "\n# TYPE stray_ticks_total counter\n");
	for (const char *line = sb.buf; *line; line = strchr(line, '\n') + 1) {
		size_t len = strcspn(line, "\n");
		const char *first = memmem(line, len, "uid=\"", 5);

		if (*line == '#')
			continue;
		assert_non_null(first);
		assert_null(memmem(first + 1, len - (size_t)(first + 1 - line), "uid=\"", 5));
	}
	strbuf_reset(&sb);
	o.scope = &all;
	assert_int_equal(metrics_write(&sb, &none, w.census, &o), 0);
	assert_has(&sb, "\nstray_agents{app=\"sprout\",uid=\"all\"} 2\n");
	strbuf_release(&sb);
	world_release(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_series_has_the_user),
		cmocka_unit_test(events_are_counted_by_app),
		cmocka_unit_test(what_is_there_is_counted_by_app),
		cmocka_unit_test(ticks_are_counted),
		cmocka_unit_test(instances_are_labels_only_if_asked_for),
		cmocka_unit_test(the_exposition_is_well_formed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
