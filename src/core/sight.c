/* SPDX-License-Identifier: MIT */
#include "core/sight.h"

#include <string.h>

/*
 * Has the process a live parent that is no agent, no adopter and not stray? Then no agent
 * left it: what an agent leaves has an adopter, stray (below a wrapper) or another agent
 * as its parent.
 */
static bool is_anothers_child(const struct census *c, size_t proc)
{
	size_t at = c->nodes[proc].parent;
	const struct process *parent = at == CENSUS_NONE ? NULL : &c->snapshot->procs[at];

	return parent && !parent->dead && parent->id.pid != 1 &&
	       parent->id.pid != c->snapshot->self && !c->nodes[at].managed &&
	       !policy_is_adopter(c->policy, parent);
}

bool sight_is_inconclusive(const struct scope *scope, const struct census *c,
			   const struct census *before)
{
	bool missed = c->snapshot->vanished;

	for (size_t i = 0; i < c->snapshot->nr && !missed; i++) {
		const struct process *p = &c->snapshot->procs[i], *then;

		if (!p->dead || !scope_has_user(scope, p->uid) || is_anothers_child(c, i))
			continue;
		/* A zombie that its parent does not wait for counts once. */
		then = before ? snapshot_find(before->snapshot, p->id.pid) : NULL;
		missed = !then || !then->dead || !identity_equal(&then->id, &p->id);
	}
	return missed;
}

struct sight sight_of(const struct scope *scope, const struct census *c)
{
	struct sight sight = { 0 };

	for (size_t i = 0; i < c->snapshot->nr; i++) {
		const struct process *p = &c->snapshot->procs[i];

		if (c->nodes[i].self || p->kernel_thread || p->dead || p->id.pid == 1 ||
		    !scope_has_user(scope, p->uid))
			continue;
		/* systemd's helper process is never readable to its user. */
		if (strcmp(p->comm, "(sd-pam)") == 0)
			continue;
		sight.readable += p->environ_read == READ_DONE;
		sight.refused += p->environ_read == READ_REFUSED;
	}
	return sight;
}
