/* SPDX-License-Identifier: MIT */
#include "report/text_line.h"

#include <inttypes.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/escape.h"
#include "report/format.h"

enum { MAX_PORTS = 8 };

/* Select Graphic Rendition; the eight colours that every terminal has. */
static const char *const sgr[PAINT_NR] = {
	[PAINT_BOLD] = "\033[1m",    [PAINT_DIM] = "\033[2m",	  [PAINT_ALIVE] = "\033[36m",
	[PAINT_WAIT] = "\033[1;33m", [PAINT_GONE] = "\033[1;31m",
};

static void put(struct text_line *line, enum paint paint, const char *text, size_t len)
{
	bool colour = line->o->colour && sgr[paint] && len;

	if (colour)
		strbuf_addstr(line->sb, sgr[paint]);
	strbuf_add(line->sb, text, len);
	if (colour)
		strbuf_addstr(line->sb, "\033[0m");
}

static const char *cut_mark(const struct text_line *line)
{
	return line->o->utf8 ? "\xe2\x80\xa6" : "+";
}

static void add(struct text_line *line, enum paint paint, const char *text, size_t len)
{
	size_t room = line->o->width ? line->o->width - line->used : (size_t)-1;
	size_t width, fit;

	if (line->full || !len)
		return;
	fit = text_fit(text, len, room, &width);
	if (fit == len) {
		put(line, paint, text, len);
		line->used += width;
		return;
	}
	line->full = true;
	if (!room) {
		return;
	}
	fit = text_fit(text, len, room - 1, &width);
	put(line, paint, text, fit);
	put(line, paint, cut_mark(line), strlen(cut_mark(line)));
	line->used += width + 1;
}

void line_add(struct text_line *line, enum paint paint, const char *text)
{
	add(line, paint, text, strlen(text));
}

void line_addf(struct text_line *line, enum paint paint, const char *format, ...)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;
	va_list args;

	va_start(args, format);
	strbuf_vaddf(&sb, format, args);
	va_end(args);
	line->sb->failed |= sb.failed;
	add(line, paint, sb.buf, sb.len);
}

void line_add_escaped(struct text_line *line, enum paint paint, struct bytes text)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;

	escape_append_as(&sb, text, line->o->utf8);
	line->sb->failed |= sb.failed;
	add(line, paint, sb.buf, sb.len);
}

void line_add_name(struct text_line *line, enum paint paint, const char *name)
{
	if (name)
		line_add_escaped(line, paint, (struct bytes){ name, strlen(name) });
}

void line_add_args(struct text_line *line, enum paint paint, struct bytes args)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;

	escape_args(&sb, args, line->o->utf8);
	line->sb->failed |= sb.failed;
	add(line, paint, sb.buf, sb.len);
}

void line_add_tail(struct text_line *line, enum paint paint, struct bytes text)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;
	size_t room = line->o->width ? line->o->width - line->used : (size_t)-1;
	size_t from = 0, width;

	escape_append_as(&sb, text, line->o->utf8);
	line->sb->failed |= sb.failed;
	width = text_width(sb.buf, sb.len);
	if (width > room && room > 1) {
		/* Whole characters from the left until the rest and the mark fit. */
		from = text_fit(sb.buf, sb.len, width - (room - 1), NULL);
		while (text_width(sb.buf + from, sb.len - from) > room - 1) {
			unsigned code;
			size_t step =
				utf8_decode((struct bytes){ sb.buf + from, sb.len - from }, &code);

			from += step ? step : 1;
		}
		add(line, paint, cut_mark(line), strlen(cut_mark(line)));
	}
	add(line, paint, sb.buf + from, sb.len - from);
}

void line_cell(struct text_line *line, enum paint paint, const char *text, size_t width, bool right)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;
	size_t taken = text_width(text, strlen(text));
	size_t blanks = taken < width ? width - taken : 0;

	if (right)
		strbuf_addchars(&sb, ' ', blanks);
	strbuf_addstr(&sb, text);
	if (!right)
		strbuf_addchars(&sb, ' ', blanks);
	line->sb->failed |= sb.failed;
	add(line, paint, sb.buf, sb.len);
	add(line, PAINT_NONE, " ", 1);
}

void line_end(struct text_line *line)
{
	/* Blanks that only filled a column; a colour's end is no blank and stays. */
	while (line->sb->len && line->sb->buf[line->sb->len - 1] == ' ')
		strbuf_truncate(line->sb, line->sb->len - 1);
	strbuf_addch(line->sb, '\n');
	line->used = 0;
	line->full = false;
}

enum paint paint_of_owner(enum owner_state state)
{
	static const enum paint paints[] = {
		[OWNER_UNKNOWN] = PAINT_WAIT,
		[OWNER_ALIVE] = PAINT_ALIVE,
		[OWNER_GONE] = PAINT_GONE,
	};

	return (size_t)state < ARRAY_SIZE(paints) ? paints[state] : PAINT_NONE;
}

enum paint paint_of_member(enum member_state state)
{
	static const enum paint paints[] = {
		[STATE_UNKNOWN] = PAINT_WAIT,
		[STATE_OWNED] = PAINT_NONE,
		[STATE_DETACHED] = PAINT_WAIT,
		[STATE_ORPHAN] = PAINT_GONE,
	};

	return (size_t)state < ARRAY_SIZE(paints) ? paints[state] : PAINT_NONE;
}

static void add_desktop(struct text_line *line, const struct process *desktop)
{
	if (!desktop)
		return;
	line_addf(line, PAINT_NONE, ": pid %d ", (int)desktop->id.pid);
	line_add_name(line, PAINT_NONE, desktop->comm);
}

/* What would lift the doubt, behind the process that makes it. */
static void add_lift(struct text_line *line, const struct instance *inst)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;

	report_lift(&sb, inst);
	line_add(line, PAINT_NONE, sb.buf);
}

static void add_gone_since(struct text_line *line, const struct census *c,
			   const struct instance *inst)
{
	char age[FORMAT_SIZE];
	bool exact = false;
	int64_t ms = report_orphan_age_ms(c, inst, &exact);

	if (ms >= 0)
		line_addf(line, PAINT_NONE, " for %s",
			  format_orphan_age(age, sizeof(age), ms, exact, line->o->utf8));
	if (identity_is_set(&inst->former))
		line_addf(line, PAINT_NONE, ", was pid %d", (int)inst->former.pid);
}

void line_add_owner(struct text_line *line, const struct census *c, const struct instance *inst)
{
	const char *state = inst->owner == OWNER_GONE ? "GONE" : owner_state_name(inst->owner);

	line_add(line, paint_of_owner(inst->owner), state);
	if (inst->owner == OWNER_GONE) {
		add_gone_since(line, c, inst);
		return;
	}
	if (inst->owner == OWNER_ALIVE)
		line_addf(line, PAINT_NONE, " by %s", owner_evidence_name(inst->evidence));
	else if (inst->doubt != DOUBT_NONE)
		line_addf(line, PAINT_NONE, ", %s", report_doubt_text(inst->doubt));
	add_desktop(line, inst->desktop);
	if (inst->owner == OWNER_UNKNOWN)
		add_lift(line, inst);
}

void line_add_ports(struct text_line *line, const uint16_t *ports, size_t nr)
{
	if (!nr)
		return;
	line_add(line, PAINT_NONE, "listens on");
	for (size_t i = 0; i < nr && i < MAX_PORTS; i++)
		line_addf(line, PAINT_NONE, " %u", ports[i]);
	if (nr > MAX_PORTS)
		line_addf(line, PAINT_NONE, " and %zu more", nr - MAX_PORTS);
}
