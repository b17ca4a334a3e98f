/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <libproc2/pids.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "linux/scan.h"
#include "linux/timens.h"

/*
 * The full pass over stat goes through libproc2's reap. Results are taken from
 * the stacks directly: PIDS_VAL has four arguments up to 4.0.3 and three later.
 * The effective uid comes with the folder and costs no file of its own.
 */
enum {
	R_PID,
	R_PPID,
	R_PGRP,
	R_SESSION,
	R_TPGID,
	R_TTY,
	R_STATE,
	R_COMM,
	R_FLAGS,
	R_EUID,
	R_START,
	R_CPU,
	R_RSS,
	R_THREADS,
	R_START_CODE,
	R_END_CODE,
	R_START_STACK,
	R_NR
};

static const enum pids_item reap_items[R_NR] = {
	[R_PID] = PIDS_ID_PID,
	[R_PPID] = PIDS_ID_PPID,
	[R_PGRP] = PIDS_ID_PGRP,
	[R_SESSION] = PIDS_ID_SESSION,
	[R_TPGID] = PIDS_ID_TPGID,
	[R_TTY] = PIDS_TTY,
	[R_STATE] = PIDS_STATE,
	[R_COMM] = PIDS_CMD,
	[R_FLAGS] = PIDS_FLAGS,
	[R_EUID] = PIDS_ID_EUID,
	[R_START] = PIDS_TICS_BEGAN,
	[R_CPU] = PIDS_TICS_ALL,
	[R_RSS] = PIDS_RSS,
	[R_THREADS] = PIDS_NLWP,
	[R_START_CODE] = PIDS_ADDR_CODE_START,
	[R_END_CODE] = PIDS_ADDR_CODE_END,
	[R_START_STACK] = PIDS_ADDR_STACK_START,
};

static void facts_of_stack(const struct pids_result *v, uint64_t page_kib, struct facts *ret_facts)
{
	const char *comm = v[R_COMM].result.str ? v[R_COMM].result.str : "";
	uint64_t flags = v[R_FLAGS].result.ul_int;
	struct facts f = {
		.pid = v[R_PID].result.s_int,
		.ppid = v[R_PPID].result.s_int,
		.pgid = v[R_PGRP].result.s_int,
		.sid = v[R_SESSION].result.s_int,
		.tpgid = v[R_TPGID].result.s_int,
		.tty_nr = v[R_TTY].result.s_int,
		.state = (char)v[R_STATE].result.s_ch,
		.kernel_thread = facts_kernel_thread(flags),
		.euid = v[R_EUID].result.u_int,
		.start_ticks = v[R_START].result.ull_int - (uint64_t)timens_boot_ticks(),
		.cpu_ticks = v[R_CPU].result.ull_int,
		.rss_kib = v[R_RSS].result.ul_int * page_kib,
		.threads = (unsigned)v[R_THREADS].result.s_int,
	};
	size_t len = strlen(comm);

	/* Kernel threads alone have longer ones. */
	memcpy(f.comm, comm, len < sizeof(f.comm) ? len : sizeof(f.comm) - 1);
	f.exec_mark =
		facts_exec_mark(&f, v[R_START_CODE].result.ul_int, v[R_END_CODE].result.ul_int,
				v[R_START_STACK].result.ul_int, flags);
	*ret_facts = f;
}

/* Read a process that reap left out: it skips without an error what it cannot read. */
static void look_for_missing(struct scan *scan, struct known *k)
{
	struct facts facts;
	int r = procfs_stat_pid(k->pid, &facts);

	if (r < 0) {
		scan_note_error(scan, k, r);
		return;
	}
	scan_note_facts(scan, k, &facts);
	scan_add_pending(scan, k, &facts);
}

static int by_pid(const void *a, const void *b)
{
	const struct facts *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

/*
 * Bring the listing and what reap read together, both in the order of pids. What
 * reap's alone has was forked between the two, and is the next scan's.
 */
static void join(struct scan *scan, const struct facts *facts, size_t nr)
{
	const struct proc_table *t = scan->known;
	size_t at = 0;

	for (size_t i = 0; i < t->nr && !scan->error; i++) {
		struct known *k = &t->items[i];

		if (k->at != KNOWN_NOWHERE || (k->flags & (KNOWN_GONE | KNOWN_FAILED)))
			continue;
		while (at < nr && facts[at].pid < k->pid)
			at++;
		/* libproc2 shows odd bytes of a comm as `?` or `.`; then read it ourselves. */
		if (at == nr || facts[at].pid != k->pid || strpbrk(facts[at].comm, "?.")) {
			look_for_missing(scan, k);
			continue;
		}
		scan_note_facts(scan, k, &facts[at]);
		scan_add_pending(scan, k, &facts[at]);
	}
}

static void reap_stat(struct scan *scan)
{
	enum pids_item items[R_NR];
	struct pids_info *info = NULL;
	struct pids_fetch *fetch;
	struct facts *facts = NULL;
	size_t nr = 0;
	int r;

	memcpy(items, reap_items, sizeof(items));
	r = procps_pids_new(&info, items, R_NR);
	fetch = r < 0 ? NULL : procps_pids_reap(info, PIDS_FETCH_TASKS_ONLY);
	if (fetch && fetch->counts->total > 0) {
		uint64_t page_kib = (uint64_t)sysconf(_SC_PAGESIZE) / 1024;

		nr = (size_t)fetch->counts->total;
		facts = calloc(nr, sizeof(*facts));
		if (!facts)
			scan->error = -ENOMEM;
		for (size_t i = 0; facts && i < nr; i++)
			facts_of_stack(fetch->stacks[i]->head, page_kib, &facts[i]);
		if (facts)
			qsort(facts, nr, sizeof(*facts), by_pid);
	}
	procps_pids_unref(&info);
	/* Where libproc2 fails, all are missing, and join() reads each by itself. */
	join(scan, facts, facts ? nr : 0);
	free(facts);
}

/*
 * Read what is new since the last scan first, beginning at the end of the listing: a
 * process that lives for a moment only was listed a moment ago. libproc2 has them too,
 * and too late.
 */
static void look_at_new(struct scan *scan)
{
	const struct proc_table *t = scan->known;
	bool any_known = false;

	for (size_t i = 0; i < t->nr && !any_known; i++)
		any_known = t->items[i].flags & KNOWN_BEFORE;
	for (size_t i = t->nr; any_known && i-- && !scan->error;)
		if (!(t->items[i].flags & KNOWN_BEFORE))
			look_for_missing(scan, &t->items[i]);
	scan_read_pending(scan);
}

void scan_full(struct scan *scan)
{
	look_at_new(scan);
	reap_stat(scan);
	scan_read_pending(scan);
	scan_find_owners(scan);
	scan_read_owners(scan);
	scan_relate(scan);
	scan_details(scan);
	scan_namespaces(scan);
	scan_let_go(scan);
}
