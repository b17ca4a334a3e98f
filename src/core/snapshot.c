/* SPDX-License-Identifier: MIT */
#include "stray/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

struct snapshot *snapshot_new(void)
{
	struct snapshot *s = calloc(1, sizeof(*s));

	if (s)
		s->refs = 1;
	return s;
}

char *snapshot_copy(struct snapshot *s, const void *data, size_t len)
{
	return arena_copy(&s->storage, data, len);
}

static int copy_bytes(struct snapshot *s, struct bytes *b)
{
	b->data = snapshot_copy(s, b->data, b->len);
	return b->data ? 0 : -ENOMEM;
}

int snapshot_add(struct snapshot *s, const struct process *proc, struct process **ret_proc)
{
	struct process copy = *proc;

	if (ARRAY_GROW(s->procs, s->nr, s->alloc) < 0)
		return -ENOMEM;
	copy.comm =
		snapshot_copy(s, proc->comm ? proc->comm : "", proc->comm ? strlen(proc->comm) : 0);
	if (!copy.comm)
		return -ENOMEM;
	if (proc->exe && !(copy.exe = snapshot_copy(s, proc->exe, strlen(proc->exe))))
		return -ENOMEM;
	if (copy_bytes(s, &copy.args) < 0 || copy_bytes(s, &copy.environ) < 0)
		return -ENOMEM;
	s->procs[s->nr] = copy;
	if (ret_proc)
		*ret_proc = &s->procs[s->nr];
	s->nr++;
	return 0;
}

static int by_pid(const void *a, const void *b)
{
	return identity_compare(&((const struct process *)a)->id, &((const struct process *)b)->id);
}

void snapshot_seal(struct snapshot *s)
{
	if (s->nr)
		qsort(s->procs, s->nr, sizeof(*s->procs), by_pid);
	s->sealed = true;
}

struct snapshot *snapshot_ref(struct snapshot *s)
{
	__atomic_add_fetch(&s->refs, 1, __ATOMIC_RELAXED);
	return s;
}

void snapshot_unref(struct snapshot *s)
{
	if (!s || __atomic_sub_fetch(&s->refs, 1, __ATOMIC_ACQ_REL))
		return;
	arena_release(&s->storage);
	free(s->procs);
	free(s);
}

size_t snapshot_index(const struct snapshot *s, pid_t pid)
{
	size_t low = 0, high = s->nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->procs[middle].id.pid == pid)
			return middle;
		if (s->procs[middle].id.pid < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return SIZE_MAX;
}

const struct process *snapshot_find(const struct snapshot *s, pid_t pid)
{
	size_t i = snapshot_index(s, pid);

	return i == SIZE_MAX ? NULL : &s->procs[i];
}
