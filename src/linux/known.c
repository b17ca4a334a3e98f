#include "linux/known.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Room for @nr entries in the spare array. */
static int reserve_spare(struct known_table *t, size_t nr)
{
	struct known *spare;

	if (nr <= t->spare_alloc)
		return 0;
	nr += nr / 8 + 64;
	spare = malloc(nr * sizeof(*spare));
	if (!spare)
		return -ENOMEM;
	free(t->spare);
	t->spare = spare;
	t->spare_alloc = nr;
	return 0;
}

/*
 * Whose parent was there and is not now, has another one: a parent changes by
 * its end and by nothing else, so nobody else's needs to be read again.
 */
static void mark_orphaned(struct known_table *t, const struct pidset *ended)
{
	for (size_t i = 0; i < t->nr; i++)
		if (pidset_has(ended, t->items[i].ppid))
			t->items[i].flags |= KNOWN_ORPHANED;
}

int known_merge(struct known_table *t, const struct listing *list, bool forget)
{
	struct pidset ended = { 0 };
	size_t old = 0, swap;
	struct known *items;
	bool any_ended = false;
	int r = reserve_spare(t, list->nr);

	if (r < 0)
		return r;
	for (size_t i = 0; i < list->nr; i++) {
		const struct listed *now = &list->items[i];
		struct known *k = &t->spare[i];

		for (; old < t->nr && t->items[old].pid < now->pid; old++, any_ended = true)
			r = r < 0 ? r : pidset_add(&ended, t->items[old].pid);
		*k = (struct known){ .pid = now->pid, .ino = now->ino, .flags = KNOWN_NEW };
		if (old < t->nr && t->items[old].pid == now->pid) {
			if (!forget && t->items[old].ino == now->ino &&
			    !(t->items[old].flags & KNOWN_GONE)) {
				*k = t->items[old];
				k->flags &= ~(uint32_t)KNOWN_THIS_SCAN;
			} else {
				any_ended = true;
				r = r < 0 ? r : pidset_add(&ended, now->pid);
			}
			old++;
		}
		k->at = KNOWN_NOWHERE;
	}
	for (; old < t->nr; old++, any_ended = true)
		r = r < 0 ? r : pidset_add(&ended, t->items[old].pid);
	if (r < 0) {
		pidset_release(&ended);
		return r;
	}
	items = t->items;
	t->items = t->spare;
	t->spare = items;
	swap = t->alloc;
	t->alloc = t->spare_alloc;
	t->spare_alloc = swap;
	t->nr = list->nr;
	if (any_ended)
		mark_orphaned(t, &ended);
	pidset_release(&ended);
	return 0;
}

struct known *known_find(const struct known_table *t, pid_t pid)
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

void known_release(struct known_table *t)
{
	free(t->items);
	free(t->spare);
	*t = (struct known_table){ 0 };
}
