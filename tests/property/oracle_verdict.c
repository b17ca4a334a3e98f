/* SPDX-License-Identifier: MIT */
/* Section 2 of the specification: may a process be ended, as far as no look-up tells? */
#include <stdlib.h>
#include <string.h>

#include "property/oracle.h"

/* A desktop that is still heard: it is no nested owner that is condemned. */
static bool protects(const struct oracle *o, size_t d)
{
	return oracle_desktop(o, d) && !o->condemned[d];
}

/* "It applies to a managed process and to what runs below it" */
static bool kept_by(const struct oracle *o, size_t a)
{
	static const char *const keep[] = { "tmux: server", "ssh-agent" };
	struct bytes value;

	/* "`opt-out` (`STRAY_KEEP` set, non-empty, in its environment)" */
	if (oracle_variable(o->s->procs[a].environ, "STRAY_KEEP", &value) && value.len)
		return true;
	/* "`keep-list` (it matches the `keep` list": of that, what the machines here know */
	for (size_t n = 0; n < 2; n++)
		if (!strcmp(o->s->procs[a].comm, keep[n]))
			return true;
	/* "`service` (systemd started it)" */
	return oracle_by_systemd(o, a) || oracle_fact(o, a).service == ANSWER_UNKNOWN;
}

/*
 * "only *dead stdio servers*: a process that leads no session, and whose standard
 * input *and* standard output are each a pipe or a unix stream socket whose other end
 * is closed [...], and what runs below it in its session"
 */
static bool dead_server(const struct oracle *o, size_t i)
{
	for (size_t up = i; up != CENSUS_NONE; up = oracle_parent(o, up)) {
		const struct process *p = &o->s->procs[up];

		if (p->sid == o->s->procs[i].sid && p->sid != p->id.pid &&
		    oracle_fact(o, up).hung_up == ANSWER_YES)
			return true;
	}
	return false;
}

/* What the app's `sweep` key and the state say: may it be ended for this membership? */
static bool lets_go(const struct oracle *o, size_t i, const struct oracle_item *item)
{
	const struct app *a = &o->policy->apps[item->app];

	return a->sweep != APP_SWEEP_NO && (a->sweep != APP_SWEEP_STDIO || dead_server(o, i)) &&
	       oracle_state(o, i, item->app, item->id) == STATE_ORPHAN;
}

/* "inferred ones go with the process they were inferred from": what keeps that one keeps them */
static void keep_with_sources(const struct oracle *o, bool *kept)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < o->s->nr; i++)
			for (size_t k = 0; k < o->sets[i].nr; k++) {
				size_t from = o->sets[i].item[k].from;

				if (from == CENSUS_NONE || !kept[from] || kept[i])
					continue;
				kept[i] = changed = true;
			}
	}
}

/*
 * "a desktop of app X that is itself a member of an instance of another app Y [...]: for
 * Y it is an orphan [...], and nothing keeps it, X not asked". What one hosts that is
 * such a desktop itself shields neither.
 */
static bool is_candidate(const struct oracle *o, size_t i, const bool *kept)
{
	bool agent = false;

	if (!oracle_desktop(o, i) || kept[i] || oracle_self(o, i))
		return false;
	for (size_t k = 0; k < o->sets[i].nr; k++) {
		if (oracle_desktop_of(o, i, o->sets[i].item[k].app))
			continue;
		if (!lets_go(o, i, &o->sets[i].item[k]))
			return false;
		agent = true;
	}
	return agent;
}

/* "`host` (a live desktop descends from it: someone works on the app from inside an agent)" */
static bool hosts(const struct oracle *o, size_t a, const bool *candidate)
{
	for (size_t d = 0; d < o->s->nr; d++)
		if (oracle_desktop(o, d) && !candidate[d] && oracle_is_ancestor(o, a, d))
			return true;
	return false;
}

/* What is kept, "It applies to a managed process and to what runs below it", and condemned. */
void oracle_condemn_nested(struct oracle *o)
{
	bool *candidate = calloc(o->s->nr + 1, sizeof(*candidate));

	if (!candidate)
		abort();
	for (size_t i = 0; i < o->s->nr; i++)
		for (size_t up = i; up != CENSUS_NONE; up = oracle_parent(o, up))
			o->kept[i] = o->kept[i] || (o->sets[up].nr && kept_by(o, up));
	keep_with_sources(o, o->kept);
	for (size_t i = 0; i < o->s->nr; i++)
		candidate[i] = is_candidate(o, i, o->kept);
	for (size_t i = 0; i < o->s->nr; i++)
		for (size_t up = i; up != CENSUS_NONE; up = oracle_parent(o, up))
			o->kept[i] = o->kept[i] || (o->sets[up].nr && hosts(o, up, candidate));
	keep_with_sources(o, o->kept);
	for (size_t i = 0; i < o->s->nr; i++)
		o->condemned[i] = candidate[i] && !o->kept[i];
	free(candidate);
}

/* "what X says of it and of what it owns counts no more once Y condemns it" */
bool oracle_not_asked(const struct oracle *o, size_t i, const struct oracle_item *item)
{
	uid_t uid = o->s->procs[i].uid;
	bool any = false;

	if (o->condemned[i] && oracle_desktop_of(o, i, item->app))
		return true;
	for (size_t d = 0; d < o->s->nr; d++) {
		bool owns = oracle_owns(o, d, item->app, uid, item->id);

		if (!oracle_desktop_of(o, d, item->app))
			continue;
		/* Where a name tells, another desktop of the app may be an owner as well. */
		if (!o->condemned[d] && (owns || o->policy->apps[item->app].owner != APP_OWNER_PID))
			return false;
		any = any || (owns && o->condemned[d]);
	}
	return any;
}

static size_t init_of(const struct oracle *o, uint64_t ns)
{
	for (size_t i = 0; i < o->s->nr; i++)
		if (o->s->procs[i].pid_ns == ns && o->s->procs[i].ns_pid == 1)
			return i;
	return CENSUS_NONE;
}

/*
 * "a process in another pid namespace (`container`), unless a managed process of the
 * instance in our namespace is an ancestor of that namespace's init, or was when it was
 * last seen"
 */
static bool in_container(const struct oracle *o, size_t i, const struct oracle_item *item)
{
	uint64_t ns = o->s->procs[i].pid_ns;
	size_t init = init_of(o, ns);
	struct fact fact = { 0 };

	if (ns == o->s->pid_ns)
		return false;
	if (init != CENSUS_NONE)
		fact = oracle_fact(o, init);
	for (size_t n = 0; n < fact.nr_sandboxes; n++)
		if (!strcmp(fact.sandboxes[n].app, o->policy->apps[item->app].name) &&
		    o->s->procs[init].uid == o->s->procs[i].uid &&
		    oracle_same(oracle_text(fact.sandboxes[n].id), item->id))
			return false;
	for (size_t a = 0; init != CENSUS_NONE && a < o->s->nr; a++)
		if (o->s->procs[a].pid_ns == o->s->pid_ns &&
		    o->s->procs[a].uid == o->s->procs[i].uid &&
		    oracle_member(o, a, item->app, item->id) && oracle_is_ancestor(o, a, init))
			return false;
	return true;
}

/* "may be ended only if it may be ended for each" */
static bool condemned_for_each(const struct oracle *o, size_t i)
{
	bool any = false;

	for (size_t k = 0; k < o->sets[i].nr; k++) {
		const struct oracle_item *item = &o->sets[i].item[k];

		if (oracle_not_asked(o, i, item))
			continue;
		any = true;
		if (in_container(o, i, item) || !lets_go(o, i, item))
			return false;
	}
	return any;
}

/* "another uid's": root alone may end what is another user's */
static bool of_another_user(const struct oracle *o, size_t i)
{
	size_t self = o->s->self ? oracle_find(o, o->s->self) : CENSUS_NONE;

	return self != CENSUS_NONE && o->s->procs[self].uid != 0 &&
	       o->s->procs[self].uid != o->s->procs[i].uid;
}

/* All but what is inside of a pid namespace with it. */
static bool may_end_alone(const struct oracle *o, size_t i)
{
	const struct process *p = &o->s->procs[i];

	/* "*Never*: stray itself and its ancestors, pid 1, kernel threads, desktops" */
	if (!o->sets[i].nr || p->id.pid == 1 || p->kernel_thread || p->dead || protects(o, i) ||
	    oracle_self(o, i) || of_another_user(o, i) || o->kept[i])
		return false;
	/* "what descends from a live desktop (`owned`) (save for nested owners)" */
	for (size_t up = oracle_parent(o, i); up != CENSUS_NONE; up = oracle_parent(o, up))
		if (protects(o, up))
			return false;
	return condemned_for_each(o, i);
}

/* Is @i in the namespace @ns, or in one below it? */
static bool inside(const struct oracle *o, size_t i, uint64_t ns)
{
	size_t init = init_of(o, ns), own = init_of(o, o->s->procs[i].pid_ns);

	return o->s->procs[i].pid_ns == ns ||
	       (init != CENSUS_NONE && own != CENSUS_NONE &&
		o->s->procs[i].pid_ns != o->s->pid_ns && oracle_is_ancestor(o, init, own));
}

/* Are both to be ended or neither, since with one pid namespace's init both may end? */
bool oracle_together(const struct oracle *o, size_t i, size_t j)
{
	if (o->s->procs[j].dead)
		return false;
	for (size_t in = 0; in < o->s->nr; in++) {
		uint64_t ns = o->s->procs[in].pid_ns;

		/* With the process that started the init that one may end, too. */
		if (ns != o->s->pid_ns && o->s->procs[in].ns_pid == 1 &&
		    (inside(o, i, ns) || oracle_parent(o, in) == i) && inside(o, j, ns))
			return true;
	}
	return false;
}

/*
 * "Ending the init of a pid namespace ends all that is inside: that is allowed only
 * where all that is inside may be ended, managed or not (else all of it is spared)"
 */
bool oracle_may_end(const struct oracle *o, size_t i)
{
	if (!may_end_alone(o, i))
		return false;
	for (size_t j = 0; j < o->s->nr; j++)
		if (oracle_together(o, i, j) && !may_end_alone(o, j))
			return false;
	return true;
}
