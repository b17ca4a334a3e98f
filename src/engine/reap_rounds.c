/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "engine/reap_job.h"
#include "engine/settle.h"

/*
 * Bounds. Measured: fork storms of six kinds were wiped out in 6 or 7 rounds and
 * 0.4 to 12 ms, a fork bomb at its process limit in 117 ms.
 */
enum {
	ROUNDS_MAX = 64,
	ROUNDS_MS = 10000,
	BLIND_MAX = 3, /* rescans that were not complete */
	/*
	 * Rescans in a row that did not show a held and living victim as one: while
	 * its parent ends and an adopter takes it over, a scan may miss it.
	 */
	MISSED_MAX = 3,
	HUNT_MS = 5000,	       /* how long to hunt (see below) */
	HUNT_IDLE_MS = 400,    /* without a catch in so long, and in so many scans: */
	HUNT_IDLE_LOOKS = 60,  /* what vanished will not be caught, ours or not */
	HUNT_FULL_MS = 50,     /* how old the last full scan may be meanwhile */
	HUNT_QUIET = 3,	       /* scans in a row that showed none: none is left */
	KILL_MS = 2000,	       /* SIGKILL to the end; longer only in the kernel's own waits */
	KILL_HURRIED_MS = 200, /* the same, when told to stop */
};

static int64_t monotonic_ms(const struct reap_job *job)
{
	struct source_time now;

	job->env->source->ops->now(job->env->source, &now);
	return now.monotonic_ms;
}

static bool is_killed(const struct victim *v)
{
	return v->sent == SENT_KILL;
}

static bool is_running(const struct victim *v)
{
	return v->state == VICTIM_HELD && v->view == VIEW_ALLOWED;
}

/* --- freezing ----------------------------------------------------------------- */

/* Write down what is frozen and what is about to be. 0, or the error of freeze(). */
static int note_frozen(struct reap_job *job)
{
	_cleanup_free_ struct identity *ids = calloc(job->nr + 1, sizeof(*ids));
	size_t nr = 0;

	if (!ids)
		return -ENOMEM;
	for (size_t i = 0; i < job->nr; i++) {
		const struct victim *v = &job->victims[i];

		if (v->state == VICTIM_FROZEN || is_running(v))
			ids[nr++] = v->hold.id;
	}
	return job->env->freeze(job->env->ctx, ids, nr);
}

static void stop_one(struct reap_job *job, struct victim *v)
{
	int r = hold_signal(&v->hold, SIGSTOP);

	if (r == 0) {
		v->state = VICTIM_FROZEN;
		job->froze = true;
		return;
	}
	if (r == -ESRCH)
		return; /* the next wait on the handles shows it */
	v->error = -r;
	victim_over(v, OUTCOME_REFUSED);
}

/* Stop what still runs. False: it could not be written down, go on without stopping. */
static bool freeze(struct reap_job *job)
{
	job->froze = true; /* what was written must be taken back, too */
	if (note_frozen(job) < 0) {
		job->can_freeze = false;
		return false;
	}
	for (size_t i = 0; i < job->nr; i++) {
		if (is_running(&job->victims[i]))
			stop_one(job, &job->victims[i]);
	}
	return true;
}

/* --- killing ------------------------------------------------------------------ */

/* Probe windows and ports of what was found while reaping, before it is killed. */
static int spare_fresh(struct reap_job *job, struct census *c)
{
	_cleanup_free_ const struct member **members = calloc(job->nr + 1, sizeof(struct member *));
	_cleanup_free_ enum verdict_why *keep = calloc(job->nr + 1, sizeof(*keep));
	_cleanup_free_ size_t *index = calloc(job->nr + 1, sizeof(*index));
	size_t nr = 0;
	int r;

	if (!members || !keep || !index)
		return -ENOMEM;
	for (size_t i = 0; i < job->nr; i++) {
		struct victim *v = &job->victims[i];
		const struct member *m = reap_member(&job->parts[v->part], c, &v->hold.id);

		if (!victim_is_held(v) || !v->fresh || v->probed || !m)
			continue;
		index[nr] = i;
		members[nr++] = m;
	}
	if (!nr || !job->env->spare)
		return 0;
	r = job->env->spare(job->env->ctx, c, members, nr, keep);
	for (size_t i = 0; i < nr; i++) {
		struct victim *v = &job->victims[index[i]];

		v->probed = true;
		if (r == 0 && keep[i] == WHY_MAY_END)
			continue;
		v->why = r == 0 ? keep[i] : WHY_WINDOW;
		victim_over(v, OUTCOME_KEPT);
	}
	return r == -ENOMEM ? r : 0;
}

static void kill_one(struct victim *v)
{
	int r = hold_signal(&v->hold, SIGKILL);

	if (r == 0) {
		v->sent = SENT_KILL;
		return;
	}
	if (r == -ESRCH)
		return;
	v->error = -r;
	victim_over(v, OUTCOME_REFUSED);
}

static void kill_all(struct reap_job *job)
{
	for (size_t i = 0; i < job->nr; i++) {
		if (victim_is_held(&job->victims[i]) && job->victims[i].view == VIEW_ALLOWED)
			kill_one(&job->victims[i]);
	}
	/* Told to stop or not: the signal is out, and what it did must be known. */
	if (!victim_wait(job, is_killed, KILL_MS, true))
		(void)victim_wait(job, is_killed, KILL_HURRIED_MS, false);
	for (size_t i = 0; i < job->nr; i++) {
		if (victim_is_held(&job->victims[i]) && is_killed(&job->victims[i]))
			victim_over(&job->victims[i], OUTCOME_SURVIVED);
	}
}

/* --- rounds ------------------------------------------------------------------- */

/* Its marker is gone: it has become something else, or it is ending. */
static bool may_be_ending(const struct victim *v)
{
	return v->view == VIEW_UNCLEAR && v->why == WHY_NOT_MANAGED;
}

/* Let go of what is not to be ended any more: at once, but for what may be ending. */
static void drop_forbidden(struct reap_job *job)
{
	if (victim_count_held(job, may_be_ending))
		(void)victim_wait(job, may_be_ending, ENDING_MS, true);
	for (size_t i = 0; i < job->nr; i++) {
		struct victim *v = &job->victims[i];

		if (!victim_is_held(v) || v->view == VIEW_ALLOWED ||
		    (v->view != VIEW_FORBIDDEN && v->missed < MISSED_MAX))
			continue;
		victim_over(v, v->sent == SENT_NONE ? OUTCOME_KEPT : OUTCOME_SURVIVED);
	}
}

/* One round. True: go on. */
static bool one_round(struct reap_job *job, struct census *c, int *ret_error)
{
	*ret_error = 0;
	if (!reap_ask_owners(job, c))
		return false;
	(void)victim_wait(job, NULL, 0, false);
	reap_judge(job, c);
	drop_forbidden(job);
	*ret_error = reap_find_fresh(job, c);
	if (*ret_error < 0 || !victim_count_held(job, NULL))
		return false;
	/* A kill wants a full scan, which comes next. */
	if (!c->snapshot->full)
		return true;
	if (job->can_freeze && victim_count_held(job, is_running) && freeze(job))
		return true;
	*ret_error = spare_fresh(job, c);
	if (*ret_error < 0)
		return false;
	kill_all(job);
	return true;
}

/* --- the hunt ------------------------------------------------------------------ */

/*
 * No victim is held any more, but a process that forks a successor and exits all the
 * time may do so between two reads of every scan. Each lives for a fraction of a
 * millisecond, less than a full scan takes, and than it takes to write down that it is
 * frozen. So quick scans alternate with full ones, which ask for owners, and what is
 * caught is killed at once. Windows and ports are not probed: it was forked by one that
 * had none.
 */

/*
 * Is this scan inconclusive: did it catch, or miss, a process that the one before did
 * not show? One that ended while the scan ran may have forked another behind it.
 */
static bool is_inconclusive(struct reap_job *job, const struct census *c,
			    const struct snapshot *before, size_t known)
{
	return job->nr > known || job->ended || c->snapshot->vanished ||
	       victim_count_held(job, NULL) || reap_saw_new_end(job, c, before);
}

/* What a hunt knows. */
struct hunt {
	struct reap_job *job;
	int64_t caught_ms, full_ms; /* the last catch (or the beginning), the last full scan */
	unsigned quiet, idle;	    /* scans in a row: that showed none, that caught none */
	bool calm;		    /* no scan was inconclusive so far: quick ones do */
	struct snapshot *before;    /* of the last scan */
};

/* Hunt in one scan, @c: catch, judge and kill. 0 or -ENOMEM. */
static int hunt_in(struct reap_job *job, struct hunt *h, struct census *c)
{
	size_t known = job->nr;
	int r = 0;

	h->idle++;
	if (!c->snapshot->complete || reap_saw_hopping(job, c)) {
		h->quiet = 0;
		return 0;
	}
	if (!reap_ask_owners(job, c))
		return 0;
	(void)victim_wait(job, NULL, 0, false);
	reap_judge(job, c);
	drop_forbidden(job);
	r = reap_find_fresh(job, c);
	h->quiet = is_inconclusive(job, c, h->before, known) ? 0 : h->quiet + 1;
	snapshot_unref(h->before);
	h->before = snapshot_ref(c->snapshot);
	if (job->nr > known)
		h->idle = 0;
	if (r == 0)
		kill_all(job);
	return r;
}

/*
 * Why the hunt is given up, or NULL. What was not caught may have been ours, so the
 * reaping counts as stopped.
 */
static const char *hunt_is_over(const struct hunt *h, int64_t now_ms)
{
	if (victim_told_to_stop(h->job))
		return REAP_TOLD;
	/* A scan takes 50 ms on a loaded machine: time alone proves nothing. */
	if (now_ms - h->caught_ms > HUNT_IDLE_MS && h->idle >= HUNT_IDLE_LOOKS)
		return "some ended before they could be read, and more may be left";
	return NULL;
}

static int hunt_once(void *ctx, enum settle_state *ret_state)
{
	struct hunt *h = ctx;
	struct reap_job *job = h->job;
	int64_t now_ms = monotonic_ms(job);
	bool full = !h->calm && (h->full_ms < 0 || now_ms - h->full_ms >= HUNT_FULL_MS ||
				 h->quiet == HUNT_QUIET - 1);
	struct census *c = NULL;
	int r;

	*ret_state = SETTLE_DONE;
	job->stopped = hunt_is_over(h, now_ms);
	if (job->stopped)
		return 0;
	job->ended = false;
	r = full ? job->env->look(job->env->ctx, &c) : job->env->glance(job->env->ctx, &c);
	if (r < 0) {
		job->stopped = "the processes could not be scanned";
		return 0;
	}
	if (full)
		h->full_ms = now_ms;
	r = hunt_in(job, h, c);
	census_unref(c);
	h->calm = h->calm && h->quiet;
	if (!h->idle)
		h->caught_ms = monotonic_ms(job);
	if (h->quiet < HUNT_QUIET && !victim_all_stopped(job))
		*ret_state = SETTLE_INCONCLUSIVE;
	return r;
}

/*
 * Scan and kill until HUNT_QUIET scans in a row show none. @first: of the scan before,
 * @calm: that showed none. By itself it proves nothing: on a loaded machine, 24 of 400
 * sweeps ended with a scan that held nothing of a process that hopped from pid to pid.
 */
static int hunt(struct reap_job *job, struct snapshot *first, bool calm)
{
	struct hunt h = {
		.job = job,
		.quiet = calm,
		.calm = calm,
		.full_ms = -1,
		.caught_ms = monotonic_ms(job),
		.before = snapshot_ref(first),
	};
	struct settle s = {
		.source = job->env->source,
		.look = hunt_once,
		.ctx = &h,
		.limit_ms = HUNT_MS,
	};
	int r = settle(&s);

	if (r == 0 && s.state == SETTLE_INCONCLUSIVE)
		job->stopped = "new processes kept appearing";
	snapshot_unref(h.before);
	return r;
}

/*
 * Scan again. When all have ended, a quick scan shows as well as a full one whether any
 * process is left: what they forked is new, and what is new is read.
 */
static int look_for_more(struct reap_job *job, unsigned round, struct census **ret_census)
{
	const struct reap_env *env = job->env;

	if (env->alive)
		env->alive(env->ctx);
	job->ended = false;
	if (round == 0 && !victim_count_held(job, NULL))
		return env->glance(env->ctx, ret_census);
	return env->look(env->ctx, ret_census);
}

/* --- all rounds ----------------------------------------------------------------- */

/* What all rounds know. */
struct rounds {
	struct reap_job *job;
	unsigned nr, blind; /* rounds so far, and scans that were not complete */
};

/* Scan and make one round of it. */
static int look_and_act(void *ctx, enum settle_state *ret_state)
{
	struct rounds *rounds = ctx;
	struct reap_job *job = rounds->job;
	size_t known = job->nr;
	struct census *c = NULL;
	int r = 0;

	*ret_state = SETTLE_DONE;
	if (victim_told_to_stop(job))
		job->stopped = REAP_TOLD;
	else if (rounds->nr == ROUNDS_MAX)
		job->stopped = "it took too many rounds";
	if (!job->stopped && look_for_more(job, rounds->nr, &c) < 0)
		job->stopped = "the processes could not be scanned";
	if (job->stopped)
		return 0;
	rounds->nr++;
	/* What was not seen proves nothing: kill nothing on an incomplete scan. */
	if (!c->snapshot->complete) {
		if (++rounds->blind < BLIND_MAX)
			*ret_state = SETTLE_OPEN;
		else
			job->stopped = "not all processes could be scanned";
	} else if (one_round(job, c, &r)) {
		*ret_state = SETTLE_OPEN;
	} else if (!victim_all_stopped(job) && r == 0) {
		r = hunt(job, c->snapshot, !is_inconclusive(job, c, NULL, known));
	}
	census_unref(c);
	return r;
}

int reap_rounds(struct reap_job *job)
{
	struct rounds rounds = { .job = job };
	struct settle s = {
		.source = job->env->source,
		.look = look_and_act,
		.ctx = &rounds,
		.limit_ms = ROUNDS_MS,
	};
	int r = settle(&s);

	if (r == 0 && s.state == SETTLE_OPEN)
		job->stopped = "it took too long";
	return r;
}
