/* SPDX-License-Identifier: MIT */
#include "property/truth.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

static struct receipts ask_receipts(void *ctx, struct census *c, const struct instance *inst,
				    const struct process *desktop)
{
	struct truth *facts = ctx;
	struct fact_receipts r = facts->receipts(facts, inst->app->name, inst->id);
	pid_t *copy;

	(void)desktop;
	if (r.state != RECEIPTS_READ)
		return (struct receipts){ .state = r.state };
	copy = (pid_t *)(void *)arena_copy(&c->storage, r.pids, sizeof(r.pids));
	if (!copy)
		abort();
	return (struct receipts){ .state = r.state, .pids = copy, .nr = r.nr };
}

static bool ask_parent(void *ctx, const struct process *proc)
{
	struct truth *facts = ctx;

	return facts->of(facts, proc).parent_changed;
}

static enum answer ask_files(void *ctx, const struct process *desktop,
			     const struct process *const *procs, size_t nr,
			     const struct instance *inst)
{
	struct truth *facts = ctx;
	bool refused = false;

	(void)desktop;
	for (size_t i = 0; i < nr; i++) {
		struct fact fact = facts->of(facts, procs[i]);

		if (fact.files && inst->id.len == strlen(fact.files) &&
		    !memcmp(fact.files, inst->id.data, inst->id.len))
			return ANSWER_YES;
		refused |= fact.files_refused;
	}
	return refused ? ANSWER_UNKNOWN : ANSWER_NO;
}

static enum answer ask_service(void *ctx, struct arena *storage, const struct process *proc,
			       const char **ret_unit)
{
	struct truth *facts = ctx;
	enum answer answer = facts->of(facts, proc).service;

	(void)storage;
	if (answer == ANSWER_YES)
		*ret_unit = "x.service";
	return answer;
}

static enum answer ask_hung_up(void *ctx, const struct process *proc)
{
	struct truth *facts = ctx;

	return facts->of(facts, proc).hung_up;
}

static bool ask_remembered(void *ctx, const struct process *proc, size_t nth,
			   struct remembered *ret)
{
	struct truth *facts = ctx;
	struct fact fact = facts->of(facts, proc);
	const struct fact_memory *was = &fact.remembered[nth];

	if (nth >= fact.nr_remembered)
		return false;
	*ret = (struct remembered){
		.key = { .app = was->app, .id = { was->id, strlen(was->id) }, .uid = proc->uid },
		.from = was->from,
		.generation = { was->generation, strlen(was->generation) },
	};
	return true;
}

static bool ask_sandboxed(void *ctx, const struct process *init, const struct instance *inst)
{
	struct truth *facts = ctx;
	struct fact fact = facts->of(facts, init);

	for (size_t i = 0; i < fact.nr_sandboxes; i++)
		if (!strcmp(fact.sandboxes[i].app, inst->app->name) && init->uid == inst->uid &&
		    inst->id.len == strlen(fact.sandboxes[i].id) &&
		    !memcmp(fact.sandboxes[i].id, inst->id.data, inst->id.len))
			return true;
	return false;
}

void truth_install(struct truth *facts, struct census_input *input)
{
	input->receipts = ask_receipts;
	input->parent_changed = ask_parent;
	input->files = ask_files;
	input->service = ask_service;
	input->hung_up = ask_hung_up;
	input->remembered = ask_remembered;
	input->sandboxed = ask_sandboxed;
	input->ctx = facts;
}

static struct fact plain_fact(const struct truth *truth, const struct process *p)
{
	(void)truth;
	(void)p;
	return (struct fact){ .hung_up = ANSWER_NO, .service = ANSWER_NO };
}

static struct fact_receipts plain_receipts(const struct truth *truth, const char *app,
					   struct bytes id)
{
	(void)truth;
	(void)app;
	(void)id;
	return (struct fact_receipts){ .state = RECEIPTS_NONE };
}

const struct truth truth_plain = { plain_fact, plain_receipts };
