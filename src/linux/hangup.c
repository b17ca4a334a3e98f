/* SPDX-License-Identifier: MIT */
#include "linux/hangup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "linux/procfs.h"
#include "linux/thread.h"
#include "linux/unixdiag.h"

enum { PIPEFS_MAGIC_NR = 0x50495045 };

/* Is what @fd (O_PATH) stands for a pipe without a name? A FIFO has another file system. */
static bool is_pipe(int fd)
{
	struct statfs fs;
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode) && fstatfs(fd, &fs) == 0 &&
	       (unsigned long)fs.f_type == PIPEFS_MAGIC_NR;
}

/*
 * Poll the pipe behind @path, as what the process has there: its input is opened for
 * reading, which tells of writers, its output for writing, which tells of readers.
 */
static enum answer pipe_hung_up(const char *path, int number)
{
	_cleanup_close_ int link = open(path, O_PATH | O_CLOEXEC);
	_cleanup_close_ int fd = -1;
	struct pollfd p = { .events = number == STDIN_FILENO ? POLLIN : POLLOUT };
	char again[32];
	int n;

	/* The descriptor may be another by now: what is opened is what was looked at. */
	if (link < 0 || !is_pipe(link))
		return ANSWER_UNKNOWN;
	snprintf(again, sizeof(again), "/proc/self/fd/%d", link);
	fd = open(again, (number == STDIN_FILENO ? O_RDONLY : O_WRONLY) | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return ANSWER_UNKNOWN;
	p.fd = fd;
	do {
		n = poll(&p, 1, 0);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return ANSWER_UNKNOWN;
	return p.revents & (number == STDIN_FILENO ? POLLHUP : POLLERR) ? ANSWER_YES : ANSWER_NO;
}

static enum answer end_hung_up(pid_t pid, int number)
{
	char path[40], target[64];
	uint64_t ino;
	char end;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, number);
	if (procfs_readlink(AT_FDCWD, path, target, sizeof(target)) < 0)
		return ANSWER_UNKNOWN;
	if (strncmp(target, "pipe:[", strlen("pipe:[")) == 0)
		return pipe_hung_up(path, number);
	if (sscanf(target, "socket:[%" SCNu64 "%c", &ino, &end) == 2 && end == ']')
		return unixdiag_hung_up(ino);
	return ANSWER_NO;
}

enum answer hangup_of(pid_t pid)
{
	pid_t thread = thread_living(pid);
	enum answer in = end_hung_up(thread, STDIN_FILENO), out;

	if (in == ANSWER_NO)
		return ANSWER_NO;
	out = end_hung_up(thread, STDOUT_FILENO);
	if (out == ANSWER_NO)
		return ANSWER_NO;
	return in == ANSWER_YES && out == ANSWER_YES ? ANSWER_YES : ANSWER_UNKNOWN;
}
