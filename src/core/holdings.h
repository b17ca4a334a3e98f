/* SPDX-License-Identifier: MIT */
#ifndef CORE_HOLDINGS_H
#define CORE_HOLDINGS_H

#include "stray/census.h"

/*
 * What the unattended sweep spares processes for that it has to look up: windows,
 * listeners, mounts. Pure: what each process holds itself goes in, what each is spared
 * for comes out.
 */

/* What one process holds itself. */
enum holdings {
	HOLDS_WINDOW = 1,  /* a client of a display server, or such a server with a client */
	HOLDS_PORT = 2,	   /* it listens */
	HOLDS_MOUNT = 4,   /* it serves a file system */
	HOLDS_UNKNOWN = 8, /* could not be looked up: perhaps all of them */
};

/*
 * Which processes have to be looked up, so that holdings_spread() can tell for those of
 * which @wanted is set: themselves, the managed above them, all in a sandbox with them,
 * and, with @listeners, those that share a group or a session with these. @ret_probe: one
 * bool per process, as @wanted. 0 or -ENOMEM.
 */
int holdings_choose(const struct census *c, const bool *wanted, bool listeners, bool *ret_probe);

/*
 * @holds: per process, enum holdings. @ret_kept: per process, what it is spared for, bits
 * 1 << WHY_WINDOW, WHY_LISTENER and WHY_MOUNT: for what it holds, for what its group or
 * its session listens on (until it has been an orphan for @spare_listeners_ms), for a
 * managed process above it that is spared, and for what shares its sandbox. 0 or -ENOMEM.
 */
int holdings_spread(const struct census *c, const uint8_t *holds, int64_t spare_listeners_ms,
		    unsigned *ret_kept);

#endif
