/* SPDX-License-Identifier: MIT */
#include "linux/watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "linux/pidfd.h"
#include "linux/procfs.h"

struct watched {
	struct identity id;
	int fd;
};

/* A pidfd of exactly that process, or -errno (-ESRCH: it is not there any more). */
static int open_identity(const struct identity *id)
{
	_cleanup_close_ int fd = pidfd_of(id->pid);
	_cleanup_close_ int dir_fd = -1;
	struct facts facts;
	int r;

	if (fd < 0)
		return fd;
	if (id->pidfd_ino && pidfd_ino(fd) != id->pidfd_ino)
		return -ESRCH;
	dir_fd = procfs_open_pid(id->pid);
	r = dir_fd < 0 ? dir_fd : procfs_stat(dir_fd, &facts);
	if (r < 0)
		return r;
	if (facts.start_ticks != id->start_ticks || pidfd_signal(fd, 0) == -ESRCH)
		return -ESRCH;
	return take_fd(&fd);
}

static const struct watched *find(const struct watch *w, const struct identity *id)
{
	for (size_t i = 0; i < w->nr; i++)
		if (identity_equal(&w->items[i].id, id))
			return &w->items[i];
	return NULL;
}

static bool is_among(const struct identity *ids, size_t nr, const struct identity *id)
{
	for (size_t i = 0; i < nr; i++)
		if (identity_equal(&ids[i], id))
			return true;
	return false;
}

/* A new one into epoll. Its descriptor, or -errno: it is left out. */
static int start(int epoll_fd, const struct identity *id)
{
	struct epoll_event event = { .events = EPOLLIN };
	_cleanup_close_ int fd = open_identity(id);

	if (fd < 0)
		return fd;
	event.data.fd = fd;
	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
		return -errno;
	return take_fd(&fd);
}

void watch_init(struct watch *w)
{
	*w = (struct watch){ .epoll_fd = epoll_create1(EPOLL_CLOEXEC) };
}

int watch_set(struct watch *w, const struct identity *ids, size_t nr)
{
	struct watched *items;
	size_t kept = 0;

	if (!nr && !w->nr)
		return 0;
	if (w->epoll_fd < 0) {
		w->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
		if (w->epoll_fd < 0)
			return -errno;
	}
	items = calloc(nr ? nr : 1, sizeof(*items));
	if (!items)
		return -ENOMEM;
	for (size_t i = 0; i < nr; i++) {
		const struct watched *old = find(w, &ids[i]);
		int fd;

		if (is_among(ids, i, &ids[i]))
			continue;
		fd = old ? old->fd : start(w->epoll_fd, &ids[i]);
		if (fd >= 0)
			items[kept++] = (struct watched){ ids[i], fd };
	}
	/* Closing takes a descriptor out of epoll, too. */
	for (size_t i = 0; i < w->nr; i++)
		if (!is_among(ids, nr, &w->items[i].id))
			close(w->items[i].fd);
	free(w->items);
	w->items = items;
	w->nr = kept;
	return 0;
}

bool watch_ended(const struct watch *w, const struct identity *id)
{
	const struct watched *item = find(w, id);

	return item && pidfd_dead(item->fd) > 0;
}

void watch_release(struct watch *w)
{
	for (size_t i = 0; i < w->nr; i++)
		close(w->items[i].fd);
	free(w->items);
	if (w->epoll_fd >= 0)
		close(w->epoll_fd);
	*w = (struct watch){ .epoll_fd = -1 };
}
