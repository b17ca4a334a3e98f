/* SPDX-License-Identifier: MIT */
#ifndef HELPERS_HEADLESS_H
#define HELPERS_HEADLESS_H

#include "helpers/child.h"

#include <pthread.h>

#include "linux/procfs.h"

static inline void *headless_live_on(void *arg)
{
	const struct child_side *side = arg;
	struct facts f;

	/* Ready once the main thread has ended; it takes a moment after pthread_exit(). */
	while (procfs_stat_pid(getpid(), &f) < 0 || f.state != 'Z')
		usleep(1000);
	child_ready(side);
	child_live(side);
	return NULL;
}

/* For child_fork(): a process of which the main thread has ended and another one lives. */
static inline void child_headless(const struct child_side *side, void *ctx)
{
	static struct child_side copy;
	pthread_t thread;

	(void)ctx;
	copy = *side;
	if (pthread_create(&thread, NULL, headless_live_on, &copy) == 0)
		pthread_exit(NULL);
}

#endif
