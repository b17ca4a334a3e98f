/* SPDX-License-Identifier: MIT */
/* What keeps an owner that is not proven ALIVE from being proven GONE. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "core/census_build.h"
#include "core/identifier.h"
#include "core/identifier_index.h"
#include "core/name.h"

static size_t index_of_instance(const struct census_build *b, const struct instance *inst)
{
	return (size_t)(inst - b->c->instances);
}

/* Set the doubt and the process that makes it. True, for the rules to return. */
static bool doubt(struct instance *inst, enum owner_doubt why, const struct process *by)
{
	inst->doubt = why;
	inst->desktop = by;
	return true;
}

/* owner = pid: the value is none, or means nothing here, or names another user's process. */
static bool doubt_value(const struct census_build *b, struct instance *inst)
{
	const struct instance_notes *notes = &b->notes[index_of_instance(b, inst)];
	uint64_t start;
	pid_t pid;

	if (inst->app->owner != APP_OWNER_PID)
		return false;
	if (app_parse_owner(inst->id, &pid, &start) < 0)
		return doubt(inst, DOUBT_VALUE, NULL);
	return notes->outside && doubt(inst, DOUBT_CONTAINER, notes->outside);
}

/* Is the name of one that could not be read the beginning of a desktop's? */
static bool may_be_desktop(const struct app *app, const struct process *proc)
{
	for (size_t i = 0; i < app->desktops.nr; i++)
		if (strncmp(app->desktops.items[i], proc->comm, COMM_MAX) == 0)
			return true;
	return false;
}

/*
 * The first desktop of the kind that names no instance and may so be the owner of this
 * one, or CENSUS_NONE. One at this instance's work is not.
 */
static size_t find_silent(const struct census_build *b, const struct desktop_kind *kind,
			  const struct instance *inst)
{
	size_t d = strings_match(&inst->app->named, inst->id) ? CENSUS_NONE : kind->silent;

	while (d != CENSUS_NONE && b->desktops[d].at_work &&
	       build_carries(inst->app, inst->id, &b->s->procs[b->desktops[d].proc]))
		d = b->desktops[d].next_silent;
	return d;
}

/* Where the value names the owner, a name casts no doubt. */
static bool doubt_desktops(const struct census_build *b, struct instance *inst)
{
	const struct desktop_kind *kind = build_kind(b, inst);

	if (inst->app->owner == APP_OWNER_PID)
		return false;
	if (kind) {
		size_t silent = find_silent(b, kind, inst);
		size_t d = silent < kind->unreadable ? silent : kind->unreadable;

		if (d != CENSUS_NONE)
			return doubt(inst,
				     d != silent	      ? DOUBT_UNREADABLE
				     : b->desktops[d].at_work ? DOUBT_AT_WORK
							      : DOUBT_NAMELESS,
				     &b->s->procs[b->desktops[d].proc]);
	}
	for (size_t i = 0; i < b->nr_cut; i++) {
		const struct process *proc = &b->s->procs[b->cut[i]];

		if (proc->uid == inst->uid && may_be_desktop(inst->app, proc))
			return doubt(inst, DOUBT_UNREADABLE, proc);
	}
	return false;
}

static bool doubt_notes(const struct census_build *b, struct instance *inst)
{
	const struct instance_notes *notes = &b->notes[index_of_instance(b, inst)];
	size_t d = notes->files_failed;

	if (d != CENSUS_NONE)
		return doubt(inst, DOUBT_FILES, &b->s->procs[b->desktops[d].proc]);
	d = notes->other_user;
	return d != CENSUS_NONE && doubt(inst, DOUBT_OTHER_USER, &b->s->procs[b->desktops[d].proc]);
}

/*
 * Doubt where the root of a marked process has a live parent of its own, which may be
 * the owner under a name that no profile has, or where systemd runs it as a service.
 */
static bool doubt_parent(const struct census_build *b, struct instance *inst,
			 const struct member *m)
{
	const struct census_node *nodes = b->c->nodes;
	const struct parting *parting;

	/* Stray and what it runs in are only looking. */
	if (m->inferred || m->proc->dead || nodes[m->proc - b->s->procs].self ||
	    !build_is_ours(b->s, m->proc))
		return false;
	parting = build_parting(b, m->root);
	if (parting->lost || parting->reason == BECAUSE_ROOT_IS_INIT)
		return false;
	if (parting->reason == BECAUSE_SERVICE) {
		inst->unit = parting->unit;
		return doubt(inst, DOUBT_SERVICE, m->root);
	}
	/* What has no parent in our namespace entered it, and its parent lives outside. */
	if (!parting->because)
		return m->root->ppid == 0 && doubt(inst, DOUBT_PARENT, m->root);
	if (parting->because->dead || parting->because->id.pid == b->s->self ||
	    (b->input->reap && nodes[parting->because - b->s->procs].self))
		return false;
	return doubt(inst, DOUBT_PARENT, parting->because);
}

/* Where /proc hides processes of ours, an owner that is not seen is not gone. */
static bool doubt_hidden(const struct census_build *b, struct instance *inst)
{
	const struct census_input *input = b->input;
	uint64_t start;
	pid_t pid;

	if (!b->s->hides)
		return false;
	if (input->seen_gone && input->seen_gone(input->ctx, inst))
		return false;
	if (inst->app->owner == APP_OWNER_PID && app_parse_owner(inst->id, &pid, &start) == 0 &&
	    (snapshot_find(b->s, pid) ||
	     (input->ended && input->ended(input->ctx, pid) == ANSWER_YES)))
		return false;
	return doubt(inst, DOUBT_HIDDEN, NULL);
}

void build_doubt(const struct census_build *b, struct instance *inst)
{
	bool any = false;

	inst->owner = OWNER_UNKNOWN;
	if (!b->s->complete)
		any = doubt(inst, DOUBT_INCOMPLETE, NULL);
	any = any || doubt_value(b, inst) || doubt_desktops(b, inst) || doubt_notes(b, inst);
	for (size_t m = inst->first; !any && m < inst->first + inst->nr; m++)
		any = doubt_parent(b, inst, &b->c->members[m]);
	any = any || doubt_hidden(b, inst);
	if (!any)
		inst->owner = OWNER_GONE;
}

/* --- launchers ---------------------------------------------------------------- */

/* A pid, digits, a few bytes or a program's name stand in too many arguments to mean the id. */
static bool is_asked_of_launchers(const struct instance *inst)
{
	bool digits = true;

	for (size_t i = 0; i < inst->id.len; i++)
		digits = digits && inst->id.data[i] >= '0' && inst->id.data[i] <= '9';
	return inst->app->owner != APP_OWNER_PID && !inst->app->stdio && !digits &&
	       inst->id.len >= 6;
}

/* Alive, neither managed nor a desktop, and not stray or above it. */
static bool may_launch(const struct census *c, size_t proc)
{
	const struct census_node *node = &c->nodes[proc];

	return !c->snapshot->procs[proc].dead && !node->managed && !node->desktop && !node->self &&
	       c->snapshot->procs[proc].id.pid != c->snapshot->self;
}

/* One that has a desktop of the instance below it has started that already. */
static bool is_launcher(const struct census *c, size_t proc, const struct instance *inst)
{
	return c->snapshot->procs[proc].uid == inst->uid &&
	       !(inst->desktop && inst->owner == OWNER_ALIVE &&
		 census_descends(c, inst->desktop, &c->snapshot->procs[proc]));
}

const struct process *census_find_launcher(const struct census *c, const struct instance *inst)
{
	const struct snapshot *s = c->snapshot;

	for (size_t i = 0; is_asked_of_launchers(inst) && i < s->nr; i++)
		if (may_launch(c, i) && identifier_in(s->procs[i].args, inst->id) &&
		    is_launcher(c, i, inst))
			return &s->procs[i];
	return NULL;
}

struct launch {
	struct census_build *b;
	size_t proc;
};

static void on_launcher(void *ctx, size_t instance)
{
	const struct launch *launch = ctx;
	struct instance_notes *notes = &launch->b->notes[instance];
	const struct instance *inst = &launch->b->c->instances[instance];

	if (notes->launcher == CENSUS_NONE && is_asked_of_launchers(inst) &&
	    is_launcher(launch->b->c, launch->proc, inst))
		notes->launcher = launch->proc;
}

int build_launchers(struct census_build *b)
{
	struct identifier_index index = { 0 };
	struct bytes *ids = build_ids(b->c);
	int r = ids ? identifier_index_init(&index, ids, b->c->nr_instances) : -ENOMEM;

	for (size_t i = 0; r == 0 && i < b->s->nr; i++) {
		struct launch launch = { b, i };

		if (may_launch(b->c, i))
			identifier_index_find(&index, b->s->procs[i].args, on_launcher, &launch);
	}
	identifier_index_release(&index);
	free(ids);
	return r;
}
