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
 * Does a complete look show nobody of the instance, and no desktop of the app
 * that was not there in @base (NULL: none at all)? A new one may be writing
 * receipts at this moment.
 */
static bool nobody_left(struct engine *eng, const struct census *base, const struct instance *inst)
{
	const struct app *app = inst->app;
	struct census *c = NULL;
	bool nobody;

	/* Everybody was just looked at: who came since then is new, and seen by a quick look. */
	if (engine_look(eng, SCAN_QUICK, false, &c) < 0)
		return false;
	nobody = c->snapshot->complete &&
		 !census_find_instance(c, policy_find_app(c->policy, app->name), inst->id,
				       inst->uid);
	for (size_t i = 0; i < c->snapshot->nr && nobody; i++) {
		const struct process *proc = &c->snapshot->procs[i];
		const struct process *then =
			base ? snapshot_find(base->snapshot, proc->id.pid) : NULL;

		if (!proc->dead && proc->uid == inst->uid && app_is_desktop(app, proc) &&
		    !(then && identity_equal(&then->id, &proc->id)))
			nobody = false;
	}
	census_unref(c);
	return nobody;
}

/* Where the instance's receipts were last seen, or are by rights. 0 or -errno. */
static int find_folder(struct engine *eng, const struct instance *inst, char **ret_path)
{
	struct ledger_key key = engine_key(inst);
	const struct ledger_owner *owner = ledger_find_owner(&eng->ledger, &key);

	if (!owner || !owner->receipts)
		return receipts_folder_of_user(inst->app, inst->id, inst->uid, ret_path);
	*ret_path = strdup(owner->receipts);
	return *ret_path ? 0 : -ENOMEM;
}

static void remove_receipts(struct engine *eng, const struct instance *inst)
{
	const struct receipts_report report = { .warn = engine_warn_receipt, .ctx = eng };
	_cleanup_free_ char *path = NULL;
	int r = find_folder(eng, inst, &path);

	if (r == 0)
		r = receipts_remove(path, inst->uid, eng->source, &report);
	if (r < 0 && r != -ENOENT && r != -EINVAL) {
		_cleanup_free_ char *id = escaped_bytes(inst->id);

		engine_warn_once(eng, "cannot remove the receipts of '%s': %s, ignoring",
				 id ? id : "?", strerror(-r));
	}
}

void engine_clear_receipts(struct engine *eng, const char *app, struct bytes id, uid_t uid)
{
	const struct policy *policy = eng->options.policy;

	for (size_t i = 0; i < policy->nr_apps && !eng->dryrun; i++) {
		const struct instance inst = { .app = &policy->apps[i], .id = id, .uid = uid };
		_cleanup_free_ char *path = NULL;

		if (!inst.app->receipts || (app && strcmp(app, inst.app->name) != 0))
			continue;
		/* Most have none: a look at everything is not for them. */
		if (find_folder(eng, &inst, &path) == 0 && access(path, F_OK) == 0 &&
		    nobody_left(eng, NULL, &inst))
			remove_receipts(eng, &inst);
	}
}

void engine_tidy(struct engine *eng, const struct census *base, const struct instance *inst,
		 const struct reap_report *report)
{
	for (size_t i = 0; i < report->nr; i++) {
		if (is_gone(report->results[i].outcome))
			engine_forget(eng, &report->results[i].process);
	}
	/* The receipts of a live owner are its own; of an unknown one, perhaps. */
	if (!inst->app->receipts || inst->owner != OWNER_GONE || eng->dryrun || !all_gone(report) ||
	    !nobody_left(eng, base, inst))
		return;
	remove_receipts(eng, inst);
}
