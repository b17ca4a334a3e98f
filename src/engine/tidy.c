#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "engine/engine.h"
#include "engine/quote.h"
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
 * that was not there before? A new one may be writing receipts at this moment.
 */
static bool nobody_left(struct sweep *sw, const struct census *base, const struct instance *inst)
{
	const struct app *app = inst->app;
	struct census *c = NULL;
	bool nobody;

	/* Everybody was just looked at: who came since then is new, and seen by a quick look. */
	if (engine_look(sw, SCAN_QUICK, false, &c) < 0)
		return false;
	nobody = c->snapshot->complete &&
		 !census_find_instance(c, policy_find_app(c->policy, app->name), inst->id,
				       inst->uid);
	for (size_t i = 0; i < c->snapshot->nr && nobody; i++) {
		const struct process *proc = &c->snapshot->procs[i];
		const struct process *then = snapshot_find(base->snapshot, proc->id.pid);

		if (!proc->dead && proc->uid == inst->uid && app_is_desktop(app, proc) &&
		    !(then && identity_equal(&then->id, &proc->id)))
			nobody = false;
	}
	census_unref(c);
	return nobody;
}

static void remove_receipts(struct sweep *sw, const struct instance *inst)
{
	const struct receipts_report report = { .warn = engine_warn_receipt, .ctx = sw };
	struct ledger_key key = engine_key(inst);
	const struct ledger_owner *owner = ledger_find_owner(&sw->ledger, &key);
	_cleanup_free_ char *path = NULL;
	int r = 0;

	if (owner && owner->receipts) {
		path = strdup(owner->receipts);
		r = path ? 0 : -ENOMEM;
	} else {
		r = receipts_folder_of_user(inst->app, inst->id, inst->uid, &path);
	}
	if (r == 0)
		r = receipts_remove(path, inst->uid, sw->source, &report);
	if (r < 0 && r != -ENOENT && r != -EINVAL) {
		_cleanup_free_ char *id = quote_bytes(inst->id);

		engine_warn_once(sw, "cannot remove the receipts of '%s': %s, ignoring",
				 id ? id : "?", strerror(-r));
	}
}

void engine_tidy(struct sweep *sw, const struct census *base, const struct instance *inst,
		 const struct reap_report *report)
{
	for (size_t i = 0; i < report->nr; i++) {
		if (is_gone(report->results[i].outcome))
			engine_forget(sw, &report->results[i].process);
	}
	/* The receipts of a live owner are its own; of an unknown one, perhaps. */
	if (!inst->app->receipts || inst->owner != OWNER_GONE || sw->dryrun || !all_gone(report) ||
	    !nobody_left(sw, base, inst))
		return;
	remove_receipts(sw, inst);
}
