/* SPDX-License-Identifier: MIT */
/* Section 1 of the specification: which process is managed, and by what instance. */
#include <stdlib.h>
#include <string.h>

#include "property/oracle.h"

const struct oracle_item *oracle_member(const struct oracle *o, size_t i, size_t app,
					struct bytes id)
{
	for (size_t k = 0; k < o->sets[i].nr; k++)
		if (o->sets[i].item[k].app == app && oracle_same(o->sets[i].item[k].id, id))
			return &o->sets[i].item[k];
	return NULL;
}

static bool add(struct oracle *o, size_t i, struct oracle_item item)
{
	struct oracle_set *set = &o->sets[i];

	if (oracle_member(o, i, item.app, item.id) || set->nr == ORACLE_SETS)
		return false;
	item.state = -1;
	set->item[set->nr++] = item;
	return true;
}

/* "the caller's real uid. Root may name `--uid U` or `--all-users`" */
static bool in_scope(const struct oracle *o, size_t i)
{
	return o->all_users || o->s->procs[i].uid == o->uid;
}

/*
 * "an empty value and one that the profile excepts name nobody: such a process and
 * what runs below it are neither inferred nor remembered for that app"
 */
static bool excused_above(const struct oracle *o, size_t i, size_t app)
{
	for (; i != CENSUS_NONE; i = oracle_parent(o, i))
		if (oracle_excused(o, i, app))
			return true;
	return false;
}

static bool inherit(struct oracle *o, size_t i, size_t from)
{
	bool changed = false;

	if (from == CENSUS_NONE || from == i || o->s->procs[from].uid != o->s->procs[i].uid)
		return false;
	for (size_t k = 0; k < o->sets[from].nr; k++) {
		struct oracle_item item = o->sets[from].item[k];

		/* "`inherit` ... `no`: nothing is inferred, only what carries the marker" */
		if (!o->policy->apps[item.app].no_inherit && !excused_above(o, i, item.app))
			changed |= add(o, i,
				       (struct oracle_item){ .app = item.app,
							     .id = item.id,
							     .inferred = true,
							     .from = from });
	}
	return changed;
}

/* Is @from managed by an app of which @i may be inferred? */
static bool hands_on(const struct oracle *o, size_t from, size_t i)
{
	for (size_t k = 0; k < o->sets[from].nr; k++) {
		size_t app = o->sets[from].item[k].app;

		if (!o->policy->apps[app].no_inherit && !excused_above(o, i, app))
			return true;
	}
	return false;
}

/*
 * "*inferred*, one without a marker of its own that descends from a managed process
 * or belongs to a process group or session whose *leader* is one"; "Desktops and
 * what descends from a live desktop without a marker are not inferred"
 */
static bool infer(struct oracle *o, size_t i)
{
	const struct process *p = &o->s->procs[i];
	bool changed = false;
	size_t above;

	if (p->dead || p->kernel_thread || !in_scope(o, i) || oracle_marked(o, i) ||
	    oracle_desktop(o, i))
		return false;
	for (above = oracle_parent(o, i); above != CENSUS_NONE; above = oracle_parent(o, above)) {
		if (oracle_desktop(o, above))
			return false;
		if (hands_on(o, above, i) && o->s->procs[above].uid == p->uid)
			break;
	}
	changed |= inherit(o, i, above);
	changed |= inherit(o, i, oracle_find(o, p->pgid));
	changed |= inherit(o, i, oracle_find(o, p->sid));
	return changed;
}

/*
 * "*Remembered*: a process that was inferred on an earlier counted tick [...] stays
 * a member after that one has ended, as long as it is unmarked still and below no
 * live desktop"
 */
static bool recall(struct oracle *o, size_t i)
{
	const struct process *p = &o->s->procs[i];
	struct fact fact = oracle_fact(o, i);
	bool changed = false;

	if (!fact.nr_remembered || p->dead || p->kernel_thread || !in_scope(o, i) ||
	    oracle_marked(o, i) || oracle_desktop(o, i))
		return false;
	for (size_t up = oracle_parent(o, i); up != CENSUS_NONE; up = oracle_parent(o, up))
		if (oracle_desktop(o, up))
			return false;
	for (size_t k = 0; k < fact.nr_remembered; k++) {
		const struct fact_memory *was = &fact.remembered[k];
		size_t from = oracle_find(o, was->from.pid);

		/* "after that one has ended" */
		if (from != CENSUS_NONE && !o->s->procs[from].dead &&
		    identity_equal(&o->s->procs[from].id, &was->from))
			continue;
		for (size_t a = 0; a < o->policy->nr_apps; a++)
			if (!strcmp(o->policy->apps[a].name, was->app) &&
			    !o->policy->apps[a].no_inherit && !excused_above(o, i, a))
				changed |= add(o, i,
					       (struct oracle_item){ .app = a,
								     .id = oracle_text(was->id),
								     .inferred = true,
								     .remembered = true,
								     .generation = was->generation,
								     .from = CENSUS_NONE });
	}
	return changed;
}

static size_t depth(const struct oracle *o, size_t i)
{
	size_t n = 0;

	while ((i = oracle_parent(o, i)) != CENSUS_NONE)
		n++;
	return n;
}

/* Parents first: each is inferred from the nearest that it descends from. */
static void infer_all(struct oracle *o)
{
	bool changed;

	do {
		changed = false;
		for (size_t d = 0; d < o->s->nr; d++)
			for (size_t i = 0; i < o->s->nr; i++)
				if (depth(o, i) == d)
					changed |= infer(o, i);
	} while (changed);
}

static bool is_desktop(const struct oracle *o, size_t i, size_t app)
{
	const struct process *p = &o->s->procs[i];

	/* "*Live* means that its pidfd does not poll readable" */
	if (p->dead || p->kernel_thread)
		return false;
	if (oracle_named_desktop(&o->policy->apps[app], p))
		return true;
	/* "the process that a marker's value names is a desktop of it in every rule below" */
	for (size_t c = 0; c < o->s->nr; c++)
		if (oracle_value_names(o, c, app, i))
			return true;
	return false;
}

/* The place for what is worked out of that instance. */
struct oracle_answer *oracle_answer(const struct oracle *given, size_t app, uid_t uid,
				    struct bytes id)
{
	struct oracle *o = (struct oracle *)(uintptr_t)given; /* it only remembers */

	for (size_t i = 0; i < o->nr_answers; i++)
		if (o->answers[i].app == app && o->answers[i].uid == uid &&
		    oracle_same(o->answers[i].id, id))
			return &o->answers[i];
	if (o->nr_answers == o->alloc_answers) {
		o->alloc_answers = o->alloc_answers * 2 + 16;
		o->answers = realloc(o->answers, o->alloc_answers * sizeof(*o->answers));
		if (!o->answers)
			abort();
	}
	o->answers[o->nr_answers] = (struct oracle_answer){ .app = app, .uid = uid, .id = id };
	return &o->answers[o->nr_answers++];
}

void oracle_init(struct oracle *o, const struct snapshot *s, const struct policy *policy,
		 const struct truth *facts, const uid_t *only)
{
	size_t room = s->nr ? s->nr : 1;
	bool changed;

	*o = (struct oracle){ .s = s,
			      .policy = policy,
			      .facts = facts,
			      .all_users = !only,
			      .uid = only ? *only : 0 };
	o->sets = calloc(room, sizeof(*o->sets));
	o->desktops = calloc(room, sizeof(*o->desktops));
	o->condemned = calloc(room, sizeof(*o->condemned));
	o->at_work = calloc(room, sizeof(*o->at_work));
	o->at_work_known = calloc(room, sizeof(*o->at_work_known));
	o->kept = calloc(room, sizeof(*o->kept));
	if (!o->sets || !o->desktops || !o->condemned || !o->at_work || !o->at_work_known ||
	    !o->kept)
		abort();
	for (size_t i = 0; i < s->nr; i++)
		for (size_t a = 0; a < policy->nr_apps; a++)
			o->desktops[i] |= (unsigned)is_desktop(o, i, a) << a;
	for (size_t i = 0; i < s->nr; i++) {
		struct oracle_item item = { .from = CENSUS_NONE };

		if (s->procs[i].dead || s->procs[i].kernel_thread || !in_scope(o, i))
			continue;
		for (item.app = 0; item.app < policy->nr_apps; item.app++)
			for (size_t m = 0; m < policy->apps[item.app].markers.nr; m++)
				if (oracle_marker(o, i, item.app, m, &item.id))
					add(o, i, item);
	}
	infer_all(o);
	changed = false;
	for (size_t i = 0; i < s->nr; i++)
		changed |= recall(o, i);
	if (changed)
		infer_all(o);
	oracle_condemn_nested(o);
}

void oracle_release(struct oracle *o)
{
	free(o->sets);
	free(o->desktops);
	free(o->condemned);
	free(o->at_work);
	free(o->at_work_known);
	free(o->kept);
	free(o->answers);
}

/* "*agent*: a managed process whose parent is not managed by the same instance" */
enum member_role oracle_role(const struct oracle *o, size_t i, size_t app, struct bytes id)
{
	size_t up = oracle_parent(o, i);

	return up != CENSUS_NONE && o->s->procs[up].uid == o->s->procs[i].uid &&
			       oracle_member(o, up, app, id)
		       ? ROLE_WORKER
		       : ROLE_AGENT;
}

/*
 * "(the app's `generation` variable has the same value in both, an inferred or
 * remembered one having that of the process it was inferred from)"
 */
struct bytes oracle_generation(const struct oracle *o, size_t i, size_t app, struct bytes id)
{
	const char *name = o->policy->apps[app].generation;
	const struct oracle_item *item = oracle_member(o, i, app, id);
	struct bytes value = { "", 0 };

	if (!name || !item)
		return value;
	if (item->remembered)
		return oracle_text(item->generation);
	if (item->inferred)
		return item->from == CENSUS_NONE ? value
						 : oracle_generation(o, item->from, app, id);
	oracle_variable(o->s->procs[i].environ, name, &value);
	return value;
}
