/* SPDX-License-Identifier: MIT */
#include "core/holdings.h"

#include <errno.h>
#include <stdlib.h>

#include "stray/verdict.h"

enum {
	KEPT_WINDOW = 1U << WHY_WINDOW,
	KEPT_LISTENER = 1U << WHY_LISTENER,
	KEPT_MOUNT = 1U << WHY_MOUNT,
};

/* Pids of groups or of sessions. */
struct numbers {
	pid_t *items;
	size_t nr;
};

static int by_pid(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

static bool has(const struct numbers *n, pid_t pid)
{
	return n->nr && bsearch(&pid, n->items, n->nr, sizeof(pid), by_pid);
}

static void sort(struct numbers *n)
{
	if (n->nr)
		qsort(n->items, n->nr, sizeof(*n->items), by_pid);
}

/*
 * List in @ret_mixed the sessions that have no living leader and an unmanaged process. All
 * others without a leader are spared as one, and so are those that a managed process leads.
 */
static void find_mixed(const struct census *c, struct numbers *ret_mixed)
{
	const struct snapshot *s = c->snapshot;

	for (size_t i = 0; i < s->nr; i++) {
		const struct process *proc = &s->procs[i], *leader;

		leader = proc->sid > 0 ? snapshot_find(s, proc->sid) : NULL;
		if (!proc->dead && proc->sid > 0 && (!leader || leader->dead) &&
		    !c->nodes[i].managed)
			ret_mixed->items[ret_mixed->nr++] = proc->sid;
	}
	sort(ret_mixed);
}

static bool session_counts(const struct census *c, const struct numbers *mixed, pid_t sid)
{
	const struct process *leader = sid > 0 ? snapshot_find(c->snapshot, sid) : NULL;

	if (sid <= 0)
		return false;
	if (leader && !leader->dead)
		return census_find_member(c, sid) != NULL;
	return !has(mixed, sid);
}

/* Mark all that is in a sandbox with a process that is marked. */
static void add_sandboxes(const struct census *c, bool *probe)
{
	for (size_t i = 0; i < c->nr_sandboxes; i++) {
		const struct sandbox *box = &c->sandboxes[i];
		bool any = false;

		for (size_t k = 0; k < box->nr_launchers && !any; k++)
			any = probe[box->launchers[k]];
		for (size_t k = 0; k < box->nr_inside && !any; k++)
			any = probe[box->inside[k]];
		for (size_t k = 0; k < box->nr_inside && any; k++)
			probe[box->inside[k]] = true;
	}
}

/* Mark the managed above those that are marked; one of them may be what spares these. */
static int add_above(const struct census *c, bool *probe)
{
	bool *below = calloc(c->snapshot->nr + 1, sizeof(*below));

	if (!below)
		return -ENOMEM;
	for (size_t i = 0; i < c->snapshot->nr; i++) {
		if (!probe[i])
			continue;
		for (size_t at = c->nodes[i].parent; at != CENSUS_NONE && !below[at];
		     at = c->nodes[at].parent)
			below[at] = true;
	}
	for (size_t i = 0; i < c->snapshot->nr; i++)
		probe[i] = probe[i] || (below[i] && c->nodes[i].managed);
	free(below);
	return 0;
}

/* Mark those that share a group with the marked, or a session that counts. */
static int add_sharers(const struct census *c, bool *probe)
{
	const struct snapshot *s = c->snapshot;
	size_t size = s->nr + 1;
	struct numbers groups = { calloc(size, sizeof(pid_t)), 0 };
	struct numbers sessions = { calloc(size, sizeof(pid_t)), 0 };
	struct numbers mixed = { calloc(size, sizeof(pid_t)), 0 };
	int r = groups.items && sessions.items && mixed.items ? 0 : -ENOMEM;

	if (r == 0)
		find_mixed(c, &mixed);
	for (size_t i = 0; r == 0 && i < s->nr; i++) {
		if (!probe[i])
			continue;
		if (s->procs[i].pgid > 0)
			groups.items[groups.nr++] = s->procs[i].pgid;
		if (session_counts(c, &mixed, s->procs[i].sid))
			sessions.items[sessions.nr++] = s->procs[i].sid;
	}
	sort(&groups);
	sort(&sessions);
	for (size_t i = 0; r == 0 && i < s->nr; i++)
		probe[i] = probe[i] || (!s->procs[i].dead && (has(&groups, s->procs[i].pgid) ||
							      has(&sessions, s->procs[i].sid)));
	free(groups.items);
	free(sessions.items);
	free(mixed.items);
	return r;
}

int holdings_choose(const struct census *c, const bool *wanted, bool listeners, bool *ret_probe)
{
	int r;

	for (size_t i = 0; i < c->snapshot->nr; i++)
		ret_probe[i] = wanted[i];
	add_sandboxes(c, ret_probe);
	r = add_above(c, ret_probe);
	if (r == 0 && listeners)
		r = add_sharers(c, ret_probe);
	return r;
}

/* Groups and sessions of which a process listens. */
struct listening {
	struct numbers groups, sessions;
};

static int find_listening(const struct census *c, const uint8_t *holds, struct listening *l)
{
	const struct snapshot *s = c->snapshot;
	struct numbers mixed = { calloc(s->nr + 1, sizeof(pid_t)), 0 };

	l->groups.items = calloc(s->nr + 1, sizeof(pid_t));
	l->sessions.items = calloc(s->nr + 1, sizeof(pid_t));
	if (!mixed.items || !l->groups.items || !l->sessions.items) {
		free(mixed.items);
		return -ENOMEM;
	}
	find_mixed(c, &mixed);
	for (size_t i = 0; i < s->nr; i++) {
		if (!(holds[i] & (HOLDS_PORT | HOLDS_UNKNOWN)))
			continue;
		if (s->procs[i].pgid > 0)
			l->groups.items[l->groups.nr++] = s->procs[i].pgid;
		if (session_counts(c, &mixed, s->procs[i].sid))
			l->sessions.items[l->sessions.nr++] = s->procs[i].sid;
	}
	sort(&l->groups);
	sort(&l->sessions);
	free(mixed.items);
	return 0;
}

/* Has one of its memberships been an orphan for less than that? One without an age has. */
static bool is_listener_spared(const struct census *c, size_t at, int64_t spare_ms)
{
	const struct member *m = census_find_member(c, c->snapshot->procs[at].id.pid);

	for (; m && spare_ms > 0; m = census_next_membership(c, m))
		if (census_orphan_age_ms(c, m) < spare_ms)
			return true;
	return false;
}

static unsigned kept_by_itself(const struct census *c, size_t at, uint8_t holds,
			       const struct listening *l, int64_t spare_ms)
{
	const struct process *proc = &c->snapshot->procs[at];
	unsigned kept = 0;

	if (holds & (HOLDS_WINDOW | HOLDS_UNKNOWN))
		kept |= KEPT_WINDOW;
	if (holds & HOLDS_MOUNT)
		kept |= KEPT_MOUNT;
	if ((holds & HOLDS_PORT || has(&l->groups, proc->pgid) || has(&l->sessions, proc->sid)) &&
	    is_listener_spared(c, at, spare_ms))
		kept |= KEPT_LISTENER;
	return kept;
}

/* Where one inside a sandbox is spared, all of it is, and what started its init. */
static void share_in_sandboxes(const struct census *c, unsigned *kept)
{
	for (size_t i = 0; i < c->nr_sandboxes; i++) {
		const struct sandbox *box = &c->sandboxes[i];
		unsigned all = 0;

		for (size_t k = 0; k < box->nr_inside; k++)
			all |= kept[box->inside[k]];
		for (size_t k = 0; k < box->nr_inside; k++)
			kept[box->inside[k]] |= all;
		for (size_t k = 0; k < box->nr_launchers; k++)
			kept[box->launchers[k]] |= all;
	}
}

int holdings_spread(const struct census *c, const uint8_t *holds, int64_t spare_listeners_ms,
		    unsigned *ret_kept)
{
	size_t nr = c->snapshot->nr, *order = census_top_down(c);
	struct listening l = { 0 };
	int r = order ? find_listening(c, holds, &l) : -ENOMEM;

	for (size_t i = 0; r == 0 && i < nr; i++) {
		size_t at = order[i], parent = c->nodes[at].parent;

		ret_kept[at] = parent == CENSUS_NONE ? 0 : ret_kept[parent];
		if (c->nodes[at].managed)
			ret_kept[at] |= kept_by_itself(c, at, holds[at], &l, spare_listeners_ms);
	}
	if (r == 0)
		share_in_sandboxes(c, ret_kept);
	free(l.groups.items);
	free(l.sessions.items);
	free(order);
	return r;
}
