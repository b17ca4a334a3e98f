/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/escape.h"
#include "tui/state.h"

void action_search(struct tui *t, const char *text, int direction, bool here)
{
	struct match match;

	if (model_search(&t->model, text, direction, here, &match))
		tui_say(t, "match %zu of %zu", match.at, match.nr);
	else
		tui_say(t, "nothing holds \"%s\"", text);
}

unsigned action_open_prompt(struct tui *t, enum prompt_kind kind)
{
	const char *text = "";

	if (kind == PROMPT_FILTER)
		text = t->model.filter.text;
	else if (kind == PROMPT_WRITE)
		text = "stray-events.log";
	t->prompt = (struct prompt){ .kind = kind };
	snprintf(t->prompt.text, sizeof(t->prompt.text), "%s", text);
	t->prompt.len = t->prompt.at = strlen(t->prompt.text);
	t->message[0] = '\0';
	return REDO_DRAW;
}

/* What is typed takes effect at once, save for the file's name. */
static unsigned changed(struct tui *t)
{
	switch (t->prompt.kind) {
	case PROMPT_FILTER:
		snprintf(t->model.filter.text, sizeof(t->model.filter.text), "%s", t->prompt.text);
		return REDO_ROWS;
	case PROMPT_SEARCH:
		snprintf(t->search, sizeof(t->search), "%s", t->prompt.text);
		t->message[0] = '\0';
		if (t->search[0])
			action_search(t, t->search, 1, true);
		return REDO_DRAW;
	case PROMPT_LOG_SEARCH:
		snprintf(t->log.search, sizeof(t->log.search), "%.120s", t->prompt.text);
		return REDO_DRAW;
	default:
		return REDO_DRAW;
	}
}

/* The path as it is opened: with ~ for the home folder, and absolute, so that it is said so. */
static int full_path(const char *text, struct strbuf *sb)
{
	const char *home = getenv("HOME");
	char here[PATH_MAX];

	if (text[0] == '~' && (text[1] == '/' || !text[1]) && home && *home) {
		strbuf_addstr(sb, home);
		text++;
	} else if (text[0] != '/') {
		if (!getcwd(here, sizeof(here)))
			return -errno;
		strbuf_addf(sb, "%s/", here);
	}
	strbuf_addstr(sb, text);
	return sb->failed ? -ENOMEM : 0;
}

/* The end of a path tells files apart: what does not fit is cut in front. */
static void say_path(struct tui *t, const char *what, const char *path)
{
	_cleanup_strbuf_ struct strbuf escaped = STRBUF_INIT, tail = STRBUF_INIT;
	size_t used = strlen(what) + 2, cols = (size_t)t->screen.cols;

	escape_append_as(&escaped, (struct bytes){ path, strlen(path) }, t->model.glyphs->utf8);
	text_tail(&tail, escaped.buf, cols > used + 8 ? cols - used : 8, t->screen.glyphs);
	tui_say(t, "%s%s", what, tail.buf);
}

static void write_log(struct tui *t)
{
	_cleanup_strbuf_ struct strbuf path = STRBUF_INIT;
	char what[120];
	int r = t->prompt.full ? -ENAMETOOLONG : full_path(t->prompt.text, &path);

	if (r == 0)
		r = log_write(&t->log, path.buf);
	if (r < 0)
		snprintf(what, sizeof(what), "not written: %s: ", strerror(-r));
	else
		snprintf(what, sizeof(what), "%zu lines written to ", t->log.nr);
	say_path(t, what, path.len ? path.buf : t->prompt.text);
}

static unsigned keep(struct tui *t)
{
	enum prompt_kind kind = t->prompt.kind;

	t->prompt.kind = PROMPT_NONE;
	if (kind == PROMPT_LOG_SEARCH && t->log.search[0] && !log_search(&t->log, 1))
		tui_say(t, "nothing holds \"%s\"", t->log.search);
	if (kind != PROMPT_WRITE || !t->prompt.text[0])
		return REDO_DRAW;
	write_log(t);
	return REDO_DRAW;
}

static unsigned drop(struct tui *t)
{
	enum prompt_kind kind = t->prompt.kind;

	t->prompt.kind = PROMPT_NONE;
	t->message[0] = '\0';
	if (kind != PROMPT_FILTER)
		return REDO_DRAW;
	t->model.filter.text[0] = '\0';
	return REDO_ROWS;
}

/* --- editing ---------------------------------------------------------------------------- */

static bool is_inside(const struct prompt *p, size_t at)
{
	return ((unsigned char)p->text[at] & 0xc0) == 0x80;
}

static size_t before(const struct prompt *p, size_t at)
{
	at -= at > 0;
	while (at && is_inside(p, at))
		at--;
	return at;
}

static size_t behind(const struct prompt *p, size_t at)
{
	at += at < p->len;
	while (at < p->len && is_inside(p, at))
		at++;
	return at;
}

/* Where the word in front of the caret begins. */
static size_t word_before(const struct prompt *p)
{
	size_t at = p->at;

	while (at && p->text[at - 1] == ' ')
		at--;
	while (at && p->text[at - 1] != ' ')
		at--;
	return at;
}

static void erase(struct prompt *p, size_t from, size_t to)
{
	memmove(p->text + from, p->text + to, p->len - to + 1);
	p->len -= to - from;
	p->at = from;
	p->full = false;
}

static bool append(struct prompt *p, int key)
{
	char bytes[MB_LEN_MAX];
	mbstate_t state = { 0 };
	size_t n;

	if (key < ' ' || key == 0x7f || key >= K_BASE)
		return false;
	n = wcrtomb(bytes, (wchar_t)key, &state);
	if (n == (size_t)-1)
		return false;
	if (p->len + n >= sizeof(p->text)) {
		p->full = true;
		return false;
	}
	memmove(p->text + p->at + n, p->text + p->at, p->len - p->at + 1);
	memcpy(p->text + p->at, bytes, n);
	p->len += n;
	p->at += n;
	return true;
}

/* Keys that move the caret or erase. 0: none of them; 1: the caret moved; 2: the text changed. */
static int edit_key(struct prompt *p, int key)
{
	switch (key) {
	case K_LEFT:
		p->at = before(p, p->at);
		return 1;
	case K_RIGHT:
		p->at = behind(p, p->at);
		return 1;
	case K_HOME:
	case K_CTRL('a'):
		p->at = 0;
		return 1;
	case K_END:
	case K_CTRL('e'):
		p->at = p->len;
		return 1;
	case K_BACKSPACE:
		erase(p, before(p, p->at), p->at);
		return 2;
	case K_DELETE:
		erase(p, p->at, behind(p, p->at));
		return 2;
	case K_CTRL('w'):
		erase(p, word_before(p), p->at);
		return 2;
	case K_CTRL('u'):
		erase(p, 0, p->at);
		return 2;
	default:
		return 0;
	}
}

/* Pasted text is text where a prompt stands, and nothing elsewhere. */
unsigned action_paste(struct tui *t, int key)
{
	if (t->dialog.kind != DIALOG_NONE || t->help || t->prompt.kind == PROMPT_NONE) {
		/* A dialog that has just opened waits for its end, too. */
		t->dialog.quiet_ms = clock_ms(CLOCK_MONOTONIC);
		if (t->dialog.kind == DIALOG_NONE)
			tui_say(t, "pasted text is dropped: it is no keys");
		return REDO_DRAW;
	}
	return append(&t->prompt, key) ? changed(t) : REDO_NONE;
}

unsigned action_prompt_key(struct tui *t, int key)
{
	struct prompt *p = &t->prompt;
	int edited = edit_key(p, key);

	/* The words of a filter stand where a message does. */
	if (p->kind == PROMPT_FILTER)
		t->message[0] = '\0';
	if (edited)
		return edited == 2 ? changed(t) : REDO_DRAW;
	switch (key) {
	case K_ENTER:
		return keep(t);
	case K_ESC:
	case K_CTRL('c'):
		return drop(t);
	case K_F3:
		if (p->kind == PROMPT_SEARCH && p->len)
			action_search(t, p->text, 1, false);
		return REDO_DRAW;
	case K_UP:
	case K_DOWN:
		/* The list can be moved in while a filter is typed. */
		model_move(&t->model, key == K_UP ? -1 : 1);
		return REDO_DRAW;
	}
	return append(p, key) ? changed(t) : REDO_NONE;
}

static void log_scroll(struct event_log *log, long delta)
{
	size_t most = log->nr ? log->nr - 1 : 0;

	if (delta < 0)
		log->offset = log->offset > (size_t)-delta ? log->offset - (size_t)-delta : 0;
	else
		log->offset =
			log->offset + (size_t)delta < most ? log->offset + (size_t)delta : most;
}

unsigned action_log_key(struct tui *t, int key)
{
	long page = t->screen.rows > 6 ? t->screen.rows - 6 : 1;

	t->message[0] = '\0';
	switch (key) {
	case '/':
	case K_F3:
		return action_open_prompt(t, PROMPT_LOG_SEARCH);
	case 'w':
		return action_open_prompt(t, PROMPT_WRITE);
	case 'n':
	case 'N':
		if (!log_search(&t->log, key == 'n' ? 1 : -1))
			tui_say(t, "nothing holds \"%s\"", t->log.search);
		return REDO_DRAW;
	case K_ESC:
	case 'q':
		t->view = VIEW_MAIN;
		return REDO_DRAW;
	case K_END:
		t->log.offset = 0;
		return REDO_DRAW;
	case K_HOME:
		log_scroll(&t->log, LOG_MAX);
		return REDO_DRAW;
	}
	switch (keymap_action(key)) {
	case ACTION_UP:
		log_scroll(&t->log, -1);
		break;
	case ACTION_DOWN:
		log_scroll(&t->log, 1);
		break;
	case ACTION_PAGE_UP:
		log_scroll(&t->log, -page);
		break;
	case ACTION_PAGE_DOWN:
		log_scroll(&t->log, page);
		break;
	case ACTION_LOG:
		t->view = VIEW_MAIN;
		break;
	case ACTION_SWEEP:
		return action_sweep(t);
	case ACTION_HELP:
		t->help = true;
		t->help_offset = 0;
		break;
	case ACTION_REDRAW:
		return REDO_CLEAR;
	case ACTION_SUSPEND:
		return action_suspend(t);
	case ACTION_QUIT:
		return action_quit(t);
	default:
		return REDO_NONE;
	}
	return REDO_DRAW;
}

unsigned action_help_key(struct tui *t, int key)
{
	switch (keymap_action(key)) {
	case ACTION_UP:
		t->help_offset -= t->help_offset > 0;
		break;
	case ACTION_DOWN:
		t->help_offset++; /* the view stops it at the end */
		break;
	case ACTION_PAGE_DOWN:
		t->help_offset += 5;
		break;
	case ACTION_PAGE_UP:
		t->help_offset -= t->help_offset > 5 ? 5 : t->help_offset;
		break;
	default:
		t->help = false;
	}
	return REDO_DRAW;
}
