/* SPDX-License-Identifier: MIT */
#include "engine/reap.h"

#include <errno.h>
#include <poll.h>
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

/* --- victims ------------------------------------------------------------------ */

int reap_add_victim(struct reap_job *job, const struct process *proc, const struct member *m,
		    int handle, bool fresh)
{
	struct victim v = {
		.id = proc->id,
		.handle = handle,
		.borrowed = handle >= 0,
		.fresh = fresh,
		.inferred = m && m->inferred,
	};

	if (ARRAY_GROW(job->victims, job->nr, job->alloc) < 0)
		return -ENOMEM;
	strncpy(v.name, proc->comm, sizeof(v.name) - 1);
	job->victims[job->nr++] = v;
	return 0;
}

void reap_let_go(struct reap_job *job, struct victim *v)
{
	if (v->handle >= 0 && !v->borrowed)
		job->env->reaper->ops->close(job->env->reaper, v->handle);
	v->handle = -1;
}

void reap_over(struct reap_job *job, struct victim *v, enum outcome outcome)
{
	/* Whatever is not dead goes on, before anything else is done about it. */
	if (v->frozen && v->handle >= 0)
		(void)job->env->reaper->ops->signal(job->env->reaper, v->handle, SIGCONT);
	v->frozen = false;
	v->outcome = outcome;
	v->state = VICTIM_OVER;
	reap_let_go(job, v);
}

bool reap_told_to_stop(const struct reap_job *job)
{
	struct pollfd fd = { .fd = job->env->stop_fd, .events = POLLIN };

	return fd.fd >= 0 && poll(&fd, 1, 0) > 0;
}

/* The outcome of one whose handle says that it has ended. */
static void settle_dead(struct reap_job *job, struct victim *v)
{
	enum outcome outcome = OUTCOME_GONE;

	if (v->killed)
		outcome = job->env->on_kill;
	else if (v->termed)
		outcome = job->env->on_term;
	job->ended = job->ended || !v->killed;
	/* A dead process needs no SIGCONT. */
	v->frozen = false;
	reap_over(job, v, outcome);
}

bool reap_wait(struct reap_job *job, bool (*which)(const struct victim *v), int64_t timeout_ms,
	       bool stoppable)
{
	struct reaper *reaper = job->env->reaper;
	_cleanup_free_ size_t *index = calloc(job->nr + 1, sizeof(*index));
	_cleanup_free_ int *handles = calloc(job->nr + 1, sizeof(*handles));
	_cleanup_free_ bool *dead = calloc(job->nr + 1, sizeof(*dead));
	size_t nr = 0;
	int r;

	if (!index || !handles || !dead)
		return true;
	for (size_t i = 0; i < job->nr; i++) {
		if (job->victims[i].state != VICTIM_HELD || (which && !which(&job->victims[i])))
			continue;
		index[nr] = i;
		handles[nr++] = job->victims[i].handle;
	}
	if (!nr)
		return true;
	r = reaper->ops->wait(reaper, handles, nr, timeout_ms, stoppable ? job->env->stop_fd : -1,
			      dead);
	if (r < 0 && r != -EINTR)
		return true;
	for (size_t i = 0; i < nr; i++) {
		if (dead[i])
			settle_dead(job, &job->victims[index[i]]);
	}
	return r != -EINTR;
}

/* --- one batch ------------------------------------------------------------------ */

static void terminate(struct reap_job *job, struct victim *v)
{
	const struct reaper_ops *ops = job->env->reaper->ops;
	int r = ops->signal(job->env->reaper, v->handle, SIGTERM);

	if (r == 0) {
		v->termed = true;
		/* A stopped process gets its SIGTERM only when it runs again. */
		(void)ops->signal(job->env->reaper, v->handle, SIGCONT);
		return;
	}
	v->error = r == -ESRCH ? 0 : -r;
	reap_over(job, v, r == -ESRCH ? OUTCOME_GONE : OUTCOME_REFUSED);
}

static bool is_termed(const struct victim *v)
{
	return v->termed;
}

static bool any_termed(const struct reap_job *job)
{
	for (size_t i = 0; i < job->nr; i++) {
		if (job->victims[i].termed)
			return true;
	}
	return false;
}

/* Does a person or a trap mean everybody of the instance, whoever that is by now? */
static bool is_whole_meant(const struct reap_plan *plan)
{
	return plan->ask.face != FACE_SWEEP && !plan->only;
}

static size_t count_state(const struct reap_job *job, enum victim_state state)
{
	size_t nr = 0;

	for (size_t i = 0; i < job->nr; i++)
		nr += job->victims[i].state == state;
	return nr;
}

/*
 * Hold as many of those that wait as fit. All are verified before the first is
 * signalled, since one's end may take away what proves another. @now is NULL for
 * the first batch, which was just decided; later it is a fresh look.
 */
static int hold_batch(struct reap_job *job, const struct census *now, size_t room, bool inferred)
{
	_cleanup_free_ struct victim **victims = calloc(job->nr + 1, sizeof(*victims));
	size_t full = count_state(job, VICTIM_HELD) + room, held;
	int r = victims ? 0 : -ENOMEM;

	while (r == 0 && (held = count_state(job, VICTIM_HELD)) < full) {
		size_t nr = 0;

		for (size_t i = 0; i < job->nr && nr < full - held; i++) {
			struct victim *v = &job->victims[i];

			if (v->state != VICTIM_WAITING || v->inferred != inferred)
				continue;
			if (now && !v->allowed)
				reap_over(job, v, v->seen ? OUTCOME_KEPT : OUTCOME_GONE);
			else
				victims[nr++] = v;
		}
		if (!nr)
			break;
		r = reap_hold(job, victims, nr, now);
	}
	return r;
}

/* Look again before a later batch: 0, or the job has stopped. */
static int look_again(struct reap_job *job, struct census **ret_census)
{
	int r = job->env->look(job->env->ctx, ret_census);

	if (r < 0) {
		job->stopped = "the processes could not be looked at";
		return r;
	}
	if (!(*ret_census)->snapshot->complete)
		job->stopped = "the processes could not all be looked at";
	else
		(void)reap_owner_is_back(job, *ret_census);
	reap_judge(job, *ret_census);
	return 0;
}

static void give_up_waiting(struct reap_job *job, int error)
{
	for (size_t i = 0; i < job->nr; i++) {
		struct victim *v = &job->victims[i];

		if (v->state != VICTIM_WAITING)
			continue;
		v->error = error;
		reap_over(job, v, OUTCOME_REFUSED);
	}
}

static void end_all(struct reap_job *job)
{
	/* A last look: what has died in the meantime was ended. */
	(void)reap_wait(job, NULL, 0, false);
	for (size_t i = 0; i < job->nr; i++) {
		struct victim *v = &job->victims[i];

		if (v->state == VICTIM_HELD)
			reap_over(job, v, v->termed || v->killed ? OUTCOME_SURVIVED : OUTCOME_KEPT);
	}
}

static int run_batch(struct reap_job *job, const struct census *now)
{
	struct reaper *reaper = job->env->reaper;
	size_t waiting = count_state(job, VICTIM_WAITING);
	size_t room = reaper->ops->reserve(reaper, waiting + SPARE_HANDLES);
	/* What others prove must be held while those are there: first, if not all fit. */
	bool inferred_first = room < waiting;
	int r = 0;

	for (int pass = 0; pass < 2 && r == 0; pass++) {
		size_t held = count_state(job, VICTIM_HELD);

		r = hold_batch(job, now, room > held ? room - held : 0,
			       pass == (inferred_first ? 0 : 1));
	}
	if (r < 0 && r != -EMFILE)
		return r;
	if (r == -EMFILE && !count_state(job, VICTIM_HELD)) {
		give_up_waiting(job, EMFILE);
		return 0;
	}
	if (reap_told_to_stop(job)) {
		job->stopped = REAP_TOLD;
		return 0;
	}
	for (size_t i = 0; i < job->nr; i++) {
		if (job->victims[i].state == VICTIM_HELD)
			terminate(job, &job->victims[i]);
	}
	/*
	 * Who was not signalled forked nothing that is ours to end, unless all of the
	 * instance is meant: then whoever was left by one that ended first is, too.
	 */
	if (!any_termed(job) && !is_whole_meant(job->plan))
		return 0;
	if (!reap_wait(job, is_termed, job->env->term_timeout_ms, true)) {
		job->stopped = REAP_TOLD;
		return 0;
	}
	return reap_rounds(job);
}

/* --- the whole -------------------------------------------------------------------- */

static int choose(struct reap_job *job)
{
	const struct census *base = job->plan->base;

	for (size_t i = 0; i < job->plan->nr; i++) {
		const struct reap_target *target = &job->plan->targets[i];
		const struct process *proc = snapshot_find(base->snapshot, target->id.pid);
		struct process nobody = { .id = target->id, .comm = "" };
		bool found = proc && identity_equal(&proc->id, &target->id);
		int r = reap_add_victim(job, found ? proc : &nobody,
					reap_member(job, base, &target->id), target->handle, false);

		if (r < 0)
			return r;
		/* What is remembered of it, the inode number included. */
		job->victims[i].id = target->id;
		if (!found)
			reap_over(job, &job->victims[i], OUTCOME_GONE);
	}
	return 0;
}

static int report_all(struct reap_job *job, struct reap_report *report)
{
	for (size_t i = 0; i < job->nr; i++) {
		struct victim *v = &job->victims[i];
		struct reap_result result = {
			.process = v->id,
			.outcome = v->outcome,
			.why = v->outcome == OUTCOME_KEPT ? v->why : WHY_MAY_END,
			.error = v->outcome == OUTCOME_REFUSED ? v->error : 0,
		};

		/* One that came and went by itself is nobody's business; one that stays is. */
		if (v->fresh && v->outcome == OUTCOME_GONE)
			continue;
		memcpy(result.name, v->name, sizeof(result.name));
		if (reap_report_add(report, &result) < 0)
			return -ENOMEM;
	}
	if (job->stopped) {
		report->stopped = true;
		report->spared = job->spared;
		report->why = job->stopped;
	}
	return 0;
}

static int run_batches(struct reap_job *job)
{
	int r = run_batch(job, NULL);

	while (r == 0 && !job->stopped && count_state(job, VICTIM_WAITING)) {
		struct census *now = NULL;

		end_all(job);
		if (look_again(job, &now) == 0 && !job->stopped)
			r = run_batch(job, now);
		census_unref(now);
	}
	return r;
}

int reap_run(const struct reap_env *env, const struct reap_plan *plan, struct reap_report *report)
{
	struct reap_job job = { .env = env, .plan = plan, .can_freeze = env->freeze != NULL };
	int r = choose(&job);
	int r2;

	if (r == 0)
		r = run_batches(&job);
	end_all(&job);
	for (size_t i = 0; i < job.nr; i++) {
		if (job.victims[i].state == VICTIM_WAITING)
			reap_over(&job, &job.victims[i], OUTCOME_KEPT);
	}
	if (job.froze)
		(void)env->freeze(env->ctx, NULL, 0);
	/* Without pidfds nobody was touched; all other errors came too late for that. */
	r2 = r == -ENOSYS ? 0 : report_all(&job, report);
	free(job.victims);
	return r < 0 ? r : r2;
}
