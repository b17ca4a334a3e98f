/* SPDX-License-Identifier: MIT */
#include "tui/app.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/escape.h"
#include "tui/state.h"
#include "tui/term.h"

enum {
	BEAT_MS = 1000,		 /* countdowns, and a look whether a scan hangs */
	HANG_MS = 2000,		 /* from here on a scan is said to wait */
	STOP_MS = 2000,		 /* for the engine's thread at the end ... */
	STOP_REAPING_MS = 20000, /* ... while it reaps: what is frozen must be continued */
	MESSAGE_MS = 8000,	 /* a message has had its time; the events go on */
};

int64_t tui_now_ms(const struct tui *t)
{
	return t->options->now_ms ? t->options->now_ms() : clock_ms(CLOCK_MONOTONIC);
}

int64_t tui_due_ms(const struct tui *t)
{
	/* A clock of a test stands still: then what the engine said holds on. */
	int64_t passed = t->options->now_ms ? 0 : clock_ms(CLOCK_MONOTONIC) - t->due_at_ms;

	return t->due_ms > passed ? t->due_ms - passed : 0;
}

void tui_say(struct tui *t, const char *format, ...)
{
	_cleanup_strbuf_ struct strbuf raw = STRBUF_INIT, escaped = STRBUF_INIT;
	va_list args;

	va_start(args, format);
	strbuf_vaddf(&raw, format, args);
	va_end(args);
	escape_append_as(&escaped, (struct bytes){ raw.buf, raw.len }, t->model.glyphs->utf8);
	snprintf(t->message, sizeof(t->message), "%s", escaped.buf);
	t->message_until_ms = tui_now_ms(t) + MESSAGE_MS;
	t->waiting = false;
	t->answered = false;
}

bool tui_possible(const char **ret_why)
{
	const char *name = getenv("TERM");

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		*ret_why = "not a terminal";
	else if (!name || !*name)
		*ret_why = "TERM is not set";
	else if (!strcmp(name, "dumb"))
		*ret_why = "the terminal is a dumb one";
	else
		return true;
	return false;
}

/* --- the loop ------------------------------------------------------------------------ */

/* A scan that hangs is named, and the name goes when it goes on. */
static bool check_hang(struct tui *t)
{
	int64_t ms = 0;
	pid_t pid = worker_waits_for(t->worker, &ms);

	if (pid > 0 && ms >= HANG_MS) {
		tui_say(t, "scan waits for pid %d (%d s)", (int)pid, (int)(ms / 1000));
		t->waiting = true;
		return true;
	}
	if (!t->waiting)
		return false;
	t->message[0] = '\0';
	t->waiting = false;
	return true;
}

/* What was said long ago must not hide what has happened since. */
static bool message_ends(struct tui *t)
{
	if (!t->message[0] || t->waiting || tui_now_ms(t) < t->message_until_ms)
		return false;
	t->message[0] = '\0';
	t->answered = false;
	return true;
}

static int cannot_stop(void)
{
	return -ENOSYS;
}

static void suspend(struct tui *t)
{
	int r = term_suspend(t->options->stop_job ? t->options->stop_job : cannot_stop);

	if (r == -ECHILD)
		tui_say(t, "not suspended: there is no shell here that could continue stray");
	else if (r < 0)
		tui_say(t, "not suspended: %s", strerror(-r));
}

/* While the engine is busy with a reaping, the picture gets older: its ages go on. */
static void let_time_pass(struct tui *t)
{
	bool busy = t->sweeping && !t->options->now_ms && t->model.census;

	t->model.late_ms = busy ? clock_ms(CLOCK_MONOTONIC) - t->census_at_ms : 0;
}

/* Do what is asked for, in this order. */
static void obey(struct tui *t, unsigned redo)
{
	if (redo & REDO_QUIT)
		t->closing = true;
	if (redo & REDO_SUSPEND)
		suspend(t);
	if (redo & REDO_ROWS)
		model_rebuild(&t->model);
	if (redo & REDO_CLEAR)
		clearok(curscr, TRUE);
	let_time_pass(t);
	if (redo && !t->closing)
		view_draw(t);
}

static void take_keys(struct tui *t)
{
	struct key_event event;

	/* Each key sees the picture that the one before it left. */
	while (!t->closing && decoder_take(&t->decoder, &event))
		obey(t, action_event(t, &event));
}

/* False: the terminal is gone. */
static bool read_keys(struct tui *t)
{
	int64_t now = clock_ms(CLOCK_MONOTONIC);

	if (input_read(t) < 0)
		return false;
	for (size_t i = 0; i < t->nr_bytes && !t->closing; i++) {
		decoder_feed(&t->decoder, t->bytes[i], now);
		take_keys(t);
	}
	return true;
}

/* No key waits: what depends on that, an Esc alone, a dialog that takes keys from now on. */
static unsigned no_keys(struct tui *t)
{
	int64_t now = clock_ms(CLOCK_MONOTONIC);

	decoder_expire(&t->decoder, now);
	take_keys(t);
	return t->dialog.kind != DIALOG_NONE && dialog_settle(&t->dialog, now) ? REDO_DRAW
									       : REDO_NONE;
}

/* A first one asks while a reaping waits, if the terminal can show the question. */
static unsigned stop(struct tui *t)
{
	if (term_stop_count() > 1 || term_stop_signal() == SIGHUP || term_is_stuck()) {
		t->closing = true;
		return REDO_NONE;
	}
	return action_leave(t);
}

static unsigned take_signals(struct tui *t)
{
	unsigned events = term_events(), redo = REDO_NONE;

	if (events & TERM_STOP)
		redo |= stop(t);
	if (events & TERM_TICK) {
		worker_tick(t->worker);
		tui_say(t, "a tick, as USR1 asked");
		redo |= REDO_DRAW;
	}
	if (events & TERM_CONTINUED) {
		term_retake();
		redo |= REDO_DRAW;
	}
	if (events & TERM_SUSPEND)
		redo |= REDO_SUSPEND;
	if (events & TERM_RESIZED) {
		term_resize();
		redo |= REDO_DRAW;
	}
	return redo;
}

static int sooner(int64_t a_ms, int64_t b_ms)
{
	return (int)(b_ms >= 0 && b_ms < a_ms ? b_ms : a_ms);
}

/* How long nothing need be done if nothing happens. */
static int patience_ms(const struct tui *t)
{
	int64_t now = clock_ms(CLOCK_MONOTONIC);
	int ms = sooner(BEAT_MS, decoder_wait_ms(&t->decoder, now));

	return t->dialog.kind == DIALOG_NONE ? ms
					     : sooner(ms, dialog_settle_wait_ms(&t->dialog, now));
}

static int loop(struct tui *t)
{
	view_draw(t);
	while (!t->closing) {
		struct pollfd fds[3] = {
			{ .fd = STDIN_FILENO, .events = POLLIN },
			{ .fd = worker_fd(t->worker), .events = POLLIN },
			{ .fd = term_fd(), .events = POLLIN },
		};
		unsigned redo = REDO_NONE;
		int r = poll(fds, 3, patience_ms(t));

		if (r < 0 && errno != EINTR)
			return -errno;
		if (r > 0 && fds[2].revents)
			redo |= take_signals(t);
		if (r > 0 && fds[1].revents)
			redo |= action_update(t);
		if (t->error < 0)
			return t->error;
		if (r == 0 && (check_hang(t) || t->armed || t->progress.nr))
			redo |= REDO_DRAW;
		if (r >= 0 && !fds[0].revents)
			redo |= no_keys(t);
		if (message_ends(t))
			redo |= REDO_DRAW;
		obey(t, redo);
		/* A hung-up terminal must end us, not make us spin. */
		if (r > 0 && fds[0].revents & (POLLHUP | POLLERR | POLLNVAL))
			return 0;
		if (r > 0 && fds[0].revents & POLLIN && !read_keys(t))
			return 0;
	}
	return 0;
}

/* --- beginning and end ----------------------------------------------------------------- */

static bool want_colour(const struct tui_options *o)
{
	const char *no = getenv("NO_COLOR");

	if (o->colour == TUI_COLOUR_AUTO)
		return !no || !*no;
	return o->colour == TUI_COLOUR_ALWAYS;
}

static int start_worker(struct tui *t)
{
	const struct tui_options *o = t->options;
	struct worker_options w = {
		.sweep = o->sweep,
		.source = o->source,
		.reaper = o->reaper,
		.delay_ms = o->delay_ms,
		.arm = o->arm,
		.version = o->version,
		.user_name = o->user_name,
	};

	return t->worker ? 0 : worker_new(&w, &t->worker);
}

static void release(struct tui *t)
{
	dialog_release(&t->dialog);
	pursuit_release(&t->pursuit);
	model_release(&t->model);
	log_release(&t->log);
	log_line_release(&t->answer);
	census_unref(t->pending);
	free(t->pending_users);
}

/*
 * The engine's end. What is frozen must be continued, so while it reaps that may take
 * longer. What it was told to end and what lives is named.
 */
static int stop_worker(struct tui *t, struct strbuf *left)
{
	bool reaps = t->pursuit.answers_left || t->sweeping;
	struct worker_update last = { 0 };
	int r;

	if (!t->worker)
		return 0;
	r = worker_stop_take(t->worker, reaps ? STOP_REAPING_MS : STOP_MS, &last);
	if (r == 0) {
		t->leaving = true;
		action_answers(t, &last);
		worker_update_release(&last);
	}
	if (reaps)
		pursuit_tell(&t->pursuit, left);
	strbuf_add(left, t->left.buf, t->left.len);
	return r;
}

static void say_unknown(struct tui_end *end)
{
	_cleanup_strbuf_ struct strbuf name = STRBUF_INIT;

	escape_text(&name, getenv("TERM"));
	snprintf(end->why, sizeof(end->why),
		 "terminfo does not know TERM='%.60s', try TERM=xterm-256color stray", name.buf);
}

static int run(struct tui *t, struct tui_end *end)
{
	const struct tui_options *o = t->options;
	const char *why = "";
	int r;

	if (!tui_possible(&why)) {
		snprintf(end->why, sizeof(end->why), "%s", why);
		return -ENOTTY;
	}
	r = term_open(o->mouse);
	if (r < 0) {
		say_unknown(end);
		return r;
	}
	input_open(t);
	theme_init(&t->screen.theme, want_colour(o));
	r = start_worker(t);
	if (r == 0)
		r = loop(t);
	term_close();
	return r;
}

/* The Linux console's fonts have letters beyond ASCII, but few of the marks. */
static const struct glyphs *choose_glyphs(const struct tui_options *o)
{
	const char *term = getenv("TERM");

	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		return &glyphs_ascii;
	return o->ascii || (term && !strncmp(term, "linux", 5)) ? &glyphs_console : &glyphs_utf8;
}

static void begin_list(struct model *m, const struct tui_options *o)
{
	if (o->sort < COLUMN_NR && column_sortable(o->sort)) {
		m->sort = o->sort;
		m->invert = o->sort_descends != column_descends(o->sort);
	}
	m->open_new = o->tree_open;
	m->flat = o->flat;
	m->no_args = o->no_args;
	if (o->filter)
		snprintf(m->filter.text, sizeof(m->filter.text), "%s", o->filter);
}

static uint64_t memory_kib(void)
{
	struct sysinfo info;

	return sysinfo(&info) == 0 ? (uint64_t)info.totalram * info.mem_unit / 1024 : 0;
}

int tui_run(const struct tui_options *options, struct tui_end *ret_end)
{
	struct tui t = {
		.options = options,
		.worker = options->worker,
		.mouse = options->mouse,
		.click_y = -1,
		.left = STRBUF_INIT,
	};
	int r, stopped;

	setlocale(LC_CTYPE, "");
	t.total_kib = options->total_kib ? options->total_kib : memory_kib();
	t.screen.glyphs = choose_glyphs(options);
	model_init(&t.model, &options->sweep.scope, options->sweep.settings.grace, t.screen.glyphs);
	begin_list(&t.model, options);
	if (options->warning) {
		tui_say(&t, "%s", options->warning);
		t.message_until_ms = INT64_MAX; /* it stands nowhere else */
	}
	*ret_end = (struct tui_end){ .left = STRBUF_INIT };
	r = run(&t, ret_end);
	stopped = stop_worker(&t, &ret_end->left);
	ret_end->signal = term_stop_signal();
	if (r == 0 && ret_end->signal)
		r = -EINTR;
	strbuf_release(&t.left);
	release(&t);
	return stopped == -ETIMEDOUT ? stopped : r;
}
