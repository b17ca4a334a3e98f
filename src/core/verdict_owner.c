/* SPDX-License-Identifier: MIT */
/* What an instance's owner says to ending a member; and owners that are agents themselves. */
#include "core/census_build.h"
#include "core/verdict_parts.h"

bool verdict_is_own_desktop(const struct census *c, const struct instance *inst,
			    const struct process *desktop)
{
	/*
	 * A wrapper owns all that descends from it, of whatever user that is by now:
	 * root's command starts a server, which becomes another user.
	 */
	if (desktop->id.pid == c->snapshot->self)
		return true;
	/* One that carries the marker was started inside an agent: it owns another instance. */
	return (inst->owner == OWNER_ALIVE && desktop == inst->desktop) ||
	       (desktop->uid == inst->uid && app_is_desktop(inst->app, desktop) &&
		!build_carries(inst->app, inst->id, desktop));
}

/* How many ticks count for it: what was inferred goes with the process it was inferred from. */
static unsigned ticks_of(const struct census *c, const struct member *m)
{
	for (size_t steps = 0;
	     m->inferred && m->inferred_from != CENSUS_NONE && steps < c->nr_members; steps++)
		m = &c->members[m->inferred_from];
	return m->ticks;
}

/* Does @of's own desktop alone make this other membership an owned one? */
static bool is_owned_by_the_same(const struct census *c, const struct member *m,
				 const struct verdict_ask *ask)
{
	const struct instance *inst = &c->instances[m->instance];

	return ask->force && ask->of && m->reason == BECAUSE_DESCENT &&
	       verdict_is_own_desktop(c, ask->of, m->because) &&
	       (inst->owner == OWNER_GONE ||
		(inst->owner == OWNER_ALIVE && inst->desktop == ask->of->desktop));
}

/* What is said of a member where its owner counts. */
static enum verdict_why state_says(const struct census *c, const struct member *m,
				   const struct verdict_ask *ask)
{
	const struct instance *inst = &c->instances[m->instance];

	if ((ask->force && inst == ask->of) || is_owned_by_the_same(c, m, ask))
		return WHY_MAY_END;
	if (m->state == STATE_OWNED)
		return m->reason == BECAUSE_DESCENT ? WHY_OWNED : WHY_OWNER_ALIVE;
	if (m->state == STATE_DETACHED && !ask->reap_detached)
		return WHY_DETACHED;
	if (m->state == STATE_UNKNOWN) {
		/* A person may end the instance without knowing what became of the parent. */
		bool person = ask->face != FACE_SWEEP && inst->owner == OWNER_GONE &&
			      m->reason == BECAUSE_PARENT_LIVES;

		return person ? WHY_MAY_END : WHY_UNKNOWN;
	}
	if (ask->face == FACE_SWEEP && ask->grace && ticks_of(c, m) < ask->grace)
		return WHY_TICKS;
	return WHY_MAY_END;
}

/* --- desktops that are agents ---------------------------------------------------- */

/*
 * Would another app end that desktop, as an agent of its own, if it made no host of what
 * it runs below? All its memberships but its own app's must let it go.
 */
static bool is_candidate(const struct census *c, const struct process *proc,
			 const struct verdict_ask *ask)
{
	const struct census_node *node = &c->nodes[verdict_index(c, proc)];
	unsigned kept = node->kept_for & ~(1U << WHY_HOST);
	const struct member *m = census_find_member(c, proc->id.pid);
	bool agent = false;

	if (ask->foreground)
		kept &= ~(1U << WHY_TERMINAL);
	if (!node->managed || node->self || (kept && ask->face != FACE_PICK))
		return false;
	for (; m; m = census_next_membership(c, m)) {
		if (census_is_desktop_of(c, verdict_index(c, proc), c->instances[m->instance].app))
			continue;
		if (state_says(c, m, ask) != WHY_MAY_END ||
		    (ask->face == FACE_SWEEP && verdict_app(c, m) != WHY_MAY_END))
			return false;
		agent = true;
	}
	return agent;
}

/* Does a live desktop descend from the process with the index @top that is no candidate? */
static bool hosts_desktop(const struct census *c, size_t top, const struct verdict_ask *ask)
{
	const struct process *procs = c->snapshot->procs;

	for (size_t i = 0; i < c->snapshot->nr; i++)
		if (c->nodes[i].desktop && census_descends(c, &procs[i], &procs[top]) &&
		    !is_candidate(c, &procs[i], ask))
			return true;
	return false;
}

/* Does @proc, or a managed process above it, host a live desktop that is no candidate? */
static bool is_host(const struct census *c, const struct process *proc,
		    const struct verdict_ask *ask)
{
	for (size_t at = verdict_index(c, proc); at != CENSUS_NONE; at = c->nodes[at].parent)
		if (c->nodes[at].managed && c->nodes[at].host && hosts_desktop(c, at, ask))
			return true;
	return false;
}

bool verdict_hosts(const struct census *c, const struct process *proc,
		   const struct verdict_ask *ask)
{
	const struct member *m = census_find_member(c, proc->id.pid);

	if (is_host(c, proc, ask))
		return true;
	/* What keeps the process that it was inferred from keeps it, too. */
	for (; m; m = census_next_membership(c, m)) {
		const struct member *at = m;

		for (size_t i = 0;
		     at->inferred && at->inferred_from != CENSUS_NONE && i < c->nr_members; i++) {
			at = &c->members[at->inferred_from];
			if (is_host(c, at->proc, ask))
				return true;
		}
	}
	return false;
}

bool verdict_is_condemned_desktop(const struct census *c, const struct process *proc,
				  const struct verdict_ask *ask)
{
	return is_candidate(c, proc, ask) &&
	       (ask->face == FACE_PICK || !verdict_hosts(c, proc, ask));
}

size_t verdict_desktop_above(const struct census *c, const struct process *proc,
			     const struct verdict_ask *ask)
{
	size_t above = c->nodes[verdict_index(c, proc)].desktop_above;

	while (above != CENSUS_NONE && ask && c->nodes[above].managed &&
	       verdict_is_condemned_desktop(c, &c->snapshot->procs[above], ask))
		above = c->nodes[above].desktop_above;
	return above;
}

/* Do condemned desktops alone own this member? Then its app is not asked. */
static bool is_owned_by_condemned(const struct census *c, const struct member *m,
				  const struct verdict_ask *ask)
{
	const struct instance *inst = &c->instances[m->instance];
	const struct process *self = m->proc;
	bool any = false;

	/* A desktop that is condemned itself, as its own app's member. */
	if (census_is_desktop_of(c, verdict_index(c, self), inst->app) &&
	    verdict_is_condemned_desktop(c, self, ask))
		return true;
	if (inst->owner != OWNER_ALIVE)
		return false;
	for (size_t i = 0; i < c->snapshot->nr; i++) {
		const struct process *desktop = &c->snapshot->procs[i];

		/* Any desktop of the app may be an owner as well; what is not condemned speaks. */
		if (!census_is_desktop_of(c, i, inst->app))
			continue;
		if (!c->nodes[i].managed || !verdict_is_condemned_desktop(c, desktop, ask)) {
			if (inst->app->owner != APP_OWNER_PID || desktop == inst->desktop)
				return false;
			continue;
		}
		any = any || desktop == inst->desktop;
	}
	return any;
}

bool verdict_counts(const struct census *c, const struct member *m, const struct verdict_ask *ask)
{
	return !c->nested || !is_owned_by_condemned(c, m, ask);
}

enum verdict_why verdict_owner(const struct census *c, const struct member *m,
			       const struct verdict_ask *ask)
{
	return verdict_counts(c, m, ask) ? state_says(c, m, ask) : WHY_MAY_END;
}
