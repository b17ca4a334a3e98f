/* SPDX-License-Identifier: MIT */
#include "report/table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/escape.h"
#include "report/format.h"
#include "report/text_line.h"

/* What a cell is made from. */
struct line {
	const struct census *c;
	const struct member *m;
	const struct instance *inst;
	size_t at; /* keeps lines that are equal in their order */
};

/* One column: a number, or else a text. Both are what --sort goes by. */
struct table_column {
	const char *name, *title;
	bool right;
	int64_t (*number)(const struct line *line);
	void (*text)(struct strbuf *sb, const struct line *line, const struct report_options *o);
	char *(*format)(char *buf, size_t size, int64_t number); /* NULL: as it is; -1 is "-" */
};

static int64_t of_pid(const struct line *l)
{
	return l->m->proc->id.pid;
}
static int64_t of_ppid(const struct line *l)
{
	return l->m->proc->ppid;
}
static int64_t of_pgid(const struct line *l)
{
	return l->m->proc->pgid;
}
static int64_t of_sid(const struct line *l)
{
	return l->m->proc->sid;
}
static int64_t of_uid(const struct line *l)
{
	return l->inst->uid;
}
static int64_t of_ticks(const struct line *l)
{
	return l->m->ticks;
}
static int64_t of_age(const struct line *l)
{
	return census_age_ms(l->c, l->m->proc);
}
static int64_t of_rss(const struct line *l)
{
	return (int64_t)l->m->proc->rss_kib;
}

static int64_t of_orphan(const struct line *l)
{
	return l->m->state == STATE_ORPHAN ? census_orphan_age_ms(l->c, l->m) : -1;
}

/* In hundredths, so that it sorts as a number; -1: not known. */
static int64_t of_cpu(const struct line *l)
{
	return l->m->cpu_pct >= 0 ? (int64_t)(l->m->cpu_pct * 100) : -1;
}

static char *format_cpu_hundredths(char *buf, size_t size, int64_t number)
{
	return format_cpu(buf, size, number < 0 ? -1 : (double)number / 100);
}

static char *format_rss(char *buf, size_t size, int64_t number)
{
	return format_kib(buf, size, (uint64_t)number);
}

static void add_hostile(struct strbuf *sb, struct bytes text, const struct report_options *o)
{
	escape_append_as(sb, text, o->utf8);
}

static void text_role(struct strbuf *sb, const struct line *l, const struct report_options *o)
{
	(void)o;
	strbuf_addstr(sb, member_role_name(l->m->role));
}

static void text_state(struct strbuf *sb, const struct line *l, const struct report_options *o)
{
	(void)o;
	strbuf_addstr(sb, member_state_name(l->m->state));
}

static void text_owner(struct strbuf *sb, const struct line *l, const struct report_options *o)
{
	(void)o;
	strbuf_addstr(sb, owner_state_name(l->inst->owner));
}

static void text_kept(struct strbuf *sb, const struct line *l, const struct report_options *o)
{
	(void)o;
	strbuf_addstr(sb, verdict_kept_name(l->m->kept) ?: "-");
}

static void text_app(struct strbuf *sb, const struct line *l, const struct report_options *o)
{
	add_hostile(sb, bytes_of(l->inst->app->name), o);
}

static void text_instance(struct strbuf *sb, const struct line *l, const struct report_options *o)
{
	add_hostile(sb, l->inst->id, o);
}

static void text_name(struct strbuf *sb, const struct line *l, const struct report_options *o)
{
	add_hostile(sb, bytes_of(l->m->proc->comm), o);
}

static void text_args(struct strbuf *sb, const struct line *l, const struct report_options *o)
{
	if (l->m->proc->args_read == READ_DONE && l->m->proc->args.len)
		escape_args(sb, l->m->proc->args, o->utf8);
	else
		text_name(sb, l, o);
}

static const struct table_column columns[] = {
	{ "pid", "PID", true, of_pid, NULL, NULL },
	{ "ppid", "PPID", true, of_ppid, NULL, NULL },
	{ "pgid", "PGID", true, of_pgid, NULL, NULL },
	{ "sid", "SID", true, of_sid, NULL, NULL },
	{ "uid", "UID", true, of_uid, NULL, NULL },
	{ "role", "ROLE", false, NULL, text_role, NULL },
	{ "state", "STATE", false, NULL, text_state, NULL },
	{ "owner", "OWNER", false, NULL, text_owner, NULL },
	{ "kept", "KEPT", false, NULL, text_kept, NULL },
	{ "ticks", "TICKS", true, of_ticks, NULL, NULL },
	{ "orphan", "ORPHAN", true, of_orphan, NULL, format_age },
	{ "age", "AGE", true, of_age, NULL, format_age },
	{ "rss", "RSS", true, of_rss, NULL, format_rss },
	{ "cpu", "CPU%", true, of_cpu, NULL, format_cpu_hundredths },
	{ "app", "APP", false, NULL, text_app, NULL },
	{ "instance", "INSTANCE", false, NULL, text_instance, NULL },
	{ "name", "NAME", false, NULL, text_name, NULL },
	{ "args", "ARGS", false, NULL, text_args, NULL },
};

static const char usual[] = "pid,role,state,ticks,orphan,age,rss,cpu,app,instance,name";

enum { MAX_COLUMNS = 32 };

/* One word of a list: the column, and what stands with it. */
struct chosen {
	const struct table_column *column;
	struct bytes title;
	bool descending;
};

static const struct table_column *find_column(struct bytes name)
{
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		if (bytes_is(name, columns[i].name))
			return &columns[i];
	return NULL;
}

/*
 * Read a list of columns; where @signs, a + or - before a name is its order, else `=TITLE`
 * may follow. How many, or -EINVAL and *ret_bad.
 */
static int choose(const char *list, bool signs, struct chosen *chosen, struct bytes *ret_bad)
{
	int nr = 0;

	for (const char *at = list, *end;; at = end + 1) {
		struct chosen *one = &chosen[nr];
		const char *equals;

		end = strchrnul(at, ',');
		*one = (struct chosen){ 0 };
		if (signs && (*at == '-' || *at == '+'))
			one->descending = *at++ == '-';
		equals = signs ? NULL : memchr(at, '=', (size_t)(end - at));
		*ret_bad = (struct bytes){ at, (size_t)((equals ?: end) - at) };
		one->column = find_column(*ret_bad);
		if (!one->column || nr == MAX_COLUMNS - 1)
			return -EINVAL;
		one->title = equals ? (struct bytes){ equals + 1, (size_t)(end - equals - 1) }
				    : bytes_of(one->column->title);
		nr++;
		if (!*end)
			return nr;
	}
}

int table_check(const struct table_options *t, const struct report_options *o, struct strbuf *error)
{
	struct chosen chosen[MAX_COLUMNS];
	struct bytes bad;
	int nr = choose(t->columns ?: usual, false, chosen, &bad);

	for (int i = 0; i < nr; i++) {
		if (chosen[i].column->text != text_args || o->show_args)
			continue;
		strbuf_addstr(error,
			      "the column 'args' wants '--show-args': they may hold secrets");
		return -EINVAL;
	}
	if (nr > 0 && t->sort)
		nr = choose(t->sort, true, chosen, &bad);
	if (nr > 0)
		return 0;
	strbuf_addstr(error, "there is no column '");
	escape_append(error, bad);
	strbuf_addstr(error, "', only");
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		strbuf_addf(error, "%s %s", i ? "," : "", columns[i].name);
	return -EINVAL;
}

/* What qsort_r(3) compares by. */
struct order {
	const struct chosen *chosen;
	int nr;
	const struct report_options *o;
};

static int compare_one(const struct table_column *column, const struct line *a,
		       const struct line *b, const struct report_options *o)
{
	_cleanup_strbuf_ struct strbuf x = STRBUF_INIT, y = STRBUF_INIT;

	if (column->number) {
		int64_t m = column->number(a), n = column->number(b);

		return (m > n) - (m < n);
	}
	column->text(&x, a, o);
	column->text(&y, b, o);
	return x.failed || y.failed ? 0 : strcmp(x.buf, y.buf);
}

static int compare(const void *a, const void *b, void *ctx)
{
	const struct line *x = a, *y = b;
	const struct order *order = ctx;

	for (int i = 0; i < order->nr; i++) {
		int r = compare_one(order->chosen[i].column, x, y, order->o);

		if (r)
			return order->chosen[i].descending ? -r : r;
	}
	return (x->at > y->at) - (x->at < y->at);
}

static void add_cell(struct strbuf *sb, const struct chosen *chosen, const struct line *line,
		     const struct report_options *o)
{
	const struct table_column *column = chosen->column;
	char buf[FORMAT_SIZE];
	int64_t number;

	if (!line) { /* the header */
		add_hostile(sb, chosen->title, o);
		return;
	}
	if (!column->number) {
		column->text(sb, line, o);
		return;
	}
	number = column->number(line);
	if (column->format)
		strbuf_addstr(sb, column->format(buf, sizeof(buf), number));
	else
		strbuf_addf(sb, "%lld", (long long)number);
}

/* One line, or where @measure is set only its @widths. The last cell is not padded. */
static int add_line(struct text_line *out, const struct chosen *chosen, int nr,
		    const struct line *line, size_t *widths, bool measure)
{
	for (int i = 0; i < nr; i++) {
		_cleanup_strbuf_ struct strbuf cell = STRBUF_INIT;
		size_t width;

		add_cell(&cell, &chosen[i], line, out->o);
		if (cell.failed)
			return -ENOMEM;
		width = text_width(cell.buf, cell.len);
		if (measure)
			widths[i] = width > widths[i] ? width : widths[i];
		else if (i == nr - 1 && !chosen[i].column->right)
			line_add(out, PAINT_NONE, cell.len ? cell.buf : "");
		else
			line_cell(out, line ? PAINT_NONE : PAINT_DIM, cell.len ? cell.buf : "",
				  widths[i], chosen[i].column->right);
	}
	if (!measure)
		line_end(out);
	return 0;
}

/* The lines of what is shown. How many, or -ENOMEM. */
static ssize_t gather(const struct census *c, const struct report_options *o,
		      struct line **ret_lines)
{
	struct line *lines = calloc(c->nr_members + 1, sizeof(*lines));
	size_t nr = 0;

	if (!lines)
		return -ENOMEM;
	for (size_t i = 0; i < c->nr_members; i++) {
		const struct instance *inst = &c->instances[c->members[i].instance];

		if (!report_shows(o, inst))
			continue;
		lines[nr] = (struct line){ .c = c, .m = &c->members[i], .inst = inst, .at = nr };
		nr++;
	}
	*ret_lines = lines;
	return (ssize_t)nr;
}

int table_write(struct strbuf *sb, const struct census *c, const struct table_options *t,
		const struct report_options *o)
{
	struct chosen chosen[MAX_COLUMNS], sorted[MAX_COLUMNS];
	struct order order = { .chosen = sorted, .o = o };
	struct text_line out = { .sb = sb, .o = o };
	size_t widths[MAX_COLUMNS] = { 0 };
	_cleanup_free_ struct line *lines = NULL;
	bool headers = false;
	struct bytes bad;
	int nr = choose(t->columns ?: usual, false, chosen, &bad), r = 0;
	ssize_t nr_lines = gather(c, o, &lines);

	if (nr_lines < 0)
		return (int)nr_lines;
	if (t->sort)
		order.nr = choose(t->sort, true, sorted, &bad);
	if (order.nr > 0)
		qsort_r(lines, (size_t)nr_lines, sizeof(*lines), compare, &order);
	/* As with ps: no header where every title is empty. */
	for (int i = 0; i < nr && !t->no_headers; i++)
		headers = headers || chosen[i].title.len;
	for (int measure = 1; measure >= 0; measure--) {
		if (headers)
			r = add_line(&out, chosen, nr, NULL, widths, measure);
		for (ssize_t i = 0; i < nr_lines && r == 0; i++)
			r = add_line(&out, chosen, nr, &lines[i], widths, measure);
	}
	return r < 0 || sb->failed ? -ENOMEM : 0;
}
