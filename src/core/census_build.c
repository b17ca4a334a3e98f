/* SPDX-License-Identifier: MIT */
/* The census, step by step. */
#include "core/census_build.h"

#include <errno.h>
#include <stdlib.h>

#include "stray/verdict.h"

int census_build(const struct census_input *input, struct census **ret_census)
{
	struct census_build b = { .input = input, .s = input->snapshot, .policy = input->policy };
	int r;

	b.c = calloc(1, sizeof(*b.c));
	if (!b.c)
		return -ENOMEM;
	b.c->refs = 1;
	b.c->snapshot = snapshot_ref(input->snapshot);
	b.c->policy = policy_ref(input->policy);

	r = build_nodes(&b);
	if (!r)
		r = build_desktops(&b);
	if (!r)
		r = build_partings(&b);
	if (!r)
		r = build_members(&b);
	if (!r)
		r = build_roots(&b);
	if (!r)
		r = build_owners(&b);
	if (!r)
		r = build_states(&b);
	if (!r)
		r = build_sandboxes(&b);
	if (!r)
		build_keeps(&b);
	if (!r)
		r = verdict_mark_kept(b.c);
	free(b.desktops);
	free(b.kinds);
	free(b.claims);
	free(b.notes);
	free(b.top_down);
	free(b.roots);
	free(b.oldest_child);
	free(b.partings);
	free(b.cut);
	free(b.outside);
	free(b.slots);
	free(b.exempt);
	if (r) {
		census_unref(b.c);
		return r;
	}
	*ret_census = b.c;
	return 0;
}
