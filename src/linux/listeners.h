/* SPDX-License-Identifier: MIT */
#ifndef LINUX_LISTENERS_H
#define LINUX_LISTENERS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Ports that a process listens on: its socket descriptors, looked up in the TCP
 * and UDP tables of its own network namespace (not of ours). A UDP socket
 * listens when it is bound and not connected.
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

void listeners_release(struct listeners *l);

#endif
