/* SPDX-License-Identifier: MIT */
#ifndef LINUX_WATCH_H
#define LINUX_WATCH_H

#include <stddef.h>

#include "stray/identity.h"

/*
 * Pidfds on live desktops, gathered in one epoll descriptor that polls readable
 * as soon as one of them has ended, and until it is not watched any more.
 */
struct watch {
	int epoll_fd; /* -1: there is none (out of descriptors); tried again by watch_set() */
	struct watched *items;
	size_t nr;
};

/* Empty, with the epoll descriptor where that can be had. */
void watch_init(struct watch *w);

/*
 * Watch exactly @ids from now on; what is watched already stays as it is. What
 * has ended, or is another process by now, is left out. 0 or -errno (-ENOMEM,
 * or no epoll descriptor: then nothing changed).
 */
int watch_set(struct watch *w, const struct identity *ids, size_t nr);

/* Did that watched process end? False if it is not watched. */
bool watch_ended(const struct watch *w, const struct identity *id);

void watch_release(struct watch *w);

#endif
