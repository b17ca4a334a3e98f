/* SPDX-License-Identifier: MIT */
#include "engine/probes.h"

#include <errno.h>
#include <stdlib.h>

#include "base/array.h"

static int by_pid(const void *a, const void *b)
{
	pid_t x = ((const struct probe *)a)->pid, y = ((const struct probe *)b)->pid;

	return (x > y) - (x < y);
}

const struct probe *probes_find(const struct probes *p, pid_t pid)
{
	const struct probe key = { .pid = pid };

	return p->nr ? bsearch(&key, p->items, p->nr, sizeof(key), by_pid) : NULL;
}

void probes_release(struct probes *p)
{
	for (size_t i = 0; i < p->nr; i++)
		free(p->items[i].ports);
	free(p->items);
	snapshot_unref(p->of);
	*p = (struct probes){ 0 };
}

int probes_look(struct probes *p, struct source *src, struct snapshot *s, const bool *wanted)
{
	size_t known;
	int r;

	if (p->of != s) {
		probes_release(p);
		p->of = snapshot_ref(s);
	}
	known = p->nr;
	for (size_t i = 0; i < s->nr; i++) {
		const struct probe key = { .pid = s->procs[i].id.pid };

		if (!wanted[i] || s->procs[i].dead ||
		    (known && bsearch(&key, p->items, known, sizeof(key), by_pid)))
			continue;
		if (ARRAY_GROW(p->items, p->nr, p->alloc) < 0)
			return -ENOMEM;
		p->items[p->nr++] = key;
	}
	if (p->nr == known)
		return 0;
	r = src->ops->probe(src, p->items + known, p->nr - known);
	qsort(p->items, p->nr, sizeof(*p->items), by_pid);
	if (r < 0)
		p->error = r;
	return r == -ENOMEM ? r : 0;
}
