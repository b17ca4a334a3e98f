/* SPDX-License-Identifier: MIT */
#ifndef TUI_COLUMNS_H
#define TUI_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "tui/glyphs.h"

/*
 * The columns of the list: one const table says what they are called, how wide
 * they are, from which width of the terminal they are shown, how a group and a
 * process look in them. No curses.
 *
 * There are 3 things to do for another column: its id here, its row in
 * columns.c, its order in model_rows.c.
 */
struct model;
struct row;

enum column_id {
	COLUMN_MARK,
	COLUMN_OWNER,
	COLUMN_TICK,
	COLUMN_STATE,
	COLUMN_AGE,
	COLUMN_SINCE,
	COLUMN_N,
	COLUMN_CPU,
	COLUMN_RSS,
	COLUMN_TREND, /* the last figures of CPU% */
	COLUMN_USER,
	COLUMN_NAME, /* takes the rest */
	COLUMN_NR
};

/* A column as it stands on a screen of some width. */
struct column_place {
	enum column_id id;
	int x, width;
	bool right;
	bool toned; /* takes the colour of the group's state */
	const char *name;
};

/* Append one character of a trend: @value of @most, NAN as a blank. */
void cell_trend(struct strbuf *sb, double value, double most, const struct glyphs *g);

/* Lay the columns out on @width columns, from the left. Returns how many there are. */
size_t columns_layout(int width, struct column_place places[COLUMN_NR]);

/* Append the heading of @place: its name, the sort mark behind it if it is sorted by. */
void column_heading(struct strbuf *sb, const struct column_place *place, const struct model *m);

/*
 * Append what @row has in @place, exactly place->width columns; a pid that has more digits
 * than a narrow OWNER takes two more, which TICK leaves blank.
 */
void column_cell(struct strbuf *sb, const struct column_place *place, const struct model *m,
		 const struct row *row);

/* Can it be sorted by; its name for the chooser; is the first order downwards? */
bool column_sortable(enum column_id id);
const char *column_name(enum column_id id);
bool column_descends(enum column_id id);

/*
 * Find the column that can be sorted by and is called @word: the letters that its name
 * begins with, in any case, or `name` for the last one. False: there is none.
 */
bool column_find(const char *word, enum column_id *ret);

/* Append that word in small letters. */
void column_word(struct strbuf *sb, enum column_id id);

/* Cells that other views use too. All NUL-terminated, cut to @size. */
char *cell_age(char *buf, size_t size, int64_t ms, bool exact, const struct glyphs *g);
char *cell_since(char *buf, size_t size, int64_t then_ms, int64_t now_ms); /* realtime */
char *cell_clock(char *buf, size_t size, int64_t realtime_ms);		   /* HH:MM:SS */

#endif
