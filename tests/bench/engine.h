/* SPDX-License-Identifier: MIT */
#ifndef TESTS_BENCH_ENGINE_H
#define TESTS_BENCH_ENGINE_H

#include <unistd.h>

#include "linux/reaper.h"
#include "linux/source.h"
#include "stray/engine.h"

/* The engine over all users; what it is made of is never released. */
static inline struct engine *engine_over_all(void)
{
	static struct engine_options o = { .stop_fd = -1, .scope.all_users = true };
	static struct policy policy;
	struct source *src;
	struct reaper *reaper;
	struct engine *eng;

	o.settings = engine_defaults;
	o.policy = &policy;
	if (policy_init(&policy) || procfs_source_new(&policy, &src) || pidfd_reaper_new(&reaper) ||
	    engine_new(&o, src, reaper, &eng))
		_exit(1);
	return eng;
}

#endif
