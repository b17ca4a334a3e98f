/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "core/environ.h"
#include "linux/pidfd.h"
#include "linux/scan.h"

/* The process that a marker's value names, if the app's markers do so. */
static void find_owners_of(struct scan *scan, const struct process *proc)
{
	const struct policy *policy = scan->src->policy;

	for (size_t i = 0; i < policy->nr_apps; i++) {
		const struct app *app = &policy->apps[i];

		for (size_t j = 0; app->owner == APP_OWNER_PID && j < app->markers.nr; j++) {
			struct bytes value;
			uint64_t ticks;
			struct known *owner;
			pid_t pid;

			if (!environ_get(proc->environ, app->markers.items[j], &value) ||
			    app_parse_owner(value, &pid, &ticks) < 0)
				continue;
			owner = proc_table_find(scan->known, pid);
			if (owner && !(owner->flags & KNOWN_GONE))
				owner->flags |= KNOWN_OWNER;
		}
	}
}

void scan_find_owners(struct scan *scan)
{
	const struct proc_table *t = scan->known;

	for (size_t i = 0; i < t->nr; i++)
		if ((t->items[i].flags & KNOWN_MARKED) && t->items[i].at != KNOWN_NOWHERE)
			find_owners_of(scan, &scan->snap->procs[t->items[i].at]);
}

void scan_read_owners(struct scan *scan)
{
	const struct proc_table *t = scan->known;

	for (size_t i = 0; i < t->nr && !scan->error; i++) {
		struct known *k = &t->items[i];
		struct facts facts;
		int r;

		if (!(k->flags & KNOWN_OWNER) || (k->flags & KNOWN_WHOLE))
			continue;
		r = procfs_stat_pid(k->pid, &facts);
		if (r == 0)
			scan_add_pending(scan, k, &facts);
	}
	scan_read_pending(scan);
}

void scan_relate(struct scan *scan)
{
	int r = related_find(&scan->src->related, scan->known, scan->snap->self, scan->tracers,
			     scan->nr_tracers);

	if (r < 0)
		scan->error = r;
}

/*
 * Find the inode number of a process that got none while it was read; *ret_ino is 0
 * where the kernel has none or another process has the pid by now. 0, or -errno.
 * The pidfd must be of the same process: if @dir_fd can still be read after the pidfd
 * was opened, its process has had the pid all the time. That this is the process of
 * @proc, its stat must show: when a pid is used again even the start time may be
 * equal.
 */
static int full_identity(int dir_fd, const struct process *proc, uint64_t *ret_ino)
{
	_cleanup_close_ int fd = pidfd_of(proc->id.pid);
	struct facts facts;

	*ret_ino = 0;
	/* A kernel or a sandbox without pidfds, or an end; all else is trouble with looking. */
	if (fd < 0 && fd != -ENOSYS && fd != -EPERM && fd != -ESRCH)
		return fd;
	if (fd < 0 || procfs_stat(dir_fd, &facts) < 0 ||
	    facts.start_ticks != proc->id.start_ticks || facts.ppid != proc->ppid ||
	    facts.pgid != proc->pgid || facts.sid != proc->sid ||
	    strcmp(facts.comm, proc->comm) != 0)
		return 0;
	*ret_ino = pidfd_ino(fd);
	return 0;
}

static int read_details(const struct procfs_source *src, int dir_fd, struct process *proc)
{
	struct status status;
	int r = procfs_status(dir_fd, &status);

	if (r < 0)
		return r;
	proc->uid = status.uid;
	proc->tracer = status.tracer;
	proc->ns_pid = status.ns_pid;
	proc->ns_levels = status.levels;
	/*
	 * One pid in NSpid means the reader's own namespace. That holds for a zombie
	 * too, which has left it, and where the link ns/pid is refused.
	 */
	proc->pid_ns = status.levels == 1 ? src->pid_ns : 0;
	if (status.levels != 1 && procfs_pid_ns(dir_fd, &proc->pid_ns) < 0)
		proc->pid_ns = 0;
	/* It never changes; another one would be another process's. */
	return proc->id.pidfd_ino ? 0 : full_identity(dir_fd, proc, &proc->id.pidfd_ino);
}

static void add_tracer(struct scan *scan, pid_t pid)
{
	if (!pid)
		return;
	for (size_t i = 0; i < scan->nr_tracers; i++)
		if (scan->tracers[i] == pid)
			return;
	if (ARRAY_GROW(scan->tracers, scan->nr_tracers, scan->alloc_tracers) < 0)
		scan->error = -ENOMEM;
	else
		scan->tracers[scan->nr_tracers++] = pid;
}

void scan_details_of(struct scan *scan, struct known *k, struct process *proc)
{
	_cleanup_close_ int fd = procfs_open_pid(k->pid);
	int r = fd < 0 ? fd : read_details(scan->src, fd, proc);

	if (r == 0)
		k->flags |= KNOWN_DETAILED;
	else if (r == -ESRCH)
		proc->dead = true; /* since it was read */
	else
		scan_note_error(scan, k, r);
}

/* Of a wrapper's command: it needs no stamp to belong to the wrapper. */
static bool below_self(const struct scan *scan, const struct known *k)
{
	const struct proc_table *t = scan->known;

	for (size_t hops = 0; k && k->ppid > 0 && hops < t->nr; hops++) {
		if (k->ppid == scan->snap->self)
			return true;
		k = proc_table_find(t, k->ppid);
	}
	return false;
}

bool scan_details(struct scan *scan)
{
	const struct proc_table *t = scan->known;
	size_t tracers = scan->nr_tracers;

	for (size_t i = 0; i < t->nr && !scan->error; i++) {
		struct known *k = &t->items[i];
		struct process *proc;

		if (k->at == KNOWN_NOWHERE ||
		    (!(k->flags & (KNOWN_MANAGED | KNOWN_DESKTOP | KNOWN_OWNER)) &&
		     !below_self(scan, k)))
			continue;
		proc = &scan->snap->procs[k->at];
		if (!(k->flags & KNOWN_DETAILED))
			scan_details_of(scan, k, proc);
		if (k->flags & KNOWN_MANAGED)
			add_tracer(scan, proc->tracer);
	}
	return scan->nr_tracers != tracers;
}

/*
 * Read the pid namespace of a process of which no other detail is needed. Where the link
 * is refused, NSpid still tells how deep it is.
 */
static void read_namespace(const struct procfs_source *src, struct process *proc)
{
	_cleanup_close_ int fd = procfs_open_pid(proc->id.pid);
	struct status status;

	if (fd < 0)
		return;
	if (procfs_pid_ns(fd, &proc->pid_ns) == 0 && proc->pid_ns == src->pid_ns) {
		proc->ns_pid = proc->id.pid;
		proc->ns_levels = 1;
		return;
	}
	if (procfs_status(fd, &status) < 0)
		return;
	proc->ns_pid = status.ns_pid;
	proc->ns_levels = status.levels;
	if (status.levels == 1)
		proc->pid_ns = src->pid_ns;
}

void scan_namespaces(struct scan *scan)
{
	const struct proc_table *t = scan->known;
	uint64_t ours = scan->src->pid_ns;
	bool any = false;

	for (size_t i = 0; i < scan->snap->nr && !any; i++)
		any = scan->snap->procs[i].pid_ns && scan->snap->procs[i].pid_ns != ours;
	for (size_t i = 0; i < t->nr && any; i++) {
		const struct known *k = &t->items[i];

		if (k->at != KNOWN_NOWHERE &&
		    !(k->flags & (KNOWN_DETAILED | KNOWN_KERNEL | KNOWN_DEAD)))
			read_namespace(scan->src, &scan->snap->procs[k->at]);
	}
}

void scan_let_go(struct scan *scan)
{
	const struct proc_table *t = scan->known;

	for (size_t i = 0; i < t->nr; i++)
		if (!(t->items[i].flags & KNOWN_WANTED) || t->items[i].at == KNOWN_NOWHERE)
			t->items[i].flags &= ~(uint32_t)(KNOWN_HELD | KNOWN_DETAILED);
}
