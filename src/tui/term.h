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

/* What signals asked for since the last call. */
enum term_event {
	TERM_STOP = 1,	  /* TERM, INT, HUP: leave */
	TERM_RESIZED = 2, /* WINCH, CONT: ask for the size, draw again */
	TERM_SUSPEND = 4, /* TSTP */
};

/* Polls readable after a signal. */
int term_fd(void);
unsigned term_events(void);
int term_stop_signal(void); /* the one that asked, 0: none */

/* Ask the terminal for its size and make curses use it. */
void term_resize(void);

/*
 * Give the terminal back, stop, and take it again after SIGCONT. False: we are
 * not a job of our own (started by a program that would wait for us forever).
 */
bool term_suspend(void);

#endif
