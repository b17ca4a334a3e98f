/* SPDX-License-Identifier: MIT */
#ifndef LINUX_LINEAGE_H
#define LINUX_LINEAGE_H

#include "stray/identity.h"

/*
 * Remember the first parent of processes. When a parent ends, the kernel shows its
 * children as those of their adopter and keeps no record of what started them; so the
 * descendants of a process are read now and then while they live. A parent that came
 * and went between two looks was never seen, and then this says so instead of guessing.
 *
 * Living processes and their ancestors are kept and no others, so a command may run
 * any number of processes.
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
 * Read the descendants of @top now; its own children have no parent here. 1: a process
 * was seen for the first time, 0: none was, or -ENOMEM: then what was known stays
 * known. A kernel without lists of children (CONFIG_PROC_CHILDREN) shows nothing.
 */
int lineage_look(struct lineage *l, pid_t top);

/* The one that was seen as the parent of that process, or NULL. Good until the next look. */
const struct relative *lineage_parent(const struct lineage *l, const struct identity *id);

void lineage_release(struct lineage *l);

#endif
