/* SPDX-License-Identifier: MIT */
#ifndef SERVICE_SERVICE_H
#define SERVICE_SERVICE_H

#include "stray/engine.h"

/*
 * The headless sweep: one loop over poll(2) that ticks every interval, scans at
 * once when a desktop has ended, and handles signals. It acts on processes only
 * through the engine.
 *
 * The caller has blocked TERM INT HUP USR1 in the whole process. TERM and INT end the
 * loop after the current tick (the engine's stop_fd cuts its waits short), HUP reloads
 * the configuration, USR1 ticks now.
 */
struct service_options {
	struct engine *sweep; /* not owned */
	int64_t interval_ms;  /* where the engine cannot say when the next tick is due */
	/*
	 * Called after each tick with its census (borrowed). Nonzero ends the loop, and
	 * service_run() returns it: a positive number of the face's own, or -errno.
	 */
	int (*ticked)(void *ctx, const struct census *census);
	/*
	 * Reload the configuration. Returns the new interval, or -errno after a message;
	 * then nothing changes.
	 */
	int64_t (*reload)(void *ctx);
	/* Gets one EVENT_STOP when the loop ends by a signal. */
	void (*notify)(void *ctx, const struct event *event);
	void *ctx;
};

/*
 * Run the loop. Returns 0 once a signal ended it; else what ticked() returned, an error
 * of the engine that does not pass (-ENOMEM, -ESTALE), or -errno.
 */
int service_run(const struct service_options *options);

#endif
