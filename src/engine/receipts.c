/* SPDX-License-Identifier: MIT */
#include "engine/receipts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/cleanup.h"

#define RECEIPT_SUFFIX ".pid"

enum {
	RECEIPT_SIZE_MAX = 64, /* a pid has ten digits */
	RECEIPTS_MAX = 100000, /* files in one folder: more is not read */
};

/* What one receipt turned out to be. */
enum receipt_kind {
	RECEIPT_PID,
	RECEIPT_VANISHED,
	RECEIPT_EMPTY,	/* perhaps being written at this moment */
	RECEIPT_BAD,	/* malformed, a link, somebody else's: left alone */
	RECEIPT_FAILED, /* could not be read */
};

static void warn(const struct receipts_report *report, const char *folder, const char *name,
		 const char *what)
{
	struct strbuf path = STRBUF_INIT;

	if (!report || !report->warn)
		return;
	strbuf_addf(&path, "%s%s%s", folder, name ? "/" : "", name ? name : "");
	report->warn(report->ctx, path.buf, what);
	strbuf_release(&path);
}

/* "4711", with blanks or a newline behind it at most. 0 and *ret_pid, or -EINVAL. */
static int parse_pid(const char *text, size_t len, pid_t *ret_pid)
{
	int64_t pid = 0;
	size_t i;

	for (i = 0; i < len && text[i] >= '0' && text[i] <= '9'; i++) {
		pid = pid * 10 + (text[i] - '0');
		if (pid > INT_MAX)
			return -EINVAL;
	}
	if (i == 0 || pid <= 1)
		return -EINVAL;
	for (; i < len; i++) {
		if (!strchr(" \t\r\n", text[i]) || !text[i])
			return -EINVAL;
	}
	*ret_pid = (pid_t)pid;
	return 0;
}

/* Look at one receipt: a regular file of @uid below @dirfd that holds a pid. */
static enum receipt_kind look_at(int dirfd, const char *name, uid_t uid, pid_t *ret_pid,
				 struct stat *ret_st, const char **ret_what)
{
	_cleanup_close_ int fd =
		openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	char text[RECEIPT_SIZE_MAX + 1];
	ssize_t len;

	*ret_what = NULL;
	if (fd < 0) {
		if (errno == ENOENT)
			return RECEIPT_VANISHED;
		*ret_what = errno == ELOOP ? "is a link" : "cannot be read";
		return errno == ELOOP ? RECEIPT_BAD : RECEIPT_FAILED;
	}
	if (fstat(fd, ret_st) < 0) {
		*ret_what = "cannot be read";
		return RECEIPT_FAILED;
	}
	if (!S_ISREG(ret_st->st_mode) || ret_st->st_uid != uid) {
		*ret_what = S_ISREG(ret_st->st_mode) ? "belongs to another user" : "is not a file";
		return RECEIPT_BAD;
	}
	len = read(fd, text, sizeof(text));
	if (len < 0) {
		*ret_what = "cannot be read";
		return RECEIPT_FAILED;
	}
	if (len == 0)
		return RECEIPT_EMPTY;
	if (len > RECEIPT_SIZE_MAX || parse_pid(text, (size_t)len, ret_pid) < 0) {
		*ret_what = "holds no pid";
		return RECEIPT_BAD;
	}
	return RECEIPT_PID;
}

static bool is_receipt(const char *name)
{
	size_t len = strlen(name), suffix = strlen(RECEIPT_SUFFIX);

	return len > suffix && name[0] != '.' && strcmp(name + len - suffix, RECEIPT_SUFFIX) == 0;
}

/*
 * Open a folder of receipts: its stream, or NULL with errno. It must be a
 * directory of @uid itself; the way to it may lead over links, as homes do.
 */
static DIR *open_folder(const char *path, uid_t uid)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	DIR *dir;

	if (fd < 0 || fstat(fd, &st) < 0)
		return NULL;
	if (st.st_uid != uid) {
		errno = EPERM;
		return NULL;
	}
	dir = fdopendir(fd);
	if (dir)
		take_fd(&fd);
	return dir;
}

struct pids {
	pid_t *items;
	size_t nr, alloc;
};

/* Collect the pids of all receipts. 0, or -errno: not all of them are known. */
static int collect(DIR *dir, const char *path, uid_t uid, const struct receipts_report *report,
		   struct pids *pids)
{
	const struct dirent *entry;
	size_t seen = 0;

	while ((errno = 0, entry = readdir(dir))) {
		const char *what;
		struct stat st;
		pid_t pid;

		if (!is_receipt(entry->d_name))
			continue;
		if (++seen > RECEIPTS_MAX)
			return -E2BIG;
		switch (look_at(dirfd(dir), entry->d_name, uid, &pid, &st, &what)) {
		case RECEIPT_PID:
			if (ARRAY_GROW(pids->items, pids->nr, pids->alloc) < 0)
				return -ENOMEM;
			pids->items[pids->nr++] = pid;
			break;
		case RECEIPT_VANISHED:
			break;
		case RECEIPT_BAD:
			warn(report, path, entry->d_name, what);
			break;
		case RECEIPT_EMPTY:
			return -EAGAIN;
		case RECEIPT_FAILED:
			warn(report, path, entry->d_name, what);
			return -EACCES;
		}
	}
	return -errno;
}

/* Copy the pids into @storage. NULL: out of memory. */
static const pid_t *store(struct arena *storage, const struct pids *pids)
{
	pid_t *copy = arena_alloc_array(storage, pids->nr, sizeof(*copy));

	if (copy && pids->nr)
		memcpy(copy, pids->items, pids->nr * sizeof(*copy));
	return copy;
}

static struct receipts read_folder(struct arena *storage, uid_t uid, const char *path,
				   const struct receipts_report *report)
{
	struct receipts receipts = { .state = RECEIPTS_FAILED };
	struct pids pids = { 0 };
	DIR *dir = open_folder(path, uid);

	if (!dir) {
		if (errno == ENOENT)
			receipts.state = RECEIPTS_NONE;
		else
			warn(report, path, NULL, strerror(errno));
		return receipts;
	}
	if (collect(dir, path, uid, report, &pids) == 0) {
		receipts.pgids = store(storage, &pids);
		receipts.nr = receipts.pgids ? pids.nr : 0;
		receipts.state = receipts.pgids ? RECEIPTS_READ : RECEIPTS_FAILED;
	}
	closedir(dir);
	free(pids.items);
	return receipts;
}

struct receipts receipts_read(struct arena *storage, const struct instance *inst,
			      const struct process *desktop, uint64_t pid_ns,
			      const struct receipts_report *report, char **ret_path)
{
	struct receipts failed = { .state = RECEIPTS_FAILED };
	_cleanup_free_ char *path = NULL;
	struct receipts receipts;
	int r;

	if (ret_path)
		*ret_path = NULL;
	if (!inst->app->receipts)
		return (struct receipts){ .state = RECEIPTS_NONE };
	/* A desktop in a container has other paths than ours under the same names. */
	if (!desktop || desktop->environ_read != READ_DONE ||
	    (desktop->pid_ns && pid_ns && desktop->pid_ns != pid_ns))
		return failed;
	r = receipts_folder(inst->app, inst->id, desktop->environ, &path);
	if (r < 0)
		return failed;
	receipts = read_folder(storage, inst->uid, path, report);
	if (ret_path)
		*ret_path = TAKE_PTR(path);
	return receipts;
}

/* Is that pid nobody's? Only "there is none" and "it is dead" count, not "could not look". */
static bool is_nobody(struct source *src, pid_t pid)
{
	struct snapshot *s = NULL;
	const struct process *proc;
	int r = source_read(src, pid, &s);
	bool nobody = r == -ESRCH;

	if (r == 0) {
		proc = snapshot_find(s, pid);
		nobody = proc && proc->dead;
	}
	snapshot_unref(s);
	return nobody;
}

/* Remove it if it is still the very file that was judged. */
static bool remove_one(int dirfd, const char *name, const struct stat *judged)
{
	struct stat now;

	if (fstatat(dirfd, name, &now, AT_SYMLINK_NOFOLLOW) < 0 || now.st_ino != judged->st_ino ||
	    now.st_dev != judged->st_dev || now.st_mtim.tv_sec != judged->st_mtim.tv_sec ||
	    now.st_mtim.tv_nsec != judged->st_mtim.tv_nsec)
		return false;
	return unlinkat(dirfd, name, 0) == 0;
}

int receipts_remove(const char *path, uid_t uid, struct source *src,
		    const struct receipts_report *report)
{
	DIR *dir = open_folder(path, uid);
	const struct dirent *entry;
	size_t seen = 0;
	int removed = 0;

	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	while ((entry = readdir(dir)) && seen < RECEIPTS_MAX) {
		enum receipt_kind kind;
		const char *what;
		struct stat st;
		pid_t pid;

		if (!is_receipt(entry->d_name))
			continue;
		seen++;
		kind = look_at(dirfd(dir), entry->d_name, uid, &pid, &st, &what);
		if (kind == RECEIPT_VANISHED)
			continue;
		if (kind == RECEIPT_EMPTY)
			what = "holds no pid";
		else if (kind == RECEIPT_PID && !is_nobody(src, pid))
			what = "names a process that is not of this instance";
		else if (kind == RECEIPT_PID && remove_one(dirfd(dir), entry->d_name, &st))
			removed++;
		if (what)
			warn(report, path, entry->d_name, what);
	}
	closedir(dir);
	return removed;
}
