/* SPDX-License-Identifier: MIT */
#ifndef CORE_SIGHT_H
#define CORE_SIGHT_H

#include "stray/scope.h"

/* What a scan could show: which environments were readable, and what it may have missed. */

/*
 * How many environments of the processes in scope could be read, and how many were
 * refused, stray and its ancestors aside: a confined program may be able to read none.
 */
struct sight {
	size_t readable, refused;
};

/* Count them in @c, the census of a full scan. */
struct sight sight_of(const struct scope *scope, const struct census *c);

/*
 * Is the scan of @c inconclusive? A process that forks a successor and exits between two
 * reads is missed by a scan, which shows only that one ended before its files were read.
 * True if that happened to one in scope that an agent may have left and that was not a
 * zombie in @before, the scan before (NULL: none).
 */
bool sight_is_inconclusive(const struct scope *scope, const struct census *c,
			   const struct census *before);

#endif
