#ifndef HELPERS_HANG_H
#define HELPERS_HANG_H

#include "helpers/child.h"

#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/*
 * A process whose environment cannot be read: its page is never delivered
 * (userfaultfd(2)), so that who reads it waits until the process has ended. For
 * child_fork(); *ctx (a bool, in shared memory) tells whether the kernel allowed it.
 */
static inline bool hang_environ(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (fd < 0 || page == MAP_FAILED || ioctl(fd, UFFDIO_API, &api) < 0)
		return false;
	range.range.start = (uintptr_t)page;
	range.range.len = 4096;
	return ioctl(fd, UFFDIO_REGISTER, &range) == 0 &&
	       prctl(PR_SET_MM, PR_SET_MM_ENV_START, (unsigned long)page, 0, 0) == 0 &&
	       prctl(PR_SET_MM, PR_SET_MM_ENV_END, (unsigned long)page + 4096, 0, 0) == 0;
}

static inline void hang_body(const struct child_side *side, void *ctx)
{
	*(bool *)ctx = hang_environ();
	child_ready(side);
	child_live(side);
}

/* Starts one. False: this kernel or user may not; then there is no child. */
static inline bool hang_start(struct child *ret_child)
{
	bool *allowed = mmap(NULL, sizeof(*allowed), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0), ok;

	*ret_child = child_fork(hang_body, allowed);
	ok = *allowed;
	munmap(allowed, sizeof(*allowed));
	if (!ok)
		child_end(ret_child);
	return ok;
}

#endif
