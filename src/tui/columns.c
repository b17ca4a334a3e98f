/* SPDX-License-Identifier: MIT */
#include "tui/columns.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "report/format.h"
#include "tui/model.h"

enum { DAY_MS = 24 * 60 * 60 * 1000 };

/* --- cells --------------------------------------------------------------------- */

char *cell_age(char *buf, size_t size, int64_t ms, bool exact, const struct glyphs *g)
{
	char age[FORMAT_SIZE];
	size_t width;

	format_age(age, sizeof(age), ms);
	if (ms < 0 || exact) {
		snprintf(buf, size, "%s", age);
		return buf;
	}
	/* One column for the mark: where the second unit does not fit any more, the first does. */
	width = strlen(age);
	if (width > 5)
		age[strcspn(age, "smhd") + 1] = '\0';
	snprintf(buf, size, "%s%s", g->at_least, age);
	return buf;
}

char *cell_clock(char *buf, size_t size, int64_t realtime_ms)
{
	time_t t = (time_t)(realtime_ms / 1000);
	struct tm tm;

	if (!localtime_r(&t, &tm) || !strftime(buf, size, "%H:%M:%S", &tm))
		snprintf(buf, size, "-");
	return buf;
}

char *cell_since(char *buf, size_t size, int64_t then_ms, int64_t now_ms)
{
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t t = (time_t)(then_ms / 1000);
	struct tm tm;

	if (now_ms - then_ms < DAY_MS)
		return cell_clock(buf, size, then_ms);
	if (localtime_r(&t, &tm))
		snprintf(buf, size, "%s %02d", months[tm.tm_mon % 12], tm.tm_mday);
	else
		snprintf(buf, size, "-");
	return buf;
}

/* What a cell is made from. */
struct cell {
	const struct column_place *place;
	const struct model *m;
	const struct row *row;
	const struct memory *g;
	const struct instance *inst;
	const struct process *proc; /* NULL in a group's row */
};

static void group_mark(struct strbuf *sb, const struct cell *c)
{
	if (c->g->tagged)
		strbuf_addch(sb, '*');
	else if (c->g->kind == KIND_REAPABLE)
		strbuf_addch(sb, '!');
	else if (c->g->kind == KIND_GRACE)
		strbuf_addch(sb, '?');
}

/*
 * Mark a process that is treated otherwise than its group, and in the flat list, which
 * shows no groups, what a sweep would end: STATE may not be shown.
 */
static void process_mark(struct strbuf *sb, const struct cell *c)
{
	const struct member *m = c->row->m;

	if (model_is_tagged(c->m, &c->proc->id))
		strbuf_addch(sb, '*');
	else if (c->row->hit)
		strbuf_addch(sb, '>');
	else if (member_is_kept(m))
		strbuf_addch(sb, 'k');
	else if (m->state == STATE_DETACHED)
		strbuf_addch(sb, 'd');
	else if (m->state == STATE_UNKNOWN)
		strbuf_addch(sb, 'u');
	else if (c->m->flat && m->condemned)
		strbuf_addch(sb, '!');
	else if (c->m->flat && m->state == STATE_ORPHAN)
		strbuf_addch(sb, '?');
}

static void group_owner(struct strbuf *sb, const struct cell *c)
{
	static const char *const words[] = {
		[OWNER_ALIVE] = "alive",
		[OWNER_GONE] = "GONE",
		[OWNER_UNKNOWN] = "unkn",
	};
	char pid[16] = "-";

	if (c->g->owner_pid > 0)
		snprintf(pid, sizeof(pid), "%d", (int)c->g->owner_pid);
	if (c->place->width < 13)
		strbuf_addstr(sb, words[c->inst->owner]);
	else
		strbuf_addf(sb, "%-5s %7s", words[c->inst->owner], pid);
}

static void process_owner(struct strbuf *sb, const struct cell *c)
{
	strbuf_addf(sb, "%d", (int)c->proc->id.pid);
}

static void group_tick(struct strbuf *sb, const struct cell *c)
{
	/* What "alive" and "GONE" alone do not tell apart, on a screen without STATE. */
	if (c->g->kind == KIND_KEPT)
		strbuf_addstr(sb, "kept");
	else if (c->g->ticks)
		strbuf_addf(sb, "%u/%u", c->g->ticks, c->m->grace);
	else if (c->g->age_ms >= 0)
		strbuf_addf(sb, "0/%u", c->m->grace);
	else if (c->g->kind == KIND_DETACHED)
		strbuf_addstr(sb, "det");
	else if (c->g->kind == KIND_UNKNOWN && c->inst->owner != OWNER_UNKNOWN)
		strbuf_addstr(sb, "unkn");
	else
		strbuf_addch(sb, '-');
}

enum { NARROW_PID = 99999, NARROW_TICK_X = 8 };

/* A pid that is longer than a narrow OWNER runs on into this column. */
static void process_tick(struct strbuf *sb, const struct cell *c)
{
	if (c->place->x <= NARROW_TICK_X && c->proc->id.pid > NARROW_PID)
		strbuf_addstr(sb, "  ");
	strbuf_addch(sb, c->proc->state ? c->proc->state : '?');
}

static void group_state_cell(struct strbuf *sb, const struct cell *c)
{
	strbuf_addstr(sb, group_state(c->g));
}

static void process_state_cell(struct strbuf *sb, const struct cell *c)
{
	strbuf_addstr(sb, process_state(c->g, c->row->m));
}

static void group_age(struct strbuf *sb, const struct cell *c)
{
	char buf[FORMAT_SIZE];

	int64_t age = c->g->age_ms < 0 ? -1 : c->g->age_ms + c->m->late_ms;

	strbuf_addstr(sb, cell_age(buf, sizeof(buf), age, c->g->exact, c->m->glyphs));
}

static void process_age(struct strbuf *sb, const struct cell *c)
{
	char buf[FORMAT_SIZE];

	strbuf_addstr(sb, format_age(buf, sizeof(buf),
				     census_age_ms(c->m->census, c->proc) + c->m->late_ms));
}

static void add_since(struct strbuf *sb, const struct cell *c, int64_t age_ms)
{
	int64_t now = c->m->census->snapshot->realtime_ms;
	char buf[FORMAT_SIZE];

	if (age_ms < 0)
		strbuf_addch(sb, '-');
	else
		strbuf_addstr(sb, cell_since(buf, sizeof(buf), now - age_ms, now));
}

static void group_since(struct strbuf *sb, const struct cell *c)
{
	add_since(sb, c, c->g->age_ms);
}

static void process_since(struct strbuf *sb, const struct cell *c)
{
	add_since(sb, c, census_age_ms(c->m->census, c->proc));
}

static void add_count(struct strbuf *sb, size_t nr)
{
	if (nr > 99)
		strbuf_addstr(sb, "99+");
	else
		strbuf_addf(sb, "%zu", nr);
}

static void group_n(struct strbuf *sb, const struct cell *c)
{
	add_count(sb, c->inst->nr);
}

static void process_n(struct strbuf *sb, const struct cell *c)
{
	add_count(sb, c->proc->threads);
}

static void group_cpu(struct strbuf *sb, const struct cell *c)
{
	char buf[FORMAT_SIZE];

	strbuf_addstr(sb, format_cpu(buf, sizeof(buf), c->inst->cpu_pct));
}

static void process_cpu(struct strbuf *sb, const struct cell *c)
{
	char buf[FORMAT_SIZE];

	strbuf_addstr(sb, format_cpu(buf, sizeof(buf), c->row->m->cpu_pct));
}

static void group_rss(struct strbuf *sb, const struct cell *c)
{
	char buf[FORMAT_SIZE];

	strbuf_addstr(sb, format_kib(buf, sizeof(buf), c->inst->rss_kib));
}

static void process_rss(struct strbuf *sb, const struct cell *c)
{
	char buf[FORMAT_SIZE];

	strbuf_addstr(sb, format_kib(buf, sizeof(buf), c->proc->rss_kib));
}

void cell_trend(struct strbuf *sb, double value, double most, const struct glyphs *g)
{
	int level = most > 0 ? (int)(value / most * 7 + 0.5) : 0;

	if (isnan(value))
		strbuf_addch(sb, ' ');
	else
		strbuf_addstr(sb, g->levels[level < 0 ? 0 : level > 7 ? 7 : level]);
}

/* Of one core, or of the most that it took if that was more. */
static void group_trend(struct strbuf *sb, const struct cell *c)
{
	const struct trend *t = &c->g->trend;
	double most = 100;

	for (size_t i = 0; i < t->nr; i++)
		most = t->cpu_pct[i] > most ? t->cpu_pct[i] : most;
	strbuf_addchars(sb, ' ', TREND_MAX - t->nr);
	for (size_t i = 0; i < t->nr; i++)
		cell_trend(sb, t->cpu_pct[i], most, c->m->glyphs);
}

static void no_cell(struct strbuf *sb, const struct cell *c)
{
	(void)sb;
	(void)c;
}

static void add_user(struct strbuf *sb, const struct cell *c, uid_t uid)
{
	_cleanup_(strbuf_release) struct strbuf name = STRBUF_INIT;
	char buf[33];

	escape_text(&name, model_user(c->m, uid, buf));
	if (text_width(name.buf, name.len) <= (size_t)c->place->width) {
		strbuf_add(sb, name.buf, name.len);
		return;
	}
	text_head(sb, name.buf, (size_t)c->place->width - 1);
	strbuf_addch(sb, '+');
}

static void group_user(struct strbuf *sb, const struct cell *c)
{
	add_user(sb, c, c->inst->uid);
}

static void process_user(struct strbuf *sb, const struct cell *c)
{
	add_user(sb, c, c->proc->uid);
}

/*
 * Where an id says little by itself, a pid or a program's name, the app stands before it.
 * Returns the columns that are left of @room.
 */
static size_t add_app(struct strbuf *sb, const struct app *app, size_t room)
{
	_cleanup_(strbuf_release) struct strbuf name = STRBUF_INIT;
	size_t width;

	if (!app->stdio && app->owner != APP_OWNER_PID)
		return room;
	escape_text(&name, app->name);
	strbuf_addstr(&name, "  ");
	width = text_width(name.buf, name.len);
	/* At least half of the room is the id's. */
	if (width > room / 2)
		return room;
	strbuf_add(sb, name.buf, name.len);
	return room - width;
}

static void group_name(struct strbuf *sb, const struct cell *c)
{
	const struct glyphs *g = c->m->glyphs;
	_cleanup_(strbuf_release) struct strbuf id = STRBUF_INIT;

	size_t room = c->place->width > 2 ? (size_t)c->place->width - 2 : 0;
	struct bytes shown = c->inst->id;

	/* Where not all fit, what all begin with is left out of each: the heading says it. */
	if (c->m->prefix && c->m->median > room)
		shown = (struct bytes){ shown.data + c->m->prefix, shown.len - c->m->prefix };
	model_id(&id, shown, g->utf8);
	strbuf_addstr(sb, c->g->expanded || c->g->hit ? g->open : g->closed);
	strbuf_addch(sb, ' ');
	room = add_app(sb, c->inst->app, room);
	if (shown.len < c->inst->id.len && text_width(id.buf, id.len) < room) {
		strbuf_addstr(sb, g->cut);
		room--;
	}
	text_tail(sb, id.buf, room, g);
}

/* In the flat list no group stands above: the instance's name, in two fifths of the room. */
static void flat_instance(struct strbuf *sb, const struct cell *c)
{
	size_t room = (size_t)c->place->width * 2 / 5, width = c->m->longest;
	_cleanup_(strbuf_release) struct strbuf name = STRBUF_INIT, tail = STRBUF_INIT;

	if (!width || room < 6)
		return;
	width = width < room ? width : room;
	model_short_name(&name, c->g, c->m->glyphs->utf8);
	text_tail(&tail, name.buf, width, c->m->glyphs);
	text_field(sb, tail.buf, width, false);
	strbuf_addstr(sb, "  ");
}

static void process_name(struct strbuf *sb, const struct cell *c)
{
	const struct glyphs *g = c->m->glyphs;

	if (c->m->flat) {
		flat_instance(sb, c);
		model_command(c->m, sb, c->proc);
		return;
	}
	strbuf_addstr(sb, "  ");
	for (unsigned i = 0; i < c->row->depth; i++) {
		strbuf_addstr(sb, i < 64 && (c->row->rails >> i & 1) ? g->bar : " ");
		strbuf_addstr(sb, "  ");
	}
	strbuf_addstr(sb, c->row->last ? g->corner : g->tee);
	strbuf_addstr(sb, g->dash);
	strbuf_addch(sb, ' ');
	model_command(c->m, sb, c->proc);
}

/* --- the table ----------------------------------------------------------------- */

static const struct column {
	const char *name, *short_name; /* short below the width `wide_from` */
	unsigned char width, short_width;
	unsigned short from;		    /* shown from this width of the terminal */
	unsigned short wide_from;	    /* 0: has no short form */
	bool right, toned, descends, fixed; /* fixed: not to be sorted by */
	void (*group)(struct strbuf *sb, const struct cell *c);
	void (*process)(struct strbuf *sb, const struct cell *c);
} columns[COLUMN_NR] = {
	[COLUMN_MARK] = { .name = "",
			  .width = 1,
			  .toned = true,
			  .fixed = true,
			  .group = group_mark,
			  .process = process_mark },
	[COLUMN_OWNER] = { .name = "OWNER/PID",
			   .short_name = "OWNER",
			   .width = 13,
			   .short_width = 5,
			   .wide_from = 64,
			   .toned = true,
			   .group = group_owner,
			   .process = process_owner },
	[COLUMN_TICK] = { .name = "TICK",
			  .width = 4,
			  .toned = true,
			  .descends = true,
			  .group = group_tick,
			  .process = process_tick },
	[COLUMN_STATE] = { .name = "STATE",
			   .width = 8,
			   .from = 110,
			   .toned = true,
			   .group = group_state_cell,
			   .process = process_state_cell },
	[COLUMN_AGE] = { .name = "AGE",
			 .width = 6,
			 .from = 36,
			 .right = true,
			 .descends = true,
			 .group = group_age,
			 .process = process_age },
	[COLUMN_SINCE] = { .name = "SINCE",
			   .width = 8,
			   .from = 110,
			   .group = group_since,
			   .process = process_since },
	[COLUMN_N] = { .name = "N",
		       .width = 3,
		       .from = 72,
		       .right = true,
		       .descends = true,
		       .group = group_n,
		       .process = process_n },
	[COLUMN_CPU] = { .name = "CPU%",
			 .width = 5,
			 .from = 52,
			 .right = true,
			 .descends = true,
			 .group = group_cpu,
			 .process = process_cpu },
	[COLUMN_RSS] = { .name = "RSS",
			 .width = 5,
			 .from = 46,
			 .right = true,
			 .descends = true,
			 .group = group_rss,
			 .process = process_rss },
	[COLUMN_TREND] = { .name = "CPU TREND",
			   .width = TREND_MAX + 1,
			   .from = 130,
			   .fixed = true,
			   .group = group_trend,
			   .process = no_cell },
	[COLUMN_USER] = { .name = "USER",
			  .width = 8,
			  .from = 110,
			  .group = group_user,
			  .process = process_user },
	[COLUMN_NAME] = { .name = "INSTANCE / PROCESS",
			  .short_name = "INSTANCE",
			  .wide_from = 46,
			  .group = group_name,
			  .process = process_name },
};

size_t columns_layout(int width, struct column_place places[COLUMN_NR])
{
	size_t nr = 0;
	int x = 0;

	for (int id = 0; id < COLUMN_NR; id++) {
		const struct column *col = &columns[id];
		struct column_place *place = &places[nr];
		bool brief = width < col->wide_from;

		if (width < col->from)
			continue;
		*place = (struct column_place){
			.id = id,
			.x = x,
			.right = col->right,
			.toned = col->toned,
			.name = brief ? col->short_name : col->name,
			.width = brief && col->short_width ? col->short_width : col->width,
		};
		if (id == COLUMN_NAME)
			place->width = width > x ? width - x : 0;
		x += place->width + 1;
		nr++;
	}
	return nr;
}

void column_heading(struct strbuf *sb, const struct column_place *place, const struct model *m)
{
	const struct glyphs *g = m->glyphs;
	bool sorted = m->sort == place->id;

	text_field(sb, place->name, (size_t)place->width, place->right);
	if (!sorted || (place->id == COLUMN_OWNER && place->width < 13))
		return;
	/* The mark stands in the cell behind the name, if need be the gap between columns. */
	if (!place->right)
		while (sb->len && sb->buf[sb->len - 1] == ' ')
			strbuf_truncate(sb, sb->len - 1);
	strbuf_addstr(sb, columns[place->id].descends != m->invert ? g->down : g->up);
}

void column_cell(struct strbuf *sb, const struct column_place *place, const struct model *m,
		 const struct row *row)
{
	const struct column *col = &columns[place->id];
	_cleanup_(strbuf_release) struct strbuf text = STRBUF_INIT;
	struct cell c = { .place = place, .m = m, .row = row, .g = model_row_group(m, row) };
	size_t width = (size_t)place->width;
	bool right = place->right;

	c.inst = c.g->inst;
	if (row->m) {
		c.proc = row->m->proc;
		right = right || place->id == COLUMN_OWNER; /* a pid */
		if (col->process)
			col->process(&text, &c);
		if (place->id == COLUMN_OWNER && text.len > width)
			width = text.len;
	} else {
		col->group(&text, &c);
	}
	text_field(sb, text.buf, width, right);
}

bool column_sortable(enum column_id id)
{
	return id < COLUMN_NR && !columns[id].fixed;
}

const char *column_name(enum column_id id)
{
	return columns[id].name;
}

bool column_descends(enum column_id id)
{
	return columns[id].descends;
}

void column_word(struct strbuf *sb, enum column_id id)
{
	for (const char *at = columns[id].name; isalpha((unsigned char)*at); at++)
		strbuf_addch(sb, (char)tolower((unsigned char)*at));
}

bool column_find(const char *word, enum column_id *ret)
{
	size_t len = strlen(word);

	for (size_t id = 0; id < COLUMN_NR; id++) {
		const char *name = columns[id].name;

		if (!column_sortable((enum column_id)id))
			continue;
		if ((len && strncasecmp(name, word, len) == 0 &&
		     !isalpha((unsigned char)name[len])) ||
		    (id == COLUMN_NAME && strcasecmp(word, "name") == 0)) {
			*ret = (enum column_id)id;
			return true;
		}
	}
	return false;
}
