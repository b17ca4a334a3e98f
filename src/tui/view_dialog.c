/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "report/format.h"
#include "tui/frame.h"
#include "tui/state.h"

enum { HELP_WIDTH = 76, TITLE_WIDTH = 30 /* and the sweep's state beside it */ };

/* Too narrow for the sentences and the keys: broken, and the short form of many or high ones. */
static void draw_plain_small(struct screen *s, const struct dialog *d)
{
	bool enough = s->cols >= DIALOG_MIN_COLS && s->rows >= DIALOG_MIN_ROWS;
	struct frame f = frame_place(s, 4, enough ? s->cols - 2 : s->cols);
	const char *text = d->nr_lines == 1 ? d->lines[0] : d->brief;
	int nr;

	f.tight = 1;
	if (d->kind == DIALOG_ARM && !enough)
		text = "Enlarge to 40x10 to arm";
	if (frame_wrap(NULL, &f, 1, text) + 3 > s->rows - 1)
		text = d->kind == DIALOG_ARM && !enough ? "Enlarge to 40x10" : d->brief;
	nr = frame_wrap(NULL, &f, 1, text);
	f = frame_place(s, nr + 4 < s->rows - 1 ? nr + 4 : s->rows - 1, f.width);
	f.tight = 1;
	draw_box(s, f.y, f.x, f.height, f.width, d->title);
	frame_wrap(s, &f, 1, text);
	frame_buttons(s, d, &f, false);
}

static void draw_plain(struct tui *t)
{
	struct dialog *d = &t->dialog;
	struct screen *s = &t->screen;
	struct frame f;
	/* Two frames, a blank, the brackets of both buttons, and what parts them. */
	int width = (int)(strlen(d->no) + strlen(d->yes) + strlen(d->keys)) + 15;

	for (size_t i = 0; i < d->nr_lines; i++) {
		int len = (int)text_width(d->lines[i], strlen(d->lines[i])) + 3;

		width = len > width ? len : width;
	}
	if (width > s->cols - 2 || (int)d->nr_lines + 4 > s->rows) {
		draw_plain_small(s, d);
		return;
	}
	f = frame_place(s, (int)d->nr_lines + 4, width);
	f.tight = 1;
	draw_box(s, f.y, f.x, f.height, f.width, d->title);
	for (size_t i = 0; i < d->nr_lines; i++)
		frame_text(s, &f, (int)i + 1, ROLE_DIALOG, d->lines[i]);
	frame_buttons(s, d, &f, true);
}

static void draw_sort(struct tui *t)
{
	struct dialog *d = &t->dialog;
	struct screen *s = &t->screen;
	enum column_id columns[COLUMN_NR];
	size_t nr = dialog_sort_columns(columns), rows, top = 0;
	struct frame f = frame_place(s, (int)nr + 2 < s->rows - 1 ? (int)nr + 2 : s->rows - 1, 24);

	rows = (size_t)(f.height - 2);
	if (d->choice >= rows)
		top = d->choice - rows + 1;
	draw_box(s, f.y, f.x, f.height, f.width, d->title);
	for (size_t i = 0; i < rows && top + i < nr; i++) {
		bool chosen = top + i == d->choice;
		int y = f.y + 1 + (int)i;

		draw_field(s, y, f.x + 1, f.width - 2, chosen ? ROLE_FOCUS : ROLE_DIALOG, "");
		draw_text(s, y, f.x + 2, f.width - 4, chosen ? ROLE_FOCUS : ROLE_DIALOG,
			  column_name(columns[top + i]));
		draw_hit(s, y, f.x + 1, f.width - 2, K_SORT_BY + (int)columns[top + i]);
		if (chosen)
			draw_cursor(s, y, f.x + 2);
	}
	if (!d->settled)
		draw_cursor(s, f.y, f.x + 3);
}

void view_dialog(struct tui *t)
{
	/* What lies behind cannot be clicked. */
	t->screen.nr_hits = 0;
	if (t->dialog.kind == DIALOG_SORT)
		draw_sort(t);
	else if (t->dialog.kind == DIALOG_REAP)
		view_reap(t);
	else
		draw_plain(t);
}

/* Append the whole help, broken to @columns. Returns how many lines it has. */
static size_t help_lines(struct strbuf *sb, size_t columns)
{
	enum { INDENT = 7 };
	size_t nr = 0;

	for (size_t i = 0; i < keymap_help_lines(); i++) {
		_cleanup_strbuf_ struct strbuf line = STRBUF_INIT;
		const char *at;
		size_t next;

		keymap_help_line(&line, i);
		at = line.buf;
		do {
			bool first = at == line.buf;
			size_t room = first || columns <= INDENT ? columns : columns - INDENT;
			size_t len = text_break(at, room, &next);

			if (!first)
				strbuf_addchars(sb, ' ', INDENT);
			strbuf_add(sb, at, len);
			strbuf_addch(sb, '\n');
			at += next;
			nr++;
		} while (*at);
	}
	return nr;
}

/* A mark that a line of the help explains, in the colour that it has in the list. */
static void draw_mark(struct screen *s, const struct frame *f, int line, const char *text)
{
	enum { AT = 7 };
	enum role role = ROLE_DIALOG;

	if (strlen(text) < AT + 3 || strncmp(text + AT + 1, "  ", 2) != 0)
		return;
	if (text[AT] == '!')
		role = ROLE_REAPABLE;
	else if (text[AT] == '?')
		role = ROLE_GRACE;
	if (role != ROLE_DIALOG)
		draw_text(s, f->y + line, f->x + 2 + AT, 1, role, text[AT] == '!' ? "!" : "?");
}

void view_help(struct tui *t)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	struct screen *s = &t->screen;
	int width = HELP_WIDTH < s->cols - 2 ? HELP_WIDTH : s->cols - 2;
	size_t nr = help_lines(&text, width > 5 ? (size_t)width - 4 : 1), rows, skip;
	struct frame f =
		frame_place(s, (int)nr + 2 < s->rows - 1 ? (int)nr + 2 : s->rows - 1, width);
	char *at = text.buf;

	s->nr_hits = 0;
	rows = f.height > 2 ? (size_t)(f.height - 2) : 0;
	if (t->help_offset + rows > nr)
		t->help_offset = nr > rows ? nr - rows : 0;
	draw_box(s, f.y, f.x, f.height, f.width,
		 rows == nr	       ? "Help (any key closes)"
		 : width < TITLE_WIDTH ? "Help"
				       : "Help (Down scrolls)");
	skip = t->help_offset;
	for (size_t i = 0; i < skip + rows && *at; i++) {
		size_t len = strcspn(at, "\n");

		at[len] = '\0';
		if (i >= skip) {
			frame_text(s, &f, (int)(i - skip) + 1, ROLE_DIALOG, at);
			draw_mark(s, &f, (int)(i - skip) + 1, at);
		}
		at += len + 1;
	}
	draw_cursor(s, f.y + 1, f.x + 2);
}
