/* SPDX-License-Identifier: MIT */
/* What is never ended, by any face. */
#include "core/census_build.h"
#include "core/verdict_parts.h"

bool verdict_in_own_sandbox(const struct census *c, const struct process *proc,
			    const struct instance *inst)
{
	const struct sandbox *box = census_find_sandbox(c, proc->pid_ns);

	if (!box)
		return false;
	if (box->wrapped || !inst)
		return box->wrapped || box->nr_owners;
	for (size_t i = 0; i < box->nr_owners; i++)
		if (&c->instances[box->owners[i]] == inst)
			return true;
	return false;
}

static bool is_other_user(const struct census *c, const struct process *proc)
{
	const struct process *self = snapshot_find(c->snapshot, c->snapshot->self);

	return self && self->uid != proc->uid &&
	       (self->uid != 0 || !verdict_is_member(c, proc, NULL));
}

/* May @ask end a desktop: one that another app condemns, or, picked, one at an agent's work? */
static bool desktop_may_end(const struct census *c, const struct process *proc,
			    const struct verdict_ask *ask)
{
	const struct member *m = census_find_member(c, proc->id.pid);

	if (!ask || !m)
		return false;
	for (; ask->face == FACE_PICK && m; m = census_next_membership(c, m))
		if (m->reason == BECAUSE_AT_WORK)
			return true;
	return verdict_is_condemned_desktop(c, proc, ask);
}

enum verdict_why verdict_never(const struct census *c, const struct process *proc,
			       const struct instance *inst, const struct verdict_ask *ask)
{
	const struct census_node *node = &c->nodes[verdict_index(c, proc)];
	size_t above;

	if (node->self)
		return WHY_SELF;
	if (proc->id.pid == 1)
		return WHY_INIT;
	if (proc->kernel_thread)
		return WHY_KERNEL;
	if (node->desktop && !desktop_may_end(c, proc, ask))
		return WHY_DESKTOP;
	above = verdict_desktop_above(c, proc, ask);
	if (above != CENSUS_NONE &&
	    !(ask && ask->force && ask->of && verdict_is_member(c, proc, ask->of) &&
	      verdict_is_own_desktop(c, ask->of, &c->snapshot->procs[above])))
		return WHY_OWNED;
	if (is_other_user(c, proc))
		return WHY_OTHER_USER;
	if (!(ask && ask->held) && !build_is_ours(c->snapshot, proc) &&
	    !verdict_in_own_sandbox(c, proc, inst))
		return WHY_CONTAINER;
	return WHY_MAY_END;
}
