/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_RECENT_H
#define ENGINE_RECENT_H

#include "stray/identity.h"

/*
 * Processes of which one thing was found out a short while ago. For steady ticks, which
 * show and count: before the first signal all is asked again. All zero is empty.
 */
struct recent {
	struct recent_row *rows; /* ordered by identity up to @nr_sorted */
	size_t nr, nr_sorted, alloc;
};

/* Begin a look: what was added 32 looks ago is forgotten, so that it is asked again. */
void recent_begin(struct recent *r);

/* Was it added before this look began? */
bool recent_has(const struct recent *r, const struct identity *id);

/* Add it; without memory it is not, and will be asked again. */
void recent_add(struct recent *r, const struct identity *id);

void recent_release(struct recent *r);

#endif
