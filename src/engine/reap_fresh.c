/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/bytes.h"
#include "engine/reap_job.h"

/*
 * Did that very process run at the first look? A quick look has not everybody,
 * so who started before it counts as well; start times are 10 ms apart, and what
 * was forked during the look is new.
 */
static bool in_base(const struct reap_job *job, const struct process *proc)
{
	const struct census *first = job->plan->first ? job->plan->first : job->plan->base;
	const struct snapshot *s = first->snapshot;
	const struct process *then = snapshot_find(s, proc->id.pid);
	uint64_t look_ticks = (uint64_t)s->boottime_ms * s->ticks_per_second / 1000;

	if (then && identity_equal(&then->id, &proc->id))
		return true;
	return !s->full && proc->id.start_ticks + 1 < look_ticks;
}

static const struct instance *instance_now(const struct reap_job *job, const struct census *c)
{
	const struct instance *inst = job->plan->inst;

	return census_find_instance(c, policy_find_app(c->policy, inst->app->name), inst->id,
				    inst->uid);
}

/* A desktop of the app that was not there before, whatever instance it is of. */
static bool new_desktop(const struct reap_job *job, const struct census *c)
{
	const struct instance *inst = job->plan->inst;

	for (size_t i = 0; i < c->snapshot->nr; i++) {
		const struct process *proc = &c->snapshot->procs[i];

		if (!proc->dead && proc->uid == inst->uid && app_is_desktop(inst->app, proc) &&
		    !in_base(job, proc))
			return true;
	}
	return false;
}

static const char *who_is_back(const struct reap_job *job, const struct census *c)
{
	const struct instance *then = job->plan->inst;
	const struct instance *now = instance_now(job, c);

	/* Nobody carries the marker any more, so no census tells whose a new desktop is. */
	if (!now)
		return new_desktop(job, c) ? "a desktop of the app came up" : NULL;
	if (now->owner == OWNER_ALIVE && now->desktop && !in_base(job, now->desktop))
		return "a desktop of the instance came up";
	if (job->plan->ask.force)
		return NULL;
	if (now->owner == OWNER_ALIVE && then->owner != OWNER_ALIVE)
		return "the instance has an owner";
	if (now->owner == OWNER_UNKNOWN && then->owner != OWNER_UNKNOWN)
		return "the owner is unknown now";
	return NULL;
}

bool reap_owner_is_back(struct reap_job *job, const struct census *c)
{
	job->stopped = who_is_back(job, c);
	job->spared = job->stopped != NULL;
	return job->spared;
}

static struct verdict_ask ask_now(const struct reap_job *job, const struct census *c,
				  enum verdict_face face)
{
	struct verdict_ask ask = job->plan->ask;

	ask.face = face;
	ask.grace = 0;
	ask.window = ask.listener = false;
	ask.of = instance_now(job, c);
	ask.force = ask.force && ask.of;
	return ask;
}

/*
 * What was inferred loses that when the process it was inferred from has ended.
 * It is held and was verified, so never and kept alone are asked. One that had a
 * marker and has none now has become something else.
 */
static enum verdict_why ask_about(const struct reap_job *job, const struct census *c,
				  const struct process *proc, const struct victim *held,
				  bool inferred, enum verdict_face face)
{
	struct verdict_ask ask = ask_now(job, c, face);
	const struct member *m = census_find_member(c, proc->id.pid);
	enum verdict_why why;

	ask.held = held;
	if (m && (inferred || reap_member(job, c, &proc->id)))
		return verdict_of(c, m, &ask);
	if (m || !inferred)
		return WHY_NOT_MANAGED;
	why = verdict_of_process(c, proc, &ask);
	return why == WHY_NOT_MANAGED ? verdict_kept_from(c, proc, &ask) : why;
}

void reap_judge(struct reap_job *job, const struct census *c)
{
	for (size_t i = 0; i < job->nr; i++) {
		struct victim *v = &job->victims[i];
		const struct process *proc = snapshot_find(c->snapshot, v->id.pid);

		v->seen = proc && identity_equal(&proc->id, &v->id);
		v->allowed = false;
		if (v->state == VICTIM_OVER)
			continue;
		if (v->seen)
			v->why = ask_about(job, c, proc, v->state == VICTIM_HELD ? v : NULL,
					   v->inferred, job->plan->ask.face);
		v->allowed = v->seen && v->why == WHY_MAY_END;
		/* While it ends, its environment goes before its pidfd tells of it. */
		v->unclear = !v->seen || v->why == WHY_UNKNOWN || v->why == WHY_NOT_MANAGED;
		v->missed = v->unclear ? v->missed + 1 : 0;
	}
}

/* --- what they forked --------------------------------------------------------- */

static struct victim *find_victim(const struct reap_job *job, const struct process *proc)
{
	for (size_t i = 0; i < job->nr; i++) {
		if (identity_equal(&job->victims[i].id, &proc->id))
			return &job->victims[i];
	}
	return NULL;
}

/* A member that is left alone: alive, of the instance, and not, or no longer, a victim. */
static bool is_bystander(const struct reap_job *job, const struct member *m)
{
	const struct victim *v = find_victim(job, m->proc);

	return !m->proc->dead && (v ? v->state == VICTIM_OVER : in_base(job, m->proc));
}

/*
 * Does the parent chain of @proc lead to a victim that is held and lives? Whom it
 * comes to first tells: what a spared browser below a victim forks is its own.
 */
static bool below_victim(const struct reap_job *job, const struct census *c,
			 const struct process *proc)
{
	const struct process *procs = c->snapshot->procs;

	for (size_t i = c->nodes[proc - procs].parent; i != CENSUS_NONE; i = c->nodes[i].parent) {
		const struct victim *v = find_victim(job, &procs[i]);
		const struct member *m = reap_member(job, c, &procs[i].id);

		if (v && v->state == VICTIM_HELD && v->seen)
			return true;
		if (m && is_bystander(job, m))
			return false;
	}
	return false;
}

/*
 * Who has lost its parent may have been forked by anybody of the instance. It is
 * a victim's only if nobody else is left, or if it shares a process group with a
 * victim and with nobody else.
 */
static bool forked_by_victim(const struct reap_job *job, const struct census *c,
			     const struct instance *inst, const struct process *proc)
{
	bool bystanders = job->plan->only, shared = false;

	if (below_victim(job, c, proc))
		return true;
	for (size_t i = inst->first; i < inst->first + inst->nr; i++) {
		const struct member *m = &c->members[i];

		if (!is_bystander(job, m))
			continue;
		bystanders = true;
		if (m->proc->pgid == proc->pgid || census_descends(c, proc, m->proc))
			return false;
	}
	if (!bystanders)
		return true;
	for (size_t i = 0; i < job->plan->nr && !shared; i++) {
		const struct process *target =
			snapshot_find(job->plan->base->snapshot, job->plan->targets[i].id.pid);

		shared = target && target->pgid == proc->pgid && proc->pgid > 1;
	}
	return shared;
}

static int add_fresh(struct reap_job *job, const struct process *proc, const struct member *m,
		     const struct census *c)
{
	struct victim *v;
	int r = reap_add_victim(job, proc, m, -1, true);

	if (r < 0)
		return r;
	v = &job->victims[job->nr - 1];
	r = reap_hold(job, &v, 1, c);
	v->seen = v->allowed = v->state == VICTIM_HELD;
	/* Without a descriptor it waits for the next batch. */
	return r == -EMFILE ? 0 : r;
}

/* --- who has ended ------------------------------------------------------------ */

/* Might @above have adopted what a victim forked: is it above a victim? */
static bool may_adopt(const struct reap_job *job, const struct process *above)
{
	const struct census *base = job->plan->base;
	const struct process *then = snapshot_find(base->snapshot, above->id.pid);

	if (above->id.pid == 1 || !then || !identity_equal(&then->id, &above->id))
		return true;
	for (size_t i = 0; i < job->plan->nr; i++) {
		const struct process *target =
			snapshot_find(base->snapshot, job->plan->targets[i].id.pid);

		if (!target || census_descends(base, target, then))
			return true;
	}
	return false;
}

/*
 * Whom a victim forked, and whom that one forked, hangs below a victim, or below
 * who adopted it. One that hangs below another that was there before is not ours.
 */
static bool is_anothers_child(const struct reap_job *job, const struct census *c,
			      const struct process *proc)
{
	const struct process *procs = c->snapshot->procs;

	for (size_t i = c->nodes[proc - procs].parent; i != CENSUS_NONE; i = c->nodes[i].parent) {
		if (procs[i].dead || find_victim(job, &procs[i]))
			return false;
		if (in_base(job, &procs[i]))
			return !may_adopt(job, &procs[i]);
	}
	return false;
}

bool reap_saw_new_end(const struct reap_job *job, const struct census *c,
		      const struct snapshot *before)
{
	for (size_t i = 0; i < c->snapshot->nr; i++) {
		const struct process *proc = &c->snapshot->procs[i], *then;

		if (!proc->dead || proc->uid != job->plan->inst->uid || in_base(job, proc))
			continue;
		/* A zombie that nobody waits for is news once. */
		then = before ? snapshot_find(before, proc->id.pid) : NULL;
		if (then && then->dead && identity_equal(&then->id, &proc->id))
			continue;
		if (!is_anothers_child(job, c, proc))
			return true;
	}
	return false;
}

int reap_find_fresh(struct reap_job *job, const struct census *c)
{
	const struct instance *inst = instance_now(job, c);

	for (size_t i = inst ? inst->first : 0; inst && i < inst->first + inst->nr; i++) {
		const struct member *m = &c->members[i];
		enum verdict_face face = job->plan->ask.face;
		int r;

		if (m->proc->dead || in_base(job, m->proc) || find_victim(job, m->proc) ||
		    !forked_by_victim(job, c, inst, m->proc))
			continue;
		/* Nobody picked it by itself, though it may hang below one that was picked. */
		if (face == FACE_PICK)
			face = FACE_GROUP;
		if (ask_about(job, c, m->proc, NULL, m->inferred, face) != WHY_MAY_END)
			continue;
		r = add_fresh(job, m->proc, m, c);
		if (r < 0)
			return r;
	}
	return 0;
}
