/* SPDX-License-Identifier: MIT */
#ifndef STRAY_SOURCE_H
#define STRAY_SOURCE_H

#include "stray/policy.h"
#include "stray/snapshot.h"

/*
 * Where the engine's picture of the processes comes from: src/linux/ reads
 * /proc; tests plug in their own. The engine calls one source from one thread;
 * waits_for() alone may be called from any.
 */

/*
 * A quick scan sees at once which processes are new and which have ended. It reads
 * stat of managed processes, of desktops, of the ancestors of both and of processes
 * less than 10 s old, and where stat shows an exec(2), arguments and environment too.
 * Within 32 quick scans (sooner below 4,096 processes) it sees
 *	- that any other process called exec(2), even into an agent or a desktop, has
 *	  another name, or stands in another process group or session;
 *	- another tracer or user of a managed process, and arguments or
 *	  environment that a managed process or a desktop has written over.
 * Never before a full scan: what other processes have written over after
 * their first 10 s. No process is signalled without a full scan.
 */
enum scan_mode {
	SCAN_QUICK, /* known processes may be remembered instead of read */
	SCAN_FULL,  /* everything is read again */
};

struct source_time {
	int64_t boottime_ms;  /* CLOCK_BOOTTIME */
	int64_t monotonic_ms; /* CLOCK_MONOTONIC */
	int64_t realtime_ms;  /* CLOCK_REALTIME */
};

/* What one process holds that the sweep respects. */
struct probe {
	pid_t pid;	 /* in */
	bool window;	 /* client of an X11 or Wayland server, by unix socket or TCP */
	bool display;	 /* an X11 or Wayland server itself that has a client */
	bool mount;	 /* it holds /dev/fuse open */
	bool failed;	 /* could not be looked up: keep it */
	uint16_t *ports; /* TCP and UDP ports it listens on; the caller frees */
	size_t nr_ports;
};

struct source {
	const struct source_ops *ops;
};

struct source_ops {
	/*
	 * Look at the processes. 0 and *ret_snapshot (sealed, one reference);
	 * a scan that could not see everything still succeeds, with
	 * complete = false. -ENOMEM, or -ESTALE: /proc is not our pid namespace's.
	 */
	int (*scan)(struct source *src, enum scan_mode mode, struct snapshot **ret_snapshot);

	/*
	 * Read these processes, each named once, afresh into one sealed snapshot: with
	 * their environment, without arguments and exe, since it is asked right before a
	 * signal whether they are still meant. ret_errors[i]: 0, it stands there;
	 * -ESRCH: not there; another: could not look, which is not the same. 0 or
	 * -ENOMEM.
	 */
	int (*read)(struct source *src, const pid_t *pids, size_t nr, int *ret_errors,
		    struct snapshot **ret_snapshot);

	/*
	 * From the next scan on have these processes in each snapshot, with all that is
	 * read of managed ones, whatever they look like: they are members by what is
	 * remembered. 0 or -ENOMEM. NULL: each process is read so anyway.
	 */
	int (*hold)(struct source *src, const struct identity *ids, size_t nr);

	/* Fill @probes; processes that are not there any more get nothing. 0 or -errno. */
	int (*probe)(struct source *src, struct probe *probes, size_t nr);

	/*
	 * From now on watch exactly these processes (live desktops) for their
	 * end, through pidfds. 0 or -errno; what could not be watched is left out.
	 */
	int (*watch)(struct source *src, const struct identity *ids, size_t nr);

	/*
	 * A file descriptor that polls readable when a watched process has
	 * ended, or -1. It stays the source's.
	 */
	int (*watch_fd)(struct source *src);

	/* Did this watched process end? Asks its pidfd. False if it is not watched. */
	bool (*watch_ended)(struct source *src, const struct identity *id);

	void (*now)(struct source *src, struct source_time *ret_time);

	/*
	 * The pid of the process that the scan reads at this moment and since when
	 * (CLOCK_MONOTONIC ms), or 0. Any thread. For "scan waits for pid N".
	 */
	pid_t (*waits_for)(struct source *src, int64_t *ret_since_ms);

	/*
	 * For people: the name of the control group that the process is in, such
	 * as "user@1000.service". False: not known. NULL: this source has none.
	 */
	bool (*cgroup)(struct source *src, pid_t pid, char *buf, size_t size);

	/*
	 * Evidence, each looked up for few processes (struct census_input says what is
	 * meant); NULL: this source has none, which is ANSWER_NO.
	 *
	 * Has one of these processes an open file, its working directory or a mapping below
	 * one of @folders? Paths are resolved and compared by whole components; descriptors
	 * and working directories first, mappings only where those say nothing.
	 */
	enum answer (*holds_files)(struct source *src, const pid_t *pids, size_t nr,
				   const char *const *folders, size_t nr_folders);
	/* Is it the oldest process of a systemd service's control group? Its name into @unit. */
	enum answer (*service)(struct source *src, const struct process *proc, char *unit,
			       size_t size);
	/* Are its standard input and output pipes or sockets with their other ends closed? */
	enum answer (*hung_up)(struct source *src, const struct process *proc);
	/* Has the process that had this pid ended, by pidfd_open(2) alone? */
	enum answer (*ended)(struct source *src, pid_t pid);

	/* Another policy from the next scan on (SIGHUP). 0 or -ENOMEM. */
	int (*set_policy)(struct source *src, const struct policy *policy);

	void (*free)(struct source *src);
};

/* read() of one: 0, or what became of it. */
static inline int source_read(struct source *src, pid_t pid, struct snapshot **ret_snapshot)
{
	struct snapshot *snap;
	int error, r = src->ops->read(src, &pid, 1, &error, &snap);

	if (r == 0 && error < 0) {
		snapshot_unref(snap);
		r = error;
	}
	if (r == 0)
		*ret_snapshot = snap;
	return r;
}

#endif
