/* SPDX-License-Identifier: MIT */
#ifndef LINUX_SOCKETS_H
#define LINUX_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A growing list of socket inode numbers. All zero is the empty list. */
struct inodes {
	uint64_t *items;
	size_t nr, alloc;
};

int inodes_add(struct inodes *list, uint64_t ino); /* 0 or -ENOMEM */
/* Sort by number, as inodes_has() needs it. */
void inodes_sort(struct inodes *list);
bool inodes_has(const struct inodes *list, uint64_t ino); /* of a sorted list */
void inodes_release(struct inodes *list);

/*
 * Call @each with the number and the link text of every descriptor of @pid
 * until it returns non-zero, which is then returned. 0 at the end; -ESRCH: the
 * process is not there; another -errno: could not look.
 */
int fds_each(pid_t pid, int (*each)(void *ctx, const char *fd, const char *target), void *ctx);

/* The socket inodes that @pid holds, sorted. Like fds_each(). */
int sockets_of(pid_t pid, struct inodes *list);

/* The inode number of the network namespace of @pid, 0 pid: our own. 0 or -errno. */
int net_ns_of(pid_t pid, uint64_t *ret_ns);

#endif
