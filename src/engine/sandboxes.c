/* SPDX-License-Identifier: MIT */
#include "engine/sandboxes.h"

#include <errno.h>
#include <stdlib.h>

#include "base/array.h"

struct seen_sandbox {
	struct identity init;
	struct instance_key key;
};

bool sandboxes_has(const struct sandboxes *s, const struct process *init,
		   const struct instance *inst)
{
	const struct instance_key key = instance_key_of(inst);

	for (size_t i = 0; i < s->nr; i++)
		if (identity_equal(&s->items[i].init, &init->id) &&
		    instance_key_equal(&s->items[i].key, &key))
			return true;
	return false;
}

/* Forget the inits that are not there any more. */
static void forget(struct sandboxes *s, const struct snapshot *snap)
{
	size_t nr = 0;

	for (size_t i = 0; i < s->nr; i++) {
		const struct process *proc = snapshot_find(snap, s->items[i].init.pid);

		if (proc && !proc->dead && identity_equal(&proc->id, &s->items[i].init))
			s->items[nr++] = s->items[i];
		else
			instance_key_release(&s->items[i].key);
	}
	s->nr = nr;
}

static int remember(struct sandboxes *s, const struct process *init, const struct instance *inst)
{
	const struct instance_key key = instance_key_of(inst);
	struct seen_sandbox seen = { .init = init->id };
	int r = sandboxes_has(s, init, inst) ? 0 : ARRAY_GROW(s->items, s->nr, s->alloc);

	if (r < 0 || sandboxes_has(s, init, inst))
		return r < 0 ? -ENOMEM : 0;
	r = instance_key_copy(&key, &seen.key);
	if (r == 0)
		s->items[s->nr++] = seen;
	return r;
}

int sandboxes_note(struct sandboxes *s, const struct census *c)
{
	int r = 0;

	if (c->snapshot->complete)
		forget(s, c->snapshot);
	for (size_t i = 0; i < c->nr_sandboxes; i++) {
		const struct sandbox *box = &c->sandboxes[i];

		for (size_t k = 0; r == 0 && box->init != CENSUS_NONE && k < box->nr_owners; k++)
			r = remember(s, &c->snapshot->procs[box->init],
				     &c->instances[box->owners[k]]);
	}
	return r;
}

void sandboxes_release(struct sandboxes *s)
{
	for (size_t i = 0; i < s->nr; i++)
		instance_key_release(&s->items[i].key);
	free(s->items);
	*s = (struct sandboxes){ 0 };
}
