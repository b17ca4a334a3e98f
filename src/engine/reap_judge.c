/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "engine/reap_job.h"

/*
 * Did that very process run at the first scan? A quick scan does not have all, so one
 * that started before it counts as well; start times are 10 ms apart, and what was
 * forked during the scan is new.
 */
static bool in_base(const struct reap_job *job, const struct process *proc)
{
	const struct snapshot *s = job->first->snapshot;
	const struct process *then = snapshot_find(s, proc->id.pid);
	uint64_t look_ticks = (uint64_t)s->boottime_ms * s->ticks_per_second / 1000;

	if (then && identity_equal(&then->id, &proc->id))
		return true;
	return !s->full && proc->id.start_ticks + 1 < look_ticks;
}

/* A desktop of the app that was not there before, whatever instance it is of. */
static bool new_desktop(const struct reap_job *job, const struct instance *inst,
			const struct census *c)
{
	for (size_t i = 0; i < c->snapshot->nr; i++) {
		const struct process *proc = &c->snapshot->procs[i];

		if (!proc->dead && proc->uid == inst->uid && app_is_desktop(inst->app, proc) &&
		    !in_base(job, proc))
			return true;
	}
	return false;
}

/* Why the reaping of @part has to stop, NULL: it goes on. */
static const char *why_stop(const struct reap_job *job, const struct reap_part *part,
			    const struct census *c)
{
	const struct instance *then = part->plan->inst;
	const struct instance *now = part->now;

	/* No process carries the marker any more: which instance a desktop owns, none tells. */
	if (!now)
		return new_desktop(job, then, c) ? "a desktop of the app has started" : NULL;
	if (now->owner == OWNER_ALIVE && now->desktop && !in_base(job, now->desktop))
		return "a desktop of the instance has started";
	if (part->plan->ask.force)
		return NULL;
	if (now->owner == OWNER_ALIVE && then->owner != OWNER_ALIVE)
		return "the instance has an owner";
	if (now->owner == OWNER_UNKNOWN && then->owner != OWNER_UNKNOWN)
		return "the owner is unknown now";
	return NULL;
}

/*
 * Does a process that was not there before make the doubt, as the parent of what it forked?
 * One that hops looks so while it ends, its marker gone before it is dead. So the instance
 * is left alone, yet that counts as unfinished: more of it may be left.
 */
static bool may_be_hopping(const struct reap_job *job, const struct instance *now)
{
	return now && now->owner == OWNER_UNKNOWN && now->doubt == DOUBT_PARENT && now->desktop &&
	       !in_base(job, now->desktop);
}

bool reap_saw_hopping(const struct reap_job *job, const struct census *c)
{
	for (size_t i = 0; i < job->nr_parts; i++) {
		struct instance_key key = instance_key_of(job->parts[i].plan->inst);

		if (!job->parts[i].stopped && !job->parts[i].plan->ask.force &&
		    may_be_hopping(job, census_find_instance(c, &key)))
			return true;
	}
	return false;
}

bool reap_ask_owners(struct reap_job *job, const struct census *c)
{
	for (size_t i = 0; i < job->nr_parts; i++) {
		struct reap_part *part = &job->parts[i];
		struct instance_key key = instance_key_of(part->plan->inst);
		const char *why;

		part->now = census_find_instance(c, &key);
		why = part->stopped ? NULL : why_stop(job, part, c);
		if (why)
			victim_stop_part(job, part, why, !may_be_hopping(job, part->now));
	}
	return !victim_all_stopped(job);
}

static struct verdict_ask ask_now(const struct reap_part *part, enum verdict_face face)
{
	struct verdict_ask ask = part->plan->ask;

	ask.face = face;
	ask.grace = 0;
	ask.window = ask.listener = false;
	ask.of = part->now;
	ask.force = ask.force && ask.of;
	return ask;
}

/*
 * Ask the predicate about a victim. An inferred one is no member any more when the
 * process it was inferred from has ended; it is held and was verified, so of it only the
 * never and kept rules are asked. One that had a marker and has none now is
 * WHY_NOT_MANAGED.
 */
static enum verdict_why ask_about(const struct reap_part *part, const struct census *c,
				  const struct process *proc, bool held, bool inferred,
				  enum verdict_face face)
{
	struct verdict_ask ask = ask_now(part, face);
	const struct member *m = census_find_member(c, proc->id.pid);
	enum verdict_why why;

	ask.held = held;
	if (m && (inferred || reap_member(part, c, &proc->id)))
		return verdict_of(c, m, &ask);
	if (m || !inferred)
		return WHY_NOT_MANAGED;
	why = verdict_of_process(c, proc, &ask);
	return why == WHY_NOT_MANAGED ? verdict_kept_from(c, proc, &ask) : why;
}

static enum victim_view view_of(const struct reap_job *job, const struct census *c,
				struct victim *v)
{
	const struct reap_part *part = &job->parts[v->part];
	const struct process *proc = snapshot_find(c->snapshot, v->hold.id.pid);

	if (!proc || !identity_equal(&proc->id, &v->hold.id))
		return VIEW_ABSENT;
	v->why = ask_about(part, c, proc, victim_is_held(v), v->inferred, part->plan->ask.face);
	if (v->why == WHY_MAY_END)
		return VIEW_ALLOWED;
	/* While a process ends, its environment is gone before its pidfd polls readable. */
	return v->why == WHY_UNKNOWN || v->why == WHY_NOT_MANAGED ? VIEW_UNCLEAR : VIEW_FORBIDDEN;
}

void reap_judge(struct reap_job *job, const struct census *c)
{
	for (size_t i = 0; i < job->nr; i++) {
		struct victim *v = &job->victims[i];

		if (v->state == VICTIM_OVER)
			continue;
		v->view = view_of(job, c, v);
		v->missed = v->view == VIEW_ABSENT || v->view == VIEW_UNCLEAR ? v->missed + 1 : 0;
	}
}

/* --- what they forked --------------------------------------------------------- */

/* A member that is left alone: alive, of the instance, and not, or no longer, a victim. */
static bool is_bystander(struct reap_job *job, const struct member *m)
{
	const struct victim *v = victim_find(job, &m->proc->id);

	return !m->proc->dead && (v ? v->state == VICTIM_OVER : in_base(job, m->proc));
}

/*
 * Does the parent chain of @proc lead to a victim that is held and lives? The nearest
 * ancestor decides: children of a kept browser belong to it, not to the victim above.
 */
static bool below_victim(struct reap_job *job, const struct reap_part *part, const struct census *c,
			 const struct process *proc)
{
	const struct process *procs = c->snapshot->procs;

	for (size_t i = c->nodes[proc - procs].parent; i != CENSUS_NONE; i = c->nodes[i].parent) {
		const struct victim *v = victim_find(job, &procs[i].id);
		const struct member *m = reap_member(part, c, &procs[i].id);

		if (v && &job->parts[v->part] == part && victim_is_held(v))
			return true;
		if (m && is_bystander(job, m))
			return false;
	}
	return false;
}

/*
 * Was @proc forked by a victim? One that has lost its parent may have been forked by
 * any process of the instance. It is a victim's only if no other is left, or if it
 * shares a process group with a victim and with no bystander.
 */
static bool forked_by_victim(struct reap_job *job, const struct reap_part *part,
			     const struct census *c, const struct process *proc)
{
	const struct instance *inst = part->now;
	bool bystanders = part->plan->only, shared = false;

	if (below_victim(job, part, c, proc))
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
	for (size_t i = 0; i < part->plan->nr && !shared; i++) {
		const struct process *target =
			snapshot_find(job->base->snapshot, part->plan->targets[i].id.pid);

		shared = target && target->pgid == proc->pgid && proc->pgid > 1;
	}
	return shared;
}

static int add_fresh(struct reap_job *job, size_t part, const struct process *proc,
		     const struct member *m, const struct census *c)
{
	struct victim *v;
	int r = victim_add(job, part, proc, m, -1, true);

	if (r < 0)
		return r;
	v = &job->victims[job->nr - 1];
	r = reap_hold(job, &v, 1, c);
	v->view = victim_is_held(v) ? VIEW_ALLOWED : VIEW_ABSENT;
	/* Without a descriptor it waits for the next batch. */
	return r == -EMFILE ? 0 : r;
}

/* --- what has ended ----------------------------------------------------------- */

/* Might @above have adopted what a victim forked: is it above a victim? */
static bool may_adopt(const struct reap_job *job, const struct process *above)
{
	const struct census *base = job->base;
	const struct process *then = snapshot_find(base->snapshot, above->id.pid);

	if (above->id.pid == 1 || !then || !identity_equal(&then->id, &above->id))
		return true;
	for (size_t i = 0; i < job->nr; i++) {
		const struct process *target =
			snapshot_find(base->snapshot, job->victims[i].hold.id.pid);

		if (job->victims[i].fresh)
			continue;
		if (!target || census_descends(base, target, then))
			return true;
	}
	return false;
}

/*
 * Is @proc below a process that was there before and cannot have adopted it from a
 * victim? What a victim forked, and its descendants, is below a victim or an adopter.
 */
static bool is_anothers_child(struct reap_job *job, const struct census *c,
			      const struct process *proc)
{
	const struct process *procs = c->snapshot->procs;

	for (size_t i = c->nodes[proc - procs].parent; i != CENSUS_NONE; i = c->nodes[i].parent) {
		if (procs[i].dead || victim_find(job, &procs[i].id))
			return false;
		if (in_base(job, &procs[i]))
			return !may_adopt(job, &procs[i]);
	}
	return false;
}

static bool is_of_a_part(const struct reap_job *job, uid_t uid)
{
	for (size_t i = 0; i < job->nr_parts; i++) {
		if (!job->parts[i].stopped && job->parts[i].plan->inst->uid == uid)
			return true;
	}
	return false;
}

bool reap_saw_new_end(struct reap_job *job, const struct census *c, const struct snapshot *before)
{
	for (size_t i = 0; i < c->snapshot->nr; i++) {
		const struct process *proc = &c->snapshot->procs[i], *then;

		if (!proc->dead || in_base(job, proc) || !is_of_a_part(job, proc->uid))
			continue;
		/* A zombie that its parent never waits for is news once. */
		then = before ? snapshot_find(before, proc->id.pid) : NULL;
		if (then && then->dead && identity_equal(&then->id, &proc->id))
			continue;
		if (!is_anothers_child(job, c, proc))
			return true;
	}
	return false;
}

static int find_fresh_of(struct reap_job *job, size_t i, const struct census *c)
{
	const struct reap_part *part = &job->parts[i];
	const struct instance *inst = part->now;
	enum verdict_face face = part->plan->ask.face;

	/* What hangs below one that was picked was not picked by itself. */
	if (face == FACE_PICK)
		face = FACE_GROUP;
	for (size_t j = inst->first; j < inst->first + inst->nr; j++) {
		const struct member *m = &c->members[j];
		int r;

		if (m->proc->dead || in_base(job, m->proc) || victim_find(job, &m->proc->id) ||
		    !forked_by_victim(job, part, c, m->proc))
			continue;
		if (ask_about(part, c, m->proc, false, m->inferred, face) != WHY_MAY_END)
			continue;
		r = add_fresh(job, i, m->proc, m, c);
		if (r < 0)
			return r;
	}
	return 0;
}

int reap_find_fresh(struct reap_job *job, const struct census *c)
{
	int r = victim_sort(job);

	for (size_t i = 0; i < job->nr_parts && r == 0; i++) {
		if (job->parts[i].now && !job->parts[i].stopped)
			r = find_fresh_of(job, i, c);
	}
	return r;
}
