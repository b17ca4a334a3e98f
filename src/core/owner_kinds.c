/* SPDX-License-Identifier: MIT */
/* The desktops by app and user, and what their instances ask of all of them together. */
#include <errno.h>

#include "base/array.h"
#include "core/census_build.h"

/* The kind of that app and user, or NULL. There are as many as users run apps: few. */
static struct desktop_kind *find_kind(const struct census_build *b, size_t app, uid_t uid)
{
	for (size_t i = 0; i < b->nr_kinds; i++)
		if (b->kinds[i].app == app && b->kinds[i].uid == uid)
			return &b->kinds[i];
	return NULL;
}

int build_kinds(struct census_build *b)
{
	for (size_t d = 0; d < b->nr_desktops; d++) {
		struct desktop *desktop = &b->desktops[d];
		uid_t uid = b->s->procs[desktop->proc].uid;
		struct desktop_kind *kind = find_kind(b, desktop->app, uid);

		if (!kind) {
			if (ARRAY_GROW(b->kinds, b->nr_kinds, b->alloc_kinds) < 0)
				return -ENOMEM;
			kind = &b->kinds[b->nr_kinds++];
			*kind = (struct desktop_kind){ .app = desktop->app, .uid = uid };
		}
		desktop->kind = (size_t)(kind - b->kinds);
	}
	return 0;
}

/* Its arguments or environment are refused, or both are empty as in the middle of an exec. */
static bool is_unreadable(const struct process *proc)
{
	return proc->args_read != READ_DONE || proc->environ_read != READ_DONE ||
	       (!proc->args.len && !proc->environ.len);
}

/* Put the desktop, which comes before all that were added, into the sums of its kind. */
static void add_to_kind(struct census_build *b, size_t d)
{
	struct desktop *desktop = &b->desktops[d];
	struct desktop_kind *kind = &b->kinds[desktop->kind];

	if (desktop->by_name && is_unreadable(&b->s->procs[desktop->proc])) {
		kind->unreadable = d;
	} else if (desktop->by_name && !(desktop->names & NAMES)) {
		desktop->next_silent = kind->silent;
		kind->silent = d;
	}
	desktop->next = kind->first;
	kind->first = d;
	kind->unstamped = kind->unstamped || !desktop->stamped;
	kind->unstamped_childless = kind->unstamped_childless ||
				    (!desktop->stamped && !(desktop->names & OWNS_BY_DESCENT));
}

void build_sum_up_kinds(struct census_build *b)
{
	for (size_t i = 0; i < b->nr_kinds; i++) {
		struct desktop_kind *kind = &b->kinds[i];

		kind->first = kind->unreadable = kind->silent = CENSUS_NONE;
		kind->unstamped = kind->unstamped_childless = false;
	}
	for (size_t d = b->nr_desktops; d-- > 0;)
		add_to_kind(b, d);
}

const struct desktop_kind *build_kind(const struct census_build *b, const struct instance *inst)
{
	return find_kind(b, (size_t)(inst->app - b->policy->apps), inst->uid);
}
