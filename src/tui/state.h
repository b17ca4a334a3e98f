/* SPDX-License-Identifier: MIT */
#ifndef TUI_STATE_H
#define TUI_STATE_H

#include "tui/app.h"
#include "tui/decode.h"
#include "tui/dialog.h"
#include "tui/draw.h"
#include "tui/keymap.h"
#include "tui/journal.h"
#include "tui/model.h"
#include "tui/pursuit.h"

/*
 * The state of the view. Views draw it; actions change it and return what must be
 * redone (enum redo); only the loop in app.c does that.
 */
enum view {
	VIEW_MAIN,
	VIEW_LOG,
};

enum prompt_kind {
	PROMPT_NONE,
	PROMPT_FILTER,
	PROMPT_SEARCH,
	PROMPT_LOG_SEARCH,
	PROMPT_WRITE,
};

struct prompt {
	enum prompt_kind kind;
	char text[FILTER_SIZE];
	size_t len, at; /* at: the caret, a byte */
	bool full;	/* what was typed beyond the room is missing */
};

/* What an action asks for. */
enum redo {
	REDO_NONE = 0,
	REDO_DRAW = 1,
	REDO_ROWS = 2,	/* model_rebuild(), then draw */
	REDO_CLEAR = 4, /* everything on the screen anew */
	REDO_SUSPEND = 8,
	REDO_QUIT = 16,
};

struct tui {
	const struct tui_options *options;
	struct worker *worker;
	struct screen screen;
	struct model model;
	struct event_log log;
	struct dialog dialog;
	struct prompt prompt;
	enum view view;
	bool details, help, paused, mouse;
	size_t help_offset;
	char search[FILTER_SIZE];
	size_t top;    /* first row of the list that is shown */
	int list_rows; /* how many fit, from the last drawing */
	int list_y;    /* where they begin */
	size_t details_offset;
	int details_rows;  /* of the pane, from the last drawing; 0: it is not there */
	bool details_more; /* than the pane shows: PgUp and PgDn scroll it */

	struct census *pending; /* newer than the model's: behind a dialog, or while paused */
	struct worker_user *pending_users;
	size_t nr_pending_users;

	bool armed, sweeping;
	pid_t swept_by;
	int64_t due_ms, due_at_ms;
	bool closing;		       /* quit was asked for */
	uint64_t total_kib;	       /* memory of the machine; 0: not known */
	int error;		       /* the engine has ended with this */
	struct reap_progress progress; /* of a wait for victims; nr 0: none */
	int64_t progress_at_ms;

	char message[1400];	  /* what the last key did, escaped; "": the newest event */
	bool waiting;		  /* message names the process a scan waits for */
	bool answered;		  /* message is the engine's answer: this line of the log ... */
	struct log_line answer;	  /* ... with texts of its own */
	int64_t message_until_ms; /* then the newest event takes its place again */

	struct pursuit pursuit; /* reapings that have no answer yet */
	int64_t census_at_ms;	/* CLOCK_MONOTONIC: when the model got its census */
	int64_t moved_ms;	/* when the selection moved by itself; 0: not since the last F9 */
	bool leaving;		/* quit once they are all there ... */
	struct strbuf left;	/* ... and this is what lived, a line each */

	struct decoder decoder;
	unsigned char bytes[512]; /* read, not decoded yet */
	size_t nr_bytes;
	int mouse_y, mouse_x; /* K_CLICK */
	int click_y;	      /* the click before, for double clicks */
	int64_t click_ms;
};

/* Return the time for countdowns: CLOCK_MONOTONIC, or the clock of a test. */
int64_t tui_now_ms(const struct tui *t);
int64_t tui_due_ms(const struct tui *t); /* until the next tick */

/* Below this width: short forms of title and sums. */
enum { BRIEF_COLS = 46 };

/* Show a message in the last line for a while, in place of what stands there. */
void tui_say(struct tui *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* view_*.c: each draws one part. */
void view_draw(struct tui *t); /* all of it */
void view_title(struct tui *t);
void view_summary(struct tui *t, int y);
/* Append @between and what the view is narrowed to, if it is. */
void view_scope(const struct tui *t, struct strbuf *sb, const char *between);
void view_sweep(struct tui *t, int y);
void view_footer(struct tui *t);
void view_message(struct tui *t);
void view_list(struct tui *t, int y, int rows);
void view_empty(struct tui *t, int y, int rows);
void view_details(struct tui *t, int y, int rows);
int view_details_rows(const struct tui *t); /* that it would like to have */
int view_details_room(int rows);	    /* that it gets where the list has so many; 0: none */
void view_log(struct tui *t, int y, int rows);
void view_events(struct tui *t, int y, int rows);
void view_help(struct tui *t);
void view_dialog(struct tui *t);
void view_reap(struct tui *t);

/* action.c: what a key does. Returns enum redo. */
unsigned action_key(struct tui *t, int key);

/* update.c: show the census that waited behind a dialog or a pause, if there is one. */
unsigned action_show_pending(struct tui *t);
/* Take what the engine has. */
unsigned action_update(struct tui *t);
/* Take its answers to commands alone. */
void action_answers(struct tui *t, const struct worker_update *u);

/* action_dialog.c */
unsigned action_reap(struct tui *t);
unsigned action_sweep(struct tui *t);
unsigned action_quit(struct tui *t);
unsigned action_suspend(struct tui *t);
unsigned action_sort(struct tui *t);
unsigned action_dialog_key(struct tui *t, int key);

/* action_prompt.c */
void action_search(struct tui *t, const char *text, int direction, bool here);
unsigned action_open_prompt(struct tui *t, enum prompt_kind kind);
unsigned action_prompt_key(struct tui *t, int key);
unsigned action_log_key(struct tui *t, int key);
unsigned action_help_key(struct tui *t, int key);

/* Act on a key as it came: find what a click hit, keep pastes apart. Returns enum redo. */
unsigned action_event(struct tui *t, const struct key_event *event);
unsigned action_paste(struct tui *t, int key);
unsigned action_leave(struct tui *t); /* a reaping waits: ask; else quit */
unsigned action_leave_if_done(const struct tui *t);

/* input.c: the terminal's bytes. Call input_open() once the terminal is taken. */
void input_open(struct tui *t);
/* Read what is there into t->bytes. How many bytes, 0: none; -errno: the terminal is gone. */
int input_read(struct tui *t);
void input_flush(struct tui *t); /* drop what was typed and not decoded */

#endif
