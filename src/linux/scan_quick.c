#include <errno.h>
#include <string.h>

#include "linux/scan.h"

/*
 * The quick scan: who was settled and of no interest at the last scan, and is
 * still there, is not read again. What could escape it: a settled, unrelated
 * process that calls exec(2) or joins another group. Its stat is read again at
 * least every SHARES scans; and before anybody is ended there is a full scan.
 */

/* What the last snapshot has of this process, or NULL. */
static const struct process *held(const struct scan *scan, const struct known *k)
{
	const struct snapshot *last = scan->src->last;

	return last && (k->flags & KNOWN_HELD) ? snapshot_find(last, k->pid) : NULL;
}

static bool my_turn(const struct scan *scan, const struct known *k)
{
	return (unsigned)k->pid % SHARES == scan->src->turn;
}

/* Nothing changed but numbers: take the rest from the last snapshot. */
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
	proc.exe = before->exe;
	proc.args = before->args;
	proc.args_read = before->args_read;
	proc.environ = before->environ;
	proc.environ_read = before->environ_read;
	scan_store(scan, k, &proc);
	/* A tracer comes and goes unseen. */
	if (my_turn(scan, k))
		k->flags &= ~(uint32_t)KNOWN_DETAILED;
}

/* Read its stat; then what is held of it serves, or its contents are read too. */
static void look_at(struct scan *scan, struct known *k, bool wanted)
{
	uint32_t mark = k->exec_mark, flags = k->flags;
	const struct process *before = held(scan, k);
	struct facts facts;
	bool same;
	int r = procfs_stat_pid(k->pid, &facts);

	if (r < 0) {
		scan_note_error(scan, k, r);
		return;
	}
	scan_note_facts(scan, k, &facts);
	same = !(flags & (KNOWN_NEW | KNOWN_UNREAD)) && facts.exec_mark == mark &&
	       facts.state != 'Z' && facts.state != 'X';
	if (same && before && before->id.start_ticks == facts.start_ticks)
		carry_over(scan, k, &facts, before);
	else if (!same || wanted || before || (flags & (KNOWN_MARKED | KNOWN_DESKTOP)))
		scan_add_pending(scan, k, &facts);
}

/* Who is looked at in any case. */
static bool is_due(const struct scan *scan, const struct known *k)
{
	return (k->flags & (KNOWN_NEW | KNOWN_ORPHANED | KNOWN_YOUNG | KNOWN_HELD | KNOWN_UNREAD |
			    KNOWN_MARKED | KNOWN_DESKTOP)) ||
	       my_turn(scan, k);
}

/* Who turned out to be related and is not in the snapshot yet. True: somebody. */
static bool look_at_wanted(struct scan *scan)
{
	const struct known_table *t = scan->known;
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
	const struct known_table *t = scan->known;

	for (size_t i = 0; i < t->nr && !scan->error; i++)
		if (is_due(scan, &t->items[i]))
			look_at(scan, &t->items[i], false);
	scan_read_pending(scan);

	/*
	 * Reading somebody may show that others are related; each round reaches
	 * at least one step further, and what a bounded number of them misses
	 * comes with the next scan.
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
