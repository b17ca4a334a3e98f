/* SPDX-License-Identifier: MIT */
#ifndef CORE_CENSUS_BUILD_H
#define CORE_CENSUS_BUILD_H

#include "stray/census.h"

/*
 * What the steps of census_build() share: nodes, then desktops, members,
 * owners, states, each in its own file, in this order.
 */

/* A live desktop of one app; a process may be a desktop of several. */
struct desktop {
	size_t proc;  /* index in the snapshot */
	size_t app;   /* index in the policy */
	bool by_name; /* else only because a marker's value names it (owner = pid) */
};

/* What a desktop has to do with an instance: why it counts as its owner. */
enum {
	OWNS_BY_VALUE = 1,
	OWNS_BY_DESCENT = 2,
	OWNS_BY_ARGUMENTS = 4,
	OWNS_BY_ENVIRONMENT = 8,
	OWNS_BY_DEFAULT = 16,
	NAMES_STRONGLY = OWNS_BY_DESCENT | OWNS_BY_ARGUMENTS,
	NAMES = NAMES_STRONGLY | OWNS_BY_ENVIRONMENT,
};

struct census_build {
	const struct census_input *input;
	const struct snapshot *s;
	const struct policy *policy;
	struct census *c;

	struct desktop *desktops; /* ordered by process */
	size_t nr_desktops, alloc_desktops;
	/*
	 * [instance - first of its app and uid] of the app: one byte of OWNS_*
	 * per (instance, desktop), row by instance.
	 */
	uint8_t *owns;

	size_t alloc_members, alloc_instances;
};

/* Is this process of a user that the census is about? */
static inline bool build_in_scope(const struct census_build *b, const struct process *proc)
{
	return b->input->all_users || proc->uid == b->input->uid;
}

/*
 * The marker's value of @app that @proc carries in the variable @marker: the
 * first entry of the name. False if there is none, or it names no instance.
 */
bool build_marker(const struct app *app, size_t marker, const struct process *proc,
		  struct bytes *ret_value);

/* Does @proc carry the marker of that instance? */
bool build_carries(const struct app *app, struct bytes id, const struct process *proc);

/*
 * For an app with owner = pid: the live process that @value, carried by
 * @carrier, names, whoever's it is: not younger than the carrier, started when
 * the value says, and not the carrier itself. NULL: none.
 */
const struct process *build_value_owner(const struct snapshot *s, struct bytes value,
					const struct process *carrier);

/* Is @proc a live desktop of the app? */
bool build_is_desktop_of(const struct census_build *b, size_t proc, size_t app);

/* Nearest live desktop of @app above @proc, or CENSUS_NONE. */
size_t build_desktop_above(const struct census_build *b, size_t proc, size_t app);

/* The steps. 0 or -ENOMEM; build_members() also -EINVAL: no app for the wrapper. */
int build_nodes(struct census_build *b);
int build_desktops(struct census_build *b);
int build_members(struct census_build *b);
int build_owners(struct census_build *b);
int build_states(struct census_build *b);

#endif
