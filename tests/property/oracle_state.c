/* SPDX-License-Identifier: MIT */
/* Section 2 of the specification: the state of a managed process. */
#include <string.h>

#include "property/oracle.h"

/* "*root*: the topmost process of the chain of managed ancestors" */
size_t oracle_root(const struct oracle *o, size_t i)
{
	size_t up = oracle_parent(o, i);

	while (up != CENSUS_NONE && o->sets[up].nr && o->s->procs[up].uid == o->s->procs[i].uid) {
		i = up;
		up = oracle_parent(o, i);
	}
	return i;
}

static bool comm_is(const struct oracle *o, size_t i, const char *const *names, size_t nr)
{
	for (size_t n = 0; n < nr; n++)
		if (!strcmp(o->s->procs[i].comm, names[n]))
			return true;
	return false;
}

/* "its parent is an *adopter*, by name: [...] and as pid 1 what only waits" */
static bool is_adopter(const struct oracle *o, size_t i)
{
	static const char *const waits[] = { "tail", "sleep", "cat", "pause" };

	for (size_t n = 0; n < o->policy->adopters.nr; n++)
		if (oracle_glob(o->policy->adopters.items[n], oracle_text(o->s->procs[i].comm)))
			return true;
	return o->s->procs[i].id.pid == 1 && comm_is(o, i, waits, 4);
}

/*
 * "What tini, docker-init, podman-init, dumb-init or catatonit was made to run (its
 * oldest living child, begun within 1 s of it) has not lost its parent."
 */
static bool made_to_run(const struct oracle *o, size_t parent, size_t child)
{
	static const char *const inits[] = { "tini", "docker-init", "podman-init", "dumb-init",
					     "catatonit" };
	const struct process *p = &o->s->procs[parent], *c = &o->s->procs[child];

	if (!comm_is(o, parent, inits, 5))
		return false;
	for (size_t i = 0; i < o->s->nr; i++) {
		const struct process *other = &o->s->procs[i];

		if (!other->dead && other->ppid == p->id.pid && i != child &&
		    (other->id.start_ticks < c->id.start_ticks ||
		     (other->id.start_ticks == c->id.start_ticks && other->id.pid < c->id.pid)))
			return false;
	}
	return c->id.start_ticks <= p->id.start_ticks + o->s->ticks_per_second;
}

/*
 * "it leads no session and is in one in which its parent has never been: [...] the
 * parent leads no session; or the leader of the root's session lives and is strictly
 * younger than the parent; or the parent is pid 1 and the root's session is not 0"
 */
static bool session_tells(const struct oracle *o, size_t parent, size_t root)
{
	const struct process *p = &o->s->procs[parent], *r = &o->s->procs[root];
	size_t leader = oracle_find(o, r->sid);

	if (r->sid == r->id.pid || r->sid == p->sid)
		return false;
	if (p->sid != p->id.pid)
		return true;
	if (leader != CENSUS_NONE && !o->s->procs[leader].dead &&
	    o->s->procs[leader].id.start_ticks > p->id.start_ticks)
		return true;
	return p->id.pid == 1 && r->sid != 0;
}

/*
 * "when systemd itself started it: `SYSTEMD_EXEC_PID` in its environment is its own
 * pid, or it is the oldest process of a `.service` control group"
 */
bool oracle_by_systemd(const struct oracle *o, size_t i)
{
	struct bytes value;
	pid_t pid = 0;

	if (oracle_variable(o->s->procs[i].environ, "SYSTEMD_EXEC_PID", &value) && value.len) {
		for (size_t n = 0; n < value.len; n++)
			pid = value.data[n] < '0' || value.data[n] > '9' || pid > 1000000
				      ? -1000000
				      : pid * 10 + value.data[n] - '0';
		if (pid == o->s->procs[i].id.pid)
			return true;
	}
	return oracle_fact(o, i).service == ANSWER_YES;
}

/* "The root has *lost its parent* when [...]", but for what systemd started */
static bool table_tells(const struct oracle *o, size_t root)
{
	const struct process *r = &o->s->procs[root];
	size_t p = oracle_parent(o, root);

	if (r->id.pid == 1 || r->ppid == 0 || (p != CENSUS_NONE && made_to_run(o, p, root)))
		return false;
	if (oracle_fact(o, root).parent_changed)
		return true;
	/* A pid 1 that is not seen is in session 0, or in 1 since it leads that. */
	if (p == CENSUS_NONE)
		return r->ppid == 1 && r->sid != r->id.pid && r->sid > 1;
	return is_adopter(o, p) || session_tells(o, p, root);
}

/* What could not be found out may be so. */
bool oracle_may_be_service(const struct oracle *o, size_t root)
{
	return oracle_by_systemd(o, root) ||
	       (oracle_fact(o, root).service == ANSWER_UNKNOWN && table_tells(o, root));
}

/* "It has *not* lost it when ppid is 0, or when systemd itself started it" */
bool oracle_lost_parent(const struct oracle *o, size_t root)
{
	return table_tells(o, root) && !oracle_may_be_service(o, root);
}

/*
 * "*owned*: it has a live desktop of its app as an ancestor; or its owner is ALIVE and
 * it, or an ancestor, is the process of one of the instance's receipts or in that
 * process's group"
 */
static bool in_receipts(const struct oracle *o, size_t i, size_t app, struct bytes id)
{
	struct fact_receipts r = o->facts->receipts(o->facts, o->policy->apps[app].name, id);

	if (r.state != RECEIPTS_READ)
		return false;
	for (size_t up = i; up != CENSUS_NONE; up = oracle_parent(o, up))
		for (size_t n = 0; n < r.nr; n++) {
			size_t named = oracle_find(o, r.pids[n]);

			/* A group outlives the process that it is named after. */
			if (o->s->procs[up].id.pid == r.pids[n] ||
			    o->s->procs[up].pgid == r.pids[n] ||
			    (named != CENSUS_NONE && o->s->procs[named].pgid > 1 &&
			     o->s->procs[up].pgid == o->s->procs[named].pgid))
				return true;
		}
	return false;
}

static bool below_desktop(const struct oracle *o, size_t i, size_t app)
{
	for (size_t up = oracle_parent(o, i); up != CENSUS_NONE; up = oracle_parent(o, up))
		if (oracle_desktop_of(o, up, app))
			return true;
	return false;
}

static bool is_owned(const struct oracle *o, size_t i, size_t app, struct bytes id)
{
	enum owner_evidence evidence;

	return below_desktop(o, i, app) ||
	       (oracle_owner(o, app, o->s->procs[i].uid, id, &evidence) == OWNER_ALIVE &&
		in_receipts(o, i, app, id));
}

/* "of the same *generation* as an owned process" */
static bool same_generation(const struct oracle *o, size_t i, size_t app, struct bytes id)
{
	struct bytes mine = oracle_generation(o, i, app, id);

	for (size_t j = 0; mine.len && j < o->s->nr; j++)
		if (o->s->procs[j].uid == o->s->procs[i].uid && oracle_member(o, j, app, id) &&
		    oracle_same(oracle_generation(o, j, app, id), mine) && is_owned(o, j, app, id))
			return true;
	return false;
}

/* "inferred ones go with the process they were inferred from": with each of their leaders */
static enum member_state of_inferred(const struct oracle *o, size_t i, size_t app, struct bytes id,
				     const struct oracle_item *item)
{
	const struct process *p = &o->s->procs[i];
	enum member_state state = oracle_state(o, item->from, app, id);
	const pid_t leaders[] = { p->pgid, p->sid };

	for (size_t n = 0; n < 2; n++) {
		size_t leader = oracle_find(o, leaders[n]);

		if (leader != CENSUS_NONE && leader != i && o->s->procs[leader].uid == p->uid &&
		    !o->s->procs[leader].dead && oracle_carries(o, leader, app, id) &&
		    oracle_state(o, leader, app, id) < state)
			state = oracle_state(o, leader, app, id);
	}
	return state;
}

static enum member_state judge(const struct oracle *o, size_t i, size_t app, struct bytes id,
			       const struct oracle_item *item)
{
	const struct process *p = &o->s->procs[i];
	enum owner_evidence evidence;
	enum owner_state owner = oracle_owner(o, app, p->uid, id, &evidence);
	bool older = true;

	if (is_owned(o, i, app, id))
		return STATE_OWNED;
	if (item && item->inferred && item->from != CENSUS_NONE)
		return of_inferred(o, i, app, id, item);
	if (owner == OWNER_UNKNOWN || oracle_at_work(o, i, app))
		return STATE_UNKNOWN;
	if (owner == OWNER_ALIVE) {
		/* "the receipts of a live owner cannot be looked up, read or *understood*" */
		if (o->facts->receipts(o->facts, o->policy->apps[app].name, id).state ==
		    RECEIPTS_FAILED)
			return STATE_UNKNOWN;
		/* "and older than every live desktop of the instance" */
		for (size_t d = 0; d < o->s->nr; d++)
			if (oracle_owns(o, d, app, p->uid, id))
				older &= p->id.start_ticks < o->s->procs[d].id.start_ticks;
		if (!older || same_generation(o, i, app, id))
			return STATE_DETACHED;
	}
	return oracle_lost_parent(o, oracle_root(o, i)) ? STATE_ORPHAN : STATE_UNKNOWN;
}

/* "State of a managed process", asked once for each membership */
enum member_state oracle_state(const struct oracle *o, size_t i, size_t app, struct bytes id)
{
	struct oracle_item *item = (struct oracle_item *)(uintptr_t)oracle_member(o, i, app, id);

	if (!item)
		return judge(o, i, app, id, NULL);
	if (item->state < 0)
		item->state = (int)judge(o, i, app, id, item);
	return (enum member_state)item->state;
}
