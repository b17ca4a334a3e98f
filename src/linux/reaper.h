/* SPDX-License-Identifier: MIT */
#ifndef LINUX_REAPER_H
#define LINUX_REAPER_H

#include "stray/reaper.h"

/*
 * The reaper over pidfds (stray/reaper.h): a handle is a pidfd. Signals go
 * through it and through nothing else.
 */

/* A new reaper, released with ops->free(). 0 or -ENOMEM. */
int pidfd_reaper_new(struct reaper **ret_reaper);

#endif
