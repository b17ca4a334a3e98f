/* SPDX-License-Identifier: MIT */
/* How the view looks and answers: colours, cursor, dialogs, mouse, sizes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "screen/stage.h"

static bool is_colour(VTermColor c, int index)
{
	return VTERM_COLOR_IS_INDEXED(&c) && c.indexed.idx == index;
}

static VTermScreenCell cell_of(struct stage *v, const char *text)
{
	int col = 0, row = pty_find(&v->p, text, &col);

	assert_true(row >= 0);
	return pty_cell(&v->p, row, col);
}

/* --- looks --------------------------------------------------------------------------- */

static void colours_say_the_state(void **state)
{
	struct stage *v = *state;
	VTermScreenCell cell;

	stage_start(v, &(struct setting){ .story = "main" });
	pty_send(&v->p, "\033[F"); /* End: the selection is somewhere else */
	wait_cursor(v, 8);
	cell = cell_of(v, "GONE    41877");
	assert_true(is_colour(cell.fg, 7) && is_colour(cell.bg, 1) && cell.attrs.bold);
	cell = cell_of(v, "GONE    39012");
	assert_true(is_colour(cell.fg, 0) && is_colour(cell.bg, 3));
	cell = cell_of(v, "alive    2210");
	assert_true(VTERM_COLOR_IS_DEFAULT_FG(&cell.fg) && VTERM_COLOR_IS_DEFAULT_BG(&cell.bg));
	cell = cell_of(v, "stray 0.1");
	assert_true(is_colour(cell.bg, 4));
	cell = cell_of(v, "TICK");
	assert_true(is_colour(cell.bg, 6) && is_colour(cell.fg, 0));
	cell = cell_of(v, "alive 4194210");
	assert_true(is_colour(cell.bg, 7) && is_colour(cell.fg, 0));
}

static void no_cell_is_coloured(struct stage *v)
{
	for (int row = 0; row < v->p.rows; row++)
		for (int col = 0; col < v->p.cols; col++) {
			VTermScreenCell cell = pty_cell(&v->p, row, col);

			if (!VTERM_COLOR_IS_DEFAULT_FG(&cell.fg) ||
			    !VTERM_COLOR_IS_DEFAULT_BG(&cell.bg))
				fail_msg("cell %d,%d is coloured", row, col);
		}
}

static void no_colour_if_asked(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .env = "NO_COLOR=1" });
	no_cell_is_coloured(v);
	assert_true(cell_of(v, "stray 0.1").attrs.reverse);
	assert_true(cell_of(v, "TICK").attrs.bold && cell_of(v, "TICK").attrs.underline);
	assert_false(cell_of(v, "TICK").attrs.reverse);
}

static void no_colour_with_the_option(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .option = "--color=never" });
	no_cell_is_coloured(v);
}

static void vt100_has_no_colour(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .term = "vt100", .lang = "C" });
	no_cell_is_coloured(v);
	for (size_t i = 0; i < v->p.nr_bytes; i++)
		assert_true((unsigned char)v->p.bytes[i] < 0x80);
	pty_send(&v->p, "?");
	wait_text(v, "any key closes");
}

static void no_escape_of_others_passes(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .story = "hostile" });
	pty_send(&v->p, "t");
	wait_text(v, "evil\\x1b]0;title");
	assert_false(pty_wrote(&v->p, "\033]0;title"));
	assert_false(pty_wrote(&v->p, "\xe2\x80\xae"));
	assert_false(pty_wrote(&v->p, "bad\nname"));
	wait_text(v, "漢字 arguments");
}

static void cursor_stands_on_what_is_selected(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .story = "main" });
	wait_cursor(v, 4);
	pty_send(&v->p, "j");
	wait_cursor(v, 5);
	open_dialog(v, "k", "[ Cancel ]");
	wait_cursor(v, pty_find(&v->p, "[ Cancel ]", NULL));
	pty_send(&v->p, "\033");
	wait_gone(v, "[ Cancel ]");
	pty_send(&v->p, "/x");
	wait_text(v, "x_");
	wait_cursor(v, 23);
}

/* What a key did is told for a while, and then what happens is again. */
static void a_message_makes_room(void **state)
{
	struct stage *v = *state;
	char path[96];

	stage_start(v, &(struct setting){ .story = "main" });
	wait_text(v, "ORPHAN dev.fix-login");
	pty_send(&v->p, "U");
	wait_text(v, "none tagged");
	assert_int_equal(pty_find(&v->p, "ORPHAN dev.fix-login", NULL), -1);
	snprintf(path, sizeof(path), "%s/later", v->dir);
	fclose(fopen(path, "w"));
	wait_text(v, "ORPHAN dev.fix-login");
	assert_int_equal(pty_find(&v->p, "none tagged", NULL), -1);
}

static void what_a_reap_did_makes_room(void **state)
{
	struct stage *v = *state;
	VTermScreenCell cell;
	char path[96];

	stage_start(v, &(struct setting){ .story = "main" });
	open_dialog(v, "k", "[ Reap 4 ]");
	pty_send(&v->p, "y");
	wait_text(v, "REAP   4 of 4 ended, 1.10G freed, 0 survived  dev.my-branch");
	cell = cell_of(v, "REAP   4 of 4");
	assert_true(is_colour(cell.fg, 7) && is_colour(cell.bg, 1) && cell.attrs.bold);
	wait_gone(v, "GONE    41877");
	/* The end of the group, which comes after it, does not take its place at once. */
	assert_true(pty_find(&v->p, "4 of 4 ended", NULL) >= 0);
	snprintf(path, sizeof(path), "%s/later", v->dir);
	fclose(fopen(path, "w"));
	wait_text(v, "END    dev.my-branch: no process left");
}

/* --- dialogs -------------------------------------------------------------------------- */

static void y_reaps(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .story = "main" });
	open_dialog(v, "k", "[ Reap 4 ]");
	pty_send(&v->p, "y");
	wait_text(v, "4 of 4 ended, 1.10G freed, 0 survived  dev.my-branch");
	wait_gone(v, "GONE    41877");
}

static void held_keys_confirm_nothing(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .story = "main" });
	/* Pasted in one go, and Enter held on: Cancel is what Enter means. */
	pty_send(&v->p, "kyyyyy\r\r\r\r");
	wait_text(v, "[ Reap 4 ]");
	wait_dialog(v);
	pty_send(&v->p, "\r");
	wait_text(v, "cancelled, nothing reaped");
	wait_text(v, "GONE    41877");
	pty_send(&v->p, "l");
	wait_text(v, "EscBack");
	assert_int_equal(pty_find(&v->p, "REAP ", NULL), -1);
}

static void a_live_owner_wants_the_word(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .story = "main" });
	pty_send(&v->p, "jj");
	wait_cursor(v, 6);
	open_dialog(v, "k", "OWNER IS ALIVE");
	/* Compared whole: a sentence that holds its letters in that order is not the word. */
	pty_send(&v->p, "re yaps\r");
	wait_text(v, "cancelled, nothing reaped");
	open_dialog(v, "k", "OWNER IS ALIVE");
	pty_send(&v->p, "rxeap");
	wait_text(v, "confirm: rxeap  not \"reap\"");
	assert_int_equal(pty_find(&v->p, "[ Reap 3 ]", NULL), -1);
	pty_send(&v->p, "\025rea");
	wait_text(v, "confirm: rea_");
	assert_int_equal(pty_find(&v->p, "[ Reap 3 ]", NULL), -1);
	pty_send(&v->p, "p");
	wait_text(v, "[ Reap 3 ]");
	pty_send(&v->p, "\r");
	wait_text(v, "3 of 3 ended");
}

static void refusals_are_told(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .option = "--refuse" });
	open_dialog(v, "k", "[ Reap 4 ]");
	pty_send(&v->p, "y");
	wait_text(v, "FAIL   0 of 4 ended, 4 refused, 0 survived  dev.my-branch");
	pty_send(&v->p, "l");
	wait_text(v, "pid 41912 sprout-agent: not signalled: Operation not permi");
}

static void arming_asks_disarming_does_not(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .story = "main" });
	open_dialog(v, "S", "[ Arm ]");
	pty_send(&v->p, "\r");
	wait_text(v, "the sweep stays off");
	open_dialog(v, "S", "[ Arm ]");
	pty_send(&v->p, "\t\r");
	wait_text(v, "SWEEP ARMED");
	assert_true(cell_of(v, "SWEEP ARMED 1:00").attrs.bold);
	pty_send(&v->p, "S");
	wait_text(v, "disarmed by user");
	wait_text(v, "sweep off");
}

static void quitting_while_armed_asks(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .story = "main" });
	open_dialog(v, "S", "[ Arm ]");
	pty_send(&v->p, "y");
	wait_text(v, "SWEEP ARMED");
	open_dialog(v, "q", "Quit and disarm?");
	pty_send(&v->p, "n");
	wait_gone(v, "Quit and disarm?");
	open_dialog(v, "\003", "Quit and disarm?");
	pty_send(&v->p, "y");
	assert_true(pty_wait_end(&v->p));
}

static void two_views_do_not_both_sweep(void **state)
{
	struct stage *v = *state, other = { .running = false };

	stage_start(v, &(struct setting){ .story = "main" });
	open_dialog(v, "S", "[ Arm ]");
	pty_send(&v->p, "y");
	wait_text(v, "SWEEP ARMED");
	memcpy(other.dir, v->dir, sizeof(other.dir));
	stage_start(&other, &(struct setting){ .story = "main" });
	wait_text(&other, "swept by pid ");
	pty_send(&other.p, "S");
	wait_text(&other, "sweeps already");
	pty_stop(&other.p);
}

/* --- keys ------------------------------------------------------------------------------- */

/* What sits before the person is an xterm, or tmux, whatever TERM says. */
static void keys_of_other_terminals_are_known(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .term = "vt100", .lang = "C" });
	pty_send(&v->p, "\033[4~"); /* tmux's End */
	wait_cursor(v, 8);
	pty_send(&v->p, "\033[1~");
	wait_cursor(v, 4);
	pty_send(&v->p, "\033[6~");
	wait_cursor(v, 8);
	pty_send(&v->p, "\033[19~"); /* xterm's F8 */
	wait_text(v, "EscBack");
}

/* One that nobody knows is no Esc, and its letters are no commands. */
static void unknown_keys_do_nothing(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .story = "main" });
	pty_send(&v->p, "i");
	wait_text(v, "Details: ");
	pty_send(&v->p, "\033[1;7S\033[57428~U");
	wait_text(v, "none tagged");
	assert_true(pty_find(&v->p, "Details: ", NULL) >= 0);
	assert_int_equal(pty_find(&v->p, "Arm sweep", NULL), -1);
	pty_send(&v->p, "\033");
	wait_gone(v, "Details: ");
}

/* --- mouse ------------------------------------------------------------------------------ */

static void click(struct stage *v, int row, int col)
{
	char bytes[64];

	snprintf(bytes, sizeof(bytes), "\033[<0;%d;%dM\033[<0;%d;%dm", col + 1, row + 1, col + 1,
		 row + 1);
	pty_send(&v->p, bytes);
}

static void the_mouse_selects_and_presses(void **state)
{
	struct stage *v = *state;
	int row, col;

	stage_start(v, &(struct setting){ .story = "main" });
	assert_true(pty_wrote(&v->p, "\033[?1006;1000h") || pty_wrote(&v->p, "\033[?1000h"));
	click(v, 6, 10);
	wait_cursor(v, 6);
	row = pty_find(&v->p, "▸ xyz.block.sprout.app.dev.my-branch", &col);
	click(v, row, col);
	wait_text(v, "├─ sprout-agent");
	row = pty_find(&v->p, "RSS INST", &col);
	click(v, row, col);
	wait_text(v, "RSS▼");
	row = pty_find(&v->p, "F8Log", &col);
	click(v, row, col);
	wait_text(v, "EscBack");
	row = pty_find(&v->p, "EscBack", &col);
	click(v, row, col);
	wait_text(v, "F9Reap");
	/* A click never reaps: it opens the dialog, whose button is another click. */
	row = pty_find(&v->p, "F9Reap", &col);
	click(v, row, col);
	wait_text(v, "[ Cancel ]");
	wait_dialog(v);
	row = pty_find(&v->p, "[ Cancel ]", &col);
	click(v, row, col + 2);
	wait_text(v, "cancelled, nothing reaped");
}

static void a_double_click_opens_and_closes_what_it_hits(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .story = "main" });
	/* Two rows one after the other are two clicks. */
	click(v, 6, 50);
	click(v, 5, 50);
	wait_cursor(v, 5);
	assert_int_equal(pty_find(&v->p, "└─", NULL), -1);
	click(v, 6, 50);
	click(v, 6, 50);
	wait_text(v, "└─ sprout-agent");
	assert_true(pty_find(&v->p, "▾ xyz.block.sprout.app", NULL) == 6);
	/* A third one begins anew. */
	click(v, 6, 50);
	wait_cursor(v, 6);
	click(v, 6, 50);
	wait_gone(v, "└─ sprout-agent");
	assert_int_equal(pty_find(&v->p, "[ Cancel ]", NULL), -1);
}

static void the_mouse_can_be_left_alone(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .story = "main" });
	pty_send(&v->p, "m");
	wait_text(v, "the mouse is the terminal's");
	assert_true(pty_wrote(&v->p, "1000l"));
}

/* --- sizes ------------------------------------------------------------------------------- */

static void a_resize_is_drawn(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .env = "LINES=10" });
	pty_resize(&v->p, 40, 120);
	wait_text(v, "Events (F8 full screen)");
	wait_text(v, "STATE");
	pty_resize(&v->p, 4, 18);
	wait_text(v, "Need 20x5");
	pty_resize(&v->p, 10, 40);
	wait_text(v, "3 alive 1 grace 1 reapable");
	/* A dialog that is open follows. */
	open_dialog(v, "k", "[ Reap 4 ]");
	pty_resize(&v->p, 24, 80);
	wait_text(v, "These 4 get SIGTERM, then SIGKILL");
}

static void details_without_room_are_told(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .rows = 6, .cols = 40 });
	pty_send(&v->p, "i");
	wait_text(v, "Enlarge to 40x10 for details");
	pty_resize(&v->p, 10, 40);
	wait_text(v, "staging");
	pty_send(&v->p, "i");
	wait_text(v, "── Details: ");
	/* Without room again, PgDn is for the list. */
	pty_resize(&v->p, 6, 40);
	wait_gone(v, "── Details: ");
	pty_send(&v->p, "\033[6~");
	wait_text(v, "? GONE");
	wait_gone(v, "! GONE");
}

static bool is_reverse(struct stage *v, const char *text)
{
	int col = 0, row = pty_find(&v->p, text, &col);

	return row >= 0 && pty_cell(&v->p, row, col).attrs.reverse;
}

static void a_dialog_that_cannot_be_read_confirms_nothing(void **state)
{
	int64_t until = clock_ms(CLOCK_MONOTONIC) + PTY_DEADLINE_MS;
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .story = "main" });
	open_dialog(v, "k", "[ Reap 4 ]");
	pty_resize(&v->p, 9, 39);
	wait_text(v, "Enlarge to 40x10 to reap");
	/* Once Tab has moved the focus, y was looked at. */
	pty_send(&v->p, "y\t");
	while (!is_reverse(v, "[ Reap 4 ]") && clock_ms(CLOCK_MONOTONIC) < until)
		pty_pump(&v->p, 50);
	assert_true(is_reverse(v, "[ Reap 4 ]"));
	pty_resize(&v->p, 24, 80);
	wait_text(v, "These 4 get SIGTERM, then SIGKILL");
	pty_send(&v->p, "y");
	wait_text(v, "4 of 4 ended");
}

static void an_arm_dialog_that_cannot_be_read_arms_nothing(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .story = "main" });
	open_dialog(v, "S", "[ Arm ]");
	pty_resize(&v->p, 9, 39);
	wait_text(v, "Enlarge to 40x10 to arm");
	pty_resize(&v->p, 5, 20);
	wait_text(v, "[Stay off] [Arm]");
	pty_send(&v->p, "yn");
	wait_text(v, "the sweep stays off");
}

static void the_log_can_be_written(void **state)
{
	struct stage *v = *state;
	char path[96], line[512], keys[160];
	FILE *f;

	stage_start(v, &(struct setting){ .story = "main" });
	pty_send(&v->p, "l");
	wait_text(v, "EscBack");
	pty_send(&v->p, "w");
	wait_text(v, "stray-events.log");
	snprintf(path, sizeof(path), "%s/log", v->dir);
	snprintf(keys, sizeof(keys), "\025%s\r", path); /* Ctrl-U */
	pty_send(&v->p, keys);
	wait_text(v, "5 lines written to /tmp/");
	f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	assert_non_null(strstr(line, "2026-11-23T19:02:40Z START"));
	fclose(f);
	/* Never over a file that is there. */
	pty_send(&v->p, "w");
	wait_text(v, "Write to");
	pty_send(&v->p, keys);
	wait_text(v, "File exists");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, stage_set_up, stage_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(colours_say_the_state),
		TEST(no_colour_if_asked),
		TEST(no_colour_with_the_option),
		TEST(vt100_has_no_colour),
		TEST(no_escape_of_others_passes),
		TEST(cursor_stands_on_what_is_selected),
		TEST(a_message_makes_room),
		TEST(what_a_reap_did_makes_room),
		TEST(y_reaps),
		TEST(held_keys_confirm_nothing),
		TEST(a_live_owner_wants_the_word),
		TEST(refusals_are_told),
		TEST(arming_asks_disarming_does_not),
		TEST(quitting_while_armed_asks),
		TEST(two_views_do_not_both_sweep),
		TEST(keys_of_other_terminals_are_known),
		TEST(unknown_keys_do_nothing),
		TEST(the_mouse_selects_and_presses),
		TEST(a_double_click_opens_and_closes_what_it_hits),
		TEST(the_mouse_can_be_left_alone),
		TEST(a_resize_is_drawn),
		TEST(details_without_room_are_told),
		TEST(a_dialog_that_cannot_be_read_confirms_nothing),
		TEST(an_arm_dialog_that_cannot_be_read_arms_nothing),
		TEST(the_log_can_be_written),
	};

	if (stage_find_view() < 0)
		return 1;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
