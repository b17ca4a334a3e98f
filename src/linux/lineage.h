/* SPDX-License-Identifier: MIT */
#ifndef LINUX_LINEAGE_H
#define LINUX_LINEAGE_H

#include "stray/identity.h"

/*
 * Whose children they were. When a parent ends, the kernel shows its children as
 * those of their adopter and tells nobody who had started them; so the
 * descendants of a process are looked at now and then while they live. A parent
 * that came and went between two looks was never seen, and then this says so
 * instead of guessing.
 *
 * Kept is who lives, and the ancestors of these; so a command may run any
 * number of processes.
 */
struct relative {
	struct identity id;	/* plain */
	struct identity parent; /* unset: not seen */
	char name[16];		/* comm at the last look that saw it */
	bool wanted;		/* private: lives, or is an ancestor of one that does */
};

/* All zero is empty. One thread. */
struct lineage {
	struct relative *items;
	size_t nr, alloc;
};

/*
 * Look at the descendants of @top now; its own children have no parent here. 1:
 * somebody was seen for the first time, 0: nobody, or -ENOMEM: then what was
 * known stays known. A kernel without lists of
 * children (CONFIG_PROC_CHILDREN) shows nothing.
 */
int lineage_look(struct lineage *l, pid_t top);

/* The one that was seen as the parent of that process, or NULL. Good until the next look. */
const struct relative *lineage_parent(const struct lineage *l, const struct identity *id);

void lineage_release(struct lineage *l);

#endif
