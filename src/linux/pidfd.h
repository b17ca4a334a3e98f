/* SPDX-License-Identifier: MIT */
#ifndef LINUX_PIDFD_H
#define LINUX_PIDFD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * pidfds: the only place with their system calls, which are called by number,
 * so that it builds with old headers. A pidfd holds one process and never
 * another one that gets its pid later. Any thread.
 */

/*
 * Open a close-on-exec pidfd of the process that has this pid now. The caller closes
 * it. Returns it, or -errno: -ESRCH no process has the pid, -EINVAL it is a thread or
 * no pid, -ENOSYS this kernel has no pidfds, -EMFILE, -ENFILE.
 */
int pidfd_of(pid_t pid);

/*
 * Signal the process behind @fd; signo 0 only asks. 0, -ESRCH: it has ended and
 * was waited for (a zombie can still be signalled), -EPERM: it is there and not
 * ours, -ENOSYS.
 */
int pidfd_signal(int fd, int signo);

/*
 * The inode number of the pidfd: unique per boot where pidfds have a file
 * system of their own (Linux 6.9); 0 where they have none.
 */
uint64_t pidfd_ino(int fd);

/*
 * Ask the handle for the real uid of its process (PIDFD_GET_INFO, Linux 6.13). 0; -ESRCH:
 * it has ended and was waited for; -ENOTTY and others: this kernel does not tell.
 */
int pidfd_real_uid(int fd, uid_t *ret_uid);

/*
 * The id of the control group (version 2) that its process is in, which is the inode
 * number of the group's folder. Returns as pidfd_real_uid().
 */
int pidfd_cgroup(int fd, uint64_t *ret_id);

/* Has every thread of it ended? A zombie has. 1, 0, or -errno: could not ask. */
int pidfd_dead(int fd);

#endif
