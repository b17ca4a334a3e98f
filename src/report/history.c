/* SPDX-License-Identifier: MIT */
#include "report/history.h"

#include <errno.h>

#include "report/format.h"
#include "report/json_value.h"
#include "report/text_line.h"

static void add_evidence(struct text_line *line, const struct history_entry *e)
{
	char age[FORMAT_SIZE];

	line_addf(line, PAINT_NONE, "owner %s", owner_state_name(e->owner));
	if (e->evidence != EVIDENCE_NONE)
		line_addf(line, PAINT_NONE, " by %s", owner_evidence_name(e->evidence));
	if (e->orphan_age_ms >= 0)
		line_addf(line, PAINT_NONE, ", orphan for %s",
			  format_orphan_age(age, sizeof(age), e->orphan_age_ms, false,
					    line->o->utf8));
	if (e->ticks)
		line_addf(line, PAINT_NONE, ", %u tick%s", e->ticks, e->ticks == 1 ? "" : "s");
}

int history_text(struct strbuf *sb, const struct history_entry *e, const struct report_options *o)
{
	struct text_line line = { .sb = sb, .o = o };
	char time[FORMAT_SIZE], pid[16];

	line_cell(&line, PAINT_NONE, format_time(time, sizeof(time), e->realtime_ms, true), 25,
		  false);
	line_cell(&line, PAINT_NONE, e->face, 6, false);
	line_cell(&line, PAINT_NONE, report_outcome_word(e->outcome), 9, false);
	snprintf(pid, sizeof(pid), "%d", (int)e->process.pid);
	line_cell(&line, PAINT_NONE, pid, 7, true);
	line_add_name(&line, PAINT_BOLD, e->name);
	line_add(&line, PAINT_NONE, " of ");
	line_add_escaped(&line, PAINT_NONE, e->instance);
	line_addf(&line, PAINT_NONE, " (");
	line_add_name(&line, PAINT_NONE, e->app);
	line_add(&line, PAINT_NONE, "): ");
	add_evidence(&line, e);
	line_end(&line);
	return sb->failed ? -ENOMEM : 0;
}

json_t *history_object(const struct history_entry *e)
{
	json_t *object = json_object();
	int failed = 0;

	failed |= json_put(object, "time", json_time(e->realtime_ms));
	failed |= json_put(object, "face", json_escaped_text(e->face));
	failed |= json_put(object, "uid", json_count(e->uid));
	failed |= json_put(object, "app", json_escaped_text(e->app));
	failed |= json_put(object, "instance", json_escaped(e->instance));
	failed |= json_put(object, "pid", json_positive(e->process.pid));
	failed |= json_put(object, "start_ticks", json_count(e->process.start_ticks));
	failed |= json_put(object, "boot_id", json_escaped_text(e->boot_id));
	failed |= json_put(object, "pid_ns", json_count(e->pid_ns));
	failed |= json_put(object, "name", json_escaped_text(e->name));
	failed |= json_put(object, "outcome", json_string(report_outcome_word(e->outcome)));
	failed |= json_put(object, "owner", json_string(owner_state_name(e->owner)));
	failed |= json_put(object, "evidence", json_string(owner_evidence_name(e->evidence)));
	failed |= json_put(object, "orphan_age_s", json_seconds(e->orphan_age_ms));
	failed |= json_put(object, "ticks", json_count(e->ticks));
	if (!failed)
		return object;
	json_decref(object);
	return NULL;
}

int history_json(struct strbuf *sb, const struct history_entry *e)
{
	return json_finish(sb, history_object(e), 0);
}

int history_explain_text(struct strbuf *sb, const struct history_entry *e,
			 const struct report_options *o)
{
	struct text_line line = { .sb = sb, .o = o };
	char time[FORMAT_SIZE];

	line_addf(&line, PAINT_NONE, "pid %d ", (int)e->process.pid);
	line_add_name(&line, PAINT_BOLD, e->name);
	line_add(&line, PAINT_NONE, " of ");
	line_add_escaped(&line, PAINT_NONE, e->instance);
	line_addf(&line, PAINT_NONE, " (");
	line_add_name(&line, PAINT_NONE, e->app);
	line_addf(&line, PAINT_NONE, "): %s by ", report_outcome_word(e->outcome));
	line_add_name(&line, PAINT_NONE, e->face);
	line_addf(&line, PAINT_NONE, " at %s",
		  format_time(time, sizeof(time), e->realtime_ms, true));
	line_end(&line);
	line_add(&line, PAINT_NONE, "  ");
	add_evidence(&line, e);
	line_end(&line);
	return sb->failed ? -ENOMEM : 0;
}

int history_explain_json(struct strbuf *sb, const struct history_entry *e)
{
	json_t *object = json_object();
	int failed = 0;

	failed |= json_put(object, "schema", json_string("stray.explain/1"));
	failed |= json_put(object, "pid", json_positive(e->process.pid));
	failed |= json_put(object, "gone", json_true());
	failed |= json_put(object, "former", history_object(e));
	return json_finish(sb, object, failed);
}
