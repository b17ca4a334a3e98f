/* SPDX-License-Identifier: MIT */
#include "engine/hold.h"

#include <errno.h>

/* Is the process behind @handle the one that @id means, by what is read through its pid? */
static enum hold_state verify(struct source *src, struct reaper *reaper, int handle,
			      const struct identity *id)
{
	struct snapshot *snap = NULL;
	const struct process *proc;
	bool dead = false, same;
	int r = source_read(src, id->pid, &snap);

	if (r < 0)
		return r == -ESRCH ? HOLD_GONE : HOLD_REFUSED;
	proc = snapshot_find(snap, id->pid);
	same = proc && proc->id.start_ticks == id->start_ticks;
	snapshot_unref(snap);
	if (!same)
		return HOLD_GONE;
	/* This last look binds what was read to the process that the handle holds. */
	r = reaper->ops->wait(reaper, &handle, 1, 0, -1, &dead);
	if (r < 0)
		return HOLD_REFUSED;
	return dead ? HOLD_GONE : HOLD_HELD;
}

enum hold_state hold_open(struct source *src, struct reaper *reaper, struct identity *id,
			  int *ret_handle)
{
	enum hold_state state = HOLD_GONE;
	uint64_t ino = 0;
	int handle = -1;
	int r = reaper->ops->open(reaper, id->pid, &handle, &ino);

	*ret_handle = -1;
	if (r < 0)
		return r == -ESRCH ? HOLD_GONE : HOLD_REFUSED;
	if (!id->pidfd_ino || !ino || id->pidfd_ino == ino)
		state = verify(src, reaper, handle, id);
	if (state != HOLD_HELD) {
		hold_close(reaper, handle);
		return state;
	}
	if (ino)
		id->pidfd_ino = ino;
	*ret_handle = handle;
	return HOLD_HELD;
}

void hold_close(struct reaper *reaper, int handle)
{
	if (handle >= 0)
		reaper->ops->close(reaper, handle);
}

int hold_signal(struct reaper *reaper, int handle, int signo)
{
	return reaper->ops->signal(reaper, handle, signo);
}
