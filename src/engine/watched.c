/* SPDX-License-Identifier: MIT */
#include "engine/watched.h"

#include <signal.h>
#include <stddef.h>

enum { STEP_MS = 1000 };

static struct watched *of(struct reaper *r)
{
	return (struct watched *)((char *)r - offsetof(struct watched, reaper));
}

static int do_open(struct reaper *r, pid_t pid, int *ret_handle, uint64_t *ret_ino)
{
	struct reaper *inner = of(r)->inner;

	return inner->ops->open(inner, pid, ret_handle, ret_ino);
}

static void do_close(struct reaper *r, int handle)
{
	of(r)->inner->ops->close(of(r)->inner, handle);
}

static int do_signal(struct reaper *r, int handle, int signo)
{
	struct watched *w = of(r);

	if (signo == SIGTERM || signo == SIGKILL)
		w->killed = signo == SIGKILL;
	return w->inner->ops->signal(w->inner, handle, signo);
}

/* A long wait in steps, told of before each. What ends early ends the whole. */
static int do_wait(struct reaper *r, const int *handles, size_t nr, int64_t timeout_ms, int stop_fd,
		   bool *ret_dead)
{
	struct watched *w = of(r);
	int64_t left = timeout_ms;
	int n = 0;

	if (timeout_ms < STEP_MS)
		return w->inner->ops->wait(w->inner, handles, nr, timeout_ms, stop_fd, ret_dead);
	while (left > 0) {
		struct reap_progress progress = { nr, (size_t)n, w->killed, left };
		int64_t step = left < STEP_MS ? left : STEP_MS;

		w->tell(w->ctx, &progress);
		n = w->inner->ops->wait(w->inner, handles, nr, step, stop_fd, ret_dead);
		if (n < 0 || (size_t)n == nr)
			break;
		left -= step;
	}
	return n;
}

static size_t do_reserve(struct reaper *r, size_t nr)
{
	struct reaper *inner = of(r)->inner;

	return inner->ops->reserve ? inner->ops->reserve(inner, nr) : nr;
}

static void do_free(struct reaper *r)
{
	(void)r; /* the inner one is its owner's */
}

static const struct reaper_ops ops = {
	.open = do_open,
	.close = do_close,
	.signal = do_signal,
	.wait = do_wait,
	.reserve = do_reserve,
	.free = do_free,
};

void watched_init(struct watched *w, struct reaper *inner,
		  void (*tell)(void *ctx, const struct reap_progress *progress), void *ctx)
{
	*w = (struct watched){ .reaper = { &ops }, .inner = inner, .tell = tell, .ctx = ctx };
}
