/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "report/format.h"
#include "report/text_line.h"

/*
 * `--sweep`: one line per event, for a terminal or the journal. Arguments are
 * in none of them. An instance is cut: a marker may hold 128 KiB.
 */

enum { INSTANCE_MAX = 256 };

static void add_subject(struct text_line *line, const struct event *e)
{
	struct bytes id = e->instance;

	if (identity_is_set(&e->process)) {
		line_addf(line, PAINT_NONE, " pid %d", (int)e->process.pid);
		if (e->name) {
			line_add(line, PAINT_NONE, " ");
			line_add_name(line, PAINT_NONE, e->name);
		}
	}
	if (!id.len)
		return;
	if (id.len > INSTANCE_MAX)
		id.len = INSTANCE_MAX;
	line_add(line, PAINT_NONE, " of ");
	line_add_escaped(line, PAINT_NONE, id);
	if (id.len < e->instance.len)
		line_add(line, PAINT_NONE, "...");
	if (e->app) {
		line_add(line, PAINT_NONE, " (");
		line_add_name(line, PAINT_NONE, e->app);
		line_add(line, PAINT_NONE, ")");
	}
}

static void add_age(struct text_line *line, const struct event *e)
{
	char age[FORMAT_SIZE];

	if (e->orphan_age_ms >= 0)
		line_addf(line, PAINT_NONE, ", orphan for %s",
			  format_orphan_age(age, sizeof(age), e->orphan_age_ms, e->orphan_exact,
					    line->o->utf8));
}

static void add_orphaned(struct text_line *line, const struct event *e)
{
	add_subject(line, e);
	line_addf(line, PAINT_NONE, ": tick %u", e->ticks);
	add_age(line, e);
}

static void add_outcome(struct text_line *line, const struct event *e)
{
	add_subject(line, e);
	line_addf(line, PAINT_NONE, ": %s",
		  e->outcome == OUTCOME_WOULD ? "would be ended" : report_outcome_word(e->outcome));
	if (e->outcome == OUTCOME_KEPT)
		line_addf(line, PAINT_NONE, ", %s", verdict_text(e->why));
	add_age(line, e);
}

static void add_text(struct text_line *line, const struct event *e)
{
	add_subject(line, e);
	if (!e->text)
		return;
	line_add(line, PAINT_NONE, ": ");
	line_add_name(line, PAINT_NONE, e->text);
}

static void add_number(struct text_line *line, enum paint paint, size_t nr, const char *word)
{
	if (nr)
		line_addf(line, paint, ", %zu %s", nr, word);
}

static void add_tick(struct text_line *line, const struct event *e)
{
	const struct tick_summary *t = e->summary;
	char buf[FORMAT_SIZE], agents[FORMAT_SIZE];

	if (!t)
		return;
	line_addf(line, PAINT_NONE, ": %s, %s",
		  format_count(buf, sizeof(buf), t->instances, "instance"),
		  format_count(agents, sizeof(agents), t->agents, "agent"));
	add_number(line, PAINT_GONE, t->orphans, t->orphans == 1 ? "orphan" : "orphans");
	add_number(line, PAINT_WAIT, t->detached, "detached");
	add_number(line, PAINT_WAIT, t->unknown, "unknown");
	add_number(line, PAINT_NONE, t->exited, "exited");
	add_number(line, PAINT_NONE, t->killed, "killed");
	add_number(line, PAINT_NONE, t->gone, "gone");
	add_number(line, PAINT_NONE, t->kept, "kept");
	add_number(line, PAINT_GONE, t->survived, "survived");
	add_number(line, PAINT_GONE, t->refused, "refused");
	add_number(line, PAINT_NONE, t->would, "would be ended");
	line_addf(line, PAINT_DIM, "; %zu scanned", t->scanned);
	if (t->unreadable)
		line_addf(line, PAINT_DIM, ", %zu unreadable", t->unreadable);
	line_addf(line, PAINT_DIM, ", %s", format_ms(buf, sizeof(buf), t->took_us));
	if (!t->complete)
		line_add(line, PAINT_GONE, ", incomplete");
	if (!t->counted)
		line_add(line, PAINT_DIM, ", only looked");
}

static const struct row {
	char priority; /* of syslog(3) */
	enum paint paint;
	void (*add)(struct text_line *line, const struct event *e);
} rows[] = {
	[EVENT_TICK] = { '6', PAINT_NONE, add_tick },
	[EVENT_ORPHANED] = { '5', PAINT_WAIT, add_orphaned },
	[EVENT_REAPED] = { '5', PAINT_BOLD, add_outcome },
	[EVENT_SURVIVED] = { '4', PAINT_GONE, add_outcome },
	[EVENT_WARNING] = { '4', PAINT_WAIT, add_text },
	[EVENT_STOP] = { '5', PAINT_NONE, add_text },
};

int text_event(struct strbuf *sb, const struct event *e, const struct report_options *o)
{
	struct text_line line = { .sb = sb, .o = o };
	const struct row *row = &rows[e->kind];
	char when[FORMAT_SIZE];

	if (o->priority) {
		/* The journal takes it off again and knows the time itself. */
		strbuf_addf(sb, "<%c>", row->priority);
	} else {
		format_time(when, sizeof(when), e->realtime_ms, true);
		line_addf(&line, PAINT_DIM, "%s ", when);
	}
	line_add(&line, row->paint, report_event_word(e->kind));
	row->add(&line, e);
	line_end(&line);
	return sb->failed ? -ENOMEM : 0;
}
