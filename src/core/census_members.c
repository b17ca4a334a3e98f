/* SPDX-License-Identifier: MIT */
/* Members by a marker or by the wrapper; those that are inferred are in census_infer.c. */
#include <errno.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/bytes.h"
#include "core/census_build.h"

/*
 * While members are found, member.instance indexes instances in the order in
 * which they came up, and members stand in the order in which they were found:
 * a member stands before those inferred from it. sort_members() puts both into
 * their final order.
 */

/* Members by marker. *ret_marked: does the process carry any marker at all? */
static int add_marked(struct census_build *b, size_t proc, bool *ret_marked)
{
	const struct process *p = &b->s->procs[proc];
	struct bytes value;

	*ret_marked = false;
	if (!p->environ.len)
		return 0;
	for (size_t a = 0; a < b->policy->nr_apps; a++) {
		const struct app *app = &b->policy->apps[a];

		for (size_t m = 0; m < app->markers.nr; m++) {
			struct member like = { .inferred_from = CENSUS_NONE,
					       .marker = app->markers.items[m] };
			size_t instance;

			if (!build_marker(app, m, p, &value))
				continue;
			*ret_marked = true;
			if (!build_can_be_managed(b, p))
				continue;
			instance = build_instance(b, app, p->uid, value);
			if (instance != CENSUS_NONE &&
			    build_membership(b->c, proc, instance) != CENSUS_NONE)
				continue;
			if (build_member(b, proc, instance, &like) < 0)
				return -ENOMEM;
		}
	}
	return 0;
}

/* Everything that descends from the wrapper belongs to its instance, stamped or not. */
static int add_wrapped(struct census_build *b)
{
	const struct app *app = policy_find_app(b->policy, "stray");
	size_t wrapper = build_index(b, b->input->wrapper);
	int r = 0;

	if (!app)
		return -EINVAL;
	if (wrapper == CENSUS_NONE)
		return 0;
	for (size_t i = 0; !r && i < b->s->nr; i++) {
		struct member like = { .inferred = true, .inferred_from = CENSUS_NONE };
		size_t above = b->c->nodes[i].parent, instance;

		while (above != CENSUS_NONE && above != wrapper)
			above = b->c->nodes[above].parent;
		if (above != wrapper || !build_can_be_managed(b, &b->s->procs[i]))
			continue;
		instance = build_instance(b, app, b->s->procs[i].uid, b->input->wrapper_id);
		if (instance == CENSUS_NONE || build_membership(b->c, i, instance) == CENSUS_NONE)
			r = build_member(b, i, instance, &like);
	}
	return r;
}

/* An index, with what it indexes into: qsort(3) hands nothing else to its callback. */
struct ranked {
	const struct census *c;
	size_t index;
};

static int by_instance(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	struct instance_key a_key = instance_key_of(&x->c->instances[x->index]);
	struct instance_key b_key = instance_key_of(&y->c->instances[y->index]);

	return instance_key_compare(&a_key, &b_key);
}

static int by_member(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	const struct member *m = &x->c->members[x->index], *n = &y->c->members[y->index];

	if (m->instance != n->instance)
		return m->instance < n->instance ? -1 : 1;
	return (m->proc > n->proc) - (m->proc < n->proc);
}

static struct ranked *rank(const struct census *c, size_t nr,
			   int (*compare)(const void *, const void *))
{
	struct ranked *order = calloc(nr ? nr : 1, sizeof(*order));

	for (size_t i = 0; order && i < nr; i++)
		order[i] = (struct ranked){ c, i };
	if (order && nr)
		qsort(order, nr, sizeof(*order), compare);
	return order;
}

static int sort_instances(struct census *c)
{
	struct ranked *order = rank(c, c->nr_instances, by_instance);
	struct instance *sorted = calloc(c->nr_instances ? c->nr_instances : 1, sizeof(*sorted));
	size_t *place = calloc(c->nr_instances ? c->nr_instances : 1, sizeof(*place));

	if (!order || !sorted || !place) {
		free(order);
		free(sorted);
		free(place);
		return -ENOMEM;
	}
	for (size_t i = 0; i < c->nr_instances; i++) {
		sorted[i] = c->instances[order[i].index];
		place[order[i].index] = i;
	}
	for (size_t m = 0; m < c->nr_members; m++)
		c->members[m].instance = place[c->members[m].instance];
	free(c->instances);
	c->instances = sorted;
	free(order);
	free(place);
	return 0;
}

static int sort_members(struct census *c)
{
	struct ranked *order = rank(c, c->nr_members, by_member);
	struct member *sorted = calloc(c->nr_members ? c->nr_members : 1, sizeof(*sorted));
	size_t *next = calloc(c->nr_members ? c->nr_members : 1, sizeof(*next));
	size_t *place = calloc(c->nr_members ? c->nr_members : 1, sizeof(*place));
	bool ok = order && sorted && next && place;

	for (size_t i = 0; ok && i < c->nr_members; i++)
		place[order[i].index] = i;
	for (size_t i = 0; ok && i < c->nr_members; i++) {
		size_t old = order[i].index;

		sorted[i] = c->members[old];
		if (sorted[i].inferred_from != CENSUS_NONE)
			sorted[i].inferred_from = place[sorted[i].inferred_from];
		next[i] = c->next_membership[old] == CENSUS_NONE ? CENSUS_NONE
								 : place[c->next_membership[old]];
	}
	for (size_t i = 0; ok && i < c->snapshot->nr; i++)
		if (c->nodes[i].first_membership != CENSUS_NONE)
			c->nodes[i].first_membership = place[c->nodes[i].first_membership];
	free(order);
	free(place);
	free(ok ? c->members : sorted);
	free(ok ? c->next_membership : next);
	if (!ok)
		return -ENOMEM;
	c->members = sorted;
	c->next_membership = next;
	return 0;
}

int build_members(struct census_build *b)
{
	bool *marked = calloc(b->s->nr ? b->s->nr : 1, sizeof(*marked));
	struct census *c = b->c;
	int r = marked ? 0 : -ENOMEM;

	for (size_t i = 0; !r && i < b->s->nr; i++)
		r = add_marked(b, i, &marked[i]);
	if (!r)
		r = build_inferred(b, marked);
	free(marked);
	if (!r && b->input->wrapper && !b->input->wrapper_shared)
		r = add_wrapped(b);
	if (!r)
		r = sort_instances(c);
	if (!r)
		r = sort_members(c);
	for (size_t m = 0; !r && m < c->nr_members; m++) {
		struct instance *inst = &c->instances[c->members[m].instance];
		size_t proc = (size_t)(c->members[m].proc - b->s->procs);
		size_t parent = c->nodes[proc].parent;

		if (!inst->nr++)
			inst->first = m;
		if (parent != CENSUS_NONE)
			c->members[m].parent = build_membership(c, parent, c->members[m].instance);
		c->members[m].role = c->members[m].parent == CENSUS_NONE ? ROLE_AGENT : ROLE_WORKER;
	}
	return r;
}
