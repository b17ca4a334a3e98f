#include <errno.h>
#include <inttypes.h>

#include "report/format.h"
#include "report/text_line.h"

/* `--check --format text`: one block per row, the leaks first. */

static const enum paint kind_paints[LEAK_NR] = {
	[LEAK_LEFT] = PAINT_GONE,
	[LEAK_UNKNOWN] = PAINT_WAIT,
	[LEAK_KEPT] = PAINT_BOLD,
	[LEAK_FORGIVEN] = PAINT_DIM,
};

static void add_first(struct text_line *line, const struct leak_report *r, const struct leak *row)
{
	const struct member *m = row->member;
	int64_t orphan_ms = m->state == STATE_ORPHAN ? census_orphan_age_ms(r->census, m) : -1;
	char buf[FORMAT_SIZE];

	line_cell(line, kind_paints[row->kind], leak_kind_name(row->kind), 8, false);
	line_addf(line, PAINT_BOLD, "pid %d ", (int)m->proc->id.pid);
	line_add_name(line, PAINT_BOLD, m->proc->comm);
	line_addf(line, PAINT_NONE, ": %s", member_state_name(m->state));
	if (orphan_ms >= 0)
		line_addf(line, PAINT_NONE, " for %s",
			  format_orphan_age(buf, sizeof(buf), orphan_ms, m->orphan_exact,
					    line->o->utf8));
	if (m->state == STATE_UNKNOWN)
		line_addf(line, PAINT_NONE, ", %s", report_reason_text(m->reason));
	if (row->kept != WHY_MAY_END)
		line_addf(line, PAINT_NONE, ", kept: %s", verdict_text(row->kept));
	line_addf(line, PAINT_NONE, ", memory %s",
		  format_kib(buf, sizeof(buf), m->proc->rss_kib));
	line_end(line);
}

static void add_belongs(struct text_line *line, const struct leak_report *r, const struct leak *row)
{
	const struct instance *inst = leak_instance(r, row);

	line_add(line, PAINT_NONE, "         of ");
	line_add_escaped(line, PAINT_NONE, inst->id);
	line_add(line, PAINT_NONE, " (");
	line_add_name(line, PAINT_NONE, inst->app->name);
	line_add(line, PAINT_NONE, "), owner ");
	line_add_owner(line, r->census, inst);
	line_end(line);
}

static void add_parent(struct text_line *line, const struct leak_report *r, const struct leak *row)
{
	const struct process *p = row->member->proc, *parent = leak_parent(r, row);
	char buf[FORMAT_SIZE];

	line_add(line, PAINT_NONE, "         ");
	if (parent) {
		line_addf(line, PAINT_NONE, "child of pid %d ", (int)parent->id.pid);
		line_add_name(line, PAINT_NONE, parent->comm);
	} else if (p->ppid > 0) {
		line_addf(line, PAINT_NONE, "child of pid %d", (int)p->ppid);
	} else {
		line_add(line, PAINT_NONE, "no parent in this pid namespace");
	}
	line_addf(line, PAINT_NONE, ", started %s ago",
		  format_age(buf, sizeof(buf), census_age_ms(r->census, p)));
	line_end(line);
}

static void add_holdings(struct text_line *line, const struct leak *row)
{
	if (row->ports_known && row->nr_ports) {
		line_add(line, PAINT_NONE, "         ");
		line_add_ports(line, row->ports, row->nr_ports);
		line_end(line);
	}
	for (size_t i = 0; i < row->nr_files; i++) {
		line_add(line, PAINT_NONE, "         has open ");
		line_add_name(line, PAINT_NONE, row->files[i]);
		line_end(line);
	}
	if (row->more_files) {
		line_addf(line, PAINT_NONE, "         and %zu more files", row->more_files);
		line_end(line);
	}
}

static void add_row(struct text_line *line, const struct leak_report *r, const struct leak *row)
{
	const struct process *p = row->member->proc;

	add_first(line, r, row);
	add_belongs(line, r, row);
	add_parent(line, r, row);
	if (line->o->show_args && p->args_read == READ_DONE && p->args.len) {
		line_add(line, PAINT_NONE, "         runs ");
		line_add_args(line, PAINT_NONE, p->args);
		line_end(line);
	}
	add_holdings(line, row);
}

static void add_head(struct text_line *line, const struct leak_report *r)
{
	const struct snapshot *s = r->census->snapshot;
	char buf[FORMAT_SIZE];

	if (r->command) {
		line_add_name(line, PAINT_BOLD, r->command);
		if (r->command_status >= 0)
			line_addf(line, PAINT_NONE, " ended with status %d", r->command_status);
		line_add(line, PAINT_NONE, "; ");
	}
	if (r->count[LEAK_LEFT])
		line_addf(line, PAINT_GONE, "%s",
			  format_count(buf, sizeof(buf), r->count[LEAK_LEFT], "leak"));
	else
		line_add(line, PAINT_NONE, "no leaks");
	if (r->count[LEAK_UNKNOWN])
		line_addf(line, PAINT_WAIT, ", %zu unknown", r->count[LEAK_UNKNOWN]);
	if (r->count[LEAK_KEPT])
		line_addf(line, PAINT_NONE, ", %zu kept", r->count[LEAK_KEPT]);
	if (r->count[LEAK_FORGIVEN])
		line_addf(line, PAINT_NONE, ", %zu forgiven", r->count[LEAK_FORGIVEN]);
	if (r->killing && r->count[LEAK_LEFT])
		line_add(line, PAINT_NONE, "; ending the leaks now");
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

int text_leaks(struct strbuf *sb, const struct leak_report *r, const struct report_options *o)
{
	struct text_line line = { .sb = sb, .o = o };

	add_head(&line, r);
	for (enum leak_kind kind = 0; kind < LEAK_NR; kind++)
		for (size_t i = 0; i < r->nr; i++)
			if (r->rows[i].kind == kind)
				add_row(&line, r, &r->rows[i]);
	return sb->failed ? -ENOMEM : 0;
}
