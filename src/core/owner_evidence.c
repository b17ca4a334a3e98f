/* SPDX-License-Identifier: MIT */
/* Which desktop owns which instance, and by what: the rules that make an owner ALIVE. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/bytes.h"
#include "core/census_build.h"
#include "core/environ.h"
#include "core/identifier_index.h"

static const struct process *desktop_process(const struct census_build *b, size_t desktop)
{
	return &b->s->procs[b->desktops[desktop].proc];
}

int build_claim(struct census_build *b, size_t instance, size_t desktop, unsigned way)
{
	if (desktop_process(b, desktop)->uid != b->c->instances[instance].uid) {
		b->notes[instance].other_user = desktop;
		return 0;
	}
	if (ARRAY_GROW(b->claims, b->nr_claims, b->alloc_claims) < 0)
		return -ENOMEM;
	b->claims[b->nr_claims++] = (struct claim){ instance, desktop, way };
	return 0;
}

static int by_instance(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;

	if (x->instance != y->instance)
		return x->instance < y->instance ? -1 : 1;
	return (x->desktop > y->desktop) - (x->desktop < y->desktop);
}

/* Sort the claims, merge those of the same pair, and note the rows of each instance. */
static void merge_claims(struct census_build *b)
{
	size_t nr = 0;

	if (b->nr_claims)
		qsort(b->claims, b->nr_claims, sizeof(*b->claims), by_instance);
	for (size_t i = 0; i < b->c->nr_instances; i++)
		b->notes[i].nr = 0;
	for (size_t i = 0; i < b->nr_claims; i++) {
		struct claim *last = nr ? &b->claims[nr - 1] : NULL;
		struct instance_notes *notes = &b->notes[b->claims[i].instance];

		if (last && by_instance(last, &b->claims[i]) == 0) {
			last->ways |= b->claims[i].ways;
			continue;
		}
		if (!notes->nr++)
			notes->first = nr;
		b->claims[nr++] = b->claims[i];
	}
	b->nr_claims = nr;
}

/* --- value and descent: what the members of an instance say ------------------ */

static int ask_value(struct census_build *b, const struct member *m)
{
	const struct instance *inst = &b->c->instances[m->instance];
	struct instance_notes *notes = &b->notes[m->instance];
	const struct process *owner;
	size_t desktop;

	if (inst->app->owner != APP_OWNER_PID || m->inferred)
		return 0;
	if (!build_value_means_ours(b, inst->id, m->proc)) {
		notes->outside = m->proc;
		return 0;
	}
	owner = build_value_owner(b->s, inst->id, m->proc);
	if (!owner)
		return 0;
	desktop = build_find_desktop(b, (size_t)(owner - b->s->procs),
				     (size_t)(inst->app - b->policy->apps));
	return desktop == CENSUS_NONE ? 0 : build_claim(b, m->instance, desktop, OWNS_BY_VALUE);
}

static int ask_descent(struct census_build *b, const struct member *m)
{
	const struct instance *inst = &b->c->instances[m->instance];
	size_t app = (size_t)(inst->app - b->policy->apps);
	size_t above = build_desktop_above(b, (size_t)(m->proc - b->s->procs), app);

	/* One that carries the marker itself was started inside an agent. */
	if (above == CENSUS_NONE || build_carries(inst->app, inst->id, &b->s->procs[above]))
		return 0;
	return build_claim(b, m->instance, build_find_desktop(b, above, app), OWNS_BY_DESCENT);
}

/* owner = carrier: the desktop itself carries the instance. */
static int ask_carrier(struct census_build *b, size_t desktop)
{
	const struct desktop *d = &b->desktops[desktop];
	const struct app *app = &b->policy->apps[d->app];
	struct bytes value;
	int r = 0;

	if (app->owner != APP_OWNER_CARRIER || !d->by_name)
		return 0;
	for (size_t m = 0; m < app->markers.nr; m++) {
		if (!build_marker(app, m, desktop_process(b, desktop), &value))
			continue;
		for (size_t i = 0; r == 0 && i < b->c->nr_instances; i++)
			if (b->c->instances[i].app == app &&
			    bytes_equal(b->c->instances[i].id, value))
				r = build_claim(b, i, desktop, OWNS_BY_CARRIER);
	}
	return r;
}

/* --- arguments and environment: what the desktops say ------------------------ */

/* One search of a desktop's arguments or environment. */
struct search {
	struct census_build *b;
	size_t desktop;
	unsigned way;
	size_t turn, *seen; /* [instance]: the turn in which it was found last */
	int error;
};

static void on_found(void *ctx, size_t instance)
{
	struct search *search = ctx;
	struct census_build *b = search->b;

	if (search->seen[instance] == search->turn || search->error ||
	    b->c->instances[instance].app != &b->policy->apps[b->desktops[search->desktop].app])
		return;
	search->seen[instance] = search->turn;
	search->error = build_claim(b, instance, search->desktop, search->way);
}

static void search_desktop(struct search *search, const struct identifier_index *index)
{
	const struct process *proc = desktop_process(search->b, search->desktop);
	struct bytes name, value;
	size_t offset = 0;

	search->turn++;
	search->way = OWNS_BY_ARGUMENTS;
	identifier_index_find(index, proc->args, on_found, search);
	search->turn++;
	search->way = OWNS_BY_ENVIRONMENT;
	while (environ_next(proc->environ, &offset, &name, &value))
		if (value.len >= index->shortest && !policy_is_marker(search->b->policy, name))
			identifier_index_find(index, value, on_found, search);
}

struct bytes *build_ids(const struct census *c)
{
	struct bytes *ids = calloc(c->nr_instances + 1, sizeof(*ids));

	for (size_t i = 0; ids && i < c->nr_instances; i++)
		ids[i] = c->instances[i].id;
	return ids;
}

static int ask_texts(struct census_build *b)
{
	struct search search = { .b = b };
	struct bytes *ids = build_ids(b->c);
	struct identifier_index index = { 0 };

	search.seen = calloc(b->c->nr_instances + 1, sizeof(*search.seen));
	if (!ids || !search.seen || identifier_index_init(&index, ids, b->c->nr_instances) < 0)
		search.error = -ENOMEM;
	for (size_t d = 0; !search.error && d < b->nr_desktops; d++) {
		search.desktop = d;
		search_desktop(&search, &index);
	}
	identifier_index_release(&index);
	free(search.seen);
	free(ids);
	return search.error;
}

/* --- files: looked up where nothing else decides ----------------------------- */

static bool is_default(const struct instance *inst)
{
	return inst->app->default_instance && bytes_is(inst->id, inst->app->default_instance);
}

/* Does a desktop that is no agent's say that this instance is its own? */
static bool is_decided(const struct census_build *b, size_t instance)
{
	const struct instance *inst = &b->c->instances[instance];
	const struct instance_notes *notes = &b->notes[instance];
	const struct desktop_kind *kind = build_kind(b, inst);

	for (size_t i = notes->first; i < notes->first + notes->nr; i++)
		if (!b->desktops[b->claims[i].desktop].stamped)
			return true;
	if (!kind)
		return false;
	return (inst->app->many_instances && kind->unstamped) ||
	       (is_default(inst) && kind->unstamped_childless);
}

/*
 * Ask for what nothing else decides, and with it for the default instance: a desktop that
 * has that one's files open is not nameless.
 */
static bool choose_for_files(struct census_build *b)
{
	struct census *c = b->c;
	bool any = false;

	for (size_t i = 0; i < c->nr_instances; i++) {
		b->notes[i].ask_files = c->instances[i].app->data.nr && !is_decided(b, i);
		any = any || b->notes[i].ask_files;
	}
	for (size_t k = 0; any && k < c->nr_instances; k++) {
		const struct instance *inst = &c->instances[k];

		if (!is_default(inst))
			continue;
		for (size_t i = 0; i < c->nr_instances && !b->notes[k].ask_files; i++)
			b->notes[k].ask_files = b->notes[i].ask_files &&
						c->instances[i].app == inst->app &&
						c->instances[i].uid == inst->uid;
	}
	return any;
}

/* The desktop and the processes below it that are neither managed nor another desktop's. */
static size_t list_processes(const struct census_build *b, size_t desktop, const size_t *first,
			     const size_t *next, const struct process **list)
{
	size_t nr = 0;

	list[nr++] = desktop_process(b, desktop);
	for (size_t i = first[b->desktops[desktop].proc]; i != CENSUS_NONE; i = next[i])
		list[nr++] = &b->s->procs[i];
	return nr;
}

static int ask_files_of(struct census_build *b, size_t desktop, const struct process *const *procs,
			size_t nr)
{
	const struct census_input *input = b->input;
	const struct process *proc = desktop_process(b, desktop);
	int r = 0;

	for (size_t i = 0; r == 0 && i < b->c->nr_instances; i++) {
		const struct instance *inst = &b->c->instances[i];

		if (!b->notes[i].ask_files ||
		    build_kind(b, inst) != &b->kinds[b->desktops[desktop].kind])
			continue;
		switch (input->files(input->ctx, proc, procs, nr, inst)) {
		case ANSWER_YES:
			r = build_claim(b, i, desktop, OWNS_BY_FILES);
			break;
		case ANSWER_NO:
			break;
		default:
			b->notes[i].files_failed = desktop;
		}
	}
	return r;
}

static int ask_files(struct census_build *b)
{
	size_t nr = b->s->nr, *first, *next;
	const struct process **procs;
	int r = 0;

	if (!b->input->files || !b->nr_desktops || !choose_for_files(b))
		return 0;
	first = malloc((nr + 1) * sizeof(*first));
	next = malloc((nr + 1) * sizeof(*next));
	procs = calloc(nr + 1, sizeof(*procs));
	if (!first || !next || !procs)
		r = -ENOMEM;
	for (size_t i = 0; r == 0 && i < nr; i++)
		first[i] = CENSUS_NONE;
	for (size_t i = nr; r == 0 && i-- > 0;) {
		const struct census_node *node = &b->c->nodes[i];

		if (node->desktop_above == CENSUS_NONE || node->managed || node->desktop ||
		    b->s->procs[i].dead)
			continue;
		next[i] = first[node->desktop_above];
		first[node->desktop_above] = i;
	}
	for (size_t d = 0; r == 0 && d < b->nr_desktops; d++)
		r = ask_files_of(b, d, procs, list_processes(b, d, first, next, procs));
	free(first);
	free(next);
	free(procs);
	return r;
}

/* --- a desktop's program at an agent's work; the default ---------------------- */

/* It is started from inside an agent: it carries a marker of its own app. */
static void mark_stamped(struct census_build *b)
{
	struct bytes value;

	for (size_t d = 0; d < b->nr_desktops; d++) {
		struct desktop *desktop = &b->desktops[d];
		const struct app *app = &b->policy->apps[desktop->app];

		for (size_t m = 0;
		     desktop->by_name && app->owner != APP_OWNER_CARRIER && m < app->markers.nr;
		     m++)
			desktop->stamped = desktop->stamped ||
					   build_marker(app, m, desktop_process(b, d), &value);
	}
}

static void sum_up_names(struct census_build *b)
{
	for (size_t d = 0; d < b->nr_desktops; d++)
		b->desktops[d].names = 0;
	for (size_t i = 0; i < b->nr_claims; i++)
		b->desktops[b->claims[i].desktop].names |= b->claims[i].ways;
	build_sum_up_kinds(b);
}

/* What is at an agent's work owns nothing: its claims go. */
static void drop_at_work(struct census_build *b)
{
	size_t nr = 0;

	for (size_t d = 0; d < b->nr_desktops; d++)
		b->desktops[d].at_work = b->desktops[d].stamped;
	for (size_t i = 0; i < b->nr_claims; i++) {
		const struct claim *claim = &b->claims[i];
		const struct instance *inst = &b->c->instances[claim->instance];

		/* It names another one than it carries, or a value names it. */
		if ((claim->ways & OWNS_BY_VALUE) ||
		    !build_carries(inst->app, inst->id, desktop_process(b, claim->desktop)))
			b->desktops[claim->desktop].at_work = false;
	}
	for (size_t i = 0; i < b->nr_claims; i++)
		if (!b->desktops[b->claims[i].desktop].at_work)
			b->claims[nr++] = b->claims[i];
	b->nr_claims = nr;
}

/* Is the desktop the owner of an instance that no rule before this one gives to it? */
static bool owns_by_default(const struct desktop *d, const struct instance *inst, bool named)
{
	if (d->at_work)
		return false;
	if (inst->app->many_instances && !named)
		return true;
	/* What it says takes its default away only where agents or files bear it out. */
	return is_default(inst) && !(d->names & (OWNS_BY_DESCENT | OWNS_BY_FILES));
}

static int ask_default(struct census_build *b)
{
	int r = 0;

	for (size_t i = 0; i < b->c->nr_instances; i++) {
		const struct instance *inst = &b->c->instances[i];
		const struct desktop_kind *kind = build_kind(b, inst);
		bool named = b->notes[i].nr > 0;

		if (!kind || !((inst->app->many_instances && !named) || is_default(inst)))
			continue;
		for (size_t d = kind->first; r == 0 && d != CENSUS_NONE; d = b->desktops[d].next)
			if (owns_by_default(&b->desktops[d], inst, named))
				r = build_claim(b, i, d, OWNS_BY_DEFAULT);
	}
	return r;
}

int build_evidence(struct census_build *b)
{
	int r = build_kinds(b);

	if (r < 0)
		return r;
	mark_stamped(b);
	for (size_t m = 0; r == 0 && m < b->c->nr_members; m++) {
		r = ask_value(b, &b->c->members[m]);
		if (r == 0)
			r = ask_descent(b, &b->c->members[m]);
	}
	for (size_t d = 0; r == 0 && d < b->nr_desktops; d++)
		r = ask_carrier(b, d);
	if (r == 0 && b->nr_desktops && b->c->nr_instances)
		r = ask_texts(b);
	merge_claims(b);
	sum_up_names(b);
	if (r == 0)
		r = ask_files(b);
	merge_claims(b);
	drop_at_work(b);
	merge_claims(b);
	sum_up_names(b);
	if (r == 0)
		r = ask_default(b);
	merge_claims(b);
	return r;
}
