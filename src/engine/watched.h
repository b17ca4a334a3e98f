/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_WATCHED_H
#define ENGINE_WATCHED_H

#include "stray/reaper.h"

/* How far a reaping has come. */
struct reap_progress {
	size_t nr, ended;   /* of what is waited for */
	bool killed;	    /* SIGKILL was sent; else it follows ... */
	int64_t kill_in_ms; /* ... in so long, when it was written */
};

/*
 * A reaper that passes everything on to another one, and tells about once a second of
 * a wait how far it has come. The engine's thread alone calls it.
 */
struct watched {
	struct reaper reaper; /* what the engine gets */
	struct reaper *inner;
	void (*tell)(void *ctx, const struct reap_progress *progress);
	void *ctx;
	bool killed; /* the last signal was SIGKILL */
};

void watched_init(struct watched *w, struct reaper *inner,
		  void (*tell)(void *ctx, const struct reap_progress *progress), void *ctx);

#endif
