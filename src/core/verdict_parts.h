/* SPDX-License-Identifier: MIT */
#ifndef CORE_VERDICT_PARTS_H
#define CORE_VERDICT_PARTS_H

#include "stray/verdict.h"

/*
 * The parts of the predicate, in the order in which verdict.c asks them: what is never
 * ended (verdict_never.c), what is kept (verdict_kept.c), what the owner says
 * (verdict_owner.c). Each is pure.
 */

static inline size_t verdict_index(const struct census *c, const struct process *proc)
{
	return (size_t)(proc - c->snapshot->procs);
}

/* Is @proc a member of that instance (NULL: of any)? */
bool verdict_is_member(const struct census *c, const struct process *proc,
		       const struct instance *inst);

/*
 * Is @proc, which is in another pid namespace, in a sandbox of the instance's (NULL: of
 * any instance's)?
 */
bool verdict_in_own_sandbox(const struct census *c, const struct process *proc,
			    const struct instance *inst);

/* The rules that none can lift, save --force for the instance's own desktop. */
enum verdict_why verdict_never(const struct census *c, const struct process *proc,
			       const struct instance *inst, const struct verdict_ask *ask);

/* What the owner of one membership says. */
enum verdict_why verdict_owner(const struct census *c, const struct member *m,
			       const struct verdict_ask *ask);

/*
 * Is the desktop @proc an agent that another app condemns? Then what its own app says of
 * it, and of what it owns, does not count. Desktops that other apps would end do not keep
 * each other, nor what they run below, as hosts; another live desktop does.
 */
bool verdict_is_condemned_desktop(const struct census *c, const struct process *proc,
				  const struct verdict_ask *ask);

/*
 * The nearest live desktop above @proc that is no condemned one (see above), or
 * CENSUS_NONE.
 */
size_t verdict_desktop_above(const struct census *c, const struct process *proc,
			     const struct verdict_ask *ask);

/* Does a live desktop that is no condemned one run below @proc, or below a managed one above it? */
bool verdict_hosts(const struct census *c, const struct process *proc,
		   const struct verdict_ask *ask);

/*
 * Does what this membership's app says count? Not where condemned desktops alone own the
 * instance.
 */
bool verdict_counts(const struct census *c, const struct member *m, const struct verdict_ask *ask);

/* What the `sweep` key of its app says: WHY_LOOK_ONLY, WHY_CONNECTED or WHY_MAY_END. */
enum verdict_why verdict_app(const struct census *c, const struct member *m);

/* Is @desktop one of the instance's own, which --force may overrule? */
bool verdict_is_own_desktop(const struct census *c, const struct instance *inst,
			    const struct process *desktop);

#endif
