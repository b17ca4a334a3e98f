/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "linux/scan.h"

/*
 * The quick scan: a process that was settled and of no interest at the last scan, and
 * is still there, is not read again before its turn comes. What a snapshot may miss
 * by that, stray/source.h says.
 */

/* What the last snapshot has of this process, or NULL. */
static const struct process *held(const struct scan *scan, const struct known *k)
{
	const struct snapshot *last = scan->src->last;

	return last && (k->flags & KNOWN_HELD) ? snapshot_find(last, k->pid) : NULL;
}

/*
 * Is it the turn of the share that it is in? The number of shares is a power of two
 * that divides SHARES. So whatever it was at each of SHARES scans in a row, every
 * process had a turn.
 */
static bool my_turn(const struct scan *scan, const struct known *k)
{
	unsigned shares = SHARES;

	while (shares > 1 && scan->known->nr / shares < scan->src->share_min)
		shares /= 2;
	return ((unsigned)k->pid ^ scan->src->turn) % shares == 0;
}

/* Store @k with the numbers of @facts and all else from @before, the last snapshot's. */
static void carry_over(struct scan *scan, struct known *k, const struct facts *facts,
		       const struct process *before)
{
	struct process proc;

	scan_fill_process(&proc, facts);
	proc.id.pidfd_ino = before->id.pidfd_ino;
	proc.uid = before->uid;
	proc.tracer = before->tracer;
	proc.pid_ns = before->pid_ns;
	proc.ns_pid = before->ns_pid;
	proc.ns_levels = before->ns_levels;
	proc.exe = before->exe;
	proc.args = before->args;
	proc.args_read = before->args_read;
	proc.environ = before->environ;
	proc.environ_read = before->environ_read;
	scan_store(scan, k, &proc);
}

/* Read its stat; then take the rest from the last snapshot, or read its contents too. */
static void look_at(struct scan *scan, struct known *k, bool wanted)
{
	uint32_t mark = k->exec_mark, flags = k->flags;
	const struct process *before = held(scan, k);
	struct facts facts;
	bool same, settles;
	int r = procfs_stat_pid(k->pid, &facts);

	if (r < 0) {
		scan_note_error(scan, k, r);
		return;
	}
	scan_note_facts(scan, k, &facts);
	/* Once more when it has settled: some programs begin by giving themselves a title. */
	settles = (flags & KNOWN_YOUNG) && !(k->flags & KNOWN_YOUNG);
	same = !(flags & (KNOWN_NEW | KNOWN_UNREAD)) && !settles && facts.exec_mark == mark &&
	       facts.state != 'Z' && facts.state != 'X';
	/* A tracer comes and goes, arguments are written over, and stat is as it was. */
	if (same && before && before->id.start_ticks == facts.start_ticks && !my_turn(scan, k))
		carry_over(scan, k, &facts, before);
	else if (!same || wanted || before || (flags & (KNOWN_MARKED | KNOWN_DESKTOP)))
		scan_add_pending(scan, k, &facts);
}

/* Must this scan read its stat, before anything is known of its relations? */
static bool is_due(const struct scan *scan, const struct known *k)
{
	return (k->flags & (KNOWN_NEW | KNOWN_ORPHANED | KNOWN_YOUNG | KNOWN_HELD | KNOWN_UNREAD |
			    KNOWN_MARKED | KNOWN_DESKTOP)) ||
	       my_turn(scan, k);
}

/* Read what turned out to be related and is not in the snapshot yet. True: there was any. */
static bool look_at_wanted(struct scan *scan)
{
	const struct proc_table *t = scan->known;
	bool any = false;

	for (size_t i = 0; i < t->nr && !scan->error; i++) {
		struct known *k = &t->items[i];

		if (!(k->flags & KNOWN_WANTED) || (k->flags & KNOWN_FAILED) ||
		    k->at != KNOWN_NOWHERE)
			continue;
		look_at(scan, k, true);
		any = true;
	}
	scan_read_pending(scan);
	return any;
}

void scan_quick(struct scan *scan)
{
	const struct proc_table *t = scan->known;

	/*
	 * New processes first, beginning at the end of the listing: one that lives for a
	 * moment only was listed a moment ago.
	 */
	for (size_t i = t->nr; i-- && !scan->error;)
		if (t->items[i].flags & KNOWN_NEW)
			look_at(scan, &t->items[i], false);
	scan_read_pending(scan);
	for (size_t i = 0; i < t->nr && !scan->error; i++)
		if (!(t->items[i].flags & (KNOWN_NEW | KNOWN_GONE)) && is_due(scan, &t->items[i]))
			look_at(scan, &t->items[i], false);
	scan_read_pending(scan);

	/*
	 * Reading a process may show that others are related; each round reaches at
	 * least one step further, and what a bounded number of them misses comes with
	 * the next scan.
	 */
	for (int round = 0; round < 8 && !scan->error; round++) {
		scan_find_owners(scan);
		scan_read_owners(scan);
		scan_relate(scan);
		if (!scan->error && !look_at_wanted(scan) && !scan_details(scan))
			break;
	}
	scan_let_go(scan);
}
