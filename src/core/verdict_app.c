/* SPDX-License-Identifier: MIT */
/* What a membership is, and what its app says to ending it unasked. */
#include "core/verdict_parts.h"

bool verdict_is_member(const struct census *c, const struct process *proc,
		       const struct instance *inst)
{
	const struct member *m = census_find_member(c, proc->id.pid);

	while (m && inst && &c->instances[m->instance] != inst)
		m = census_next_membership(c, m);
	return m;
}

const struct process *verdict_dead_server(const struct census *c, const struct member *m)
{
	size_t at = verdict_index(c, m->proc);

	/* What runs below a dead server, in its session, is as dead. */
	for (; at != CENSUS_NONE; at = c->nodes[at].parent) {
		const struct process *proc = &c->snapshot->procs[at];

		if (proc->sid == m->proc->sid && proc->sid != proc->id.pid &&
		    c->nodes[at].hung_up == ANSWER_YES &&
		    verdict_is_member(c, proc, &c->instances[m->instance]))
			return proc;
	}
	return NULL;
}

enum verdict_why verdict_app(const struct census *c, const struct member *m)
{
	switch (c->instances[m->instance].app->sweep) {
	case APP_SWEEP_NO:
		return WHY_LOOK_ONLY;
	case APP_SWEEP_STDIO:
		return verdict_dead_server(c, m) ? WHY_MAY_END : WHY_CONNECTED;
	default:
		return WHY_MAY_END;
	}
}
