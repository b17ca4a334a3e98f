/* SPDX-License-Identifier: MIT */
#include "unit/tui/fixture.h"

#include <locale.h>
#include <stdlib.h>

#include "base/escape.h"
#include "tui/model.h"

static const struct {
	int from;
	enum column_id id;
} appears[] = {
	{ 0, COLUMN_MARK },    { 0, COLUMN_OWNER },  { 0, COLUMN_TICK }, { 36, COLUMN_AGE },
	{ 46, COLUMN_RSS },    { 52, COLUMN_CPU },   { 72, COLUMN_N },	 { 110, COLUMN_STATE },
	{ 110, COLUMN_SINCE }, { 110, COLUMN_USER }, { 0, COLUMN_NAME },
};

static const struct column_place *find(const struct column_place *places, size_t nr,
				       enum column_id id)
{
	for (size_t i = 0; i < nr; i++)
		if (places[i].id == id)
			return &places[i];
	return NULL;
}

static void columns_come_with_the_width(void **state)
{
	(void)state;
	for (int width = 20; width <= 200; width++) {
		struct column_place places[COLUMN_NR];
		size_t nr = columns_layout(width, places);
		int x = 0;

		for (size_t i = 0; i < sizeof(appears) / sizeof(appears[0]); i++)
			assert_int_equal(find(places, nr, appears[i].id) != NULL,
					 width >= appears[i].from);
		for (size_t i = 0; i < nr; i++) {
			assert_true(places[i].x >= x);
			assert_true(places[i].width > 0);
			x = places[i].x + places[i].width;
		}
		assert_int_equal(x, width); /* the last one takes the rest */
		assert_int_equal(find(places, nr, COLUMN_OWNER)->width, width < 64 ? 5 : 13);
	}
}

/* At 80 columns this id fits exactly. */
static void the_name_has_34_columns_at_80(void **state)
{
	struct column_place places[COLUMN_NR];
	size_t nr = columns_layout(80, places);

	(void)state;
	assert_int_equal(places[nr - 1].width, 36);
	assert_int_equal(strlen("xyz.block.sprout.app.dev.my-branch"), 34);
}

struct view {
	struct policy policy;
	struct model m;
};

static void begin(struct view *v, const struct fixture_proc *procs, size_t nr)
{
	struct census *c;

	assert_int_equal(policy_init(&v->policy), 0);
	model_init(&v->m, NULL, 2, &glyphs_utf8);
	c = fixture_census(&v->policy, procs, nr);
	assert_int_equal(model_set_census(&v->m, c, NULL, 0), 0);
	census_unref(c);
}

static void end(struct view *v)
{
	model_release(&v->m);
	policy_release(&v->policy);
}

static void cell_is(struct view *v, int width, enum column_id id, size_t row, const char *want)
{
	struct column_place places[COLUMN_NR];
	size_t nr = columns_layout(width, places);
	const struct column_place *place = find(places, nr, id);
	struct strbuf sb = STRBUF_INIT;

	assert_non_null(place);
	column_cell(&sb, place, &v->m, &v->m.rows[row]);
	/* A pid of seven digits runs on into the gap and into TICK. */
	if (id == COLUMN_OWNER && place->width < 13 && v->m.rows[row].m)
		assert_in_range(text_width(sb.buf, sb.len), place->width, place->width + 2);
	else
		assert_int_equal(text_width(sb.buf, sb.len), place->width);
	while (sb.len && sb.buf[sb.len - 1] == ' ')
		strbuf_truncate(&sb, sb.len - 1);
	assert_string_equal(sb.buf, want);
	strbuf_release(&sb);
}

static void cells_of_groups_and_processes(void **state)
{
	static const struct fixture_proc procs[] = {
		{ .pid = 4194304,
		  .ppid = 1,
		  .age_s = 900,
		  .rss_kib = 98714,
		  .comm = "goose",
		  .args = "goose run",
		  .id = "xyz.block.sprout.app.dev.feature-very-long-branch",
		  .ticks = 4,
		  .condemned = true },
		{ .pid = 50,
		  .ppid = 1,
		  .age_s = 400000,
		  .rss_kib = 7,
		  .comm = "a\nb",
		  .id = "esc\033[2J" },
	};
	struct view v;

	(void)state;
	begin(&v, procs, 2);
	model_toggle_all(&v.m);
	model_rebuild(&v.m);
	cell_is(&v, 80, COLUMN_MARK, 0, "!");
	cell_is(&v, 80, COLUMN_OWNER, 0, "GONE        -");
	cell_is(&v, 60, COLUMN_OWNER, 0, "GONE");
	cell_is(&v, 80, COLUMN_TICK, 0, "2/2"); /* more ticks than it takes are not shown */
	cell_is(&v, 120, COLUMN_STATE, 0, "REAPABLE");
	cell_is(&v, 80, COLUMN_AGE, 0, "    4m");
	cell_is(&v, 80, COLUMN_N, 0, "  1");
	cell_is(&v, 80, COLUMN_CPU, 0, "    -");
	cell_is(&v, 80, COLUMN_RSS, 0, "96.4M");
	cell_is(&v, 80, COLUMN_NAME, 0, "▾ ….app.dev.feature-very-long-branch");
	cell_is(&v, 80, COLUMN_OWNER, 1, "      4194304");
	cell_is(&v, 60, COLUMN_OWNER, 1, "4194304"); /* whole, whatever the width */
	cell_is(&v, 60, COLUMN_TICK, 1, "  S");
	cell_is(&v, 60, COLUMN_OWNER, 3, "   50");
	cell_is(&v, 60, COLUMN_TICK, 3, "S");
	cell_is(&v, 80, COLUMN_TICK, 1, "S");
	cell_is(&v, 80, COLUMN_AGE, 1, "   15m");
	cell_is(&v, 80, COLUMN_NAME, 1, "  └─ goose run");
	cell_is(&v, 80, COLUMN_NAME, 2, "▾ esc\\x1b[2J");
	cell_is(&v, 80, COLUMN_NAME, 3, "  └─ [a\\x0ab]");
	cell_is(&v, 80, COLUMN_AGE, 3, " 4d15h");
	cell_is(&v, 120, COLUMN_SINCE, 3, "Nov 19");
	cell_is(&v, 80, COLUMN_MARK, 1, "");
	model_tag(&v.m);
	cell_is(&v, 80, COLUMN_MARK, 0, "*");
	model_untag_all(&v.m);
	v.m.flat = true;
	model_rebuild(&v.m);
	cell_is(&v, 80, COLUMN_MARK, 0, "!");
	cell_is(&v, 80, COLUMN_NAME, 0, "…y-long-branch  goose run");
	cell_is(&v, 80, COLUMN_NAME, 1, "esc\\x1b[2J      [a\\x0ab]");
	end(&v);
}

/* A pid, or a program's name, says little by itself. */
static void the_app_stands_before_an_id_that_is_a_pid(void **state)
{
	static const struct fixture_proc procs[] = {
		{ .pid = 40,
		  .ppid = 1,
		  .comm = "node",
		  .id = "/run/user/1000/my-long-socks/52.sock" },
		{ .pid = 50, .ppid = 1, .comm = "node", .id = "4999" },
	};
	struct view v;

	(void)state;
	begin(&v, procs, 2);
	cell_is(&v, 80, COLUMN_NAME, 0, "▸ …n/user/1000/my-long-socks/52.sock");
	policy_edit_app(&v.policy, "sprout", "test")->owner = APP_OWNER_PID;
	cell_is(&v, 80, COLUMN_NAME, 0, "▸ sprout  …000/my-long-socks/52.sock");
	cell_is(&v, 80, COLUMN_NAME, 1, "▸ sprout  4999");
	end(&v);
}

static void ages_fit_six_columns(void **state)
{
	static const struct {
		int64_t s;
		bool exact;
		const char *want;
	} cases[] = {
		{ 12, true, "12s" },
		{ 252, true, "4m12s" },
		{ 252, false, "≥4m12s" },
		{ 3128, true, "52m08s" },
		{ 3128, false, "≥52m" },
		{ 7500, true, "2h05m" },
		{ 7500, false, "≥2h05m" },
		{ 273600, false, "≥3d04h" },
		{ 86400 * 123, true, "123d" },
		{ 86400 * 12 + 7200, false, "≥12d" },
		{ -1, false, "-" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char buf[32];

		cell_age(buf, sizeof(buf), cases[i].s < 0 ? -1 : cases[i].s * 1000, cases[i].exact,
			 &glyphs_utf8);
		assert_string_equal(buf, cases[i].want);
		assert_true(text_width(buf, strlen(buf)) <= 6);
	}
}

static void headings_say_how_it_is_sorted(void **state)
{
	struct column_place places[COLUMN_NR];
	size_t nr = columns_layout(80, places);
	struct model m;
	struct strbuf sb = STRBUF_INIT;

	(void)state;
	model_init(&m, NULL, 2, &glyphs_utf8);
	column_heading(&sb, find(places, nr, COLUMN_OWNER), &m);
	assert_string_equal(sb.buf, "OWNER/PID▲");
	model_sort_by(&m, COLUMN_RSS);
	strbuf_reset(&sb);
	column_heading(&sb, find(places, nr, COLUMN_RSS), &m);
	assert_string_equal(sb.buf, "  RSS▼");
	strbuf_reset(&sb);
	column_heading(&sb, find(places, nr, COLUMN_OWNER), &m);
	assert_string_equal(sb.buf, "OWNER/PID    ");
	strbuf_release(&sb);
	model_release(&m);
}

static void texts_are_cut(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	size_t next;

	(void)state;
	text_tail(&sb, "abcdef", 4, &glyphs_utf8);
	assert_string_equal(sb.buf, "…def");
	strbuf_reset(&sb);
	text_tail(&sb, "漢字漢字", 4, &glyphs_utf8); /* never half a character */
	assert_string_equal(sb.buf, "…字");
	strbuf_reset(&sb);
	text_field(&sb, "漢字", 3, false);
	assert_string_equal(sb.buf, "漢 ");
	strbuf_reset(&sb);
	text_field(&sb, "ab", 4, true);
	assert_string_equal(sb.buf, "  ab");
	strbuf_release(&sb);
	assert_int_equal(text_break("two words here", 10, &next), 9);
	assert_int_equal(next, 10);
	assert_int_equal(text_break("unbreakable", 4, &next), 4);
	assert_int_equal(next, 4);
	assert_int_equal(text_break("", 4, &next), 0);
	assert_int_equal(next, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_come_with_the_width),
		cmocka_unit_test(the_name_has_34_columns_at_80),
		cmocka_unit_test(cells_of_groups_and_processes),
		cmocka_unit_test(the_app_stands_before_an_id_that_is_a_pid),
		cmocka_unit_test(ages_fit_six_columns),
		cmocka_unit_test(headings_say_how_it_is_sorted),
		cmocka_unit_test(texts_are_cut),
	};

	setlocale(LC_ALL, "C.UTF-8");
	setenv("TZ", "UTC", 1);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
