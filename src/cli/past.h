/* SPDX-License-Identifier: MIT */
#ifndef CLI_PAST_H
#define CLI_PAST_H

#include "cli/session.h"
#include "stray/history.h"

/* A history entry that outlives its reading. All zero: none. */
struct past {
	struct history_entry entry;
	char *strings; /* what the entry points to */
};

void past_release(struct past *past);

/*
 * Find what the history says last of a process that had that pid on this boot and in
 * this pid namespace, save the one that has it now (@now, unset: none). True: *ret, to be
 * released.
 */
bool past_find(struct session *s, const struct snapshot *snap, pid_t pid,
	       const struct identity *now, struct past *ret);

/* Name the folder of the history: the demo's own under --demo. NULL: none can be named. */
char *past_dir(const struct session *s);

#endif
