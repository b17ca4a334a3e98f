/* SPDX-License-Identifier: MIT */
#ifndef LINUX_WINDOWS_H
#define LINUX_WINDOWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "linux/sockets.h"

/*
 * Find clients of X11 and Wayland servers: one of their unix sockets has a peer with a
 * server's name (.X11-unix/X*, wayland-*). Peers are asked for with unix_diag
 * (sock_diag(7)), which tells of our own network namespace only.
 */
struct windows {
	uint64_t *clients; /* inode numbers of sockets that lead to such a server, ascending */
	size_t nr;
	struct inodes served; /* a server's ends of these, ascending */
	uint64_t net_ns;      /* of which network namespace */
	int error;	      /* 0, or -errno: the kernel could not be asked */
};

/*
 * Ask the kernel. 0 or -ENOMEM; what else goes wrong stands in w->error and
 * makes windows_of() say that it cannot tell.
 */
int windows_init(struct windows *w);
void windows_release(struct windows *w);

/*
 * Is @pid such a client? 0 and *ret_window; -ESRCH: it is not there; another
 * -errno: cannot tell. A process that has no unix socket is none, whatever
 * the kernel said.
 */
int windows_of(const struct windows *w, pid_t pid, bool *ret_window);

/*
 * The same where the sockets of @pid are known already; and *ret_display (may be NULL):
 * is it a server itself that has a client? A client counts that is not accepted yet.
 */
int windows_among(const struct windows *w, pid_t pid, const struct inodes *sockets,
		  bool *ret_window, bool *ret_display);

/* Does this socket name (sun_path, a leading NUL for abstract ones) belong to a server? */
bool windows_is_server_name(const char *name, size_t len);

#endif
