/* SPDX-License-Identifier: MIT */
#ifndef TUI_GLYPHS_H
#define TUI_GLYPHS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"

/* The characters that the view draws itself; each takes one column. */
struct glyphs {
	bool utf8;
	const char *cut;		/* text goes on here */
	const char *closed, *open;	/* expand marks */
	const char *up, *down;		/* sort marks */
	const char *tee, *corner, *bar; /* tree, one column; a dash follows the first two */
	const char *dash;
	const char *levels[8]; /* low to high, for a trend */
	const char *at_least;
	const char *top_left, *top_right, *bottom_left, *bottom_right, *side;
};

extern const struct glyphs glyphs_utf8, glyphs_ascii;
extern const struct glyphs glyphs_console; /* ASCII marks, though the locale has more */

/* Append the first @columns of escaped @text; what is left out is not marked. */
void text_head(struct strbuf *sb, const char *text, size_t columns);

/* Append the last @columns of @text, the cut mark in front if something is left out. */
void text_tail(struct strbuf *sb, const char *text, size_t columns, const struct glyphs *g);

/*
 * How many bytes of @text stand on its first line if it is broken between words
 * into lines of @columns; *ret_next: where the second one begins, past the blank.
 */
size_t text_break(const char *text, size_t columns, size_t *ret_next);

/* Append @text cut to @columns and filled up with blanks, at its left or right. */
void text_field(struct strbuf *sb, const char *text, size_t columns, bool right);

#endif
