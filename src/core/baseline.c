/* SPDX-License-Identifier: MIT */
#include "core/baseline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

static int compare_ids(const void *a, const void *b)
{
	return identity_compare(a, b);
}

int baseline_add(struct baseline *b, pid_t pid, uint64_t start_ticks)
{
	int r = ARRAY_GROW(b->ids, b->nr, b->alloc);

	if (r == 0)
		b->ids[b->nr++] = (struct identity){ .pid = pid, .start_ticks = start_ticks };
	return r;
}

void baseline_sort(struct baseline *b)
{
	if (b->nr)
		qsort(b->ids, b->nr, sizeof(*b->ids), compare_ids);
}

bool baseline_has(const struct baseline *b, const char *boot_id, const struct identity *id)
{
	/* Without the inode number, or the order would look for it. */
	struct identity key = { .pid = id->pid, .start_ticks = id->start_ticks };

	if (!b->nr || !identity_is_set(id) || strcmp(b->boot_id, boot_id) != 0)
		return false;
	return bsearch(&key, b->ids, b->nr, sizeof(*b->ids), compare_ids) != NULL;
}

void baseline_release(struct baseline *b)
{
	free(b->ids);
	*b = (struct baseline)BASELINE_INIT;
}
