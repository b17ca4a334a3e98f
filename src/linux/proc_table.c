/* SPDX-License-Identifier: MIT */
#include "linux/proc_table.h"

#include <errno.h>
#include <stdlib.h>

#include "linux/pidset.h"

void known_set_flag(struct known *k, uint32_t flag, bool on)
{
	if (on)
		k->flags |= flag;
	else
		k->flags &= ~flag;
}

bool known_is_news(const struct known *k)
{
	return (k->flags & (KNOWN_NEW | KNOWN_BEFORE)) == KNOWN_NEW || (k->flags & KNOWN_UNREAD);
}

/*
 * Flag the children of the processes in @ended. A parent changes only when it ends, so
 * the ppid of no other process has to be read again.
 */
static void mark_orphaned(struct proc_table *t, const struct pidset *ended)
{
	for (size_t i = 0; i < t->nr; i++)
		if (pidset_has(ended, t->items[i].ppid))
			t->items[i].flags |= KNOWN_ORPHANED;
}

/* Room for @nr entries, and a few more: processes come and go. 0 or -ENOMEM. */
static int reserve(struct proc_table *t, size_t nr)
{
	struct known *items;

	if (nr <= t->alloc)
		return 0;
	nr += nr / 16 + 64;
	items = realloc(t->items, nr * sizeof(*items));
	if (!items)
		return -ENOMEM;
	t->items = items;
	t->alloc = nr;
	return 0;
}

/* What is known of one that is still there: all but what was about the last scan. */
static void recall(struct known *k, bool forget)
{
	uint32_t before = k->flags & KNOWN_UNREAD ? 0 : KNOWN_BEFORE;

	if (forget)
		*k = (struct known){ .pid = k->pid, .ino = k->ino, .flags = KNOWN_NEW | before };
	else
		k->flags &= ~(uint32_t)KNOWN_THIS_SCAN;
}

/* Keep the entries that are still listed; the pids of the rest go to @ended. 0 or -ENOMEM. */
static int keep_listed(struct proc_table *t, const struct listing *list, bool forget,
		       struct pidset *ended)
{
	size_t nr = 0, now = 0;
	int r = 0;

	for (size_t i = 0; i < t->nr; i++) {
		struct known *k = &t->items[i];

		while (now < list->nr && list->items[now].pid < k->pid)
			now++;
		if (now < list->nr && list->items[now].pid == k->pid &&
		    list->items[now].ino == k->ino && !(k->flags & KNOWN_GONE)) {
			recall(k, forget);
			t->items[nr++] = *k;
		} else if (r == 0) {
			r = pidset_add(ended, k->pid);
		}
	}
	t->nr = nr;
	return r;
}

/* Insert the new pids in order: from the end, so that no entry is written over. */
static void add_new(struct proc_table *t, const struct listing *list)
{
	size_t old = t->nr;

	for (size_t i = list->nr; i-- > 0;) {
		const struct listed *now = &list->items[i];

		if (old && t->items[old - 1].pid == now->pid)
			t->items[i] = t->items[--old];
		else
			t->items[i] = (struct known){ .pid = now->pid,
						      .ino = now->ino,
						      .flags = KNOWN_NEW };
		t->items[i].at = KNOWN_NOWHERE;
	}
	t->nr = list->nr;
}

int proc_table_merge(struct proc_table *t, const struct listing *list, bool forget)
{
	struct pidset ended = { 0 };
	int r = reserve(t, list->nr);

	if (r == 0)
		r = keep_listed(t, list, forget, &ended);
	if (r == 0) {
		add_new(t, list);
		if (ended.words)
			mark_orphaned(t, &ended);
	}
	pidset_release(&ended);
	return r;
}

struct known *proc_table_find(const struct proc_table *t, pid_t pid)
{
	size_t low = 0, high = t->nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (t->items[middle].pid == pid)
			return &t->items[middle];
		if (t->items[middle].pid < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

void proc_table_release(struct proc_table *t)
{
	free(t->items);
	*t = (struct proc_table){ 0 };
}
