#include "linux/openfiles.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

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
	struct search s = { .dir = dir, .len = strlen(dir), .paths = paths };
	char path[32], cwd[PATH_MAX];
	int r;

	while (s.len && dir[s.len - 1] == '/')
		s.len--;
	snprintf(path, sizeof(path), "/proc/%d/cwd", (int)pid);
	r = procfs_readlink(AT_FDCWD, path, cwd, sizeof(cwd));
	if (r == 0)
		r = add_if_below(&s, "", cwd);
	return r < 0 ? r : fds_each(pid, add_if_below, &s);
}
