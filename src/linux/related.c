/* SPDX-License-Identifier: MIT */
#include "linux/related.h"

#include <errno.h>

static int add_to(struct pidset *set, struct known *k, uint32_t flag)
{
	k->flags |= flag;
	return pidset_add(set, k->pid);
}

/* Has the parent of a process that was not found to be gone this flag? */
static bool is_below(const struct proc_table *t, const struct known *k, uint32_t flag)
{
	const struct known *parent = k->flags & KNOWN_GONE ? NULL : proc_table_find(t, k->ppid);

	return parent && (parent->flags & flag);
}

/* May it be a dead stdio server: adopted, and leading no session? */
static bool may_be_server(const struct proc_table *t, const struct known *k)
{
	return !(k->flags & KNOWN_KERNEL) && k->sid != k->pid && is_below(t, k, KNOWN_ADOPTER);
}

static int relate_start(struct related *rel, struct proc_table *t)
{
	int r = 0;

	pidset_clear(&rel->managed);
	pidset_clear(&rel->under);
	for (size_t i = 0; i < t->nr && r == 0; i++) {
		struct known *k = &t->items[i];

		k->flags &= ~(uint32_t)(KNOWN_MANAGED | KNOWN_UNDER | KNOWN_WANTED);
		if (k->flags & KNOWN_GONE)
			continue;
		if ((k->flags & (KNOWN_MARKED | KNOWN_MEMBER)) || may_be_server(t, k))
			r = add_to(&rel->managed, k, KNOWN_MANAGED);
		if (r == 0 && (k->flags & (KNOWN_DESKTOP | KNOWN_OWNER)))
			r = add_to(&rel->under, k, KNOWN_UNDER);
	}
	return r;
}

/* Hand both properties down, one pass. 1: a process got one, 0: none did, -ENOMEM. */
static int relate_pass(struct related *rel, struct proc_table *t)
{
	int changed = 0;

	for (size_t i = 0; i < t->nr; i++) {
		struct known *k = &t->items[i];
		int r = 0;

		if (k->flags & KNOWN_GONE)
			continue;
		if (!(k->flags & KNOWN_MANAGED) &&
		    (pidset_has(&rel->managed, k->ppid) || pidset_has(&rel->managed, k->pgid) ||
		     pidset_has(&rel->managed, k->sid))) {
			r = add_to(&rel->managed, k, KNOWN_MANAGED);
			changed = 1;
		}
		if (r == 0 && !(k->flags & KNOWN_UNDER) && pidset_has(&rel->under, k->ppid)) {
			r = add_to(&rel->under, k, KNOWN_UNDER);
			changed = 1;
		}
		if (r < 0)
			return r;
	}
	return changed;
}

/* This one and its ancestors. */
static void want_line(struct proc_table *t, struct known *k)
{
	while (k && !(k->flags & (KNOWN_WANTED | KNOWN_GONE))) {
		k->flags |= KNOWN_WANTED;
		k = k->ppid > 0 ? proc_table_find(t, k->ppid) : NULL;
	}
}

/*
 * Want all processes in a session that has a managed process and no leader any more: it
 * is a managed session if all of them are. 0 or -ENOMEM.
 */
static int want_sessions(struct related *rel, struct proc_table *t)
{
	bool any = false;

	pidset_clear(&rel->sessions);
	for (size_t i = 0; i < t->nr; i++) {
		const struct known *k = &t->items[i];

		if (!(k->flags & KNOWN_MANAGED) || (k->flags & KNOWN_GONE) || k->sid <= 0 ||
		    proc_table_find(t, k->sid))
			continue;
		if (pidset_add(&rel->sessions, k->sid) < 0)
			return -ENOMEM;
		any = true;
	}
	for (size_t i = 0; any && i < t->nr; i++)
		if (pidset_has(&rel->sessions, t->items[i].sid))
			want_line(t, &t->items[i]);
	return 0;
}

int related_find(struct related *rel, struct proc_table *t, pid_t self, const pid_t *others,
		 size_t nr_others)
{
	int r = relate_start(rel, t);

	/*
	 * Children mostly come after their parents, in the order of pids: one
	 * pass, one more to see that it was the last, and one more for each
	 * time that the pids have wrapped around in a chain.
	 */
	while (r >= 0) {
		r = relate_pass(rel, t);
		if (r == 0)
			break;
	}
	if (r < 0)
		return r;
	for (size_t i = 0; i < t->nr; i++) {
		struct known *k = &t->items[i];

		/* Whether an ended process matters, its parent shows. */
		if ((k->flags & (KNOWN_DEAD | KNOWN_GONE)) && k->at != KNOWN_NOWHERE)
			want_line(t, proc_table_find(t, k->ppid));
		/* Which of its children is the oldest tells what a container was made to run. */
		if (is_below(t, k, KNOWN_RUNS_ONE))
			want_line(t, k);
		if (!(k->flags & (KNOWN_MANAGED | KNOWN_UNDER)))
			continue;
		want_line(t, k);
		want_line(t, proc_table_find(t, k->pgid));
		want_line(t, proc_table_find(t, k->sid));
	}
	r = want_sessions(rel, t);
	if (r < 0)
		return r;
	want_line(t, proc_table_find(t, self));
	for (size_t i = 0; i < nr_others; i++)
		want_line(t, proc_table_find(t, others[i]));
	return 0;
}

void related_release(struct related *rel)
{
	pidset_release(&rel->managed);
	pidset_release(&rel->under);
	pidset_release(&rel->sessions);
}
