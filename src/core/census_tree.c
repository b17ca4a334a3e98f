/* SPDX-License-Identifier: MIT */
/* The tree of processes, and which of them are live desktops. */
#include <errno.h>
#include <stdlib.h>

#include "base/array.h"
#include "core/census_build.h"
#include "base/bytes.h"

bool build_carries(const struct app *app, struct bytes id, const struct process *proc)
{
	struct bytes value;

	for (size_t i = 0; i < app->markers.nr; i++)
		if (build_marker(app, i, proc, &value) && bytes_equal(value, id))
			return true;
	return false;
}

/*
 * Set the depth of every node, and break circles of parents. The kernel makes none, but a
 * snapshot may show one, since it is read while pids are used again.
 */
static void set_depths(struct census_build *b)
{
	const size_t unseen = CENSUS_NONE, entered = CENSUS_NONE - 1;
	struct census_node *nodes = b->c->nodes;

	for (size_t i = 0; i < b->s->nr; i++)
		nodes[i].depth = unseen;
	for (size_t i = 0; i < b->s->nr; i++) {
		size_t top = i, depth;

		if (nodes[i].depth != unseen)
			continue;
		/* Up to the first node with a known depth, marking the way. */
		for (nodes[i].depth = entered; nodes[top].parent != CENSUS_NONE;
		     top = nodes[top].parent) {
			size_t parent = nodes[top].parent;

			if (nodes[parent].depth == entered)
				nodes[top].parent = CENSUS_NONE;
			if (nodes[top].parent == CENSUS_NONE || nodes[parent].depth != unseen)
				break;
			nodes[parent].depth = entered;
		}
		depth = nodes[top].parent == CENSUS_NONE ? 0 : nodes[nodes[top].parent].depth + 1;
		/* Count the way, then number it from the top down. */
		size_t length = 0;
		for (size_t at = i; at != top; at = nodes[at].parent)
			length++;
		for (size_t at = i;; at = nodes[at].parent) {
			nodes[at].depth = depth + length;
			if (at == top)
				break;
			length--;
		}
	}
}

/* Order the processes by depth, so that each stands behind its parent. */
static int order_top_down(struct census_build *b)
{
	const struct census_node *nodes = b->c->nodes;
	size_t nr = b->s->nr, deepest = 0, *begin;

	for (size_t i = 0; i < nr; i++)
		deepest = nodes[i].depth > deepest ? nodes[i].depth : deepest;
	begin = calloc(deepest + 2, sizeof(*begin));
	b->top_down = calloc(nr + 1, sizeof(*b->top_down));
	if (begin && b->top_down) {
		for (size_t i = 0; i < nr; i++)
			begin[nodes[i].depth + 1]++;
		for (size_t d = 1; d <= deepest; d++)
			begin[d] += begin[d - 1];
		for (size_t i = 0; i < nr; i++)
			b->top_down[begin[nodes[i].depth]++] = i;
	}
	free(begin);
	return begin && b->top_down ? 0 : -ENOMEM;
}

int build_nodes(struct census_build *b)
{
	const struct snapshot *s = b->s;
	size_t self;

	b->c->nodes = calloc(s->nr ? s->nr : 1, sizeof(*b->c->nodes));
	if (!b->c->nodes)
		return -ENOMEM;
	for (size_t i = 0; i < s->nr; i++) {
		const struct process *proc = &s->procs[i];
		size_t parent = SIZE_MAX;

		if (proc->ppid > 0 && proc->ppid != proc->id.pid)
			parent = snapshot_index(s, proc->ppid);
		b->c->nodes[i] = (struct census_node){
			.parent = parent == SIZE_MAX ? CENSUS_NONE : parent,
			.desktop_above = CENSUS_NONE,
			.first_membership = CENSUS_NONE,
		};
	}
	set_depths(b);
	self = s->self ? snapshot_index(s, s->self) : SIZE_MAX;
	for (size_t i = self; i != SIZE_MAX && i != CENSUS_NONE; i = b->c->nodes[i].parent)
		b->c->nodes[i].self = true;
	return order_top_down(b);
}

size_t build_find_desktop(const struct census_build *b, size_t proc, size_t app)
{
	size_t low = 0, high = b->nr_desktops;

	if (!b->c->nodes[proc].desktop)
		return CENSUS_NONE;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (b->desktops[middle].proc < proc)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < b->nr_desktops && b->desktops[low].proc == proc; low++)
		if (b->desktops[low].app == app)
			return low;
	return CENSUS_NONE;
}

bool build_is_desktop_of(const struct census_build *b, size_t proc, size_t app)
{
	return build_find_desktop(b, proc, app) != CENSUS_NONE;
}

size_t build_desktop_above(const struct census_build *b, size_t proc, size_t app)
{
	size_t above = b->c->nodes[proc].desktop_above;

	while (above != CENSUS_NONE && !build_is_desktop_of(b, above, app))
		above = b->c->nodes[above].desktop_above;
	return above;
}

static int add_desktop(struct census_build *b, size_t proc, size_t app, bool by_name)
{
	if (ARRAY_GROW(b->desktops, b->nr_desktops, b->alloc_desktops) < 0)
		return -ENOMEM;
	b->desktops[b->nr_desktops++] =
		(struct desktop){ .proc = proc, .app = app, .by_name = by_name };
	b->c->nodes[proc].desktop = true;
	return 0;
}

/* For owner = pid, what markers name is a desktop too, for every rule. */
static int add_value_owners(struct census_build *b, size_t app)
{
	const struct snapshot *s = b->s;
	int r = 0;

	for (size_t i = 0; !r && i < s->nr; i++) {
		struct bytes value;

		if (s->procs[i].dead)
			continue;
		for (size_t m = 0; !r && m < b->policy->apps[app].markers.nr; m++) {
			const struct process *owner = NULL;

			if (build_marker(&b->policy->apps[app], m, &s->procs[i], &value))
				owner = build_value_means_ours(b, value, &s->procs[i])
						? build_value_owner(s, value, &s->procs[i])
						: NULL;
			if (owner)
				r = add_desktop(b, (size_t)(owner - s->procs), app, false);
		}
	}
	return r;
}

static int by_process(const void *a, const void *b)
{
	const struct desktop *x = a, *y = b;

	if (x->proc != y->proc)
		return x->proc < y->proc ? -1 : 1;
	return (x->app > y->app) - (x->app < y->app);
}

/* Order the desktops, each process once for an app. */
static void merge_desktops(struct census_build *b)
{
	size_t nr = 0;

	if (b->nr_desktops)
		qsort(b->desktops, b->nr_desktops, sizeof(*b->desktops), by_process);
	for (size_t i = 0; i < b->nr_desktops; i++) {
		struct desktop *last = nr ? &b->desktops[nr - 1] : NULL;

		if (last && by_process(last, &b->desktops[i]) == 0)
			last->by_name = last->by_name || b->desktops[i].by_name;
		else
			b->desktops[nr++] = b->desktops[i];
	}
	b->nr_desktops = nr;
}

/* Set desktop_above, from the top of the tree down, and host above each desktop. */
static void mark_around_desktops(struct census_build *b)
{
	struct census_node *nodes = b->c->nodes;

	for (size_t k = 0; k < b->s->nr; k++) {
		struct census_node *node = &nodes[b->top_down[k]];

		if (node->parent == CENSUS_NONE)
			node->desktop_above = CENSUS_NONE;
		else
			node->desktop_above = nodes[node->parent].desktop
						      ? node->parent
						      : nodes[node->parent].desktop_above;
	}
	for (size_t i = 0; i < b->nr_desktops; i++) {
		size_t above = nodes[b->desktops[i].proc].parent;

		for (; above != CENSUS_NONE && !nodes[above].host; above = nodes[above].parent)
			nodes[above].host = true;
	}
}

/* For what asks after the census is built. 0 or -ENOMEM. */
static int publish_desktops(struct census_build *b)
{
	struct census *c = b->c;

	if (!b->nr_desktops)
		return 0;
	c->desktops = arena_alloc_array(&c->storage, b->nr_desktops, sizeof(*c->desktops));
	if (!c->desktops)
		return -ENOMEM;
	for (size_t i = 0; i < b->nr_desktops; i++)
		c->desktops[c->nr_desktops++] = (struct census_desktop){
			.proc = b->desktops[i].proc,
			.app = &b->policy->apps[b->desktops[i].app],
		};
	return 0;
}

int build_desktops(struct census_build *b)
{
	const struct snapshot *s = b->s;
	size_t wrapper = SIZE_MAX;
	int r = build_outside(b);

	for (size_t i = 0; !r && i < s->nr; i++)
		for (size_t app = 0; !r && app < b->policy->nr_apps; app++)
			if (app_is_desktop(&b->policy->apps[app], &s->procs[i]))
				r = add_desktop(b, i, app, true);
	for (size_t app = 0; !r && app < b->policy->nr_apps; app++) {
		if (b->policy->apps[app].owner == APP_OWNER_PID)
			r = add_value_owners(b, app);
	}
	/* The wrapper owns what it wraps even when no process below it kept the stamp. */
	if (b->input->wrapper)
		wrapper = snapshot_index(s, b->input->wrapper);
	for (size_t app = 0; !r && wrapper != SIZE_MAX && app < b->policy->nr_apps; app++)
		if (bytes_is(bytes_of("stray"), b->policy->apps[app].name))
			r = add_desktop(b, wrapper, app, false);
	if (r)
		return r;
	merge_desktops(b);
	mark_around_desktops(b);
	return publish_desktops(b);
}
