/* SPDX-License-Identifier: MIT */
/*
 * Processes that are managed without a marker: inferred from what started them or leads
 * their group or session, remembered from an earlier tick, or dead stdio servers.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "core/census_build.h"
#include "core/environ.h"

size_t build_index(const struct census_build *b, pid_t pid)
{
	size_t i = pid > 0 ? snapshot_index(b->s, pid) : SIZE_MAX;

	return i == SIZE_MAX ? CENSUS_NONE : i;
}

/* --- exempt: a marker that names no instance ----------------------------------------- */

/* Does it carry a marker of the app, and none that names an instance? */
static bool opts_out(const struct app *app, const struct process *proc)
{
	struct bytes value;
	bool carries = false;

	for (size_t m = 0; m < app->markers.nr; m++) {
		if (!environ_get(proc->environ, app->markers.items[m], &value))
			continue;
		if (app_names_instance(app, app->markers.items[m], value))
			return false;
		carries = true;
	}
	return carries;
}

/* What runs below an exempt process is exempt too. */
static void spread_exempt(struct census_build *b)
{
	size_t nr_apps = b->policy->nr_apps;

	for (size_t i = 0; i < b->s->nr; i++) {
		size_t proc = b->top_down[i], parent = b->c->nodes[proc].parent;

		for (size_t a = 0; parent != CENSUS_NONE && a < nr_apps; a++)
			b->exempt[proc * nr_apps + a] |= b->exempt[parent * nr_apps + a];
	}
}

static int find_exempt(struct census_build *b)
{
	size_t nr_apps = b->policy->nr_apps;

	for (size_t i = 0; i < b->s->nr; i++)
		for (size_t a = 0; b->s->procs[i].environ.len && a < nr_apps; a++) {
			if (!opts_out(&b->policy->apps[a], &b->s->procs[i]))
				continue;
			if (!b->exempt)
				b->exempt = calloc(b->s->nr, nr_apps * sizeof(*b->exempt));
			if (!b->exempt)
				return -ENOMEM;
			b->exempt[i * nr_apps + a] = true;
		}
	if (b->exempt)
		spread_exempt(b);
	return 0;
}

/* May a process without a marker be a member of an instance of this app? */
static bool may_infer(const struct census_build *b, size_t proc, const struct app *app)
{
	size_t a = (size_t)(app - b->policy->apps);

	return !app->no_inherit && !(b->exempt && b->exempt[proc * b->policy->nr_apps + a]);
}

/* --- inferred ------------------------------------------------------------------------ */

/*
 * Make @proc a member of whatever @from belongs to; @below: it descends from that.
 * *changed: something was added.
 */
static int inherit(struct census_build *b, size_t proc, size_t from, bool below, bool *changed)
{
	struct census *c = b->c;

	if (from == CENSUS_NONE || from == proc || b->s->procs[from].uid != b->s->procs[proc].uid)
		return 0;
	for (size_t m = c->nodes[from].first_membership; m != CENSUS_NONE;
	     m = c->next_membership[m]) {
		struct member like = { .inferred = true, .inferred_from = m };
		const struct app *app = c->instances[c->members[m].instance].app;

		if (!may_infer(b, proc, app) ||
		    build_membership(c, proc, c->members[m].instance) != CENSUS_NONE)
			continue;
		/* From a dead server only what descends from it within its session inherits. */
		if (app->stdio && (!below || b->s->procs[from].sid != b->s->procs[proc].sid))
			continue;
		if (build_member(b, proc, c->members[m].instance, &like) < 0)
			return -ENOMEM;
		*changed = true;
	}
	return 0;
}

/* May @proc be a member of one of the instances that @from belongs to? */
static bool hands_on(const struct census_build *b, size_t from, size_t proc)
{
	const struct census *c = b->c;
	size_t m = c->nodes[from].first_membership;

	for (; m != CENSUS_NONE; m = c->next_membership[m])
		if (may_infer(b, proc, c->instances[c->members[m].instance].app))
			return true;
	return false;
}

/*
 * The nearest ancestor of the same user that @proc may inherit from, unless a live desktop
 * stands before it.
 */
static bool heritage_above(const struct census_build *b, size_t proc, size_t *ret_above)
{
	const struct census_node *nodes = b->c->nodes;
	size_t above = nodes[proc].parent;

	for (; above != CENSUS_NONE; above = nodes[above].parent) {
		if (nodes[above].desktop)
			return false;
		if (b->s->procs[above].uid == b->s->procs[proc].uid && hands_on(b, above, proc))
			break;
	}
	*ret_above = above;
	return true;
}

static int infer(struct census_build *b, size_t proc, bool *changed)
{
	const struct process *p = &b->s->procs[proc];
	size_t above;
	int r;

	/* Below a live desktop nothing is inferred, not from leaders either. */
	if (!heritage_above(b, proc, &above))
		return 0;
	r = inherit(b, proc, above, true, changed);
	if (!r)
		r = inherit(b, proc, build_index(b, p->pgid), false, changed);
	if (!r)
		r = inherit(b, proc, build_index(b, p->sid), false, changed);
	return r;
}

static int infer_all(struct census_build *b, const bool *marked)
{
	bool changed;
	int r = 0;

	/*
	 * Parents first, so that each is inferred from its nearest ancestor. And until nothing
	 * changes: a leader may itself have been inferred, in any order.
	 */
	do {
		changed = false;
		for (size_t k = 0; !r && k < b->s->nr; k++) {
			size_t i = b->top_down[k];

			if (!marked[i] && !b->c->nodes[i].desktop &&
			    build_can_be_managed(b, &b->s->procs[i]))
				r = infer(b, i, &changed);
		}
	} while (!r && changed);
	return r;
}

/* --- remembered ----------------------------------------------------------------------- */

static bool still_lives(const struct census_build *b, const struct identity *id)
{
	const struct process *proc = snapshot_find(b->s, id->pid);

	return proc && !proc->dead && identity_equal(&proc->id, id);
}

/* Copy into the census what the ledger holds, for it may change before the census goes. */
static int keep_bytes(struct census_build *b, struct bytes *bytes)
{
	if (!bytes->len)
		return 0;
	bytes->data = arena_copy(&b->c->storage, bytes->data, bytes->len);
	return bytes->data ? 0 : -ENOMEM;
}

/* Make @proc the member again that it was. 0 or -ENOMEM. */
static int remember_as(struct census_build *b, size_t proc, struct remembered was, bool *changed)
{
	struct member like = { .inferred = true, .remembered = true, .inferred_from = CENSUS_NONE };
	const struct process *p = &b->s->procs[proc];
	const struct app *app;
	size_t instance;

	if (was.key.uid != p->uid)
		return 0;
	app = policy_find_app(b->policy, was.key.app);
	/* A dead server is known by its own closed ends, not by an ancestor that it had. */
	if (!app || app->stdio || !may_infer(b, proc, app) || still_lives(b, &was.from))
		return 0;
	if (keep_bytes(b, &was.key.id) < 0 || keep_bytes(b, &was.generation) < 0)
		return -ENOMEM;
	instance = build_instance(b, app, p->uid, was.key.id);
	if (instance != CENSUS_NONE && build_membership(b->c, proc, instance) != CENSUS_NONE)
		return 0;
	like.generation = was.generation;
	*changed = true;
	return build_member(b, proc, instance, &like);
}

/*
 * What was inferred on an earlier tick stays a member after its source has ended, of each
 * instance that it was one of: any of them may spare it.
 */
static int remember(struct census_build *b, size_t proc, bool *changed)
{
	const struct census_input *input = b->input;
	struct remembered was;
	int r = 0;

	for (size_t nth = 0; !r && input->remembered(input->ctx, &b->s->procs[proc], nth, &was);
	     nth++)
		r = remember_as(b, proc, was, changed);
	return r;
}

static int remember_all(struct census_build *b, const bool *marked, bool *changed)
{
	int r = 0;

	for (size_t i = 0; b->input->remembered && !r && i < b->s->nr; i++) {
		const struct census_node *node = &b->c->nodes[i];

		if (!marked[i] && !node->desktop && node->desktop_above == CENSUS_NONE &&
		    build_can_be_managed(b, &b->s->procs[i]))
			r = remember(b, i, changed);
	}
	return r;
}

/* --- dead stdio servers ----------------------------------------------------------------- */

static int add_dead_servers(struct census_build *b, const struct app *app, bool *changed)
{
	int r = 0;

	for (size_t i = 0; !r && i < b->s->nr; i++) {
		struct member like = { .inferred = true, .inferred_from = CENSUS_NONE };
		struct bytes id;

		if (!build_is_dead_server(b, i))
			continue;
		r = build_server_id(b, &b->s->procs[i], &id);
		if (!r)
			r = build_member(b, i, build_instance(b, app, b->s->procs[i].uid, id),
					 &like);
		*changed = true;
	}
	return r;
}

static const struct app *stdio_app(const struct policy *p)
{
	for (size_t i = 0; i < p->nr_apps; i++)
		if (p->apps[i].stdio)
			return &p->apps[i];
	return NULL;
}

int build_inferred(struct census_build *b, const bool *marked)
{
	const struct app *stdio = stdio_app(b->policy);
	bool changed = false;
	int r = find_exempt(b);

	if (!r)
		r = infer_all(b, marked);
	if (!r)
		r = remember_all(b, marked, &changed);
	if (!r && changed)
		r = infer_all(b, marked);
	changed = false;
	/* Last: a member of another app is no dead server. */
	if (!r && stdio && b->input->hung_up)
		r = add_dead_servers(b, stdio, &changed);
	if (!r && changed)
		r = infer_all(b, marked);
	return r;
}
