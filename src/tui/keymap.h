/* SPDX-License-Identifier: MIT */
#ifndef TUI_KEYMAP_H
#define TUI_KEYMAP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"

/*
 * What the keys do: one const table, from which come the look-up, the footer
 * and the help screen.
 *
 * There are 3 things to do for another key: its row in keymap.c, its action in
 * action.c, its line in the man page if it has a letter.
 */

/* Keys are Unicode characters, or one of these beyond Unicode. */
enum key {
	K_NONE = 0,
	K_ENTER = '\r',
	K_ESC = 27,
	K_TAB = '\t',
	K_SPACE = ' ',
	K_BASE = 0x110000,
	K_UP,
	K_DOWN,
	K_LEFT,
	K_RIGHT,
	K_PGUP,
	K_PGDN,
	K_HOME,
	K_END,
	K_BACKSPACE,
	K_DELETE,
	K_BACKTAB,
	K_F1,
	K_F2,
	K_F3,
	K_F4,
	K_F5,
	K_F6,
	K_F7,
	K_F8,
	K_F9,
	K_F10,
	K_WHEEL_UP,
	K_WHEEL_DOWN,
	K_PAD, /* + digit: the numeric keypad in application mode */
	K_PAD_END = K_PAD + 9,
	K_CLICK,   /* somewhere without a meaning of its own; where stands in struct tui */
	K_SORT_BY, /* + column_id: its header was clicked */
	K_BUTTON = K_SORT_BY + 32, /* + number of the dialog's button */
	K_ALT = K_BUTTON + 8,	   /* + the letter, 0 beyond ASCII; does nothing */
	K_END_OF_KEYS = K_ALT + 128,
};

#define K_CTRL(c) ((c)&0x1f)

enum action {
	ACTION_NONE,
	ACTION_UP,
	ACTION_DOWN,
	ACTION_PAGE_UP,
	ACTION_PAGE_DOWN,
	ACTION_FIRST,
	ACTION_LAST,
	ACTION_RIGHT,
	ACTION_LEFT,
	ACTION_TREE,
	ACTION_DETAILS,
	ACTION_TAG,
	ACTION_TAG_SHOWN,
	ACTION_TAG_REAPABLE,
	ACTION_UNTAG,
	ACTION_FLAT,
	ACTION_ARGUMENTS,
	ACTION_COPY,
	ACTION_SEARCH,
	ACTION_NEXT,
	ACTION_PREVIOUS,
	ACTION_FILTER,
	ACTION_SORT,
	ACTION_SORT_LEFT,
	ACTION_SORT_RIGHT,
	ACTION_INVERT,
	ACTION_SWEEP,
	ACTION_LOG,
	ACTION_REAP,
	ACTION_FOLLOW,
	ACTION_PAUSE,
	ACTION_MOUSE,
	ACTION_REDRAW,
	ACTION_HELP,
	ACTION_SUSPEND,
	ACTION_QUIT,
	ACTION_ESCAPE,
	ACTION_NR
};

enum { BINDING_KEYS = 5 };

struct binding {
	enum action action;
	int keys[BINDING_KEYS]; /* 0 ends */

	/* In the footer: the key's name and its label; rank 1 is left out last, 0: not there. */
	const char *footer, *letter, *label, *label_on;
	int rank;

	/* In the help: section, place, keys and what they do; NULL: with another row. */
	int line, column;
	const char *help_keys, *help;
};

extern const struct binding bindings[];
extern const size_t nr_bindings;

/* What @key does outside of dialogs; ACTION_NONE: nothing. */
enum action keymap_action(int key);

/* One entry of a footer. */
struct footer_item {
	const char *key, *label;
	int code; /* what a click on it sends */
	int rank;
};

enum { MAX_FOOTER = 12 };

/* Which labels are shown in another form, because what they switch is on. */
struct footer_state {
	bool letters;
	bool filtered;	  /* F4FILTER */
	bool tree;	  /* F5TREE: all are open */
	const char *reap; /* the label of F9 while something is tagged: "Reap 3"; NULL: none is */
};

/*
 * The main footer's entries that fit into @width columns, in the table's order:
 * by rank, as long as one fits. Returns how many.
 */
size_t keymap_footer(int width, const struct footer_state *state,
		     struct footer_item items[MAX_FOOTER]);

/* The footers of prompts and the log, ended by a NULL key. */
extern const struct footer_item footer_filter[], footer_search[], footer_log[], footer_write[];

/* The lines of the help, in order, 72 columns at most. */
size_t keymap_help_lines(void);
void keymap_help_line(struct strbuf *sb, size_t line);

#endif
