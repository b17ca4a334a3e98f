/* SPDX-License-Identifier: MIT */
/* Instances and members, added one by one. */
#include <errno.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/bytes.h"
#include "core/census_build.h"

/* The slot in which @key stands, or in which it may be put. There is always a free one. */
static size_t *slot_of(struct census_build *b, const struct instance_key *key)
{
	size_t at = (size_t)instance_key_hash(key) & (b->nr_slots - 1);

	for (; b->slots[at]; at = (at + 1) & (b->nr_slots - 1)) {
		struct instance_key other = instance_key_of(&b->c->instances[b->slots[at] - 1]);

		if (instance_key_equal(&other, key))
			break;
	}
	return &b->slots[at];
}

/* Keep at least half of the slots free. 0 or -ENOMEM. */
static int grow_slots(struct census_build *b)
{
	size_t nr = b->nr_slots ? b->nr_slots * 2 : 64;
	size_t *slots;

	if (b->nr_slots > b->c->nr_instances * 2)
		return 0;
	slots = calloc(nr, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	free(b->slots);
	b->slots = slots;
	b->nr_slots = nr;
	for (size_t i = 0; i < b->c->nr_instances; i++) {
		struct instance_key key = instance_key_of(&b->c->instances[i]);

		*slot_of(b, &key) = i + 1;
	}
	return 0;
}

size_t build_instance(struct census_build *b, const struct app *app, uid_t uid, struct bytes id)
{
	const struct instance_key key = { app->name, id, uid };
	struct census *c = b->c;
	size_t *slot;

	if (grow_slots(b) < 0)
		return CENSUS_NONE;
	slot = slot_of(b, &key);
	if (*slot)
		return *slot - 1;
	if (ARRAY_GROW(c->instances, c->nr_instances, b->alloc_instances) < 0)
		return CENSUS_NONE;
	c->instances[c->nr_instances] = (struct instance){
		.id = id,
		.app = app,
		.uid = uid,
		.former_gone_ms = -1,
		.cpu_pct = __builtin_nan(""),
	};
	*slot = ++c->nr_instances;
	return c->nr_instances - 1;
}

size_t build_membership(const struct census *c, size_t proc, size_t instance)
{
	for (size_t m = c->nodes[proc].first_membership; m != CENSUS_NONE;
	     m = c->next_membership[m])
		if (c->members[m].instance == instance)
			return m;
	return CENSUS_NONE;
}

/* Room for one more in members and in next_membership, which run side by side. */
static int grow_members(struct census_build *b)
{
	struct census *c = b->c;
	size_t beside = b->alloc_members;

	if (ARRAY_GROW(c->next_membership, c->nr_members, beside) < 0)
		return -ENOMEM;
	return ARRAY_GROW(c->members, c->nr_members, b->alloc_members);
}

int build_member(struct census_build *b, size_t proc, size_t instance, const struct member *like)
{
	struct census *c = b->c;
	size_t *link = &c->nodes[proc].first_membership;

	if (instance == CENSUS_NONE || grow_members(b) < 0)
		return -ENOMEM;
	c->members[c->nr_members] = *like;
	c->members[c->nr_members].instance = instance;
	c->members[c->nr_members].proc = &b->s->procs[proc];
	c->members[c->nr_members].parent = CENSUS_NONE;
	c->members[c->nr_members].orphan_since_ms = -1;
	c->members[c->nr_members].cpu_pct = __builtin_nan("");
	c->next_membership[c->nr_members] = CENSUS_NONE;
	while (*link != CENSUS_NONE)
		link = &c->next_membership[*link];
	*link = c->nr_members++;
	c->nodes[proc].managed = true;
	return 0;
}

bool build_can_be_managed(const struct census_build *b, const struct process *proc)
{
	return !proc->dead && !proc->kernel_thread && build_in_scope(b, proc);
}
