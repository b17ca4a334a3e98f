/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "engine/engine.h"
#include "base/escape.h"
#include "engine/receipts.h"

static bool is_gone(enum outcome outcome)
{
	return outcome == OUTCOME_EXITED || outcome == OUTCOME_KILLED || outcome == OUTCOME_GONE;
}

/* Every result is a verified end, at least one is. */
static bool all_gone(const struct reap_report *report)
{
	for (size_t i = 0; i < report->nr; i++) {
		if (!is_gone(report->results[i].outcome))
			return false;
	}
	return report->nr > 0 && !report->stopped;
}

/*
 * Is nothing left of the instance in the complete scan of @c, and no desktop of the app
 * that was not there in @base (NULL: none at all)? A new one may be writing receipts at
 * this moment.
 */
static bool nothing_left(const struct census *c, const struct census *base,
			 const struct instance *inst)
{
	struct instance_key key = instance_key_of(inst);

	if (census_find_instance(c, &key))
		return false;
	for (size_t i = 0; i < c->snapshot->nr; i++) {
		const struct process *proc = &c->snapshot->procs[i], *then;

		if (proc->dead || proc->uid != inst->uid)
			continue;
		then = base ? snapshot_find(base->snapshot, proc->id.pid) : NULL;
		if (!(then && identity_equal(&then->id, &proc->id)) &&
		    app_is_desktop(inst->app, proc))
			return false;
	}
	return true;
}

/*
 * The scan that shows what is left: everything was just looked at, and what came since
 * is new, and seen by a quick scan. NULL: it could not be had, or is not complete.
 */
static struct census *look_for_rest(struct engine *eng)
{
	struct census *c = NULL;

	if (engine_look(eng, SCAN_QUICK, false, &c) < 0)
		return NULL;
	if (!c->snapshot->complete) {
		census_unref(c);
		return NULL;
	}
	return c;
}

/* Where the instance's receipts were last seen, or are by rights. 0 or -errno. */
static int find_folder(struct engine *eng, const struct instance *inst, char **ret_path)
{
	struct instance_key key = instance_key_of(inst);
	const struct ledger_owner *owner = ledger_find_owner(&eng->ledger, &key);

	if (!owner || !owner->receipts)
		return receipts_folder_of_user(inst->app, inst->id, inst->uid, ret_path);
	*ret_path = strdup(owner->receipts);
	return *ret_path ? 0 : -ENOMEM;
}

static void on_odd_receipt(void *ctx, const char *path, const char *what, bool ignored)
{
	engine_warn_receipt(ctx, path, what, ignored);
}

static void remove_receipts(struct engine *eng, const struct instance *inst)
{
	const struct receipts_report report = { .warn = on_odd_receipt, .ctx = eng };
	_cleanup_free_ char *path = NULL;
	int r = find_folder(eng, inst, &path);

	if (r == 0)
		r = receipts_remove(path, inst, eng->source, &report);
	if (r < 0 && r != -ENOENT && r != -EINVAL) {
		_cleanup_free_ char *id = escaped_bytes(inst->id);

		engine_warn_once(eng, WARNING_RECEIPTS_LEFT,
				 "cannot remove the receipts of '%s': %s, ignoring", id ? id : "?",
				 strerror(-r));
	}
}

/* Has the instance a folder of receipts? Most have none, and a scan is not for them. */
static bool has_folder(struct engine *eng, const struct instance *inst)
{
	_cleanup_free_ char *path = NULL;

	return inst->app->receipts && find_folder(eng, inst, &path) == 0 && access(path, F_OK) == 0;
}

void engine_clear_receipts(struct engine *eng, const char *app, struct bytes id, uid_t uid)
{
	const struct policy *policy = eng->options.policy;

	for (size_t i = 0; i < policy->nr_apps && !eng->dryrun; i++) {
		const struct instance inst = { .app = &policy->apps[i], .id = id, .uid = uid };
		struct census *c;

		if ((app && strcmp(app, inst.app->name) != 0) || !has_folder(eng, &inst))
			continue;
		c = look_for_rest(eng);
		if (c && nothing_left(c, NULL, &inst))
			remove_receipts(eng, &inst);
		census_unref(c);
	}
}

static void forget_gone(struct engine *eng, const struct reap_report *report)
{
	for (size_t i = 0; i < report->nr; i++) {
		if (is_gone(report->results[i].outcome))
			engine_forget(eng, &report->results[i].process);
	}
}

void engine_tidy(struct engine *eng, const struct census *base, const struct reap_plan *plans,
		 const struct reap_report *reports, size_t nr)
{
	struct census *c = NULL;

	for (size_t i = 0; i < nr; i++)
		forget_gone(eng, &reports[i]);
	for (size_t i = 0; i < nr && !eng->dryrun; i++) {
		const struct instance *inst = plans[i].inst;

		/* The receipts of a live owner are its own; of an unknown one, perhaps. */
		if (inst->owner != OWNER_GONE || !all_gone(&reports[i]) || !has_folder(eng, inst))
			continue;
		c = c ? c : look_for_rest(eng);
		if (!c)
			break;
		if (nothing_left(c, base, inst))
			remove_receipts(eng, inst);
	}
	census_unref(c);
}
