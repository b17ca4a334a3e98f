/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_STATEDIR_H
#define ENGINE_STATEDIR_H

#include <stddef.h>
#include <sys/types.h>

/*
 * The folder of the ledger and the sweep lock: $STRAY_STATE_DIR, else
 * $XDG_RUNTIME_DIR/stray, else /run/user/UID/stray, else /tmp/stray-UID. Each
 * must be a directory of @uid, mode 0700 and no link; it is made if only its
 * last component is missing. $STRAY_STATE_DIR, where set, is the only one that
 * is tried.
 *
 * 0 and *ret_path (heap). -errno: none can be used.
 * *ret_warning is set in both cases: what was passed over and why (heap, one
 * line), or NULL.
 */
int statedir_open(uid_t uid, char **ret_path, char **ret_warning);

/* The first of @paths that can be used; the same results. For statedir_open() and tests. */
int statedir_first(const char *const *paths, size_t nr, uid_t uid, char **ret_path,
		   char **ret_warning);

/*
 * Open @path as a state folder, without making it: 0700, a directory of ours,
 * no link. A file descriptor (O_CLOEXEC), or -errno; -EPERM: another user's, or open
 * to others.
 */
int statedir_fd(const char *path);

#endif
