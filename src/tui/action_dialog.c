/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "tui/state.h"
#include "tui/term.h"

/* What was typed before the dialog stood there was not meant for it. */
static unsigned opened(struct tui *t)
{
	term_flush_input();
	t->dialog.quiet_ms = clock_ms(CLOCK_MONOTONIC);
	t->message[0] = '\0';
	return REDO_DRAW;
}

enum { MOVED_MS = 1000 };

static bool has_room(struct tui *t, const char *what)
{
	if (t->screen.cols >= DIALOG_MIN_COLS && t->screen.rows >= DIALOG_MIN_ROWS)
		return true;
	tui_say(t, "Enlarge to %dx%d to %s", DIALOG_MIN_COLS, DIALOG_MIN_ROWS, what);
	return false;
}

static unsigned open_reap(struct tui *t, bool unknown)
{
	struct dialog *d = &t->dialog;
	_cleanup_free_ struct identity *ids = NULL;
	char why[160];
	int r = dialog_reap(d, &t->model, t->options->sweep.settings.term_timeout_ms, unknown, why,
			    sizeof(why));

	if (r < 0) {
		tui_say(t, "%s", why);
		return REDO_DRAW;
	}
	ids = calloc(d->nr_victims + 1, sizeof(*ids));
	for (size_t i = 0; ids && i < d->nr_victims; i++)
		ids[i] = d->victims[i].id;
	if (!ids || worker_hold(t->worker, ids, d->nr_victims, &d->hold) < 0) {
		dialog_release(d);
		tui_say(t, "nothing reaped: out of memory");
		return REDO_DRAW;
	}
	return opened(t);
}

unsigned action_reap(struct tui *t)
{
	bool moved = t->moved_ms && clock_ms(CLOCK_MONOTONIC) - t->moved_ms < MOVED_MS;

	/* It was pressed for the row that stood there; tags have not moved. */
	t->moved_ms = 0;
	if (moved && !model_tagged(&t->model)) {
		tui_say(t, "the selection has just moved: press it again to reap this one");
		return REDO_DRAW;
	}
	return has_room(t, "reap") ? open_reap(t, false) : REDO_DRAW;
}

unsigned action_sweep(struct tui *t)
{
	if (t->armed) {
		worker_arm(t->worker, false);
		return REDO_DRAW;
	}
	if (t->swept_by > 0) {
		tui_say(t, "not armed: pid %d sweeps already", (int)t->swept_by);
		return REDO_DRAW;
	}
	if (!has_room(t, "arm"))
		return REDO_DRAW;
	dialog_arm(&t->dialog, &t->model, &t->options->sweep.settings);
	return opened(t);
}

/* What the engine was told to end must not be left behind without a word. */
unsigned action_leave(struct tui *t)
{
	if (!t->pursuit.answers_left && !t->sweeping)
		return REDO_QUIT;
	if (t->dialog.kind == DIALOG_REAP)
		worker_release(t->worker, t->dialog.hold);
	dialog_release(&t->dialog);
	t->leaving = false;
	dialog_leave(&t->dialog, pursuit_left(&t->pursuit));
	return opened(t);
}

unsigned action_quit(struct tui *t)
{
	if (!t->armed)
		return action_leave(t);
	dialog_quit(&t->dialog);
	return opened(t);
}

unsigned action_suspend(struct tui *t)
{
	if (!t->armed)
		return REDO_SUSPEND;
	dialog_suspend(&t->dialog);
	return opened(t);
}

unsigned action_sort(struct tui *t)
{
	dialog_sort(&t->dialog, t->model.sort);
	return opened(t);
}

/* --- what was answered --------------------------------------------------------------- */

static void mark_reaping(struct tui *t, const struct share *s)
{
	struct memory *g = model_find(&t->model, &s->key);

	if (g)
		g->reaping++;
}

static void reap(struct tui *t)
{
	struct dialog *d = &t->dialog;
	_cleanup_free_ struct worker_victims *victims = calloc(d->nr_shares + 1, sizeof(*victims));
	size_t nr = 0;

	for (size_t i = 0; victims && i < d->nr_shares; i++) {
		const struct share *s = &d->shares[i];

		if (!s->nr)
			continue;
		victims[nr] = (struct worker_victims){
			.app = s->key.app,
			.instance = s->key.id,
			.uid = s->key.uid,
			.face = s->face,
			.force = s->force,
			.first = s->first,
			.nr = s->nr,
		};
		nr++;
	}
	if (!victims || worker_reap(t->worker, d->hold, victims, nr) < 0) {
		worker_release(t->worker, d->hold);
		tui_say(t, "nothing reaped: out of memory");
		return;
	}
	for (size_t i = 0; i < d->nr_shares; i++)
		if (d->shares[i].nr)
			mark_reaping(t, &d->shares[i]);
	pursuit_add(&t->pursuit, d, nr);
	model_untag_all(&t->model);
	tui_say(t, "reaping %zu process%s ...", dialog_left(d), dialog_left(d) == 1 ? "" : "es");
}

/* Nothing is waited for any more: leave, if that was asked for. */
unsigned action_leave_if_done(const struct tui *t)
{
	bool asked = t->leaving || t->dialog.kind == DIALOG_LEAVE;

	return asked && !t->pursuit.answers_left && !t->sweeping ? REDO_QUIT : REDO_NONE;
}

static unsigned close_dialog(struct tui *t)
{
	dialog_release(&t->dialog);
	input_flush(t);
	return REDO_DRAW | action_show_pending(t);
}

/* Has the dialog room on the screen, which may have shrunk? Else it must not end anything. */
static bool can_be_read(struct tui *t)
{
	if (t->dialog.kind == DIALOG_REAP)
		return has_room(t, "reap");
	return t->dialog.kind != DIALOG_ARM || has_room(t, "arm");
}

static unsigned say_yes(struct tui *t)
{
	enum column_id columns[COLUMN_NR];
	unsigned redo = REDO_NONE;

	if (!can_be_read(t))
		return REDO_DRAW;
	switch (t->dialog.kind) {
	case DIALOG_REAP:
		reap(t);
		break;
	case DIALOG_ARM:
		worker_arm(t->worker, true);
		break;
	case DIALOG_QUIT:
		dialog_release(&t->dialog);
		return action_leave(t);
	case DIALOG_LEAVE:
		redo = REDO_QUIT;
		break;
	case DIALOG_SUSPEND:
		redo = REDO_SUSPEND;
		break;
	case DIALOG_SORT:
		dialog_sort_columns(columns);
		t->model.sort = columns[t->dialog.choice];
		t->model.invert = false;
		redo = REDO_ROWS;
		break;
	case DIALOG_NONE:
		break;
	}
	return redo | close_dialog(t);
}

static unsigned say_no(struct tui *t)
{
	static const char *const said[] = {
		[DIALOG_REAP] = "cancelled, nothing reaped",
		[DIALOG_ARM] = "the sweep stays off",
		[DIALOG_QUIT] = "",
		[DIALOG_SUSPEND] = "",
		[DIALOG_SORT] = "",
		[DIALOG_LEAVE] = "",
		[DIALOG_NONE] = "",
	};

	if (t->dialog.kind == DIALOG_REAP)
		worker_release(t->worker, t->dialog.hold);
	tui_say(t, "%s", said[t->dialog.kind]);
	return close_dialog(t);
}

static unsigned read_again(struct tui *t)
{
	bool unknown = t->dialog.unknown;
	unsigned redo;

	worker_release(t->worker, t->dialog.hold);
	dialog_release(&t->dialog);
	redo = action_show_pending(t);
	if (redo & REDO_ROWS)
		model_rebuild(&t->model);
	return redo | open_reap(t, unknown);
}

/* The same picture, with the unknown ones among the victims. */
static unsigned take_unknown(struct tui *t)
{
	unsigned redo;

	worker_release(t->worker, t->dialog.hold);
	dialog_release(&t->dialog);
	redo = open_reap(t, true);
	/* It was asked for by a key of this dialog, which had its silence. */
	t->dialog.settled = true;
	return redo;
}

static unsigned wait_for_end(struct tui *t)
{
	t->leaving = true;
	tui_say(t, "leaving once all have ended; q asks again");
	return close_dialog(t) | action_leave_if_done(t);
}

unsigned action_dialog_key(struct tui *t, int key)
{
	if (t->dialog.kind == DIALOG_SORT && key >= K_SORT_BY && key < K_BUTTON) {
		t->model.sort = (enum column_id)(key - K_SORT_BY);
		t->model.invert = false;
		return REDO_ROWS | close_dialog(t);
	}
	switch (dialog_key(&t->dialog, key, clock_ms(CLOCK_MONOTONIC))) {
	case DIALOG_YES:
		return say_yes(t);
	case DIALOG_NO:
		return say_no(t);
	case DIALOG_REREAD:
		return read_again(t);
	case DIALOG_UNKNOWN:
		return take_unknown(t);
	case DIALOG_WAIT:
		return wait_for_end(t);
	case DIALOG_STAYS:
		break;
	}
	return REDO_DRAW;
}
