/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "report/format.h"
#include "report/text_line.h"

/*
 * `--list`: a block per instance, its processes below it as a tree. Columns are
 * dropped on a narrow terminal, the last of the drop order first; the name
 * takes what is left of the line.
 */

enum {
	INDENT = 2,
	NAME_MIN = 20, /* columns for the name before another column is dropped */
	DEPTH_MAX = 8, /* a deeper tree is not indented further */
};

struct row {
	const struct census *census;
	const struct member *member;
	const struct report_options *o;
};

static const char *cell_pid(const struct row *row, char *buf, size_t size)
{
	snprintf(buf, size, "%d", (int)row->member->proc->id.pid);
	return buf;
}

static const char *cell_role(const struct row *row, char *buf, size_t size)
{
	(void)buf, (void)size;
	return member_role_name(row->member->role);
}

static const char *cell_state(const struct row *row, char *buf, size_t size)
{
	(void)buf, (void)size;
	return member_state_name(row->member->state);
}

static const char *cell_ticks(const struct row *row, char *buf, size_t size)
{
	if (!row->member->ticks)
		return "-";
	snprintf(buf, size, "%u", row->member->ticks);
	return buf;
}

static const char *cell_orphan(const struct row *row, char *buf, size_t size)
{
	const struct member *m = row->member;
	int64_t ms = m->state == STATE_ORPHAN ? census_orphan_age_ms(row->census, m) : -1;

	return format_orphan_age(buf, size, ms, m->orphan_exact, row->o->utf8);
}

static const char *cell_age(const struct row *row, char *buf, size_t size)
{
	return format_age(buf, size, census_age_ms(row->census, row->member->proc));
}

static const char *cell_rss(const struct row *row, char *buf, size_t size)
{
	return format_kib(buf, size, row->member->proc->rss_kib);
}

static const char *cell_cpu(const struct row *row, char *buf, size_t size)
{
	return format_cpu(buf, size, row->member->cpu_pct);
}

static const struct column {
	const char *title;
	unsigned char width;
	bool right;
	unsigned char drop; /* the highest goes first; 0: never */
	const char *(*cell)(const struct row *row, char *buf, size_t size);
} columns[] = {
	{ "PID", 7, true, 0, cell_pid },       { "ROLE", 6, false, 4, cell_role },
	{ "STATE", 8, false, 0, cell_state },  { "TICKS", 5, true, 5, cell_ticks },
	{ "ORPHAN", 8, true, 1, cell_orphan }, { "AGE", 6, true, 3, cell_age },
	{ "RSS", 5, true, 2, cell_rss },       { "CPU%", 5, true, 6, cell_cpu },
};

/* Columns with a drop of more than this are left out. */
static unsigned drop_above(const struct report_options *o)
{
	unsigned keep = ARRAY_SIZE(columns);

	while (o->width && keep) {
		size_t width = INDENT + NAME_MIN;

		for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
			if (columns[i].drop <= keep)
				width += columns[i].width + 1u;
		if (width <= o->width)
			break;
		keep--;
	}
	return keep;
}

static void add_notes(struct text_line *line, const struct member *m)
{
	const char *kept = verdict_kept_name(m->kept);

	if (m->condemned)
		line_add(line, PAINT_GONE, "  [reapable]");
	if (kept)
		line_addf(line, PAINT_BOLD, "  [kept: %s]", kept);
	if (m->state == STATE_UNKNOWN && m->reason != BECAUSE_OWNER_UNKNOWN)
		line_addf(line, PAINT_DIM, "  [%s]", report_reason_text(m->reason));
	if (m->inferred)
		line_add(line, PAINT_DIM, "  [inferred]");
	if (m->proc->dead)
		line_add(line, PAINT_DIM, "  [dead]");
	if (m->ports_known && m->nr_ports) {
		line_add(line, PAINT_NONE, "  [");
		line_add_ports(line, m->ports, m->nr_ports);
		line_add(line, PAINT_NONE, "]");
	}
}

static void add_member(struct text_line *line, const struct row *row, size_t depth, unsigned keep)
{
	const struct process *p = row->member->proc;
	char buf[FORMAT_SIZE];

	line_add(line, PAINT_NONE, "  ");
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		enum paint paint = columns[i].cell == cell_state
					   ? paint_of_member(row->member->state)
					   : PAINT_NONE;

		if (columns[i].drop <= keep)
			line_cell(line, paint, columns[i].cell(row, buf, sizeof(buf)),
				  columns[i].width, columns[i].right);
	}
	for (size_t i = 0; i < depth && i < DEPTH_MAX; i++)
		line_add(line, PAINT_NONE, "  ");
	if (row->o->show_args && p->args_read == READ_DONE && p->args.len)
		line_add_args(line, PAINT_NONE, p->args);
	else
		line_add_name(line, PAINT_NONE, p->comm);
	add_notes(line, row->member);
	line_end(line);
}

/* The members of one instance as a forest: first child and next sibling of each. */
struct forest {
	size_t *child, *next;
	bool *shown;
};

static int forest_build(struct forest *f, const struct census *c, const struct instance *inst)
{
	f->child = calloc(inst->nr + 1, sizeof(*f->child));
	f->next = calloc(inst->nr + 1, sizeof(*f->next));
	f->shown = calloc(inst->nr + 1, sizeof(*f->shown));
	if (!f->child || !f->next || !f->shown)
		return -ENOMEM;
	for (size_t i = 0; i < inst->nr; i++)
		f->child[i] = CENSUS_NONE;
	/* From the end, so that each list of children is in order. */
	for (size_t i = inst->nr; i-- > 0;) {
		size_t parent = c->members[inst->first + i].parent;

		f->next[i] = CENSUS_NONE;
		if (parent == CENSUS_NONE)
			continue;
		parent -= inst->first;
		f->next[i] = f->child[parent];
		f->child[parent] = i;
	}
	return 0;
}

static void forest_release(struct forest *f)
{
	free(f->child);
	free(f->next);
	free(f->shown);
}

/* Show @top and what is below it, without recursion: a chain may be very long. */
static void add_tree(struct text_line *line, struct forest *f, const struct row *template,
		     const struct instance *inst, size_t top, unsigned keep)
{
	const struct census *c = template->census;
	struct row row = *template;
	size_t at = top, depth = 0;

	for (;;) {
		if (!f->shown[at]) {
			f->shown[at] = true;
			row.member = &c->members[inst->first + at];
			add_member(line, &row, depth, keep);
			if (f->child[at] != CENSUS_NONE) {
				at = f->child[at];
				depth++;
				continue;
			}
		}
		while (at != top && f->next[at] == CENSUS_NONE) {
			at = c->members[inst->first + at].parent - inst->first;
			depth--;
		}
		if (at == top)
			return;
		at = f->next[at];
	}
}

static int add_members(struct text_line *line, const struct census *c, const struct instance *inst)
{
	struct row row = { .census = c, .o = line->o };
	unsigned keep = drop_above(line->o);
	struct forest f = { 0 };
	int r = forest_build(&f, c, inst);

	if (r < 0) {
		forest_release(&f);
		return r;
	}
	line_add(line, PAINT_NONE, "  ");
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		if (columns[i].drop <= keep)
			line_cell(line, PAINT_DIM, columns[i].title, columns[i].width,
				  columns[i].right);
	line_add(line, PAINT_DIM, "NAME");
	line_end(line);
	for (size_t i = 0; i < inst->nr; i++)
		if (c->members[inst->first + i].parent == CENSUS_NONE)
			add_tree(line, &f, &row, inst, i, keep);
	/* None is left, unless parents went round in a circle. */
	for (size_t i = 0; i < inst->nr; i++) {
		row.member = &c->members[inst->first + i];
		if (!f.shown[i])
			add_member(line, &row, 0, keep);
	}
	forest_release(&f);
	return 0;
}

static void add_sums(struct text_line *line, const struct instance *inst)
{
	char agents[FORMAT_SIZE], workers[FORMAT_SIZE], orphans[FORMAT_SIZE], rss[FORMAT_SIZE];
	char cpu[FORMAT_SIZE];

	line_addf(line, PAINT_NONE, "  %s, %s",
		  format_count(agents, sizeof(agents), inst->agents, "agent"),
		  format_count(workers, sizeof(workers), inst->workers, "worker"));
	if (inst->orphans)
		line_addf(line, PAINT_GONE, ", %s",
			  format_count(orphans, sizeof(orphans), inst->orphans, "orphan"));
	if (inst->detached)
		line_addf(line, PAINT_WAIT, ", %zu detached", inst->detached);
	if (inst->unknown)
		line_addf(line, PAINT_WAIT, ", %zu unknown", inst->unknown);
	line_addf(line, PAINT_NONE, ", memory %s", format_kib(rss, sizeof(rss), inst->rss_kib));
	format_cpu(cpu, sizeof(cpu), inst->cpu_pct);
	if (cpu[0] != '-')
		line_addf(line, PAINT_NONE, ", cpu %s%%", cpu);
	line_end(line);
}

static int add_instance(struct text_line *line, const struct census *c, const struct instance *inst)
{
	line_end(line);
	/* The app first: a line must not begin with what an instance is free to hold. */
	line_add_name(line, PAINT_NONE, inst->app->name);
	line_add(line, PAINT_NONE, " ");
	line_add_tail(line, PAINT_BOLD, inst->id);
	line_end(line);
	line_addf(line, PAINT_NONE, "  uid %u, owner ", (unsigned)inst->uid);
	line_add_owner(line, c, inst);
	line_end(line);
	add_sums(line, inst);
	return add_members(line, c, inst);
}

static void add_head(struct text_line *line, const struct census *c)
{
	size_t shown = 0, nr_agents = 0;
	const struct snapshot *s = c->snapshot;
	char buf[FORMAT_SIZE], agents[FORMAT_SIZE];
	size_t orphans = 0;

	for (size_t i = 0; i < c->nr_instances; i++) {
		if (!report_shows(line->o, &c->instances[i]))
			continue;
		shown++;
		nr_agents += c->instances[i].agents;
		orphans += c->instances[i].orphans;
	}
	/* One that is an agent of several instances is one agent. */
	if (shown == c->nr_instances)
		nr_agents = c->agents;
	if (!shown)
		line_add(line, PAINT_NONE, "no managed processes");
	else
		line_addf(line, PAINT_NONE, "%s, %s",
			  format_count(buf, sizeof(buf), shown, "instance"),
			  format_count(agents, sizeof(agents), nr_agents, "agent"));
	if (orphans)
		line_addf(line, PAINT_GONE, ", %s",
			  format_count(buf, sizeof(buf), orphans, "orphan"));
	line_addf(line, PAINT_DIM, "; %zu processes scanned", s->scanned);
	if (s->unreadable)
		line_addf(line, PAINT_DIM, ", %zu unreadable", s->unreadable);
	line_addf(line, PAINT_DIM, ", %s", format_ms(buf, sizeof(buf), s->took_us));
	line_end(line);
	if (s->complete)
		return;
	line_add(line, PAINT_GONE, "the scan is incomplete");
	if (*s->trouble) {
		line_add(line, PAINT_NONE, ": ");
		line_add_name(line, PAINT_NONE, s->trouble);
	}
	line_end(line);
}

static int census(struct strbuf *sb, const struct census *c, const struct report_options *o)
{
	struct text_line line = { .sb = sb, .o = o };

	add_head(&line, c);
	for (size_t i = 0; i < c->nr_instances; i++) {
		int r = 0;

		if (report_shows(o, &c->instances[i]))
			r = add_instance(&line, c, &c->instances[i]);
		if (r < 0)
			return r;
	}
	return sb->failed ? -ENOMEM : 0;
}

const struct report_format report_text = {
	.name = "text",
	.census = census,
	.leaks = text_leaks,
	.event = text_event,
};
