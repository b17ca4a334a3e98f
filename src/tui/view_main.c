/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/escape.h"
#include "report/format.h"
#include "tui/state.h"

/* Below these sizes the screen leaves things out. */
enum {
	MIN_COLS = 20,
	MIN_ROWS = 5,
	SUMMARY_ROWS = 6, /* the line of sums */
	SWEEP_ROWS = 16,  /* the line that explains the sweep */
	EVENTS_ROWS = 32, /* the pane of events */
	EVENTS_SHOWN = 7,
	WIDE_COLS = 110, /* scan figures in the title */
	WHOLE_COLS = 76, /* the whole sentence about the sweep */
};

static void countdown(char *buf, size_t size, int64_t ms)
{
	int64_t s = (ms + 999) / 1000;

	if (s >= 3600)
		snprintf(buf, size, "%d:%02d:%02d", (int)(s / 3600), (int)(s / 60 % 60),
			 (int)(s % 60));
	else
		snprintf(buf, size, "%d:%02d", (int)(s / 60), (int)(s % 60));
}

/* --- title ----------------------------------------------------------------------- */

/* Where the line gets longer than @room, it ends at @keep: half a word says nothing. */
static void end_at(struct strbuf *sb, size_t keep, int room)
{
	if ((int)text_width(sb->buf, sb->len) > room)
		strbuf_truncate(sb, keep);
}

/* What the view is narrowed to must not be overlooked: cut to @room, but never left out. */
static void add_scope(const struct tui *t, struct strbuf *sb, const struct strbuf *text, int room)
{
	int left = room - (int)text_width(sb->buf, sb->len);

	if ((int)text_width(text->buf, text->len) <= left) {
		strbuf_add(sb, text->buf, text->len);
	} else if (left > 1) {
		text_head(sb, text->buf, (size_t)left - 1);
		strbuf_addstr(sb, t->screen.glyphs->cut);
	}
}

static void title_left(struct tui *t, struct strbuf *sb, int room)
{
	const struct scope *scope = &t->options->sweep.scope;
	_cleanup_strbuf_ struct strbuf narrow = STRBUF_INIT;
	const struct census *c = t->model.census;
	bool brief = t->screen.cols < BRIEF_COLS;
	int rest; /* for what must leave the scope its room */
	size_t keep;

	view_scope(t, &narrow, brief ? " " : "  ");
	rest = room - (int)text_width(narrow.buf, narrow.len);
	strbuf_addstr(sb, " stray");
	if (!brief)
		strbuf_addf(sb, " %s", t->options->version);
	if (t->options->demo)
		strbuf_addstr(sb, " DEMO");
	keep = sb->len;
	if (!brief && c) {
		strbuf_addstr(sb, "  ");
		escape_text(sb, c->snapshot->host);
	}
	end_at(sb, keep, rest);
	keep = sb->len;
	if (!brief && scope->all_users)
		strbuf_addstr(sb, "  all users");
	else if (!brief && !t->options->other_user)
		strbuf_addf(sb, "  uid %lu", (unsigned long)scope->uid);
	end_at(sb, keep, rest);
	add_scope(t, sb, &narrow, room);
	if (brief)
		return;
	keep = sb->len;
	strbuf_addf(sb, "  every %.1fs", (double)t->options->delay_ms / 1000);
	end_at(sb, keep, room);
	keep = sb->len;
	if (c && t->screen.cols >= WIDE_COLS) {
		strbuf_addf(sb, "   scanned %zu", c->snapshot->scanned);
		if (c->snapshot->unreadable)
			strbuf_addf(sb, " (%zu unreadable)", c->snapshot->unreadable);
	}
	end_at(sb, keep, room);
}

/* What the sweep is doing: visible at every size and under every dialog. */
static void sweep_status(const struct tui *t, struct strbuf *sb, bool brief)
{
	char left[24];

	countdown(left, sizeof(left), tui_due_ms(t));
	if (t->armed)
		strbuf_addf(sb, "%sARMED %s%s", brief ? "" : "SWEEP ",
			    t->options->sweep.dry_run ? "dry run " : "", left);
	else if (t->swept_by > 0)
		strbuf_addf(sb, "swept by %s%d", brief ? "" : "pid ", (int)t->swept_by);
	else
		strbuf_addstr(sb, brief ? "off" : "sweep off");
	strbuf_addch(sb, ' ');
}

static void draw_status(struct tui *t)
{
	_cleanup_strbuf_ struct strbuf status = STRBUF_INIT;
	struct screen *s = &t->screen;
	int x;

	if (s->status_end < s->cols) {
		strbuf_addch(&status, ' '); /* off the frame's title */
		draw_field(s, 0, s->status_end + 1, s->cols, ROLE_TITLE, "");
	}
	sweep_status(t, &status, s->cols < BRIEF_COLS);
	x = s->status_end - (int)text_width(status.buf, status.len);
	draw_text(s, 0, x < 0 ? 0 : x, s->cols, t->armed ? ROLE_ARMED : ROLE_TITLE, status.buf);
}

void view_title(struct tui *t)
{
	_cleanup_strbuf_ struct strbuf left = STRBUF_INIT, right = STRBUF_INIT,
				       status = STRBUF_INIT;
	struct screen *s = &t->screen;
	bool brief = s->cols < BRIEF_COLS;
	char clock[FORMAT_SIZE];
	int right_x;

	sweep_status(t, &status, brief);
	if (t->paused)
		strbuf_addstr(&right, brief ? "PAUSED " : "PAUSED  ");
	if (!brief && t->model.census)
		strbuf_addf(&right, "%s  ",
			    cell_clock(clock, sizeof(clock),
				       t->model.census->snapshot->realtime_ms + t->model.late_ms));
	right_x = s->cols - (int)text_width(status.buf, status.len) -
		  (int)text_width(right.buf, right.len);
	title_left(t, &left, right_x - 1);
	draw_field(s, 0, 0, s->cols, ROLE_TITLE, left.buf);
	/* The right part wins where both do not fit. */
	draw_text(s, 0, right_x < 0 ? 0 : right_x, s->cols, ROLE_TITLE, right.buf);
	draw_status(t);
}

/* --- sums and sweep --------------------------------------------------------------- */

/* Add what the next tick would end if nothing changes: also those one tick short now. */
static void add_would_reap(struct tui *t, struct strbuf *sb)
{
	unsigned max_kill = t->options->sweep.settings.max_kill;
	const struct memory *only = NULL;
	size_t groups = 0, processes = 0;

	for (size_t i = 0; i < t->model.nr_groups; i++) {
		const struct memory *g = &t->model.groups[i];

		if (!g->present || !g->due)
			continue;
		groups++;
		processes += g->due;
		only = g;
	}
	strbuf_addstr(sb, t->options->sweep.dry_run ? "would reap: " : "will reap: ");
	if (max_kill && processes > max_kill) {
		strbuf_addf(sb, "nothing, %zu is over max-kill", processes);
		return;
	}
	if (!groups)
		strbuf_addstr(sb, "nothing");
	else if (groups == 1)
		model_short_name(sb, only, t->model.glyphs->utf8);
	else
		strbuf_addf(sb, "%zu groups", groups);
	if (groups)
		strbuf_addf(sb, " (%zu proc%s)", processes, processes == 1 ? "" : "s");
}

void view_sweep(struct tui *t, int y)
{
	const struct engine_settings *set = &t->options->sweep.settings;
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;
	struct screen *s = &t->screen;
	char left[24];

	if (t->armed) {
		countdown(left, sizeof(left), tui_due_ms(t));
		strbuf_addstr(&sb, " SWEEP ARMED  ");
		if (t->sweeping) {
			strbuf_addstr(&sb, "reaping now");
		} else {
			strbuf_addf(&sb, "next tick %s  ", left);
			add_would_reap(t, &sb);
		}
		draw_field(s, y, 0, s->cols, ROLE_ARMED, sb.buf);
		draw_right(s, y, 0, s->cols, ROLE_ARMED, "  F7 to disarm ");
		return;
	}
	if (t->swept_by > 0)
		strbuf_addf(&sb, " Swept by pid %d: that one reaps, this view only looks.",
			    (int)t->swept_by);
	else
		strbuf_addf(&sb, " Sweep off: %sF7 arms (%u tick%s x %ds grace).",
			    s->cols < WHOLE_COLS ? "" : "nothing is reaped automatically. ",
			    set->grace, set->grace == 1 ? "" : "s", (int)(set->interval_ms / 1000));
	draw_text(s, y, 0, s->cols, ROLE_NORMAL, sb.buf);
}

/* --- the two last lines ------------------------------------------------------------ */

static enum role word_role(enum worker_word word)
{
	switch (word) {
	case WORD_REAP:
	case WORD_FAIL:
		return ROLE_BAD;
	case WORD_ORPHAN:
	case WORD_SKIP:
	case WORD_WARN:
		return ROLE_WARN;
	default:
		return ROLE_NORMAL;
	}
}

/* The word of an event that stands in row @y, in its colour. */
static void draw_word(struct tui *t, int y, enum worker_word word)
{
	if (word_role(word) != ROLE_NORMAL)
		draw_text(&t->screen, y, 10, t->screen.cols - 11, word_role(word),
			  worker_word_name(word));
}

/* The time of the picture, which a test keeps still. */
static int64_t now_ms(const struct tui *t)
{
	return t->model.census ? t->model.census->snapshot->realtime_ms : 0;
}

static void draw_event(struct tui *t, int y, const struct log_line *line)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;

	log_format(&sb, line, (size_t)t->screen.cols - 1, now_ms(t), t->screen.glyphs);
	draw_text(&t->screen, y, 0, t->screen.cols - 1, ROLE_NORMAL, sb.buf);
	draw_word(t, y, line->word);
}

/* "reaping 2: 1 exited, SIGKILL in 3 s" */
static void add_progress(const struct tui *t, struct strbuf *sb)
{
	int64_t passed = t->options->now_ms ? 0 : clock_ms(CLOCK_MONOTONIC) - t->progress_at_ms;
	int64_t left = t->progress.kill_in_ms - passed;

	strbuf_addf(sb, " reaping %zu: %zu exited, ", t->progress.nr, t->progress.ended);
	if (t->progress.killed)
		strbuf_addstr(sb, "SIGKILL was sent");
	else
		strbuf_addf(sb, "SIGKILL in %d s", (int)(left > 0 ? (left + 999) / 1000 : 0));
	if (t->leaving)
		strbuf_addstr(sb, "; then it leaves");
}

void view_message(struct tui *t)
{
	struct screen *s = &t->screen;
	const struct log_line *newest = log_line(&t->log, 0);
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;
	int y = s->rows - 2;

	if (t->prompt.kind == PROMPT_FILTER && !t->message[0])
		strbuf_addf(&sb,
			    " %zu of %zu groups shown. Words: text !text gone 2/2 pid:N user:X"
			    " cpu>50 rss>1G",
			    t->model.sum.shown, t->model.sum.groups);
	else if (t->progress.nr)
		add_progress(t, &sb);
	else if (t->answered && t->message[0])
		log_format(&sb, &t->answer, (size_t)s->cols - 1, now_ms(t), s->glyphs);
	else if (t->message[0])
		strbuf_addf(&sb, " %s", t->message);
	if (sb.len) {
		draw_field(s, y, 0, s->cols, ROLE_NORMAL, sb.buf);
		if (t->answered && t->message[0] && !t->progress.nr)
			draw_word(t, y, t->answer.word);
	} else if (t->view == VIEW_MAIN && newest && s->rows < EVENTS_ROWS && !t->details_rows) {
		draw_event(t, y, newest);
	}
}

static int footer_item(struct screen *s, int x, const struct footer_item *item)
{
	int start = x, y = s->rows - 1;

	x += draw_text(s, y, x, s->cols, ROLE_BOLD, item->key);
	x += draw_text(s, y, x, s->cols, ROLE_LABEL, item->label);
	draw_hit(s, y, start, x - start, item->code);
	return x + 1;
}

/* A footer of its own: what a narrow screen leaves out has the highest ranks. */
static int footer_of(struct screen *s, const struct footer_item *items)
{
	int x = 0, width = -1, rank = 0;

	for (int try = 1; try <= 5; try++) {
		int need = -1;

		for (const struct footer_item *i = items; i->key; i++)
			if (i->rank <= try)
				need += (int)(strlen(i->key) + strlen(i->label)) + 1;
		if (need <= s->cols && need > width) {
			width = need;
			rank = try;
		}
	}
	for (const struct footer_item *i = items; i->key; i++)
		if (i->rank <= rank)
			x = footer_item(s, x, i);
	return x;
}

static const struct {
	const struct footer_item *footer;
	const char *name;
} prompts[] = {
	[PROMPT_FILTER] = { footer_filter, "Filter" },
	[PROMPT_SEARCH] = { footer_search, "Search" },
	[PROMPT_LOG_SEARCH] = { footer_search, "Search" },
	[PROMPT_WRITE] = { footer_write, "Write to" },
};

static void draw_prompt(struct tui *t)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT, tail = STRBUF_INIT, rest = STRBUF_INIT;
	struct screen *s = &t->screen;
	int x = footer_of(s, prompts[t->prompt.kind].footer), y = s->rows - 1, room;
	char name[24];

	snprintf(name, sizeof(name), " %s: ", prompts[t->prompt.kind].name);
	/* On a narrow screen the keys go: what is typed must be seen. */
	if (x + (int)strlen(name) + 12 > s->cols) {
		draw_field(s, y, 0, s->cols, ROLE_NORMAL, "");
		s->nr_hits = 0;
		x = 0;
	}
	x += draw_text(s, y, x, s->cols, ROLE_NORMAL, name);
	escape_append_as(&text, (struct bytes){ t->prompt.text, t->prompt.at },
			 t->model.glyphs->utf8);
	escape_append_as(
		&rest,
		(struct bytes){ t->prompt.text + t->prompt.at, t->prompt.len - t->prompt.at },
		t->model.glyphs->utf8);
	room = s->cols - x - 1;
	text_tail(&tail, text.buf, room > 0 ? (size_t)room : 0, t->model.glyphs);
	x += draw_text(s, y, x, s->cols, ROLE_BOLD, tail.buf);
	if (rest.len)
		draw_text(s, y, x, s->cols - x, ROLE_BOLD, rest.buf);
	else
		draw_text(s, y, x, 1, ROLE_NORMAL, "_");
	draw_cursor(s, y, x);
}

void view_footer(struct tui *t)
{
	struct footer_state state = {
		.letters = t->options->letters,
		.filtered = t->model.filter.text[0],
		.tree = model_all_expanded(&t->model),
	};
	size_t nr, tagged = model_tagged(&t->model);
	struct footer_item items[MAX_FOOTER];
	char reap[24];
	int x = 0;

	snprintf(reap, sizeof(reap), "Reap %zu", tagged);
	state.reap = tagged ? reap : NULL;
	if (t->prompt.kind != PROMPT_NONE) {
		draw_prompt(t);
		return;
	}
	if (t->view == VIEW_LOG) {
		footer_of(&t->screen, footer_log);
		return;
	}
	nr = keymap_footer(t->screen.cols, &state, items);
	for (size_t i = 0; i < nr; i++)
		x = footer_item(&t->screen, x, &items[i]);
}

/* --- events, log -------------------------------------------------------------------- */

void view_events(struct tui *t, int y, int rows)
{
	draw_rule(&t->screen, y, "Events (F8 full screen)");
	for (int i = 0; i + 1 < rows; i++) {
		const struct log_line *line = log_line(&t->log, (size_t)i);

		if (line)
			draw_event(t, y + 1 + i, line);
	}
}

void view_log(struct tui *t, int y, int rows)
{
	struct screen *s = &t->screen;
	char place[64];

	draw_field(s, y, 0, s->cols, ROLE_HEADER, " TIME     EVENT  MESSAGE");
	if (t->log.offset)
		snprintf(place, sizeof(place), " %zu of %zu ", t->log.offset + 1, t->log.nr);
	else
		snprintf(place, sizeof(place), " %zu of %zu, live ", t->log.nr, t->log.nr);
	draw_right(s, y, 0, s->cols, ROLE_HEADER, place);
	for (int i = 0; i + 1 < rows; i++) {
		const struct log_line *line = log_line(&t->log, t->log.offset + (size_t)i);

		if (line)
			draw_event(t, y + 1 + i, line);
	}
	draw_cursor(s, y + 1, 0);
}

/* --- all of it ----------------------------------------------------------------------- */

static void draw_too_small(struct tui *t)
{
	struct screen *s = &t->screen;
	char line[32];

	snprintf(line, sizeof(line), "Need %dx%d", MIN_COLS, MIN_ROWS);
	draw_text(s, 0, 0, s->cols, ROLE_NORMAL, line);
	snprintf(line, sizeof(line), "have %dx%d", s->cols, s->rows);
	draw_text(s, 1, 0, s->cols, ROLE_NORMAL, line);
	draw_text(s, 2, 0, s->cols, ROLE_NORMAL, "q quit");
}

/* The list with what stands below it: the details, the events. */
static void draw_body(struct tui *t, int y, int end)
{
	int pane = 0;

	t->details_more = false;
	if (t->screen.rows >= EVENTS_ROWS) {
		end -= EVENTS_SHOWN + 1;
		view_events(t, end, EVENTS_SHOWN + 1);
	}
	if (t->details && model_selected(&t->model)) {
		int most = view_details_room(end - y - 1);

		pane = view_details_rows(t);
		pane = pane < most ? pane : most;
	}
	t->details_rows = pane;
	view_list(t, y, end - y - pane);
	if (pane)
		view_details(t, end - pane, pane);
}

void view_draw(struct tui *t)
{
	struct screen *s = &t->screen;
	int y = 1;

	draw_begin(s);
	if (s->cols < MIN_COLS || s->rows < MIN_ROWS) {
		draw_too_small(t);
		draw_end(s);
		return;
	}
	view_title(t);
	if (s->rows >= SUMMARY_ROWS)
		view_summary(t, y++);
	if (s->rows >= SWEEP_ROWS && (t->model.sum.groups || t->armed))
		view_sweep(t, y++);
	if (t->view == VIEW_LOG)
		view_log(t, y, s->rows - 2 - y);
	else if (s->rows >= EVENTS_ROWS)
		draw_body(t, y, s->rows - 1);
	else
		draw_body(t, y, s->rows - 2);
	view_message(t);
	view_footer(t);
	if (t->help)
		view_help(t);
	if (t->dialog.kind != DIALOG_NONE)
		view_dialog(t);
	/* On a small screen help and dialogs cover the title: its status must stay visible. */
	draw_status(t);
	draw_end(s);
}
