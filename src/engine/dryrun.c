/* SPDX-License-Identifier: MIT */
#include "engine/dryrun.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "base/array.h"

struct dryrun_reaper {
	struct reaper reaper;
	struct reaper *inner;
	int *ended; /* handles that got SIGTERM or SIGKILL */
	size_t nr, alloc;
	size_t recorded;
};

static struct dryrun_reaper *dryrun_of(struct reaper *r)
{
	return (struct dryrun_reaper *)r;
}

static bool is_ended(const struct dryrun_reaper *d, int handle)
{
	for (size_t i = 0; i < d->nr; i++) {
		if (d->ended[i] == handle)
			return true;
	}
	return false;
}

static int dryrun_open(struct reaper *r, pid_t pid, int *ret_handle, uint64_t *ret_ino)
{
	struct reaper *inner = dryrun_of(r)->inner;

	return inner->ops->open(inner, pid, ret_handle, ret_ino);
}

static void dryrun_close(struct reaper *r, int handle)
{
	struct dryrun_reaper *d = dryrun_of(r);

	for (size_t i = 0; i < d->nr; i++) {
		if (d->ended[i] == handle)
			d->ended[i--] = d->ended[--d->nr];
	}
	d->inner->ops->close(d->inner, handle);
}

static int dryrun_signal(struct reaper *r, int handle, int signo)
{
	struct dryrun_reaper *d = dryrun_of(r);
	bool dead = false;
	int n = d->inner->ops->wait(d->inner, &handle, 1, 0, -1, &dead);

	if (n < 0)
		return n;
	if (dead)
		return -ESRCH;
	d->recorded++;
	if ((signo != SIGTERM && signo != SIGKILL) || is_ended(d, handle))
		return 0;
	if (ARRAY_GROW(d->ended, d->nr, d->alloc) < 0)
		return -ENOMEM;
	d->ended[d->nr++] = handle;
	return 0;
}

static int dryrun_wait(struct reaper *r, const int *handles, size_t nr, int64_t timeout_ms,
		       int stop_fd, bool *ret_dead)
{
	struct dryrun_reaper *d = dryrun_of(r);
	int dead = 0;
	int n;

	/* Probe without waiting: what the run would have signalled counts as ended. */
	(void)timeout_ms;
	n = d->inner->ops->wait(d->inner, handles, nr, 0, stop_fd, ret_dead);
	if (n < 0 && n != -EINTR)
		return n;
	for (size_t i = 0; i < nr; i++) {
		ret_dead[i] = ret_dead[i] || is_ended(d, handles[i]);
		dead += ret_dead[i];
	}
	return n < 0 ? n : dead;
}

static size_t dryrun_reserve(struct reaper *r, size_t nr)
{
	struct reaper *inner = dryrun_of(r)->inner;

	return inner->ops->reserve(inner, nr);
}

static void dryrun_free(struct reaper *r)
{
	struct dryrun_reaper *d = dryrun_of(r);

	free(d->ended);
	free(d);
}

static const struct reaper_ops dryrun_ops = {
	.open = dryrun_open,
	.close = dryrun_close,
	.signal = dryrun_signal,
	.wait = dryrun_wait,
	.reserve = dryrun_reserve,
	.free = dryrun_free,
};

int dryrun_reaper_new(struct reaper *inner, struct reaper **ret_reaper)
{
	struct dryrun_reaper *d = calloc(1, sizeof(*d));

	if (!d)
		return -ENOMEM;
	d->reaper.ops = &dryrun_ops;
	d->inner = inner;
	*ret_reaper = &d->reaper;
	return 0;
}

size_t dryrun_recorded(const struct reaper *r)
{
	return ((const struct dryrun_reaper *)r)->recorded;
}
