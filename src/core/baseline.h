/* SPDX-License-Identifier: MIT */
#ifndef CORE_BASELINE_H
#define CORE_BASELINE_H

#include <stddef.h>

#include "stray/identity.h"

/*
 * What already stood there: the processes of an earlier `--list --json`, which
 * the leak check forgives. Identities hold within one boot, so a baseline of
 * another boot forgives nothing.
 */
struct baseline {
	char boot_id[BOOT_ID_SIZE];
	struct identity *ids; /* ordered; no inode numbers: the JSON has none */
	size_t nr, alloc;
};

#define BASELINE_INIT                                                                              \
	{                                                                                          \
		.ids = NULL                                                                        \
	}

/* Note a process; the order is made by baseline_sort(). Returns 0 or -ENOMEM. */
int baseline_add(struct baseline *b, pid_t pid, uint64_t start_ticks);
void baseline_sort(struct baseline *b);

/* Did this process of that boot stand there? */
bool baseline_has(const struct baseline *b, const char *boot_id, const struct identity *id);

void baseline_release(struct baseline *b);

#endif
