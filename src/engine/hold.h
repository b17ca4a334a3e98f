/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_HOLD_H
#define ENGINE_HOLD_H

#include "stray/reaper.h"
#include "stray/source.h"

/* A process held open and verified to be the one that is meant. */
enum hold_state {
	HOLD_HELD,    /* it is the very process, and lives */
	HOLD_GONE,    /* it has ended, or another process has its pid */
	HOLD_REFUSED, /* it could not be opened or verified */
};

/*
 * Open the process that @id means. The start time is read by pid between opening the
 * handle and a last look that the handle lives: no other process can have had the pid in
 * between. Inode numbers are compared where both are known. HOLD_HELD: *ret_handle, to be
 * given to hold_close(), and id->pidfd_ino where the kernel has one. Otherwise
 * *ret_handle is -1.
 */
enum hold_state hold_open(struct source *src, struct reaper *reaper, struct identity *id,
			  int *ret_handle);

/* Let go; -1 is fine. */
void hold_close(struct reaper *reaper, int handle);

/* Signal the process. 0, -ESRCH: it has ended, -EPERM: it lives and is not ours to signal. */
int hold_signal(struct reaper *reaper, int handle, int signo);

#endif
