/* SPDX-License-Identifier: MIT */
#include "unit/tui/fixture.h"

#include <errno.h>
#include <stdlib.h>

#include "tui/dialog.h"
#include "tui/keymap.h"

static const struct fixture_proc picture[] = {
	{ .pid = 100, .ppid = 1, .age_s = 900, .comm = "sprout-desktop", .args = "sprout-desktop" },
	{ .pid = 110,
	  .ppid = 100,
	  .age_s = 800,
	  .comm = "goose",
	  .args = "goose run",
	  .id = "xyz.block.sprout.app" },
	{ .pid = 200,
	  .ppid = 1,
	  .age_s = 700,
	  .comm = "goose",
	  .args = "goose two",
	  .id = "two",
	  .ticks = 2,
	  .condemned = true },
	{ .pid = 210,
	  .ppid = 200,
	  .age_s = 600,
	  .comm = "node",
	  .id = "two",
	  .ticks = 2,
	  .condemned = true },
	{ .pid = 220,
	  .ppid = 210,
	  .age_s = 600,
	  .comm = "rg",
	  .id = "two",
	  .ticks = 2,
	  .condemned = true },
	{ .pid = 230,
	  .ppid = 200,
	  .age_s = 600,
	  .comm = "tmux",
	  .id = "two",
	  .ticks = 2,
	  .keep = true },
	{ .pid = 240, .ppid = 210, .age_s = 500, .comm = "other", .id = "another", .ticks = 1 },
};

struct state {
	struct policy policy;
	struct model m;
	struct dialog d;
};

static int set_up(void **state)
{
	struct state *s = calloc(1, sizeof(*s));
	struct census *c;

	assert_non_null(s);
	assert_int_equal(policy_init(&s->policy), 0);
	model_init(&s->m, NULL, 2, &glyphs_utf8);
	c = fixture_census(&s->policy, picture, 7);
	assert_int_equal(model_set_census(&s->m, c, NULL, 0), 0);
	census_unref(c);
	model_toggle_all(&s->m);
	model_rebuild(&s->m);
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct state *s = *state;

	dialog_release(&s->d);
	model_release(&s->m);
	policy_release(&s->policy);
	free(s);
	return 0;
}

static void select_pid(struct state *s, pid_t pid)
{
	for (size_t i = 0; i < s->m.nr_rows; i++)
		if (s->m.rows[i].m && s->m.rows[i].m->proc->id.pid == pid) {
			model_select_row(&s->m, i);
			return;
		}
	fail_msg("pid %d is not shown", (int)pid);
}

static void select_group(struct state *s, const char *id)
{
	for (size_t i = 0; i < s->m.nr_rows; i++)
		if (!s->m.rows[i].m &&
		    !strcmp(model_row_group(&s->m, &s->m.rows[i])->key.id.data, id)) {
			model_select_row(&s->m, i);
			return;
		}
	fail_msg("%s is not shown", id);
}

static int open_it(struct state *s, char why[160])
{
	int r = dialog_reap(&s->d, &s->m, 5000, false, why, 160);

	s->d.settled = true;
	return r;
}

static void victims_are(const struct dialog *d, const pid_t *pids, size_t nr)
{
	assert_int_equal(d->nr_victims, nr);
	for (size_t i = 0; i < nr; i++)
		assert_int_equal(d->victims[i].id.pid, pids[i]);
}

static void names_all_and_only_victims(void **state)
{
	struct state *s = *state;
	char why[160];

	select_group(s, "two");
	assert_int_equal(open_it(s, why), 0);
	victims_are(&s->d, (pid_t[]){ 200, 210, 220 }, 3);
	assert_false(s->d.need_word);
	/* 230 asks to be kept, 240 hangs below and belongs to another instance. */
	assert_int_equal(s->d.nr, 5);
	assert_int_equal(s->d.victims[3].id.pid, 230);
	assert_int_equal(s->d.victims[3].why, WHY_OPT_OUT);
	assert_int_equal(s->d.victims[4].id.pid, 240);
	assert_true(s->d.victims[4].foreign);
	assert_string_equal(s->d.lines[3], "These 2 are not touched");
	assert_int_equal(s->d.shares[0].face, FACE_GROUP);
	assert_false(s->d.shares[0].force);
}

static void a_process_takes_what_hangs_below(void **state)
{
	struct state *s = *state;
	char why[160];

	select_pid(s, 210);
	assert_int_equal(open_it(s, why), 0);
	victims_are(&s->d, (pid_t[]){ 210, 220 }, 2);
	assert_int_equal(s->d.shares[0].face, FACE_GROUP);
}

static void a_kept_one_is_ended_if_picked(void **state)
{
	struct state *s = *state;
	char why[160];

	select_pid(s, 230);
	assert_int_equal(open_it(s, why), 0);
	victims_are(&s->d, (pid_t[]){ 230 }, 1);
	assert_int_equal(s->d.shares[0].face, FACE_PICK);
}

static void a_live_owner_wants_the_word(void **state)
{
	struct state *s = *state;
	char why[160];

	select_group(s, "xyz.block.sprout.app");
	assert_int_equal(open_it(s, why), 0);
	victims_are(&s->d, (pid_t[]){ 110 }, 1);
	assert_true(s->d.need_word);
	assert_true(s->d.shares[0].force);
	assert_non_null(strstr(s->d.title, "OWNER IS ALIVE"));
	/* y is no yes here, a word half typed is none, and one wrong letter spoils it. */
	for (const char *c = "yrxeap"; *c; c++)
		assert_int_equal(dialog_key(&s->d, *c, 1000), DIALOG_STAYS);
	assert_string_equal(s->d.word, "yrxeap");
	assert_false(dialog_ready(&s->d));
	assert_int_equal(dialog_key(&s->d, K_ENTER, 1000), DIALOG_NO);
	dialog_key(&s->d, K_CTRL('u'), 1000);
	for (const char *c = "rea"; *c; c++)
		dialog_key(&s->d, *c, 1000);
	assert_false(dialog_ready(&s->d));
	assert_int_equal(dialog_key(&s->d, K_BUTTON + 1, 1000), DIALOG_STAYS);
	assert_int_equal(dialog_key(&s->d, K_BACKSPACE, 1000), DIALOG_STAYS);
	assert_string_equal(s->d.word, "re");
	dialog_key(&s->d, 'a', 1000);
	dialog_key(&s->d, 'p', 1000);
	assert_int_equal(dialog_key(&s->d, K_ENTER, 1000), DIALOG_YES);
	dialog_key(&s->d, 's', 1000);
	assert_string_equal(s->d.word, "reaps");
	assert_int_equal(dialog_key(&s->d, K_ENTER, 1000), DIALOG_NO);
	/* However much is typed, it stays wrong. */
	for (int i = 0; i < 100; i++)
		dialog_key(&s->d, 'x', 1000);
	assert_false(dialog_ready(&s->d));
}

static void tagged_groups_go_together(void **state)
{
	struct state *s = *state;
	char why[160];

	select_group(s, "two");
	model_tag(&s->m);
	select_group(s, "another");
	model_tag(&s->m);
	assert_int_equal(open_it(s, why), 0);
	assert_int_equal(s->d.nr_shares, 2);
	assert_int_equal(s->d.nr_victims, 4);
	assert_string_equal(s->d.title, "Reap 2 groups");
	for (size_t i = 0; i < 2; i++)
		assert_true(s->d.shares[i].first + s->d.shares[i].nr <= s->d.nr_victims);
}

static void keys_count_after_a_silence(void **state)
{
	struct state *s = *state;
	char why[160];

	select_group(s, "two");
	assert_int_equal(open_it(s, why), 0);
	s->d.settled = false;
	s->d.quiet_ms = 5000;
	/* However slowly they come: each begins the silence anew. */
	for (int64_t now = 5100; now < 9000; now += 249) {
		assert_false(dialog_settle(&s->d, now));
		assert_int_equal(dialog_key(&s->d, 'y', now), DIALOG_STAYS);
		assert_int_equal(dialog_settle_wait_ms(&s->d, now), 250);
	}
	assert_false(s->d.settled);
	/* A key that waited while the view was busy is no sign of a silence. */
	assert_int_equal(dialog_key(&s->d, 'y', 9300), DIALOG_STAYS);
	assert_true(dialog_settle(&s->d, s->d.quiet_ms + 250));
	assert_int_equal(dialog_settle_wait_ms(&s->d, 0), -1);
	/* From then on at any speed. */
	assert_int_equal(dialog_key(&s->d, 'x', 20000), DIALOG_STAYS);
	assert_int_equal(dialog_key(&s->d, 'y', 20000), DIALOG_YES);
}

static void cancel_has_the_focus(void **state)
{
	struct state *s = *state;
	char why[160];

	select_group(s, "two");
	assert_int_equal(open_it(s, why), 0);
	assert_int_equal(dialog_key(&s->d, K_ENTER, 1000), DIALOG_NO);
	assert_int_equal(dialog_key(&s->d, 'x', 1000), DIALOG_STAYS);
	assert_int_equal(dialog_key(&s->d, ' ', 1000), DIALOG_STAYS);
	assert_int_equal(dialog_key(&s->d, 'n', 1000), DIALOG_NO);
	assert_int_equal(dialog_key(&s->d, 'q', 1000), DIALOG_NO);
	assert_int_equal(dialog_key(&s->d, 'r', 1000), DIALOG_REREAD);
	assert_int_equal(dialog_key(&s->d, K_TAB, 1000), DIALOG_STAYS);
	assert_int_equal(dialog_key(&s->d, K_ENTER, 1000), DIALOG_YES);
}

static void sees_who_went_and_who_came(void **state)
{
	struct state *s = *state;
	struct fixture_proc later[9];
	struct census *c;
	char why[160];

	select_group(s, "two");
	assert_int_equal(open_it(s, why), 0);
	memcpy(later, picture, sizeof(picture));
	later[4].age_s = 1; /* pid 220 is another process now */
	later[7] = (struct fixture_proc){
		.pid = 250, .ppid = 200, .age_s = 1, .comm = "new", .id = "two"
	};
	later[8] = later[7];
	later[8].pid = 260;
	later[8].ppid = 1;
	c = fixture_census(&s->policy, later, 9);
	dialog_compare(&s->d, c);
	assert_false(s->d.victims[0].exited);
	assert_true(s->d.victims[2].exited);
	assert_int_equal(dialog_left(&s->d), 2);
	assert_int_equal(s->d.new_processes, 1); /* 260 */
	assert_int_equal(s->d.new_below, 2);	 /* 250, and the one that has the pid 220 now */
	census_unref(c);
	c = fixture_census(&s->policy, later, 2);
	dialog_compare(&s->d, c);
	assert_int_equal(dialog_left(&s->d), 0);
	assert_int_equal(dialog_key(&s->d, 'y', 1000), DIALOG_STAYS); /* no victim is left */
	census_unref(c);
}

static void what_could_not_be_seen_has_not_exited(void **state)
{
	struct state *s = *state;
	struct census *c = fixture_census(&s->policy, picture, 2);
	char why[160];

	select_group(s, "two");
	assert_int_equal(open_it(s, why), 0);
	c->snapshot->complete = false;
	dialog_compare(&s->d, c);
	assert_int_equal(dialog_left(&s->d), 3);
	census_unref(c);
}

static void held_ones_are_known(void **state)
{
	struct state *s = *state;
	enum hold_state states[] = { HOLD_HELD, HOLD_GONE, HOLD_REFUSED };
	struct worker_answer answer = { .kind = ANSWER_HOLD, .states = states, .nr = 3 };
	char why[160];

	select_group(s, "two");
	assert_int_equal(open_it(s, why), 0);
	dialog_held(&s->d, &answer);
	assert_true(s->d.victims[0].held);
	assert_true(s->d.victims[1].exited);
	assert_false(s->d.victims[2].held);
	assert_int_equal(dialog_left(&s->d), 2);
}

static void says_why_there_is_nothing(void **state)
{
	static const struct fixture_proc kept[] = {
		{ .pid = 400,
		  .ppid = 1,
		  .age_s = 300,
		  .comm = "goose",
		  .id = "kept",
		  .ticks = 2,
		  .keep = true },
	};
	struct state *s = *state;
	struct census *c = fixture_census(&s->policy, kept, 1);
	char why[160];

	assert_int_equal(model_set_census(&s->m, c, NULL, 0), 0);
	census_unref(c);
	assert_int_equal(open_it(s, why), -ENOENT);
	assert_non_null(strstr(why, "nothing to reap: "));
	assert_non_null(strstr(why, "STRAY_KEEP"));
	assert_int_equal(s->d.kind, DIALOG_NONE);
}

static void arming_says_what_it_would_do(void **state)
{
	static const struct engine_settings settings = { .interval_ms = 60000, .grace = 2 };
	struct state *s = *state;

	dialog_arm(&s->d, &s->m, &settings);
	s->d.settled = true;
	assert_non_null(strstr(s->d.lines[0], "every 60s"));
	assert_non_null(strstr(s->d.lines[3], "reap 1 group (3 processes)"));
	assert_non_null(strstr(s->d.lines[4], "two"));
	assert_int_equal(dialog_key(&s->d, K_ENTER, 1000), DIALOG_NO);
	assert_int_equal(dialog_key(&s->d, 'y', 1000), DIALOG_YES);
}

/* What keeps itself below it was not picked. */
static void a_kept_one_below_the_pick_is_not_picked(void **state)
{
	static const struct fixture_proc procs[] = {
		{ .pid = 300,
		  .ppid = 1,
		  .age_s = 60,
		  .comm = "goose",
		  .id = "kept",
		  .ticks = 2,
		  .keep = true },
		{ .pid = 310,
		  .ppid = 300,
		  .age_s = 60,
		  .comm = "node",
		  .id = "kept",
		  .ticks = 2,
		  .keep = true },
	};
	struct state *s = *state;
	struct census *c = fixture_census(&s->policy, procs, 2);
	char why[160];

	assert_int_equal(model_set_census(&s->m, c, NULL, 0), 0);
	census_unref(c);
	model_toggle_all(&s->m);
	model_rebuild(&s->m);
	select_pid(s, 300);
	assert_int_equal(open_it(s, why), 0);
	victims_are(&s->d, (pid_t[]){ 300 }, 1);
	assert_int_equal(s->d.victims[1].id.pid, 310);
	assert_int_equal(s->d.victims[1].why, WHY_OPT_OUT);
}

/* Arming names what is one tick short, too. */
static void arming_says_what_comes_first(void **state)
{
	static const struct engine_settings settings = { .interval_ms = 60000,
							 .grace = 2,
							 .reap_detached = true };
	static const struct fixture_proc procs[] = {
		{ .pid = 300,
		  .ppid = 1,
		  .age_s = 60,
		  .comm = "goose",
		  .id = "soon",
		  .ticks = 1,
		  .due = true },
		{ .pid = 310,
		  .ppid = 300,
		  .age_s = 60,
		  .comm = "node",
		  .id = "soon",
		  .ticks = 1,
		  .due = true },
		{ .pid = 320, .ppid = 1, .age_s = 60, .comm = "goose", .id = "spared", .ticks = 1 },
	};
	struct state *s = *state;
	struct census *c = fixture_census(&s->policy, procs, 3);

	assert_int_equal(model_set_census(&s->m, c, NULL, 0), 0);
	census_unref(c);
	dialog_arm(&s->d, &s->m, &settings);
	assert_non_null(strstr(s->d.lines[1], "and detached ones"));
	assert_string_equal(s->d.lines[3],
			    "Right now nothing, but the first sweep 1 group (2 processes):");
	assert_string_equal(s->d.lines[4], "  soon");
	assert_non_null(strstr(s->d.brief, "First: 1 group, 2 processes."));
}

static const struct fixture_proc unsure[] = {
	{ .pid = 50, .ppid = 1, .age_s = 900, .comm = "shell" },
	{ .pid = 400, .ppid = 50, .age_s = 300, .comm = "goose", .id = "unsure" },
	{ .pid = 410, .ppid = 400, .age_s = 300, .comm = "node", .id = "unsure" },
};

/* Its parent lives and may be its owner. */
static void show_unsure(struct state *s)
{
	struct census *c = fixture_census(&s->policy, unsure, 3);

	assert_int_equal(model_set_census(&s->m, c, NULL, 0), 0);
	census_unref(c);
	model_toggle_all(&s->m);
	model_rebuild(&s->m);
}

static void unknown_is_no_victim_until_u_takes_it_in(void **state)
{
	struct state *s = *state;
	char why[160];

	show_unsure(s);
	select_group(s, "unsure");
	assert_int_equal(open_it(s, why), 0);
	assert_int_equal(s->d.nr_victims, 0);
	assert_int_equal(s->d.nr_unknown, 2);
	assert_int_equal(dialog_key(&s->d, 'y', 1000), DIALOG_STAYS);
	assert_false(dialog_ready(&s->d));
	assert_int_equal(dialog_key(&s->d, 'u', 1000), DIALOG_UNKNOWN);
	dialog_release(&s->d);
	assert_int_equal(dialog_reap(&s->d, &s->m, 5000, true, why, 160), 0);
	s->d.settled = true;
	victims_are(&s->d, (pid_t[]){ 400, 410 }, 2);
	assert_true(s->d.need_word);
	assert_int_equal(dialog_key(&s->d, 'y', 1000), DIALOG_STAYS);
	assert_int_equal(dialog_key(&s->d, K_ENTER, 1000), DIALOG_NO);
}

static void a_picked_unknown_one_wants_the_word(void **state)
{
	struct state *s = *state;
	char why[160];

	show_unsure(s);
	select_pid(s, 400);
	assert_int_equal(open_it(s, why), 0);
	victims_are(&s->d, (pid_t[]){ 400, 410 }, 2);
	assert_true(s->d.victims[0].unsure);
	assert_true(s->d.need_word);
	assert_int_equal(dialog_key(&s->d, 'y', 1000), DIALOG_STAYS);
	assert_false(dialog_ready(&s->d));
}

static void hidden_tags_are_told(void **state)
{
	struct state *s = *state;
	char why[160];

	select_group(s, "two");
	model_tag(&s->m);
	snprintf(s->m.filter.text, sizeof(s->m.filter.text), "another");
	model_rebuild(&s->m);
	assert_int_equal(model_tagged(&s->m), 1);
	assert_int_equal(model_tagged_hidden(&s->m), 1);
	assert_int_equal(open_it(s, why), 0);
	assert_string_equal(s->d.note, "1 of these is hidden by the filter;"
				       " the selected row is not among them.");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(names_all_and_only_victims),
		TEST(a_process_takes_what_hangs_below),
		TEST(a_kept_one_is_ended_if_picked),
		TEST(a_live_owner_wants_the_word),
		TEST(tagged_groups_go_together),
		TEST(keys_count_after_a_silence),
		TEST(cancel_has_the_focus),
		TEST(sees_who_went_and_who_came),
		TEST(what_could_not_be_seen_has_not_exited),
		TEST(held_ones_are_known),
		TEST(says_why_there_is_nothing),
		TEST(arming_says_what_it_would_do),
		TEST(arming_says_what_comes_first),
		TEST(a_kept_one_below_the_pick_is_not_picked),
		TEST(unknown_is_no_victim_until_u_takes_it_in),
		TEST(a_picked_unknown_one_wants_the_word),
		TEST(hidden_tags_are_told),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
