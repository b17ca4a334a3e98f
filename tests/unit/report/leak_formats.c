/* SPDX-License-Identifier: MIT */
#include "unit/report/fixture.h"

#include "base/escape.h"

/* What the four forms of the leak check make of one row of each kind. */

struct leak_world {
	struct world w;
	struct leak_report report;
};

static void setup(struct leak_world *l)
{
	struct leak *row;

	memset(l, 0, sizeof(*l));
	world_init(&l->w);
	world_remember(&l->w, false);
	leak_report_begin(&l->report, l->w.census);
	assert_int_equal(leak_report_add(&l->report, world_member(&l->w, 4300), LEAK_FORGIVEN,
					 WHY_MAY_END, NULL),
			 0);
	assert_int_equal(leak_report_add(&l->report, world_member(&l->w, 5000), LEAK_LEFT,
					 WHY_MAY_END, &row),
			 0);
	assert_int_equal(leak_add_file(row, "/repo/a\nb\033[m"), 0);
	assert_int_equal(leak_set_ports(row, (const uint16_t[]){ 80, 81 }, 2), 0);
	assert_int_equal(leak_report_add(&l->report, world_member(&l->w, 5001), LEAK_KEPT,
					 WHY_OPT_OUT, NULL),
			 0);
	assert_int_equal(leak_report_add(&l->report, world_member(&l->w, 4301), LEAK_UNKNOWN,
					 WHY_MAY_END, NULL),
			 0);
	l->report.waited_ms = 2000;
}

static void teardown(struct leak_world *l)
{
	leak_report_release(&l->report);
	world_release(&l->w);
}

static size_t count(const struct strbuf *sb, const char *text)
{
	size_t nr = 0;

	for (const char *at = sb->buf; (at = strstr(at, text)); at += strlen(text))
		nr++;
	return nr;
}

static void text_lists_leaks_first(void **state)
{
	static const char expected[] =
		"1 leak, 1 unknown, 1 kept, 1 forgiven\n"
		"leak     pid 5000 " HOSTILE_NAME_SHOWN " of " HOSTILE_ID_SHOWN " (sprout), "
		"orphan for \xe2\x89\xa5"
		"12m, adopted by pid 1 systemd, started 15m50s ago, "
		"memory 39.2M, listens on 80 81, has open /repo/a\\x0ab\\x1b[m\n"
		"unknown  pid 4301 node of ";
	struct strbuf sb = STRBUF_INIT;
	struct leak_world l;

	(void)state;
	setup(&l);
	assert_int_equal(report_text.leaks(&sb, &l.report, &plain_options), 0);
	assert_harmless(&sb);
	assert_int_equal(strncmp(sb.buf, expected, strlen(expected)), 0);
	assert_int_equal(count(&sb, "\n"), 5); /* one line each */
	assert_has(&sb, "\nkept     pid 5001 sh of " HOSTILE_ID_SHOWN " (sprout), orphan, kept: ");
	assert_has(&sb, "forgiven pid 4300 goose");
	assert_has_not(&sb, SECRET);
	strbuf_release(&sb);
	teardown(&l);
}

/* On a terminal nothing is cut off: a line goes on below. */
static void text_goes_on_below(void **state)
{
	struct report_options o = plain_options;
	struct strbuf sb = STRBUF_INIT;
	struct leak_world l;

	(void)state;
	setup(&l);
	o.width = 60;
	assert_int_equal(report_text.leaks(&sb, &l.report, &o), 0);
	assert_harmless(&sb);
	for (char *at = sb.buf, *end; (end = strchr(at, '\n')); at = end + 1)
		assert_true(text_width(at, (size_t)(end - at)) <= 60);
	assert_has(&sb, "\n         orphan for \xe2\x89\xa5"
			"12m, adopted by pid 1 systemd,\n"
			"         started 15m50s ago, memory 39.2M, listens on 80 81,\n"
			"         has open /repo/a\\x0ab\\x1b[m\n");
	strbuf_release(&sb);
	teardown(&l);
}

/* Every format names the recorded parents of what a command left, nearest first. */
static void all_say_whose_children_they_were(void **state)
{
	struct identity npm = { .pid = 70, .start_ticks = 7 },
			make = { .pid = 60, .start_ticks = 6 };
	struct strbuf sb = STRBUF_INIT;
	struct leak_world l;
	json_t *object, *row;

	(void)state;
	setup(&l);
	l.report.command = "make";
	l.report.command_status = 0;
	leak_add_ancestor(&l.report.rows[1], &npm, "np\033m");
	leak_add_ancestor(&l.report.rows[1], &make, "make");
	assert_int_equal(report_text.leaks(&sb, &l.report, &plain_options), 0);
	assert_harmless(&sb);
	assert_has(&sb, "leak     pid 5000 " HOSTILE_NAME_SHOWN ", was a child of pid 70 np\\x1bm "
			"(of pid 60 make), started ");
	assert_has(&sb, "unknown  pid 4301 node, child of pid 4300 goose, started ");
	assert_has(&sb, "forgiven pid 4300 goose, its parent had ended before it was seen, ");
	strbuf_reset(&sb);
	assert_int_equal(report_github.leaks(&sb, &l.report, &plain_options), 0);
	assert_has(&sb,
		   ", left by make, was a child of pid 70 np\\x1bm (of pid 60 make)%0Astarted: ");
	strbuf_reset(&sb);
	assert_int_equal(report_junit.leaks(&sb, &l.report, &plain_options), 0);
	assert_has(&sb, ", was a child of pid 70 np\\x1bm (of pid 60 make)\">started: ");
	strbuf_reset(&sb);
	assert_int_equal(report_json.leaks(&sb, &l.report, &plain_options), 0);
	object = parse_line(&sb);
	row = json_array_get(json_object_get(object, "processes"), 1);
	assert_int_equal(json_array_size(json_object_get(row, "started_by")), 2);
	row = json_array_get(json_object_get(row, "started_by"), 0);
	assert_text(row, "name", "np\\x1bm");
	assert_int_equal(json_integer_value(json_object_get(row, "pid")), 70);
	assert_int_equal(json_integer_value(json_object_get(row, "start_ticks")), 7);
	assert_null_key(json_array_get(json_object_get(object, "processes"), 0), "started_by");
	json_decref(object);
	strbuf_release(&sb);
	teardown(&l);
}

static void text_tells_of_the_command(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	struct leak_world l;

	(void)state;
	setup(&l);
	leak_report_begin(&l.report, l.w.census);
	l.report.command = "make\n";
	l.report.command_status = 130;
	assert_int_equal(report_text.leaks(&sb, &l.report, &plain_options), 0);
	assert_string_equal(sb.buf, "make\\x0a ended with status 130; no leaks\n");
	strbuf_release(&sb);
	teardown(&l);
}

static void json_has_every_row(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	struct leak_world l;
	json_t *object, *rows, *row;

	(void)state;
	setup(&l);
	assert_int_equal(report_json.leaks(&sb, &l.report, &plain_options), 0);
	assert_harmless(&sb);
	object = parse_line(&sb);
	assert_text(object, "schema", "stray.leaks/1");
	assert_null_key(object, "command");
	assert_null_key(object, "command_status");
	rows = json_object_get(object, "processes");
	assert_int_equal(json_array_size(rows), 4);
	row = json_array_get(rows, 1);
	assert_text(row, "kind", "leak");
	assert_text(row, "instance", HOSTILE_ID_SHOWN);
	assert_text(row, "parent", "systemd");
	assert_text(row, "orphan_since", "2026-11-23T18:48:00Z");
	assert_has(&sb, "\"listening\":[80,81],\"files\":[\"/repo/a\\\\x0ab\\\\x1b[m\"]");
	row = json_array_get(rows, 2);
	assert_text(row, "kept", "opt-out");
	assert_null_key(row, "listening");
	assert_null_key(row, "files");
	assert_null_key(row, "more_files");
	assert_null_key(row, "orphan_since");
	json_decref(object);
	strbuf_release(&sb);
	teardown(&l);
}

static void junit_has_a_case_per_row(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	struct leak_world l;

	(void)state;
	setup(&l);
	assert_int_equal(report_junit.leaks(&sb, &l.report, &plain_options), 0);
	assert_harmless(&sb);
	assert_int_equal(strncmp(sb.buf, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", 39), 0);
	assert_has(&sb, " tests=\"5\" failures=\"1\" errors=\"1\" skipped=\"2\" time=\"2.000\" "
			"timestamp=\"2026-11-23T19:00:00\" hostname=\"devbox\">");
	assert_int_equal(count(&sb, "<testcase "), 5);
	assert_int_equal(count(&sb, "</testcase>"), 4);
	assert_int_equal(count(&sb, "<failure "), 1);
	assert_int_equal(count(&sb, "<error "), 1);
	assert_int_equal(count(&sb, "<skipped "), 2);
	assert_has(&sb, "classname=\"stray.sprout.a\\x1b[2Jb\\x0a&lt;&amp;&quot;%,:\\xff");
	assert_has(&sb, "name=\"ev\\x0dil::]]&gt;\\x9b\" time=\"0\">");
	assert_has_not(&sb, "]]>");
	assert_has(&sb, "</testsuite>\n</testsuites>\n");
	strbuf_release(&sb);
	teardown(&l);
}

static void junit_says_that_it_could_not_look(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	struct leak_world l;

	(void)state;
	setup(&l);
	leak_report_begin(&l.report, l.w.census);
	l.w.census->snapshot->complete = false;
	assert_int_equal(report_junit.leaks(&sb, &l.report, &plain_options), 0);
	assert_has(&sb, " tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\"");
	assert_has(&sb, "<error type=\"incomplete\"");
	strbuf_release(&sb);
	teardown(&l);
}

/* Every line is a command of ours; nothing in it can begin, end or split one. */
static void github_quotes_its_commands(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	struct leak_world l;

	(void)state;
	setup(&l);
	assert_int_equal(report_github.leaks(&sb, &l.report, &plain_options), 0);
	assert_harmless(&sb);
	assert_int_equal(count(&sb, "\n"), 3);
	assert_int_equal(strncmp(sb.buf,
				 "::error title=leaked process ev\\x0dil%3A%3A]]>\\x9b "
				 "(pid 5000)::pid 5000 ",
				 72),
			 0);
	assert_has(&sb, "<&\"%25,:\\xff");
	assert_has(&sb, "%0Alistens on: 80 81%0Ahas open: /repo/a\\x0ab\\x1b[m\n");
	assert_has(&sb, "\n::notice title=kept process sh (pid 5001)::");
	assert_has(&sb, "\n::warning title=");
	assert_int_equal(count(&sb, "::error "), 1);
	strbuf_release(&sb);
	teardown(&l);
}

static void github_is_silent_without_leaks(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	struct leak_world l;

	(void)state;
	setup(&l);
	leak_report_begin(&l.report, l.w.census);
	assert_int_equal(report_github.leaks(&sb, &l.report, &plain_options), 0);
	assert_int_equal(sb.len, 0);
	memcpy(l.w.census->snapshot->trouble, "50% read", 9);
	l.w.census->snapshot->complete = false;
	assert_int_equal(report_github.leaks(&sb, &l.report, &plain_options), 0);
	assert_string_equal(sb.buf, "::warning title=stray::the scan is incomplete: 50%25 read\n");
	strbuf_release(&sb);
	teardown(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_lists_leaks_first),
		cmocka_unit_test(text_goes_on_below),
		cmocka_unit_test(all_say_whose_children_they_were),
		cmocka_unit_test(text_tells_of_the_command),
		cmocka_unit_test(json_has_every_row),
		cmocka_unit_test(junit_has_a_case_per_row),
		cmocka_unit_test(junit_says_that_it_could_not_look),
		cmocka_unit_test(github_quotes_its_commands),
		cmocka_unit_test(github_is_silent_without_leaks),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
