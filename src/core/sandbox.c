/* SPDX-License-Identifier: MIT */
/* Pid namespaces inside ours: which there are, what is inside, and of which instances they are part. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "core/census_build.h"
#include "core/name.h"

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static bool is_foreign(const struct snapshot *s, const struct process *proc)
{
	return proc->pid_ns && s->pid_ns && proc->pid_ns != s->pid_ns && !proc->dead;
}

const struct sandbox *census_find_sandbox(const struct census *c, uint64_t pid_ns)
{
	/* pid_ns stands first in a sandbox. */
	return c->nr_sandboxes && pid_ns ? bsearch(&pid_ns, c->sandboxes, c->nr_sandboxes,
						   sizeof(*c->sandboxes), by_number)
					 : NULL;
}

bool sandbox_has(const struct sandbox *box, size_t proc)
{
	size_t low = 0, high = box->nr_inside;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (box->inside[middle] == proc)
			return true;
		if (box->inside[middle] < proc)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

bool sandbox_ends_with(const struct sandbox *box, size_t proc)
{
	for (size_t i = 0; i < box->nr_launchers; i++)
		if (box->launchers[i] == proc)
			return true;
	return false;
}

size_t *census_top_down(const struct census *c)
{
	size_t nr = c->snapshot->nr, deepest = 0, *order, *begin;

	for (size_t i = 0; i < nr; i++)
		if (c->nodes[i].depth > deepest)
			deepest = c->nodes[i].depth;
	order = calloc(nr + 1, sizeof(*order));
	begin = calloc(deepest + 2, sizeof(*begin));
	for (size_t i = 0; order && begin && i < nr; i++)
		begin[c->nodes[i].depth + 1]++;
	for (size_t d = 1; order && begin && d <= deepest; d++)
		begin[d] += begin[d - 1];
	for (size_t i = 0; order && begin && i < nr; i++)
		order[begin[c->nodes[i].depth]++] = i;
	if (!begin) {
		free(order);
		order = NULL;
	}
	free(begin);
	return order;
}

/* One sandbox for each namespace in which processes are, ordered. 0 or -ENOMEM. */
static int find_sandboxes(struct census *c)
{
	const struct snapshot *s = c->snapshot;
	uint64_t *ns = calloc(s->nr + 1, sizeof(*ns));
	size_t nr = 0, unique = 0;

	if (!ns)
		return -ENOMEM;
	for (size_t i = 0; i < s->nr; i++)
		if (is_foreign(s, &s->procs[i]))
			ns[nr++] = s->procs[i].pid_ns;
	if (nr)
		qsort(ns, nr, sizeof(*ns), by_number);
	for (size_t i = 0; i < nr; i++)
		if (!unique || ns[unique - 1] != ns[i])
			ns[unique++] = ns[i];
	c->sandboxes = unique ? arena_alloc(&c->storage, unique * sizeof(*c->sandboxes)) : NULL;
	for (size_t i = 0; c->sandboxes && i < unique; i++)
		c->sandboxes[i] = (struct sandbox){
			.pid_ns = ns[i],
			.init = CENSUS_NONE,
			.outer = CENSUS_NONE,
		};
	free(ns);
	if (unique && !c->sandboxes)
		return -ENOMEM;
	c->nr_sandboxes = unique;
	return 0;
}

static struct sandbox *sandbox_of(const struct census *c, size_t proc)
{
	const struct process *p = &c->snapshot->procs[proc];

	return p->dead ? NULL : (struct sandbox *)census_find_sandbox(c, p->pid_ns);
}

/* Find the init of each, how deep it is, and its outer one: that of the init's parent. */
static void find_inits(struct census *c)
{
	const struct snapshot *s = c->snapshot;

	for (size_t i = 0; i < s->nr; i++) {
		struct sandbox *box = sandbox_of(c, i);

		if (!box)
			continue;
		if (s->procs[i].ns_pid == 1)
			box->init = i;
		if (s->procs[i].ns_levels > box->levels)
			box->levels = s->procs[i].ns_levels;
	}
	for (size_t i = 0; i < c->nr_sandboxes; i++) {
		size_t init = c->sandboxes[i].init, parent;
		struct sandbox *outer;

		parent = init == CENSUS_NONE ? CENSUS_NONE : c->nodes[init].parent;
		outer = parent == CENSUS_NONE ? NULL : sandbox_of(c, parent);
		if (outer && outer != &c->sandboxes[i])
			c->sandboxes[i].outer = (size_t)(outer - c->sandboxes);
	}
}

/* Does @proc count as inside @box? */
static bool is_inside(const struct census *c, const struct sandbox *box, size_t proc)
{
	const struct process *p = &c->snapshot->procs[proc];
	const struct sandbox *at;
	size_t steps = 0;

	if (p->dead || p->kernel_thread)
		return false;
	/* Where its namespace cannot be read, one that is as deep may be in this one. */
	if (!p->pid_ns)
		return box->levels > 1 && p->ns_levels >= box->levels;
	for (at = sandbox_of(c, proc); at && steps <= c->nr_sandboxes; steps++) {
		if (at == box)
			return true;
		at = at->outer == CENSUS_NONE ? NULL : &c->sandboxes[at->outer];
	}
	return false;
}

static int list_inside(struct census *c, struct sandbox *box)
{
	size_t nr = 0;

	for (size_t i = 0; i < c->snapshot->nr; i++)
		nr += is_inside(c, box, i);
	box->inside = arena_alloc(&c->storage, (nr + 1) * sizeof(*box->inside));
	if (!box->inside)
		return -ENOMEM;
	for (size_t i = 0; i < c->snapshot->nr; i++)
		if (is_inside(c, box, i))
			box->inside[box->nr_inside++] = i;
	return 0;
}

/* Does it end with its parent? Of bubblewrap its arguments tell; /proc shows it of none. */
static bool dies_with_parent(const struct process *proc)
{
	struct bytes arg;
	size_t at = 0;

	if (strcmp(proc->comm, "bwrap") != 0 && !bytes_is(name_of_exe(proc), "bwrap"))
		return false;
	while (args_next(proc->args, &at, &arg))
		if (bytes_is(arg, "--die-with-parent"))
			return true;
	return false;
}

/* 0 or -ENOMEM. */
static int list_launchers(struct census *c, struct sandbox *box)
{
	size_t first, nr = 0;

	if (box->init == CENSUS_NONE || c->nodes[box->init].parent == CENSUS_NONE)
		return 0;
	first = c->nodes[box->init].parent;
	for (size_t at = first; at != CENSUS_NONE; at = c->nodes[at].parent, nr++)
		if (!dies_with_parent(&c->snapshot->procs[at]))
			break;
	box->launchers = arena_alloc_array(&c->storage, nr + 1, sizeof(*box->launchers));
	if (!box->launchers)
		return -ENOMEM;
	for (size_t at = first; at != CENSUS_NONE && box->nr_launchers <= nr;
	     at = c->nodes[at].parent)
		box->launchers[box->nr_launchers++] = at;
	return 0;
}

static void add_owner(struct sandbox *box, size_t instance)
{
	for (size_t i = 0; i < box->nr_owners; i++)
		if (box->owners[i] == instance)
			return;
	box->owners[box->nr_owners++] = instance;
}

/* Of which instances it is part. 0 or -ENOMEM. */
static int find_owners(const struct census_build *b, struct sandbox *box)
{
	struct census *c = b->c;
	size_t at = box->init;

	box->owners = arena_alloc(&c->storage, (c->nr_instances + 1) * sizeof(*box->owners));
	if (!box->owners)
		return -ENOMEM;
	if (at == CENSUS_NONE)
		return 0;
	while ((at = c->nodes[at].parent) != CENSUS_NONE) {
		const struct process *above = &c->snapshot->procs[at];
		const struct member *m = census_find_member(c, above->id.pid);

		/* What a shared wrapper's earlier children started may be below it, too. */
		box->wrapped = box->wrapped ||
			       (above->id.pid == b->input->wrapper && !b->input->wrapper_shared);
		for (; m && build_is_ours(c->snapshot, above); m = census_next_membership(c, m))
			add_owner(box, m->instance);
	}
	for (size_t i = 0; b->input->sandboxed && i < c->nr_instances; i++)
		if (b->input->sandboxed(b->input->ctx, &c->snapshot->procs[box->init],
					&c->instances[i]))
			add_owner(box, i);
	return 0;
}

int build_sandboxes(struct census_build *b)
{
	struct census *c = b->c;
	int r = find_sandboxes(c);

	if (r < 0 || !c->nr_sandboxes)
		return r;
	find_inits(c);
	for (size_t i = 0; r == 0 && i < c->nr_sandboxes; i++) {
		r = list_inside(c, &c->sandboxes[i]);
		if (r == 0)
			r = list_launchers(c, &c->sandboxes[i]);
		if (r == 0)
			r = find_owners(b, &c->sandboxes[i]);
	}
	return r;
}
