/* SPDX-License-Identifier: MIT */
/* What the unattended sweep spares for windows, listeners and mounts, which it looks up. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "core/holdings.h"
#include "engine/engine.h"

/* What a probe found, as the rules see it. */
static uint8_t holdings_of(const struct probes *probes, const struct process *proc)
{
	const struct probe *p = probes_find(probes, proc->id.pid);

	if (probes->error || (p && p->failed))
		return HOLDS_UNKNOWN;
	if (!p)
		return 0;
	return (p->window || p->display ? HOLDS_WINDOW : 0) | (p->nr_ports ? HOLDS_PORT : 0) |
	       (p->mount ? HOLDS_MOUNT : 0);
}

/* Some are spared, perhaps because of what could not be looked up: say so. */
static void tell_failures(struct engine *eng)
{
	const struct probes *probes = &eng->probes;

	if (probes->error) {
		eng->unsure = true;
		engine_warn_once(eng, WARNING_HOLDINGS_UNREAD,
				 "cannot look up windows and listeners: %s, nothing is reaped",
				 strerror(-probes->error));
	}
	for (size_t i = 0; i < probes->nr; i++) {
		if (!probes->items[i].failed)
			continue;
		eng->unsure = true;
		engine_warn_once(
			eng, WARNING_HOLDINGS_UNREAD,
			"cannot look up windows and listeners of pid %d, what depends on it is spared",
			(int)probes->items[i].pid);
	}
}

int engine_look_up(struct engine *eng, struct census *c, const bool *wanted, unsigned *ret_spared)
{
	size_t nr = c->snapshot->nr;
	int64_t spare_ms = eng->options.settings.spare_listeners_ms;
	_cleanup_free_ bool *probe = calloc(nr + 1, sizeof(*probe));
	_cleanup_free_ uint8_t *holds = calloc(nr + 1, sizeof(*holds));
	int r = probe && holds ? holdings_choose(c, wanted, spare_ms > 0, probe) : -ENOMEM;

	if (r == 0)
		r = probes_look(&eng->probes, eng->source, c->snapshot, probe);
	if (r < 0)
		return r;
	for (size_t i = 0; i < nr; i++)
		if (probe[i])
			holds[i] = holdings_of(&eng->probes, &c->snapshot->procs[i]);
	return holdings_spread(c, holds, spare_ms, ret_spared);
}

/* The ports of one process, for the picture; what memory does not hold is left out. */
static void show_ports(struct census *c, struct member *m, const struct probes *probes)
{
	const struct probe *own = probes_find(probes, m->proc->id.pid);
	size_t size = own ? own->nr_ports * sizeof(*own->ports) : 0;
	uint16_t *copy = size && !m->ports ? arena_alloc(&c->storage, size) : NULL;

	if (own && !probes->error && !own->failed && !size)
		m->ports_known = true;
	if (!copy)
		return;
	m->ports_known = true;
	memcpy(copy, own->ports, size);
	m->ports = copy;
	m->nr_ports = own->nr_ports;
}

int engine_spare(struct engine *eng, struct census *c, const struct member *const *members,
		 size_t nr, enum verdict_why *ret_keep)
{
	_cleanup_free_ bool *wanted = calloc(c->snapshot->nr + 1, sizeof(*wanted));
	_cleanup_free_ unsigned *spared = calloc(c->snapshot->nr + 1, sizeof(*spared));
	bool any = false;
	int r = 0;

	if (!wanted || !spared)
		return -ENOMEM;
	for (size_t i = 0; i < nr; i++)
		wanted[members[i]->proc - c->snapshot->procs] = true;
	if (nr)
		r = engine_look_up(eng, c, wanted, spared);
	for (size_t i = 0; i < nr && r == 0; i++) {
		unsigned why = spared[members[i]->proc - c->snapshot->procs];

		/* Their order is the order in which they are asked. */
		ret_keep[i] = why ? (enum verdict_why)__builtin_ctz(why) : WHY_MAY_END;
		any = any || why;
		show_ports(c, &c->members[members[i] - c->members], &eng->probes);
	}
	if (r == 0 && any)
		tell_failures(eng);
	return r;
}

int engine_explain(struct engine *eng, struct census *c, const struct process *proc,
		   unsigned *ret_spared)
{
	_cleanup_free_ bool *wanted = calloc(c->snapshot->nr + 1, sizeof(*wanted));
	const struct member *m = census_find_member(c, proc->id.pid);

	if (!wanted)
		return -ENOMEM;
	wanted[proc - c->snapshot->procs] = true;
	/* What was inferred stays with the process that it was inferred from. */
	for (; m; m = census_next_membership(c, m)) {
		const struct member *at = m;

		for (size_t i = 0;
		     at->inferred && at->inferred_from != CENSUS_NONE && i < c->nr_members; i++) {
			at = &c->members[at->inferred_from];
			wanted[at->proc - c->snapshot->procs] = true;
		}
	}
	return engine_look_up(eng, c, wanted, ret_spared);
}

int engine_find_ports(struct engine *eng, struct census *c)
{
	_cleanup_free_ bool *wanted = calloc(c->snapshot->nr + 1, sizeof(*wanted));
	int r = wanted ? 0 : -ENOMEM;

	for (size_t i = 0; i < c->nr_members && r == 0; i++)
		wanted[c->members[i].proc - c->snapshot->procs] = true;
	if (r == 0)
		r = probes_look(&eng->probes, eng->source, c->snapshot, wanted);
	for (size_t i = 0; i < c->nr_members && r == 0; i++)
		show_ports(c, &c->members[i], &eng->probes);
	return r;
}
