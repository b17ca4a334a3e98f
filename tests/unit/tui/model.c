/* SPDX-License-Identifier: MIT */
#include "unit/tui/fixture.h"

#include <stdlib.h>

#include "tui/model.h"

static const struct fixture_proc picture[] = {
	{ .pid = 100, .ppid = 1, .age_s = 900, .comm = "sprout-desktop", .args = "sprout-desktop" },
	{ .pid = 110,
	  .ppid = 100,
	  .age_s = 800,
	  .rss_kib = 500,
	  .comm = "goose",
	  .args = "goose run",
	  .id = "xyz.block.sprout.app" },
	{ .pid = 200,
	  .ppid = 1,
	  .age_s = 700,
	  .rss_kib = 900,
	  .comm = "goose",
	  .args = "goose two",
	  .id = "gone.two",
	  .ticks = 2,
	  .condemned = true },
	{ .pid = 210,
	  .ppid = 200,
	  .age_s = 600,
	  .rss_kib = 10,
	  .comm = "node",
	  .args = "node a.js",
	  .id = "gone.two",
	  .ticks = 2,
	  .condemned = true },
	{ .pid = 220,
	  .ppid = 210,
	  .age_s = 500,
	  .rss_kib = 10,
	  .comm = "rg",
	  .args = "rg x",
	  .id = "gone.two",
	  .ticks = 2,
	  .condemned = true },
	{ .pid = 230,
	  .ppid = 200,
	  .age_s = 400,
	  .rss_kib = 20,
	  .comm = "sh",
	  .args = "sh -c y",
	  .id = "gone.two",
	  .ticks = 2,
	  .condemned = true },
	{ .pid = 300,
	  .ppid = 1,
	  .age_s = 300,
	  .rss_kib = 100,
	  .comm = "goose",
	  .id = "gone.one",
	  .ticks = 1 },
	{ .pid = 400,
	  .ppid = 1,
	  .age_s = 300,
	  .comm = "goose",
	  .id = "kept",
	  .ticks = 2,
	  .keep = true },
};

struct state {
	struct policy policy;
	struct model m;
};

static void show(struct state *s, const struct fixture_proc *procs, size_t nr)
{
	struct census *c = fixture_census(&s->policy, procs, nr);

	assert_int_equal(model_set_census(&s->m, c, NULL, 0), 0);
	census_unref(c); /* the model has a reference of its own */
}

static int set_up(void **state)
{
	struct state *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	assert_int_equal(policy_init(&s->policy), 0);
	model_init(&s->m, NULL, 2, &glyphs_utf8);
	show(s, picture, 8);
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct state *s = *state;

	model_release(&s->m);
	policy_release(&s->policy);
	free(s);
	return 0;
}

static const char *id_at(const struct model *m, size_t row)
{
	return model_row_group(m, &m->rows[row])->key.id.data;
}

static void sorts_by_state_first(void **state)
{
	struct model *m = &((struct state *)*state)->m;

	assert_int_equal(m->nr_rows, 4);
	assert_string_equal(id_at(m, 0), "gone.two");
	assert_string_equal(id_at(m, 1), "gone.one");
	assert_string_equal(id_at(m, 2), "kept");
	assert_string_equal(id_at(m, 3), "xyz.block.sprout.app");
	assert_int_equal(m->sum.kinds[KIND_REAPABLE], 1);
	assert_int_equal(m->sum.kinds[KIND_GRACE], 1);
	assert_int_equal(m->sum.kinds[KIND_KEPT], 1);
	assert_int_equal(m->sum.kinds[KIND_ALIVE], 1);
}

static void sorts_by_columns(void **state)
{
	struct model *m = &((struct state *)*state)->m;

	model_sort_by(m, COLUMN_RSS);
	model_rebuild(m);
	assert_string_equal(id_at(m, 0), "gone.two");
	assert_string_equal(id_at(m, 1), "xyz.block.sprout.app");
	model_sort_by(m, COLUMN_RSS); /* again: turned round */
	model_rebuild(m);
	assert_string_equal(id_at(m, 0), "kept");
	assert_string_equal(id_at(m, 3), "gone.two");
	model_sort_by(m, COLUMN_NAME);
	model_rebuild(m);
	assert_string_equal(id_at(m, 0), "gone.one");
	model_sort_by(m, COLUMN_MARK); /* not to be sorted by */
	assert_int_equal(m->sort, COLUMN_NAME);
}

static void shows_a_tree(void **state)
{
	struct model *m = &((struct state *)*state)->m;
	static const struct {
		pid_t pid;
		unsigned depth;
		bool last;
	} want[] = { { 200, 0, true }, { 210, 1, false }, { 220, 2, true }, { 230, 1, true } };

	assert_true(model_expand(m));
	model_rebuild(m);
	assert_int_equal(m->nr_rows, 8);
	for (size_t i = 0; i < 4; i++) {
		const struct row *row = &m->rows[1 + i];

		assert_int_equal(row->m->proc->id.pid, want[i].pid);
		assert_int_equal(row->depth, want[i].depth);
		assert_int_equal(row->last, want[i].last);
	}
	/* Beside the grandchild runs the line from 210 to 230, none from 200. */
	assert_int_equal(m->rows[3].rails, 1u << 1);
	assert_false(model_expand(m)); /* goes to the first child */
	assert_int_equal(m->cursor, 1);
	model_move(m, 2);
	assert_false(model_collapse(m)); /* goes to the parent */
	assert_int_equal(m->rows[m->cursor].m->proc->id.pid, 210);
}

static void selection_follows_the_group(void **state)
{
	struct state *s = *state;
	struct model *m = &s->m;

	model_select_row(m, 3);
	model_sort_by(m, COLUMN_NAME);
	m->invert = true;
	model_rebuild(m);
	assert_string_equal(id_at(m, m->cursor), "xyz.block.sprout.app");
	assert_int_equal(m->cursor, 0);
	assert_string_equal(m->notice, "");
}

static void selection_goes_to_the_neighbour(void **state)
{
	struct state *s = *state;
	struct model *m = &s->m;

	model_select_row(m, 1); /* gone.one, pid 300 */
	show(s, picture, 6);
	assert_int_equal(m->nr_rows, 2);
	/* The row below went, too; the one above stood nearest of those that are left. */
	assert_int_equal(m->cursor, 0);
	assert_non_null(strstr(m->notice, "selected group"));
	/* Said once. */
	show(s, picture, 6);
	assert_string_equal(m->notice, "");
}

static void a_recycled_pid_is_not_selected(void **state)
{
	struct state *s = *state;
	struct fixture_proc other[8];

	assert_true(model_expand(&s->m));
	model_rebuild(&s->m);
	model_select_row(&s->m, 4); /* pid 230 */
	memcpy(other, picture, sizeof(other));
	other[5].age_s = 1; /* the same pid, another process */
	show(s, other, 8);
	assert_int_not_equal(s->m.selected.process.pid, 230);
	assert_non_null(strstr(s->m.notice, "pid 230"));
}

static void memory_outlives_a_census(void **state)
{
	struct state *s = *state;

	model_tag(&s->m);
	assert_int_equal(model_tagged(&s->m), 1);
	model_toggle(&s->m, 0);
	show(s, picture, 8);
	assert_int_equal(model_tagged(&s->m), 1);
	assert_int_equal(s->m.nr_rows, 8);
	show(s, picture, 2); /* the tagged one has gone */
	assert_int_equal(model_tagged(&s->m), 0);
	assert_int_equal(s->m.nr_rows, 1);
	model_untag_all(&s->m);
}

static void collapsing_selects_the_group(void **state)
{
	struct model *m = &((struct state *)*state)->m;

	model_toggle(m, 0);
	model_rebuild(m);
	model_select_row(m, 3);
	assert_true(model_toggle(m, 0));
	model_rebuild(m);
	assert_int_equal(m->cursor, 0);
	assert_string_equal(m->notice, "");
	assert_true(model_toggle_all(m));
	assert_true(model_all_expanded(m));
}

static void filters(void **state)
{
	struct model *m = &((struct state *)*state)->m;
	static const struct {
		const char *text;
		size_t shown;
	} cases[] = {
		{ "", 4 },
		{ "gone", 3 },
		{ "GONE two", 1 },
		{ "alive", 1 },
		{ "1/2", 1 },
		{ "2/2", 2 },
		{ "0/2", 1 },
		{ "pid:230", 1 },
		{ "pid:23", 0 },
		{ "user:1000", 4 },
		{ "user:100", 0 },
		{ "a.JS", 1 },
		{ "unknown", 0 },
		{ "zzzz", 0 },
		{ "  ", 4 },
		{ "node a.js", 1 },
		{ "pid:100", 1 },
		/* the words that stand on the screen */
		{ "reapable", 1 },
		{ "grace", 1 },
		{ "orphan", 1 },
		{ "owned", 1 },
		{ "detached", 0 },
		{ "gone kept", 1 },
		{ "!gone", 1 },
		{ "gone !2/2", 1 },
		{ "!pid:230", 3 },
		{ "rss>0", 3 },
		{ "rss>1G", 0 },
		{ "rss<1M", 4 },
		{ "cpu>0", 0 },
		{ "!rss>1G", 4 },
		{ "!", 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(m->filter.text, sizeof(m->filter.text), "%s", cases[i].text);
		model_rebuild(m);
		if (m->sum.shown != cases[i].shown)
			fail_msg("filter '%s' shows %zu", cases[i].text, m->sum.shown);
		assert_int_equal(m->sum.shown, cases[i].shown);
	}
}

static void searches_round(void **state)
{
	struct model *m = &((struct state *)*state)->m;
	struct match match;

	assert_true(model_search(m, "gone", 1, true, &match));
	assert_int_equal(m->cursor, 0);
	assert_true(model_search(m, "gone", 1, false, &match));
	assert_int_equal(m->cursor, 1);
	assert_true(model_search(m, "gone", 1, false, &match));
	assert_int_equal(m->cursor, 0);
	assert_true(model_search(m, "gone", -1, false, &match));
	assert_true(match.at >= 1 && match.at <= match.nr);
	assert_int_equal(m->cursor, 1);
	/* A collapsed group is found by its processes. */
	assert_true(model_search(m, "node a", 1, false, &match));
	assert_int_equal(m->cursor, 0);
	assert_false(model_search(m, "zzzz", 1, false, &match));
	assert_int_equal(m->cursor, 0);
	assert_false(model_search(m, "", 1, false, &match));
}

static void moves_within_bounds(void **state)
{
	struct model *m = &((struct state *)*state)->m;

	model_move(m, -5);
	assert_int_equal(m->cursor, 0);
	model_move(m, 500);
	assert_int_equal(m->cursor, 3);
	model_move(m, -1);
	assert_int_equal(m->cursor, 2);
	snprintf(m->filter.text, sizeof(m->filter.text), "zzzz");
	model_rebuild(m);
	assert_null(model_selected(m));
	model_move(m, 1);
	assert_false(model_expand(m));
	assert_false(model_collapse(m));
}

static void a_narrowed_one_shows_less(void **state)
{
	struct state *s = *state;
	struct scope scope = { .uid = FIXTURE_UID, .instance_glob = "gone.*" };

	s->m.scope = &scope;
	show(s, picture, 8);
	assert_int_equal(s->m.sum.groups, 2);
	assert_int_equal(s->m.sum.agents, 2);
	assert_string_equal(id_at(&s->m, 0), "gone.two");
	assert_string_equal(id_at(&s->m, 1), "gone.one");
	s->m.scope = NULL;
}

static void states_have_words(void **state)
{
	struct model *m = &((struct state *)*state)->m;
	struct memory *g = model_row_group(m, &m->rows[0]);

	assert_string_equal(group_state(g), "REAPABLE");
	g->reaping = 1;
	assert_string_equal(group_state(g), "reaping");
	g->reaping = 0;
	assert_string_equal(process_state(g, &m->census->members[g->inst->first]), "REAPABLE");
	g = model_row_group(m, &m->rows[2]);
	assert_string_equal(group_state(g), "kept");
	assert_string_equal(process_state(g, &m->census->members[g->inst->first]), "kept");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(sorts_by_state_first),
		TEST(sorts_by_columns),
		TEST(shows_a_tree),
		TEST(selection_follows_the_group),
		TEST(selection_goes_to_the_neighbour),
		TEST(a_recycled_pid_is_not_selected),
		TEST(memory_outlives_a_census),
		TEST(collapsing_selects_the_group),
		TEST(filters),
		TEST(searches_round),
		TEST(moves_within_bounds),
		TEST(states_have_words),
		TEST(a_narrowed_one_shows_less),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
