/* SPDX-License-Identifier: MIT */
#ifndef LINUX_SCAN_H
#define LINUX_SCAN_H

#include "linux/pidset.h"
#include "linux/proc_table.h"
#include "linux/reader.h"
#include "linux/related.h"
#include "linux/service.h"
#include "linux/watch.h"
#include "stray/source.h"

/*
 * One look at the processes, private to the source. In steps:
 *
 *	1  list /proc, recognise known processes	listing_read(), proc_table_merge()
 *	2  stat: of every process (scan_full.c), or of those
 *	   that may have changed (scan_quick.c)
 *	3  environment and arguments of those that are new or called exec(2)
 *							scan_read_pending()
 *	4  what is related to the managed and the desktops; in a quick scan,
 *	   read what turns out to be missing			related_find()
 *	5  tracer, namespace, full identity of the managed and the desktops
 *							scan_details()
 */
struct procfs_source {
	struct source source;
	const struct policy *policy;
	struct reader *reader;
	struct listing listing;
	struct proc_table known;
	struct related related;
	struct watch watch;
	struct services services;
	struct pidset members; /* by what the engine remembers: hold() */
	struct snapshot *last; /* what the known table says is held; NULL: nothing yet */
	unsigned since_large;  /* scans since a snapshot held most processes */
	unsigned turn;	       /* which share of the settled ones is read next */
	size_t share_min;      /* SHARE_MIN, unless a test has another */
	bool hides;	       /* /proc hides processes of ours, perhaps */
	bool forget;	       /* the policy changed: nothing may be remembered */
	uint64_t pid_ns;
	unsigned ticks_per_second;
	char boot_id[BOOT_ID_SIZE];
	char host[65];
};

/* How old a process is before it is taken for settled: its last exec is over. */
enum { SETTLED_AFTER_MS = 10 * 1000 };

/*
 * Of the settled processes that are of no interest, each quick scan reads a share
 * again: within SHARES scans the stat of every one, also while their number changes;
 * sooner where a share would be less than SHARE_MIN. stray/source.h says what that
 * means.
 */
enum { SHARES = 32, SHARE_MIN = 64 };

/* One process of which environment and arguments are to be read. */
struct pending {
	size_t known; /* index in the table */
	struct facts facts;
	uid_t uid;
	bool dead;  /* all its threads have ended: nothing to be read */
	bool bound; /* read through one folder (struct read_item) */
	bool again; /* what was read without one matters: read once more, bound */
};

struct scan {
	struct procfs_source *src;
	struct snapshot *snap;
	struct proc_table *known; /* the source's; read() has one of its own */
	struct pending *pending;
	size_t nr_pending, alloc_pending;
	pid_t *tracers;
	size_t nr_tracers, alloc_tracers;
	uid_t uid, euid;	 /* ours */
	struct filebuf filtered; /* the entries of an environment that matter */
	bool careful;		 /* scan_some(): do stat and environment belong together? */
	int read_error;		 /* the last reason why a process could not be read, or 0 */
	int error;		 /* -ENOMEM: the scan fails */
};

void scan_init(struct scan *scan, struct procfs_source *src, struct proc_table *known,
	       struct snapshot *snap);
void scan_release(struct scan *scan);

/* Remember why the scan is not complete (the first reason), by printf(3). */
void scan_trouble(struct scan *scan, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Parent, group, exec mark, age: what stat says goes to the known table. */
void scan_note_facts(struct scan *scan, struct known *k, const struct facts *facts);

/* A process could not be read, for that reason: it has ended, or there is trouble. */
void scan_note_error(struct scan *scan, struct known *k, int error);

/* Have its environment and arguments read by the next scan_read_pending(). */
void scan_add_pending(struct scan *scan, struct known *k, const struct facts *facts);

/* Read what is pending into the snapshot; then nothing is pending. */
void scan_read_pending(struct scan *scan);

/* What /proc/PID/stat gives of a struct process; strings borrowed from @facts. */
void scan_fill_process(struct process *proc, const struct facts *facts);

/* Put @proc into the snapshot, over what it already has of @k. */
void scan_store(struct scan *scan, struct known *k, const struct process *proc);

/* Flag the owners that the marked processes of the snapshot name (owner = pid). */
void scan_find_owners(struct scan *scan);

/*
 * An owner (owner = pid) is a desktop, and of a desktop the whole environment
 * counts: read it where the snapshot has less.
 */
void scan_read_owners(struct scan *scan);

/* related_find(), with the tracers that were found so far. */
void scan_relate(struct scan *scan);

/*
 * Step 5, for the managed and the desktops that the snapshot has without details.
 * True: a tracer turned up that was not known before.
 */
bool scan_details(struct scan *scan);

/* The same for one process; @proc, in the snapshot, has what stat gave. */
void scan_details_of(struct scan *scan, struct known *k, struct process *proc);

/*
 * Where a managed process is in another pid namespace, of all others in the snapshot
 * which one they are in: the end of its init is theirs as well (struct process).
 */
void scan_namespaces(struct scan *scan);

/* Drop for the next scan what is not related to a managed process or a desktop. */
void scan_let_go(struct scan *scan);

/* Steps 2 to 5. */
void scan_full(struct scan *scan);
void scan_quick(struct scan *scan);

/* What read() does: these processes afresh into @snap. 0 or -ENOMEM. */
int scan_some(struct procfs_source *src, const pid_t *pids, size_t nr, int *ret_errors,
	      struct snapshot *snap);

#endif
