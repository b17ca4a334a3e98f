/* SPDX-License-Identifier: MIT */
#include "engine/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/parse.h"
#include "engine/statedir.h"

#define LOCK_NAME "sweep.lock"

enum { RETRY_MS = 5 };

static struct flock whole_file(short type)
{
	return (struct flock){ .l_type = type, .l_whence = SEEK_SET };
}

/* Open a lock file of ours below the folder @dirfd; a descriptor or -errno. */
static int open_lock(int dirfd, const char *name, int flags)
{
	_cleanup_close_ int fd =
		openat(dirfd, name, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid())
		return -EPERM;
	return take_fd(&fd);
}

/* 0, -EBUSY or -errno. */
static int try_lock(int fd)
{
	struct flock lock = whole_file(F_WRLCK);

	if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
		return 0;
	return errno == EAGAIN || errno == EACCES ? -EBUSY : -errno;
}

/* The pid that the holder wrote, or 0. */
static pid_t read_holder(int fd)
{
	char text[16];
	ssize_t len = pread(fd, text, sizeof(text), 0);
	uint64_t pid = 0;
	size_t digits;

	if (len <= 0)
		return 0;
	digits = parse_digits(text, (size_t)len, INT32_MAX, &pid);
	return digits && digits < (size_t)len && text[digits] == '\n' ? (pid_t)pid : 0;
}

/* The lock counts, not the name in it: that it cannot be written is tolerated. */
static void write_holder(int fd)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

	if (ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)len, 0) != len)
		(void)!ftruncate(fd, 0);
}

int sweep_lock(const char *dir, int *ret_fd, pid_t *ret_holder)
{
	_cleanup_close_ int dirfd = statedir_fd(dir);
	_cleanup_close_ int fd = -1;
	int r;

	if (dirfd < 0)
		return dirfd;
	fd = open_lock(dirfd, LOCK_NAME, O_RDWR | O_CREAT);
	if (fd < 0)
		return fd;
	r = try_lock(fd);
	if (r == -EBUSY)
		*ret_holder = read_holder(fd);
	if (r < 0)
		return r;
	write_holder(fd);
	*ret_fd = take_fd(&fd);
	return 0;
}

pid_t sweep_lock_holder(const char *dir)
{
	struct flock lock = whole_file(F_WRLCK);
	_cleanup_close_ int dirfd = statedir_fd(dir);
	_cleanup_close_ int fd = -1;

	if (dirfd < 0)
		return 0;
	fd = open_lock(dirfd, LOCK_NAME, O_RDWR);
	if (fd < 0 || fcntl(fd, F_OFD_GETLK, &lock) < 0 || lock.l_type == F_UNLCK)
		return 0;
	return read_holder(fd);
}

void sweep_unlock(int fd)
{
	if (fd < 0)
		return;
	(void)!ftruncate(fd, 0);
	close(fd);
}

int lock_file(int dirfd, const char *name, int64_t timeout_ms, int *ret_fd)
{
	const struct timespec pause = { .tv_nsec = RETRY_MS * 1000000L };
	int64_t deadline = clock_ms(CLOCK_MONOTONIC) + timeout_ms;
	_cleanup_close_ int fd = open_lock(dirfd, name, O_RDWR | O_CREAT);
	int r;

	if (fd < 0)
		return fd;
	while ((r = try_lock(fd)) == -EBUSY && clock_ms(CLOCK_MONOTONIC) < deadline)
		nanosleep(&pause, NULL);
	if (r < 0)
		return r;
	*ret_fd = take_fd(&fd);
	return 0;
}
