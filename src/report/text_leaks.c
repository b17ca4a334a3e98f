/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "report/format.h"
#include "report/leak_text.h"
#include "report/text_line.h"

/* `--check --format text`: one line per row, the leaks first. */

static const enum paint kind_paints[LEAK_NR] = {
	[LEAK_LEFT] = PAINT_GONE,
	[LEAK_UNKNOWN] = PAINT_WAIT,
	[LEAK_KEPT] = PAINT_BOLD,
	[LEAK_FORGIVEN] = PAINT_DIM,
};

enum { INDENT = 9 };

/*
 * A line per row. On a terminal what does not fit goes on below, phrase by
 * phrase: what is cut off could be what is needed.
 */
static void add_phrase(struct text_line *line, struct strbuf *phrase)
{
	size_t width = text_width(phrase->buf, phrase->len);

	if (!phrase->len)
		return;
	line_add(line, PAINT_NONE, ",");
	if (line->o->width && line->used + 1 + width + 1 > line->o->width) {
		line_end(line);
		line_addf(line, PAINT_NONE, "%*s", INDENT, "");
	} else {
		line_add(line, PAINT_NONE, " ");
	}
	line_add(line, PAINT_NONE, phrase->buf);
	line->sb->failed |= phrase->failed;
	strbuf_reset(phrase);
}

static void add_escaped(const struct text_line *line, struct strbuf *sb, const char *text)
{
	escape_append_as(sb, (struct bytes){ text, strlen(text) }, line->o->utf8);
}

/* "leak     pid 4300 goose of xyz.block.sprout.app (sprout)" */
static void add_subject(struct text_line *line, const struct leak_report *r, const struct leak *row)
{
	const struct instance *inst = leak_instance(r, row);
	const struct process *p = row->member->proc;

	line_cell(line, kind_paints[row->kind], leak_kind_name(row->kind), INDENT - 1, false);
	line_addf(line, PAINT_BOLD, "pid %d ", (int)p->id.pid);
	line_add_name(line, PAINT_BOLD, p->comm);
	/* All that a command has left is of that command. */
	if (r->command)
		return;
	line_add(line, PAINT_NONE, " of ");
	line_add_escaped(line, PAINT_NONE, inst->id);
	line_add(line, PAINT_NONE, " (");
	line_add_name(line, PAINT_NONE, inst->app->name);
	line_add(line, PAINT_NONE, ")");
}

/* Its state, and what keeps it. */
static void add_state(struct text_line *line, const struct leak_report *r, const struct leak *row,
		      struct strbuf *sb)
{
	/* Of a command that has ended, stray itself is the owner. */
	if (!r->command)
		leak_state(sb, r, row, line->o->utf8);
	add_phrase(line, sb);
	if (leak_is_kept(r, row))
		strbuf_addf(sb, "kept: %s", verdict_text(row->kept));
	add_phrase(line, sb);
}

static void add_owner(struct text_line *line, const struct leak_report *r, const struct leak *row,
		      struct strbuf *sb)
{
	const struct instance *inst = leak_instance(r, row);

	if (r->command)
		return;
	if (inst->desktop) {
		strbuf_addf(sb, "owner %s, pid %d ", owner_state_name(inst->owner),
			    (int)inst->desktop->id.pid);
		add_escaped(line, sb, inst->desktop->comm);
	} else if (identity_is_set(&inst->former)) {
		strbuf_addf(sb, "owner was pid %d", (int)inst->former.pid);
	}
	add_phrase(line, sb);
}

static void add_holdings(struct text_line *line, const struct leak *row, struct strbuf *sb)
{
	for (size_t i = 0; row->ports_known && i < row->nr_ports; i++)
		strbuf_addf(sb, "%s %u", i ? "" : "listens on", row->ports[i]);
	add_phrase(line, sb);
	for (size_t i = 0; i < row->nr_files; i++) {
		strbuf_addstr(sb, "has open ");
		add_escaped(line, sb, row->files[i]);
		add_phrase(line, sb);
	}
	if (row->more_files)
		strbuf_addf(sb, "and %zu more files", row->more_files);
	add_phrase(line, sb);
}

static void add_row(struct text_line *line, const struct leak_report *r, const struct leak *row)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;
	const struct process *p = row->member->proc;
	char buf[FORMAT_SIZE];

	add_subject(line, r, row);
	add_state(line, r, row, &sb);
	leak_parentage(&sb, r, row, line->o->utf8);
	add_phrase(line, &sb);
	add_owner(line, r, row, &sb);
	strbuf_addf(&sb, "started %s ago",
		    format_age(buf, sizeof(buf), census_age_ms(r->census, p)));
	add_phrase(line, &sb);
	strbuf_addf(&sb, "memory %s", format_kib(buf, sizeof(buf), p->rss_kib));
	add_phrase(line, &sb);
	if (line->o->show_args && p->args_read == READ_DONE && p->args.len) {
		strbuf_addstr(&sb, "runs ");
		escape_args(&sb, p->args, line->o->utf8);
	}
	add_phrase(line, &sb);
	add_holdings(line, row, &sb);
	line_end(line);
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

int report_leaks_summary(struct strbuf *sb, const struct leak_report *r,
			 const struct report_options *o)
{
	struct text_line line = { .sb = sb, .o = o };

	add_head(&line, r);
	/* That the scan is incomplete stands in a line of its own. */
	if (sb->len)
		strbuf_truncate(sb, strcspn(sb->buf, "\n"));
	return sb->failed ? -ENOMEM : 0;
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
