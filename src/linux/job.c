/* SPDX-License-Identifier: MIT */
#include "linux/job.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "linux/pidfd.h"

/* The parent of @pid, or 0: it is outside of our pid namespace, or unknown. */
static pid_t parent_of(pid_t pid)
{
	_cleanup_fclose_ FILE *file = NULL;
	char path[32], line[512];
	const char *end;
	uint64_t ppid = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file || !fgets(line, sizeof(line), file))
		return 0;
	end = strrchr(line, ')');
	if (!end || strlen(end) < 4)
		return 0;
	return parse_digits(end + 4, SIZE_MAX, INT32_MAX, &ppid) ? (pid_t)ppid : 0;
}

/*
 * Is there a process in this session, outside of the group, that is parent of one in it?
 * That is a shell; without one the kernel stops no job, for nothing would continue it.
 */
static bool has_shell(void)
{
	pid_t group = getpgrp(), pid = getpid(), parent = getppid();

	while (parent > 0 && parent != pid && getpgid(parent) == group) {
		pid = parent;
		parent = parent_of(pid);
	}
	return parent > 0 && parent != pid && getsid(parent) == getsid(0);
}

/* Stop one process of the group. It may have left it, or have ended: then nothing happens. */
static void stop_one(pid_t pid, pid_t group)
{
	_cleanup_close_ int fd = -1;

	if (getpgid(pid) != group)
		return;
	fd = pidfd_of(pid);
	/* Asked again behind the handle: the pid may have changed hands. */
	if (fd >= 0 && getpgid(pid) == group)
		(void)pidfd_signal(fd, SIGTSTP);
}

bool job_folder(pid_t pid, char *buf, size_t size)
{
	char path[32];
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/%d/cwd", (int)pid);
	len = readlink(path, buf, size - 1);
	if (len < 0)
		return false;
	buf[len] = '\0';
	return true;
}

int job_stop(void)
{
	pid_t group = getpgrp(), self = getpid();
	struct dirent *entry;
	sigset_t stop, before;
	DIR *dir;

	if (!has_shell())
		return -ECHILD;
	/*
	 * Ours waits until the others have theirs. The shell may continue the job as soon as
	 * the first has stopped: SIGCONT takes back a stop that waits (signal(7)), where one
	 * sent after it would stop us for good.
	 */
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	pthread_sigmask(SIG_BLOCK, &stop, &before);
	raise(SIGTSTP);
	dir = opendir("/proc");
	while (dir && (entry = readdir(dir))) {
		pid_t pid = parse_pid(entry->d_name);

		if (pid > 0 && pid != self)
			stop_one(pid, group);
	}
	if (dir)
		closedir(dir);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return 0;
}
