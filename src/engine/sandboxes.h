/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_SANDBOXES_H
#define ENGINE_SANDBOXES_H

#include "stray/census.h"

/*
 * Which sandbox was seen as part of which instance: the init of its pid namespace hung
 * below a managed process in our namespace. It stays part of the instance after that
 * process has ended. Held for as long as the engine runs. All zero is empty.
 */
struct sandboxes {
	struct seen_sandbox *items;
	size_t nr, alloc;
};

/* Remember what @c shows, and forget the inits that are gone from its complete scan. 0 or -ENOMEM. */
int sandboxes_note(struct sandboxes *s, const struct census *c);

/* Was @init seen as the init of a sandbox of that instance? */
bool sandboxes_has(const struct sandboxes *s, const struct process *init,
		   const struct instance *inst);

void sandboxes_release(struct sandboxes *s);

#endif
