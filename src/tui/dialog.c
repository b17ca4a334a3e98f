/* SPDX-License-Identifier: MIT */
#include "tui/dialog.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "engine/journal.h"
#include "base/escape.h"
#include "report/format.h"
#include "tui/keymap.h"

static const char magic_word[] = "reap";

void dialog_release(struct dialog *d)
{
	for (size_t i = 0; i < d->nr; i++)
		free(d->victims[i].command);
	for (size_t i = 0; i < d->nr_shares; i++)
		instance_key_release(&d->shares[i].key);
	free(d->victims);
	free(d->shares);
	free(d->rows);
	free(d->picks);
	*d = (struct dialog){ .kind = DIALOG_NONE };
}

size_t dialog_left(const struct dialog *d)
{
	size_t left = 0;

	for (size_t i = 0; i < d->nr_victims; i++)
		left += !d->victims[i].exited;
	return left;
}

bool dialog_ready(const struct dialog *d)
{
	if (d->kind != DIALOG_REAP)
		return true;
	return dialog_left(d) > 0 && (!d->need_word || !strcmp(d->word, magic_word));
}

static void scroll(struct dialog *d, long delta)
{
	size_t most = d->nr_rows > d->height ? d->nr_rows - d->height : 0;

	if (delta < 0)
		d->offset = d->offset > (size_t)-delta ? d->offset - (size_t)-delta : 0;
	else
		d->offset += (size_t)delta;
	if (d->offset > most)
		d->offset = most;
}

/* Keys that move something; false: it was none. */
static bool move_key(struct dialog *d, int key)
{
	enum column_id columns[COLUMN_NR];
	long page = d->height ? (long)d->height : 1;

	switch (key) {
	case K_TAB:
	case K_BACKTAB:
	case K_LEFT:
	case K_RIGHT:
		/* A button that is not there yet cannot have the focus. */
		d->focus = !d->focus && dialog_ready(d);
		return true;
	case K_UP:
	case K_WHEEL_UP:
		if (d->kind == DIALOG_SORT)
			d->choice -= d->choice > 0;
		scroll(d, -1);
		return true;
	case K_DOWN:
	case K_WHEEL_DOWN:
		if (d->kind == DIALOG_SORT)
			d->choice += d->choice + 1 < dialog_sort_columns(columns);
		scroll(d, 1);
		return true;
	case K_PGUP:
		scroll(d, -page);
		return true;
	case K_PGDN:
		scroll(d, page);
		return true;
	default:
		return false;
	}
}

/* The word is taken as it is typed, and compared whole. */
static void type_key(struct dialog *d, int key)
{
	size_t len = strlen(d->word);

	if (key == K_BACKSPACE && len)
		d->word[len - 1] = '\0';
	else if (key == K_CTRL('u'))
		d->word[0] = '\0';
	else if (len < DIALOG_TYPED && key >= ' ' && key < K_BASE && key != 0x7f) {
		d->word[len] = key < 0x7f ? (char)key : '?';
		d->word[len + 1] = '\0';
	}
	if (!dialog_ready(d))
		d->focus = false;
}

static enum dialog_answer confirm(const struct dialog *d)
{
	return dialog_ready(d) ? DIALOG_YES : DIALOG_STAYS;
}

bool dialog_settle(struct dialog *d, int64_t now_ms)
{
	if (d->settled || now_ms - d->quiet_ms < DIALOG_GUARD_MS)
		return false;
	d->settled = true;
	return true;
}

int64_t dialog_settle_wait_ms(const struct dialog *d, int64_t now_ms)
{
	int64_t left = d->quiet_ms + DIALOG_GUARD_MS - now_ms;

	if (d->settled)
		return -1;
	return left > 0 ? left : 0;
}

static enum dialog_answer leave_key(struct dialog *d, int key)
{
	switch (key) {
	case 'w':
	case K_BUTTON:
		return DIALOG_WAIT;
	case 'l':
	case K_BUTTON + 1:
		return DIALOG_YES;
	case K_ENTER:
		return d->focus ? DIALOG_YES : DIALOG_WAIT;
	case K_ESC:
	case 'n':
	case 'q':
	case K_CTRL('c'):
		return DIALOG_NO;
	default:
		move_key(d, key);
		return DIALOG_STAYS;
	}
}

enum dialog_answer dialog_key(struct dialog *d, int key, int64_t now_ms)
{
	if (!d->settled) {
		d->quiet_ms = now_ms;
		return DIALOG_STAYS;
	}
	if (d->kind == DIALOG_LEAVE)
		return leave_key(d, key);
	if (move_key(d, key))
		return DIALOG_STAYS;
	switch (key) {
	case K_ESC:
	case K_BUTTON:
	case K_CTRL('c'):
		return DIALOG_NO;
	case K_BUTTON + 1:
		return confirm(d);
	case K_F5:
		return d->kind == DIALOG_REAP ? DIALOG_REREAD : DIALOG_STAYS;
	case K_ENTER:
		if (d->need_word)
			return dialog_ready(d) ? DIALOG_YES : DIALOG_NO;
		return d->focus ? confirm(d) : DIALOG_NO;
	}
	if (key == 'u' && d->nr_unknown && !d->word[0])
		return DIALOG_UNKNOWN;
	if (d->need_word) {
		type_key(d, key);
		return DIALOG_STAYS;
	}
	if (key == 'r' && d->kind == DIALOG_REAP)
		return DIALOG_REREAD;
	if (key == 'y')
		return confirm(d);
	return key == 'n' || key == 'q' ? DIALOG_NO : DIALOG_STAYS;
}

void dialog_held(struct dialog *d, const struct worker_answer *answer)
{
	for (size_t i = 0; i < d->nr_victims && i < answer->nr; i++) {
		d->victims[i].held = answer->states[i] == HOLD_HELD;
		if (answer->states[i] == HOLD_GONE)
			d->victims[i].exited = true;
	}
}

static bool is_listed(const struct dialog *d, const struct identity *id)
{
	for (size_t i = 0; i < d->nr; i++)
		if (identity_equal(&d->victims[i].id, id))
			return true;
	return false;
}

/* Does it hang below a victim? */
static bool is_below_victim(const struct dialog *d, const struct census *c, const struct member *m)
{
	while (m->parent != CENSUS_NONE) {
		m = &c->members[m->parent];
		for (size_t i = 0; i < d->nr_victims; i++)
			if (identity_equal(&d->victims[i].id, &m->proc->id))
				return true;
	}
	return false;
}

static bool is_below_pick(const struct dialog *d, const struct census *c, const struct member *m)
{
	for (;;) {
		for (size_t i = 0; i < d->nr_picks; i++)
			if (identity_equal(&m->proc->id, &d->picks[i]))
				return true;
		if (m->parent == CENSUS_NONE)
			return false;
		m = &c->members[m->parent];
	}
}

void dialog_compare(struct dialog *d, const struct census *c)
{
	if (d->kind != DIALOG_REAP)
		return;
	for (size_t i = 0; i < d->nr; i++) {
		const struct process *proc = snapshot_find(c->snapshot, d->victims[i].id.pid);

		/* What an incomplete scan did not see may be there all the same. */
		if (proc ? !identity_equal(&proc->id, &d->victims[i].id) || proc->dead
			 : c->snapshot->complete)
			d->victims[i].exited = true;
	}
	d->new_processes = d->new_below = 0;
	for (size_t i = 0; i < d->nr_shares; i++) {
		const struct share *s = &d->shares[i];
		const struct instance *inst = census_find_instance(c, &s->key);

		for (size_t k = 0; inst && k < inst->nr; k++) {
			const struct member *m = &c->members[inst->first + k];

			if (is_listed(d, &m->proc->id))
				continue;
			if (is_below_victim(d, c, m))
				d->new_below++;
			else if (s->whole || is_below_pick(d, c, m))
				d->new_processes++;
		}
	}
}

/* --- the others ---------------------------------------------------------------- */

static char *next_line(struct dialog *d)
{
	return d->nr_lines < DIALOG_LINES ? d->lines[d->nr_lines++] : d->lines[DIALOG_LINES - 1];
}

#define LINE(d, ...) snprintf(next_line(d), sizeof((d)->lines[0]), __VA_ARGS__)

/* How many groups and processes a sweep would end. */
struct toll {
	size_t groups, processes;
};

static size_t count_condemned(const struct memory *g)
{
	return g->condemned;
}
static size_t count_due(const struct memory *g)
{
	return g->due;
}

static struct toll toll_of(const struct model *m, size_t (*counts)(const struct memory *g))
{
	struct toll toll = { 0, 0 };

	for (size_t i = 0; i < m->nr_groups; i++) {
		const struct memory *g = &m->groups[i];

		if (!g->present || !counts(g))
			continue;
		toll.groups++;
		toll.processes += counts(g);
	}
	return toll;
}

static void name_groups(struct dialog *d, const struct model *m, size_t groups,
			size_t (*counts)(const struct memory *g))
{
	size_t named = 0;

	for (size_t i = 0; i < m->nr_rows && named < 3; i++) {
		const struct memory *g = model_row_group(m, &m->rows[i]);
		_cleanup_strbuf_ struct strbuf id = STRBUF_INIT;

		if (m->rows[i].m || !counts(g))
			continue;
		escape_append_as(&id, g->key.id, m->glyphs->utf8);
		if (++named == 3 && groups > 3)
			LINE(d, "  and %zu more", groups - 2);
		else
			LINE(d, "  %s", id.buf);
	}
}

static const char *plural(size_t nr, const char *ending)
{
	return nr == 1 ? "" : ending;
}

void dialog_arm(struct dialog *d, const struct model *m, const struct engine_settings *set)
{
	char every[FORMAT_SIZE];
	struct toll now = toll_of(m, count_condemned), first = toll_of(m, count_due);
	const struct toll *toll = now.groups ? &now : &first;

	format_age(every, sizeof(every), set->interval_ms);
	/* As the option is given: 60s, not 1m. */
	if (set->interval_ms < 2 * 60 * 1000)
		snprintf(every, sizeof(every), "%ds", (int)(set->interval_ms / 1000));
	*d = (struct dialog){ .kind = DIALOG_ARM,
			      .no = "Stay off",
			      .yes = "Arm",
			      .keys = "   y arm   n/Esc/Enter stay off" };
	snprintf(d->title, sizeof(d->title), "Arm sweep");
	LINE(d, "While armed, every %s what was an orphan on %u tick%s in a row", every, m->grace,
	     plural(m->grace, "s"));
	LINE(d, "%s",
	     set->reap_detached
		     ? "is reaped WITHOUT asking, and detached ones. Unknown, kept stay."
		     : "is reaped WITHOUT asking. Detached, unknown and kept ones stay.");
	LINE(d, "%s", "");
	if (now.groups)
		LINE(d, "Right now that would reap %zu group%s (%zu process%s):", now.groups,
		     plural(now.groups, "s"), now.processes, plural(now.processes, "es"));
	else if (first.groups)
		LINE(d, "Right now nothing, but the first sweep %zu group%s (%zu process%s):",
		     first.groups, plural(first.groups, "s"), first.processes,
		     plural(first.processes, "es"));
	else
		LINE(d, "Right now that would reap nothing.");
	name_groups(d, m, toll->groups, now.groups ? count_condemned : count_due);
	LINE(d, "First sweep %s after arming. F7 again disarms at once.", every);
	snprintf(d->brief, sizeof(d->brief),
		 "Reaps every %s without asking. %s: %zu group%s,"
		 " %zu process%s.",
		 every, now.groups || !first.groups ? "Now" : "First", toll->groups,
		 plural(toll->groups, "s"), toll->processes, plural(toll->processes, "es"));
}

void dialog_quit(struct dialog *d)
{
	*d = (struct dialog){ .kind = DIALOG_QUIT,
			      .no = "Stay",
			      .yes = "Quit",
			      .keys = "   y quit   n/Esc/Enter stay" };
	snprintf(d->title, sizeof(d->title), "Quit");
	LINE(d, "The sweep is armed. Quit and disarm?");
	snprintf(d->brief, sizeof(d->brief), "Quit and disarm?");
}

void dialog_suspend(struct dialog *d)
{
	*d = (struct dialog){ .kind = DIALOG_SUSPEND,
			      .no = "Stay",
			      .yes = "Suspend",
			      .keys = "   y suspend   n/Esc/Enter stay" };
	snprintf(d->title, sizeof(d->title), "Suspend");
	LINE(d, "The sweep is armed; suspended, it does not sweep.");
	snprintf(d->brief, sizeof(d->brief), "Sweep stops then.");
}

void dialog_leave(struct dialog *d, size_t nr)
{
	*d = (struct dialog){ .kind = DIALOG_LEAVE,
			      .no = "Wait",
			      .yes = "Leave",
			      .keys = "   w wait   l leave   Esc stay" };
	snprintf(d->title, sizeof(d->title), "Still reaping");
	if (nr)
		LINE(d, "%zu process%s still ending: w wait, l leave", nr,
		     nr == 1 ? " is" : "es are");
	else
		LINE(d, "A sweep is still ending processes: w wait, l leave");
	LINE(d, "Wait leaves once they have ended. Leave names those that run on.");
	snprintf(d->brief, sizeof(d->brief), "%zu still ending: w wait, l leave", nr);
}

size_t dialog_sort_columns(enum column_id columns[COLUMN_NR])
{
	size_t nr = 0;

	for (int id = 0; id < COLUMN_NR; id++)
		if (column_sortable(id))
			columns[nr++] = id;
	return nr;
}

void dialog_sort(struct dialog *d, enum column_id current)
{
	enum column_id columns[COLUMN_NR];
	size_t nr = dialog_sort_columns(columns);

	*d = (struct dialog){ .kind = DIALOG_SORT, .focus = true };
	snprintf(d->title, sizeof(d->title), "Sort by");
	for (size_t i = 0; i < nr; i++)
		if (columns[i] == current)
			d->choice = i;
}
