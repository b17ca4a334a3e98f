/* SPDX-License-Identifier: MIT */
#ifndef HELPERS_HANG_H
#define HELPERS_HANG_H

#include "helpers/child.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

/*
 * A process whose environment cannot be read: a reader of it waits, as when
 * the process is stuck with its memory locked. Here a FIFO that has no writer
 * is mounted over the file, in a mount namespace of the test's own.
 */
struct hang {
	struct child child;
	char dir[32], fifo[40], environ[40];
};

/* False: this user may not mount; then there is no child. */
static inline bool hang_start(struct hang *h)
{
	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", "", MS_REC | MS_PRIVATE, NULL) < 0)
		return false;
	h->child = child_fork(child_plain, NULL);
	snprintf(h->dir, sizeof(h->dir), "/tmp/hang-XXXXXX");
	assert_non_null(mkdtemp(h->dir));
	snprintf(h->fifo, sizeof(h->fifo), "%s/fifo", h->dir);
	snprintf(h->environ, sizeof(h->environ), "/proc/%d/environ", (int)h->child.pid);
	assert_int_equal(mkfifo(h->fifo, 0600), 0);
	assert_int_equal(mount(h->fifo, h->environ, "", MS_BIND, NULL), 0);
	return true;
}

/* End the wait of readers; from now on the environment can be read. */
static inline void hang_release(struct hang *h)
{
	int fd = open(h->fifo, O_RDWR | O_CLOEXEC);

	assert_true(fd >= 0);
	umount2(h->environ, MNT_DETACH);
	close(fd);
	unlink(h->fifo);
	rmdir(h->dir);
	h->fifo[0] = '\0';
}

static inline void hang_end(struct hang *h)
{
	if (h->fifo[0])
		hang_release(h);
	child_end(&h->child);
}

#endif
