/* SPDX-License-Identifier: MIT */
#include "linux/pidfd.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

/* The same numbers on every architecture but alpha, which has them in its headers. */
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

/* Before 6.9 all pidfds share one anonymous inode, which tells nothing. */
enum { PIDFS_MAGIC = 0x50494446 };

int pidfd_of(pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0U);

	return fd < 0 ? -errno : fd;
}

int pidfd_signal(int fd, int signo)
{
	return syscall(SYS_pidfd_send_signal, fd, signo, NULL, 0U) < 0 ? -errno : 0;
}

uint64_t pidfd_ino(int fd)
{
	struct statfs fs;
	struct stat st;

	if (fstatfs(fd, &fs) < 0 || (unsigned long)fs.f_type != PIDFS_MAGIC || fstat(fd, &st) < 0)
		return 0;
	return st.st_ino;
}

/* Of linux/pidfd.h, as Linux 6.13 had it first; later ones take this size as well. */
struct info {
	uint64_t mask, cgroupid;
	uint32_t pid, tgid, ppid;
	uint32_t ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
	uint32_t spare;
};

#define GET_INFO    _IOWR(0xff, 11, struct info)
#define INFO_UIDS   UINT64_C(2)
#define INFO_CGROUP UINT64_C(4)

static int get_info(int fd, uint64_t what, struct info *ret_info)
{
	*ret_info = (struct info){ .mask = what };
	if (ioctl(fd, GET_INFO, ret_info) < 0)
		return -errno;
	return ret_info->mask & what ? 0 : -ENODATA;
}

int pidfd_real_uid(int fd, uid_t *ret_uid)
{
	struct info info;
	int r = get_info(fd, INFO_UIDS, &info);

	if (r == 0)
		*ret_uid = info.ruid;
	return r;
}

int pidfd_cgroup(int fd, uint64_t *ret_id)
{
	struct info info;
	int r = get_info(fd, INFO_CGROUP, &info);

	if (r == 0)
		*ret_id = info.cgroupid;
	return r;
}

int pidfd_dead(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int n;

	do {
		n = poll(&p, 1, 0);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (p.revents & POLLNVAL)
		return -EBADF;
	/* POLLHUP alone: ended and waited for, from 6.15 on together with POLLIN. */
	return (p.revents & (POLLIN | POLLHUP)) != 0;
}
