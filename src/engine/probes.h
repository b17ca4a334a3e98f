/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_PROBES_H
#define ENGINE_PROBES_H

#include "stray/source.h"
#include "stray/verdict.h"

/*
 * What was looked up of the processes of one snapshot: each is probed once, however
 * many steps of a tick ask. All zero is empty.
 */
struct probes {
	struct snapshot *of; /* one reference; NULL: nothing was looked up */
	struct probe *items; /* ordered by pid */
	size_t nr, alloc;
	int error; /* nothing could be looked up at all: -errno */
};

/*
 * Probe those processes of @s for which @wanted (as many as it has) is set and that were
 * not probed before; of another snapshot everything is forgotten first. 0 or -ENOMEM;
 * another failure is told by @error.
 */
int probes_look(struct probes *p, struct source *src, struct snapshot *s, const bool *wanted);

/* What was found of that pid, or NULL. */
const struct probe *probes_find(const struct probes *p, pid_t pid);

void probes_release(struct probes *p);

#endif
