/* SPDX-License-Identifier: MIT */
#ifndef TUI_TERM_H
#define TUI_TERM_H

#include <stdbool.h>

/*
 * The terminal: taken at the start, given back on every way out but SIGKILL.
 * One at a time; the state that signal handlers need is term.c's own.
 */

/* 0, or -ENOTTY: terminfo does not know the terminal; nothing was changed. */
int term_open(bool mouse);
void term_close(void);

/* Take the mouse or leave it to the terminal. */
void term_mouse(bool on);

/* Drop what was typed and not read. */
void term_flush_input(void);

/* Send bytes past curses, as a copy to the clipboard (OSC 52). */
void term_send(const char *bytes);

/* What terminfo has under that name, or NULL. */
const char *term_capability(const char *name);

/* Does the terminal speak ANSI, so that a private mode or an OSC may be sent to it? */
bool term_is_ansi(void);

/* What signals asked for since the last call. */
enum term_event {
	TERM_STOP = 1,	    /* TERM, INT, HUP: leave */
	TERM_RESIZED = 2,   /* WINCH: ask for the size, draw again */
	TERM_SUSPEND = 4,   /* TSTP */
	TERM_CONTINUED = 8, /* CONT: take the terminal again, draw again */
	TERM_TICK = 16,	    /* USR1: scan now */
};

/* Polls readable after a signal. */
int term_fd(void);
unsigned term_events(void);
int term_stop_signal(void);	/* the last one that asked, 0: none */
unsigned term_stop_count(void); /* how many asked */

/*
 * Draw only between these two. If a signal asks to leave while the terminal takes no
 * output, the rest of the drawing is dropped instead of waited for.
 */
void term_draw_begin(void);
void term_draw_end(void);
bool term_is_stuck(void); /* that has happened */

/* Ask the terminal for its size and make curses use it. */
void term_resize(void);

/* After SIGSTOP and SIGCONT: raw mode and the other screen again. */
void term_retake(void);

/*
 * Give the terminal back, let @stop stop us and come back after SIGCONT, take it again.
 * Returns what @stop returned: 0, or -errno: nothing was stopped.
 */
int term_suspend(int (*stop)(void));

#endif
