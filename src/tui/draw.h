/* SPDX-License-Identifier: MIT */
#ifndef TUI_DRAW_H
#define TUI_DRAW_H

#include "tui/glyphs.h"
#include "tui/theme.h"

/* A place that can be clicked and the key that a click on it stands for. */
struct hit {
	int y, x, width, key;
};

enum { MAX_HITS = 64 };

/* The terminal's face, as the views see it. */
struct screen {
	int rows, cols;
	const struct glyphs *glyphs;
	struct theme theme;
	struct hit hits[MAX_HITS];
	size_t nr_hits;
	int cursor_y, cursor_x; /* where the hardware cursor goes */
	int status_end;		/* of the first row: before a frame's corner if one stands there */
};

/* Begin a drawing: blank, nothing to click. End it: send what has changed. */
void draw_begin(struct screen *s);
void draw_end(struct screen *s);

/*
 * Draw escaped @text, cut to @width columns and to the screen. Returns the
 * columns that it took.
 */
int draw_text(struct screen *s, int y, int x, int width, enum role role, const char *text);

/* The same, filled up with blanks to @width. */
void draw_field(struct screen *s, int y, int x, int width, enum role role, const char *text);

/* @text at the right edge of @width columns from @x. */
void draw_right(struct screen *s, int y, int x, int width, enum role role, const char *text);

/* "── Title ─────", over the whole width. */
void draw_rule(struct screen *s, int y, const char *title);

/* A frame with a title, its inside filled with blanks. */
void draw_box(struct screen *s, int y, int x, int height, int width, const char *title);

/* Where the cursor stands once the frame is drawn. */
void draw_cursor(struct screen *s, int y, int x);
/* A click on those cells stands for @key, see draw_find_hit(). */
void draw_hit(struct screen *s, int y, int x, int width, int key);

/* The key that a click there stands for, or 0. */
int draw_find_hit(const struct screen *s, int y, int x);

#endif
