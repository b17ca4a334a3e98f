/* SPDX-License-Identifier: MIT */
#ifndef LINUX_PIDSET_H
#define LINUX_PIDSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A set of pids. All zero is the empty set. */
struct pidset {
	uint64_t *bits;
	size_t words;
};

int pidset_add(struct pidset *set, pid_t pid); /* 0 or -ENOMEM; pids <= 0 are left out */
/* Is it in the set? */
bool pidset_has(const struct pidset *set, pid_t pid);
/* Empty it; its memory stays. */
void pidset_clear(struct pidset *set);
void pidset_release(struct pidset *set);

#endif
