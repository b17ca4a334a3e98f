/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_TICK_H
#define ENGINE_TICK_H

#include "engine/engine.h"

/*
 * The second half of a tick: confirm what @c condemns by one full reading, and end what
 * is still condemned then, of all instances together. Adds to @sum. 0 or -errno.
 */
int tick_reap(struct engine *eng, const struct census *c, struct tick_summary *sum);

#endif
