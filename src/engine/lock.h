/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_LOCK_H
#define ENGINE_LOCK_H

#include <stdint.h>
#include <sys/types.h>

/*
 * The user's sweep lock, DIR/sweep.lock: only the stray that holds it sweeps
 * unattended. An open file description lock: it goes with the last copy of its
 * descriptor, so with the holder's end, and closing another descriptor of the same
 * file does not drop it, as it would with a lock of the process. The holder's pid
 * stands in the file, for people only.
 */

/*
 * 0 and *ret_fd: ours until sweep_unlock(). -EBUSY: held; then *ret_holder is
 * the holder's pid, 0 if it cannot be told. Another -errno: no lock to be had.
 */
int sweep_lock(const char *dir, int *ret_fd, pid_t *ret_holder);

/* The pid of the holder, which may be this process; 0: none, or it cannot be told. */
pid_t sweep_lock_holder(const char *dir);

/* Let go. -1 is fine. */
void sweep_unlock(int fd);

/*
 * Take any lock file below the folder @dirfd for a short while: 0 and *ret_fd
 * (close it to let go), -EBUSY after @timeout_ms, or -errno.
 */
int lock_file(int dirfd, const char *name, int64_t timeout_ms, int *ret_fd);

#endif
