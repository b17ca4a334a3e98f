/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "engine/engine.h"

/* What the probes of one decision found, by pid. */
struct probes {
	struct probe *items; /* ordered by pid once filled */
	size_t nr, alloc;
	bool failed; /* nothing could be looked up at all */
};

static struct verdict_ask ask_of(const struct engine *eng)
{
	return (struct verdict_ask){
		.face = FACE_SWEEP,
		.grace = eng->options.settings.grace,
		.reap_detached = eng->options.settings.reap_detached,
	};
}

static int by_pid(const void *a, const void *b)
{
	pid_t x = ((const struct probe *)a)->pid, y = ((const struct probe *)b)->pid;

	return (x > y) - (x < y);
}

static const struct probe *find_probe(const struct probes *probes, pid_t pid)
{
	const struct probe key = { .pid = pid };

	return probes->nr ? bsearch(&key, probes->items, probes->nr, sizeof(key), by_pid) : NULL;
}

static void probes_release(struct probes *probes)
{
	for (size_t i = 0; i < probes->nr; i++)
		free(probes->items[i].ports);
	free(probes->items);
}

static int add_probe(struct probes *probes, pid_t pid)
{
	if (ARRAY_GROW(probes->items, probes->nr, probes->alloc) < 0)
		return -ENOMEM;
	probes->items[probes->nr++] = (struct probe){ .pid = pid };
	return 0;
}

/* Does a managed process lead that session? */
static bool led_by_managed(const struct census *c, pid_t sid)
{
	return sid > 0 && census_find_member(c, sid);
}

static bool in_sessions(const struct census *c, const struct member *const *members, size_t nr,
			pid_t sid)
{
	if (!led_by_managed(c, sid))
		return false;
	for (size_t i = 0; i < nr; i++) {
		if (members[i]->proc->sid == sid)
			return true;
	}
	return false;
}

/*
 * The managed ancestors of the condemned: one that is not condemned itself may
 * have the window that they belong to.
 */
static int add_above(const struct census *c, const struct member *const *members, size_t nr,
		     struct probes *probes)
{
	_cleanup_free_ bool *done = calloc(c->snapshot->nr + 1, sizeof(*done));
	const struct process *procs = c->snapshot->procs;

	if (!done)
		return -ENOMEM;
	for (size_t i = 0; i < nr; i++) {
		size_t above = c->nodes[members[i]->proc - procs].parent;

		for (; above != CENSUS_NONE && !done[above]; above = c->nodes[above].parent) {
			done[above] = true;
			if (c->nodes[above].managed && add_probe(probes, procs[above].id.pid) < 0)
				return -ENOMEM;
		}
	}
	return 0;
}

/*
 * Look up @members, the managed above them, and whoever shares a session with them
 * that a managed process leads.
 */
static int probe_all(struct engine *eng, const struct census *c,
		     const struct member *const *members, size_t nr, struct probes *probes)
{
	const struct snapshot *s = c->snapshot;
	size_t unique = 0;
	int r;

	for (size_t i = 0; i < nr; i++) {
		if (add_probe(probes, members[i]->proc->id.pid) < 0)
			return -ENOMEM;
	}
	if (add_above(c, members, nr, probes) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < s->nr && eng->options.settings.spare_listeners_ms > 0; i++) {
		if (!s->procs[i].dead && in_sessions(c, members, nr, s->procs[i].sid) &&
		    add_probe(probes, s->procs[i].id.pid) < 0)
			return -ENOMEM;
	}
	if (!probes->nr)
		return 0;
	qsort(probes->items, probes->nr, sizeof(*probes->items), by_pid);
	for (size_t i = 0; i < probes->nr; i++) {
		if (!unique || probes->items[unique - 1].pid != probes->items[i].pid)
			probes->items[unique++] = probes->items[i];
	}
	probes->nr = unique;
	r = eng->source->ops->probe(eng->source, probes->items, probes->nr);
	if (r == -ENOMEM)
		return r;
	probes->failed = r < 0;
	if (r < 0)
		engine_warn_once(eng, "cannot look up windows and listeners: %s, nobody is reaped",
				 strerror(-r));
	return 0;
}

/* Does a process of its session listen, and does a managed process lead that session? */
static bool session_listens(const struct census *c, const struct member *m,
			    const struct probes *probes)
{
	const struct snapshot *s = c->snapshot;

	if (!led_by_managed(c, m->proc->sid))
		return false;
	for (size_t i = 0; i < probes->nr; i++) {
		const struct probe *probe = &probes->items[i];
		const struct process *proc = snapshot_find(s, probe->pid);

		/* Who could not be looked up might listen. */
		if (proc && proc->sid == m->proc->sid && (probe->nr_ports || probe->failed))
			return true;
	}
	return false;
}

/* What the probes say to ending @m. Who could not be looked up has a window, perhaps. */
static void look_at_probes(const struct engine *eng, const struct census *c, const struct member *m,
			   const struct probes *probes, struct verdict_ask *ask)
{
	const struct probe *own = find_probe(probes, m->proc->id.pid);
	int64_t spare_ms = eng->options.settings.spare_listeners_ms;
	int64_t age_ms = census_orphan_age_ms(c, m);

	ask->window = probes->failed || !own || own->failed || own->window;
	ask->listener = spare_ms > 0 && age_ms < spare_ms && session_listens(c, m, probes);
}

/* The ports of one process, for the picture; what memory does not hold is left out. */
static void show_ports(struct census *c, struct member *m, const struct probes *probes)
{
	const struct probe *own = find_probe(probes, m->proc->id.pid);
	size_t size = own ? own->nr_ports * sizeof(*own->ports) : 0;
	uint16_t *copy = size && !m->ports ? arena_alloc(&c->storage, size) : NULL;

	if (own && !probes->failed && !own->failed && !size)
		m->ports_known = true;
	if (!copy)
		return;
	m->ports_known = true;
	memcpy(copy, own->ports, size);
	m->ports = copy;
	m->nr_ports = own->nr_ports;
}

/* Does a window keep what runs below it: the content process of a browser, the shell in a terminal? */
static bool below_window(const struct census *c, const struct member *m,
			 const struct probes *probes)
{
	const struct process *procs = c->snapshot->procs;
	size_t above = c->nodes[m->proc - procs].parent;

	for (; above != CENSUS_NONE; above = c->nodes[above].parent) {
		const struct probe *probe = find_probe(probes, procs[above].id.pid);

		if (c->nodes[above].managed && probe && (probe->failed || probe->window))
			return true;
	}
	return false;
}

/* Somebody is spared, perhaps because of what could not be looked up: say so. */
static void tell_failures(struct engine *eng, const struct probes *probes)
{
	eng->unsure = eng->unsure || probes->failed;
	for (size_t i = 0; i < probes->nr; i++) {
		if (!probes->items[i].failed)
			continue;
		eng->unsure = true;
		engine_warn_once(
			eng,
			"cannot look up windows and listeners of pid %d, what depends on it is spared",
			(int)probes->items[i].pid);
	}
}

int engine_spare(struct engine *eng, struct census *c, const struct member *const *members,
		 size_t nr, enum verdict_why *ret_keep)
{
	struct probes probes = { 0 };
	int r = probe_all(eng, c, members, nr, &probes);
	bool spared = false;

	for (size_t i = 0; i < nr && r == 0; i++) {
		struct verdict_ask ask = ask_of(eng);

		look_at_probes(eng, c, members[i], &probes, &ask);
		ask.window = ask.window || below_window(c, members[i], &probes);
		ret_keep[i] = ask.window ? WHY_WINDOW : ask.listener ? WHY_LISTENER : WHY_MAY_END;
		spared = spared || ret_keep[i] != WHY_MAY_END;
		show_ports(c, &c->members[members[i] - c->members], &probes);
	}
	if (r == 0 && spared)
		tell_failures(eng, &probes);
	probes_release(&probes);
	return r;
}

int engine_find_ports(struct engine *eng, struct census *c)
{
	struct probes probes = { 0 };
	int r = 0;

	for (size_t i = 0; i < c->nr_members && r == 0; i++)
		r = add_probe(&probes, c->members[i].proc->id.pid);
	if (r == 0 && probes.nr) {
		qsort(probes.items, probes.nr, sizeof(*probes.items), by_pid);
		r = eng->source->ops->probe(eng->source, probes.items, probes.nr);
	}
	for (size_t i = 0; i < c->nr_members && r == 0; i++)
		show_ports(c, &c->members[i], &probes);
	probes_release(&probes);
	return r == -ENOMEM ? r : 0;
}

/* Every membership of a condemned process is condemned, or none. */
static void agree(struct census *c)
{
	for (size_t i = 0; i < c->nr_members; i++) {
		const struct member *each = census_find_member(c, c->members[i].proc->id.pid);

		for (; each; each = census_next_membership(c, each)) {
			if (!each->condemned)
				c->members[i].condemned = false;
		}
	}
}

/* An inferred one goes with whom it was inferred from, and stays with it. */
static bool follow_source(struct census *c)
{
	bool changed = false;

	for (size_t i = 0; i < c->nr_members; i++) {
		struct member *m = &c->members[i];

		if (m->condemned && m->inferred && m->inferred_from != CENSUS_NONE &&
		    !c->members[m->inferred_from].condemned) {
			m->condemned = false;
			changed = true;
		}
	}
	return changed;
}

void engine_settle(struct census *c)
{
	do
		agree(c);
	while (follow_source(c));
}

/* The condemned ones so far. 0 or -ENOMEM. */
static int list_condemned(struct census *c, const struct member ***ret_members, size_t *ret_nr)
{
	const struct member **members = NULL;
	size_t nr = 0, alloc = 0;

	for (size_t i = 0; i < c->nr_members; i++) {
		if (!c->members[i].condemned)
			continue;
		if (ARRAY_GROW(members, nr, alloc) < 0) {
			free(members);
			return -ENOMEM;
		}
		members[nr++] = &c->members[i];
	}
	*ret_members = members;
	*ret_nr = nr;
	return 0;
}

/* Is one of its memberships what this sweep is about? */
static bool is_meant(const struct engine *eng, const struct census *c, const struct member *m)
{
	const struct member *each = census_find_member(c, m->proc->id.pid);

	for (; each; each = census_next_membership(c, each)) {
		if (engine_in_scope(eng, &c->instances[each->instance]))
			return true;
	}
	return false;
}

size_t engine_count_condemned(const struct census *c)
{
	size_t nr = 0;

	for (size_t i = 0; i < c->nr_members; i++) {
		const struct member *m = &c->members[i];

		if (m->condemned && census_find_member(c, m->proc->id.pid) == m)
			nr++;
	}
	return nr;
}

static int decide(struct engine *eng, struct census *c, struct verdict_ask ask)
{
	_cleanup_free_ const struct member **members = NULL;
	_cleanup_free_ enum verdict_why *keep = NULL;
	size_t nr = 0;
	int r;

	for (size_t i = 0; i < c->nr_members; i++) {
		struct member *m = &c->members[i];

		m->condemned = c->snapshot->complete && !m->proc->dead && is_meant(eng, c, m) &&
			       verdict_of(c, m, &ask) == WHY_MAY_END;
	}
	engine_settle(c);
	r = list_condemned(c, &members, &nr);
	if (r < 0)
		return r;
	keep = calloc(nr + 1, sizeof(*keep));
	r = keep ? engine_spare(eng, c, members, nr, keep) : -ENOMEM;
	for (size_t i = 0; i < nr; i++) {
		struct member *m = &c->members[members[i] - c->members];

		m->condemned = r == 0 && keep[i] == WHY_MAY_END;
		if (r == 0 && m->kept == WHY_MAY_END)
			m->kept = keep[i];
	}
	engine_settle(c);
	return r;
}

int engine_decide(struct engine *eng, struct census *c, size_t *ret_nr)
{
	int r = decide(eng, c, ask_of(eng));

	*ret_nr = r == 0 ? engine_count_condemned(c) : 0;
	return r;
}

/* Launchers are asked for last of all, before the first signal. */
static void spare_launched(struct census *c)
{
	for (size_t i = 0; i < c->nr_instances; i++) {
		const struct instance *inst = &c->instances[i];
		bool asked = false, launcher = false;

		for (size_t m = inst->first; m < inst->first + inst->nr; m++) {
			if (!c->members[m].condemned)
				continue;
			launcher = asked ? launcher : census_find_launcher(c, inst) != NULL;
			asked = true;
			c->members[m].condemned = !launcher;
		}
	}
	engine_settle(c);
}

int engine_look_ahead(struct engine *eng, struct census *c)
{
	struct verdict_ask ask = ask_of(eng);
	int r;

	/* The next counted tick adds one, so who lacks one has enough by then. */
	ask.grace -= ask.grace > 0;
	r = decide(eng, c, ask);
	spare_launched(c);
	for (size_t i = 0; i < c->nr_members; i++) {
		c->members[i].due = r == 0 && c->members[i].condemned;
		c->members[i].condemned = false;
	}
	return r;
}
