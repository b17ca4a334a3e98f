/* SPDX-License-Identifier: MIT */
#include "linux/openfiles.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "linux/procfs.h"
#include "linux/sockets.h"

struct search {
	const char *dir;
	size_t len;
	struct strings *paths;
};

static bool is_below(const struct search *s, const char *path)
{
	if (strncmp(path, s->dir, s->len) != 0)
		return false;
	return path[s->len] == '\0' || path[s->len] == '/' || s->len == 0;
}

static int add_if_below(void *ctx, const char *fd, const char *target)
{
	struct search *s = ctx;
	size_t len = strlen(target);

	(void)fd;
	if (target[0] != '/' || !is_below(s, target) || strings_has(s->paths, target, len))
		return 0;
	return strings_add(s->paths, target, len);
}

int openfiles_below(pid_t pid, const char *dir, struct strings *paths)
{
	/* Where it works, and what it runs: that can be neither moved nor written. */
	static const char *const links[] = { "cwd", "exe" };
	struct search s = { .dir = dir, .len = strlen(dir), .paths = paths };
	int r = 0;

	while (s.len && dir[s.len - 1] == '/')
		s.len--;
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(links); i++) {
		char path[32], target[PATH_MAX];

		snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, links[i]);
		r = procfs_readlink(AT_FDCWD, path, target, sizeof(target));
		if (r == 0)
			r = add_if_below(&s, "", target);
	}
	return r < 0 ? r : fds_each(pid, add_if_below, &s);
}
