/* SPDX-License-Identifier: MIT */
#include "linux/sockets.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "linux/procfs.h"

int inodes_add(struct inodes *list, uint64_t ino)
{
	if (ARRAY_GROW(list->items, list->nr, list->alloc) < 0)
		return -ENOMEM;
	list->items[list->nr++] = ino;
	return 0;
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

void inodes_sort(struct inodes *list)
{
	if (list->nr)
		qsort(list->items, list->nr, sizeof(*list->items), by_number);
}

bool inodes_has(const struct inodes *list, uint64_t ino)
{
	return list->nr &&
	       bsearch(&ino, list->items, list->nr, sizeof(*list->items), by_number) != NULL;
}

void inodes_release(struct inodes *list)
{
	free(list->items);
	*list = (struct inodes){ 0 };
}

/* A refusal by one that has just ended is its end. */
static int not_there(pid_t pid, int error)
{
	return error == ENOENT || procfs_has_ended(pid, -error) ? -ESRCH : -error;
}

int fds_each(pid_t pid, int (*each)(void *ctx, const char *fd, const char *target), void *ctx)
{
	char path[40], target[PATH_MAX];
	const struct dirent *entry;
	DIR *dir;
	int r = 0;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	if (!dir)
		return not_there(pid, errno);
	while (r == 0) {
		errno = 0;
		entry = readdir(dir);
		if (!entry) {
			r = errno ? not_there(pid, errno) : 0;
			break;
		}
		if (entry->d_name[0] == '.')
			continue;
		r = procfs_readlink(dirfd(dir), entry->d_name, target, sizeof(target));
		if (r == -ESRCH || (r < 0 && procfs_has_ended(pid, r))) /* closed meanwhile */
			r = 0;
		else if (r == 0)
			r = each(ctx, entry->d_name, target);
	}
	closedir(dir);
	return r;
}

static int add_socket(void *ctx, const char *fd, const char *target)
{
	uint64_t ino;

	(void)fd;
	if (sscanf(target, "socket:[%" SCNu64 "]", &ino) != 1)
		return 0;
	return inodes_add(ctx, ino);
}

int sockets_of(pid_t pid, struct inodes *list)
{
	int r = fds_each(pid, add_socket, list);

	inodes_sort(list);
	return r;
}

int net_ns_of(pid_t pid, uint64_t *ret_ns)
{
	char path[40];
	struct stat st;

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	else
		snprintf(path, sizeof(path), "/proc/self/ns/net");
	if (stat(path, &st) < 0)
		return not_there(pid, errno);
	*ret_ns = st.st_ino;
	return 0;
}
