/* SPDX-License-Identifier: MIT */
#include "linux/reaper.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "linux/pidfd.h"

/* Descriptors that scans, the ledger and the faces need beside the handles. */
enum { MARGIN = 64 };

static int reaper_open(struct reaper *r, pid_t pid, int *ret_handle, uint64_t *ret_ino)
{
	int fd = pidfd_of(pid);

	(void)r;
	if (fd < 0)
		return fd;
	*ret_handle = fd;
	*ret_ino = pidfd_ino(fd);
	return 0;
}

static void reaper_close(struct reaper *r, int handle)
{
	(void)r;
	if (handle >= 0)
		close(handle);
}

static int reaper_signal(struct reaper *r, int handle, int signo)
{
	(void)r;
	return pidfd_signal(handle, signo);
}

/* poll(2) until @until_ms (CLOCK_MONOTONIC), signals notwithstanding. */
static int poll_until(struct pollfd *fds, size_t nr, int64_t until_ms)
{
	for (;;) {
		int64_t left = until_ms - clock_ms(CLOCK_MONOTONIC);
		int n = poll(fds, (nfds_t)nr, left < 0 ? 0 : left > 60000 ? 60000 : (int)left);

		if (n > 0 || (n == 0 && left <= 60000))
			return n;
		if (n < 0 && errno != EINTR)
			return -errno;
	}
}

/*
 * Wait for one handle after the other, so that each end costs one poll(2) of one pidfd
 * and not of all. When the time is up, or @stop_fd polls readable, the rest is polled
 * without waiting.
 */
static int reaper_wait(struct reaper *r, const int *handles, size_t nr, int64_t timeout_ms,
		       int stop_fd, bool *ret_dead)
{
	int64_t until = clock_ms(CLOCK_MONOTONIC) + timeout_ms;
	bool stopped = false, left = false;
	int ended = 0;

	(void)r;
	for (size_t i = 0; i < nr; i++)
		ret_dead[i] = false;
	for (size_t i = 0; i < nr; i++) {
		struct pollfd fds[] = { { .fd = handles[i], .events = POLLIN },
					{ .fd = stopped ? -1 : stop_fd, .events = POLLIN } };
		int n = handles[i] < 0 ? 0 : poll_until(fds, 2, until);

		if (n < 0)
			return n;
		if (fds[0].revents & (POLLIN | POLLHUP)) {
			ret_dead[i] = true;
			ended++;
			continue;
		}
		if (fds[0].revents) /* no pidfd */
			return -EBADF;
		left = left || handles[i] >= 0;
		if (fds[1].revents) {
			stopped = true;
			until = 0;
		}
	}
	return stopped && left ? -EINTR : ended;
}

static size_t descriptors_in_use(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t nr = 0;

	if (!dir)
		return MARGIN;
	while (readdir(dir))
		nr++;
	closedir(dir);
	return nr;
}

static size_t reaper_reserve(struct reaper *r, size_t nr)
{
	size_t used = descriptors_in_use() + MARGIN;
	struct rlimit limit;

	(void)r;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 1;
	if (limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < used + nr) {
		struct rlimit more = limit;

		more.rlim_cur = used + nr;
		if (more.rlim_max != RLIM_INFINITY && more.rlim_cur > more.rlim_max)
			more.rlim_cur = more.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &more) == 0)
			limit = more;
	}
	if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= used + nr)
		return nr ? nr : 1;
	return limit.rlim_cur > used ? limit.rlim_cur - used : 1;
}

static void reaper_free(struct reaper *r)
{
	free(r);
}

static const struct reaper_ops ops = {
	.open = reaper_open,
	.close = reaper_close,
	.signal = reaper_signal,
	.wait = reaper_wait,
	.reserve = reaper_reserve,
	.free = reaper_free,
};

int pidfd_reaper_new(struct reaper **ret_reaper)
{
	struct reaper *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->ops = &ops;
	*ret_reaper = r;
	return 0;
}
