/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "report/format.h"
#include "tui/state.h"

enum { REAP_WIDTH = 74, REAP_LINES = 11, HELP_WIDTH = 76, TALL_ROWS = 18, WIDE_COLS = 60 };

/* Where a dialog stands. */
struct frame {
	int y, x, height, width;
	int tight; /* 1: text may run up to the right side */
};

static struct frame place(const struct screen *s, int height, int width)
{
	struct frame f = { .height = height, .width = width };

	if (f.width > s->cols)
		f.width = s->cols;
	if (f.height > s->rows)
		f.height = s->rows;
	f.y = (s->rows - f.height) / 2;
	f.x = (s->cols - f.width) / 2;
	return f;
}

static void draw_inside(struct screen *s, const struct frame *f, int line, enum role role,
			const char *text)
{
	if (line >= 1 && line < f->height - 1)
		draw_text(s, f->y + line, f->x + 2, f->width - 4 + f->tight, role, text);
}

static int draw_button(struct screen *s, int y, int x, const char *label, const char *form,
		       bool focus, int number)
{
	char text[48];
	int width;

	snprintf(text, sizeof(text), form[0] ? "[ %s ]" : "[%s]", label);
	width = draw_text(s, y, x, s->cols, focus ? ROLE_FOCUS : ROLE_DIALOG, text);
	draw_hit(s, y, x, width, K_BUTTON + number);
	if (focus)
		draw_cursor(s, y, x + 1 + (int)strlen(form));
	return x + width;
}

/* "[ Cancel ]  [ Reap 4 ]   y reap ..." on the last line inside. */
static void draw_buttons(struct screen *s, const struct dialog *d, const struct frame *f,
			 bool with_keys)
{
	int y = f->y + f->height - 2, x = f->x + 2, both;
	const char *form = " ";
	char yes[32];

	if (d->kind == DIALOG_REAP)
		snprintf(yes, sizeof(yes), "%s %zu", d->yes, dialog_left(d));
	else
		snprintf(yes, sizeof(yes), "%s", d->yes);
	/* Nothing between the brackets and the words where both do not fit otherwise. */
	both = (int)(strlen("[  ]  [  ]") + strlen(d->no) + strlen(yes));
	if (both > f->width - 3)
		form = "";
	x = draw_button(s, y, x, d->no, form, !d->focus, 0);
	if (dialog_ready(d))
		x = draw_button(s, y, x + 1 + (int)strlen(form), yes, form, d->focus, 1);
	if (!with_keys)
		return;
	if (d->need_word)
		draw_text(s, y, f->x + 43, f->width - 44, ROLE_DIALOG,
			  dialog_ready(d) ? "Enter reap   Esc cancel" : "Esc/Enter cancel");
	else
		draw_text(s, y, x + 1, f->x + f->width - 1 - (x + 1), ROLE_DIALOG, d->keys);
}

/* --- reap -------------------------------------------------------------------------- */

static void victim_text(const struct tui *t, const struct victim *v, bool brief, struct strbuf *sb)
{
	char age[FORMAT_SIZE], rss[FORMAT_SIZE], pid[16], name[33];

	snprintf(pid, sizeof(pid), "%d", (int)v->id.pid);
	format_kib(rss, sizeof(rss), v->rss_kib);
	format_age(age, sizeof(age), v->age_ms);
	if (v->exited)
		snprintf(brief ? rss : age, FORMAT_SIZE, brief ? "ended" : "exited");
	text_field(sb, pid, brief ? 6 : 7, true);
	strbuf_addch(sb, ' ');
	if (!brief) {
		text_field(sb, age, 6, true);
		strbuf_addch(sb, ' ');
	}
	text_field(sb, rss, 5, true);
	strbuf_addch(sb, ' ');
	if (!brief) {
		_cleanup_strbuf_ struct strbuf user = STRBUF_INIT;

		escape_text(&user, model_user(&t->model, v->uid, name));
		text_field(sb, user.buf, 8, false);
		strbuf_addch(sb, ' ');
	}
	if (v->unsure)
		strbuf_addstr(sb, "[its parent lives] ");
	if (v->foreign)
		strbuf_addstr(sb, "[not of this instance] ");
	else if (v->why != WHY_MAY_END)
		strbuf_addf(sb, "[kept: %s] ",
			    verdict_kept_name(v->why) ? verdict_kept_name(v->why)
						      : verdict_text(v->why));
	strbuf_addstr(sb, v->command);
}

static void draw_victims(struct tui *t, const struct frame *f, int line, int rows, bool brief)
{
	struct dialog *d = &t->dialog;

	d->height = rows > 0 ? (size_t)rows : 0;
	if (d->offset + d->height > d->nr)
		d->offset = d->nr > d->height ? d->nr - d->height : 0;
	for (int i = 0; i < rows && d->offset + (size_t)i < d->nr; i++) {
		const struct victim *v = &d->victims[d->offset + (size_t)i];
		_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;

		victim_text(t, v, brief, &sb);
		draw_inside(&t->screen, f, line + i, ROLE_DIALOG, sb.buf);
	}
}

static void draw_range(struct screen *s, const struct dialog *d, const struct frame *f, int line)
{
	char range[48];
	size_t end = d->offset + d->height < d->nr ? d->offset + d->height : d->nr;

	if (d->nr <= d->height)
		return;
	snprintf(range, sizeof(range), " %zu-%zu of %zu ", d->offset + 1, end, d->nr);
	draw_right(s, f->y + line, f->x + 1, f->width - 2, ROLE_DIALOG, range);
}

static void changes_text(const struct dialog *d, char *buf, size_t size)
{
	size_t gone = d->nr_victims - dialog_left(d);
	const char *key = d->need_word ? "F5" : "r";

	buf[0] = '\0';
	if (d->new_processes)
		snprintf(buf, size, "%zu new process%s not included (%s to re-read)",
			 d->new_processes, d->new_processes == 1 ? "" : "es", key);
	else if (d->new_below)
		snprintf(buf, size, "%zu new below these, ended with them (%s to re-read)",
			 d->new_below, key);
	else if (gone)
		snprintf(buf, size, "%zu of them exited meanwhile", gone);
}

static void draw_word(struct screen *s, const struct dialog *d, int y, int x, int width)
{
	char text[48];
	int len = (int)strlen(d->word);

	snprintf(text, sizeof(text), "Type \"reap\" to confirm: %s%.*s", d->word, DIALOG_WORD - len,
		 "____");
	draw_text(s, y, x, width, ROLE_DIALOG, text);
	if (!d->focus && !dialog_ready(d))
		draw_cursor(s, y, x + 24 + len);
}

static void draw_reap_small(struct tui *t)
{
	struct dialog *d = &t->dialog;
	struct screen *s = &t->screen;
	int want = 5 + (int)d->nr + (d->need_word ? 1 : 0);
	struct frame f = place(s, want < s->rows - 1 ? want : s->rows - 1, s->cols - 2);
	_cleanup_strbuf_ struct strbuf name = STRBUF_INIT;
	int list = f.height - 5 - (d->need_word ? 1 : 0);
	struct frame narrow = f;
	char changes[80];

	f.y = (s->rows - 1 - f.height) / 2;
	draw_box(s, f.y, f.x, f.height, f.width, d->title);
	text_tail(&name, d->lines[0], (size_t)(f.width - 4), s->glyphs);
	draw_inside(s, &f, 1, ROLE_DIALOG, name.buf);
	changes_text(d, changes, sizeof(changes));
	/* It was opened on a larger screen; what does not show all confirms nothing. */
	if (s->cols < DIALOG_MIN_COLS || s->rows < DIALOG_MIN_ROWS)
		snprintf(changes, sizeof(changes), "Enlarge to %dx%d to reap", DIALOG_MIN_COLS,
			 DIALOG_MIN_ROWS);
	draw_inside(s, &f, 2, ROLE_DIALOG, changes[0] ? changes : d->brief);
	narrow.y = f.y;
	narrow.tight = -1;
	draw_victims(t, &narrow, 3, list, true);
	draw_range(s, d, &f, f.height - 1);
	draw_buttons(s, d, &f, false);
	if (d->need_word)
		draw_word(s, d, f.y + f.height - 3, f.x + 2, f.width - 3);
}

static void draw_reap(struct tui *t)
{
	struct dialog *d = &t->dialog;
	struct screen *s = &t->screen;
	int want = 2 + REAP_LINES + (int)d->nr, width = REAP_WIDTH, line = 4, list;
	_cleanup_strbuf_ struct strbuf name = STRBUF_INIT;
	char changes[80];
	struct frame f;

	if (s->rows < TALL_ROWS || s->cols < WIDE_COLS) {
		draw_reap_small(t);
		return;
	}
	f = place(s, want < s->rows - 2 ? want : s->rows - 2,
		  width < s->cols - 2 ? width : s->cols - 2);
	list = f.height - 2 - REAP_LINES;
	draw_box(s, f.y, f.x, f.height, f.width, d->title);
	text_tail(&name, d->lines[0], (size_t)(f.width - 4), s->glyphs);
	draw_inside(s, &f, 1, ROLE_DIALOG, name.buf);
	draw_inside(s, &f, 2, ROLE_DIALOG, d->lines[1]);
	draw_inside(s, &f, line++, ROLE_DIALOG, d->lines[2]);
	draw_inside(s, &f, line, ROLE_DIALOG, "    PID    AGE   RSS USER     COMMAND");
	draw_victims(t, &f, line + 1, list, false);
	draw_range(s, d, &f, line);
	line += 1 + list;
	draw_inside(s, &f, line, ROLE_DIALOG, d->lines[3]);
	draw_inside(s, &f, line + 2, ROLE_DIALOG,
		    "List is frozen; each PID's start time is rechecked before signalling.");
	changes_text(d, changes, sizeof(changes));
	draw_inside(s, &f, line + 3, ROLE_DIALOG, changes);
	draw_buttons(s, d, &f, true);
	if (d->need_word)
		draw_word(s, d, f.y + line + 4, f.x + 2, f.width - 3);
}

/* --- the others ------------------------------------------------------------------- */

/* @text from the first line inside on, as many lines as stand there; how many it takes. */
static size_t draw_broken(struct screen *s, const struct frame *f, const char *text, bool count)
{
	size_t nr = 0, next;

	do {
		size_t len = text_break(text, (size_t)(f->width - 4 + f->tight), &next);
		_cleanup_strbuf_ struct strbuf line = STRBUF_INIT;

		strbuf_add(&line, text, len);
		nr++;
		if (!count)
			draw_inside(s, f, (int)nr, ROLE_DIALOG, line.buf);
		text += next;
	} while (*text);
	return nr;
}

/* Too narrow for the sentences and the keys: broken, and the short form of many or high ones. */
static void draw_plain_small(struct screen *s, const struct dialog *d)
{
	bool enough = s->cols >= DIALOG_MIN_COLS && s->rows >= DIALOG_MIN_ROWS;
	struct frame f = place(s, 4, enough ? s->cols - 2 : s->cols);
	const char *text = d->nr_lines == 1 ? d->lines[0] : d->brief;
	size_t nr;

	f.tight = 1;
	if (d->kind == DIALOG_ARM && !enough)
		text = "Enlarge to 40x10 to arm";
	if (draw_broken(s, &f, text, true) + 3 > (size_t)s->rows - 1)
		text = d->kind == DIALOG_ARM && !enough ? "Enlarge to 40x10" : d->brief;
	nr = draw_broken(s, &f, text, true);
	f = place(s, (int)nr + 4 < s->rows - 1 ? (int)nr + 4 : s->rows - 1, f.width);
	f.tight = 1;
	draw_box(s, f.y, f.x, f.height, f.width, d->title);
	draw_broken(s, &f, text, false);
	draw_buttons(s, d, &f, false);
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
	f = place(s, (int)d->nr_lines + 4, width);
	f.tight = 1;
	draw_box(s, f.y, f.x, f.height, f.width, d->title);
	for (size_t i = 0; i < d->nr_lines; i++)
		draw_inside(s, &f, (int)i + 1, ROLE_DIALOG, d->lines[i]);
	draw_buttons(s, d, &f, true);
}

static void draw_sort(struct tui *t)
{
	struct dialog *d = &t->dialog;
	struct screen *s = &t->screen;
	enum column_id columns[COLUMN_NR];
	size_t nr = dialog_sort_columns(columns), rows, top = 0;
	struct frame f = place(s, (int)nr + 2 < s->rows - 1 ? (int)nr + 2 : s->rows - 1, 24);

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
}

void view_dialog(struct tui *t)
{
	/* What lies behind cannot be clicked. */
	t->screen.nr_hits = 0;
	if (t->dialog.kind == DIALOG_SORT)
		draw_sort(t);
	else if (t->dialog.kind == DIALOG_REAP)
		draw_reap(t);
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

void view_help(struct tui *t)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	struct screen *s = &t->screen;
	int width = HELP_WIDTH < s->cols - 2 ? HELP_WIDTH : s->cols - 2;
	size_t nr = help_lines(&text, width > 5 ? (size_t)width - 4 : 1), rows, skip;
	struct frame f = place(s, (int)nr + 2 < s->rows - 1 ? (int)nr + 2 : s->rows - 1, width);
	char *at = text.buf;

	s->nr_hits = 0;
	rows = f.height > 2 ? (size_t)(f.height - 2) : 0;
	if (t->help_offset + rows > nr)
		t->help_offset = nr > rows ? nr - rows : 0;
	draw_box(s, f.y, f.x, f.height, f.width,
		 rows < nr ? "Help (Down scrolls)" : "Help (any key closes)");
	skip = t->help_offset;
	for (size_t i = 0; i < skip + rows && *at; i++) {
		size_t len = strcspn(at, "\n");

		at[len] = '\0';
		if (i >= skip)
			draw_inside(s, &f, (int)(i - skip) + 1, ROLE_DIALOG, at);
		at += len + 1;
	}
	draw_cursor(s, f.y + 1, f.x + 2);
}
