/* SPDX-License-Identifier: MIT */
#ifndef LINUX_UNIXDIAG_H
#define LINUX_UNIXDIAG_H

#include "stray/process.h"

/*
 * Ask the kernel about unix sockets (sock_diag(7)): which there are, and what each is
 * connected to. Of our own network namespace only. Any thread.
 */

/* One socket, as the kernel tells of it. */
struct unixdiag_socket {
	uint64_t ino;
	uint8_t type, state; /* SOCK_*, and TCP_ESTABLISHED or TCP_LISTEN */
	bool has_peer;	     /* the kernel told of one ... */
	uint64_t peer;	     /* ... and this is its inode; 0: that end is closed */
	uint8_t shutdown;    /* 1: nothing more comes in, 2: nothing goes out */
	const char *name;    /* sun_path, not NUL-terminated; NULL: none */
	size_t name_len;
};

/*
 * Call @each for every socket that is connected or listens, until it returns
 * non-zero, which is then returned. 0; -EAGAIN: they changed meanwhile, ask again;
 * -errno.
 */
int unixdiag_each(int (*each)(void *ctx, const struct unixdiag_socket *sock), void *ctx);

/* The socket with that inode. 0; -ENOENT: there is none (here); -errno. name is not set. */
int unixdiag_find(uint64_t ino, struct unixdiag_socket *ret_sock);

/* Is the other end of that connected stream socket closed? */
enum answer unixdiag_hung_up(uint64_t ino);

#endif
