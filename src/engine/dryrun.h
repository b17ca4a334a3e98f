/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_DRYRUN_H
#define ENGINE_DRYRUN_H

#include "stray/reaper.h"

/*
 * A reaper that records instead of signalling: handles are those of @inner, so
 * everything is verified as it would be, but a signal only marks its handle,
 * and a handle marked with SIGTERM or SIGKILL counts as ended. @inner must
 * outlive it. 0 or -ENOMEM.
 */
int dryrun_reaper_new(struct reaper *inner, struct reaper **ret_reaper);

/* How many signals were recorded so far; for tests. */
size_t dryrun_recorded(const struct reaper *r);

#endif
