/* SPDX-License-Identifier: MIT */
/* What the engine's thread has for the view: censuses, lines of the log, answers. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tui/state.h"

static unsigned show(struct tui *t, struct census *c, const struct worker_user *users, size_t nr)
{
	size_t place = t->model.cursor - (t->model.cursor < t->top ? t->model.cursor : t->top);

	if (model_set_census(&t->model, c, users, nr) < 0)
		return REDO_NONE;
	t->census_at_ms = clock_ms(CLOCK_MONOTONIC);
	/* That a group went after it was reaped is told by the outcome of the reaping. */
	if (t->model.notice[0]) {
		t->moved_ms = clock_ms(CLOCK_MONOTONIC);
		if (!t->answered)
			tui_say(t, "%s", t->model.notice);
	}
	if (t->model.follow)
		t->top = t->model.cursor > place ? t->model.cursor - place : 0;
	return REDO_DRAW;
}

unsigned action_show_pending(struct tui *t)
{
	struct census *c = t->pending;
	unsigned redo;

	if (!c || t->paused || t->dialog.kind != DIALOG_NONE)
		return REDO_NONE;
	t->pending = NULL;
	redo = show(t, c, t->pending_users, t->nr_pending_users);
	census_unref(c);
	return redo;
}

static void keep_pending(struct tui *t, struct worker_update *u)
{
	census_unref(t->pending);
	free(t->pending_users);
	t->pending = u->census;
	t->pending_users = u->users;
	t->nr_pending_users = u->nr_users;
	u->census = NULL;
	u->users = NULL;
	u->nr_users = 0;
}

static void take_line(struct tui *t, const struct worker_line *line)
{
	bool failed = t->answered && t->answer.word == WORD_FAIL;
	const struct log_line *added;

	log_add(&t->log, line, t->model.glyphs->utf8);
	added = log_line(&t->log, 0);
	/* An answer to the view's command replaces what the key said; a failure stays. */
	if (!line->loud || !added || failed)
		return;
	tui_say(t, "%s", added->text);
	t->answered = true;
	log_line_copy(&t->answer, added);
	if (added->word == WORD_FAIL)
		t->message_until_ms = INT64_MAX;
}

void action_answers(struct tui *t, const struct worker_update *u)
{
	for (size_t i = 0; i < u->nr_answers; i++) {
		const struct worker_answer *a = &u->answers[i];

		if (a->kind == ANSWER_HOLD) {
			if (t->dialog.kind == DIALOG_REAP && t->dialog.hold == a->hold)
				dialog_held(&t->dialog, a);
			continue;
		}
		pursuit_answer(&t->pursuit, a);
	}
	if (t->pursuit.answers_left)
		return;
	for (size_t i = 0; i < t->model.nr_groups; i++)
		t->model.groups[i].reaping = 0;
	if (t->pursuit.nr && t->leaving)
		pursuit_tell(&t->pursuit, &t->left);
	pursuit_release(&t->pursuit);
}

unsigned action_update(struct tui *t)
{
	struct worker_update u;

	worker_take(t->worker, &u);
	for (size_t i = 0; i < u.nr_lines; i++)
		take_line(t, &u.lines[i]);
	t->armed = u.armed;
	t->sweeping = u.sweeping;
	t->swept_by = u.swept_by;
	t->due_ms = u.due_ms;
	t->due_at_ms = u.due_at_ms;
	t->progress = u.progress;
	t->progress_at_ms = u.progress_at_ms;
	t->error = u.error;
	for (size_t i = 0; t->leaving && !t->pursuit.answers_left && i < u.nr_lines; i++)
		if (u.lines[i].word == WORD_FAIL)
			strbuf_addf(&t->left, "%s\n", u.lines[i].text);
	action_answers(t, &u);
	if (u.census) {
		dialog_compare(&t->dialog, u.census);
		keep_pending(t, &u);
		action_show_pending(t);
	}
	worker_update_release(&u);
	return REDO_DRAW | action_leave_if_done(t);
}
