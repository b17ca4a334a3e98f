/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_HOLD_H
#define ENGINE_HOLD_H

#include "stray/reaper.h"
#include "stray/source.h"

/* A process held open, to be verified, signalled and waited for through this alone. */
struct hold {
	struct reaper *reaper;
	struct identity id; /* that is meant; with the inode number once it is known */
	int handle;	    /* the reaper's; -1: none */
	bool borrowed;	    /* the handle is another's to close */
};

enum hold_state {
	HOLD_HELD,    /* it is the very process, and lives */
	HOLD_GONE,    /* it has ended, or another process has its pid */
	HOLD_REFUSED, /* it could not be opened or verified */
};

/* One that means @id and holds nothing yet. */
static inline struct hold hold_of(struct reaper *reaper, const struct identity *id)
{
	return (struct hold){ .reaper = reaper, .id = *id, .handle = -1 };
}

/*
 * Hold the process that has the pid now, if no inode number says that it is another one.
 * Its start time is not compared: read it through its pid, and then see with
 * hold_has_ended() that it lives. Fine if it is held already. Returns 0; -ESRCH: it has ended,
 * or another has its pid; -ENOSYS: no pidfds; -EMFILE; -ENOMEM; or another -errno.
 */
int hold_take(struct hold *h);

/*
 * Wait @timeout_ms (0: only look) for its end. A pid is not handed out again while the
 * process behind a handle lives: what was read through the pid since hold_take() was read of
 * this process if it has not ended. Returns 1: ended, 0: it lives, -errno: could not look.
 */
int hold_has_ended(const struct hold *h, int64_t timeout_ms);

/* Hold it and verify it by all of its identity. Nothing is held but with HOLD_HELD. */
enum hold_state hold_open(struct hold *h, struct source *src);

/* Signal it. Returns 0, -ESRCH: it has ended, -EPERM: it lives and is not ours to signal. */
int hold_signal(const struct hold *h, int signo);

/*
 * Wait until all of these have ended, @timeout_ms is over or @stop_fd (-1: none) polls
 * readable. Sets ret_dead[i] for each that has ended. Returns how many have; -EINTR after
 * @stop_fd, with ret_dead valid too; or another -errno: could not look.
 */
int hold_wait(const struct hold *const *holds, size_t nr, int64_t timeout_ms, int stop_fd,
	      bool *ret_dead);

/* Let go; fine if nothing is held. */
void hold_close(struct hold *h);

#endif
