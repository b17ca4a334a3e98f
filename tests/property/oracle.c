/* SPDX-License-Identifier: MIT */
#include "property/oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool same(struct bytes a, struct bytes b)
{
	return a.len == b.len && !memcmp(a.data, b.data, a.len);
}

static struct bytes text(const char *s)
{
	return (struct bytes){ s, strlen(s) };
}

static size_t find(const struct oracle *o, pid_t pid)
{
	for (size_t i = 0; i < o->s->nr; i++)
		if (o->s->procs[i].id.pid == pid)
			return i;
	return CENSUS_NONE;
}

static size_t parent(const struct oracle *o, size_t i)
{
	if (o->s->procs[i].ppid == 0 || o->s->procs[i].ppid == o->s->procs[i].id.pid)
		return CENSUS_NONE;
	return find(o, o->s->procs[i].ppid);
}

static bool is_ancestor(const struct oracle *o, size_t above, size_t i)
{
	for (size_t p = parent(o, i); p != CENSUS_NONE; p = parent(o, p))
		if (p == above)
			return true;
	return false;
}

/* The first entry NAME=value of an environment, as getenv would find it. */
static bool variable(struct bytes env, const char *name, struct bytes *ret)
{
	size_t at = 0, n = strlen(name);

	while (at < env.len) {
		size_t end = at;

		while (end < env.len && env.data[end])
			end++;
		if (end - at > n && !memcmp(env.data + at, name, n) && env.data[at + n] == '=') {
			*ret = (struct bytes){ env.data + at + n + 1, end - at - n - 1 };
			return true;
		}
		at = end + 1;
	}
	return false;
}

static bool identifier_byte(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '_' || c == '-';
}

static bool bounded(struct bytes hay, struct bytes id)
{
	for (size_t i = 0; i + id.len <= hay.len; i++)
		if (!memcmp(hay.data + i, id.data, id.len) &&
		    (i == 0 || !identifier_byte(hay.data[i - 1])) &&
		    (i + id.len == hay.len || !identifier_byte(hay.data[i + id.len])))
			return true;
	return false;
}

static bool carries(const struct oracle *o, size_t i, size_t app, struct bytes id)
{
	const struct app *a = &o->policy->apps[app];
	struct bytes value;

	for (size_t m = 0; m < a->markers.nr; m++)
		if (variable(o->s->procs[i].environ, a->markers.items[m], &value) && value.len &&
		    same(value, id))
			return true;
	return false;
}

static bool carries_any(const struct oracle *o, size_t i)
{
	struct bytes value;

	for (size_t a = 0; a < o->policy->nr_apps; a++)
		for (size_t m = 0; m < o->policy->apps[a].markers.nr; m++)
			if (variable(o->s->procs[i].environ, o->policy->apps[a].markers.items[m],
				     &value) &&
			    value.len)
				return true;
	return false;
}

static bool named_desktop(const struct app *a, const struct process *p)
{
	const char *exe = p->exe ? p->exe : "";
	const char *base = strrchr(exe, '/') ? strrchr(exe, '/') + 1 : exe;
	size_t len = strlen(base), cut = strlen(" (deleted)");
	struct bytes arg0 = { p->args.data,
			      strnlen(p->args.data ? p->args.data : "", p->args.len) };

	for (size_t i = arg0.len; i > 0; i--)
		if (arg0.data[i - 1] == '/') {
			arg0 = (struct bytes){ arg0.data + i, arg0.len - i };
			break;
		}
	if (len > cut && !strcmp(base + len - cut, " (deleted)"))
		len -= cut;
	for (size_t d = 0; d < a->desktops.nr; d++) {
		struct bytes name = text(a->desktops.items[d]);

		if (strlen(p->comm) < 15 && same(text(p->comm), name))
			return true;
		if (same((struct bytes){ base, len }, name) || same(arg0, name))
			return true;
	}
	return false;
}

/* owner = pid: does the marker of @carrier name @i as its owner? */
static bool value_names(const struct oracle *o, size_t carrier, size_t app, size_t i)
{
	const struct app *a = &o->policy->apps[app];
	struct bytes value;

	if (a->owner != APP_OWNER_PID || o->s->procs[carrier].dead || o->s->procs[i].dead ||
	    carrier == i)
		return false;
	for (size_t m = 0; m < a->markers.nr; m++) {
		char buf[64], want[64];

		if (!variable(o->s->procs[carrier].environ, a->markers.items[m], &value) ||
		    !value.len || value.len >= sizeof(buf))
			continue;
		memcpy(buf, value.data, value.len);
		buf[value.len] = 0;
		snprintf(want, sizeof(want), "%d", (int)o->s->procs[i].id.pid);
		if (strcmp(buf, want)) {
			snprintf(want, sizeof(want), "%d:%llu", (int)o->s->procs[i].id.pid,
				 (unsigned long long)o->s->procs[i].id.start_ticks);
			if (strcmp(buf, want))
				continue;
		}
		/* Pid 1, and what entered the namespace, was stamped outside. */
		for (size_t k = 0; k < o->s->nr; k++)
			if (o->s->procs[k].ppid == 0 && carries(o, k, app, value))
				return false;
		if (o->s->procs[i].id.start_ticks <= o->s->procs[carrier].id.start_ticks &&
		    o->s->procs[i].id.pid > 1)
			return true;
	}
	return false;
}

static bool work_out_desktop(const struct oracle *o, size_t i, size_t app)
{
	if (o->s->procs[i].dead || o->s->procs[i].kernel_thread)
		return false;
	if (named_desktop(&o->policy->apps[app], &o->s->procs[i]))
		return true;
	for (size_t c = 0; c < o->s->nr; c++)
		if (value_names(o, c, app, i))
			return true;
	return false;
}

static bool desktop_of(const struct oracle *o, size_t i, size_t app)
{
	return o->desktops[i] >> app & 1;
}

static bool desktop_of_any(const struct oracle *o, size_t i)
{
	for (size_t a = 0; a < o->policy->nr_apps; a++)
		if (desktop_of(o, i, a))
			return true;
	return false;
}

static bool add(struct oracle *o, size_t i, size_t app, struct bytes id, bool inferred, size_t from)
{
	struct oracle_set *set = &o->sets[i];

	if (oracle_is_member(o, i, app, id) || set->nr == 16)
		return false;
	set->item[set->nr].app = app;
	set->item[set->nr].id = id;
	set->item[set->nr].inferred = inferred;
	set->item[set->nr++].from = from;
	return true;
}

/* It, or a process above it, carries the app's marker with a value that names no instance. */
static bool is_exempt(const struct oracle *o, size_t i, size_t app)
{
	const struct app *a = &o->policy->apps[app];
	struct bytes value;

	for (; i != CENSUS_NONE; i = parent(o, i)) {
		bool names = false, has = false;

		for (size_t m = 0; m < a->markers.nr; m++) {
			if (!variable(o->s->procs[i].environ, a->markers.items[m], &value))
				continue;
			has = true;
			names |= value.len > 0;
		}
		if (has && !names)
			return true;
	}
	return false;
}

static bool inherit(struct oracle *o, size_t i, size_t from)
{
	bool changed = false;

	if (from == CENSUS_NONE || from == i || o->s->procs[from].uid != o->s->procs[i].uid)
		return false;
	for (size_t k = 0; k < o->sets[from].nr; k++)
		changed |=
			!is_exempt(o, i, o->sets[from].item[k].app) &&
			add(o, i, o->sets[from].item[k].app, o->sets[from].item[k].id, true, from);
	return changed;
}

static bool infer(struct oracle *o, size_t i)
{
	bool changed = false;
	size_t above;

	if (o->s->procs[i].dead || carries_any(o, i) || desktop_of_any(o, i) ||
	    o->s->procs[i].kernel_thread)
		return false;
	if (!o->all_users && o->s->procs[i].uid != o->uid)
		return false;
	for (above = parent(o, i); above != CENSUS_NONE; above = parent(o, above)) {
		if (desktop_of_any(o, above))
			return false;
		if (o->sets[above].nr && o->s->procs[above].uid == o->s->procs[i].uid)
			break;
	}
	changed |= inherit(o, i, above);
	changed |= inherit(o, i, find(o, o->s->procs[i].pgid));
	changed |= inherit(o, i, find(o, o->s->procs[i].sid));
	return changed;
}

void oracle_init(struct oracle *o, const struct snapshot *s, const struct policy *policy)
{
	bool changed;

	*o = (struct oracle){ .s = s, .policy = policy, .all_users = true };
	o->sets = calloc(s->nr ? s->nr : 1, sizeof(*o->sets));
	o->desktops = calloc(s->nr ? s->nr : 1, sizeof(*o->desktops));
	if (!o->sets || !o->desktops)
		abort();
	for (size_t i = 0; i < s->nr; i++)
		for (size_t a = 0; a < policy->nr_apps; a++)
			o->desktops[i] |= (unsigned)work_out_desktop(o, i, a) << a;
	for (size_t i = 0; i < s->nr; i++) {
		struct bytes value;

		if (s->procs[i].dead || s->procs[i].kernel_thread)
			continue;
		for (size_t a = 0; a < policy->nr_apps; a++)
			for (size_t m = 0; m < policy->apps[a].markers.nr; m++)
				if (variable(s->procs[i].environ, policy->apps[a].markers.items[m],
					     &value) &&
				    value.len)
					add(o, i, a, value, false, CENSUS_NONE);
	}
	do {
		changed = false;
		for (size_t i = 0; i < s->nr; i++)
			changed |= infer(o, i);
	} while (changed);
}

void oracle_release(struct oracle *o)
{
	free(o->sets);
	free(o->desktops);
}

bool oracle_is_member(const struct oracle *o, size_t i, size_t app, struct bytes id)
{
	for (size_t k = 0; k < o->sets[i].nr; k++)
		if (o->sets[i].item[k].app == app && same(o->sets[i].item[k].id, id))
			return true;
	return false;
}

static bool by_value(const struct oracle *o, size_t d, size_t app, uid_t uid, struct bytes id)
{
	for (size_t c = 0; c < o->s->nr; c++)
		if (o->s->procs[c].uid == uid && carries(o, c, app, id) &&
		    value_names(o, c, app, d) && o->s->procs[d].uid == uid)
			return true;
	return false;
}

static bool by_descent(const struct oracle *o, size_t d, size_t app, uid_t uid, struct bytes id)
{
	if (!desktop_of(o, d, app) || carries(o, d, app, id) || o->s->procs[d].uid != uid)
		return false;
	for (size_t i = 0; i < o->s->nr; i++) {
		size_t above;

		if (o->s->procs[i].uid != uid || !oracle_is_member(o, i, app, id))
			continue;
		for (above = parent(o, i); above != CENSUS_NONE; above = parent(o, above))
			if (desktop_of(o, above, app))
				break;
		if (above == d)
			return true;
	}
	return false;
}

static bool by_arguments(const struct oracle *o, size_t d, size_t app, uid_t uid, struct bytes id)
{
	struct bytes args = o->s->procs[d].args;

	return desktop_of(o, d, app) && o->s->procs[d].uid == uid && id.len && bounded(args, id);
}

static bool by_environment(const struct oracle *o, size_t d, size_t app, uid_t uid, struct bytes id)
{
	struct bytes env = o->s->procs[d].environ;
	size_t at = 0;

	if (!desktop_of(o, d, app) || o->s->procs[d].uid != uid)
		return false;
	while (at < env.len) {
		size_t end = at, eq;
		bool marker = false;

		while (end < env.len && env.data[end])
			end++;
		for (eq = at; eq < end && env.data[eq] != '='; eq++)
			;
		for (size_t a = 0; a < o->policy->nr_apps; a++)
			for (size_t m = 0; m < o->policy->apps[a].markers.nr; m++)
				marker |= same((struct bytes){ env.data + at, eq - at },
					       text(o->policy->apps[a].markers.items[m]));
		if (!marker && eq < end &&
		    bounded((struct bytes){ env.data + eq + 1, end - eq - 1 }, id))
			return true;
		at = end + 1;
	}
	return false;
}

/* It carries a marker of its own app, and names nothing but what it carries. */
static bool at_work(const struct oracle *o, size_t d, size_t app)
{
	const struct app *a = &o->policy->apps[app];
	struct bytes value;
	bool stamped = false;

	if (a->owner == APP_OWNER_CARRIER || !named_desktop(a, &o->s->procs[d]))
		return false;
	for (size_t m = 0; m < a->markers.nr; m++)
		stamped |=
			variable(o->s->procs[d].environ, a->markers.items[m], &value) && value.len;
	for (size_t i = 0; stamped && i < o->s->nr; i++)
		for (size_t k = 0; k < o->sets[i].nr; k++) {
			struct bytes id = o->sets[i].item[k].id;
			uid_t uid = o->s->procs[i].uid;

			if (o->sets[i].item[k].app == app && !carries(o, d, app, id) &&
			    (by_descent(o, d, app, uid, id) || by_arguments(o, d, app, uid, id) ||
			     by_environment(o, d, app, uid, id)))
				return false;
			if (o->sets[i].item[k].app == app && by_value(o, d, app, uid, id))
				return false;
		}
	return stamped;
}

/* Does desktop @d name some instance, by rules 2 and 3? @strong: not by its environment alone. */
static bool names_one(const struct oracle *o, size_t d, size_t app, uid_t uid, bool strong,
		      const struct bytes *other_than)
{
	for (size_t i = 0; i < o->s->nr; i++)
		for (size_t k = 0; k < o->sets[i].nr; k++) {
			struct bytes id = o->sets[i].item[k].id;

			if (o->sets[i].item[k].app != app || o->s->procs[i].uid != uid)
				continue;
			if (other_than && same(id, *other_than))
				continue;
			if (by_descent(o, d, app, uid, id) || by_arguments(o, d, app, uid, id) ||
			    (!strong && by_environment(o, d, app, uid, id)))
				return true;
		}
	return false;
}

static bool by_default(const struct oracle *o, size_t d, size_t app, uid_t uid, struct bytes id)
{
	const char *name = o->policy->apps[app].default_instance;

	if (!name || !same(text(name), id) || !desktop_of(o, d, app) || o->s->procs[d].uid != uid ||
	    at_work(o, d, app))
		return false;
	for (size_t i = 0; i < o->s->nr; i++)
		for (size_t k = 0; k < o->sets[i].nr; k++)
			if (o->sets[i].item[k].app == app && o->s->procs[i].uid == uid &&
			    by_descent(o, d, app, uid, o->sets[i].item[k].id))
				return false;
	return true;
}

static bool value_is_pid(struct bytes v)
{
	size_t i = 0, digits = 0, colon = 0, after = 0;

	for (; i < v.len; i++) {
		if (v.data[i] == ':' && !colon)
			colon = 1;
		else if (v.data[i] < '0' || v.data[i] > '9')
			return false;
		else if (colon)
			after++;
		else
			digits++;
	}
	return digits && (!colon || after) && !same((struct bytes){ v.data, digits }, text("1"));
}

/* A desktop of another user names the id, in whatever way. */
static bool other_user_names(const struct oracle *o, size_t app, uid_t uid, struct bytes id)
{
	for (size_t d = 0; d < o->s->nr; d++) {
		uid_t other = o->s->procs[d].uid;

		if (other == uid)
			continue;
		for (size_t i = 0; i < o->s->nr; i++) {
			size_t above;

			if (o->s->procs[i].uid != uid || !oracle_is_member(o, i, app, id))
				continue;
			if (carries(o, i, app, id) && value_names(o, i, app, d))
				return true;
			for (above = parent(o, i); above != CENSUS_NONE; above = parent(o, above))
				if (desktop_of(o, above, app))
					break;
			if (above == d && !carries(o, d, app, id))
				return true;
		}
		if (by_arguments(o, d, app, other, id) || by_environment(o, d, app, other, id))
			return true;
	}
	return false;
}

static size_t root_of(const struct oracle *o, size_t i)
{
	for (size_t above = parent(o, i); above != CENSUS_NONE; above = parent(o, i)) {
		if (!o->sets[above].nr || o->s->procs[above].uid != o->s->procs[i].uid)
			break;
		i = above;
	}
	return i;
}

static bool lost_parent(const struct oracle *o, size_t root)
{
	const struct process *r = &o->s->procs[root], *up, *leader;
	size_t p = parent(o, root), l;

	if (r->id.pid == 1 || r->ppid == 0)
		return false;
	if (p == CENSUS_NONE && r->ppid == 1)
		return r->sid != r->id.pid && r->sid > 1;
	if (p == CENSUS_NONE)
		return o->parent_changed && o->parent_changed(o->ctx, r);
	up = &o->s->procs[p];
	if (!strcmp(up->comm, "tini")) { /* its oldest living child is what it runs */
		bool oldest = r->id.start_ticks <= up->id.start_ticks + o->s->ticks_per_second;

		for (size_t i = 0; i < o->s->nr; i++)
			if (!o->s->procs[i].dead && parent(o, i) == p &&
			    (o->s->procs[i].id.start_ticks < r->id.start_ticks ||
			     (o->s->procs[i].id.start_ticks == r->id.start_ticks && i < root)))
				oldest = false;
		if (oldest)
			return false;
	}
	for (size_t i = 0; i < o->policy->adopters.nr; i++)
		if (!strncmp(o->policy->adopters.items[i], up->comm, 15))
			return true;
	if (o->parent_changed && o->parent_changed(o->ctx, r))
		return true;
	if (r->sid == r->id.pid || r->sid == up->sid)
		return false;
	if (up->sid != up->id.pid || (up->id.pid == 1 && r->sid != 0))
		return true;
	l = find(o, r->sid);
	leader = l == CENSUS_NONE ? NULL : &o->s->procs[l];
	return leader && !leader->dead && leader->id.start_ticks > up->id.start_ticks;
}

/* A marked process has a root with a live parent of its own. */
static bool parent_doubts(const struct oracle *o, size_t app, uid_t uid, struct bytes id)
{
	for (size_t i = 0; i < o->s->nr; i++) {
		size_t root, p, self = find(o, o->s->self);

		if (o->s->procs[i].uid != uid || !carries(o, i, app, id) ||
		    !oracle_is_member(o, i, app, id))
			continue;
		if (self != CENSUS_NONE && (i == self || is_ancestor(o, i, self)))
			continue;
		root = root_of(o, i);
		p = parent(o, root);
		if (o->s->procs[root].id.pid == 1 || lost_parent(o, root))
			continue;
		if (o->s->procs[root].ppid == 0 || (p != CENSUS_NONE && !o->s->procs[p].dead))
			return true;
	}
	return false;
}

/* owner = pid: pid 1 or what entered the namespace carries the value. */
static bool stamped_outside(const struct oracle *o, size_t app, struct bytes id)
{
	for (size_t i = 0; i < o->s->nr; i++)
		if (o->s->procs[i].ppid == 0 && !o->s->procs[i].kernel_thread &&
		    carries(o, i, app, id))
			return true;
	return false;
}

static enum owner_state unproven(const struct oracle *o, size_t app, uid_t uid, struct bytes id)
{
	const struct app *a = &o->policy->apps[app];

	if (!o->s->complete ||
	    (a->owner == APP_OWNER_PID && (!value_is_pid(id) || stamped_outside(o, app, id))))
		return OWNER_UNKNOWN;
	if (other_user_names(o, app, uid, id) || parent_doubts(o, app, uid, id))
		return OWNER_UNKNOWN;
	for (size_t d = 0; d < o->s->nr; d++) {
		const struct process *p = &o->s->procs[d];

		if (a->owner == APP_OWNER_PID || p->dead || p->kernel_thread ||
		    !named_desktop(a, p) || p->uid != uid)
			continue;
		if (p->args_read != READ_DONE || p->environ_read != READ_DONE ||
		    (!p->args.len && !p->environ.len))
			return OWNER_UNKNOWN;
		if (at_work(o, d, app) ? !carries(o, d, app, id)
				       : !names_one(o, d, app, uid, false, NULL))
			return OWNER_UNKNOWN;
	}
	return OWNER_GONE;
}

enum owner_state oracle_owner(const struct oracle *o, size_t app, uid_t uid, struct bytes id,
			      enum owner_evidence *ret_evidence)
{
	bool (*const rules[])(const struct oracle *, size_t, size_t, uid_t, struct bytes) = {
		by_value, by_descent, by_arguments, by_environment, by_default,
	};
	const enum owner_evidence evidence[] = { EVIDENCE_VALUE, EVIDENCE_DESCENT,
						 EVIDENCE_ARGUMENTS, EVIDENCE_ENVIRONMENT,
						 EVIDENCE_DEFAULT };

	for (size_t r = 0; r < 5; r++)
		for (size_t d = 0; d < o->s->nr; d++)
			if (rules[r](o, d, app, uid, id) && (r == 0 || !at_work(o, d, app))) {
				*ret_evidence = evidence[r];
				return OWNER_ALIVE;
			}
	*ret_evidence = EVIDENCE_NONE;
	return unproven(o, app, uid, id);
}

static bool carries_live(const struct oracle *o, size_t i, size_t app, struct bytes id)
{
	return !o->s->procs[i].dead && carries(o, i, app, id);
}

enum member_state oracle_state(const struct oracle *o, size_t i, size_t app, struct bytes id)
{
	const struct process *p = &o->s->procs[i];
	enum owner_evidence evidence;
	enum owner_state owner = oracle_owner(o, app, p->uid, id, &evidence);
	size_t above;
	bool older = true;

	for (above = parent(o, i); above != CENSUS_NONE; above = parent(o, above))
		if (desktop_of(o, above, app))
			return STATE_OWNED;
	for (size_t k = 0; k < o->sets[i].nr; k++)
		if (o->sets[i].item[k].app == app && same(o->sets[i].item[k].id, id) &&
		    o->sets[i].item[k].inferred) {
			enum member_state state = oracle_state(o, o->sets[i].item[k].from, app, id);
			const pid_t leaders[] = { p->pgid, p->sid };

			/* Spared as far as any marked leader of it is. */
			for (size_t n = 0; n < 2; n++) {
				size_t leader = find(o, leaders[n]);

				if (leader != CENSUS_NONE && leader != i &&
				    o->s->procs[leader].uid == p->uid &&
				    carries_live(o, leader, app, id) &&
				    oracle_state(o, leader, app, id) < state)
					state = oracle_state(o, leader, app, id);
			}
			return state;
		}
	if (owner == OWNER_UNKNOWN || at_work(o, i, app))
		return STATE_UNKNOWN;
	if (owner == OWNER_ALIVE) {
		for (size_t d = 0; d < o->s->nr; d++)
			if (by_value(o, d, app, p->uid, id) ||
			    (!at_work(o, d, app) && (by_descent(o, d, app, p->uid, id) ||
						     by_arguments(o, d, app, p->uid, id) ||
						     by_environment(o, d, app, p->uid, id) ||
						     by_default(o, d, app, p->uid, id))))
				older &= p->id.start_ticks < o->s->procs[d].id.start_ticks;
		if (!older)
			return STATE_DETACHED;
	}
	return lost_parent(o, root_of(o, i)) ? STATE_ORPHAN : STATE_UNKNOWN;
}

/* Does the desktop @d run below @i, or below a managed process that @i runs below? */
static bool hosts(const struct oracle *o, size_t i, size_t d)
{
	if (is_ancestor(o, i, d))
		return true;
	for (size_t a = 0; a < o->s->nr; a++)
		if (o->sets[a].nr && is_ancestor(o, a, i) && is_ancestor(o, a, d))
			return true;
	return false;
}

/*
 * A desktop that is a member of an instance may be an agent of another app, and then
 * speaks for nothing once that app condemns it: with @agents such are no desktops here.
 */
static bool speaks(const struct oracle *o, size_t d, bool agents)
{
	return desktop_of_any(o, d) && !(agents && o->sets[d].nr);
}

static bool may_end(const struct oracle *o, size_t i, bool agents)
{
	const struct process *p = &o->s->procs[i];
	bool orphan = false;

	if (!o->sets[i].nr || p->id.pid == 1 || p->kernel_thread || speaks(o, i, agents))
		return false;
	for (size_t d = 0; d < o->s->nr; d++) {
		struct bytes value;

		if (speaks(o, d, agents) && (is_ancestor(o, d, i) || hosts(o, i, d)))
			return false;
		if (o->sets[d].nr && (d == i || is_ancestor(o, d, i)) &&
		    variable(o->s->procs[d].environ, "STRAY_KEEP", &value) && value.len)
			return false;
	}
	for (size_t a = 0; a < o->s->nr; a++) /* of the keep list, what the machines here know */
		if (o->sets[a].nr && (a == i || is_ancestor(o, a, i)) &&
		    !strcmp(o->s->procs[a].comm, "tmux: server"))
			return false;
	if (o->s->self == p->id.pid ||
	    (find(o, o->s->self) != CENSUS_NONE && is_ancestor(o, i, find(o, o->s->self))))
		return false;
	for (size_t k = 0; k < o->sets[i].nr; k++)
		if (oracle_state(o, i, o->sets[i].item[k].app, o->sets[i].item[k].id) ==
		    STATE_ORPHAN)
			orphan = true;
		else if (!agents)
			return false;
	return orphan;
}

bool oracle_may_end(const struct oracle *o, size_t i)
{
	return may_end(o, i, false);
}

bool oracle_might_end(const struct oracle *o, size_t i)
{
	return may_end(o, i, true);
}
