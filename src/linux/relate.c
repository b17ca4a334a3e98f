/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "linux/known.h"

int pidset_add(struct pidset *set, pid_t pid)
{
	size_t word = (size_t)pid / 64;

	if (pid <= 0)
		return 0;
	if (word >= set->words) {
		size_t words = word + word / 2 + 64;
		uint64_t *bits = realloc(set->bits, words * sizeof(*bits));

		if (!bits)
			return -ENOMEM;
		memset(bits + set->words, 0, (words - set->words) * sizeof(*bits));
		set->bits = bits;
		set->words = words;
	}
	set->bits[word] |= UINT64_C(1) << (pid % 64);
	return 0;
}

bool pidset_has(const struct pidset *set, pid_t pid)
{
	size_t word = (size_t)pid / 64;

	return pid > 0 && word < set->words && (set->bits[word] >> (pid % 64) & 1);
}

void pidset_clear(struct pidset *set)
{
	if (set->words)
		memset(set->bits, 0, set->words * sizeof(*set->bits));
}

void pidset_release(struct pidset *set)
{
	free(set->bits);
	*set = (struct pidset){ 0 };
}

static int add_to(struct pidset *set, struct known *k, uint32_t flag)
{
	k->flags |= flag;
	return pidset_add(set, k->pid);
}

/* May it be a dead stdio server: adopted, and leading no session? */
static bool may_be_server(const struct known_table *t, const struct known *k)
{
	const struct known *parent;

	if ((k->flags & KNOWN_KERNEL) || k->sid == k->pid)
		return false;
	parent = known_find(t, k->ppid);
	return parent && (parent->flags & KNOWN_ADOPTER);
}

static int relate_start(struct relations *rel, struct known_table *t)
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
static int relate_pass(struct relations *rel, struct known_table *t)
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
static void want_line(struct known_table *t, struct known *k)
{
	while (k && !(k->flags & (KNOWN_WANTED | KNOWN_GONE))) {
		k->flags |= KNOWN_WANTED;
		k = k->ppid > 0 ? known_find(t, k->ppid) : NULL;
	}
}

/*
 * Want all processes in a session that has a managed process and no leader any more: it
 * is a managed session if all of them are. 0 or -ENOMEM.
 */
static int want_sessions(struct relations *rel, struct known_table *t)
{
	bool any = false;

	pidset_clear(&rel->sessions);
	for (size_t i = 0; i < t->nr; i++) {
		const struct known *k = &t->items[i];

		if (!(k->flags & KNOWN_MANAGED) || (k->flags & KNOWN_GONE) || k->sid <= 0 ||
		    known_find(t, k->sid))
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

int relate(struct relations *rel, struct known_table *t, pid_t self, const pid_t *others,
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
			want_line(t, known_find(t, k->ppid));
		/* Which of its children is the oldest tells what a container was made to run. */
		const struct known *parent = known_find(t, k->ppid);

		if (parent && (parent->flags & KNOWN_RUNS_ONE) && !(k->flags & KNOWN_GONE))
			want_line(t, k);
		if (!(k->flags & (KNOWN_MANAGED | KNOWN_UNDER)))
			continue;
		want_line(t, k);
		want_line(t, known_find(t, k->pgid));
		want_line(t, known_find(t, k->sid));
	}
	r = want_sessions(rel, t);
	if (r < 0)
		return r;
	want_line(t, known_find(t, self));
	for (size_t i = 0; i < nr_others; i++)
		want_line(t, known_find(t, others[i]));
	return 0;
}

void relations_release(struct relations *rel)
{
	pidset_release(&rel->managed);
	pidset_release(&rel->under);
	pidset_release(&rel->sessions);
}
