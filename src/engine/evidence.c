/* SPDX-License-Identifier: MIT */
/* What the census asks of the source and the ledger where the table alone does not tell. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "engine/engine.h"
#include "engine/receipts.h"

struct folders {
	char **paths;
	size_t nr;
	bool failed; /* one could not be told */
};

static void folders_release(struct folders *f)
{
	for (size_t i = 0; i < f->nr; i++)
		free(f->paths[i]);
	free(f->paths);
}

/* The app's data folders for that id, as the desktop's environment has them. */
static void find_folders(const struct app *app, struct bytes id, const struct process *desktop,
			 struct folders *ret)
{
	ret->paths = calloc(app->data.nr + 1, sizeof(*ret->paths));
	ret->failed = !ret->paths || desktop->environ_read != READ_DONE;
	for (size_t i = 0; !ret->failed && i < app->data.nr; i++) {
		if (receipts_expand(app->data.items[i], id, desktop->environ,
				    &ret->paths[ret->nr]) == 0)
			ret->nr++;
		else
			ret->failed = true;
	}
}

static enum answer on_files(void *ctx, const struct process *desktop,
			    const struct process *const *procs, size_t nr,
			    const struct instance *inst)
{
	struct source *src = ((struct engine *)ctx)->source;
	_cleanup_free_ pid_t *pids = calloc(nr + 1, sizeof(*pids));
	enum answer answer = ANSWER_UNKNOWN;
	struct folders folders = { 0 };

	/* No folder has such a name. */
	if (memchr(inst->id.data, '/', inst->id.len) || memchr(inst->id.data, '\0', inst->id.len))
		return ANSWER_NO;
	find_folders(inst->app, inst->id, desktop, &folders);
	for (size_t i = 0; pids && i < nr; i++)
		pids[i] = procs[i]->id.pid;
	if (pids && folders.nr)
		answer = src->ops->holds_files(src, pids, nr, (const char *const *)folders.paths,
					       folders.nr);
	if (answer == ANSWER_NO && folders.failed)
		answer = ANSWER_UNKNOWN;
	folders_release(&folders);
	return answer;
}

static enum answer on_service(void *ctx, struct arena *storage, const struct process *proc,
			      const char **ret_unit)
{
	struct source *src = ((struct engine *)ctx)->source;
	char unit[256] = "";
	enum answer answer = src->ops->service(src, proc, unit, sizeof(unit));

	if (answer == ANSWER_YES && unit[0])
		*ret_unit = arena_copy(storage, unit, strnlen(unit, sizeof(unit)));
	return answer;
}

static enum answer on_hung_up(void *ctx, const struct process *proc)
{
	struct engine *eng = ctx;
	enum answer answer;

	if (eng->steady && recent_has(&eng->hung_up, &proc->id))
		return ANSWER_YES;
	answer = eng->source->ops->hung_up(eng->source, proc);
	if (eng->steady && answer == ANSWER_YES)
		recent_add(&eng->hung_up, &proc->id);
	return answer;
}

/*
 * Look up what @proc holds, and with it its siblings that lead no session either: dead
 * servers have one adopter, and one call for all of them costs as much as for one.
 */
static int look_up_siblings(struct engine *eng, const struct process *proc)
{
	struct snapshot *s = eng->scan;
	_cleanup_free_ bool *wanted = calloc(s->nr + 1, sizeof(*wanted));

	if (!wanted)
		return -ENOMEM;
	for (size_t i = 0; i < s->nr; i++) {
		const struct process *other = &s->procs[i];

		wanted[i] =
			other == proc || (other->ppid == proc->ppid && other->uid == proc->uid &&
					  other->sid != other->id.pid && !other->tty_nr);
	}
	return probes_look(&eng->servers, eng->source, s, wanted);
}

static enum answer look_up_held(struct engine *eng, const struct process *proc)
{
	const struct probe *p = NULL;

	if (eng->servers.of == eng->scan)
		p = probes_find(&eng->servers, proc->id.pid);
	if (!p && look_up_siblings(eng, proc) < 0)
		return ANSWER_UNKNOWN;
	if (eng->servers.error)
		return ANSWER_UNKNOWN;
	p = p ?: probes_find(&eng->servers, proc->id.pid);
	if (!p || p->failed)
		return ANSWER_UNKNOWN;
	return p->window || p->display || p->mount || p->nr_ports ? ANSWER_YES : ANSWER_NO;
}

static enum answer on_holds(void *ctx, const struct process *proc)
{
	struct engine *eng = ctx;
	enum answer answer;

	if (eng->steady && recent_has(&eng->bare, &proc->id))
		return ANSWER_NO;
	answer = look_up_held(eng, proc);
	if (eng->steady && answer == ANSWER_NO)
		recent_add(&eng->bare, &proc->id);
	return answer;
}

static enum answer on_ended(void *ctx, pid_t pid)
{
	struct source *src = ((struct engine *)ctx)->source;

	return src->ops->ended(src, pid);
}

/* The ledger holds when a desktop was seen to end, until another one is seen. */
static bool on_seen_gone(void *ctx, const struct instance *inst)
{
	const struct engine *eng = ctx;
	const struct instance_key key = instance_key_of(inst);
	const struct ledger_owner *row = ledger_find_owner(&eng->ledger, &key);

	return row && row->gone_ms >= 0;
}

void engine_set_evidence(struct engine *eng, struct census_input *input)
{
	const struct source_ops *ops = eng->source->ops;

	input->ctx = eng;
	input->files = ops->holds_files ? on_files : NULL;
	input->service = ops->service ? on_service : NULL;
	input->hung_up = ops->hung_up ? on_hung_up : NULL;
	input->holds = ops->probe ? on_holds : NULL;
	input->ended = ops->ended ? on_ended : NULL;
	input->seen_gone = on_seen_gone;
	input->reap = eng->options.reap;
}
