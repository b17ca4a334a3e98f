/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "base/array.h"
#include "report/explain.h"
#include "report/format.h"
#include "report/history.h"
#include "report/text_line.h"

static void add_key(struct text_line *line, const char *key)
{
	line_add(line, PAINT_NONE, "  ");
	line_cell(line, PAINT_DIM, key, 9, false);
}

static void add_process(struct text_line *line, const struct process *p)
{
	line_addf(line, PAINT_NONE, "pid %d ", (int)p->id.pid);
	line_add_name(line, PAINT_NONE, p->comm);
}

/* "pid 4300 goose, running for 5m10s, child of pid 1 systemd" */
static void add_subject(struct text_line *line, const struct explain_input *in)
{
	const struct process *p = in->proc;
	const struct process *parent =
		p->ppid > 0 ? snapshot_find(in->census->snapshot, p->ppid) : NULL;
	char age[FORMAT_SIZE];

	add_process(line, p);
	line_addf(line, PAINT_NONE, ", uid %u, started %s ago", (unsigned)p->uid,
		  format_age(age, sizeof(age), census_age_ms(in->census, p)));
	if (parent) {
		line_add(line, PAINT_NONE, ", child of ");
		add_process(line, parent);
	}
	line_end(line);
	if (line->o->show_args && p->args_read == READ_DONE && p->args.len) {
		add_key(line, "runs");
		line_add_args(line, PAINT_NONE, p->args);
		line_end(line);
	}
}

static void add_managed(struct text_line *line, const struct explain_input *in,
			const struct member *m)
{
	const struct census *c = in->census;

	add_key(line, "instance");
	line_add_escaped(line, PAINT_BOLD, c->instances[m->instance].id);
	line_add(line, PAINT_NONE, " (");
	line_add_name(line, PAINT_NONE, c->instances[m->instance].app->name);
	line_add(line, PAINT_NONE, ")");
	line_end(line);
	add_key(line, "managed");
	line_addf(line, PAINT_NONE, "as %s ", m->role == ROLE_AGENT ? "an agent" : "a worker");
	if (!m->inferred) {
		line_add(line, PAINT_NONE, "by its marker ");
		line_add_name(line, PAINT_NONE, m->marker);
	} else if (m->inferred_from != CENSUS_NONE) {
		line_add(line, PAINT_NONE, "inferred from ");
		add_process(line, c->members[m->inferred_from].proc);
	} else if (m->remembered) {
		line_add(line, PAINT_NONE,
			 "inferred on an earlier tick, from what has ended since");
	} else if (c->instances[m->instance].app->stdio) {
		line_add(line, PAINT_NONE,
			 "by its end: its client has died: both ends of its standard input and "
			 "output are closed");
	} else {
		line_add(line, PAINT_NONE, "inferred, it was started under this run");
	}
	line_end(line);
}

static void add_state(struct text_line *line, const struct explain_input *in,
		      const struct member *m)
{
	const struct census *c = in->census;
	int64_t ms = m->state == STATE_ORPHAN ? census_orphan_age_ms(c, m) : -1;
	unsigned ticks = explain_ticks(c, m);
	char age[FORMAT_SIZE];

	add_key(line, "owner");
	line_add_owner(line, c, &c->instances[m->instance]);
	line_end(line);
	add_key(line, "state");
	line_add(line, paint_of_member(m->state), member_state_name(m->state));
	line_addf(line, PAINT_NONE, ", %s", report_reason_text(m->reason));
	if (m->because) {
		line_add(line, PAINT_NONE, ": ");
		add_process(line, m->because);
	}
	line_end(line);
	if (m->root && m->root != m->proc) {
		add_key(line, "root");
		add_process(line, m->root);
		line_end(line);
	}
	if (m->state == STATE_ORPHAN || ticks) {
		add_key(line, "ticks");
		line_addf(line, PAINT_NONE, "%u of %u", ticks, in->settings->grace);
		if (ms >= 0)
			line_addf(line, PAINT_NONE, ", orphan for %s",
				  format_orphan_age(age, sizeof(age), ms, m->orphan_exact,
						    line->o->utf8));
		line_end(line);
	}
}

static void add_unmanaged(struct text_line *line, const struct explain_input *in)
{
	size_t index = snapshot_index(in->census->snapshot, in->proc->id.pid);
	const struct policy *policy = in->census->policy;

	line_addf(line, PAINT_NONE, "  not managed: %s", explain_not_managed(in, line->o));
	for (size_t i = 0;
	     index != SIZE_MAX && in->census->nodes[index].desktop && i < policy->nr_apps; i++) {
		if (!app_is_desktop(&policy->apps[i], in->proc))
			continue;
		line_add(line, PAINT_NONE, " of the app ");
		line_add_name(line, PAINT_ALIVE, policy->apps[i].name);
		break;
	}
	line_end(line);
}

/* "does not end it: it is pid 1"; or the process it stays with, and why that is not ended. */
static void add_reason(struct text_line *line, enum paint paint, const struct explain_opinion *o)
{
	line_add(line, paint, "does not end it");
	if (o->source) {
		line_add(line, paint, ", it stays with ");
		add_process(line, o->source);
	}
	line_addf(line, paint, ": %s", verdict_text(o->why));
}

static void add_face(struct text_line *line, const char *key, const struct explain_opinion *o)
{
	add_key(line, key);
	if (o->why == WHY_MAY_END)
		line_add(line, PAINT_GONE, "may end it");
	else
		add_reason(line, PAINT_NONE, o);
	line_end(line);
}

static void add_nothing(struct text_line *line, const struct explain_result *result)
{
	if (!result->launcher) {
		add_reason(line, PAINT_BOLD, &result->sweep);
		return;
	}
	line_add(line, PAINT_BOLD, "does not end it while ");
	add_process(line, result->launcher);
	line_add(line, PAINT_BOLD, " names the instance in its arguments");
}

static void add_next(struct text_line *line, const struct explain_input *in,
		     const struct explain_result *result)
{
	const struct explain_opinion pick = { result->pick, NULL };

	add_key(line, "sweep");
	switch (result->next) {
	case NEXT_NOTHING:
		add_nothing(line, result);
		break;
	case NEXT_COUNT:
		line_addf(line, PAINT_WAIT,
			  "the next tick makes it %u of %u, and does not end it yet",
			  result->ticks + 1, in->settings->grace);
		break;
	case NEXT_END:
		line_add(line, PAINT_GONE, "the next tick ends it");
		break;
	}
	line_end(line);
	add_face(line, "--reap", &result->group);
	add_face(line, "by hand", &pick);
}

int explain_text(struct strbuf *sb, const struct explain_input *in, const struct report_options *o)
{
	const struct member *m = census_find_member(in->census, in->proc->id.pid);
	struct text_line line = { .sb = sb, .o = o };
	struct explain_result result;

	explain_decide(in, &result);
	add_subject(&line, in);
	if (!m)
		add_unmanaged(&line, in);
	for (; m; m = census_next_membership(in->census, m)) {
		add_managed(&line, in, m);
		add_state(&line, in, m);
	}
	add_next(&line, in, &result);
	if (in->former) {
		line_add(&line, PAINT_NONE, "before it had this number:");
		line_end(&line);
		return history_explain_text(sb, in->former, o);
	}
	return sb->failed ? -ENOMEM : 0;
}
