/* SPDX-License-Identifier: MIT */
#include "linux/lineage.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/parse.h"
#include "linux/procfs.h"

/* One look: the processes that have children still to be read. */
struct look {
	struct lineage *l;
	struct identity *todo;
	size_t nr, alloc;
	bool news; /* a process was seen for the first time */
};

static struct relative *find(const struct lineage *l, const struct identity *id)
{
	for (size_t i = 0; identity_is_set(id) && i < l->nr; i++)
		if (l->items[i].id.pid == id->pid && l->items[i].id.start_ticks == id->start_ticks)
			return &l->items[i];
	return NULL;
}

/* @pid stands among the children of @parent. 0 or -ENOMEM. */
static int note(struct look *look, pid_t pid, const struct identity *parent)
{
	struct lineage *l = look->l;
	struct relative *item;
	struct facts facts;
	int r;

	/* Ended, or adopted by another meanwhile: the next look finds it there. */
	if (procfs_stat_pid(pid, &facts) < 0 || facts.ppid != parent->pid)
		return 0;
	struct identity id = { .pid = pid, .start_ticks = facts.start_ticks };
	item = find(l, &id);
	if (!item) {
		r = ARRAY_GROW(l->items, l->nr, l->alloc);
		if (r < 0)
			return r;
		item = &l->items[l->nr++];
		*item = (struct relative){ .id = id };
		look->news = true;
		if (parent->start_ticks)
			item->parent = *parent;
	}
	/* A zombie has no children any more, and keeps its name. */
	memcpy(item->name, facts.comm, sizeof(item->name));
	item->wanted = true;
	r = ARRAY_GROW(look->todo, look->nr, look->alloc);
	if (r == 0)
		look->todo[look->nr++] = id;
	return r;
}

/*
 * A children file: pids in decimal, a blank behind each. The kernel hands out a
 * page at a time, so it is read to its end. 0 or -ENOMEM.
 */
static int note_all(struct look *look, const char *path, const struct identity *parent)
{
	_cleanup_fclose_ FILE *stream = fopen(path, "re");
	int pid, r = 0;

	/* Without: the thread has ended, or this kernel has no such file. */
	while (stream && r == 0 && fscanf(stream, "%d", &pid) == 1)
		r = note(look, pid, parent);
	return r;
}

/* A child stands with the thread that made it. */
static int read_children(struct look *look, const struct identity *parent)
{
	char path[64];
	DIR *dir;
	int r = 0;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)parent->pid);
	dir = opendir(path);
	if (!dir)
		return 0;
	for (struct dirent *entry; r == 0 && (entry = readdir(dir));) {
		pid_t tid = parse_pid(entry->d_name);

		if (!tid)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)parent->pid,
			 (int)tid);
		r = note_all(look, path, parent);
	}
	closedir(dir);
	return r;
}

/* Drop what this look did not find, but for the ancestors of what it found. */
static void forget(struct lineage *l)
{
	size_t nr = 0;

	for (size_t i = 0; i < l->nr; i++) {
		struct relative *above = l->items[i].wanted ? find(l, &l->items[i].parent) : NULL;

		while (above && !above->wanted) {
			above->wanted = true;
			above = find(l, &above->parent);
		}
	}
	for (size_t i = 0; i < l->nr; i++)
		if (l->items[i].wanted)
			l->items[nr++] = l->items[i];
	l->nr = nr;
}

int lineage_look(struct lineage *l, pid_t top)
{
	struct look look = { .l = l };
	int r;

	for (size_t i = 0; i < l->nr; i++)
		l->items[i].wanted = false;
	r = read_children(&look, &(struct identity){ .pid = top });
	while (r == 0 && look.nr) {
		struct identity parent = look.todo[--look.nr];

		r = read_children(&look, &parent);
	}
	if (r == 0)
		forget(l);
	free(look.todo);
	return r < 0 ? r : look.news;
}

const struct relative *lineage_parent(const struct lineage *l, const struct identity *id)
{
	const struct relative *item = find(l, id);

	return item ? find(l, &item->parent) : NULL;
}

void lineage_release(struct lineage *l)
{
	free(l->items);
	*l = (struct lineage){ 0 };
}
