/* SPDX-License-Identifier: MIT */
#ifndef LINUX_RELATED_H
#define LINUX_RELATED_H

#include "linux/pidset.h"
#include "linux/proc_table.h"

/* Memory of related_find(), used again. */
struct related {
	struct pidset managed, under;
	struct pidset sessions; /* of managed processes, without their leaders */
};

/*
 * Work out from parents, groups and sessions which processes are related to the
 * marked ones and to the desktops (by name or KNOWN_OWNER), and so have to stand in a
 * snapshot (stray/snapshot.h): sets KNOWN_MANAGED, KNOWN_UNDER, KNOWN_WANTED.
 * @self and @others (tracers) are wanted too. May be called again after more was
 * found out. 0 or -ENOMEM.
 */
int related_find(struct related *rel, struct proc_table *t, pid_t self, const pid_t *others,
		 size_t nr_others);
void related_release(struct related *rel);

#endif
