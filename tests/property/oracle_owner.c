/* SPDX-License-Identifier: MIT */
/* Section 2 of the specification: the owner of an instance. */
#include <string.h>

#include "property/oracle.h"

typedef bool rule(const struct oracle *o, size_t d, size_t app, uid_t uid, struct bytes id);

/* Does @d hold the id anywhere in its environment but in a marker? */
static bool holds_in_environment(const struct oracle *o, size_t d, struct bytes id)
{
	struct bytes env = o->s->procs[d].environ;
	size_t at = 0;

	while (at < env.len) {
		size_t end = at, eq;
		bool marker = false;

		while (end < env.len && env.data[end])
			end++;
		for (eq = at; eq < end && env.data[eq] != '='; eq++)
			;
		/* "Marker variables in a desktop's environment are no evidence." */
		for (size_t a = 0; a < o->policy->nr_apps; a++)
			for (size_t m = 0; m < o->policy->apps[a].markers.nr; m++) {
				const char *name = o->policy->apps[a].markers.items[m];

				marker |= oracle_same((struct bytes){ env.data + at, eq - at },
						      oracle_text(name));
			}
		if (!marker && eq < end &&
		    oracle_bounded((struct bytes){ env.data + eq + 1, end - eq - 1 }, id))
			return true;
		at = end + 1;
	}
	return false;
}

/* The nearest live desktop of any app above @i, or CENSUS_NONE. */
static size_t desktop_above(const struct oracle *o, size_t i)
{
	for (i = oracle_parent(o, i); i != CENSUS_NONE; i = oracle_parent(o, i))
		if (oracle_desktop(o, i))
			break;
	return i;
}

/*
 * "a desktop [...] has, itself or through a process below it that is not managed, an
 * open file, a mapping or its working directory below one of the app's `data`
 * folders for that id": YES, UNKNOWN if that could not be found out, or NO
 */
static enum answer holds_files(const struct oracle *o, size_t d, struct bytes id)
{
	bool refused = false;

	for (size_t i = 0; i < o->s->nr; i++) {
		struct fact fact = oracle_fact(o, i);

		if (i != d && (o->s->procs[i].dead || o->sets[i].nr || oracle_desktop(o, i) ||
			       desktop_above(o, i) != d))
			continue;
		if (fact.files && oracle_same(oracle_text(fact.files), id))
			return ANSWER_YES;
		refused |= fact.files_refused;
	}
	return refused ? ANSWER_UNKNOWN : ANSWER_NO;
}

/* It carries a marker of that very app: it was started from inside an agent. */
static bool stamped(const struct oracle *o, size_t d, size_t app)
{
	const struct app *a = &o->policy->apps[app];
	struct bytes value;

	if (a->owner == APP_OWNER_CARRIER || !oracle_named_desktop(a, &o->s->procs[d]))
		return false;
	for (size_t m = 0; m < a->markers.nr; m++)
		if (oracle_marker(o, d, app, m, &value))
			return true;
	return false;
}

/* "has a desktop of the app as its nearest desktop ancestor", which does not carry the id */
static bool has_below(const struct oracle *o, size_t d, size_t app, uid_t uid, struct bytes id)
{
	if (oracle_carries(o, d, app, id))
		return false;
	for (size_t i = 0; i < o->s->nr; i++) {
		size_t up;

		if (o->s->procs[i].uid != uid || !oracle_member(o, i, app, id))
			continue;
		for (up = oracle_parent(o, i); up != CENSUS_NONE; up = oracle_parent(o, up))
			if (oracle_desktop_of(o, up, app))
				break;
		if (up == d)
			return true;
	}
	return false;
}

static bool value_names(const struct oracle *o, size_t d, size_t app, uid_t uid, struct bytes id)
{
	for (size_t c = 0; c < o->s->nr; c++)
		if (o->s->procs[c].uid == uid && oracle_carries(o, c, app, id) &&
		    oracle_value_names(o, c, app, d))
			return true;
	return false;
}

/* By rules 1 to 3, whatever the desktop may be besides. */
static bool says(const struct oracle *o, size_t d, size_t app, uid_t uid, struct bytes id)
{
	return oracle_desktop_of(o, d, app) &&
	       (value_names(o, d, app, uid, id) || has_below(o, d, app, uid, id) ||
		oracle_bounded(o->s->procs[d].args, id) || holds_in_environment(o, d, id));
}

static bool is_default(const struct app *a, struct bytes id)
{
	return a->default_instance && oracle_same(oracle_text(a->default_instance), id);
}

/* Does @d have a member of some instance of the app below it? */
static bool has_any_below(const struct oracle *o, size_t d, size_t app, uid_t uid)
{
	for (size_t i = 0; i < o->s->nr; i++)
		for (size_t k = 0; k < o->sets[i].nr; k++)
			if (o->sets[i].item[k].app == app && o->s->procs[i].uid == uid &&
			    has_below(o, d, app, uid, o->sets[i].item[k].id))
				return true;
	return false;
}

/* "looked up for instances that nothing else decides" */
static bool undecided(const struct oracle *o, size_t app, uid_t uid, struct bytes id)
{
	const struct app *a = &o->policy->apps[app];

	for (size_t d = 0; d < o->s->nr; d++) {
		if (!oracle_desktop_of(o, d, app) || o->s->procs[d].uid != uid ||
		    stamped(o, d, app))
			continue;
		if (says(o, d, app, uid, id) || a->many_instances ||
		    (is_default(a, id) && !has_any_below(o, d, app, uid)))
			return false;
	}
	return true;
}

static bool asks_files(const struct oracle *o, size_t app, uid_t uid, struct bytes id)
{
	const struct app *a = &o->policy->apps[app];

	if (!a->data.nr)
		return false;
	if (undecided(o, app, uid, id))
		return true;
	/* A desktop that has the default instance's files open is not nameless. */
	for (size_t i = 0; is_default(a, id) && i < o->s->nr; i++)
		for (size_t k = 0; k < o->sets[i].nr; k++)
			if (o->sets[i].item[k].app == app && o->s->procs[i].uid == uid &&
			    undecided(o, app, uid, o->sets[i].item[k].id))
				return true;
	return false;
}

/* The same, asked once for each instance. */
static bool files_count(const struct oracle *o, size_t app, uid_t uid, struct bytes id)
{
	if (!oracle_answer(o, app, uid, id)->asks_files_known) {
		bool asks = asks_files(o, app, uid, id);

		oracle_answer(o, app, uid, id)->asks_files = asks;
		oracle_answer(o, app, uid, id)->asks_files_known = true;
	}
	return oracle_answer(o, app, uid, id)->asks_files;
}

static bool has_files(const struct oracle *o, size_t d, size_t app, uid_t uid, struct bytes id)
{
	return files_count(o, app, uid, id) && holds_files(o, d, id) == ANSWER_YES;
}

/*
 * "what goes by a desktop's name, carries the marker of that very app and names no
 * other instance [...] (not asked with `owner = carrier`) makes no owner ALIVE"
 */
static bool at_work(const struct oracle *o, size_t d, size_t app)
{
	if (!stamped(o, d, app))
		return false;
	for (size_t i = 0; i < o->s->nr; i++)
		for (size_t k = 0; k < o->sets[i].nr; k++) {
			struct bytes id = o->sets[i].item[k].id;
			uid_t uid = o->s->procs[i].uid;

			if (o->sets[i].item[k].app != app || uid != o->s->procs[d].uid)
				continue;
			/* A value that names it is more than a name. */
			if (value_names(o, d, app, uid, id) ||
			    (!oracle_carries(o, d, app, id) &&
			     (says(o, d, app, uid, id) || has_files(o, d, app, uid, id))))
				return false;
		}
	return true;
}

/* The same, asked once. */
bool oracle_at_work(const struct oracle *o, size_t d, size_t app)
{
	if (!(o->at_work_known[d] >> app & 1)) {
		o->at_work[d] |= (unsigned)at_work(o, d, app) << app;
		o->at_work_known[d] |= 1U << app;
	}
	return o->at_work[d] >> app & 1;
}

/* A desktop that is heard for the user @uid and the app. */
static bool speaks(const struct oracle *o, size_t d, size_t app, uid_t uid)
{
	/* "one user's marker or desktop never speaks for another's" */
	return oracle_desktop_of(o, d, app) && o->s->procs[d].uid == uid &&
	       !oracle_at_work(o, d, app);
}

/* Rule 1: "ALIVE by *value*: `owner = pid`, and the pid lives" */
static bool by_value(const struct oracle *o, size_t d, size_t app, uid_t uid, struct bytes id)
{
	return o->s->procs[d].uid == uid && value_names(o, d, app, uid, id);
}

/*
 * Rule 1: "ALIVE by *carrier*: `owner = carrier`, and a live process with one of the
 * app's desktop names itself carries the instance"
 */
static bool by_carrier(const struct oracle *o, size_t d, size_t app, uid_t uid, struct bytes id)
{
	return o->policy->apps[app].owner == APP_OWNER_CARRIER && speaks(o, d, app, uid) &&
	       oracle_carries(o, d, app, id);
}

/*
 * Rule 2: "a managed process of the instance has a desktop of the app as its nearest
 * desktop ancestor (whatever lies between), and that desktop does not itself carry
 * the instance's marker"
 */
static bool by_descent(const struct oracle *o, size_t d, size_t app, uid_t uid, struct bytes id)
{
	return speaks(o, d, app, uid) && has_below(o, d, app, uid, id);
}

/* Rule 3: "a desktop of the app, same uid, holds the id there" */
static bool by_arguments(const struct oracle *o, size_t d, size_t app, uid_t uid, struct bytes id)
{
	return speaks(o, d, app, uid) && oracle_bounded(o->s->procs[d].args, id);
}

static bool by_environment(const struct oracle *o, size_t d, size_t app, uid_t uid, struct bytes id)
{
	return speaks(o, d, app, uid) && holds_in_environment(o, d, id);
}

/* Rule 4: "ALIVE by *files*: a desktop, whatever else it names, has ..." */
static bool by_files(const struct oracle *o, size_t d, size_t app, uid_t uid, struct bytes id)
{
	return speaks(o, d, app, uid) && has_files(o, d, app, uid, id);
}

/* Does @d name an instance of the app and user, by any of the rules? @but: not that one. */
static bool names(const struct oracle *o, size_t d, size_t app, uid_t uid, rule *const *rules,
		  size_t nr, const struct bytes *but)
{
	for (size_t i = 0; i < o->s->nr; i++)
		for (size_t k = 0; k < o->sets[i].nr; k++) {
			struct bytes id = o->sets[i].item[k].id;

			if (o->sets[i].item[k].app != app || o->s->procs[i].uid != uid ||
			    (but && oracle_same(id, *but)))
				continue;
			for (size_t r = 0; r < nr; r++)
				if (rules[r](o, d, app, uid, id))
					return true;
		}
	return false;
}

/* "names no instance by 2 to 4"; where it carries the one that it owns, it names that. */
static rule *const two_to_four[] = { by_descent, by_arguments, by_environment, by_files,
				     by_carrier };
static rule *const two_and_four[] = { by_descent, by_files };
static rule *const not_environment[] = { by_descent, by_arguments, by_files };

/*
 * Rule 5: "a desktop of the app names no instance by 2 or 4 [...], and the id is the
 * app's `default-instance`; for an app with `instances = many`, a live desktop,
 * whatever it names, makes every id ALIVE that no desktop names"
 */
static bool by_default(const struct oracle *o, size_t d, size_t app, uid_t uid, struct bytes id)
{
	const struct app *a = &o->policy->apps[app];

	if (!speaks(o, d, app, uid))
		return false;
	if (is_default(a, id) && !names(o, d, app, uid, two_and_four, 2, NULL))
		return true;
	for (size_t other = 0; a->many_instances && other < o->s->nr; other++)
		for (size_t r = 0; r < 5; r++)
			if (two_to_four[r](o, other, app, uid, id))
				return false;
	return a->many_instances;
}

bool oracle_owns(const struct oracle *o, size_t d, size_t app, uid_t uid, struct bytes id)
{
	return by_value(o, d, app, uid, id) || by_carrier(o, d, app, uid, id) ||
	       by_descent(o, d, app, uid, id) || by_arguments(o, d, app, uid, id) ||
	       by_environment(o, d, app, uid, id) || by_files(o, d, app, uid, id) ||
	       by_default(o, d, app, uid, id);
}

/*
 * Rule 6: "a desktop of the app runs that could not be read [...]; or one that names
 * no instance by 2 to 4, unless the id matches the app's `named` globs [...]; or, for
 * the default instance, one that names another by its environment alone"
 */
static bool desktop_doubts(const struct oracle *o, size_t d, size_t app, uid_t uid, struct bytes id)
{
	const struct app *a = &o->policy->apps[app];
	const struct process *p = &o->s->procs[d];

	/* "With `owner = pid` the value names the owner: `desktop =` [...] casts no doubt." */
	if (a->owner == APP_OWNER_PID || !oracle_desktop_of(o, d, app) || p->uid != uid)
		return false;
	/* "(arguments or environment refused, or both empty as in the middle of an exec)" */
	if (p->args_read != READ_DONE || p->environ_read != READ_DONE ||
	    (!p->args.len && !p->environ.len))
		return true;
	if (files_count(o, app, uid, id) && holds_files(o, d, id) == ANSWER_UNKNOWN)
		return true;
	/* "casts the doubt of rule 6 on instances other than its own" */
	if (oracle_at_work(o, d, app) && oracle_carries(o, d, app, id))
		return false;
	if (!names(o, d, app, uid, two_to_four, 5, NULL)) {
		for (size_t n = 0; n < a->named.nr; n++)
			if (oracle_glob(a->named.items[n], id))
				return false;
		return true;
	}
	return is_default(a, id) && !names(o, d, app, uid, not_environment, 3, NULL) &&
	       names(o, d, app, uid, two_to_four, 5, &id);
}

/* "or a desktop of another user names the id" */
static bool other_user_names(const struct oracle *o, size_t app, uid_t uid, struct bytes id)
{
	bool carrier = o->policy->apps[app].owner == APP_OWNER_CARRIER;

	for (size_t d = 0; d < o->s->nr; d++)
		if (o->s->procs[d].uid != uid && oracle_desktop_of(o, d, app) &&
		    (says(o, d, app, uid, id) || (carrier && oracle_carries(o, d, app, id))))
			return true;
	return false;
}

/*
 * "or a marked process of the instance in our pid namespace has a root that still
 * has a live parent of its own (stray and its ancestors cast no doubt)"; "Such an
 * instance stays UNKNOWN as long as the service runs"
 */
static bool parent_doubts(const struct oracle *o, size_t app, uid_t uid, struct bytes id)
{
	for (size_t i = 0; i < o->s->nr; i++) {
		size_t root, up;

		if (o->s->procs[i].uid != uid || !oracle_carries(o, i, app, id) ||
		    !oracle_member(o, i, app, id) || oracle_self(o, i) ||
		    o->s->procs[i].pid_ns != o->s->pid_ns)
			continue;
		root = oracle_root(o, i);
		up = oracle_parent(o, root);
		if (o->s->procs[root].id.pid == 1 || oracle_lost_parent(o, root))
			continue;
		/* What stray itself started has no owner in it. */
		if (up != CENSUS_NONE && o->s->procs[up].id.pid == o->s->self &&
		    !oracle_may_be_service(o, root))
			continue;
		/* "Such an instance stays UNKNOWN as long as the service runs" */
		if (oracle_may_be_service(o, root))
			return true;
		/* "It has *not* lost it when ppid is 0": that parent lives outside. */
		if (up == CENSUS_NONE ? o->s->procs[root].ppid == 0 : !o->s->procs[up].dead)
			return true;
	}
	return false;
}

/*
 * "A carrier in another pid namespace than ours makes it UNKNOWN [...], and so does a
 * value that our pid 1 or a root with ppid 0 carries: it was stamped outside."; "or a
 * value that `owner = pid` cannot parse"
 */
static bool value_doubts(const struct oracle *o, size_t app, uid_t uid, struct bytes id)
{
	uint64_t start;
	pid_t pid;

	if (o->policy->apps[app].owner != APP_OWNER_PID)
		return false;
	if (!oracle_value(id, &pid, &start))
		return true;
	for (size_t i = 0; i < o->s->nr; i++) {
		const struct process *p = &o->s->procs[i];

		if (p->uid != uid || !oracle_member(o, i, app, id) ||
		    !oracle_carries(o, i, app, id))
			continue;
		if (p->pid_ns != o->s->pid_ns || oracle_outside(o, app, id))
			return true;
	}
	return false;
}

/* "Owner of an instance: ALIVE, GONE or UNKNOWN [...] the first that holds" */
static enum owner_state decide(const struct oracle *o, size_t app, uid_t uid, struct bytes id,
			       enum owner_evidence *ret_evidence)
{
	static const struct {
		rule *holds;
		enum owner_evidence evidence;
	} rules[] = {
		{ by_value, EVIDENCE_VALUE },
		{ by_carrier, EVIDENCE_CARRIER },
		{ by_descent, EVIDENCE_DESCENT },
		{ by_arguments, EVIDENCE_ARGUMENTS },
		{ by_environment, EVIDENCE_ENVIRONMENT },
		{ by_files, EVIDENCE_FILES },
		{ by_default, EVIDENCE_DEFAULT },
	};

	for (size_t r = 0; r < sizeof(rules) / sizeof(*rules); r++)
		for (size_t d = 0; d < o->s->nr; d++)
			if (rules[r].holds(o, d, app, uid, id)) {
				*ret_evidence = rules[r].evidence;
				return OWNER_ALIVE;
			}
	*ret_evidence = EVIDENCE_NONE;
	if (!o->s->complete || value_doubts(o, app, uid, id) || other_user_names(o, app, uid, id) ||
	    parent_doubts(o, app, uid, id))
		return OWNER_UNKNOWN;
	for (size_t d = 0; d < o->s->nr; d++)
		if (desktop_doubts(o, d, app, uid, id))
			return OWNER_UNKNOWN;
	return OWNER_GONE; /* "GONE: none of these." */
}

enum owner_state oracle_owner(const struct oracle *o, size_t app, uid_t uid, struct bytes id,
			      enum owner_evidence *ret_evidence)
{
	struct oracle_answer *answer = oracle_answer(o, app, uid, id);

	if (!answer->owner_known) {
		enum owner_evidence evidence;
		enum owner_state owner = decide(o, app, uid, id, &evidence);

		answer = oracle_answer(o, app, uid, id); /* the list may have grown */
		answer->owner = owner;
		answer->evidence = evidence;
		answer->owner_known = true;
	}
	*ret_evidence = answer->evidence;
	return answer->owner;
}
