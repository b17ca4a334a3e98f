/* SPDX-License-Identifier: MIT */
#ifndef LINUX_PROC_TABLE_H
#define LINUX_PROC_TABLE_H

#include "linux/procfs.h"

/*
 * What is remembered of each process between two scans: 40 bytes, enough to
 * recognise it and to know its parent, group and session. Everything else about a
 * process that matters stands in the snapshot of the last scan.
 */
enum known_flags {
	/* what was found when it was read */
	KNOWN_KERNEL = 1 << 0,	  /* kernel thread */
	KNOWN_DEAD = 1 << 1,	  /* zombie */
	KNOWN_REFUSED = 1 << 2,	  /* its environment could not be read */
	KNOWN_MARKED = 1 << 3,	  /* carries a marker of some app */
	KNOWN_DESKTOP = 1 << 4,	  /* a desktop by name */
	KNOWN_WHOLE = 1 << 5,	  /* the snapshot has its whole environment */
	KNOWN_YOUNG = 1 << 6,	  /* may still be on its way from fork to its last exec */
	KNOWN_HELD = 1 << 7,	  /* the last snapshot has it, arguments and environment too */
	KNOWN_DETAILED = 1 << 8,  /* ... with tracer, namespace and full identity */
	KNOWN_UNREAD = 1 << 9,	  /* could not be read in full: try again at the next scan */
	KNOWN_ADOPTER = 1 << 11,  /* adopts orphans, by its name */
	KNOWN_RUNS_ONE = 1 << 12, /* an init of containers, by its name */

	/* about this scan */
	KNOWN_NEW = 1 << 16,	  /* not there at the last scan */
	KNOWN_ORPHANED = 1 << 17, /* its parent has ended since then */
	KNOWN_GONE = 1 << 18,	  /* has ended while being read; what has its pid next is new */
	KNOWN_OWNER = 1 << 19,	  /* named by the value of a marker of an app with owner = pid */

	KNOWN_MEMBER = 1 << 25, /* a member by what the engine remembers */
	KNOWN_FAILED = 1 << 23, /* could not be read; not again in this scan */
	KNOWN_BEFORE =
		1 << 24, /* was read in full by a scan before, though nothing of it is kept */

	/* related_find() */
	/*
	 * Marked, KNOWN_MEMBER or perhaps a dead stdio server, or below or in a group or
	 * session of such.
	 */
	KNOWN_MANAGED = 1 << 20,
	KNOWN_UNDER = 1 << 21,	/* a desktop or below one */
	KNOWN_WANTED = 1 << 22, /* must stand in the snapshot */

	KNOWN_THIS_SCAN = KNOWN_NEW | KNOWN_ORPHANED | KNOWN_GONE | KNOWN_OWNER | KNOWN_FAILED |
			  KNOWN_MEMBER | KNOWN_BEFORE | KNOWN_MANAGED | KNOWN_UNDER | KNOWN_WANTED,
};

struct known {
	pid_t pid, ppid, pgid, sid;
	uint64_t ino;	    /* struct listed */
	uint32_t exec_mark; /* struct facts */
	uint32_t flags;
	uint32_t at; /* index in the snapshot being built, KNOWN_NOWHERE */
};

#define KNOWN_NOWHERE UINT32_MAX

/* Set or clear @flag. */
void known_set_flag(struct known *k, uint32_t flag, bool on);

/* Was it never read in full, by this scan or an earlier one? */
bool known_is_news(const struct known *k);

struct proc_table {
	struct known *items; /* ascending by pid */
	size_t nr, alloc;
};

/*
 * Bring the table in line with @list. An entry with the pid and inode number of the
 * last scan keeps what was found; every other one, and one that was KNOWN_GONE, is
 * KNOWN_NEW. Clears the flags about the last scan. With @forget every entry is
 * KNOWN_NEW, and KNOWN_BEFORE where it had been read in full. 0 or -ENOMEM.
 */
int proc_table_merge(struct proc_table *t, const struct listing *list, bool forget);

/* The entry of that pid, or NULL. */
struct known *proc_table_find(const struct proc_table *t, pid_t pid);

void proc_table_release(struct proc_table *t);

#endif
