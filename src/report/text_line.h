/* SPDX-License-Identifier: MIT */
#ifndef REPORT_TEXT_LINE_H
#define REPORT_TEXT_LINE_H

#include "base/strbuf.h"
#include "report/report.h"

/*
 * One line of text, written from left to right, that never grows beyond o->width
 * columns: what does not fit is cut and marked, and later parts are dropped. Colour
 * takes no columns, and repeats only what the words say.
 */
enum paint { PAINT_NONE, PAINT_BOLD, PAINT_DIM, PAINT_ALIVE, PAINT_WAIT, PAINT_GONE, PAINT_NR };

struct text_line {
	struct strbuf *sb;
	const struct report_options *o;
	size_t used; /* columns */
	bool full;
};

/* Append our own text, or text that is escaped already. */
void line_add(struct text_line *line, enum paint paint, const char *text);
void line_addf(struct text_line *line, enum paint paint, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Append text of another process, escaped for the output. */
void line_add_escaped(struct text_line *line, enum paint paint, struct bytes text);
void line_add_name(struct text_line *line, enum paint paint, const char *name); /* NULL: nothing */
void line_add_args(struct text_line *line, enum paint paint, struct bytes args);

/* The same, but cut on the left: the tail of an instance distinguishes it. */
void line_add_tail(struct text_line *line, enum paint paint, struct bytes text);

/* A column of @width, then one blank. @right: to the right edge. */
void line_cell(struct text_line *line, enum paint paint, const char *text, size_t width,
	       bool right);

/* End the line; the next one may begin with the same struct. */
void line_end(struct text_line *line);

/* The colour that goes with a state. */
enum paint paint_of_owner(enum owner_state state);
enum paint paint_of_member(enum member_state state);

/* "alive by arguments: pid 4242 sprout-desktop" */
void line_add_owner(struct text_line *line, const struct census *c, const struct instance *inst);

/* "listens on 8080 9090": at most 8 of them. */
void line_add_ports(struct text_line *line, const uint16_t *ports, size_t nr);

/* The format's other halves. */
int text_leaks(struct strbuf *sb, const struct leak_report *r, const struct report_options *o);
int text_event(struct strbuf *sb, const struct event *e, const struct report_options *o);

#endif
