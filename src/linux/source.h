/* SPDX-License-Identifier: MIT */
#ifndef LINUX_SOURCE_H
#define LINUX_SOURCE_H

#include "stray/source.h"

/*
 * The source that reads /proc (stray/source.h). Between scans it remembers a few tens of
 * bytes of each process, and a quick one reads again only what may have changed (scan.h).
 * Files that can hang are read by a thread of their own (reader.h).
 */

/*
 * A new source. @policy, of which it takes a reference, says what of an
 * environment is worth keeping. *ret_source is released
 * with ops->free(). 0 or -ENOMEM.
 */
int procfs_source_new(const struct policy *policy, struct source **ret_source);

#endif
