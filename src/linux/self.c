/* SPDX-License-Identifier: MIT */
#include "linux/self.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "linux/procfs.h"

int self_check_proc(void)
{
	_cleanup_close_ int fd = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct status status;
	struct facts facts;

	/*
	 * A /proc of an outer namespace knows us by another pid, or by chance
	 * by the same one; but then we have more than one.
	 */
	if (fd < 0 || procfs_stat(fd, &facts) < 0 || procfs_status(fd, &status) < 0 ||
	    facts.pid != getpid() || status.levels > 1)
		return -ESTALE;
	return 0;
}

int self_start_ticks(uint64_t *ret_ticks)
{
	struct facts facts;
	int r = procfs_stat_pid(getpid(), &facts);

	if (r < 0)
		return r;
	*ret_ticks = facts.start_ticks;
	return 0;
}

int self_boot_id(char ret_id[BOOT_ID_SIZE])
{
	_cleanup_close_ int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	char id[BOOT_ID_SIZE] = "";
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, id, sizeof(id) - 1);
	if (n < 0)
		return -errno;
	if (n != BOOT_ID_SIZE - 1)
		return -EINVAL;
	memcpy(ret_id, id, sizeof(id));
	return 0;
}

uint64_t self_pid_ns(void)
{
	struct stat st;

	return stat("/proc/self/ns/pid", &st) < 0 ? 0 : st.st_ino;
}

int self_become_subreaper(void)
{
	return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0 ? -errno : 0;
}
