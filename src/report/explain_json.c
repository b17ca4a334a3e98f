/* SPDX-License-Identifier: MIT */
#include "base/cleanup.h"
#include "report/explain.h"
#include "report/history.h"
#include "report/json_value.h"

/* `--explain --json`: one object, schema stray.explain/1. */

/* {"pid", "start_ticks", "name"}, or null. */
static json_t *process(const struct process *p)
{
	json_t *object;
	int failed = 0;

	if (!p)
		return json_null();
	object = json_object();
	failed |= json_put(object, "pid", json_positive(p->id.pid));
	failed |= json_put(object, "start_ticks", json_count(p->id.start_ticks));
	failed |= json_put(object, "name", json_escaped_text(p->comm));
	if (!failed)
		return object;
	json_decref(object);
	return NULL;
}

static json_t *membership(const struct explain_input *in, const struct member *m)
{
	const struct census *c = in->census;
	const struct instance *inst = &c->instances[m->instance];
	int64_t orphan_ms = m->state == STATE_ORPHAN ? census_orphan_age_ms(c, m) : -1;
	const struct process *from = m->inferred && m->inferred_from != CENSUS_NONE
					     ? c->members[m->inferred_from].proc
					     : NULL;
	json_t *object = json_object();
	int failed = 0;

	failed |= json_put(object, "instance", json_escaped(inst->id));
	failed |= json_put(object, "app", json_escaped_text(inst->app->name));
	failed |= json_put(object, "uid", json_count(inst->uid));
	failed |= json_put(object, "role", json_string(member_role_name(m->role)));
	failed |= json_put(object, "marker", json_escaped_text(m->inferred ? NULL : m->marker));
	failed |= json_put(object, "inferred", json_boolean(m->inferred));
	failed |= json_put(object, "inferred_from", process(from));
	failed |= json_put(object, "remembered", json_boolean(m->remembered));
	failed |= json_put(object, "owner", json_owner(inst));
	failed |= json_put(object, "doubt", json_escaped_text(report_doubt_word(inst->doubt)));
	failed |= json_put(object, "doubt_text", json_doubt(inst));
	failed |= json_put(object, "unit", json_escaped_text(m->unit ? m->unit : inst->unit));
	failed |= json_put(object, "state", json_string(member_state_name(m->state)));
	failed |= json_put(object, "reason", json_string(report_reason_word(m->reason)));
	failed |= json_put(object, "text", json_string(report_reason_text(m->reason)));
	failed |= json_put(object, "because", process(m->because));
	failed |= json_put(object, "root", process(m->root));
	failed |= json_put(object, "ticks", json_count(explain_ticks(c, m)));
	failed |= json_put(object, "orphan_age_s", json_seconds(orphan_ms));
	failed |= json_put(object, "orphan_age_exact",
			   json_optional_bool(orphan_ms >= 0, m->orphan_exact));
	if (!failed)
		return object;
	json_decref(object);
	return NULL;
}

/* {"ends", "why", "because"}: may this face end it; if not, the reason and its process. */
static json_t *face(enum verdict_why why, const struct process *because)
{
	json_t *object = json_object();
	int failed = 0;

	failed |= json_put(object, "ends", json_boolean(why == WHY_MAY_END));
	failed |= json_put(object, "why",
			   why == WHY_MAY_END ? json_null() : json_string(report_why_word(why)));
	failed |= json_put(object, "text",
			   why == WHY_MAY_END ? json_null() : json_string(verdict_text(why)));
	failed |= json_put(object, "because", process(why == WHY_MAY_END ? NULL : because));
	if (!failed)
		return object;
	json_decref(object);
	return NULL;
}

static json_t *next(const struct explain_input *in, const struct explain_result *result)
{
	static const char *const words[] = {
		[NEXT_NOTHING] = "nothing",
		[NEXT_COUNT] = "count",
		[NEXT_END] = "end",
	};
	const struct process *because = result->launcher ? result->launcher : result->sweep.source;
	bool no = result->next == NEXT_NOTHING;
	json_t *object = json_object();
	int failed = 0;

	failed |= json_put(object, "next", json_string(words[result->next]));
	failed |= json_put(object, "why",
			   no ? json_string(report_why_word(result->sweep.why)) : json_null());
	failed |= json_put(object, "text",
			   no ? json_string(verdict_text(result->sweep.why)) : json_null());
	failed |= json_put(object, "because", process(no ? because : NULL));
	failed |= json_put(object, "kept", json_kept(no ? result->sweep.why : WHY_MAY_END));
	failed |= json_put(object, "ticks", json_count(result->ticks));
	failed |= json_put(object, "grace", json_count(in->settings->grace));
	if (!failed)
		return object;
	json_decref(object);
	return NULL;
}

int explain_json(struct strbuf *sb, const struct explain_input *in, const struct report_options *o)
{
	const struct process *p = in->proc,
			     *parent = p->ppid > 0 ? snapshot_find(in->census->snapshot, p->ppid)
						   : NULL;
	const struct member *m = census_find_member(in->census, p->id.pid);
	const char *not_managed = m ? NULL : explain_not_managed(in, o);
	json_t *object = json_begin("stray.explain/1", in->census->snapshot);
	json_t *memberships = json_array();
	struct explain_result result;
	int failed = 0;

	explain_decide(in, &result);
	failed |= json_put(object, "pid", json_positive(p->id.pid));
	failed |= json_put(object, "start_ticks", json_count(p->id.start_ticks));
	failed |= json_put(object, "name", json_escaped_text(p->comm));
	failed |= json_put(object, "uid", json_count(p->uid));
	failed |= json_put(object, "age_s", json_seconds(census_age_ms(in->census, p)));
	failed |= json_put(object, "parent", process(parent));
	failed |= json_put(object, "environ_readable",
			   json_optional_bool(p->environ_read != READ_NOT_TRIED,
					      p->environ_read == READ_DONE));
	if (o->show_args)
		failed |= json_put(object, "args", json_args(p));
	failed |= json_put(object, "managed", json_boolean(!not_managed));
	failed |= json_put(object, "not_managed",
			   json_escaped_text(not_managed ? explain_not_managed_word(in, o) : NULL));
	failed |= json_put(object, "text", json_escaped_text(not_managed));
	for (; m; m = census_next_membership(in->census, m))
		failed |= json_array_append_new(memberships, membership(in, m));
	failed |= json_put(object, "memberships", memberships);
	failed |= json_put(object, "sweep", next(in, &result));
	failed |= json_put(object, "reap", face(result.group.why, result.group.source));
	failed |= json_put(object, "pick", face(result.pick, NULL));
	if (in->former)
		failed |= json_put(object, "former", history_object(in->former));
	return json_finish(sb, object, failed);
}
