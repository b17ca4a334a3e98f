/* SPDX-License-Identifier: MIT */
#ifndef STRAY_SNAPSHOT_H
#define STRAY_SNAPSHOT_H

#include "base/arena.h"
#include "stray/process.h"

/*
 * What one scan saw. Built by one source, then sealed; from then on it never
 * changes and may be read by any thread. Reference counted (atomically).
 *
 * It holds at least: every process with a marker of a known app, every desktop,
 * all ancestors and all descendants of both, every member of a process group or
 * session led by a managed process, or of a session that a managed process is in and that
 * has lost its leader, leaders of the groups and sessions these stand in, what is adopted
 * and leads no session and what source_ops.hold() names, with their descendants, the
 * children of container inits, the tracers of these, and stray itself with its ancestors. A process that ended
 * while it was read for the first time is in it as dead, with what could be read, and its
 * ancestors are. A full scan holds every process, with its arguments.
 */
struct snapshot {
	char boot_id[BOOT_ID_SIZE];
	char host[65];
	int64_t boottime_ms;  /* CLOCK_BOOTTIME: counts suspended time; for ages */
	int64_t monotonic_ms; /* CLOCK_MONOTONIC: awake time; for tick intervals */
	int64_t realtime_ms;  /* CLOCK_REALTIME: for people only */
	int64_t took_us;
	unsigned ticks_per_second; /* the unit of start_ticks and cpu_ticks */

	/*
	 * /proc was listed to its end, and stat, memory and file descriptors
	 * did not fail for another reason than a process's end.
	 */
	bool complete;
	bool full;	   /* every process was read afresh, nothing remembered */
	char trouble[160]; /* why it is not complete, escaped, one line; else "" */

	bool hides;	   /* /proc hides processes from us, ours perhaps (hidepid=, proc(5)) */
	size_t scanned;	   /* pids listed */
	size_t unreadable; /* environ refused (kernel threads not counted) */
	/*
	 * Listed, and ended before they were read, so that what they forked since may not
	 * be listed; or new, and without an environment, as between two programs, or
	 * without memory, as while they end: what these are is not known yet.
	 */
	size_t vanished;
	pid_t hangs; /* one that blocks the reader of its files; counts as unreadable; 0: none */

	pid_t self;	 /* stray */
	uint64_t pid_ns; /* our own pid namespace, 0: not known */

	struct process *procs; /* ordered by pid once sealed */
	size_t nr;

	/* private to snapshot.c */
	size_t alloc;
	struct arena storage;
	unsigned refs;
	bool sealed;
};

/* A new, empty, unsealed snapshot with one reference, or NULL: out of memory. */
struct snapshot *snapshot_new(void);

/*
 * Copy @proc and its strings into @s, which must not be sealed. On success
 * *ret_proc (may be NULL) points to the copy, until the next add.
 * Returns 0 or -ENOMEM.
 */
int snapshot_add(struct snapshot *s, const struct process *proc, struct process **ret_proc);

/*
 * Copy @len bytes and a NUL into storage that lives as long as @s, which must not be
 * sealed. NULL: out of memory.
 */
char *snapshot_copy(struct snapshot *s, const void *data, size_t len);

/* Order by pid; the snapshot does not change any more. */
void snapshot_seal(struct snapshot *s);

/* Take one more reference. Any thread. */
struct snapshot *snapshot_ref(struct snapshot *s);
void snapshot_unref(struct snapshot *s); /* NULL is fine */

/* The process with that pid in a sealed snapshot, or NULL. */
const struct process *snapshot_find(const struct snapshot *s, pid_t pid);

/* The index of that pid in procs, or SIZE_MAX. */
size_t snapshot_index(const struct snapshot *s, pid_t pid);

#endif
