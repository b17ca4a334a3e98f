/* SPDX-License-Identifier: MIT */
/* The reap dialog: what gets signals, what is not touched, and why. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "report/format.h"
#include "tui/frame.h"
#include "tui/state.h"

enum { REAP_WIDTH = 76, TALL_ROWS = 18, WIDE_COLS = 60 };

static void add_user(const struct tui *t, uid_t uid, struct strbuf *sb)
{
	_cleanup_strbuf_ struct strbuf user = STRBUF_INIT;
	char name[33];

	escape_text(&user, model_user(&t->model, uid, name));
	text_field(sb, user.buf, 8, false);
	strbuf_addch(sb, ' ');
}

static void victim_text(const struct tui *t, const struct victim *v, bool brief, struct strbuf *sb)
{
	char age[FORMAT_SIZE], rss[FORMAT_SIZE], pid[16];

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
	if (!brief)
		add_user(t, v->uid, sb);
	if (v->unsure)
		strbuf_addstr(sb, "[unknown] ");
	if (v->foreign)
		strbuf_addstr(sb, "[not of this instance] ");
	else if (v->why == WHY_UNKNOWN)
		strbuf_addstr(sb, "[unknown] ");
	else if (v->why != WHY_MAY_END)
		strbuf_addf(sb, "[kept: %s] ",
			    verdict_kept_name(v->why) ? verdict_kept_name(v->why)
						      : verdict_text(v->why));
	strbuf_addstr(sb, t->model.no_args ? v->name : v->command);
}

/* "….dev.my-branch  GONE 41877  4 processes": the heading of one of several instances. */
static void share_text(const struct tui *t, const struct share *s, int width, struct strbuf *sb)
{
	static const char *const words[] = {
		[OWNER_ALIVE] = "alive", [OWNER_GONE] = "GONE", [OWNER_UNKNOWN] = "unknown"
	};
	_cleanup_strbuf_ struct strbuf id = STRBUF_INIT, tail = STRBUF_INIT;
	char count[40];

	strbuf_addf(&tail, "  %s", words[s->owner]);
	if (s->owner_pid > 0)
		strbuf_addf(&tail, " %d", (int)s->owner_pid);
	strbuf_addf(&tail, "  %s%s", dialog_processes(count, sizeof(count), s->nr),
		    s->hidden ? "  (hidden)" : "");
	escape_append_as(&id, s->key.id, t->model.glyphs->utf8);
	text_tail(sb, id.buf, width > (int)tail.len + 4 ? (size_t)width - tail.len : 4,
		  t->screen.glyphs);
	strbuf_addstr(sb, tail.buf);
}

static void draw_rows(struct tui *t, const struct frame *f, int line, int rows, bool brief)
{
	struct dialog *d = &t->dialog;

	d->height = rows > 0 ? (size_t)rows : 0;
	if (d->offset + d->height > d->nr_rows)
		d->offset = d->nr_rows > d->height ? d->nr_rows - d->height : 0;
	for (int i = 0; i < rows && d->offset + (size_t)i < d->nr_rows; i++) {
		const struct dialog_row *row = &d->rows[d->offset + (size_t)i];
		_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;

		switch (row->kind) {
		case DIALOG_ROW_SHARE:
			share_text(t, &d->shares[row->at], f->width - 4, &sb);
			break;
		case DIALOG_ROW_UNTOUCHED:
			if (brief && d->nr_unknown && d->nr_victims)
				strbuf_addf(&sb, "Not touched: %zu (u takes in %zu)",
					    d->nr - d->nr_victims, d->nr_unknown);
			else
				strbuf_addf(&sb, "%s:", d->lines[3]);
			break;
		case DIALOG_ROW_VICTIM:
			victim_text(t, &d->victims[row->at], brief, &sb);
			break;
		}
		frame_text(&t->screen, f, line + i, ROLE_DIALOG, sb.buf);
	}
}

static void draw_range(struct screen *s, const struct dialog *d, const struct frame *f, int line)
{
	char range[48];
	size_t end = d->offset + d->height < d->nr_rows ? d->offset + d->height : d->nr_rows;

	if (d->nr_rows <= d->height)
		return;
	snprintf(range, sizeof(range), " %zu-%zu of %zu ", d->offset + 1, end, d->nr_rows);
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
	char text[64];
	int len = (int)strlen(d->word);
	bool wrong = len && !dialog_ready(d) && strncmp(d->word, "reap", (size_t)len) != 0;

	snprintf(text, sizeof(text), "Type \"reap\" to confirm: %s%.*s%s", d->word,
		 len < 4 ? 4 - len : 0, "____", wrong ? "  not \"reap\"" : "");
	draw_text(s, y, x, width, ROLE_DIALOG, text);
	if (!d->focus && !dialog_ready(d) && d->settled)
		draw_cursor(s, y, x + 24 + len);
}

static void draw_reap_small(struct tui *t)
{
	struct dialog *d = &t->dialog;
	struct screen *s = &t->screen;
	int want = 5 + (int)d->nr_rows + (d->need_word ? 1 : 0);
	struct frame f = frame_place(s, want < s->rows - 1 ? want : s->rows - 1, s->cols - 2);
	_cleanup_strbuf_ struct strbuf name = STRBUF_INIT;
	int list = f.height - 5 - (d->need_word ? 1 : 0);
	struct frame narrow = f;
	char changes[400];

	f.y = (s->rows - 1 - f.height) / 2;
	draw_box(s, f.y, f.x, f.height, f.width, d->title);
	text_tail(&name, d->lines[0], (size_t)(f.width - 4), s->glyphs);
	frame_text(s, &f, 1, ROLE_DIALOG, d->note[0] ? d->note : name.buf);
	changes_text(d, changes, sizeof(changes));
	/* It was opened on a larger screen; what does not show all confirms nothing. */
	if (s->cols < DIALOG_MIN_COLS || s->rows < DIALOG_MIN_ROWS)
		snprintf(changes, sizeof(changes), "Enlarge to %dx%d to reap", DIALOG_MIN_COLS,
			 DIALOG_MIN_ROWS);
	frame_text(s, &f, 2, ROLE_DIALOG, changes[0] ? changes : d->brief);
	narrow.y = f.y;
	narrow.tight = -1;
	draw_rows(t, &narrow, 3, list, true);
	draw_range(s, d, &f, f.height - 1);
	frame_buttons(s, d, &f, !d->nr_victims);
	if (d->need_word)
		draw_word(s, d, f.y + f.height - 3, f.x + 2, f.width - 3);
}

/* The lines above the list: the name or what the filter hides, the owner, the heading. */
static int draw_head(struct tui *t, const struct frame *f)
{
	struct dialog *d = &t->dialog;
	struct screen *s = &t->screen;
	_cleanup_strbuf_ struct strbuf name = STRBUF_INIT;
	int line = 1;

	if (d->nr_shares == 1) {
		text_tail(&name, d->lines[0], (size_t)(f->width - 4), s->glyphs);
		frame_text(s, f, line++, ROLE_DIALOG, name.buf);
	}
	line += frame_wrap(s, f, line, d->lines[1]);
	if (d->note[0])
		frame_text(s, f, line++, ROLE_DIALOG, d->note);
	line++;
	frame_text(s, f, line++, ROLE_DIALOG, d->lines[2]);
	frame_text(s, f, line, ROLE_DIALOG, "    PID    AGE   RSS USER     COMMAND");
	return line;
}

/* As wide as the longest row, if the screen is: what is ended should be read whole. */
static int wanted_width(const struct tui *t)
{
	const struct dialog *d = &t->dialog;
	int most = REAP_WIDTH, room = t->screen.cols - 2;

	for (size_t i = 0; i < d->nr && most < room; i++) {
		_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;
		int width;

		victim_text(t, &d->victims[i], false, &sb);
		width = (int)text_width(sb.buf, sb.len) + 4;
		most = width > most ? width : most;
	}
	return most < room ? most : room;
}

void view_reap(struct tui *t)
{
	struct dialog *d = &t->dialog;
	struct screen *s = &t->screen;
	int above, below = 4, want, list, line;
	char changes[400];
	struct frame f;

	if (s->rows < TALL_ROWS || s->cols < WIDE_COLS) {
		draw_reap_small(t);
		return;
	}
	f = frame_place(s, s->rows - 2, wanted_width(t));
	above = 3 + (d->nr_shares == 1) + (d->note[0] != '\0');
	above += frame_wrap(NULL, &f, 1, d->lines[1]);
	want = 2 + above + below + (int)d->nr_rows;
	f = frame_place(s, want < s->rows - 2 ? want : s->rows - 2, f.width);
	list = f.height - 2 - above - below;
	draw_box(s, f.y, f.x, f.height, f.width, d->title);
	line = draw_head(t, &f);
	draw_rows(t, &f, line + 1, list, false);
	draw_range(s, d, &f, line);
	line += 1 + list;
	changes_text(d, changes, sizeof(changes));
	if (!changes[0] && d->nr > d->nr_victims && d->height < d->nr_rows)
		snprintf(changes, sizeof(changes), "%s: at the end of the list.", d->lines[3]);
	frame_text(s, &f, line + 1, ROLE_DIALOG,
		   changes[0] ? changes
			      : "List is frozen; each start time is rechecked before signalling.");
	frame_buttons(s, d, &f, true);
	if (d->need_word)
		draw_word(s, d, f.y + line + 2, f.x + 2, f.width - 3);
}
