/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/parse.h"
#include "linux/procfs.h"

/* Some 1000 entries a call; what a call costs does not show beyond that. */
enum { LISTING_BUF = 32 * 1024 };

static int by_pid(const void *a, const void *b)
{
	const struct listed *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

static int add_entries(struct listing *list, size_t len)
{
	for (size_t at = 0; at < len;) {
		const struct dirent64 *entry = (const void *)(list->buf + at);
		pid_t pid = parse_pid(entry->d_name);

		at += entry->d_reclen;
		if (!pid)
			continue;
		if (ARRAY_GROW(list->items, list->nr, list->alloc) < 0)
			return -ENOMEM;
		list->items[list->nr++] = (struct listed){ .pid = pid, .ino = entry->d_ino };
	}
	return 0;
}

/* Ascending and each once. The kernel lists them so; two passes may overlap. */
static void put_in_order(struct listing *list)
{
	bool ordered = true;
	size_t nr = 0;

	for (size_t i = 1; i < list->nr && ordered; i++)
		ordered = list->items[i - 1].pid < list->items[i].pid;
	if (ordered)
		return;
	qsort(list->items, list->nr, sizeof(*list->items), by_pid);
	for (size_t i = 0; i < list->nr; i++)
		if (!nr || list->items[nr - 1].pid != list->items[i].pid)
			list->items[nr++] = list->items[i];
	list->nr = nr;
}

int listing_read(struct listing *list)
{
	_cleanup_close_ int fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ssize_t n;

	list->nr = 0;
	if (fd < 0)
		return -errno;
	if (!list->buf && !(list->buf = malloc(LISTING_BUF)))
		return -ENOMEM;
	while ((n = getdents64(fd, list->buf, LISTING_BUF)) > 0) {
		int r = add_entries(list, (size_t)n);

		if (r < 0)
			return r;
	}
	if (n < 0)
		return -errno;
	put_in_order(list);
	return 0;
}

void listing_release(struct listing *list)
{
	free(list->items);
	free(list->buf);
	*list = (struct listing){ 0 };
}
