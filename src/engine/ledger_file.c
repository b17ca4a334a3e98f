/* SPDX-License-Identifier: MIT */
#include "engine/ledger_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "engine/lock.h"
#include "base/escape.h"
#include "base/fileio.h"
#include "engine/statedir.h"

#define LEDGER_LOCK   "ledger.lock"
#define LEDGER_PREFIX "ledger-"
#define BAD	      ".bad"
#define TEMPORARY     ".new"

enum {
	LEDGER_MAX = 32 * 1024 * 1024,
	LOCK_TIMEOUT_MS = 2000,
};

void ledger_name(const struct ledger *l, const char *suffix, char name[LEDGER_NAME_SIZE])
{
	snprintf(name, LEDGER_NAME_SIZE, LEDGER_PREFIX "%.8s-%llu.json%s", l->boot_id,
		 (unsigned long long)l->pid_ns, suffix);
}

static struct ledger_stamp stamp_of(const struct stat *st)
{
	return (struct ledger_stamp){
		.dev = (uint64_t)st->st_dev,
		.ino = (uint64_t)st->st_ino,
		.size = st->st_size,
		.mtime_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec,
	};
}

/*
 * Read the file whole. 0 and *ret_text (heap), -ENOENT: there is none, -EBADMSG
 * with *ret_why: what is there is no ledger of ours, or -errno.
 */
static int read_text(int dirfd, const char *name, char **ret_text, size_t *ret_len,
		     struct ledger_stamp *ret_stamp, const char **ret_why)
{
	_cleanup_close_ int fd =
		openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	_cleanup_free_ char *text = NULL;
	struct stat st;
	size_t len = 0;
	int r;

	*ret_why = "a link, or not a file of ours";
	if (fd < 0)
		return errno == ENOENT ? -ENOENT : errno == ELOOP ? -EBADMSG : -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 022))
		return -EBADMSG;
	*ret_why = "too large";
	if (st.st_size > LEDGER_MAX)
		return -EBADMSG;
	r = read_all(fd, LEDGER_MAX, &text, &len);
	if (r < 0)
		return r == -EFBIG ? -EBADMSG : r;
	*ret_stamp = stamp_of(&st);
	*ret_len = len;
	*ret_text = TAKE_PTR(text);
	return 0;
}

static char *describe(const char *dir, const char *name, const char *why, bool moved)
{
	_cleanup_free_ char *shown = escaped_text(dir);
	char *text;

	if (!shown || asprintf(&text, "the ledger '%s/%s' is %s, %s", shown, name, why,
			       moved ? "set aside with '" BAD "' behind its name" : "ignoring") < 0)
		return NULL;
	return text;
}

int ledger_load(struct ledger *l, const char *dir, int64_t now_ms, bool set_aside,
		struct ledger_stamp *ret_stamp, char **ret_warning)
{
	_cleanup_close_ int dirfd = statedir_fd(dir);
	_cleanup_free_ char *text = NULL;
	struct ledger_stamp stamp = { 0 };
	char name[LEDGER_NAME_SIZE], bad[LEDGER_NAME_SIZE];
	const char *why = NULL;
	size_t len = 0;
	bool moved;
	int r;

	ledger_name(l, "", name);
	ledger_name(l, BAD, bad);
	*ret_warning = NULL;
	if (dirfd < 0)
		return dirfd;
	r = read_text(dirfd, name, &text, &len, &stamp, &why);
	if (r == 0)
		r = ledger_decode(l, text, len, now_ms, &why);
	if (r == 0 || r == -ENOENT) {
		if (ret_stamp)
			*ret_stamp = stamp;
		return 0;
	}
	if (r != -EBADMSG)
		return r;
	/* A rename moves a link itself, never what it points to. */
	moved = set_aside && renameat(dirfd, name, dirfd, bad) == 0;
	*ret_warning = describe(dir, name, why, moved);
	if (!*ret_warning)
		return -ENOMEM;
	if (ret_stamp)
		*ret_stamp = (struct ledger_stamp){ 0 };
	return 0;
}

/* The temporary file, filled and on the disk: 0 or -errno. */
static int write_temporary(int dirfd, const char *name, const char *text, size_t len,
			   struct ledger_stamp *ret_stamp)
{
	_cleanup_close_ int fd = -1;
	struct stat st;
	int r;

	/* Left by a writer that was killed: the caller has the lock, so none is writing now. */
	if (unlinkat(dirfd, name, 0) < 0 && errno != ENOENT)
		return -errno;
	fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	r = write_all(fd, text, len);
	if (r < 0)
		return r;
	if (fsync(fd) < 0 || fstat(fd, &st) < 0)
		return -errno;
	*ret_stamp = stamp_of(&st);
	return 0;
}

int ledger_save(const struct ledger *l, const char *dir, struct ledger_stamp *ret_stamp)
{
	_cleanup_close_ int dirfd = statedir_fd(dir);
	_cleanup_free_ char *text = NULL;
	char name[LEDGER_NAME_SIZE], temporary[LEDGER_NAME_SIZE];
	struct ledger_stamp stamp;
	size_t len;
	int r;

	ledger_name(l, "", name);
	ledger_name(l, TEMPORARY, temporary);
	if (dirfd < 0)
		return dirfd;
	r = ledger_encode(l, &text, &len);
	if (r < 0)
		return r;
	r = write_temporary(dirfd, temporary, text, len, &stamp);
	if (r == 0 && renameat(dirfd, temporary, dirfd, name) < 0)
		r = -errno;
	if (r < 0) {
		(void)unlinkat(dirfd, temporary, 0);
		return r;
	}
	/* The file is whole either way; only the newest counts hang on this. */
	(void)!fsync(dirfd);
	if (ret_stamp)
		*ret_stamp = stamp;
	return 0;
}

bool ledger_changed(const struct ledger *l, const char *dir, const struct ledger_stamp *stamp)
{
	_cleanup_close_ int dirfd = statedir_fd(dir);
	struct ledger_stamp now = { 0 };
	char name[LEDGER_NAME_SIZE];
	struct stat st;

	ledger_name(l, "", name);
	if (dirfd < 0)
		return false;
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		now = stamp_of(&st);
	else if (errno != ENOENT)
		return false;
	return now.dev != stamp->dev || now.ino != stamp->ino || now.size != stamp->size ||
	       now.mtime_ns != stamp->mtime_ns;
}

/* dirfd(3), where a variable of that name hides it. */
static int own_dirfd(DIR *stream)
{
	return dirfd(stream);
}

void ledger_clean(const struct ledger *l, const char *dir, int64_t realtime_ms)
{
	_cleanup_close_ int dirfd = statedir_fd(dir);
	char own[LEDGER_NAME_SIZE];
	const struct dirent *entry;
	DIR *stream;

	ledger_name(l, "", own);
	stream = dirfd < 0 ? NULL : fdopendir(dirfd);
	if (!stream)
		return;
	dirfd = -1;
	while ((entry = readdir(stream))) {
		struct stat st;

		if (strncmp(entry->d_name, LEDGER_PREFIX, strlen(LEDGER_PREFIX)) != 0 ||
		    strcmp(entry->d_name, own) == 0 ||
		    fstatat(own_dirfd(stream), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (S_ISREG(st.st_mode) &&
		    realtime_ms - (int64_t)st.st_mtim.tv_sec * 1000 > LEDGER_STALE_MS)
			(void)unlinkat(own_dirfd(stream), entry->d_name, 0);
	}
	closedir(stream);
}

int ledger_lock(const char *dir)
{
	_cleanup_close_ int dirfd = statedir_fd(dir);
	int fd = -1;
	int r;

	if (dirfd < 0)
		return dirfd;
	r = lock_file(dirfd, LEDGER_LOCK, LOCK_TIMEOUT_MS, &fd);
	return r < 0 ? r : fd;
}
