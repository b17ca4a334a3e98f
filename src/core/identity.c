/* SPDX-License-Identifier: MIT */
#include "stray/identity.h"

bool identity_is_set(const struct identity *id)
{
	return id->pid != 0;
}

bool identity_equal(const struct identity *a, const struct identity *b)
{
	if (!identity_is_set(a) || !identity_is_set(b))
		return false;
	if (a->pid != b->pid || a->start_ticks != b->start_ticks)
		return false;
	return !a->pidfd_ino || !b->pidfd_ino || a->pidfd_ino == b->pidfd_ino;
}

int identity_compare(const struct identity *a, const struct identity *b)
{
	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	if (a->start_ticks != b->start_ticks)
		return a->start_ticks < b->start_ticks ? -1 : 1;
	if (a->pidfd_ino != b->pidfd_ino)
		return a->pidfd_ino < b->pidfd_ino ? -1 : 1;
	return 0;
}
