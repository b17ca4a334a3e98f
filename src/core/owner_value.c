/* SPDX-License-Identifier: MIT */
/* owner = pid: which process a marker's value names. */
#include <errno.h>

#include "base/array.h"
#include "base/bytes.h"
#include "core/census_build.h"
#include "core/environ.h"

bool build_marker(const struct app *app, size_t marker, const struct process *proc,
		  struct bytes *ret_value)
{
	return proc->environ.len &&
	       environ_get(proc->environ, app->markers.items[marker], ret_value) &&
	       app_names_instance(app, app->markers.items[marker], *ret_value);
}

const struct process *build_value_owner(const struct snapshot *s, struct bytes value,
					const struct process *carrier)
{
	const struct process *owner;
	uint64_t start;
	pid_t pid;

	if (app_parse_owner(value, &pid, &start) < 0)
		return NULL;
	owner = snapshot_find(s, pid);
	if (!owner || owner->dead || owner->kernel_thread)
		return NULL;
	if (owner->id.start_ticks > carrier->id.start_ticks)
		return NULL;
	return start && owner->id.start_ticks != start ? NULL : owner;
}

int build_outside(struct census_build *b)
{
	struct bytes value;

	for (size_t i = 0; i < b->s->nr; i++) {
		const struct process *proc = &b->s->procs[i];

		/* Pid 1 of our namespace has none, nor has what entered it from outside. */
		if (proc->ppid != 0 || proc->kernel_thread || !proc->environ.len)
			continue;
		for (size_t a = 0; a < b->policy->nr_apps; a++) {
			const struct app *app = &b->policy->apps[a];

			for (size_t m = 0; app->owner == APP_OWNER_PID && m < app->markers.nr;
			     m++) {
				if (!build_marker(app, m, proc, &value))
					continue;
				if (ARRAY_GROW(b->outside, b->nr_outside, b->alloc_outside) < 0)
					return -ENOMEM;
				b->outside[b->nr_outside++] = value;
			}
		}
	}
	return 0;
}

bool build_value_means_ours(const struct census_build *b, struct bytes value,
			    const struct process *carrier)
{
	if (!build_is_ours(b->s, carrier))
		return false;
	for (size_t i = 0; i < b->nr_outside; i++)
		if (bytes_equal(b->outside[i], value))
			return false;
	return true;
}
