/* SPDX-License-Identifier: MIT */
#include "linux/scan.h"

/* Read its stat, and have its contents read. */
static void look_at(struct scan *scan, struct known *k)
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

/*
 * Read what is new since the last scan first, beginning at the end of the listing: a
 * process that lives for a moment only was listed a moment ago.
 */
static void look_at_new(struct scan *scan)
{
	const struct proc_table *t = scan->known;
	bool any_known = false;

	for (size_t i = 0; i < t->nr && !any_known; i++)
		any_known = t->items[i].flags & KNOWN_BEFORE;
	for (size_t i = t->nr; any_known && i-- && !scan->error;)
		if (!(t->items[i].flags & KNOWN_BEFORE))
			look_at(scan, &t->items[i]);
	scan_read_pending(scan);
}

void scan_full(struct scan *scan)
{
	const struct proc_table *t = scan->known;

	look_at_new(scan);
	for (size_t i = 0; i < t->nr && !scan->error; i++)
		if (t->items[i].at == KNOWN_NOWHERE &&
		    !(t->items[i].flags & (KNOWN_GONE | KNOWN_FAILED)))
			look_at(scan, &t->items[i]);
	scan_read_pending(scan);
	scan_find_owners(scan);
	scan_read_owners(scan);
	scan_relate(scan);
	scan_details(scan);
	scan_namespaces(scan);
	scan_let_go(scan);
}
