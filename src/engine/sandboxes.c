/* SPDX-License-Identifier: MIT */
#include "engine/sandboxes.h"

#include <errno.h>

bool sandboxes_has(const struct ledger *l, const struct process *init, const struct instance *inst)
{
	const struct instance_key key = instance_key_of(inst);

	return ledger_find_sandbox(l, &init->id, &key) != NULL;
}

/* Forget the inits that are not there any more. Were there any? */
static bool forget(struct ledger *l, const struct snapshot *s)
{
	bool any = false;

	for (size_t i = l->nr_sandboxes; i-- > 0;) {
		const struct identity *init = &l->sandboxes[i].init;
		const struct process *proc = snapshot_find(s, init->pid);

		if (proc && !proc->dead && identity_equal(&proc->id, init)) {
			l->sandboxes[i].seen_ms = s->boottime_ms;
			continue;
		}
		ledger_remove_sandbox(l, i);
		any = true;
	}
	return any;
}

int sandboxes_note(struct ledger *l, const struct census *c, bool *ret_changed)
{
	bool changed;

	*ret_changed = false;
	/* An incomplete look changes no memory. */
	if (!c->snapshot->complete)
		return 0;
	changed = forget(l, c->snapshot);
	for (size_t i = 0; i < c->nr_sandboxes; i++) {
		const struct sandbox *box = &c->sandboxes[i];

		for (size_t k = 0; box->init != CENSUS_NONE && k < box->nr_owners; k++) {
			const struct process *init = &c->snapshot->procs[box->init];
			const struct instance_key key =
				instance_key_of(&c->instances[box->owners[k]]);
			struct ledger_sandbox *row = ledger_add_sandbox(l, &init->id, &key);

			if (!row)
				return -ENOMEM;
			changed = changed || row->seen_ms < 0;
			row->seen_ms = c->snapshot->boottime_ms;
		}
	}
	*ret_changed = changed;
	return 0;
}
