/* SPDX-License-Identifier: MIT */
/* What a member is to its owner: owned, detached, an orphan, or not to be told. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/census_build.h"

static int by_number(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

static bool has_number(const pid_t *numbers, size_t nr, pid_t number)
{
	return nr && bsearch(&number, numbers, nr, sizeof(number), by_number);
}

/* Is it, or an ancestor of it, a process that the receipts name, or in that one's group? */
static const struct process *in_receipts(const struct census_build *b, const struct instance *inst,
					 const struct process *proc)
{
	const struct receipts *r = &inst->receipts;
	size_t at = (size_t)(proc - b->s->procs);

	for (; r->nr && at != CENSUS_NONE; at = b->c->nodes[at].parent) {
		const struct process *each = &b->s->procs[at];

		if (has_number(r->pids, r->nr, each->id.pid) ||
		    has_number(r->pgids, r->nr_pgids, each->pgid))
			return each;
	}
	return NULL;
}

/* A live desktop of the instance that is not younger than the process, or NULL. */
static const struct process *not_younger_desktop(const struct census_build *b,
						 const struct instance *inst,
						 const struct process *proc)
{
	const uint8_t *row = b->owns + (size_t)(inst - b->c->instances) * b->nr_desktops;

	for (size_t d = 0; d < b->nr_desktops; d++) {
		const struct process *desktop = &b->s->procs[b->desktops[d].proc];

		if (row[d] && desktop->id.start_ticks <= proc->id.start_ticks)
			return desktop;
	}
	return NULL;
}

/* The topmost of the chain of managed ancestors of the same user. */
static const struct process *root_of(const struct census_build *b, const struct process *proc)
{
	size_t root = (size_t)(proc - b->s->procs);

	for (;;) {
		size_t above = b->c->nodes[root].parent;

		if (above == CENSUS_NONE || !b->c->nodes[above].managed ||
		    b->s->procs[above].uid != proc->uid)
			return &b->s->procs[root];
		root = above;
	}
}

/* Has the root lost the parent that started it? */
static enum member_state judge_root(const struct census_build *b, struct member *m)
{
	const struct process *root = m->root, *parent;
	size_t at = b->c->nodes[root - b->s->procs].parent;

	m->because = NULL;
	m->reason = BECAUSE_PARENT_LIVES;
	if (root->id.pid == 1)
		m->reason = BECAUSE_ROOT_IS_INIT;
	/* Pid 1 adopts, even where it is hidden from us (hidepid=2, proc(5)). */
	if (root->id.pid != 1 && root->ppid == 1 && at == CENSUS_NONE) {
		m->reason = BECAUSE_ADOPTER;
		return STATE_ORPHAN;
	}
	/* Without another parent in the table nothing is proven: it may have been missed. */
	if (root->id.pid == 1 || at == CENSUS_NONE)
		return STATE_UNKNOWN;
	parent = &b->s->procs[at];
	m->because = parent;
	/* A desktop of another app, under whatever name, is a parent and no adopter. */
	if (b->c->nodes[at].desktop && parent->id.pid != b->input->wrapper)
		return STATE_UNKNOWN;
	if (policy_is_adopter(b->policy, parent) || parent->id.pid == b->input->wrapper) {
		m->reason = BECAUSE_ADOPTER;
		return STATE_ORPHAN;
	}
	/* A child is born into its parent's session, and only leaves it to lead its own. */
	if (parent->sid != root->sid && root->sid != root->id.pid) {
		m->reason = BECAUSE_SESSION;
		return STATE_ORPHAN;
	}
	if (b->input->parent_changed && b->input->parent_changed(b->input->ctx, root)) {
		m->reason = BECAUSE_PARENT_CHANGED;
		return STATE_ORPHAN;
	}
	return STATE_UNKNOWN;
}

static enum member_state judge_by_owner(const struct census_build *b, struct member *m)
{
	const struct instance *inst = &b->c->instances[m->instance];

	if (inst->owner == OWNER_UNKNOWN) {
		m->reason = BECAUSE_OWNER_UNKNOWN;
		m->because = inst->desktop;
		return STATE_UNKNOWN;
	}
	if (inst->owner == OWNER_ALIVE) {
		if (inst->receipts.state == RECEIPTS_FAILED) {
			m->reason = BECAUSE_RECEIPTS_UNREAD;
			return STATE_UNKNOWN;
		}
		m->because = not_younger_desktop(b, inst, m->proc);
		if (m->because) {
			m->reason = BECAUSE_YOUNGER;
			return STATE_DETACHED;
		}
	}
	return judge_root(b, m);
}

static void judge(const struct census_build *b, struct member *m)
{
	const struct instance *inst = &b->c->instances[m->instance];
	size_t app = (size_t)(inst->app - b->policy->apps);
	size_t desktop = build_desktop_above(b, (size_t)(m->proc - b->s->procs), app);

	m->root = root_of(b, m->proc);
	if (desktop != CENSUS_NONE) {
		m->state = STATE_OWNED;
		m->reason = BECAUSE_DESCENT;
		m->because = &b->s->procs[desktop];
		return;
	}
	m->because = inst->owner == OWNER_ALIVE ? in_receipts(b, inst, m->proc) : NULL;
	if (m->because) {
		m->state = STATE_OWNED;
		m->reason = BECAUSE_RECEIPT;
		return;
	}
	m->state = judge_by_owner(b, m);
}

/* Take over what was said of @from, if that spares more: the states are ordered so. */
static void spare_with(struct member *m, const struct member *from)
{
	if (from->state >= m->state)
		return;
	m->state = from->state;
	m->reason = from->reason;
	m->because = from->because;
}

/*
 * What is inferred goes with the process it was inferred from, and is spared as
 * far as any marked process that it could be inferred from is.
 */
static void judge_inferred(const struct census_build *b, struct member *m, unsigned depth)
{
	struct member *from =
		m->inferred_from == CENSUS_NONE ? NULL : &b->c->members[m->inferred_from];
	const pid_t leaders[] = { m->proc->pgid, m->proc->sid };

	if (!from || m->root || depth > b->c->nr_members)
		return;
	judge(b, m);
	if (m->reason == BECAUSE_DESCENT || m->reason == BECAUSE_RECEIPT)
		return;
	judge_inferred(b, from, depth + 1);
	m->state = from->state;
	m->reason = from->reason;
	m->because = from->because;
	for (size_t i = 0; i < 2; i++) {
		const struct member *leader = census_find_member(b->c, leaders[i]);

		while (leader && leader->instance != m->instance)
			leader = census_next_membership(b->c, leader);
		if (leader && leader != m && !leader->inferred)
			spare_with(m, leader);
	}
}

static void sum_up(struct census *c)
{
	for (size_t i = 0; i < c->nr_instances; i++) {
		struct instance *inst = &c->instances[i];

		for (size_t k = inst->first; k < inst->first + inst->nr; k++) {
			const struct member *m = &c->members[k];
			size_t *const by_state[] = {
				[STATE_UNKNOWN] = &inst->unknown,
				[STATE_OWNED] = &inst->owned,
				[STATE_DETACHED] = &inst->detached,
				[STATE_ORPHAN] = &inst->orphans,
			};

			++*by_state[m->state];
			++*(m->role == ROLE_AGENT ? &inst->agents : &inst->workers);
			inst->rss_kib += m->proc->rss_kib;
		}
	}
	for (size_t i = 0; i < c->snapshot->nr; i++)
		for (const struct member *m = census_find_member(c, c->snapshot->procs[i].id.pid);
		     m; m = census_next_membership(c, m))
			if (m->role == ROLE_AGENT) {
				c->agents++;
				break;
			}
}

/* Add @more to @all; the numbers stand in @storage. 0 or -ENOMEM. */
static int unite(struct arena *storage, struct receipts *all, const struct receipts *more)
{
	pid_t *both;

	if (more->state == RECEIPTS_FAILED || all->state == RECEIPTS_FAILED)
		all->state = RECEIPTS_FAILED;
	else if (more->state == RECEIPTS_READ)
		all->state = RECEIPTS_READ;
	if (!more->nr)
		return 0;
	both = arena_alloc_array(storage, all->nr + more->nr, sizeof(*both));
	if (!both)
		return -ENOMEM;
	if (all->nr)
		memcpy(both, all->pids, all->nr * sizeof(*both));
	memcpy(both + all->nr, more->pids, more->nr * sizeof(*both));
	all->pids = both;
	all->nr += more->nr;
	return 0;
}

/* Order @numbers, each once; returns how many are left. */
static size_t put_in_order(pid_t *numbers, size_t nr)
{
	size_t kept = 0;

	qsort(numbers, nr, sizeof(*numbers), by_number);
	for (size_t i = 0; i < nr; i++) {
		if (!kept || numbers[kept - 1] != numbers[i])
			numbers[kept++] = numbers[i];
	}
	return kept;
}

/* Order what was collected, and look up the groups. 0 or -ENOMEM. */
static int complete(const struct census_build *b, struct receipts *all)
{
	pid_t *pids, *pgids;

	if (!all->nr)
		return 0;
	pids = arena_alloc_array(&b->c->storage, all->nr, sizeof(*pids));
	pgids = arena_alloc_array(&b->c->storage, all->nr, 2 * sizeof(*pgids));
	if (!pids || !pgids)
		return -ENOMEM;
	memcpy(pids, all->pids, all->nr * sizeof(*pids));
	all->nr = put_in_order(pids, all->nr);
	all->pids = pids;
	for (size_t i = 0; i < all->nr; i++) {
		const struct process *proc = snapshot_find(b->s, pids[i]);

		/* Of one that has ended its group is known only where it led one. */
		pgids[all->nr_pgids++] = pids[i];
		if (proc && proc->pgid > 1)
			pgids[all->nr_pgids++] = proc->pgid;
	}
	all->nr_pgids = put_in_order(pgids, all->nr_pgids);
	all->pgids = pgids;
	return 0;
}

/* What every live desktop of the instance has adopted: each may have a folder of its own. */
static int read_receipts(const struct census_build *b, struct instance *inst)
{
	const uint8_t *row = b->owns + (size_t)(inst - b->c->instances) * b->nr_desktops;
	struct receipts all = { 0 };
	int r = 0;

	for (size_t d = 0; r == 0 && d < b->nr_desktops; d++) {
		struct receipts more;

		if (!row[d])
			continue;
		more = b->input->receipts(b->input->ctx, b->c, inst,
					  &b->s->procs[b->desktops[d].proc]);
		r = unite(&b->c->storage, &all, &more);
	}
	if (r == 0)
		r = complete(b, &all);
	inst->receipts = all;
	return r;
}

int build_states(struct census_build *b)
{
	const struct census_input *input = b->input;
	struct census *c = b->c;

	for (size_t i = 0; i < c->nr_instances; i++) {
		int r = 0;

		if (c->instances[i].owner == OWNER_ALIVE && input->receipts)
			r = read_receipts(b, &c->instances[i]);
		if (r)
			return r;
	}
	for (size_t m = 0; m < c->nr_members; m++)
		if (!c->members[m].inferred || c->members[m].inferred_from == CENSUS_NONE)
			judge(b, &c->members[m]);
	for (size_t m = 0; m < c->nr_members; m++)
		if (c->members[m].inferred)
			judge_inferred(b, &c->members[m], 0);
	sum_up(c);
	return 0;
}
