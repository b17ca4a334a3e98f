/* SPDX-License-Identifier: MIT */
#include "core/leaks.h"

#include <errno.h>
#include <string.h>

#include "base/bytes.h"
#include "stray/verdict.h"

static bool is_left(const struct member *m)
{
	return m->state == STATE_ORPHAN || m->state == STATE_DETACHED;
}

/* Is the process a desktop? Started inside an agent it is in use, never a leftover. */
static bool is_desktop(const struct census *c, const struct member *m)
{
	return c->nodes[m->proc - c->snapshot->procs].desktop;
}

static bool is_named_desktop(const struct policy *policy, const struct process *proc)
{
	for (size_t i = 0; i < policy->nr_apps; i++)
		if (app_is_desktop(&policy->apps[i], proc))
			return true;
	return false;
}

/*
 * Is a process that one instance lost in use by another: does it descend from a live
 * desktop, or has another membership an owner? A process that only a marker's value
 * makes a desktop does not count: it is a wrapper such as ours, which runs any command.
 */
static bool is_at_work(const struct census *c, const struct member *m)
{
	const struct process *procs = c->snapshot->procs;
	size_t at = c->nodes[m->proc - procs].desktop_above;

	for (; at != CENSUS_NONE; at = c->nodes[at].desktop_above)
		if (is_named_desktop(c->policy, &procs[at]))
			return true;
	for (m = census_find_member(c, m->proc->id.pid); m; m = census_next_membership(c, m))
		if (m->state == STATE_OWNED &&
		    c->instances[m->instance].app->owner != APP_OWNER_PID)
			return true;
	return false;
}

/*
 * What keeps a member from being a leak. As shipped, the app `stdio` is only shown: a check
 * that names it asks for what it shows.
 */
static enum verdict_why keeps_member(const struct leak_query *q, const struct census *c,
				     const struct member *m)
{
	const struct app *app = c->instances[m->instance].app;

	if (m->kept == WHY_LOOK_ONLY && app->stdio && q->scope->app &&
	    strcmp(q->scope->app, app->name) == 0)
		return WHY_MAY_END;
	return m->kept;
}

static bool is_forgiven(const struct leak_query *q, const struct census *c, const struct member *m)
{
	return q->baseline && baseline_has(q->baseline, c->snapshot->boot_id, &m->proc->id);
}

static bool classify(const struct leak_query *q, const struct census *c, const struct member *m,
		     enum leak_kind *ret_kind)
{
	if (!scope_has(q->scope, &c->instances[m->instance]))
		return false;
	if (!is_left(m) && m->state != STATE_UNKNOWN)
		return false;
	/* BECAUSE_AT_WORK: it may be a desktop or not, so list it for the user to decide. */
	if ((is_desktop(c, m) && m->reason != BECAUSE_AT_WORK) || m->proc->dead ||
	    (is_left(m) && is_at_work(c, m)))
		return false;
	if (is_forgiven(q, c, m))
		*ret_kind = LEAK_FORGIVEN;
	else if (verdict_kept_name(keeps_member(q, c, m)))
		*ret_kind = LEAK_KEPT;
	else
		*ret_kind = is_left(m) ? LEAK_LEFT : LEAK_UNKNOWN;
	return true;
}

static bool is_of_wrapper(const struct leak_query *q, const struct instance *inst)
{
	return strcmp(inst->app->name, "stray") == 0 && bytes_equal(inst->id, q->wrapper_id);
}

/* Is any membership of the process in the scope of the check? */
static bool in_scope(const struct leak_query *q, const struct census *c, const struct member *m)
{
	const struct member *each = census_find_member(c, m->proc->id.pid);

	for (; each; each = census_next_membership(c, each))
		if (scope_has(q->scope, &c->instances[each->instance]))
			return true;
	return false;
}

/* Why a leftover is kept; the terminal's foreground is no reason: the command put it there. */
static enum verdict_why keeps_leftover(const struct census *c, const struct member *m)
{
	return m->kept == WHY_TERMINAL ? verdict_kept_but(c, m->proc, WHY_TERMINAL) : m->kept;
}

/*
 * Does --allow name the process, or a managed process above it? The keep list has the
 * names of --allow too, so such a process is kept.
 */
static bool is_allowed(const struct census *c, const struct process *proc)
{
	size_t at = (size_t)(proc - c->snapshot->procs);

	if (!c->policy->allow.nr)
		return false;
	for (; at != CENSUS_NONE; at = c->nodes[at].parent)
		if (c->nodes[at].managed && policy_allows(c->policy, &c->snapshot->procs[at]))
			return true;
	return false;
}

static bool is_leftover(const struct leak_query *q, const struct census *c, const struct member *m,
			enum leak_kind *ret_kind)
{
	if (m->proc->dead || m->proc->id.pid == q->wrapper || m->kept == WHY_SELF ||
	    !is_of_wrapper(q, &c->instances[m->instance]) || !in_scope(q, c, m))
		return false;
	*ret_kind = LEAK_LEFT;
	if (is_forgiven(q, c, m))
		*ret_kind = LEAK_FORGIVEN;
	else if ((q->spare_kept || is_allowed(c, m->proc)) &&
		 verdict_kept_name(keeps_leftover(c, m)))
		*ret_kind = LEAK_KEPT;
	return true;
}

static int add_row(const struct leak_query *q, struct leak_report *report, const struct member *m,
		   enum leak_kind kind)
{
	enum verdict_why kept =
		q->wrapper ? keeps_leftover(report->census, m) : keeps_member(q, report->census, m);
	int r = leak_report_add(report, m, kind, kept, NULL);

	return r == -EEXIST ? 0 : r;
}

/*
 * Add all members of kind @kind. leaks_collect() calls it in the order of enum leak_kind,
 * and the first row of a process stays: so the kinds of several memberships are ranked.
 */
static int add_kind(const struct leak_query *q, struct leak_report *report, enum leak_kind kind)
{
	const struct census *c = report->census;

	for (size_t i = 0; i < c->nr_members; i++) {
		const struct member *m = &c->members[i];
		enum leak_kind found = LEAK_NR;
		int r;

		if (q->wrapper ? !is_leftover(q, c, m, &found) : !classify(q, c, m, &found))
			continue;
		if (found != kind)
			continue;
		r = add_row(q, report, m, kind);
		if (r < 0)
			return r;
	}
	return 0;
}

int leaks_collect(const struct leak_query *q, struct census *c, struct leak_report *report)
{
	leak_report_begin(report, c);
	for (int kind = 0; kind < LEAK_NR; kind++) {
		int r = add_kind(q, report, (enum leak_kind)kind);

		if (r < 0)
			return r;
	}
	return 0;
}

bool leaks_may_end(const struct leak *row)
{
	return row->kind == LEAK_LEFT && !verdict_kept_name(row->kept);
}

size_t leaks_count(const struct leak_report *report)
{
	size_t nr = 0;

	for (size_t i = 0; i < report->nr; i++)
		nr += leaks_may_end(&report->rows[i]);
	return nr;
}

size_t leaks_pick(const struct leak_report *report, size_t instance, struct identity *ids)
{
	size_t nr = 0;

	for (size_t i = 0; i < report->nr; i++)
		if (leaks_may_end(&report->rows[i]) && report->rows[i].member->instance == instance)
			ids[nr++] = report->rows[i].member->proc->id;
	return nr;
}

size_t leaks_spared(const struct leak_report *report, struct identity *ids)
{
	size_t nr = 0;

	for (size_t i = 0; i < report->nr; i++)
		if (!leaks_may_end(&report->rows[i]))
			ids[nr++] = report->rows[i].member->proc->id;
	return nr;
}
