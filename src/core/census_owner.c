/* SPDX-License-Identifier: MIT */
/* The owner of each instance: alive, gone or unknown, and on what evidence. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "core/census_build.h"
#include "core/name.h"

/* The evidences in the order in which they are asked; the first that holds is told. */
static const struct {
	unsigned owns;
	enum owner_evidence evidence;
} evidences[] = {
	{ OWNS_BY_VALUE, EVIDENCE_VALUE },
	{ OWNS_BY_CARRIER, EVIDENCE_CARRIER },
	{ OWNS_BY_DESCENT, EVIDENCE_DESCENT },
	{ OWNS_BY_ARGUMENTS, EVIDENCE_ARGUMENTS },
	{ OWNS_BY_ENVIRONMENT, EVIDENCE_ENVIRONMENT },
	{ OWNS_BY_FILES, EVIDENCE_FILES },
	{ OWNS_BY_DEFAULT, EVIDENCE_DEFAULT },
};

static void decide(struct census_build *b, size_t instance)
{
	struct instance *inst = &b->c->instances[instance];
	const struct instance_notes *notes = &b->notes[instance];

	/* A dead server's client is gone, whatever its name: nothing else can own it. */
	if (inst->app->stdio && b->s->complete) {
		inst->owner = OWNER_GONE;
		inst->evidence = EVIDENCE_HUNG_UP;
		return;
	}
	for (size_t e = 0; e < ARRAY_SIZE(evidences); e++)
		for (size_t i = notes->first; i < notes->first + notes->nr; i++) {
			if (!(b->claims[i].ways & evidences[e].owns))
				continue;
			inst->owner = OWNER_ALIVE;
			inst->evidence = evidences[e].evidence;
			inst->desktop = &b->s->procs[b->desktops[b->claims[i].desktop].proc];
			return;
		}
	build_doubt(b, inst);
}

/* A process that is about to start the desktop again: its owner is not gone. */
static void doubt_launcher(struct census_build *b, size_t instance)
{
	struct instance *inst = &b->c->instances[instance];
	size_t launcher = b->notes[instance].launcher;

	if (launcher == CENSUS_NONE)
		return;
	inst->owner = OWNER_UNKNOWN;
	inst->evidence = EVIDENCE_NONE;
	inst->doubt = DOUBT_LAUNCHER;
	inst->desktop = &b->s->procs[launcher];
}

/* Collect the processes with refused arguments and a cut name: each may be a desktop. */
static int find_cut(struct census_build *b)
{
	for (size_t i = 0; i < b->s->nr; i++) {
		const struct process *proc = &b->s->procs[i];

		if (proc->dead || proc->exe || proc->args_read != READ_REFUSED ||
		    strlen(proc->comm) < COMM_MAX)
			continue;
		if (ARRAY_GROW(b->cut, b->nr_cut, b->alloc_cut) < 0)
			return -ENOMEM;
		b->cut[b->nr_cut++] = i;
	}
	return 0;
}

int build_owners(struct census_build *b)
{
	struct census *c = b->c;
	int r;

	b->notes = calloc(c->nr_instances + 1, sizeof(*b->notes));
	if (!b->notes)
		return -ENOMEM;
	for (size_t i = 0; i < c->nr_instances; i++)
		b->notes[i].other_user = b->notes[i].files_failed = b->notes[i].launcher =
			CENSUS_NONE;
	for (size_t m = 0; m < c->nr_members; m++)
		c->members[m].root = &b->s->procs[b->roots[c->members[m].proc - b->s->procs]];
	r = find_cut(b);
	if (r == 0)
		r = build_evidence(b);
	for (size_t i = 0; r == 0 && i < c->nr_instances; i++)
		decide(b, i);
	if (r == 0 && b->input->confirm)
		r = build_launchers(b);
	for (size_t i = 0; r == 0 && i < c->nr_instances; i++)
		doubt_launcher(b, i);
	return r;
}
