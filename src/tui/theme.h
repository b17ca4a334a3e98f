/* SPDX-License-Identifier: MIT */
#ifndef TUI_THEME_H
#define TUI_THEME_H

#include <stdbool.h>

/*
 * The colours of the view: eight ANSI colours on the terminal's own background, or
 * attributes alone. Colour is never the only signal.
 */
enum role {
	ROLE_NORMAL,
	ROLE_TITLE,
	ROLE_HEADER,
	ROLE_SELECTED,
	ROLE_ALIVE,
	ROLE_GRACE,
	ROLE_REAPABLE,
	ROLE_ARMED,
	ROLE_DIM,
	ROLE_BOLD,  /* names of keys */
	ROLE_LABEL, /* labels of keys */
	ROLE_DIALOG,
	ROLE_FOCUS, /* the focused button */
	ROLE_BAD,   /* log: REAP, FAIL */
	ROLE_WARN,  /* log: ORPHAN, SKIP, WARN */
	ROLE_NR
};

/*
 * Foreground and background of a role as ANSI numbers, 0 to 7; -1: the terminal's own.
 * On a background of its own a role has the terminal's own foreground, too: that alone
 * is readable on light and dark ones.
 */
void theme_colours(enum role role, short *ret_fg, short *ret_bg);

struct theme {
	unsigned long attrs[ROLE_NR]; /* curses attributes */
};

/* After the terminal was set up. @colour: may colours be used, if it has them? */
void theme_init(struct theme *theme, bool colour);

#endif
