/* SPDX-License-Identifier: MIT */
#include "base/fileio.h"
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
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

/* What a descriptor that polls writable takes without a wait: one page of a pipe. */
enum { PIPE_PIECE = PIPE_BUF, TERMINAL_PIECE = 256 };

int output_write_until(int fd, int stop_fd, const void *data, size_t len)
{
	size_t piece = isatty(fd) == 1 ? TERMINAL_PIECE : PIPE_PIECE;
	const char *at = data;

	while (len) {
		struct pollfd fds[] = { { .fd = fd, .events = POLLOUT },
					{ .fd = stop_fd, .events = POLLIN } };
		ssize_t n;

		if (poll(fds, ARRAY_SIZE(fds), stop_fd == OUTPUT_NOW ? 0 : -1) < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		/* What can be written still is, although it is to stop. */
		if (!fds[0].revents)
			return -EINTR;
		n = write(fd, at, len < piece ? len : piece);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		if (n > 0) {
			at += n;
			len -= (size_t)n;
		}
	}
	return 0;
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

static int fill(int fd, const void *data, size_t len)
{
	/* A limit on the size of files (setrlimit(2)) is an error, not our end with half a file. */
	void (*before)(int) = signal(SIGXFSZ, SIG_IGN);
	int r = write_all(fd, data, len);

	signal(SIGXFSZ, before);
	return r;
}

/* Over what stands in the file, because nothing can be put in its place. */
static int write_in_place(const char *path, const void *data, size_t len)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	int r;

	if (fd < 0)
		return -errno;
	r = fill(fd, data, len);
	if (r < 0)
		return r;
	return ftruncate(fd, (off_t)len) < 0 || fsync(fd) < 0 ? -errno : 0;
}

/* To a temporary file beside @target, which then takes its name. */
static int replace(const char *target, mode_t mode, const void *data, size_t len)
{
	_cleanup_free_ char *temporary = NULL;
	_cleanup_close_ int fd = -1;
	int r;

	if (asprintf(&temporary, "%s.XXXXXX", target) < 0) {
		temporary = NULL;
		return -ENOMEM;
	}
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = fill(fd, data, len);
	/* On disk before the name is: after a power failure an old or a whole file. */
	if (r == 0 && (fchmod(fd, mode) < 0 || fsync(fd) < 0 || rename(temporary, target) < 0))
		r = -errno;
	if (r < 0)
		unlink(temporary);
	return r;
}

int output_write_file(const char *path, const void *data, size_t len, bool *ret_in_place)
{
	_cleanup_free_ char *target = NULL;
	struct stat st;
	bool there = stat(path, &st) == 0;
	int r, in_place;

	*ret_in_place = false;
	if (!there && errno != ENOENT)
		return -errno;
	if (!there)
		return replace(path, new_mode(), data, len);
	/* A new file in its place would take away what is written to it besides. */
	if (S_ISREG(st.st_mode) && standard_fd(&st) >= 0)
		return write_all(standard_fd(&st), data, len);
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : write_directly(path, data, len);
	target = realpath(path, NULL);
	if (!target)
		return -errno;
	r = replace(target, st.st_mode & 0777, data, len);
	/* A mount of its own (EBUSY), or in a folder where nothing may be made. */
	if (r != -EBUSY && r != -EXDEV && r != -EACCES && r != -EPERM && r != -EROFS)
		return r;
	in_place = write_in_place(target, data, len);
	*ret_in_place = in_place == 0;
	return in_place == 0 ? 0 : r;
}
