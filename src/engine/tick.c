/* SPDX-License-Identifier: MIT */
#include "engine/tick.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/escape.h"

static bool same_instance(const struct instance *a, const struct instance *b)
{
	struct instance_key x = instance_key_of(a), y = instance_key_of(b);

	return instance_key_equal(&x, &y);
}

/* What is to be ended in this tick: a plan for each instance, and what became of it. */
struct batch {
	struct reap_plan *plans;
	struct reap_report *reports;
	size_t nr;
	size_t victims;
};

static void batch_release(struct batch *b)
{
	for (size_t i = 0; i < b->nr; i++) {
		free((void *)b->plans[i].targets);
		reap_report_release(&b->reports[i]);
	}
	free(b->plans);
	free(b->reports);
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
 * Scan and decide again. What was not condemned before is not now, unless it was
 * inferred meanwhile from one that is. 0 and *ret_census, or -errno; -EAGAIN: it could
 * not be confirmed.
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
	engine_match_marks(now);
	*ret_census = now;
	return 0;
}

/* Is @m the condemned membership by which its process is ended? Others have the same fate. */
static bool is_first_condemned(const struct census *c, const struct member *m)
{
	const struct member *each = census_find_member(c, m->proc->id.pid);

	while (each && !each->condemned)
		each = census_next_membership(c, each);
	return each == m;
}

/* Add a plan for the condemned members of @inst, with the identities that are remembered. */
static int add_plan(struct engine *eng, const struct census *now, const struct instance *inst,
		    struct batch *b)
{
	struct instance_key key = instance_key_of(inst);
	struct reap_target *targets = calloc(inst->nr + 1, sizeof(*targets));
	size_t nr = 0;

	if (!targets)
		return -ENOMEM;
	for (size_t i = inst->first; i < inst->first + inst->nr; i++) {
		const struct member *m = &now->members[i];
		const struct ledger_process *row = ledger_find(&eng->ledger, &m->proc->id, &key);

		if (m->condemned && is_first_condemned(now, m))
			targets[nr++] = (struct reap_target){ row ? row->id : m->proc->id, -1 };
	}
	if (!nr) {
		free(targets);
		return 0;
	}
	b->victims += nr;
	b->plans[b->nr++] = (struct reap_plan){
		.inst = inst,
		.ask = { .face = FACE_SWEEP, .reap_detached = eng->options.settings.reap_detached },
		.targets = targets,
		.nr = nr,
	};
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
	sum->unfinished += report->stopped && !report->spared;
}

static void warn_max_kill(struct engine *eng, size_t condemned)
{
	engine_warn(eng, WARNING_MAX_KILL,
		    "%zu processes would be ended, more than max-kill = %u: none is", condemned,
		    eng->options.settings.max_kill);
}

/* Nothing of @inst is ended in this tick. */
static void forgive(struct census *c, const struct instance *inst)
{
	for (size_t i = inst->first; i < inst->first + inst->nr; i++)
		c->members[i].condemned = false;
}

/* Warn that @inst is not swept, since a launcher names it. */
static void tell_launcher(struct engine *eng, const struct instance *inst)
{
	_cleanup_free_ char *id = escaped_bytes(inst->id);
	_cleanup_free_ char *name = escaped_text(inst->desktop->comm);

	engine_warn_once(eng, WARNING_LAUNCHER,
			 "'%s' is not swept while pid %d '%s' names it in its arguments",
			 id ? id : "?", (int)inst->desktop->id.pid, name ? name : "?");
}

static bool has_condemned(const struct census *c, const struct instance *inst)
{
	for (size_t i = inst->first; i < inst->first + inst->nr; i++) {
		if (c->members[i].condemned)
			return true;
	}
	return false;
}

/*
 * Has the instance an owner again? Then nothing of it is ended in this tick; what is an
 * orphan all the same will be one on the next. Both censuses have their instances in the
 * same order, so *from is where to go on.
 */
static bool has_owner_again(const struct census *then, const struct instance *inst, size_t *from)
{
	const struct instance_key key = instance_key_of(inst);

	for (; *from < then->nr_instances; ++*from) {
		const struct instance_key was = instance_key_of(&then->instances[*from]);
		int order = instance_key_compare(&was, &key);

		if (order == 0)
			return inst->owner == OWNER_ALIVE &&
			       then->instances[*from].owner != OWNER_ALIVE;
		if (order > 0)
			return false;
	}
	return false;
}

/* A plan for each instance of @now of which @c condemned members and @now does so still. */
static int plan_all(struct engine *eng, const struct census *c, struct census *now, struct batch *b)
{
	size_t from = 0;
	int r = 0;

	b->plans = calloc(now->nr_instances + 1, sizeof(*b->plans));
	b->reports = calloc(now->nr_instances + 1, sizeof(*b->reports));
	if (!b->plans || !b->reports)
		return -ENOMEM;
	for (size_t i = 0; i < now->nr_instances && r == 0; i++) {
		const struct instance *inst = &now->instances[i];

		if (inst->doubt == DOUBT_LAUNCHER && inst->desktop)
			tell_launcher(eng, inst);
		if (has_condemned(now, inst) && has_owner_again(c, inst, &from))
			forgive(now, inst);
	}
	engine_match_marks(now);
	for (size_t i = 0; i < now->nr_instances && r == 0; i++)
		r = add_plan(eng, now, &now->instances[i], b);
	return r;
}

/* End all that is planned together. 0 or -errno. */
static int reap_batch(struct engine *eng, const struct reap_env *env, const struct census *c,
		      const struct census *now, struct batch *b, struct tick_summary *sum)
{
	int r = reap_run(env, now, c, b->plans, b->nr, b->reports);

	if (r == -ENOSYS) {
		engine_warn_once(eng, WARNING_NO_PIDFD,
				 "this kernel has no pidfds, no process is ended");
		return r;
	}
	for (size_t i = 0; i < b->nr; i++) {
		engine_tell_results(eng, now, b->plans[i].inst, &b->reports[i]);
		add_counts(sum, &b->reports[i]);
	}
	engine_tidy(eng, now, b->plans, b->reports, b->nr);
	return r;
}

/* Confirm what @c condemns, and end what is still condemned then. */
static int confirm_and_reap(struct engine *eng, const struct census *c, struct tick_summary *sum)
{
	const struct reap_env env = engine_reap_env(eng, true);
	unsigned max_kill = eng->options.settings.max_kill;
	struct batch batch = { 0 };
	struct census *now = NULL;
	int r = confirm(eng, &env, c, &now);

	if (r == -EAGAIN) {
		engine_warn(eng, WARNING_INCOMPLETE,
			    "cannot scan all processes again, reaping none");
		sum->complete = false;
	}
	if (r < 0)
		return r;
	r = plan_all(eng, c, now, &batch);
	/* What was inferred meanwhile must not lift a tick over the cap. */
	if (r == 0 && max_kill && batch.victims > max_kill) {
		warn_max_kill(eng, batch.victims);
		r = -EAGAIN;
	}
	if (r == 0 && batch.nr) {
		sum->condemned += batch.victims;
		r = reap_batch(eng, &env, c, now, &batch, sum);
	}
	batch_release(&batch);
	census_unref(now);
	return r;
}

int tick_reap(struct engine *eng, const struct census *c, struct tick_summary *sum)
{
	unsigned max_kill = eng->options.settings.max_kill;
	size_t condemned = engine_count_condemned(c);
	int r;

	if (max_kill && condemned > max_kill) {
		warn_max_kill(eng, condemned);
		return 0;
	}
	r = confirm_and_reap(eng, c, sum);
	/* A warning was given: what could not be confirmed waits for the next tick. */
	return r == -EAGAIN ? 0 : r;
}
