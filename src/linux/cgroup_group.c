/* SPDX-License-Identifier: MIT */
#include "linux/cgroup_group.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/parse.h"
#include "base/clock.h"
#include "linux/pidfd.h"
#include "linux/procfs.h"

enum {
	DEPTH_MAX = 32, /* of groups below ours; deeper ones cannot be listed */
	MOVES_MAX = 64, /* rounds of moving out what is left, which may fork meanwhile */
	NAMES_MAX = 8,	/* a stray in another pid namespace may have our pid */
	DYING_MS = 20,	/* an exiting process is counted in its group for a moment longer */
};

/* Begins the name of every group that stray makes: no other is thawed. */
#define PREFIX "stray-"

struct cgroup_group {
	struct group group;
	char *above; /* folder of our own group; NULL: no group was made */
	char *path;  /* folder of the group that was made */
	char *name;  /* the same group in /proc/PID/cgroup */
};

static struct cgroup_group *of(struct group *g)
{
	return (struct cgroup_group *)g;
}

/* --- files ----------------------------------------------------------------- */

static int open_file(const char *folder, const char *name, int flags)
{
	char path[PATH_MAX];
	int fd;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) >= sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int write_file(const char *folder, const char *name, const char *text)
{
	_cleanup_close_ int fd = open_file(folder, name, O_WRONLY);

	if (fd < 0)
		return fd;
	return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

static int read_file(const char *folder, const char *name, struct filebuf *text)
{
	char path[PATH_MAX];

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) >= sizeof(path))
		return -ENAMETOOLONG;
	return procfs_read_list(AT_FDCWD, path, text);
}

/* Is @folder on a cgroup v2 file system? */
static bool is_cgroup2(const char *folder)
{
	struct statfs fs;

	return statfs(folder, &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC;
}

/* Wait until cgroup.events of @folder has the line @wanted. Returns 0, -ETIMEDOUT or -errno. */
static int wait_for_event(const char *folder, const char *wanted, int64_t timeout_ms)
{
	int64_t until = clock_ms(CLOCK_MONOTONIC) + timeout_ms;
	_cleanup_close_ int fd = open_file(folder, "cgroup.events", O_RDONLY);

	if (fd < 0)
		return fd;
	for (;;) {
		struct pollfd change = { .fd = fd, .events = POLLPRI };
		int64_t left = until - clock_ms(CLOCK_MONOTONIC);
		char text[256];
		ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

		if (n < 0)
			return -errno;
		text[n] = '\0';
		if (strstr(text, wanted))
			return 0;
		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(&change, 1, left > 1000 ? 1000 : (int)left) < 0 && errno != EINTR)
			return -errno;
	}
}

/* --- what is in it ----------------------------------------------------------- */

struct pids {
	pid_t *items;
	size_t nr, alloc;
};

static int add_pids(const char *folder, struct pids *pids)
{
	struct filebuf text = { 0 };
	int r = read_file(folder, "cgroup.procs", &text);

	for (const char *at = text.data; r == 0 && at && *at; at += *at == '\n') {
		uint64_t pid;
		size_t digits = parse_digits(at, SIZE_MAX, INT_MAX, &pid);

		at += digits;
		if (!digits || (*at && *at != '\n'))
			r = -EBADMSG;
		else if (ARRAY_GROW(pids->items, pids->nr, pids->alloc) < 0)
			r = -ENOMEM;
		else
			pids->items[pids->nr++] = (pid_t)pid;
	}
	filebuf_release(&text);
	return r;
}

/* Call @act for all folders below @folder, and then for it. Returns 0 or the first -errno. */
static int walk(const char *folder, unsigned depth, int (*act)(const char *folder, void *ctx),
		void *ctx)
{
	DIR *dir = depth < DEPTH_MAX ? opendir(folder) : NULL;
	struct dirent *entry;
	int r = 0;

	if (!dir)
		return depth < DEPTH_MAX ? -errno : -ELOOP;
	while (r == 0 && (errno = 0, entry = readdir(dir))) {
		_cleanup_free_ char *below = NULL;

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		if (asprintf(&below, "%s/%s", folder, entry->d_name) < 0)
			r = -ENOMEM;
		else
			r = walk(below, depth + 1, act, ctx);
	}
	if (r == 0 && !entry && errno)
		r = -errno;
	closedir(dir);
	return r == 0 ? act(folder, ctx) : r;
}

static int list_one(const char *folder, void *ctx)
{
	return add_pids(folder, ctx);
}

static int group_list(struct group *g, pid_t **ret_pids, size_t *ret_nr)
{
	struct pids pids = { 0 };
	int r = of(g)->path ? walk(of(g)->path, 0, list_one, &pids) : -ENOENT;

	if (r < 0) {
		free(pids.items);
		return r;
	}
	*ret_pids = pids.items;
	*ret_nr = pids.nr;
	return 0;
}

/* Is the process in the group or below it now? */
static bool has(const struct cgroup_group *g, pid_t pid)
{
	struct filebuf text = { 0 };
	size_t len = strlen(g->name);
	const char *at = NULL;
	char path[32];
	bool found = false;

	snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)pid);
	if (procfs_read(AT_FDCWD, path, &text) == 0)
		at = strncmp(text.data, "0::", 3) ? strstr(text.data, "\n0::") : text.data;
	if (at) {
		at += 3 + (*at == '\n');
		found = !strncmp(at, g->name, len) && (at[len] == '/' || at[len] == '\n');
	}
	filebuf_release(&text);
	return found;
}

static int group_move_out(struct group *g, pid_t pid)
{
	char text[16];

	/* cgroup.procs takes no pidfd: leave out a pid that was given to another process. */
	if (pid <= 1 || !of(g)->path || !has(of(g), pid))
		return -ESRCH;
	snprintf(text, sizeof(text), "%d", (int)pid);
	return write_file(of(g)->above, "cgroup.procs", text);
}

/* --- freezing and ending ----------------------------------------------------- */

static const char *group_path(struct group *g)
{
	return of(g)->path;
}

static int group_freeze(struct group *g, int64_t timeout_ms)
{
	int r = of(g)->path ? write_file(of(g)->path, "cgroup.freeze", "1") : -ENOENT;

	return r < 0 ? r : wait_for_event(of(g)->path, "frozen 1\n", timeout_ms);
}

/* Cut the last component off @path in place. Returns that component, or NULL. */
static char *split(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash || slash == path)
		return NULL;
	*slash = '\0';
	return slash + 1;
}

static int group_thaw(struct group *g, const char *path)
{
	_cleanup_free_ char *above = strdup(path);
	const char *name;
	int r;

	(void)g;
	if (!above)
		return -ENOMEM;
	name = split(above);
	/* Such a path was not written by stray. */
	if (!name || path[0] != '/' || strncmp(name, PREFIX, strlen(PREFIX)) != 0)
		return -ENOENT;
	/* If its hierarchy is not mounted here, it may still exist. */
	if (!is_cgroup2(above))
		return -ENODEV;
	r = write_file(path, "cgroup.freeze", "0");
	return r == -ENODEV ? -ENOENT : r;
}

static int group_end_all(struct group *g, int64_t timeout_ms)
{
	int r = of(g)->path ? write_file(of(g)->path, "cgroup.kill", "1") : -ENOENT;

	return r < 0 ? r : wait_for_event(of(g)->path, "populated 0\n", timeout_ms);
}

bool cgroup_group_is_empty(struct group *g)
{
	return of(g)->path && wait_for_event(of(g)->path, "populated 0\n", DYING_MS) == 0;
}

/* --- making it ----------------------------------------------------------------- */

bool cgroup_group_folder(const char *line, const char *own, char *buf, size_t size)
{
	char root[PATH_MAX], point[PATH_MAX];
	const char *type = strstr(line, " - ");
	size_t len;
	int n;

	if (!type || strncmp(type + 3, "cgroup2 ", 8) != 0 ||
	    sscanf(line, "%*s %*s %*s %4095s %4095s", root, point) != 2)
		return false;
	/* Blanks are written as octal escapes; no usual mount point has one. */
	if (strchr(root, '\\') || strchr(point, '\\') || strstr(own, "/.."))
		return false;
	len = strcmp(root, "/") == 0 ? 0 : strlen(root);
	if (strncmp(own, root, len) != 0 || (own[len] && own[len] != '/'))
		return false;
	n = snprintf(buf, size, "%s%s", point, strcmp(own + len, "/") == 0 ? "" : own + len);
	return n > 0 && (size_t)n < size;
}

/* Return the path after "0::" of our own group; the caller frees it. NULL: none. */
static char *own_group(void)
{
	struct filebuf text = { 0 };
	char *own = NULL;

	if (procfs_read(AT_FDCWD, "/proc/self/cgroup", &text) == 0) {
		const char *at = text.data;

		while (at && strncmp(at, "0::/", 4) != 0)
			at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL;
		if (at)
			own = strndup(at + 3, strcspn(at + 3, "\n"));
	}
	filebuf_release(&text);
	return own;
}

/*
 * Is @folder that of the group which we are in? From Linux 6.13 on its number tells; before
 * that its list of processes, which is long in the group of a whole machine.
 */
static bool is_ours(const char *folder)
{
	pid_t self = getpid();
	_cleanup_close_ int fd = pidfd_of(self);
	struct pids pids = { 0 };
	bool found = false;
	struct stat st;
	uint64_t id;

	if (!is_cgroup2(folder))
		return false;
	if (fd >= 0 && pidfd_cgroup(fd, &id) == 0)
		return stat(folder, &st) == 0 && st.st_ino == id;
	if (add_pids(folder, &pids) == 0) {
		for (size_t i = 0; i < pids.nr; i++)
			found = found || pids.items[i] == self;
	}
	free(pids.items);
	return found;
}

/* Return the folder of our own group @own; the caller frees it. NULL: none. */
static char *find_folder(const char *own)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char folder[PATH_MAX], *line = NULL, *found = NULL;
	size_t alloc = 0;

	while (file && !found && getline(&line, &alloc, file) > 0) {
		if (cgroup_group_folder(line, own, folder, sizeof(folder)) && is_ours(folder))
			found = strdup(folder);
	}
	free(line);
	if (file)
		fclose(file);
	return found;
}

static bool may_write(const char *folder, const char *name)
{
	_cleanup_close_ int fd = open_file(folder, name, O_WRONLY);

	return fd >= 0;
}

/* Make a folder with the first name that is free. Returns 0 and *ret_path, or -errno. */
static int make_folder(const char *above, const char *name, char **ret_path)
{
	for (unsigned i = 0; i < NAMES_MAX; i++) {
		char *path;

		if (asprintf(&path, i ? "%s/" PREFIX "%s-%u" : "%s/" PREFIX "%s", above, name, i) <
		    0)
			return -ENOMEM;
		if (mkdir(path, 0755) == 0) {
			*ret_path = path;
			return 0;
		}
		free(path);
		if (errno != EEXIST)
			return -errno;
	}
	return -EEXIST;
}

int cgroup_group_make(struct group *g, const char *name)
{
	_cleanup_free_ char *own = own_group();
	_cleanup_free_ char *above = own ? find_folder(own) : NULL;
	_cleanup_free_ char *path = NULL, *shown = NULL;
	int r = above ? make_folder(above, name, &path) : -ENOENT;

	if (r < 0)
		return r;
	if (asprintf(&shown, "%s/%s", strcmp(own, "/") == 0 ? "" : own, strrchr(path, '/') + 1) < 0)
		shown = NULL;
	if (!shown || !may_write(above, "cgroup.procs") || !may_write(path, "cgroup.procs") ||
	    !may_write(path, "cgroup.freeze") || !may_write(path, "cgroup.kill")) {
		rmdir(path);
		return -EOPNOTSUPP;
	}
	of(g)->above = TAKE_PTR(above);
	of(g)->path = TAKE_PTR(path);
	of(g)->name = TAKE_PTR(shown);
	return 0;
}

int cgroup_group_entry(struct group *g)
{
	return of(g)->path ? open_file(of(g)->path, "cgroup.procs", O_WRONLY) : -ENOENT;
}

/* --- beginning and end ------------------------------------------------------------ */

static int remove_one(const char *folder, void *ctx)
{
	(void)ctx;
	return rmdir(folder) < 0 ? -errno : 0;
}

/* Move what is left into our group. What forks faster than that keeps the group there. */
static void remove_group(struct group *g)
{
	write_file(of(g)->path, "cgroup.freeze", "0");
	for (unsigned i = 0; i < MOVES_MAX; i++) {
		pid_t *pids = NULL;
		size_t nr = 0;

		if (walk(of(g)->path, 0, remove_one, NULL) == 0 || group_list(g, &pids, &nr) < 0)
			return;
		if (!nr)
			(void)wait_for_event(of(g)->path, "populated 0\n", DYING_MS);
		for (size_t k = 0; k < nr; k++)
			(void)group_move_out(g, pids[k]);
		free(pids);
	}
}

static const struct group_ops ops = {
	.path = group_path,
	.freeze = group_freeze,
	.thaw = group_thaw,
	.list = group_list,
	.move_out = group_move_out,
	.end_all = group_end_all,
};

int cgroup_group_new(struct group **ret_group)
{
	struct cgroup_group *g = calloc(1, sizeof(*g));

	if (!g)
		return -ENOMEM;
	g->group.ops = &ops;
	*ret_group = &g->group;
	return 0;
}

void cgroup_group_free(struct group *g)
{
	if (!g)
		return;
	if (of(g)->path)
		remove_group(g);
	free(of(g)->above);
	free(of(g)->path);
	free(of(g)->name);
	free(of(g));
}
