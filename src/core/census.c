/* SPDX-License-Identifier: MIT */
#include "stray/census.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

struct census *census_ref(struct census *c)
{
	__atomic_add_fetch(&c->refs, 1, __ATOMIC_RELAXED);
	return c;
}

void census_unref(struct census *c)
{
	if (!c || __atomic_sub_fetch(&c->refs, 1, __ATOMIC_ACQ_REL))
		return;
	snapshot_unref(c->snapshot);
	policy_unref(c->policy);
	arena_release(&c->storage);
	free(c->nodes);
	free(c->instances);
	free(c->members);
	free(c->next_membership);
	free(c);
}

const struct instance *census_find_instance(const struct census *c, const struct instance_key *key)
{
	for (size_t i = 0; i < c->nr_instances; i++) {
		const struct instance *inst = &c->instances[i];

		if ((!key->app || strcmp(inst->app->name, key->app) == 0) &&
		    inst->uid == key->uid && bytes_equal(inst->id, key->id))
			return inst;
	}
	return NULL;
}

const struct member *census_find_member(const struct census *c, pid_t pid)
{
	size_t i = snapshot_index(c->snapshot, pid);

	if (i == SIZE_MAX || c->nodes[i].first_membership == CENSUS_NONE)
		return NULL;
	return &c->members[c->nodes[i].first_membership];
}

const struct member *census_next_membership(const struct census *c, const struct member *m)
{
	size_t next = c->next_membership[m - c->members];

	return next == CENSUS_NONE ? NULL : &c->members[next];
}

bool census_is_desktop_of(const struct census *c, size_t proc, const struct app *app)
{
	size_t low = 0, high = c->nodes[proc].desktop ? c->nr_desktops : 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (c->desktops[middle].proc < proc)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < c->nr_desktops && c->desktops[low].proc == proc; low++)
		if (c->desktops[low].app == app)
			return true;
	return false;
}

bool census_descends(const struct census *c, const struct process *proc,
		     const struct process *ancestor)
{
	size_t above = c->nodes[proc - c->snapshot->procs].parent;

	for (; above != CENSUS_NONE; above = c->nodes[above].parent)
		if (&c->snapshot->procs[above] == ancestor)
			return true;
	return false;
}

int64_t census_age_ms(const struct census *c, const struct process *proc)
{
	const struct snapshot *s = c->snapshot;
	int64_t started, age;

	/* No kernel starts a process so late; a broken table must not overflow. */
	if (!s->ticks_per_second || proc->id.start_ticks > INT64_MAX / 1000)
		return 0;
	started =
		(int64_t)(proc->id.start_ticks / s->ticks_per_second) * 1000 +
		(int64_t)(proc->id.start_ticks % s->ticks_per_second) * 1000 / s->ticks_per_second;
	age = s->boottime_ms - started;
	return age > 0 ? age : 0;
}

int64_t census_orphan_age_ms(const struct census *c, const struct member *m)
{
	int64_t age;

	if (m->orphan_since_ms < 0)
		return -1;
	age = c->snapshot->boottime_ms - m->orphan_since_ms;
	return age > 0 ? age : 0;
}

static const char *const owner_states[] = {
	[OWNER_UNKNOWN] = "unknown",
	[OWNER_ALIVE] = "alive",
	[OWNER_GONE] = "gone",
};
static const char *const evidence_names[] = {
	[EVIDENCE_NONE] = "none",
	[EVIDENCE_VALUE] = "value",
	[EVIDENCE_DESCENT] = "descent",
	[EVIDENCE_ARGUMENTS] = "arguments",
	[EVIDENCE_ENVIRONMENT] = "environment",
	[EVIDENCE_FILES] = "files",
	[EVIDENCE_DEFAULT] = "default",
	[EVIDENCE_CARRIER] = "carrier",
	[EVIDENCE_HUNG_UP] = "hung-up",
};
static const char *const roles[] = { [ROLE_AGENT] = "agent", [ROLE_WORKER] = "worker" };
static const char *const member_states[] = {
	[STATE_UNKNOWN] = "unknown",
	[STATE_OWNED] = "owned",
	[STATE_DETACHED] = "detached",
	[STATE_ORPHAN] = "orphan",
};

const char *owner_state_name(enum owner_state state)
{
	return owner_states[state];
}

const char *owner_evidence_name(enum owner_evidence evidence)
{
	return evidence_names[evidence];
}

const char *member_role_name(enum member_role role)
{
	return roles[role];
}

const char *member_state_name(enum member_state state)
{
	return member_states[state];
}
