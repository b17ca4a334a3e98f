/* SPDX-License-Identifier: MIT */
#ifndef STRAY_GROUP_H
#define STRAY_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * A control group that stray made for one command: all processes in it and below it can be
 * frozen, listed and ended at once, faster than they can fork. The real one is in src/linux/;
 * tests plug in their own. For one thread.
 */

struct group {
	const struct group_ops *ops;
};

struct group_ops {
	/* Return the path that names it to a later run, for thaw(); NULL: no group was made. */
	const char *(*path)(struct group *g);

	/* Freeze it, and wait until all of it is frozen. Returns 0, -ETIMEDOUT or -errno. */
	int (*freeze)(struct group *g, int64_t timeout_ms);

	/*
	 * Thaw the group at @path, which may be an earlier run's. Returns 0; -ENOENT: it does
	 * not exist any more; another -errno: it may still be frozen.
	 */
	int (*thaw)(struct group *g, const char *path);

	/*
	 * List the pids in it and below it. *ret_pids belongs to the caller, NULL if there is
	 * none; 0 stands for a process of another pid namespace, which has no number in ours.
	 * Returns 0 or -errno.
	 */
	int (*list)(struct group *g, pid_t **ret_pids, size_t *ret_nr);

	/* Move a process from it into the group above. Returns 0 or -errno; -ESRCH: not in it. */
	int (*move_out)(struct group *g, pid_t pid);

	/*
	 * Kill all that is in it and below it, and wait until it is empty. Returns 0;
	 * -ETIMEDOUT: something is left; another -errno: nothing was done.
	 */
	int (*end_all)(struct group *g, int64_t timeout_ms);
};

#endif
