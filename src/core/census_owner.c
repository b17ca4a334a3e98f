/* SPDX-License-Identifier: MIT */
/* Whose is an instance: alive, gone or unknown, and on what evidence. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "core/census_build.h"
#include "core/environ.h"
#include "core/identifier.h"
#include "core/name.h"

/* The evidences in the order in which they are asked; the first that holds is told. */
static const struct {
	unsigned owns;
	enum owner_evidence evidence;
} evidences[] = {
	{ OWNS_BY_VALUE, EVIDENCE_VALUE },	   { OWNS_BY_DESCENT, EVIDENCE_DESCENT },
	{ OWNS_BY_ARGUMENTS, EVIDENCE_ARGUMENTS }, { OWNS_BY_ENVIRONMENT, EVIDENCE_ENVIRONMENT },
	{ OWNS_BY_DEFAULT, EVIDENCE_DEFAULT },
};

static uint8_t *owns_row(struct census_build *b, size_t instance)
{
	return b->owns + instance * b->nr_desktops;
}

static bool is_of(const struct census_build *b, const struct desktop *d,
		  const struct instance *inst)
{
	return &b->policy->apps[d->app] == inst->app && b->s->procs[d->proc].uid == inst->uid;
}

static bool environment_names(const struct census_build *b, const struct process *desktop,
			      struct bytes id)
{
	struct bytes name, value;
	size_t offset = 0;

	while (environ_next(desktop->environ, &offset, &name, &value))
		if (value.len >= id.len && identifier_in(value, id) &&
		    !policy_is_marker(b->policy, name))
			return true;
	return false;
}

/* Rules 1 and 2: what the members of the instance say about desktops. */
static void ask_members(struct census_build *b, size_t instance)
{
	struct instance *inst = &b->c->instances[instance];
	size_t app = (size_t)(inst->app - b->policy->apps);
	uint8_t *row = owns_row(b, instance);

	for (size_t m = inst->first; m < inst->first + inst->nr; m++) {
		const struct member *member = &b->c->members[m];
		size_t proc = (size_t)(member->proc - b->s->procs);
		size_t above = build_desktop_above(b, proc, app);
		const struct process *named = NULL;

		if (inst->app->owner == APP_OWNER_PID && !member->inferred)
			named = build_value_owner(b->s, inst->id, member->proc);
		for (size_t d = 0; d < b->nr_desktops; d++) {
			const struct process *desktop = &b->s->procs[b->desktops[d].proc];

			if (!is_of(b, &b->desktops[d], inst))
				continue;
			if (desktop == named)
				row[d] |= OWNS_BY_VALUE;
			/* One that carries the marker itself was started inside an agent. */
			if (b->desktops[d].proc == above &&
			    !build_carries(inst->app, inst->id, desktop))
				row[d] |= OWNS_BY_DESCENT;
		}
	}
}

/* Rule 3: what the desktops say about the instance. */
static void ask_desktops(struct census_build *b, size_t instance)
{
	struct instance *inst = &b->c->instances[instance];
	uint8_t *row = owns_row(b, instance);

	for (size_t d = 0; d < b->nr_desktops; d++) {
		const struct process *desktop = &b->s->procs[b->desktops[d].proc];

		if (!is_of(b, &b->desktops[d], inst))
			continue;
		if (identifier_in(desktop->args, inst->id))
			row[d] |= OWNS_BY_ARGUMENTS;
		if (environment_names(b, desktop, inst->id))
			row[d] |= OWNS_BY_ENVIRONMENT;
	}
}

/* Does the desktop name an instance, in one of these ways? Not counting @but. */
static bool names_any(struct census_build *b, size_t desktop, unsigned ways,
		      const struct instance *but)
{
	for (size_t i = 0; i < b->c->nr_instances; i++)
		if (&b->c->instances[i] != but &&
		    is_of(b, &b->desktops[desktop], &b->c->instances[i]) &&
		    (owns_row(b, i)[desktop] & ways))
			return true;
	return false;
}

/* Rule 4: a desktop that names nobody is the default instance's. */
static void ask_default(struct census_build *b, size_t instance)
{
	struct instance *inst = &b->c->instances[instance];

	if (!inst->app->default_instance || !bytes_is(inst->id, inst->app->default_instance))
		return;
	for (size_t d = 0; d < b->nr_desktops; d++)
		if (is_of(b, &b->desktops[d], inst) && !names_any(b, d, NAMES, NULL))
			owns_row(b, instance)[d] |= OWNS_BY_DEFAULT;
}

/*
 * A process that could not be read and whose name was cut may be a desktop: the
 * rest of its name stands in what could not be read.
 */
static bool may_be_desktop(const struct app *app, const struct process *proc)
{
	if (proc->dead || proc->exe || proc->args_read != READ_REFUSED ||
	    strlen(proc->comm) < COMM_MAX)
		return false;
	for (size_t i = 0; i < app->desktops.nr; i++)
		if (strncmp(app->desktops.items[i], proc->comm, COMM_MAX) == 0)
			return true;
	return false;
}

static const struct process *find_unreadable(const struct census_build *b,
					     const struct instance *inst)
{
	for (size_t i = 0; i < b->s->nr; i++)
		if (b->s->procs[i].uid == inst->uid && may_be_desktop(inst->app, &b->s->procs[i]))
			return &b->s->procs[i];
	return NULL;
}

/* Rule 5, what one desktop makes doubtful. */
static enum owner_doubt doubt_by(struct census_build *b, const struct instance *inst, size_t d)
{
	const struct process *desktop = &b->s->procs[b->desktops[d].proc];

	/* What is a desktop by a marker's value alone is the owner of that value and no other. */
	if (!is_of(b, &b->desktops[d], inst) || !b->desktops[d].by_name)
		return DOUBT_NONE;
	if (desktop->args_read != READ_DONE || desktop->environ_read != READ_DONE)
		return DOUBT_UNREADABLE;
	if (!inst->app->default_instance)
		return names_any(b, d, NAMES, NULL) ? DOUBT_NONE : DOUBT_NAMELESS;
	if (bytes_is(inst->id, inst->app->default_instance) &&
	    !names_any(b, d, NAMES_STRONGLY, NULL) && names_any(b, d, OWNS_BY_ENVIRONMENT, inst))
		return DOUBT_INHERITED;
	return DOUBT_NONE;
}

/* owner = pid: no pid, or a process of somebody else, who does not speak for this user. */
static bool value_is_doubtful(const struct census_build *b, const struct instance *inst)
{
	uint64_t start;
	pid_t pid;

	if (inst->app->owner != APP_OWNER_PID)
		return false;
	if (app_parse_owner(inst->id, &pid, &start) < 0)
		return true;
	for (size_t m = inst->first; m < inst->first + inst->nr; m++)
		if (!b->c->members[m].inferred &&
		    build_value_owner(b->s, inst->id, b->c->members[m].proc))
			return true;
	return false;
}

/* One that has a desktop of the instance below it has started that already. */
const struct process *census_find_launcher(const struct census *c, const struct instance *inst)
{
	const struct snapshot *s = c->snapshot;

	for (size_t i = 0; i < s->nr; i++) {
		const struct process *proc = &s->procs[i];
		const struct census_node *node = &c->nodes[i];

		if (proc->uid != inst->uid || proc->dead || node->managed || node->desktop ||
		    node->self || proc->id.pid == s->self || !identifier_in(proc->args, inst->id))
			continue;
		if (inst->desktop && census_descends(c, inst->desktop, proc))
			continue;
		return proc;
	}
	return NULL;
}

static void decide(struct census_build *b, size_t instance)
{
	struct instance *inst = &b->c->instances[instance];
	const uint8_t *row = owns_row(b, instance);

	for (size_t e = 0; e < sizeof(evidences) / sizeof(evidences[0]); e++)
		for (size_t d = 0; d < b->nr_desktops; d++) {
			if (!(row[d] & evidences[e].owns))
				continue;
			inst->owner = OWNER_ALIVE;
			inst->evidence = evidences[e].evidence;
			inst->desktop = &b->s->procs[b->desktops[d].proc];
			return;
		}
	inst->owner = OWNER_UNKNOWN;
	if (!b->s->complete)
		inst->doubt = DOUBT_INCOMPLETE;
	else if (value_is_doubtful(b, inst))
		inst->doubt = DOUBT_VALUE;
	for (size_t d = 0; inst->doubt == DOUBT_NONE && d < b->nr_desktops; d++) {
		inst->doubt = doubt_by(b, inst, d);
		if (inst->doubt != DOUBT_NONE)
			inst->desktop = &b->s->procs[b->desktops[d].proc];
	}
	if (inst->doubt == DOUBT_NONE && (inst->desktop = find_unreadable(b, inst)))
		inst->doubt = DOUBT_UNREADABLE;
	if (inst->doubt == DOUBT_NONE)
		inst->owner = OWNER_GONE;
}

int build_owners(struct census_build *b)
{
	size_t cells = b->c->nr_instances * b->nr_desktops;

	b->owns = calloc(cells ? cells : 1, 1);
	if (!b->owns)
		return -ENOMEM;
	for (size_t i = 0; i < b->c->nr_instances; i++) {
		ask_members(b, i);
		ask_desktops(b, i);
	}
	for (size_t i = 0; i < b->c->nr_instances; i++)
		ask_default(b, i);
	for (size_t i = 0; i < b->c->nr_instances; i++) {
		struct instance *inst = &b->c->instances[i];
		const struct process *launcher;

		decide(b, i);
		launcher = b->input->confirm ? census_find_launcher(b->c, inst) : NULL;
		if (launcher) {
			inst->owner = OWNER_UNKNOWN;
			inst->evidence = EVIDENCE_NONE;
			inst->doubt = DOUBT_LAUNCHER;
			inst->desktop = launcher;
		}
	}
	return 0;
}
