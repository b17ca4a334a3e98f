/* SPDX-License-Identifier: MIT */
#ifndef STRAY_IDENTITY_H
#define STRAY_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Which process is meant. A pid alone is never an identity: the kernel hands
 * pids out again, in a container within microseconds, and start times have a
 * resolution of 10 ms, so even (pid, start time) was equal in 295 of 300 forced
 * immediate reuses. An identity is in one of three states:
 *
 *	unset	pid is 0; it is equal to nothing, not even to itself
 *	plain	pidfd_ino is 0: the kernel has no inode numbers for pidfds
 *		(before 6.9), or this process was not worth opening one
 *	full	all three are known
 *
 * Identities hold within one boot. What outlives a boot (the ledger, a
 * baseline) stores the boot id once beside them.
 */
struct identity {
	pid_t pid;
	uint64_t start_ticks; /* field 22 of /proc/PID/stat, clock ticks since boot */
	uint64_t pidfd_ino;   /* st_ino of a pidfd (pidfs, unique per boot), or 0 */
};

/* The boot id of /proc/sys/kernel/random/boot_id: 36 characters and a NUL. */
#define BOOT_ID_SIZE 37

/* Is @id in the plain or full state? */
bool identity_is_set(const struct identity *id);

/*
 * Do @a and @b name the same process? The inode numbers are compared only where
 * both are known. Two unset identities are not equal.
 */
bool identity_equal(const struct identity *a, const struct identity *b);

/* Order by pid, start time, inode, for qsort(3): negative, 0 or positive. */
int identity_compare(const struct identity *a, const struct identity *b);

#endif
