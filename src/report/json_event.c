/* SPDX-License-Identifier: MIT */
#include "report/json_value.h"

/*
 * `--sweep --json`: one object a line. Arguments are in no event, whatever the
 * options say: these lines are logs.
 */

static int put_subject(json_t *object, const struct event *e)
{
	bool set = identity_is_set(&e->process);
	int failed = 0;

	failed |= json_put(object, "instance",
			   e->instance.len ? json_escaped(e->instance) : json_null());
	failed |= json_put(object, "app", json_escaped_text(e->app));
	failed |= json_put(object, "pid", json_positive(e->process.pid));
	failed |= json_put(object, "start_ticks",
			   set ? json_count(e->process.start_ticks) : json_null());
	failed |= json_put(object, "name", json_escaped_text(e->name));
	return failed;
}

static int put_orphaned(json_t *object, const struct event *e)
{
	int failed = put_subject(object, e);

	failed |= json_put(object, "ticks", json_count(e->ticks));
	failed |= json_put(object, "orphan_age_s", json_seconds(e->orphan_age_ms));
	failed |= json_put(object, "orphan_age_exact",
			   json_optional_bool(e->orphan_age_ms >= 0, e->orphan_exact));
	return failed;
}

static int put_reaped(json_t *object, const struct event *e)
{
	int failed = put_subject(object, e);

	failed |= json_put(object, "outcome", json_string(report_outcome_word(e->outcome)));
	failed |= json_put(object, "orphan_age_s", json_seconds(e->orphan_age_ms));
	return failed;
}

static int put_survived(json_t *object, const struct event *e)
{
	int failed = put_reaped(object, e);

	failed |= json_put(object, "kept",
			   json_kept(e->outcome == OUTCOME_KEPT ? e->why : WHY_MAY_END));
	return failed;
}

static int put_warning(json_t *object, const struct event *e)
{
	int failed = put_subject(object, e);

	failed |= json_put(object, "why", json_string(report_warning_word(e->warning)));
	failed |= json_put(object, "text", json_escaped_text(e->text));
	return failed;
}

static int put_stop(json_t *object, const struct event *e)
{
	int failed = json_put(object, "why", json_escaped_text(e->reason));

	failed |= json_put(object, "text", json_escaped_text(e->text));
	return failed;
}

static int put_tick(json_t *object, const struct event *e)
{
	const struct tick_summary *t = e->summary;
	int failed = 0;

	if (!t)
		return 0;
	failed |= json_put(object, "counted", json_boolean(t->counted));
	failed |= json_put(object, "complete", json_boolean(t->complete));
	failed |= json_put(object, "dry_run", json_boolean(t->dry_run));
	failed |= json_put(object, "scanned", json_count(t->scanned));
	failed |= json_put(object, "unreadable", json_count(t->unreadable));
	failed |= json_put(object, "instances", json_count(t->instances));
	failed |= json_put(object, "agents", json_count(t->agents));
	failed |= json_put(object, "managed", json_count(t->managed));
	failed |= json_put(object, "orphans", json_count(t->orphans));
	failed |= json_put(object, "detached", json_count(t->detached));
	failed |= json_put(object, "unknown", json_count(t->unknown));
	failed |= json_put(object, "condemned", json_count(t->condemned));
	failed |= json_put(object, "exited", json_count(t->exited));
	failed |= json_put(object, "killed", json_count(t->killed));
	failed |= json_put(object, "gone", json_count(t->gone));
	failed |= json_put(object, "survived", json_count(t->survived));
	failed |= json_put(object, "refused", json_count(t->refused));
	failed |= json_put(object, "kept", json_count(t->kept));
	failed |= json_put(object, "would", json_count(t->would));
	failed |= json_put(object, "scan_ms", json_ms(t->scan_us));
	failed |= json_put(object, "took_ms", json_ms(t->took_us));
	return failed;
}

static int (*const putters[])(json_t *object, const struct event *e) = {
	[EVENT_TICK] = put_tick,       [EVENT_ORPHANED] = put_orphaned,
	[EVENT_REAPED] = put_reaped,   [EVENT_SURVIVED] = put_survived,
	[EVENT_WARNING] = put_warning, [EVENT_STOP] = put_stop,
};

int json_event(struct strbuf *sb, const struct event *e, const struct report_options *o)
{
	json_t *object = json_object();
	int failed = 0;

	(void)o;
	failed |= json_put(object, "event", json_string(report_event_word(e->kind)));
	failed |= json_put(object, "time", json_time(e->realtime_ms));
	failed |= putters[e->kind](object, e);
	return json_finish(sb, object, failed);
}
