/* SPDX-License-Identifier: MIT */
#include "base/fileio.h"
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"

/* Another name of what stdout or stderr goes to, as /dev/stdout is: that one; else -1. */
static int standard_fd(const struct stat *st)
{
	static const int fds[] = { STDOUT_FILENO, STDERR_FILENO };
	struct stat own;

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		if (fstat(fds[i], &own) == 0 && own.st_dev == st->st_dev &&
		    own.st_ino == st->st_ino)
			return fds[i];
	return -1;
}

static int write_directly(const char *path, const void *data, size_t len)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);

	return fd < 0 ? -errno : write_all(fd, data, len);
}

/* What a new file gets; the umask can only be read by setting it. */
static mode_t new_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

static int fill(int fd, mode_t mode, const void *data, size_t len)
{
	/* A limit on the size of files (setrlimit(2)) is an error, not our end with half a file. */
	void (*before)(int) = signal(SIGXFSZ, SIG_IGN);
	int r = write_all(fd, data, len);

	signal(SIGXFSZ, before);
	if (r < 0)
		return r;
	/* On disk before the name is: after a power failure an old or a whole file. */
	return fchmod(fd, mode) < 0 || fsync(fd) < 0 ? -errno : 0;
}

int output_write_file(const char *path, const void *data, size_t len)
{
	_cleanup_free_ char *target = NULL, *temporary = NULL;
	_cleanup_close_ int fd = -1;
	struct stat st;
	bool there = stat(path, &st) == 0;
	int r;

	if (!there && errno != ENOENT)
		return -errno;
	/* A new file in its place would take away what is written to it besides. */
	if (there && S_ISREG(st.st_mode) && standard_fd(&st) >= 0)
		return write_all(standard_fd(&st), data, len);
	if (there && !S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : write_directly(path, data, len);
	if (there) {
		target = realpath(path, NULL);
		if (!target)
			return -errno;
	}
	if (asprintf(&temporary, "%s.XXXXXX", there ? target : path) < 0) {
		temporary = NULL;
		return -ENOMEM;
	}
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = fill(fd, there ? st.st_mode & 0777 : new_mode(), data, len);
	if (r == 0 && rename(temporary, there ? target : path) < 0)
		r = -errno;
	if (r < 0)
		unlink(temporary);
	return r;
}
