/* SPDX-License-Identifier: MIT */
#include "engine/hold.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"

int hold_take(struct hold *h)
{
	uint64_t ino = 0;
	int r;

	if (h->handle >= 0)
		return 0;
	r = h->reaper->ops->open(h->reaper, h->id.pid, &h->handle, &ino);
	if (r < 0) {
		h->handle = -1;
		return r == -ENFILE ? -EMFILE : r;
	}
	if (ino && h->id.pidfd_ino && ino != h->id.pidfd_ino) {
		hold_close(h);
		return -ESRCH;
	}
	if (ino)
		h->id.pidfd_ino = ino;
	return 0;
}

int hold_has_ended(const struct hold *h, int64_t timeout_ms)
{
	bool dead = false;
	int r = h->reaper->ops->wait(h->reaper, &h->handle, 1, timeout_ms, -1, &dead);

	return dead ? 1 : r < 0 ? r : 0;
}

/* Is the process that is held the one that is meant, by what is read through its pid? */
static enum hold_state verify(const struct hold *h, struct source *src)
{
	struct snapshot *snap = NULL;
	const struct process *proc;
	bool same;
	int r = source_read(src, h->id.pid, &snap);

	if (r < 0)
		return r == -ESRCH ? HOLD_GONE : HOLD_REFUSED;
	proc = snapshot_find(snap, h->id.pid);
	same = proc && proc->id.start_ticks == h->id.start_ticks;
	snapshot_unref(snap);
	if (!same)
		return HOLD_GONE;
	r = hold_has_ended(h, 0);
	if (r < 0)
		return HOLD_REFUSED;
	return r ? HOLD_GONE : HOLD_HELD;
}

enum hold_state hold_open(struct hold *h, struct source *src)
{
	struct identity meant = h->id;
	enum hold_state state;
	int r = hold_take(h);

	if (r < 0)
		return r == -ESRCH ? HOLD_GONE : HOLD_REFUSED;
	state = verify(h, src);
	if (state != HOLD_HELD) {
		hold_close(h);
		h->id = meant;
	}
	return state;
}

int hold_signal(const struct hold *h, int signo)
{
	return h->reaper->ops->signal(h->reaper, h->handle, signo);
}

int hold_wait(const struct hold *const *holds, size_t nr, int64_t timeout_ms, int stop_fd,
	      bool *ret_dead)
{
	_cleanup_free_ int *handles = calloc(nr ? nr : 1, sizeof(*handles));

	if (!handles)
		return -ENOMEM;
	if (!nr)
		return 0;
	for (size_t i = 0; i < nr; i++)
		handles[i] = holds[i]->handle;
	return holds[0]->reaper->ops->wait(holds[0]->reaper, handles, nr, timeout_ms, stop_fd,
					   ret_dead);
}

void hold_close(struct hold *h)
{
	if (h->handle >= 0 && !h->borrowed)
		h->reaper->ops->close(h->reaper, h->handle);
	h->handle = -1;
}
