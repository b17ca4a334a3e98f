/* SPDX-License-Identifier: MIT */
#include "engine/tick.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/bytes.h"
#include "base/escape.h"

/* Who was reaped in this tick already, as a member of another instance. */
struct done {
	struct identity *ids;
	size_t nr, alloc;
};

static bool is_done(const struct done *done, const struct identity *id)
{
	for (size_t i = 0; i < done->nr; i++) {
		if (identity_equal(&done->ids[i], id))
			return true;
	}
	return false;
}

static int add_done(struct done *done, const struct reap_report *report)
{
	for (size_t i = 0; i < report->nr; i++) {
		if (ARRAY_GROW(done->ids, done->nr, done->alloc) < 0)
			return -ENOMEM;
		done->ids[done->nr++] = report->results[i].process;
	}
	return 0;
}

static bool same_instance(const struct instance *a, const struct instance *b)
{
	return a->uid == b->uid && strcmp(a->app->name, b->app->name) == 0 &&
	       bytes_equal(a->id, b->id);
}

/* Did @c condemn the same process as a member of the same instance? */
static bool was_condemned(const struct census *c, const struct census *now, const struct member *m)
{
	const struct member *then = census_find_member(c, m->proc->id.pid);

	for (; then; then = census_next_membership(c, then)) {
		if (then->condemned && identity_equal(&then->proc->id, &m->proc->id) &&
		    same_instance(&c->instances[then->instance], &now->instances[m->instance]))
			return true;
	}
	return false;
}

/*
 * Read everything again and decide again; who was not condemned before is not
 * now, unless it was inferred meanwhile from one that is. 0 and *ret_census, or
 * -errno; -EAGAIN: it could not be confirmed.
 */
static int confirm(struct engine *eng, const struct reap_env *env, const struct census *c,
		   struct census **ret_census)
{
	struct census *now = NULL;
	size_t condemned;
	int r = env->look(env->ctx, &now);

	if (r < 0)
		return r;
	r = now->snapshot->complete ? engine_decide(eng, now, &condemned) : -EAGAIN;
	if (r < 0) {
		census_unref(now);
		return r;
	}
	for (size_t i = 0; i < now->nr_members; i++) {
		struct member *m = &now->members[i];

		if (m->condemned && (!m->inferred || m->inferred_from == CENSUS_NONE) &&
		    !was_condemned(c, now, m))
			m->condemned = false;
	}
	engine_settle(now);
	*ret_census = now;
	return 0;
}

/* The condemned members of @inst, with the identities that are remembered. 0 or -ENOMEM. */
static int choose(struct engine *eng, const struct census *now, const struct instance *inst,
		  const struct done *done, struct reap_target **ret_targets, size_t *ret_nr)
{
	struct ledger_key key = engine_key(inst);
	struct reap_target *targets = NULL;
	size_t nr = 0, alloc = 0;

	for (size_t i = inst->first; i < inst->first + inst->nr; i++) {
		const struct member *m = &now->members[i];
		const struct ledger_process *row = ledger_find(&eng->ledger, &m->proc->id, &key);

		if (!m->condemned || is_done(done, &m->proc->id))
			continue;
		if (ARRAY_GROW(targets, nr, alloc) < 0) {
			free(targets);
			return -ENOMEM;
		}
		targets[nr++] = (struct reap_target){ row ? row->id : m->proc->id, -1 };
	}
	*ret_targets = targets;
	*ret_nr = nr;
	return 0;
}

static void add_counts(struct tick_summary *sum, const struct reap_report *report)
{
	const struct {
		size_t *to;
		enum outcome outcome;
	} counts[] = {
		{ &sum->exited, OUTCOME_EXITED },   { &sum->killed, OUTCOME_KILLED },
		{ &sum->gone, OUTCOME_GONE },	    { &sum->survived, OUTCOME_SURVIVED },
		{ &sum->refused, OUTCOME_REFUSED }, { &sum->kept, OUTCOME_KEPT },
		{ &sum->would, OUTCOME_WOULD },
	};

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++)
		*counts[i].to += report->count[counts[i].outcome];
	sum->unsettled += report->stopped && !report->spared;
}

static int reap_chosen(struct engine *eng, const struct reap_env *env, const struct census *first,
		       const struct census *now, const struct instance *inst,
		       const struct reap_target *targets, size_t nr, struct reap_report *report)
{
	const struct reap_plan plan = {
		.base = now,
		.first = first,
		.inst = inst,
		.ask = { .face = FACE_SWEEP, .reap_detached = eng->options.settings.reap_detached },
		.targets = targets,
		.nr = nr,
	};
	int r = reap_run(env, &plan, report);

	if (r == -ENOSYS)
		engine_warn_once(eng, "this kernel has no pidfds, nobody is ended");
	if (r == -ENOSYS)
		return r;
	engine_tell_results(eng, now, inst, report);
	engine_tidy(eng, now, inst, report);
	return r;
}

/* An orphan that its ticks do not end needs a word. */
static void tell_launcher(struct engine *eng, const struct instance *inst)
{
	_cleanup_free_ char *id = escaped_bytes(inst->id);
	_cleanup_free_ char *name = escaped_text(inst->desktop->comm);

	engine_warn_once(eng, "'%s' is not swept while pid %d '%s' names it in its arguments",
			 id ? id : "?", (int)inst->desktop->id.pid, name ? name : "?");
}

/* Confirm and reap one instance of @c. */
static int reap_instance(struct engine *eng, const struct census *c, const struct instance *inst,
			 struct done *done, struct tick_summary *sum)
{
	const struct reap_env env = engine_reap_env(eng, true);
	unsigned max_kill = eng->options.settings.max_kill;
	_cleanup_free_ struct reap_target *targets = NULL;
	const struct instance *same = NULL;
	struct reap_report report = { 0 };
	struct census *now = NULL;
	size_t nr = 0;
	int r = confirm(eng, &env, c, &now);

	if (r == -EAGAIN) {
		engine_warn(eng,
			    "the processes could not all be looked at again, nobody is reaped");
		sum->complete = false;
	}
	if (r < 0)
		return r;
	for (size_t i = 0; i < now->nr_instances && !same; i++) {
		if (same_instance(&now->instances[i], inst))
			same = &now->instances[i];
	}
	if (same && same->doubt == DOUBT_LAUNCHER && same->desktop)
		tell_launcher(eng, same);
	/* Its owner is back: who is an orphan all the same is so on the next tick, too. */
	if (same && same->owner == OWNER_ALIVE && inst->owner != OWNER_ALIVE)
		same = NULL;
	if (same)
		r = choose(eng, now, same, done, &targets, &nr);
	/* What was inferred meanwhile must not lift a tick over the cap. */
	if (r == 0 && nr && max_kill && sum->condemned + nr > max_kill) {
		engine_warn(eng, "more than max-kill = %u processes would be ended, not all are",
			    max_kill);
		r = -EAGAIN;
	}
	if (r == 0 && nr) {
		sum->condemned += nr;
		r = reap_chosen(eng, &env, c, now, same, targets, nr, &report);
		add_counts(sum, &report);
		if (r == 0)
			r = add_done(done, &report);
		if (r == 0 && report.stopped && report.why && strcmp(report.why, REAP_TOLD) == 0)
			r = -EINTR;
	}
	reap_report_release(&report);
	census_unref(now);
	return r;
}

static bool has_condemned(const struct census *c, const struct instance *inst)
{
	for (size_t i = inst->first; i < inst->first + inst->nr; i++) {
		if (c->members[i].condemned)
			return true;
	}
	return false;
}

int tick_reap(struct engine *eng, const struct census *c, struct tick_summary *sum)
{
	unsigned max_kill = eng->options.settings.max_kill;
	size_t condemned = engine_count_condemned(c);
	struct done done = { 0 };
	int r = 0;

	if (max_kill && condemned > max_kill) {
		engine_warn(eng, "%zu processes would be ended, more than max-kill = %u: none is",
			    condemned, max_kill);
		return 0;
	}
	for (size_t i = 0; i < c->nr_instances && r == 0; i++) {
		if (has_condemned(c, &c->instances[i]))
			r = reap_instance(eng, c, &c->instances[i], &done, sum);
	}
	free(done.ids);
	/* Both were told: what could not be confirmed waits, and a stop is no failure. */
	return r == -EAGAIN || r == -EINTR ? 0 : r;
}
