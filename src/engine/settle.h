/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_SETTLE_H
#define ENGINE_SETTLE_H

#include "stray/source.h"

/*
 * Scan until it is settled: what is looked for is done, or time is up. A scan is
 * *inconclusive* if it shows nothing and may have missed a process that forks a successor
 * and exits between two reads; then waiting does not help, so the next scan follows at
 * once. The caller says what a scan has shown, the loop when to scan next.
 */
enum settle_state {
	SETTLE_DONE,	     /* there is nothing more to wait for */
	SETTLE_OPEN,	     /* not yet: scan again after a wait */
	SETTLE_INCONCLUSIVE, /* a process may have been missed: scan again at once */
};

/* The most scans in a row that a face repeats because they are inconclusive. */
enum { SETTLE_REPEATS = 30 };

struct settle {
	struct source *source; /* its clock counts */
	/* Scan once. Returns 0 and *ret_state, or what settle() is to return. */
	int (*look)(void *ctx, enum settle_state *ret_state);
	/*
	 * Wait @timeout_ms; with 0 only see whether to stop. Returns 1 if waiting is to end,
	 * then one more scan follows; 0; or a negative number, which settle() returns. NULL:
	 * no waits, scan after scan.
	 */
	int (*wait)(void *ctx, int64_t timeout_ms);
	void *ctx;	  /* of both */
	int64_t limit_ms; /* from the beginning, what the first scan takes included */
	/* The first wait; it is doubled up to the other. The two are equal for equal waits. */
	int64_t wait_ms, wait_max_ms;
	unsigned repeats; /* of inconclusive scans in a row, also when time is up */

	/* Out. */
	enum settle_state state; /* of the last scan */
	int64_t waited_ms;	 /* from the beginning to its end */
};

/*
 * Run the loop. Returns 0, and s->state is DONE, or what was left when time was up; or
 * what look() or wait() returned, other than 0 and 1.
 */
int settle(struct settle *s);

#endif
