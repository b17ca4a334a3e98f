/* SPDX-License-Identifier: MIT */
/* Facts about single processes that the predicate asks for: services, and hung-up ends. */
#include "core/census_build.h"

/* Ask whether the ends of @m are closed, if it is an orphan of an app with sweep = stdio. */
static void ask_ends(const struct census_build *b, const struct member *m)
{
	struct census_node *node = &b->c->nodes[m->proc - b->s->procs];

	if (b->c->instances[m->instance].app->sweep != APP_SWEEP_STDIO ||
	    (m->state != STATE_ORPHAN && m->state != STATE_DETACHED) ||
	    m->proc->sid == m->proc->id.pid || m->proc->dead || node->hung_up != ANSWER_UNKNOWN)
		return;
	node->hung_up = b->input->hung_up(b->input->ctx, m->proc);
}

void build_keeps(struct census_build *b)
{
	struct census *c = b->c;

	for (size_t i = 0; i < b->s->nr; i++) {
		c->nested = c->nested || (c->nodes[i].desktop && c->nodes[i].managed);
		if (c->nodes[i].managed)
			c->nodes[i].service = build_is_service(b, i);
	}
	for (size_t i = 0; b->input->hung_up && i < c->nr_members; i++)
		ask_ends(b, &c->members[i]);
}
