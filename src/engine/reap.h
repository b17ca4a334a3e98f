/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_REAP_H
#define ENGINE_REAP_H

#include "stray/engine.h"

/*
 * Ending the processes of one or more instances together: one SIGTERM to each, one
 * wait, one freeze of what is left and what it forked, SIGKILL; each through a handle
 * that was verified to be the process that was meant. Looks afresh before every step
 * that is not asked for by the one before; each scan asks owner and predicate of every
 * instance again, and a desktop that has come up stops the reaping of its own instance
 * and of no other.
 */

/* reap_report.why when stop_fd cut it short. */
#define REAP_TOLD "told to stop"

/* What it needs of its surroundings. */
struct reap_env {
	struct source *source;
	struct reaper *reaper;
	int stop_fd;
	int64_t term_timeout_ms;

	/* A full scan and its census, one reference. 0 or -errno. */
	int (*look)(void *ctx, struct census **ret_census);
	/* The same from a quick scan: between two full ones, and when all have ended. */
	int (*glance)(void *ctx, struct census **ret_census);
	/*
	 * Exactly these stand frozen from now on; called, and durable, before they
	 * are stopped, and with none at the end. NULL, or an error: no process is
	 * stopped, SIGKILL goes out directly.
	 */
	int (*freeze)(void *ctx, const struct identity *ids, size_t nr);
	/*
	 * Which of these, found while reaping, are kept after all (windows,
	 * listeners): ret_keep[i], WHY_MAY_END if not. NULL: none. 0 or -errno.
	 */
	int (*spare)(void *ctx, struct census *c, const struct member *const *members, size_t nr,
		     enum verdict_why *ret_keep);
	/* Called at least about once a second while a reaping waits or scans; NULL: none. */
	void (*alive)(void *ctx);
	void *ctx;
	/* Only SIGTERM and the wait; what is left then is not reported. */
	bool term_only;
	/* What became of one that a signal ended: _EXITED and _KILLED, or _WOULD for both. */
	enum outcome on_term, on_kill;
};

/* One process that is to be ended. */
struct reap_target {
	struct identity id;
	int handle; /* the caller's, opened when it was shown; -1: none */
};

/* What is meant of one instance. */
struct reap_plan {
	const struct instance *inst; /* of the base of reap_run() */
	struct verdict_ask ask;	     /* face, force, reap_detached; grace is not asked for */
	const struct reap_target *targets;
	size_t nr;
	/* "What hangs below": a process that is new may only come from a target. */
	bool only;
};

/*
 * End the targets of all @nr plans. @base: the picture in which they were chosen, each
 * process by one plan only. @first: an earlier picture, if there was one: what started
 * after it is new, and may have been forked by a target; NULL: @base itself. Results
 * are added to reports[i] of plans[i]: one per target, and one per process that they
 * forked meanwhile and that was signalled. 0, or -errno: nothing was signalled (-ENOSYS:
 * the kernel has no pidfds).
 */
int reap_run(const struct reap_env *env, const struct census *base, const struct census *first,
	     const struct reap_plan *plans, size_t nr, struct reap_report *reports);

/* Add one result and count it. 0 or -ENOMEM. */
int reap_report_add(struct reap_report *report, const struct reap_result *result);

#endif
