/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "tui/state.h"

static enum role kind_role(enum group_kind kind)
{
	switch (kind) {
	case KIND_REAPABLE:
		return ROLE_REAPABLE;
	case KIND_GRACE:
		return ROLE_GRACE;
	case KIND_ALIVE:
		return ROLE_ALIVE;
	default:
		return ROLE_NORMAL;
	}
}

/* Behind the last heading: a sort column that is not shown, what all ids begin with. */
static void draw_hint(struct tui *t, int y, const struct column_place *name, bool sorted)
{
	const struct model *m = &t->model;
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT, id = STRBUF_INIT;
	int used = (int)strlen(name->name) + (m->sort == name->id), range = 14;
	bool down = column_descends(m->sort) != m->invert;

	if (!sorted)
		strbuf_addf(&sb, " by %s%s", column_name(m->sort),
			    down ? t->screen.glyphs->down : t->screen.glyphs->up);
	if (m->prefix && !m->flat && name->width > 2 && m->median > (size_t)name->width - 2 &&
	    m->nr_rows) {
		const struct memory *g = model_row_group(m, &m->rows[0]);

		model_id(&id, (struct bytes){ g->key.id.data, m->prefix }, m->glyphs->utf8);
		strbuf_addf(&sb, " (%s%s)", id.buf, t->screen.glyphs->cut);
	}
	if ((int)text_width(sb.buf, sb.len) <= name->width - used - range)
		draw_text(&t->screen, y, name->x + used, name->width - used, ROLE_HEADER, sb.buf);
	else if (!sorted)
		draw_text(&t->screen, y, name->x + used, name->width - used, ROLE_HEADER, sb.buf);
}

static void draw_heading(struct tui *t, int y, const struct column_place *places, size_t nr)
{
	struct screen *s = &t->screen;
	bool sorted = false;

	draw_field(s, y, 0, s->cols, ROLE_HEADER, "");
	for (size_t i = 0; i < nr; i++) {
		_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;

		column_heading(&sb, &places[i], &t->model);
		draw_text(s, y, places[i].x, places[i].width + 1, ROLE_HEADER, sb.buf);
		if (column_sortable(places[i].id))
			draw_hit(s, y, places[i].x, places[i].width, K_SORT_BY + (int)places[i].id);
		sorted = sorted || places[i].id == t->model.sort;
	}
	draw_hint(t, y, &places[nr - 1], sorted);
}

/* At the header's right end: which rows of how many, where not all are shown. */
static void draw_range(struct tui *t, int y, int rows, const struct column_place *name)
{
	struct screen *s = &t->screen;
	size_t nr = t->model.nr_rows, end = t->top + (size_t)rows;
	int room = name->width - (int)strlen(name->name) - 2;
	char range[64];

	if (rows <= 0 || nr <= (size_t)rows)
		return;
	snprintf(range, sizeof(range), "%zu%s%zu of %zu", t->top + 1, s->glyphs->utf8 ? "–" : "-",
		 end < nr ? end : nr, nr);
	if ((int)text_width(range, strlen(range)) <= room)
		draw_right(s, y, name->x, name->width, ROLE_HEADER, range);
}

static void draw_row(struct tui *t, int y, const struct row *row, bool selected,
		     const struct column_place *places, size_t nr)
{
	const struct memory *g = model_row_group(&t->model, row);
	struct screen *s = &t->screen;

	if (selected)
		draw_field(s, y, 0, s->cols, ROLE_SELECTED, "");
	for (size_t i = 0; i < nr; i++) {
		_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;
		enum role role = ROLE_NORMAL;
		size_t blank;

		column_cell(&sb, &places[i], &t->model, row);
		/* A chip is as wide as its text. */
		while (sb.len && sb.buf[sb.len - 1] == ' ')
			strbuf_truncate(&sb, sb.len - 1);
		/* And what runs on from the column before is not covered. */
		blank = strspn(sb.buf, " ");
		if (selected)
			role = ROLE_SELECTED;
		else if (!row->m && places[i].toned)
			role = kind_role(g->kind);
		draw_text(s, y, places[i].x + (int)blank, (int)sb.len, role, sb.buf + blank);
	}
}

/* Scroll so far that the selected row is on the screen. */
static void scroll_to_cursor(struct tui *t, int rows)
{
	size_t cursor = t->model.cursor, nr = t->model.nr_rows, fit = rows > 0 ? (size_t)rows : 1;

	if (cursor < t->top)
		t->top = cursor;
	if (cursor >= t->top + fit)
		t->top = cursor - fit + 1;
	if (t->top + fit > nr)
		t->top = nr > fit ? nr - fit : 0;
}

void view_list(struct tui *t, int y, int rows)
{
	struct column_place places[COLUMN_NR];
	size_t nr = columns_layout(t->screen.cols, places);
	struct model *m = &t->model;

	draw_heading(t, y++, places, nr);
	rows--;
	t->list_y = y;
	t->list_rows = rows > 0 ? rows : 0;
	if (rows <= 0)
		return;
	if (!m->nr_rows) {
		view_empty(t, y, rows);
		return;
	}
	scroll_to_cursor(t, rows);
	draw_range(t, y - 1, rows, &places[nr - 1]);
	for (int i = 0; i < rows && t->top + (size_t)i < m->nr_rows; i++) {
		size_t at = t->top + (size_t)i;
		bool selected = m->selected.set && at == m->cursor;

		draw_row(t, y + i, &m->rows[at], selected, places, nr);
		if (selected)
			draw_cursor(&t->screen, y + i, 0);
	}
}

/* --- nothing to show --------------------------------------------------------------- */

enum { TEXT_X = 6 };

static void draw_lines(struct tui *t, int y, int rows, const struct strbuf *text)
{
	int x = t->screen.cols > 60 ? TEXT_X : 1, end = y + rows;
	size_t room = (size_t)(t->screen.cols - x);
	char *at = text->buf;

	while (y < end && *at) {
		size_t len = strcspn(at, "\n"), done = 0, next;
		bool more = at[len];

		at[len] = '\0';
		do {
			size_t fit = text_break(at + done, room, &next);
			_cleanup_strbuf_ struct strbuf line = STRBUF_INIT;

			strbuf_add(&line, at + done, fit);
			draw_text(&t->screen, y++, x, (int)room, ROLE_NORMAL, line.buf);
			done += next;
		} while (done < len && y < end);
		at += len + more;
	}
}

/* "sprout (SPROUT_MANAGED_AGENT), ...": what makes a process an agent. */
static void add_apps(struct tui *t, struct strbuf *sb)
{
	const struct policy *policy = t->options->sweep.policy;
	const char *between = "";

	for (size_t i = 0; i < policy->nr_apps; i++) {
		const struct app *app = &policy->apps[i];

		if (t->options->sweep.scope.app && strcmp(app->name, t->options->sweep.scope.app))
			continue;
		strbuf_addstr(sb, between);
		escape_text(sb, app->name);
		strbuf_addstr(sb, app->markers.nr ? " (" : "");
		for (size_t k = 0; k < app->markers.nr; k++) {
			strbuf_addstr(sb, k ? ", " : "");
			escape_text(sb, app->markers.items[k]);
		}
		strbuf_addstr(sb, app->markers.nr ? ")"
				  : app->stdio	  ? " (servers without a client)"
						  : "");
		between = ", ";
	}
}

static void empty_text(struct tui *t, struct strbuf *sb)
{
	const struct census *c = t->model.census;
	char clock[32];

	_cleanup_strbuf_ struct strbuf scope = STRBUF_INIT;

	view_scope(t, &scope, ", ");
	if (scope.len)
		strbuf_addf(sb,
			    "No managed agents found here: %s.\n%zu group%s excluded by that.\n\n",
			    scope.buf + 2, t->model.sum.excluded,
			    t->model.sum.excluded == 1 ? " is" : "s are");
	else
		strbuf_addstr(sb, "No managed agents found.\n\n");
	strbuf_addf(sb, "Scanned %zu process%s at %s", c->snapshot->scanned,
		    c->snapshot->scanned == 1 ? "" : "es",
		    cell_clock(clock, sizeof(clock), c->snapshot->realtime_ms));
	if (c->snapshot->unreadable)
		strbuf_addf(sb, "; %zu could not be read (other users)", c->snapshot->unreadable);
	strbuf_addstr(sb, ".\nLooked for: ");
	add_apps(t, sb);
	strbuf_addstr(sb, ".\nstray.conf(5) adds apps, 'stray --demo' shows a fleet to try.\n\n");
	strbuf_addf(sb, "Start a desktop instance and it appears here within %g s.\n",
		    (double)t->options->delay_ms / 1000);
	if (t->options->sweep.scope.all_users)
		strbuf_addstr(sb, "? help   q quit\n");
	else if (t->options->sweep.scope.uid == 0)
		strbuf_addstr(sb, "--all-users shows other users' agents.  ? help   q quit\n");
	else
		strbuf_addstr(sb, "Run as root to see other users' agents.  ? help   q quit\n");
}

void view_empty(struct tui *t, int y, int rows)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;
	const struct model *m = &t->model;
	int skip = 2;

	if (!m->census) {
		strbuf_addstr(&sb, "Looking at the processes ...");
	} else if (m->sum.groups) {
		strbuf_addstr(&sb, "No group or process matches \"");
		escape_append_as(&sb, (struct bytes){ m->filter.text, strlen(m->filter.text) },
				 m->glyphs->utf8);
		strbuf_addf(&sb, "\".\n%zu group%s hidden by the filter. Esc clears it.",
			    m->sum.groups, m->sum.groups == 1 ? "" : "s");
	} else {
		empty_text(t, &sb);
		skip = (rows - 9) / 2;
	}
	if (rows < 4 || skip < 0)
		skip = 0;
	draw_lines(t, y + skip, rows - skip, &sb);
	draw_cursor(&t->screen, y, 0);
}
