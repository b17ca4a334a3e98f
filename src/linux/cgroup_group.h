/* SPDX-License-Identifier: MIT */
#ifndef LINUX_CGROUP_GROUP_H
#define LINUX_CGROUP_GROUP_H

#include "stray/group.h"

/* A cgroup v2 group below our own, as stray/group.h describes it. Keeps no descriptor open. */

/* Allocate one that has no group yet; it can thaw those of earlier runs. 0 or -ENOMEM. */
int cgroup_group_new(struct group **ret_group);

/*
 * Make a group below ours, named after @name, which can be entered, left for ours, frozen and
 * killed (Linux 5.14). Returns 0; -errno: none can be made here, and nothing is left behind.
 */
int cgroup_group_make(struct group *g, const char *name);

/*
 * Return a close-on-exec descriptor by which a process enters the group when it writes "0" to
 * it; the caller closes it. -errno: there is none.
 */
int cgroup_group_entry(struct group *g);

/*
 * Is the group empty? Waits some ms for processes that are just exiting. False also if that
 * cannot be found out.
 */
bool cgroup_group_is_empty(struct group *g);

/* Thaw it, move what is left into our group, remove it and free @g (NULL is fine). */
void cgroup_group_free(struct group *g);

/* --- pure ------------------------------------------------------------------ */

/*
 * Write to @buf the folder of the cgroup v2 group @own (the path after "0::" in
 * /proc/self/cgroup) below the mount of one line of /proc/self/mountinfo. False: it is not
 * mounted there, or its path has characters that are escaped in that file.
 */
bool cgroup_group_folder(const char *line, const char *own, char *buf, size_t size);

#endif
