/* SPDX-License-Identifier: MIT */
#include "unit/report/fixture.h"

#include <stdlib.h>

#include "base/escape.h"

static void listed(struct world *w, const struct report_options *o, struct strbuf *sb)
{
	assert_int_equal(report_text.census(sb, w->census, o), 0);
}

static void the_picture_is_this(void **state)
{
	static const char expected[] =
		"2 instances, 2 agents, 2 orphans; 412 processes scanned, 3 unreadable, 4.1 ms\n"
		"\n"
		"sprout " HOSTILE_ID_SHOWN "\n"
		"  uid 1000, owner GONE for \xe2\x89\xa5"
		"12m\n"
		"  1 agent, 1 worker, 2 orphans, memory 78.4M\n"
		"      PID ROLE   STATE    TICKS   ORPHAN    AGE   RSS  CPU% NAME\n"
		"     5000 agent  orphan       1     \xe2\x89\xa5"
		"12m 15m50s 39.2M   1.5 " HOSTILE_NAME_SHOWN "\n"
		"     5001 worker orphan       -        - 15m49s 39.2M     -   sh  [inferred]\n"
		"\n"
		"sprout " GOOD_ID "\n"
		"  uid 1000, owner alive by descent: pid 4242 sprout-desktop\n"
		"  1 agent, 1 worker, memory 78.4M\n"
		"      PID ROLE   STATE    TICKS   ORPHAN    AGE   RSS  CPU% NAME\n"
		"     4300 agent  owned        -        - 15m57s 39.2M     - goose\n"
		"     4301 worker owned        -        - 15m56s 39.2M     -   node\n";
	struct strbuf sb = STRBUF_INIT;
	struct world w;

	(void)state;
	world_init(&w);
	world_remember(&w, false);
	world_member(&w, 5000)->cpu_pct = 1.5;
	listed(&w, &plain_options, &sb);
	assert_string_equal(sb.buf, expected);
	assert_harmless(&sb);
	strbuf_release(&sb);
	world_release(&w);
}

static void notes_say_what_else_matters(void **state)
{
	static const uint16_t ports[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
	struct strbuf sb = STRBUF_INIT;
	struct world w;
	struct member *m;

	(void)state;
	world_init(&w);
	world_remember(&w, true);
	m = world_member(&w, 5000);
	m->kept = WHY_KEEP_LIST;
	m->ports = ports;
	m->nr_ports = 10;
	m->ports_known = true;
	world_member(&w, 5001)->condemned = true;
	listed(&w, &plain_options, &sb);
	assert_has(&sb, "[kept: keep-list]");
	assert_has(&sb, "[listens on 1 2 3 4 5 6 7 8 and 2 more]");
	assert_has(&sb, "sh  [reapable]  [inferred]");
	assert_has(&sb, "owner GONE for 12m\n");
	strbuf_release(&sb);
	world_release(&w);
}

static void unknown_owners_say_why(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	struct world w;
	struct snapshot *s = world_snapshot();

	(void)state;
	s->complete = false;
	memcpy(s->trouble, "cannot read '7'", sizeof("cannot read '7'"));
	world_init_from(&w, s);
	listed(&w, &plain_options, &sb);
	assert_has(&sb, "the scan is incomplete: cannot read '7'\n");
	assert_has(&sb, "owner unknown, the scan was incomplete\n");
	assert_has(&sb, " 5000 agent  unknown ");
	assert_has_not(&sb, "orphan ");
	strbuf_release(&sb);
	world_release(&w);
}

/* No line is wider than it may be, whatever the width is; nothing is lost that must not be. */
static void every_width_fits(void **state)
{
	struct report_options o = plain_options;
	struct strbuf sb = STRBUF_INIT;
	struct world w;

	(void)state;
	world_init(&w);
	world_remember(&w, false);
	for (o.width = 1; o.width <= 140; o.width++) {
		char *at, *end;

		strbuf_reset(&sb);
		listed(&w, &o, &sb);
		for (at = sb.buf; *at; at = end + 1) {
			end = strchr(at, '\n');
			assert_non_null(end);
			assert_true(text_width(at, (size_t)(end - at)) <= o.width);
		}
		if (o.width >= 30) {
			assert_has(&sb, " 5000 ");
			assert_has(&sb, "orphan ");
		}
	}
	o.width = 24;
	strbuf_reset(&sb);
	listed(&w, &o, &sb);
	assert_has(&sb, "\nsprout \xe2\x80\xa6"
			"k.sprout.app.dev\n"); /* the tail distinguishes */
	strbuf_release(&sb);
	world_release(&w);
}

static void narrow_terminals_lose_columns_not_names(void **state)
{
	struct report_options o = { .utf8 = true, .width = 60 };
	struct strbuf sb = STRBUF_INIT;
	struct world w;

	(void)state;
	world_init(&w);
	listed(&w, &o, &sb);
	assert_has(&sb, "      PID STATE      ORPHAN   RSS NAME\n");
	o.width = 80;
	strbuf_reset(&sb);
	listed(&w, &o, &sb);
	assert_has(&sb, "      PID ROLE   STATE    TICKS   ORPHAN    AGE   RSS  CPU% NAME\n");
	strbuf_release(&sb);
	world_release(&w);
}

static void colour_only_if_asked_for(void **state)
{
	struct report_options o = { .colour = true };
	struct strbuf plain = STRBUF_INIT, colour = STRBUF_INIT;
	struct world w;
	size_t from, to;

	(void)state;
	world_init(&w);
	listed(&w, &(struct report_options){ 0 }, &plain);
	listed(&w, &o, &colour);
	assert_has_not(&plain, "\033");
	assert_has(&colour, "\033[1;31mGONE\033[0m");
	/* Without its sequences it is the same text. */
	for (from = to = 0; from < colour.len; from++) {
		if (colour.buf[from] == '\033')
			from += strcspn(colour.buf + from, "m");
		else
			colour.buf[to++] = colour.buf[from];
	}
	strbuf_truncate(&colour, to);
	assert_int_equal(colour.len >= plain.len, 1);
	assert_has(&colour, "owner GONE\n");
	strbuf_release(&plain);
	strbuf_release(&colour);
	world_release(&w);
}

static void ascii_terminals_get_ascii(void **state)
{
	struct report_options o = { .width = 50 };
	struct strbuf sb = STRBUF_INIT;
	struct world w;

	(void)state;
	world_init(&w);
	world_remember(&w, false);
	listed(&w, &o, &sb);
	for (size_t i = 0; i < sb.len; i++)
		assert_true((unsigned char)sb.buf[i] < 0x80);
	assert_has(&sb, ">=12m");
	strbuf_release(&sb);
	world_release(&w);
}

static void arguments_only_if_asked_for(void **state)
{
	struct report_options o = plain_options;
	struct strbuf sb = STRBUF_INIT;
	struct world w;

	(void)state;
	world_init(&w);
	listed(&w, &o, &sb);
	assert_has_not(&sb, SECRET);
	strbuf_reset(&sb);
	o.show_args = true;
	listed(&w, &o, &sb);
	assert_has(&sb, "goose " SECRET "\n");
	strbuf_release(&sb);
	world_release(&w);
}

static void nothing_is_said_in_one_line(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	struct snapshot *s = snapshot_new();
	struct world w;

	(void)state;
	s->complete = true;
	s->scanned = 9;
	world_put(s, world_process(1, 0, "init"), "", 0);
	world_init_from(&w, s);
	listed(&w, &plain_options, &sb);
	assert_string_equal(sb.buf, "no managed processes; 9 processes scanned, 0.0 ms\n");
	strbuf_release(&sb);
	world_release(&w);
}

/* A chain is shown to its end, and not indented beyond the names. */
static void deep_trees_are_shown(void **state)
{
	enum { DEEP = 600 };
	struct strbuf sb = STRBUF_INIT;
	struct snapshot *s = snapshot_new();
	struct world w;

	(void)state;
	s->complete = true;
	s->ticks_per_second = 100;
	world_put(s, world_process(1, 0, "init"), "", 0);
	for (pid_t pid = 2; pid < DEEP; pid++)
		world_put(s, world_process(pid, pid - 1, "x"), MARK("deep"));
	world_init_from(&w, s);
	listed(&w, &plain_options, &sb);
	assert_has(&sb, "  1 agent, 597 workers,");
	assert_has(&sb, "\n      599 worker ");
	assert_has(&sb, " -                 x\n");
	assert_has_not(&sb, " -                  x\n");
	strbuf_release(&sb);
	world_release(&w);
}

/* Siblings in the order of their pids, each followed by its own children. */
static void trees_are_in_order(void **state)
{
	static const struct {
		pid_t pid, ppid;
		const char *name;
	} rows[] = {
		{ 10, 1, "root" }, { 11, 10, "left" }, { 12, 10, "right" },
		{ 13, 12, "rr" },  { 14, 11, "ll" },   { 15, 1, "second" },
	};
	static const char *const order[] = { "root",	"  left", "    ll",
					     "  right", "    rr", "second" };
	struct strbuf sb = STRBUF_INIT;
	struct snapshot *s = snapshot_new();
	struct world w;
	const char *at;

	(void)state;
	s->complete = true;
	world_put(s, world_process(1, 0, "init"), "", 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		world_put(s, world_process(rows[i].pid, rows[i].ppid, rows[i].name), MARK("tree"));
	world_init_from(&w, s);
	listed(&w, &plain_options, &sb);
	at = strstr(sb.buf, "NAME\n");
	assert_non_null(at);
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		char wanted[32] = " - ";

		strncat(wanted, order[i], sizeof(wanted) - 5);
		strncat(wanted, "\n", 2);
		at = strstr(at, wanted);
		if (!at)
			fail_msg("'%s' is not where it should be in: %s", wanted, sb.buf);
	}
	strbuf_release(&sb);
	world_release(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_picture_is_this),
		cmocka_unit_test(notes_say_what_else_matters),
		cmocka_unit_test(unknown_owners_say_why),
		cmocka_unit_test(every_width_fits),
		cmocka_unit_test(narrow_terminals_lose_columns_not_names),
		cmocka_unit_test(colour_only_if_asked_for),
		cmocka_unit_test(ascii_terminals_get_ascii),
		cmocka_unit_test(arguments_only_if_asked_for),
		cmocka_unit_test(nothing_is_said_in_one_line),
		cmocka_unit_test(deep_trees_are_shown),
		cmocka_unit_test(trees_are_in_order),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
