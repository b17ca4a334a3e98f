/* SPDX-License-Identifier: MIT */
#ifndef LINUX_PROBE_H
#define LINUX_PROBE_H

#include "linux/reader.h"
#include "stray/source.h"

/*
 * Look up what processes hold that the sweep respects (struct probe): windows, the ends
 * of a display server, ports they listen on, file systems they serve. One pass over
 * the descriptors of each; what the kernel tells of all sockets is read once.
 */

/*
 * Fill @probes. A process that has ended gets nothing; one that could not be looked at
 * is `failed`. @reader reads a DISPLAY where one is needed. 0 or -ENOMEM.
 */
int probe_all(struct reader *reader, struct probe *probes, size_t nr);

#endif
