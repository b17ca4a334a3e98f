/* SPDX-License-Identifier: MIT */
#include "linux/thread.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "base/parse.h"
#include "linux/procfs.h"

pid_t thread_other(int dir_fd, const char *path, pid_t pid)
{
	int fd = openat(dir_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	pid_t other = 0;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	while (!other && (entry = readdir(dir))) {
		uint64_t tid;

		if (parse_number(entry->d_name, INT_MAX, &tid) == 0 && (pid_t)tid != pid)
			other = (pid_t)tid;
	}
	closedir(dir);
	return other;
}

pid_t thread_living(pid_t pid)
{
	struct facts facts;
	char path[32];
	pid_t other;

	if (procfs_stat_pid(pid, &facts) < 0 || !facts.bare || facts.threads <= 1)
		return pid;
	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	other = thread_other(AT_FDCWD, path, pid);
	return other ? other : pid;
}
