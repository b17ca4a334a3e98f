/* SPDX-License-Identifier: MIT */
/* The state of each member: owned, detached, orphan or unknown. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "core/census_build.h"
#include "core/environ.h"

/* --- owned ------------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

static bool has_number(const pid_t *numbers, size_t nr, pid_t number)
{
	return nr && bsearch(&number, numbers, nr, sizeof(number), by_number);
}

/*
 * Is it, or an ancestor of it, the process of a receipt or in that one's group? Each
 * process is looked at once for an instance: @seen and @adopter hold what was found.
 */
static size_t find_adopted(const struct census_build *b, const struct receipts *r, size_t turn,
			   size_t proc, size_t *seen, size_t *adopter)
{
	size_t at = proc, found = CENSUS_NONE;

	for (; at != CENSUS_NONE; at = b->c->nodes[at].parent) {
		const struct process *each = &b->s->procs[at];

		if (seen[at] == turn) {
			found = adopter[at];
			break;
		}
		seen[at] = turn;
		adopter[at] = at;
		if (has_number(r->pids, r->nr, each->id.pid) ||
		    has_number(r->pgids, r->nr_pgids, each->pgid)) {
			found = at;
			break;
		}
	}
	for (size_t i = proc; i != at; i = b->c->nodes[i].parent)
		adopter[i] = found;
	return found;
}

static void own(struct member *m, enum state_reason reason, const struct process *because)
{
	m->state = STATE_OWNED;
	m->reason = reason;
	m->because = because;
}

static void own_adopted(const struct census_build *b, const struct instance *inst, size_t *seen,
			size_t *adopter)
{
	size_t turn = (size_t)(inst - b->c->instances) + 1;

	for (size_t i = inst->first; i < inst->first + inst->nr; i++) {
		struct member *m = &b->c->members[i];
		size_t proc = (size_t)(m->proc - b->s->procs), by;

		if (m->state == STATE_OWNED)
			continue;
		by = find_adopted(b, &inst->receipts, turn, proc, seen, adopter);
		if (by != CENSUS_NONE)
			own(m, BECAUSE_RECEIPT, &b->s->procs[by]);
	}
}

static int find_owned(const struct census_build *b)
{
	struct census *c = b->c;
	size_t *seen = calloc(b->s->nr + 1, sizeof(*seen));
	size_t *adopter = calloc(b->s->nr + 1, sizeof(*adopter));
	int r = seen && adopter ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < c->nr_members; i++) {
		struct member *m = &c->members[i];
		size_t app = (size_t)(c->instances[m->instance].app - b->policy->apps);
		size_t desktop = build_desktop_above(b, (size_t)(m->proc - b->s->procs), app);

		if (desktop != CENSUS_NONE)
			own(m, BECAUSE_DESCENT, &b->s->procs[desktop]);
	}
	for (size_t i = 0; r == 0 && i < c->nr_instances; i++)
		if (c->instances[i].owner == OWNER_ALIVE && c->instances[i].receipts.nr)
			own_adopted(b, &c->instances[i], seen, adopter);
	free(seen);
	free(adopter);
	return r;
}

/* --- generations -------------------------------------------------------------- */

static int by_bytes(const void *a, const void *b)
{
	return bytes_compare(*(const struct bytes *)a, *(const struct bytes *)b);
}

/* What was inferred is of the generation of its source; what is remembered brought its own. */
static void find_generation(const struct census_build *b, struct member *m)
{
	const struct app *app = b->c->instances[m->instance].app;
	const struct member *from = m;

	for (size_t steps = 0;
	     from->inferred && from->inferred_from != CENSUS_NONE && steps < b->c->nr_members;
	     steps++)
		from = &b->c->members[from->inferred_from];
	if (from->inferred)
		m->generation = from->generation;
	else if (!environ_get(from->proc->environ, app->generation, &m->generation))
		m->generation = (struct bytes){ NULL, 0 };
}

/*
 * Mark members of the same generation as an owned process as detached: the harness that
 * started them still runs. 0 or -ENOMEM.
 */
static int detach_generations(const struct census_build *b, const struct instance *inst)
{
	struct bytes *owned = calloc(inst->nr + 1, sizeof(*owned));
	size_t nr = 0;

	if (!owned)
		return -ENOMEM;
	for (size_t i = inst->first; i < inst->first + inst->nr; i++) {
		struct member *m = &b->c->members[i];

		find_generation(b, m);
		if (m->state == STATE_OWNED && m->generation.len)
			owned[nr++] = m->generation;
	}
	qsort(owned, nr, sizeof(*owned), by_bytes);
	for (size_t i = inst->first; nr && i < inst->first + inst->nr; i++) {
		struct member *m = &b->c->members[i];

		if (m->state == STATE_OWNED || !m->generation.len ||
		    !bsearch(&m->generation, owned, nr, sizeof(*owned), by_bytes))
			continue;
		m->state = STATE_DETACHED;
		m->reason = BECAUSE_GENERATION;
		m->because = inst->desktop;
	}
	free(owned);
	return 0;
}

/* --- detached, orphan, unknown ------------------------------------------------- */

/* A live desktop of the instance that is not younger than the process, or NULL. */
static const struct process *not_younger_desktop(const struct census_build *b,
						 const struct instance *inst,
						 const struct process *proc)
{
	const struct instance_notes *notes = &b->notes[inst - b->c->instances];

	for (size_t i = notes->first; i < notes->first + notes->nr; i++) {
		const struct process *desktop =
			&b->s->procs[b->desktops[b->claims[i].desktop].proc];

		if (desktop->id.start_ticks <= proc->id.start_ticks)
			return desktop;
	}
	return NULL;
}

/* The program of a desktop at an agent's work may be a person's desktop all the same. */
static bool is_at_work(const struct census_build *b, const struct member *m)
{
	size_t app = (size_t)(b->c->instances[m->instance].app - b->policy->apps);
	size_t desktop = build_find_desktop(b, (size_t)(m->proc - b->s->procs), app);

	return desktop != CENSUS_NONE && b->desktops[desktop].at_work;
}

static enum member_state judge_by_parent(const struct census_build *b, struct member *m)
{
	const struct parting *parting = build_parting(b, m->root);

	m->reason = parting->reason;
	m->because = parting->because;
	m->unit = parting->unit;
	return parting->lost ? STATE_ORPHAN : STATE_UNKNOWN;
}

/* The state of a member that is neither owned nor of an owned generation. */
static enum member_state judge(const struct census_build *b, struct member *m)
{
	const struct instance *inst = &b->c->instances[m->instance];

	m->because = NULL;
	if (is_at_work(b, m)) {
		m->reason = BECAUSE_AT_WORK;
		m->because = m->proc;
		return STATE_UNKNOWN;
	}
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
		if (m->reason == BECAUSE_GENERATION) {
			m->because = inst->desktop;
			return STATE_DETACHED;
		}
	}
	return judge_by_parent(b, m);
}

/* Take over the state of @from if it spares more: enum member_state is ordered so. */
static void spare_with(struct member *m, const struct member *from)
{
	if (from->state >= m->state)
		return;
	m->state = from->state;
	m->reason = from->reason;
	m->because = from->because;
	m->unit = from->unit;
}

/*
 * What is inferred goes with the process it was inferred from, and is spared as far as any
 * marked process that it could be inferred from is. Each chain is walked once: from what is
 * judged already, back to @m.
 */
static void judge_inferred(const struct census_build *b, struct member *m, bool *judged)
{
	struct census *c = b->c;
	const pid_t leaders[] = { m->proc->pgid, m->proc->sid };
	const struct member *from = &c->members[m->inferred_from];

	judged[m - c->members] = true;
	if (m->state == STATE_OWNED)
		return;
	m->state = from->state;
	m->reason = from->reason;
	m->because = from->because;
	m->unit = from->unit;
	for (size_t i = 0; i < 2; i++) {
		const struct member *leader = census_find_member(c, leaders[i]);

		while (leader && leader->instance != m->instance)
			leader = census_next_membership(c, leader);
		if (leader && leader != m && !leader->inferred)
			spare_with(m, leader);
	}
}

/* Judge what is inferred, each behind its source. @order has room for all members. */
static void judge_chains(const struct census_build *b, bool *judged, size_t *order)
{
	struct census *c = b->c;

	for (size_t m = 0; m < c->nr_members; m++) {
		size_t nr = 0;

		for (size_t at = m; !judged[at]; at = c->members[at].inferred_from)
			order[nr++] = at;
		while (nr-- > 0)
			judge_inferred(b, &c->members[order[nr]], judged);
	}
}

static int judge_all(const struct census_build *b)
{
	struct census *c = b->c;
	bool *judged = calloc(c->nr_members + 1, sizeof(*judged));
	size_t *order = calloc(c->nr_members + 1, sizeof(*order));
	int r = judged && order ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < c->nr_instances; i++) {
		const struct instance *inst = &c->instances[i];

		if (inst->app->generation && inst->owner == OWNER_ALIVE)
			r = detach_generations(b, inst);
	}
	for (size_t i = 0; r == 0 && i < c->nr_members; i++) {
		struct member *m = &c->members[i];

		if (m->inferred && m->inferred_from != CENSUS_NONE)
			continue;
		if (m->state != STATE_OWNED)
			m->state = judge(b, m);
		judged[i] = true;
	}
	if (r == 0)
		judge_chains(b, judged, order);
	free(judged);
	free(order);
	return r;
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
	const struct instance_notes *notes = &b->notes[inst - b->c->instances];
	struct receipts all = { 0 };
	int r = 0;

	for (size_t i = notes->first; r == 0 && i < notes->first + notes->nr; i++) {
		const struct desktop *d = &b->desktops[b->claims[i].desktop];
		struct receipts more =
			b->input->receipts(b->input->ctx, b->c, inst, &b->s->procs[d->proc]);

		r = unite(&b->c->storage, &all, &more);
	}
	if (r == 0)
		r = complete(b, &all);
	inst->receipts = all;
	return r;
}

int build_states(struct census_build *b)
{
	struct census *c = b->c;
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->nr_instances; i++)
		if (c->instances[i].owner == OWNER_ALIVE && b->input->receipts)
			r = read_receipts(b, &c->instances[i]);
	if (r == 0)
		r = find_owned(b);
	if (r == 0)
		r = judge_all(b);
	if (r == 0)
		sum_up(c);
	return r;
}
