/* SPDX-License-Identifier: MIT */
#ifndef LINUX_LISTENERS_H
#define LINUX_LISTENERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "linux/sockets.h"

/*
 * Ports that a process listens on: its socket descriptors, looked up in the TCP
 * and UDP tables of its own network namespace (not of ours). A UDP socket
 * listens when it is bound and not connected. X11 clients over TCP are found in the
 * same tables.
 */

/* Tables that were read already, one for each network namespace. All zero is empty. */
struct listeners {
	struct listeners_table *tables;
	size_t nr, alloc;
};

/*
 * The ports of @pid in ascending order, each once. *ret_ports is the caller's
 * to free, NULL if there are none. 0; -ESRCH: it is not there; -EACCES and
 * others: could not look.
 */
int listeners_of(struct listeners *l, pid_t pid, uint16_t **ret_ports, size_t *ret_nr);

/* The same where the sockets of @pid are known already. */
int listeners_among(struct listeners *l, pid_t pid, const struct inodes *sockets,
		    uint16_t **ret_ports, size_t *ret_nr);

/* Ports of X servers over TCP: 6000 plus the number of the display. */
enum { X_PORT = 6000, X_PORT_LAST = 6063 };

/* What a process has to do with X over TCP. */
struct x_over_tcp {
	bool client;  /* connected to a port of an X server, or to the port that was asked for */
	bool server;  /* the other end of such a connection */
	bool distant; /* connected to some port above those, which a DISPLAY may name */
};

/*
 * Find that out for @pid, which has these sockets; @display is the port that its DISPLAY
 * names, or 0. 0, or -errno as above.
 */
int listeners_x(struct listeners *l, pid_t pid, const struct inodes *sockets, unsigned display,
		struct x_over_tcp *ret);

/* The port that a DISPLAY with a host part names: 6000 plus its number; 0: it names none. */
unsigned listeners_display_port(const char *display);

void listeners_release(struct listeners *l);

#endif
