/* SPDX-License-Identifier: MIT */
#include "engine/reap.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "engine/reap_job.h"

/* Handles beyond the victims', for what they fork meanwhile. */
enum { SPARE_HANDLES = 64 };

int reap_report_add(struct reap_report *report, const struct reap_result *result)
{
	if (ARRAY_GROW(report->results, report->nr, report->alloc) < 0)
		return -ENOMEM;
	report->results[report->nr++] = *result;
	report->count[result->outcome]++;
	return 0;
}

/* --- one batch ------------------------------------------------------------------ */

static void terminate(struct victim *v)
{
	int r = hold_signal(&v->hold, SIGTERM);

	if (r == 0) {
		v->sent = SENT_TERM;
		/* A stopped process gets its SIGTERM only when it runs again. */
		(void)hold_signal(&v->hold, SIGCONT);
		return;
	}
	v->error = r == -ESRCH ? 0 : -r;
	victim_over(v, r == -ESRCH ? OUTCOME_GONE : OUTCOME_REFUSED);
}

static bool is_termed(const struct victim *v)
{
	return v->sent == SENT_TERM;
}

static bool any_termed(const struct reap_job *job)
{
	for (size_t i = 0; i < job->nr; i++) {
		if (is_termed(&job->victims[i]))
			return true;
	}
	return false;
}

/* Does a person or a trap mean all of an instance, whatever that is by now? */
static bool is_whole_meant(const struct reap_job *job)
{
	for (size_t i = 0; i < job->nr_parts; i++) {
		const struct reap_plan *plan = job->parts[i].plan;

		if (plan->ask.face != FACE_SWEEP && !plan->only)
			return true;
	}
	return false;
}

/*
 * Hold as many waiting victims as fit into @room. All are verified before the first is
 * signalled: an inferred one is proven by the process it was inferred from, which must
 * not end before. @now is NULL for the first batch, which was just decided; later it is
 * a fresh census.
 */
static int hold_batch(struct reap_job *job, const struct census *now, size_t room, bool inferred)
{
	_cleanup_free_ struct victim **victims = calloc(job->nr + 1, sizeof(*victims));
	size_t full = victim_count_held(job, NULL) + room, held;
	int r = victims ? 0 : -ENOMEM;

	while (r == 0 && (held = victim_count_held(job, NULL)) < full) {
		size_t nr = 0;

		for (size_t i = 0; i < job->nr && nr < full - held; i++) {
			struct victim *v = &job->victims[i];

			if (v->state != VICTIM_WAITING || v->inferred != inferred)
				continue;
			if (now && v->view != VIEW_ALLOWED)
				victim_over(v,
					    v->view == VIEW_ABSENT ? OUTCOME_GONE : OUTCOME_KEPT);
			else
				victims[nr++] = v;
		}
		if (!nr)
			break;
		r = reap_hold(job, victims, nr, now);
	}
	return r;
}

/* Scan again before a later batch. 0 and *ret_census, or the job has stopped. */
static int look_again(struct reap_job *job, struct census **ret_census)
{
	int r = job->env->look(job->env->ctx, ret_census);

	if (r < 0) {
		job->stopped = "the processes could not be scanned";
		return r;
	}
	if (!(*ret_census)->snapshot->complete)
		job->stopped = "not all processes could be scanned";
	else if (reap_ask_owners(job, *ret_census))
		reap_judge(job, *ret_census);
	return 0;
}

/* Let go of those that the last scan forbids to end. */
static void keep_forbidden(struct reap_job *job)
{
	for (size_t i = 0; i < job->nr; i++) {
		struct victim *v = &job->victims[i];

		if (victim_is_held(v) && v->view == VIEW_FORBIDDEN)
			victim_over(v, OUTCOME_KEPT);
	}
}

/*
 * Verifying many takes time, and a desktop may have come up meanwhile, or a victim have
 * become what is kept: ask the owners and the predicate once more, by a quick scan, which
 * reads what is new. The sweep alone asks; what a person or a trap means was decided just
 * now.
 */
static void ask_before_term(struct reap_job *job)
{
	struct census *c = NULL;

	if (job->parts[0].plan->ask.face != FACE_SWEEP || job->env->glance(job->env->ctx, &c) < 0)
		return;
	if (c->snapshot->complete && reap_ask_owners(job, c)) {
		reap_judge(job, c);
		keep_forbidden(job);
	}
	census_unref(c);
}

static void give_up_waiting(struct reap_job *job, int error)
{
	for (size_t i = 0; i < job->nr; i++) {
		struct victim *v = &job->victims[i];

		if (v->state != VICTIM_WAITING)
			continue;
		v->error = error;
		victim_over(v, OUTCOME_REFUSED);
	}
}

static int run_batch(struct reap_job *job, const struct census *now)
{
	struct reaper *reaper = job->env->reaper;
	size_t waiting = victim_count_waiting(job);
	size_t room = reaper->ops->reserve(reaper, waiting + SPARE_HANDLES);
	/* An inferred one is proven by a process that must still run: first, if not all fit. */
	bool inferred_first = room < waiting;
	int r = 0;

	for (int pass = 0; pass < 2 && r == 0; pass++) {
		size_t held = victim_count_held(job, NULL);

		r = hold_batch(job, now, room > held ? room - held : 0,
			       pass == (inferred_first ? 0 : 1));
	}
	if (r < 0 && r != -EMFILE)
		return r;
	if (r == -EMFILE && !victim_count_held(job, NULL)) {
		give_up_waiting(job, EMFILE);
		return 0;
	}
	ask_before_term(job);
	if (victim_told_to_stop(job))
		job->stopped = REAP_TOLD;
	if (victim_all_stopped(job))
		return 0;
	reap_ask_ends(job, now);
	for (size_t i = 0; i < job->nr; i++) {
		if (victim_is_held(&job->victims[i]))
			terminate(&job->victims[i]);
	}
	/*
	 * A process that was not signalled forked nothing that is ours to end, unless
	 * all of the instance is meant: then what was left by one that ended first is.
	 */
	if (!any_termed(job) && !is_whole_meant(job))
		return 0;
	if (!victim_wait(job, is_termed, job->env->term_timeout_ms, true)) {
		job->stopped = REAP_TOLD;
		return 0;
	}
	return job->env->term_only ? 0 : reap_rounds(job);
}

/* --- the whole -------------------------------------------------------------------- */

static int choose(struct reap_job *job, size_t part)
{
	const struct reap_plan *plan = job->parts[part].plan;

	for (size_t i = 0; i < plan->nr; i++) {
		const struct reap_target *target = &plan->targets[i];
		const struct process *proc = snapshot_find(job->base->snapshot, target->id.pid);
		struct process absent = { .id = target->id, .comm = "" };
		bool found = proc && identity_equal(&proc->id, &target->id);
		struct victim *v;
		int r = victim_add(job, part, found ? proc : &absent,
				   reap_member(&job->parts[part], job->base, &target->id),
				   target->handle, false);

		if (r < 0)
			return r;
		v = &job->victims[job->nr - 1];
		/* What is remembered of it, the inode number included. */
		v->hold.id = target->id;
		if (!found)
			victim_over(v, OUTCOME_GONE);
	}
	return 0;
}

static int report_one(const struct reap_job *job, const struct victim *v,
		      struct reap_report *report)
{
	struct reap_result result = {
		.process = v->hold.id,
		.outcome = v->outcome,
		.why = v->outcome == OUTCOME_KEPT ? v->why : WHY_MAY_END,
		.error = v->outcome == OUTCOME_REFUSED ? v->error : 0,
	};

	/* One that came and went by itself is no news; one that stays is. */
	if (v->fresh && v->outcome == OUTCOME_GONE)
		return 0;
	if (job->env->term_only && v->outcome == OUTCOME_SURVIVED)
		return 0;
	memcpy(result.name, v->name, sizeof(result.name));
	return reap_report_add(report, &result);
}

static int report_all(const struct reap_job *job, struct reap_report *reports)
{
	int r = 0;

	for (size_t i = 0; i < job->nr && r == 0; i++)
		r = report_one(job, &job->victims[i], &reports[job->victims[i].part]);
	for (size_t i = 0; i < job->nr_parts; i++) {
		const struct reap_part *part = &job->parts[i];

		if (!part->stopped && !job->stopped)
			continue;
		reports[i].stopped = true;
		reports[i].spared = part->spared;
		reports[i].why = part->stopped ? part->stopped : job->stopped;
	}
	return r;
}

static int run_batches(struct reap_job *job)
{
	int r = run_batch(job, NULL);

	while (r == 0 && !victim_all_stopped(job) && victim_count_waiting(job)) {
		struct census *now = NULL;

		victim_end_part(job, NULL);
		if (look_again(job, &now) == 0 && !victim_all_stopped(job))
			r = run_batch(job, now);
		census_unref(now);
	}
	return r;
}

int reap_run(const struct reap_env *env, const struct census *base, const struct census *first,
	     const struct reap_plan *plans, size_t nr, struct reap_report *reports)
{
	_cleanup_free_ struct reap_part *parts = calloc(nr + 1, sizeof(*parts));
	struct reap_job job = {
		.env = env,
		.parts = parts,
		.nr_parts = nr,
		.base = base,
		.first = first ? first : base,
		.can_freeze = env->freeze != NULL,
	};
	int r = parts ? 0 : -ENOMEM, r2;

	for (size_t i = 0; i < nr && r == 0; i++) {
		parts[i].plan = &plans[i];
		r = choose(&job, i);
	}
	if (r == 0)
		r = victim_sort(&job);
	if (r == 0)
		r = run_batches(&job);
	victim_end_part(&job, NULL);
	for (size_t i = 0; i < job.nr; i++) {
		if (job.victims[i].state == VICTIM_WAITING)
			victim_over(&job.victims[i], OUTCOME_KEPT);
	}
	if (job.froze)
		(void)env->freeze(env->ctx, NULL, 0);
	/* Without pidfds nothing was touched; all other errors came too late for that. */
	r2 = r == -ENOSYS || !parts ? 0 : report_all(&job, reports);
	free(job.victims);
	free(job.by_pid);
	return r < 0 ? r : r2;
}
