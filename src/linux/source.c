/* SPDX-License-Identifier: MIT */
#include "linux/source.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "linux/cgroup.h"
#include "linux/hangup.h"
#include "linux/hidepid.h"
#include "linux/openfiles.h"
#include "linux/pidfd.h"
#include "linux/probe.h"
#include "linux/scan.h"
#include "linux/self.h"
#include "linux/timens.h"

/* How long one process may take to be read before it counts as unreadable. */
enum { PATIENCE_MS = 10 * 1000 };

static struct procfs_source *of(struct source *src)
{
	return (struct procfs_source *)(void *)src;
}

static void now(struct source *src, struct source_time *ret_time)
{
	(void)src;
	ret_time->boottime_ms = clock_ms(CLOCK_BOOTTIME) - timens_boot_ms();
	ret_time->monotonic_ms = clock_ms(CLOCK_MONOTONIC);
	ret_time->realtime_ms = clock_ms(CLOCK_REALTIME);
}

static struct snapshot *begin(struct procfs_source *src)
{
	struct snapshot *s = snapshot_new();
	struct source_time time;

	if (!s)
		return NULL;
	now(&src->source, &time);
	s->boottime_ms = time.boottime_ms;
	s->monotonic_ms = time.monotonic_ms;
	s->realtime_ms = time.realtime_ms;
	memcpy(s->boot_id, src->boot_id, sizeof(s->boot_id));
	memcpy(s->host, src->host, sizeof(s->host));
	s->ticks_per_second = src->ticks_per_second;
	s->pid_ns = src->pid_ns;
	s->self = getpid();
	s->complete = true;
	return s;
}

static size_t count_unreadable(const struct proc_table *t)
{
	size_t nr = 0;

	for (size_t i = 0; i < t->nr; i++)
		nr += (t->items[i].flags & KNOWN_REFUSED) != 0;
	return nr;
}

/* Drop what is held: the next scan reads every process. */
static void forget(struct procfs_source *src)
{
	snapshot_unref(src->last);
	src->last = NULL;
	src->forget = true;
}

/*
 * Scan in @mode into @s. With nothing to remember a quick scan reads every process, too.
 * 0 or -ENOMEM.
 */
static int look(struct procfs_source *src, struct snapshot *s, enum scan_mode mode)
{
	bool full = mode == SCAN_FULL || src->forget;
	struct scan scan;
	int r = listing_read(&src->listing);

	if (r == -ENOMEM)
		return r;
	scan_init(&scan, src, &src->known, s);
	if (r < 0)
		scan_trouble(&scan, "cannot list processes: %s", strerror(-r));
	s->scanned = src->listing.nr;
	s->full = full;
	r = proc_table_merge(&src->known, &src->listing, full);
	for (size_t i = 0; r == 0 && i < src->known.nr; i++)
		if (pidset_has(&src->members, src->known.items[i].pid))
			src->known.items[i].flags |= KNOWN_MEMBER;
	if (r == 0) {
		if (mode == SCAN_FULL)
			scan_full(&scan);
		else
			scan_quick(&scan);
		r = scan.error;
	}
	scan_release(&scan);
	return r;
}

static int do_scan(struct source *source, enum scan_mode mode, struct snapshot **ret_snapshot)
{
	struct procfs_source *src = of(source);
	int64_t began_us = clock_us(CLOCK_MONOTONIC);
	struct snapshot *s;
	int r = self_check_proc();

	if (r < 0)
		return r;
	s = begin(src);
	if (!s)
		return -ENOMEM;
	r = look(src, s, mode);
	if (r < 0) {
		snapshot_unref(s);
		forget(src); /* the table speaks of a snapshot that does not exist */
		return r;
	}
	s->unreadable = count_unreadable(&src->known);
	/* Before a signal it is asked again: a full scan precedes each. */
	if (mode == SCAN_FULL || !src->last)
		src->hides = hidepid_hides();
	s->hides = s->hides || src->hides;
	snapshot_seal(s);
	s->took_us = clock_us(CLOCK_MONOTONIC) - began_us;
	snapshot_unref(src->last);
	src->last = snapshot_ref(s);
	src->forget = false;
	/* By then the snapshot of all processes is not held any more: give its memory back. */
	src->since_large = s->nr > s->scanned / 2 ? 0 : src->since_large + 1;
	if (src->since_large == 2)
		malloc_trim(0);
	src->turn = (src->turn + 1) % SHARES;
	*ret_snapshot = s;
	return 0;
}

static int do_read(struct source *source, const pid_t *pids, size_t nr, int *ret_errors,
		   struct snapshot **ret_snapshot)
{
	struct procfs_source *src = of(source);
	struct snapshot *s = begin(src);
	int r;

	if (!s)
		return -ENOMEM;
	r = scan_some(src, pids, nr, ret_errors, s);
	if (r < 0) {
		snapshot_unref(s);
		return r;
	}
	snapshot_seal(s);
	*ret_snapshot = s;
	return 0;
}

/* By pid: one that has it by now is read for nothing, and harms nothing. */
static int do_hold(struct source *source, const struct identity *ids, size_t nr)
{
	struct procfs_source *src = of(source);
	int r = 0;

	pidset_clear(&src->members);
	for (size_t i = 0; i < nr && r == 0; i++)
		r = pidset_add(&src->members, ids[i].pid);
	return r;
}

static int do_probe(struct source *source, struct probe *probes, size_t nr)
{
	return probe_all(of(source)->reader, probes, nr);
}

static int do_watch(struct source *source, const struct identity *ids, size_t nr)
{
	return watch_set(&of(source)->watch, ids, nr);
}

static int do_watch_fd(struct source *source)
{
	return of(source)->watch.epoll_fd;
}

static bool do_watch_ended(struct source *source, const struct identity *id)
{
	return watch_ended(&of(source)->watch, id);
}

static pid_t do_waits_for(struct source *source, int64_t *ret_since_ms)
{
	return reader_waits_for(of(source)->reader, ret_since_ms);
}

static bool do_cgroup(struct source *source, pid_t pid, char *buf, size_t size)
{
	(void)source;
	return cgroup_of(pid, buf, size);
}

static enum answer do_holds_files(struct source *source, const pid_t *pids, size_t nr,
				  const char *const *folders, size_t nr_folders)
{
	return openfiles_hold(of(source)->reader, pids, nr, folders, nr_folders);
}

/* What was remembered will do for a look, and not before a signal, which a full scan precedes. */
static enum answer do_service(struct source *source, const struct process *proc, char *unit,
			      size_t size)
{
	struct procfs_source *src = of(source);

	return service_of(&src->services, proc, src->last && src->last->full, unit, size);
}

static enum answer do_hung_up(struct source *source, const struct process *proc)
{
	(void)source;
	return hangup_of(proc->id.pid);
}

static enum answer do_ended(struct source *source, pid_t pid)
{
	_cleanup_close_ int fd = pidfd_of(pid);

	(void)source;
	if (fd == -ESRCH)
		return ANSWER_YES;
	if (fd < 0)
		return ANSWER_UNKNOWN;
	return pidfd_dead(fd) > 0 ? ANSWER_YES : ANSWER_NO;
}

static int do_set_policy(struct source *source, const struct policy *policy)
{
	struct procfs_source *src = of(source);

	/* What was kept of the environments was another policy's choice. */
	policy_ref(policy);
	policy_unref(src->policy);
	src->policy = policy;
	forget(src);
	return 0;
}

static void do_free(struct source *source)
{
	struct procfs_source *src = of(source);

	snapshot_unref(src->last);
	reader_free(src->reader);
	listing_release(&src->listing);
	proc_table_release(&src->known);
	related_release(&src->related);
	watch_release(&src->watch);
	services_release(&src->services);
	pidset_release(&src->members);
	policy_unref(src->policy);
	free(src);
}

static const struct source_ops ops = {
	.scan = do_scan,
	.read = do_read,
	.hold = do_hold,
	.probe = do_probe,
	.watch = do_watch,
	.watch_fd = do_watch_fd,
	.watch_ended = do_watch_ended,
	.now = now,
	.waits_for = do_waits_for,
	.cgroup = do_cgroup,
	.holds_files = do_holds_files,
	.service = do_service,
	.hung_up = do_hung_up,
	.ended = do_ended,
	.set_policy = do_set_policy,
	.free = do_free,
};

int procfs_source_new(const struct policy *policy, struct source **ret_source)
{
	struct procfs_source *src = calloc(1, sizeof(*src));
	int r;

	if (!src)
		return -ENOMEM;
	/*
	 * The reading thread and ours never allocate at the same time; with a heap for
	 * each, what one frees the other cannot use: measured, twice the memory.
	 */
	mallopt(M_ARENA_MAX, 1);
	r = reader_new(PATIENCE_MS, &src->reader);
	if (r < 0) {
		free(src);
		return r;
	}
	src->source.ops = &ops;
	src->policy = policy_ref(policy);
	watch_init(&src->watch);
	src->forget = true;
	src->share_min = SHARE_MIN;
	src->ticks_per_second = (unsigned)sysconf(_SC_CLK_TCK);
	src->pid_ns = self_pid_ns();
	/* Left empty where /proc shows pids only; such a boot is never the ledger's. */
	if (self_boot_id(src->boot_id) < 0)
		src->boot_id[0] = '\0';
	if (gethostname(src->host, sizeof(src->host) - 1) < 0)
		src->host[0] = '\0';
	*ret_source = &src->source;
	return 0;
}
