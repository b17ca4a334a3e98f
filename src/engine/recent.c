/* SPDX-License-Identifier: MIT */
#include "engine/recent.h"

#include <stdlib.h>

#include "base/array.h"

enum { LOOKS = 32 };

struct recent_row {
	struct identity id;
	unsigned looks; /* begun since it was added */
};

static int by_identity(const void *a, const void *b)
{
	const struct identity *x = &((const struct recent_row *)a)->id;
	const struct identity *y = &((const struct recent_row *)b)->id;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return (x->start_ticks > y->start_ticks) - (x->start_ticks < y->start_ticks);
}

void recent_begin(struct recent *r)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->nr; i++)
		if (++r->rows[i].looks <= LOOKS)
			r->rows[kept++] = r->rows[i];
	r->nr = r->nr_sorted = kept;
	if (kept)
		qsort(r->rows, kept, sizeof(*r->rows), by_identity);
}

bool recent_has(const struct recent *r, const struct identity *id)
{
	const struct recent_row key = { .id = *id }, *found = NULL;

	if (r->nr_sorted)
		found = bsearch(&key, r->rows, r->nr_sorted, sizeof(key), by_identity);
	return found && identity_equal(&found->id, id);
}

void recent_add(struct recent *r, const struct identity *id)
{
	if (ARRAY_GROW(r->rows, r->nr, r->alloc) < 0)
		return;
	r->rows[r->nr++] = (struct recent_row){ .id = *id };
}

void recent_release(struct recent *r)
{
	free(r->rows);
	*r = (struct recent){ 0 };
}
