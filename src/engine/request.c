/* SPDX-License-Identifier: MIT */
/* engine_reap(): what a person or a trap asks for. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/bytes.h"
#include "engine/engine.h"

/* What the request and the predicate say of each member of one instance, in their order. */
struct opinion {
	bool meant;  /* the request speaks of it */
	bool picked; /* by itself */
	int handle;  /* opened when it was shown, or -1 */
	enum verdict_why why;
};

struct request {
	struct engine *eng;
	const struct reap_request *ask;
	const struct census *c;
	const struct instance *inst;
	struct opinion *opinions;
	bool *found; /* per request->only: it is a member */
};

static const struct member *member_at(const struct request *q, size_t i)
{
	return &q->c->members[q->inst->first + i];
}

/* The index in request->only of that process, or nr_only. */
static size_t find_only(const struct reap_request *ask, const struct identity *id)
{
	for (size_t i = 0; i < ask->nr_only; i++) {
		if (identity_equal(&ask->only[i], id))
			return i;
	}
	return ask->nr_only;
}

/* Does it hang below one that the request names? */
static bool below_only(const struct request *q, const struct process *proc)
{
	for (size_t i = 0; i < q->ask->nr_only; i++) {
		const struct identity *id = &q->ask->only[i];
		const struct process *above = snapshot_find(q->c->snapshot, id->pid);

		if (above && identity_equal(&above->id, id) && census_descends(q->c, proc, above))
			return true;
	}
	return false;
}

/* Was it shown as one that stays? */
static bool is_spared(const struct request *q, const struct process *proc)
{
	for (size_t i = 0; i < q->ask->nr_spared; i++)
		if (identity_equal(&q->ask->spared[i], &proc->id))
			return true;
	return false;
}

static struct verdict_ask verdict_ask_of(const struct request *q, bool picked)
{
	enum verdict_face face = q->ask->face;

	/* What merely hangs below was not picked by itself. */
	if (face == FACE_PICK && !picked)
		face = FACE_GROUP;
	return (struct verdict_ask){
		.face = face,
		.reap_detached = q->eng->options.settings.reap_detached,
		.force = q->ask->force,
		.foreground = q->ask->foreground,
		.of = q->inst,
	};
}

static void form_opinion(struct request *q, size_t i)
{
	const struct member *m = member_at(q, i);
	struct opinion *o = &q->opinions[i];
	size_t only = q->ask->only ? find_only(q->ask, &m->proc->id) : 0;
	struct verdict_ask ask;

	o->handle = -1;
	o->meant = true;
	o->picked = q->ask->only && only < q->ask->nr_only;
	if (o->picked) {
		q->found[only] = true;
		o->handle = q->ask->handles ? q->ask->handles[only] : -1;
	} else if (q->ask->only) {
		o->meant = below_only(q, m->proc) && !is_spared(q, m->proc);
	}
	ask = verdict_ask_of(q, o->picked);
	o->why = verdict_of(q->c, m, &ask);
}

/*
 * Keep inferred members where the process that they were inferred from is kept, unless
 * they were picked by themselves.
 */
static void follow_sources(struct request *q)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < q->inst->nr; i++) {
			const struct member *m = member_at(q, i);
			struct opinion *o = &q->opinions[i];
			const struct opinion *source;

			if (!m->inferred || m->inferred_from == CENSUS_NONE || o->picked ||
			    o->why != WHY_MAY_END || q->ask->only ||
			    q->c->members[m->inferred_from].instance != m->instance)
				continue;
			source = &q->opinions[m->inferred_from - q->inst->first];
			if (source->why == WHY_MAY_END)
				continue;
			o->why = source->why;
			changed = true;
		}
	}
}

static int add_result(struct reap_report *report, const struct process *proc,
		      const struct identity *id, enum outcome outcome, enum verdict_why why)
{
	struct reap_result result = { .process = *id, .outcome = outcome, .why = why };

	if (proc)
		strncpy(result.name, proc->comm, sizeof(result.name) - 1);
	return reap_report_add(report, &result);
}

/* What the request names and is no member of the instance: gone, or something else. */
static int report_strangers(const struct request *q, struct reap_report *report)
{
	for (size_t i = 0; q->ask->only && i < q->ask->nr_only; i++) {
		const struct identity *id = &q->ask->only[i];
		const struct process *proc = snapshot_find(q->c->snapshot, id->pid);
		bool there = proc && identity_equal(&proc->id, id) && !proc->dead;
		int r;

		if (q->found[i])
			continue;
		r = there ? add_result(report, proc, id, OUTCOME_KEPT, WHY_NOT_MANAGED)
			  : add_result(report, NULL, id, OUTCOME_GONE, WHY_MAY_END);
		if (r < 0)
			return r;
	}
	return 0;
}

static bool has_result(const struct reap_report *report, const struct identity *id)
{
	for (size_t i = 0; i < report->nr; i++) {
		if (identity_equal(&report->results[i].process, id))
			return true;
	}
	return false;
}

/* Fill @targets with what is to be ended, and @report for the rest. 0 or -ENOMEM. */
static int choose(struct request *q, struct reap_report *report, struct reap_target *targets,
		  size_t *ret_nr)
{
	struct instance_key key = instance_key_of(q->inst);
	size_t nr = 0;

	for (size_t i = 0; i < q->inst->nr; i++)
		form_opinion(q, i);
	follow_sources(q);
	for (size_t i = 0; i < q->inst->nr; i++) {
		const struct member *m = member_at(q, i);
		const struct opinion *o = &q->opinions[i];
		const struct ledger_process *row = ledger_find(&q->eng->ledger, &m->proc->id, &key);
		struct reap_target *target = &targets[nr];

		if (!o->meant || has_result(report, &m->proc->id) || (m->proc->dead && !o->picked))
			continue;
		if (m->proc->dead || o->why != WHY_MAY_END) {
			enum outcome outcome = m->proc->dead ? OUTCOME_GONE : OUTCOME_KEPT;

			if (add_result(report, m->proc, &m->proc->id, outcome, o->why) < 0)
				return -ENOMEM;
			continue;
		}
		target->id = row ? row->id : m->proc->id;
		target->handle = o->handle;
		/* The inode number that was asked for is the one that was seen. */
		if (o->picked && q->ask->only[find_only(q->ask, &m->proc->id)].pidfd_ino)
			target->id = q->ask->only[find_only(q->ask, &m->proc->id)];
		nr++;
	}
	*ret_nr = nr;
	return 0;
}

/* End one instance's share of the request; adds to @report. 0 or -errno. */
static int reap_one(struct request *q, struct reap_report *report)
{
	struct reap_env env = engine_reap_env(q->eng, false);
	_cleanup_free_ struct reap_target *targets = calloc(q->inst->nr + 1, sizeof(*targets));
	_cleanup_free_ struct opinion *opinions = calloc(q->inst->nr + 1, sizeof(*opinions));
	struct reap_plan plan = { .inst = q->inst, .targets = targets };
	struct reap_report own = { 0 };
	int r;

	if (!targets || !opinions)
		return -ENOMEM;
	q->opinions = opinions;
	r = choose(q, report, targets, &plan.nr);
	plan.ask = verdict_ask_of(q, true);
	plan.only = q->ask->only != NULL;
	if (q->ask->term_timeout_ms >= 0)
		env.term_timeout_ms = q->ask->term_timeout_ms;
	env.term_only = q->ask->term_only;
	if (r == 0 && plan.nr)
		r = reap_run(&env, q->c, NULL, &plan, 1, &own);
	if (own.nr) {
		engine_tell_results(q->eng, q->c, q->inst, &own);
		/* One that was kept is still there: then receipts stay, too. */
		if (!report->count[OUTCOME_KEPT])
			engine_tidy(q->eng, q->c, &plan, &own, 1);
	}
	for (size_t i = 0; i < own.nr && r == 0; i++)
		r = reap_report_add(report, &own.results[i]);
	report->stopped = report->stopped || own.stopped;
	report->spared = own.stopped ? own.spared : report->spared;
	report->why = own.stopped ? own.why : report->why;
	reap_report_release(&own);
	return r;
}

static bool is_meant(const struct reap_request *ask, const struct instance *inst)
{
	return inst->uid == ask->uid && bytes_equal(inst->id, ask->instance) &&
	       (!ask->app || strcmp(inst->app->name, ask->app) == 0);
}

static int look(struct engine *eng, struct census *seen, struct census **ret_census)
{
	struct census *c = NULL;
	int r;

	if (seen && seen->snapshot->full && seen->snapshot->complete) {
		*ret_census = census_ref(seen);
		return 0;
	}
	r = engine_reload(eng);
	if (r == 0)
		r = engine_look(eng, SCAN_FULL, false, &c);
	if (r < 0)
		return r;
	/* Refuse to reap on an incomplete snapshot, even if forced. */
	if (!c->snapshot->complete) {
		census_unref(c);
		return -EAGAIN;
	}
	engine_note_ended(eng, c->snapshot->boottime_ms);
	r = engine_remember(eng, c, false);
	if (r < 0) {
		census_unref(c);
		return r;
	}
	*ret_census = c;
	return 0;
}

int engine_reap(struct engine *eng, const struct reap_request *request,
		struct reap_report *ret_report)
{
	_cleanup_free_ bool *found = calloc(request->nr_only + 1, sizeof(*found));
	struct request q = { .eng = eng, .ask = request, .found = found };
	struct reap_report report = { 0 };
	struct census *c = NULL;
	int r = found ? look(eng, request->seen, &c) : -ENOMEM;

	if (r < 0)
		return r;
	q.c = c;
	for (size_t i = 0; i < c->nr_instances && r == 0 && !report.stopped; i++) {
		q.inst = &c->instances[i];
		if (is_meant(request, q.inst))
			r = reap_one(&q, &report);
	}
	if (r == 0)
		r = report_strangers(&q, &report);
	(void)engine_save(eng);
	census_unref(c);
	/* An error that came after the first signal does not hide what was done. */
	if (r < 0 && !report.nr) {
		reap_report_release(&report);
		return r;
	}
	if (r == -ENOSYS) {
		reap_report_release(&report);
		return r;
	}
	if (r < 0) {
		report.stopped = true;
		report.why = strerrordesc_np(-r) ?: "an unknown error";
	}
	*ret_report = report;
	return 0;
}
