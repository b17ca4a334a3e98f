/* SPDX-License-Identifier: MIT */
#ifndef STRAY_REAPER_H
#define STRAY_REAPER_H

#include "stray/identity.h"

/*
 * The hands of the engine: one process, held by a handle (a pidfd), signalled
 * and waited for through that handle and through nothing else. src/linux/ has
 * the real one, dry-run is one that records, tests plug in their own.
 */

struct reaper {
	const struct reaper_ops *ops;
};

struct reaper_ops {
	/*
	 * Hold the process that has this pid now. On success *ret_handle, and
	 * *ret_ino: the inode number of its pidfd, 0 where the kernel has none.
	 * -ESRCH: no process has it. -ENOSYS: this kernel has no pidfds, nothing may
	 * be ended. -EMFILE, -ENFILE: too many are held.
	 */
	int (*open)(struct reaper *r, pid_t pid, int *ret_handle, uint64_t *ret_ino);
	void (*close)(struct reaper *r, int handle);

	/* 0, -ESRCH (it has ended), -EPERM (it lives and is not ours to signal). */
	int (*signal)(struct reaper *r, int handle, int signo);

	/*
	 * Wait until all of @handles have ended, @timeout_ms (0: only look) is
	 * over, or @stop_fd (-1: none) polls readable. Sets ret_dead[i] for each
	 * that has ended. Returns how many have, or -EINTR after @stop_fd, with
	 * ret_dead valid too; another -errno: could not look.
	 */
	int (*wait)(struct reaper *r, const int *handles, size_t nr, int64_t timeout_ms,
		    int stop_fd, bool *ret_dead);

	/* Make room for @nr handles as far as the limits allow; how many fit, at least 1. */
	size_t (*reserve)(struct reaper *r, size_t nr);

	void (*free)(struct reaper *r);
};

#endif
