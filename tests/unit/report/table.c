/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include <stdlib.h>

#include "fixture.h"
#include "report/table.h"

static struct strbuf table(const struct world *w, const char *columns, const char *sort,
			   bool no_headers)
{
	struct table_options t = { columns, sort, no_headers };
	struct strbuf sb = STRBUF_INIT, error = STRBUF_INIT;

	assert_int_equal(table_check(&t, &plain_options, &error), 0);
	assert_int_equal(table_write(&sb, w->census, &t, &plain_options), 0);
	strbuf_release(&error);
	return sb;
}

static size_t count_lines(const struct strbuf *sb)
{
	size_t nr = 0;

	for (const char *at = sb->buf; (at = strchr(at, '\n')); at++)
		nr++;
	return nr;
}

/* The first column of each line, as numbers. */
static size_t numbers(const struct strbuf *sb, long *ret, size_t max)
{
	size_t nr = 0;

	for (const char *at = sb->buf; *at && nr < max; at = strchr(at, '\n') + 1)
		ret[nr++] = strtol(at, NULL, 10);
	return nr;
}

static void has_a_line_for_each_process_and_a_title_for_each_column(void **state)
{
	struct strbuf with, without, renamed, bare;
	struct world w;

	(void)state;
	world_init(&w);
	with = table(&w, "pid,name,state", NULL, false);
	without = table(&w, "pid,name,state", NULL, true);
	renamed = table(&w, "pid=ID,name=", NULL, false);
	bare = table(&w, "pid=,name=", NULL, false);
	assert_int_equal(count_lines(&with), w.census->nr_members + 1);
	assert_int_equal(count_lines(&without), w.census->nr_members);
	assert_int_equal(count_lines(&bare), w.census->nr_members);
	assert_has(&with, "PID NAME");
	assert_has_not(&without, "PID");
	assert_has(&renamed, "ID");
	assert_has_not(&renamed, "NAME");
	strbuf_release(&with);
	strbuf_release(&without);
	strbuf_release(&renamed);
	strbuf_release(&bare);
	world_release(&w);
}

static void sorts_by_numbers_and_both_ways(void **state)
{
	long up[64], down[64];
	struct strbuf a, b;
	struct world w;
	size_t nr;

	(void)state;
	world_init(&w);
	a = table(&w, "pid", "pid", true);
	b = table(&w, "pid", "-pid", true);
	nr = numbers(&a, up, 64);
	assert_true(nr > 2);
	assert_int_equal(numbers(&b, down, 64), nr);
	for (size_t i = 1; i < nr; i++) {
		assert_true(up[i - 1] <= up[i]);
		assert_true(down[i - 1] >= down[i]);
	}
	strbuf_release(&a);
	strbuf_release(&b);
	world_release(&w);
}

static void what_another_process_holds_is_escaped(void **state)
{
	struct strbuf sb;
	struct world w;

	(void)state;
	world_init(&w);
	sb = table(&w, "name,instance", NULL, false);
	assert_harmless(&sb);
	strbuf_release(&sb);
	world_release(&w);
}

static void an_unknown_column_is_refused(void **state)
{
	static const struct table_options bad[] = {
		{ "pid,nope", NULL, false }, { "", NULL, false },      { "pid,", NULL, false },
		{ NULL, "nope", false },     { NULL, "--pid", false }, { "-pid", NULL, false },
	};
	const struct table_options args = { "args", NULL, false };
	struct report_options showing = { .show_args = true };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct strbuf error = STRBUF_INIT;

		assert_int_equal(table_check(&bad[i], &plain_options, &error), -EINVAL);
		assert_has(&error, "there is no column");
		strbuf_release(&error);
	}
	struct strbuf error = STRBUF_INIT;

	assert_int_equal(table_check(&args, &plain_options, &error), -EINVAL);
	assert_has(&error, "--show-args");
	assert_int_equal(table_check(&args, &showing, &error), 0);
	strbuf_release(&error);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_a_line_for_each_process_and_a_title_for_each_column),
		cmocka_unit_test(sorts_by_numbers_and_both_ways),
		cmocka_unit_test(what_another_process_holds_is_escaped),
		cmocka_unit_test(an_unknown_column_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
