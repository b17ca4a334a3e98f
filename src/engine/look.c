/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "engine/engine.h"
#include "engine/receipts.h"
#include "engine/sandboxes.h"

bool engine_in_scope(const struct engine *eng, const struct instance *inst)
{
	const struct scope *scope = &eng->options.scope;

	return scope_has_user(scope, inst->uid) && scope_has(scope, inst);
}

/* The folder is remembered: when the owner is gone, nothing else tells where it was. */
static void remember_folder(struct engine *eng, const struct instance *inst, char *path)
{
	struct instance_key key = instance_key_of(inst);
	struct ledger_owner *owner = ledger_add_owner(&eng->ledger, &key);

	if (!owner || (owner->receipts && strcmp(owner->receipts, path) == 0)) {
		free(path);
		return;
	}
	free(owner->receipts);
	owner->receipts = path;
	eng->dirty = true;
}

/* For receipts_report.known: what is being looked at, and for which engine. */
struct receipts_look {
	struct engine *eng;
	const struct census *c;
};

static void on_odd_receipt(void *ctx, const char *path, const char *what, bool ignored)
{
	const struct receipts_look *look = ctx;

	engine_warn_receipt(look->eng, path, what, ignored);
}

/* Does it run, or was it remembered, or is it the app's own default? */
static bool is_known_instance(void *ctx, const struct instance *inst, struct bytes id)
{
	const struct receipts_look *look = ctx;
	struct instance_key key = { inst->app->name, id, inst->uid };

	return (inst->app->default_instance && bytes_is(id, inst->app->default_instance)) ||
	       census_find_instance(look->c, &key) || ledger_find_owner(&look->eng->ledger, &key);
}

static struct receipts on_receipts(void *ctx, struct census *c, const struct instance *inst,
				   const struct process *desktop)
{
	struct engine *eng = ctx;
	struct receipts_look look = { eng, c };
	const struct receipts_report report = {
		.warn = on_odd_receipt,
		.known = is_known_instance,
		.ctx = &look,
	};
	char *path = NULL;
	struct receipts receipts = receipts_read(&c->storage, &eng->receipts, inst, desktop,
						 eng->pid_ns, &report, &path);

	if (path && engine_in_scope(eng, inst))
		remember_folder(eng, inst, path);
	else
		free(path);
	return receipts;
}

/* Has it another parent than when it was first seen, this run or an earlier one? */
static bool on_parent_changed(void *ctx, const struct process *proc)
{
	struct engine *eng = ctx;
	const struct ledger_process *row = ledger_find_any(&eng->ledger, &proc->id);
	const struct process *parent = snapshot_find(eng->scan, proc->ppid);

	if (!row)
		return false;
	if (row->parent.pid != proc->ppid)
		return true;
	/* The number of its parent may have been handed out again. */
	return parent && identity_is_set(&row->parent) && row->parent.start_ticks &&
	       !identity_equal(&parent->id, &row->parent);
}

static bool on_remembered(void *ctx, const struct process *proc, size_t nth, struct remembered *ret)
{
	struct engine *eng = ctx;
	const struct ledger_process *row = ledger_find_inferred(&eng->ledger, &proc->id, nth);

	if (!row)
		return false;
	*ret = (struct remembered){
		.key = row->key,
		.from = row->from,
		.generation = row->generation ? bytes_of(row->generation) : (struct bytes){ 0 },
	};
	return true;
}

static bool on_sandboxed(void *ctx, const struct process *init, const struct instance *inst)
{
	const struct engine *eng = ctx;

	return sandboxes_has(&eng->ledger, init, inst);
}

/* Warn once where an owner is unknown only because /proc hides processes. */
static void warn_hidden(struct engine *eng, const struct census *c)
{
	for (size_t i = 0; i < c->nr_instances; i++)
		if (c->instances[i].doubt == DOUBT_HIDDEN &&
		    engine_in_scope(eng, &c->instances[i])) {
			engine_warn_once(
				eng, WARNING_HIDDEN,
				"processes of ours may be hidden (hidepid=2, proc(5)), so no "
				"owner is gone: run as root, or mount /proc with gid= of a group "
				"of yours");
			return;
		}
}

/* What the ledger knows to have been inferred carries no marker that the source could see. */
static int hold_remembered(struct engine *eng)
{
	const struct ledger *l = &eng->ledger;
	_cleanup_free_ struct identity *ids = NULL;
	size_t nr = 0, alloc = 0;

	if (!eng->source->ops->hold)
		return 0;
	for (size_t i = 0; i < l->nr_procs; i++) {
		if (!identity_is_set(&l->procs[i].from))
			continue;
		if (ARRAY_GROW(ids, nr, alloc) < 0)
			return -ENOMEM;
		ids[nr++] = l->procs[i].id;
	}
	return eng->source->ops->hold(eng->source, ids, nr);
}

int engine_look(struct engine *eng, enum scan_mode mode, bool confirm, struct census **ret_census)
{
	struct census_input input = {
		.policy = eng->options.policy,
		.uid = eng->options.scope.uid,
		.all_users = eng->options.scope.all_users,
		.receipts = on_receipts,
		.parent_changed = on_parent_changed,
		.remembered = on_remembered,
		.sandboxed = on_sandboxed,
		.ctx = eng,
		.wrapper = eng->options.wrapper,
		.wrapper_id = eng->options.wrapper_id,
		.wrapper_shared = eng->options.wrapper_shared,
		.confirm = confirm,
	};
	struct snapshot *s = NULL;
	struct census *c = NULL;
	const struct process *self;
	bool changed = false;
	int r;

	r = hold_remembered(eng);
	if (r < 0)
		return r;
	r = eng->source->ops->scan(eng->source, confirm ? SCAN_FULL : mode, &s);
	if (r < 0)
		return r;
	self = snapshot_find(s, s->self);
	if (self)
		eng->self = self->id;
	eng->pid_ns = s->pid_ns;
	input.snapshot = s;
	engine_set_evidence(eng, &input);
	receipts_cache_begin(&eng->receipts, !s->full, s->realtime_ms / 1000);
	eng->scan = s;
	r = census_build(&input, &c);
	eng->scan = NULL;
	snapshot_unref(s);
	if (r == 0)
		warn_hidden(eng, c);
	if (r == 0)
		r = sandboxes_note(&eng->ledger, c, &changed);
	eng->dirty = eng->dirty || changed;
	if (r < 0) {
		census_unref(c);
		return r;
	}
	*ret_census = c;
	return 0;
}

void engine_find_cgroups(struct engine *eng, struct census *c)
{
	struct source *src = eng->source;
	char name[256];

	for (size_t i = 0; src->ops->cgroup && i < c->nr_instances; i++) {
		struct instance *inst = &c->instances[i];
		size_t at = inst->first, end = inst->first + inst->nr;

		while (at < end && c->members[at].proc->dead)
			at++;
		if (at < end && engine_in_scope(eng, inst) &&
		    src->ops->cgroup(src, c->members[at].proc->id.pid, name, sizeof(name)))
			inst->cgroup = arena_copy(&c->storage, name, strlen(name));
	}
}

int engine_watch(struct engine *eng, const struct census *c)
{
	const struct scope *scope = &eng->options.scope;
	_cleanup_free_ struct identity *ids = NULL;
	size_t nr = 0, alloc = 0;

	for (size_t i = 0; i < c->snapshot->nr; i++) {
		const struct process *proc = &c->snapshot->procs[i];

		if (!scope_has_user(scope, proc->uid) || !c->nodes[i].desktop)
			continue;
		if (ARRAY_GROW(ids, nr, alloc) < 0)
			return -ENOMEM;
		ids[nr++] = proc->id;
	}
	return eng->source->ops->watch(eng->source, ids, nr);
}
