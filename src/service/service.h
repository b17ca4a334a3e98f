/* SPDX-License-Identifier: MIT */
#ifndef SERVICE_SERVICE_H
#define SERVICE_SERVICE_H

#include "stray/engine.h"

/*
 * The headless sweep: one loop over poll(2) that ticks every interval, looks at
 * once when a desktop has ended, and minds signals. Everything it does to
 * processes goes through the engine.
 *
 * The caller has blocked TERM INT HUP USR1 in the whole process. TERM and INT
 * end the loop after what runs (the engine's stop_fd cuts its waits short), HUP
 * asks for the configuration again, USR1 ticks now.
 */
struct service_options {
	struct engine *sweep; /* not owned */
	int64_t interval_ms;  /* where the engine cannot say when the next tick is due */
	/*
	 * After each tick, with the picture (borrowed). Nonzero ends the loop, and
	 * service_run() returns it: positive numbers are the face's, negative ones
	 * -errno.
	 */
	int (*ticked)(void *ctx, const struct census *census);
	/*
	 * Read the configuration again: the new interval, or -errno (told to people
	 * already): everything stays as it was.
	 */
	int64_t (*reload)(void *ctx);
	/* Gets one EVENT_STOP when the loop ends by a signal. */
	void (*notify)(void *ctx, const struct event *event);
	void *ctx;
};

/*
 * Run until a signal ends it: 0. Else what ticked() returned, or the first error
 * of the engine that leaves no hope (-ENOMEM, -ESTALE), or -errno.
 */
int service_run(const struct service_options *options);

#endif
