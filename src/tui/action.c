/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/base64.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/escape.h"
#include "tui/state.h"
#include "tui/term.h"

enum { DOUBLE_CLICK_MS = 400, DETAILS_PAGE = 5, WHEEL_STEP = 3 };

/* --- one function per action --------------------------------------------------------- */

static unsigned move_by(struct tui *t, long delta)
{
	model_move(&t->model, delta);
	t->details_offset = 0;
	return REDO_DRAW;
}

static unsigned do_up(struct tui *t)
{
	return move_by(t, -1);
}
static unsigned do_down(struct tui *t)
{
	return move_by(t, 1);
}

static long page(const struct tui *t)
{
	return t->list_rows > 1 ? t->list_rows - 1 : 1;
}

/* The pane of details, if it is open and holds more than it shows. */
static unsigned do_page_up(struct tui *t)
{
	if (!t->details || !t->details_more)
		return move_by(t, -page(t));
	t->details_offset -= t->details_offset > DETAILS_PAGE ? DETAILS_PAGE : t->details_offset;
	return REDO_DRAW;
}

static unsigned do_page_down(struct tui *t)
{
	if (!t->details || !t->details_more)
		return move_by(t, page(t));
	t->details_offset += DETAILS_PAGE; /* the view stops it at the end */
	return REDO_DRAW;
}

static unsigned do_first(struct tui *t)
{
	model_select_row(&t->model, 0);
	return REDO_DRAW;
}

static unsigned do_last(struct tui *t)
{
	model_select_row(&t->model, SIZE_MAX);
	return REDO_DRAW;
}

static unsigned do_right(struct tui *t)
{
	return model_expand(&t->model) ? REDO_ROWS : REDO_DRAW;
}

static unsigned do_left(struct tui *t)
{
	return model_collapse(&t->model) ? REDO_ROWS : REDO_DRAW;
}

static unsigned do_tree(struct tui *t)
{
	model_toggle_all(&t->model);
	return REDO_ROWS;
}

static unsigned do_details(struct tui *t)
{
	if (!t->details && !view_details_room(t->list_rows)) {
		tui_say(t, "Enlarge to %dx%d for details", DIALOG_MIN_COLS, DIALOG_MIN_ROWS);
		return REDO_DRAW;
	}
	t->details = !t->details;
	t->details_offset = 0;
	worker_ports(t->worker, t->details);
	return REDO_DRAW;
}

static unsigned say_tagged(struct tui *t)
{
	size_t hidden = model_tagged_hidden(&t->model);

	if (hidden)
		tui_say(t, "%zu tagged, %zu of them hidden by the filter", model_tagged(&t->model),
			hidden);
	else
		tui_say(t, "%zu tagged", model_tagged(&t->model));
	return REDO_DRAW;
}

static unsigned do_tag(struct tui *t)
{
	if (!model_selected(&t->model))
		return REDO_NONE;
	model_tag(&t->model);
	model_move(&t->model, 1);
	return say_tagged(t);
}

static unsigned do_tag_shown(struct tui *t)
{
	model_tag_shown(&t->model);
	return say_tagged(t);
}

static unsigned do_tag_reapable(struct tui *t)
{
	model_tag_reapable(&t->model);
	return say_tagged(t);
}

static unsigned do_flat(struct tui *t)
{
	t->model.flat = !t->model.flat;
	tui_say(t, t->model.flat ? "all processes, without their groups; f goes back" : "groups");
	return REDO_ROWS;
}

static unsigned do_arguments(struct tui *t)
{
	t->model.no_args = !t->model.no_args;
	tui_say(t, t->model.no_args ? "arguments are hidden" : "arguments are shown");
	return REDO_DRAW;
}

/* The clipboard is the terminal's, asked by OSC 52. */
static unsigned do_copy(struct tui *t)
{
	const struct row *row = model_selected(&t->model);
	const struct memory *g = row ? model_row_group(&t->model, row) : NULL;
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT, bytes = STRBUF_INIT;

	if (!row) {
		tui_say(t, "nothing to copy");
		return REDO_DRAW;
	}
	if (row->m)
		strbuf_addf(&text, "%d", (int)row->m->proc->id.pid);
	else
		strbuf_add(&text, g->key.id.data, g->key.id.len);
	if (!term_is_ansi()) {
		tui_say(t, "this terminal has no clipboard: %s", text.buf);
		return REDO_DRAW;
	}
	strbuf_addstr(&bytes, "\033]52;c;");
	base64_append(&bytes, text.buf, text.len);
	strbuf_addstr(&bytes, "\007");
	if (!bytes.failed)
		term_send(bytes.buf);
	tui_say(t, "copied %s", text.buf);
	return REDO_DRAW;
}

static unsigned do_untag(struct tui *t)
{
	model_untag_all(&t->model);
	tui_say(t, "none tagged");
	return REDO_DRAW;
}

static unsigned do_search(struct tui *t)
{
	return action_open_prompt(t, PROMPT_SEARCH);
}
static unsigned do_filter(struct tui *t)
{
	return action_open_prompt(t, PROMPT_FILTER);
}

static unsigned search_again(struct tui *t, int direction)
{
	if (!t->search[0])
		tui_say(t, "nothing was searched for yet: / searches");
	else
		action_search(t, t->search, direction, false);
	return REDO_DRAW;
}

static unsigned do_next(struct tui *t)
{
	return search_again(t, 1);
}
static unsigned do_previous(struct tui *t)
{
	return search_again(t, -1);
}

static void say_sorted(struct tui *t)
{
	bool down = column_descends(t->model.sort) != t->model.invert;

	tui_say(t, "sorted by %s, %s", column_name(t->model.sort), down ? "downwards" : "upwards");
}

/* The next column that this screen shows, to the left or right of the one sorted by. */
static unsigned sort_beside(struct tui *t, int direction)
{
	struct column_place places[COLUMN_NR];
	int nr = (int)columns_layout(t->screen.cols, places), at = 0;

	for (int i = 0; i < nr; i++)
		if (places[i].id == t->model.sort)
			at = i;
	do
		at = (at + direction + nr) % nr;
	while (!column_sortable(places[at].id));
	t->model.sort = places[at].id;
	t->model.invert = false;
	say_sorted(t);
	return REDO_ROWS;
}

static unsigned do_sort_left(struct tui *t)
{
	return sort_beside(t, -1);
}
static unsigned do_sort_right(struct tui *t)
{
	return sort_beside(t, 1);
}

static unsigned do_invert(struct tui *t)
{
	t->model.invert = !t->model.invert;
	say_sorted(t);
	return REDO_ROWS;
}

static unsigned do_log(struct tui *t)
{
	t->view = VIEW_LOG;
	t->log.offset = 0;
	return REDO_DRAW;
}

static unsigned do_follow(struct tui *t)
{
	t->model.follow = !t->model.follow;
	tui_say(t, t->model.follow ? "the selected row keeps its place on the screen"
				   : "no longer following");
	return REDO_DRAW;
}

static unsigned do_pause(struct tui *t)
{
	t->paused = !t->paused;
	worker_pause(t->worker, t->paused);
	tui_say(t, t->paused ? "screen paused, the sweep is not; Z goes on" : "going on");
	return t->paused ? REDO_DRAW : REDO_DRAW | action_show_pending(t);
}

static unsigned do_mouse(struct tui *t)
{
	t->mouse = !t->mouse;
	term_mouse(t->mouse);
	tui_say(t, t->mouse ? "the mouse is stray's" : "the mouse is the terminal's");
	return REDO_DRAW;
}

static unsigned do_redraw(struct tui *t)
{
	(void)t;
	return REDO_CLEAR;
}

static unsigned do_help(struct tui *t)
{
	t->help = true;
	t->help_offset = 0;
	return REDO_DRAW;
}

static unsigned do_escape(struct tui *t)
{
	if (t->model.filter.text[0]) {
		t->model.filter.text[0] = '\0';
		return REDO_ROWS;
	}
	t->details = false;
	return REDO_DRAW;
}

static unsigned (*const actions[ACTION_NR])(struct tui *t) = {
	[ACTION_UP] = do_up,
	[ACTION_DOWN] = do_down,
	[ACTION_PAGE_UP] = do_page_up,
	[ACTION_PAGE_DOWN] = do_page_down,
	[ACTION_FIRST] = do_first,
	[ACTION_LAST] = do_last,
	[ACTION_RIGHT] = do_right,
	[ACTION_LEFT] = do_left,
	[ACTION_TREE] = do_tree,
	[ACTION_DETAILS] = do_details,
	[ACTION_TAG] = do_tag,
	[ACTION_UNTAG] = do_untag,
	[ACTION_TAG_SHOWN] = do_tag_shown,
	[ACTION_TAG_REAPABLE] = do_tag_reapable,
	[ACTION_FLAT] = do_flat,
	[ACTION_ARGUMENTS] = do_arguments,
	[ACTION_COPY] = do_copy,
	[ACTION_SEARCH] = do_search,
	[ACTION_NEXT] = do_next,
	[ACTION_PREVIOUS] = do_previous,
	[ACTION_FILTER] = do_filter,
	[ACTION_SORT] = action_sort,
	[ACTION_SORT_LEFT] = do_sort_left,
	[ACTION_SORT_RIGHT] = do_sort_right,
	[ACTION_INVERT] = do_invert,
	[ACTION_SWEEP] = action_sweep,
	[ACTION_LOG] = do_log,
	[ACTION_REAP] = action_reap,
	[ACTION_FOLLOW] = do_follow,
	[ACTION_PAUSE] = do_pause,
	[ACTION_MOUSE] = do_mouse,
	[ACTION_REDRAW] = do_redraw,
	[ACTION_HELP] = do_help,
	[ACTION_SUSPEND] = action_suspend,
	[ACTION_QUIT] = action_quit,
	[ACTION_ESCAPE] = do_escape,
};

/* --- keys and clicks ------------------------------------------------------------------ */

static unsigned click_list(struct tui *t)
{
	struct column_place places[COLUMN_NR];
	size_t nr = columns_layout(t->screen.cols, places), row;
	int64_t now = clock_ms(CLOCK_MONOTONIC);
	bool twice = t->mouse_y == t->click_y && now - t->click_ms < DOUBLE_CLICK_MS;

	if (t->mouse_y < t->list_y || t->mouse_y >= t->list_y + t->list_rows)
		return REDO_NONE;
	row = t->top + (size_t)(t->mouse_y - t->list_y);
	if (row >= t->model.nr_rows)
		return REDO_NONE;
	t->click_y = twice ? -1 : t->mouse_y;
	t->click_ms = now;
	model_select_row(&t->model, row);
	if (t->mouse_x == places[nr - 1].x)
		return model_toggle(&t->model, row) ? REDO_ROWS : REDO_DRAW;
	return twice && model_toggle(&t->model, row) ? REDO_ROWS : REDO_DRAW;
}

/* On the numeric keypad of the list the digits move, as its labels say. */
static int pad_key(const struct tui *t, int key)
{
	static const int moves[] = { K_NONE, K_END,   K_DOWN, K_PGDN, K_LEFT,
				     K_NONE, K_RIGHT, K_HOME, K_UP,   K_PGUP };
	bool text = t->prompt.kind != PROMPT_NONE && t->dialog.kind == DIALOG_NONE;

	if (key < K_PAD || key > K_PAD_END)
		return key;
	return text ? '0' + key - K_PAD : moves[key - K_PAD];
}

/* Esc and a letter in one packet are this too: neither may go without a word. */
static unsigned alt_key(struct tui *t, int key)
{
	char name[2] = { (char)(key - K_ALT), '\0' };

	/* To a dialog that has just opened it is a key like any other. */
	if (t->dialog.kind != DIALOG_NONE)
		action_dialog_key(t, key);
	tui_say(t, "Alt+%s does nothing; Esc alone, then the key", name[0] ? name : "letter");
	return REDO_DRAW;
}

unsigned action_event(struct tui *t, const struct key_event *event)
{
	int key = pad_key(t, event->key);

	if (event->pasted)
		return action_paste(t, event->key);
	if (key == K_CLICK) {
		int hit = draw_find_hit(&t->screen, event->y, event->x);

		t->mouse_y = event->y;
		t->mouse_x = event->x;
		key = hit ? hit : K_CLICK;
	}
	if (key >= K_ALT)
		return alt_key(t, key);
	return key == K_NONE ? REDO_NONE : action_key(t, key);
}

unsigned action_key(struct tui *t, int key)
{
	enum action action;

	t->answered = false;
	if (t->dialog.kind != DIALOG_NONE)
		return action_dialog_key(t, key);
	if (t->help)
		return action_help_key(t, key);
	if (t->prompt.kind != PROMPT_NONE)
		return action_prompt_key(t, key);
	if (t->view == VIEW_LOG)
		return action_log_key(t, key);
	/* The message says what the last key did: this one's turn. */
	t->message[0] = '\0';
	if (key == K_CLICK)
		return click_list(t);
	if (key >= K_SORT_BY && key < K_BUTTON) {
		model_sort_by(&t->model, (enum column_id)(key - K_SORT_BY));
		say_sorted(t);
		return REDO_ROWS;
	}
	if (key == K_WHEEL_UP || key == K_WHEEL_DOWN)
		return move_by(t, key == K_WHEEL_UP ? -WHEEL_STEP : WHEEL_STEP);
	action = keymap_action(key);
	return actions[action] ? actions[action](t) : REDO_DRAW;
}
