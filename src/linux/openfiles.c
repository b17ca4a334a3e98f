/* SPDX-License-Identifier: MIT */
#include "linux/openfiles.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "linux/procfs.h"
#include "linux/thread.h"
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

	pid = thread_living(pid);
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

/* --- does one of several processes hold anything of several folders? ------------ */

struct holding {
	struct strings folders; /* resolved */
	enum answer answer;
};

/* A shortage of ours, or a refusal: what is there was not seen. */
static void note_failure(struct holding *h, pid_t pid, int error)
{
	if (error < 0 && !procfs_has_ended(pid, error) && h->answer == ANSWER_NO)
		h->answer = ANSWER_UNKNOWN;
}

static bool is_in_folders(const struct holding *h, const char *path)
{
	for (size_t i = 0; path[0] == '/' && i < h->folders.nr; i++) {
		const struct search s = { .dir = h->folders.items[i],
					  .len = strlen(h->folders.items[i]) };

		if (is_below(&s, path))
			return true;
	}
	return false;
}

/* 1 ends the list: found. */
static int match_descriptor(void *ctx, const char *fd, const char *target)
{
	(void)fd;
	return is_in_folders(ctx, target);
}

static bool found_in_descriptors(struct holding *h, pid_t pid)
{
	char path[32], target[PATH_MAX];
	int r;

	snprintf(path, sizeof(path), "/proc/%d/cwd", (int)pid);
	r = procfs_readlink(AT_FDCWD, path, target, sizeof(target));
	if (r == 0 && is_in_folders(h, target))
		return true;
	note_failure(h, pid, r);
	r = fds_each(pid, match_descriptor, h);
	note_failure(h, pid, r);
	return r > 0;
}

static void match_mappings(void *ctx, size_t index, const struct contents *c)
{
	struct holding *h = ctx;

	(void)index;
	if (h->answer == ANSWER_YES)
		return;
	if (c->args_read != READ_DONE) {
		if (c->error != -ESRCH)
			h->answer = ANSWER_UNKNOWN;
		return;
	}
	for (char *line = (char *)c->args.data; line;) {
		char *end = strchr(line, '\n'), *path;

		if (end)
			*end = '\0';
		/* Addresses, mode, offset, device and inode hold no slash; a path begins with one. */
		path = strchr(line, '/');
		if (path && is_in_folders(h, path)) {
			h->answer = ANSWER_YES;
			return;
		}
		line = end ? end + 1 : NULL;
	}
}

static void search_mappings(struct holding *h, struct reader *reader, const pid_t *pids, size_t nr)
{
	struct read_item *items = calloc(nr + 1, sizeof(*items));

	if (!items) {
		h->answer = ANSWER_UNKNOWN;
		return;
	}
	for (size_t i = 0; i < nr; i++)
		items[i] = (struct read_item){ .pid = thread_living(pids[i]),
					       .maps = true,
					       .bound = true };
	reader_run(reader, items, nr, match_mappings, h);
	free(items);
}

/* Resolve what exists of @folders. What may exist and cannot be resolved makes it unsure. */
static void resolve(struct holding *h, const char *const *folders, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		char *path = realpath(folders[i], NULL);

		if (!path && errno != ENOENT && errno != ENOTDIR)
			h->answer = ANSWER_UNKNOWN;
		if (path && strings_add(&h->folders, path, strlen(path)) < 0)
			h->answer = ANSWER_UNKNOWN;
		free(path);
	}
}

enum answer openfiles_hold(struct reader *reader, const pid_t *pids, size_t nr,
			   const char *const *folders, size_t nr_folders)
{
	struct holding h = { .answer = ANSWER_NO };
	bool found = false;

	resolve(&h, folders, nr_folders);
	for (size_t i = 0; h.folders.nr && i < nr && !found; i++)
		found = found_in_descriptors(&h, thread_living(pids[i]));
	if (found)
		h.answer = ANSWER_YES;
	else if (h.folders.nr)
		search_mappings(&h, reader, pids, nr);
	strings_release(&h.folders);
	return h.answer;
}
