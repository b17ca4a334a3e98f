/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "engine/engine.h"
#include "stray/history.h"
#include "base/escape.h"

/* Most warnings that are remembered so as not to be repeated. */
enum { WARNED_MAX = 1000 };

static void emit(struct engine *eng, struct event *event)
{
	struct source_time now;

	if (!eng->options.notify)
		return;
	eng->source->ops->now(eng->source, &now);
	event->realtime_ms = now.realtime_ms;
	eng->options.notify(eng->options.ctx, event);
}

static void warn_text(struct engine *eng, enum warning warning, const char *text)
{
	emit(eng, &(struct event){ .kind = EVENT_WARNING,
				   .warning = warning,
				   .text = text,
				   .orphan_age_ms = -1 });
}

void engine_warn(struct engine *eng, enum warning warning, const char *format, ...)
{
	_cleanup_free_ char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	warn_text(eng, warning, text ? text : "out of memory");
}

void engine_warn_once(struct engine *eng, enum warning warning, const char *format, ...)
{
	_cleanup_free_ char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	if (!text || strings_has(&eng->warned, text, strlen(text)))
		return;
	if (eng->warned.nr >= WARNED_MAX)
		strings_release(&eng->warned);
	if (strings_add(&eng->warned, text, strlen(text)) == 0)
		warn_text(eng, warning, text);
}

void engine_warn_receipt(struct engine *eng, const char *path, const char *what, bool ignored)
{
	_cleanup_free_ char *shown = escaped_text(path);

	engine_warn_once(eng, WARNING_RECEIPT,
			 ignored ? "receipt '%s' %s, ignoring"
				 : "receipt '%s' %s: what its desktop adopted is unknown",
			 shown ? shown : "?", what);
}

static struct event event_of_instance(enum event_kind kind, const struct census *c,
				      const struct instance *inst)
{
	return (struct event){
		.kind = kind,
		.census = c,
		.instance = inst->id,
		.app = inst->app->name,
		.orphan_age_ms = -1,
	};
}

void engine_tell_orphaned(struct engine *eng, const struct census *c, const struct member *m)
{
	struct event event = event_of_instance(EVENT_ORPHANED, c, &c->instances[m->instance]);

	event.process = m->proc->id;
	event.name = m->proc->comm;
	event.ticks = m->ticks;
	event.orphan_age_ms = census_orphan_age_ms(c, m);
	event.orphan_exact = m->orphan_exact;
	emit(eng, &event);
}

/* Its membership of that instance, for the age. */
static const struct member *membership(const struct census *c, const struct instance *inst,
				       const struct identity *id)
{
	const struct member *m = census_find_member(c, id->pid);

	while (m && &c->instances[m->instance] != inst)
		m = census_next_membership(c, m);
	return m && identity_equal(&m->proc->id, id) ? m : NULL;
}

/* Only what was signalled, and so may have ended by our hand, belongs into the history. */
static bool was_signalled(enum outcome outcome)
{
	return outcome == OUTCOME_EXITED || outcome == OUTCOME_KILLED ||
	       outcome == OUTCOME_SURVIVED;
}

/* Append to the history what @report says was signalled. A failure is one warning. */
static void note_history(struct engine *eng, const struct census *c, const struct instance *inst,
			 const struct reap_report *report)
{
	_cleanup_free_ struct history_entry *entries = calloc(report->nr + 1, sizeof(*entries));
	struct source_time now;
	size_t nr = 0;
	int r = entries ? 0 : -ENOMEM;

	if (!eng->options.history_dir || !eng->options.settings.history)
		return;
	eng->source->ops->now(eng->source, &now);
	for (size_t i = 0; i < report->nr && r == 0; i++) {
		const struct reap_result *result = &report->results[i];
		const struct member *m = membership(c, inst, &result->process);

		if (!was_signalled(result->outcome))
			continue;
		entries[nr++] = (struct history_entry){
			.realtime_ms = now.realtime_ms,
			.face = eng->options.face ? eng->options.face : "",
			.uid = inst->uid,
			.app = inst->app->name,
			.instance = inst->id,
			.process = result->process,
			.boot_id = c->snapshot->boot_id,
			.pid_ns = c->snapshot->pid_ns,
			.name = result->name,
			.outcome = result->outcome,
			.owner = inst->owner,
			.evidence = inst->evidence,
			.orphan_age_ms = m ? census_orphan_age_ms(c, m) : -1,
			.ticks = m ? m->ticks : 0,
		};
	}
	if (r == 0 && nr)
		r = history_append(eng->options.history_dir, entries, nr);
	if (r < 0)
		engine_warn_once(eng, WARNING_HISTORY_UNWRITTEN,
				 "cannot write the history: %s, ignoring", strerror(-r));
}

void engine_tell_results(struct engine *eng, const struct census *c, const struct instance *inst,
			 const struct reap_report *report)
{
	static const bool is_failure[OUTCOME_NR] = {
		[OUTCOME_SURVIVED] = true,
		[OUTCOME_REFUSED] = true,
	};

	for (size_t i = 0; i < report->nr; i++) {
		const struct reap_result *result = &report->results[i];
		const struct member *m = membership(c, inst, &result->process);
		struct event event = event_of_instance(
			is_failure[result->outcome] ? EVENT_SURVIVED : EVENT_REAPED, c, inst);

		/* A kept one was not touched: it is part of the picture, not news. */
		if (result->outcome == OUTCOME_KEPT)
			continue;
		event.process = result->process;
		event.name = result->name;
		event.outcome = result->outcome;
		event.why = result->why;
		if (m) {
			event.orphan_age_ms = census_orphan_age_ms(c, m);
			event.orphan_exact = m->orphan_exact;
		}
		emit(eng, &event);
	}
	note_history(eng, c, inst, report);
	if (report->stopped) {
		_cleanup_free_ char *id = escaped_bytes(inst->id);

		engine_warn(eng, WARNING_STOPPED, "reaping of '%s' stopped: %s", id ? id : "?",
			    report->why ? report->why : "told to");
	}
}

void engine_tell_tick(struct engine *eng, const struct census *c,
		      const struct tick_summary *summary)
{
	struct event event = { .kind = EVENT_TICK, .orphan_age_ms = -1 };

	event.census = c;
	event.summary = summary;
	emit(eng, &event);
}
