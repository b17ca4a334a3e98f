/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_SANDBOXES_H
#define ENGINE_SANDBOXES_H

#include "engine/ledger.h"
#include "stray/census.h"

/*
 * Note in the ledger what @c shows of sandboxes and their instances, and forget those with
 * an init that is gone. An incomplete scan changes nothing. 0 and *ret_changed, or -ENOMEM.
 */
int sandboxes_note(struct ledger *l, const struct census *c, bool *ret_changed);

/* Was @init seen as the init of a sandbox of that instance? */
bool sandboxes_has(const struct ledger *l, const struct process *init, const struct instance *inst);

#endif
