/* SPDX-License-Identifier: MIT */
#include "engine/victim.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"

/* How long a wait may last before the surroundings hear that it goes on. */
enum { ALIVE_MS = 1000 };

int victim_add(struct reap_job *job, size_t part, const struct process *proc,
	       const struct member *m, int handle, bool fresh)
{
	struct victim v = {
		.hold = hold_of(job->env->reaper, &proc->id),
		.part = part,
		.fresh = fresh,
		.inferred = m && m->inferred,
	};

	if (handle >= 0) {
		v.hold.handle = handle;
		v.hold.borrowed = true;
	}
	if (ARRAY_GROW(job->victims, job->nr, job->alloc) < 0)
		return -ENOMEM;
	strncpy(v.name, proc->comm, sizeof(v.name) - 1);
	job->victims[job->nr++] = v;
	return 0;
}

static int compare_pid(const void *a, const void *b, void *ctx)
{
	const struct reap_job *job = ctx;
	pid_t x = job->victims[*(const size_t *)a].hold.id.pid;
	pid_t y = job->victims[*(const size_t *)b].hold.id.pid;

	return (x > y) - (x < y);
}

int victim_sort(struct reap_job *job)
{
	size_t *by_pid;

	if (job->nr_sorted == job->nr)
		return 0;
	by_pid = reallocarray(job->by_pid, job->nr, sizeof(*by_pid));
	if (!by_pid)
		return -ENOMEM;
	for (size_t i = 0; i < job->nr; i++)
		by_pid[i] = i;
	job->by_pid = by_pid;
	job->nr_sorted = job->nr;
	qsort_r(by_pid, job->nr, sizeof(*by_pid), compare_pid, job);
	return 0;
}

struct victim *victim_find(struct reap_job *job, const struct identity *id)
{
	size_t low = 0, high = job->nr_sorted;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (job->victims[job->by_pid[middle]].hold.id.pid < id->pid)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < job->nr_sorted && job->victims[job->by_pid[low]].hold.id.pid == id->pid;
	     low++) {
		struct victim *v = &job->victims[job->by_pid[low]];

		if (identity_equal(&v->hold.id, id))
			return v;
	}
	/* What was added since the last victim_sort() is few. */
	for (size_t i = job->nr_sorted; i < job->nr; i++) {
		if (identity_equal(&job->victims[i].hold.id, id))
			return &job->victims[i];
	}
	return NULL;
}

void victim_over(struct victim *v, enum outcome outcome)
{
	/* Continue it first, unless it is dead. */
	if (v->state == VICTIM_FROZEN && v->hold.handle >= 0)
		(void)hold_signal(&v->hold, SIGCONT);
	v->outcome = outcome;
	v->state = VICTIM_OVER;
	hold_close(&v->hold);
}

size_t victim_count_held(const struct reap_job *job, bool (*which)(const struct victim *v))
{
	size_t nr = 0;

	for (size_t i = 0; i < job->nr; i++) {
		const struct victim *v = &job->victims[i];

		nr += victim_is_held(v) && (!which || which(v));
	}
	return nr;
}

size_t victim_count_waiting(const struct reap_job *job)
{
	size_t nr = 0;

	for (size_t i = 0; i < job->nr; i++)
		nr += job->victims[i].state == VICTIM_WAITING;
	return nr;
}

bool victim_told_to_stop(const struct reap_job *job)
{
	struct pollfd fd = { .fd = job->env->stop_fd, .events = POLLIN };

	return fd.fd >= 0 && poll(&fd, 1, 0) > 0;
}

/* Set the outcome of a victim that has ended by its handle. */
static void record_end(struct reap_job *job, struct victim *v)
{
	enum outcome outcome = OUTCOME_GONE;

	if (v->sent == SENT_KILL)
		outcome = job->env->on_kill;
	else if (v->sent == SENT_TERM)
		outcome = job->env->on_term;
	job->ended = job->ended || v->sent != SENT_KILL;
	/* A dead process needs no SIGCONT. */
	v->state = VICTIM_HELD;
	victim_over(v, outcome);
}

/* Wait in pieces, so that a service manager hears meanwhile that stray is alive. */
static int wait_in_pieces(struct reap_job *job, const struct hold *const *holds, size_t nr,
			  int64_t timeout_ms, int stop_fd, bool *dead)
{
	int r;

	while (job->env->alive && timeout_ms > ALIVE_MS) {
		job->env->alive(job->env->ctx);
		r = hold_wait(holds, nr, ALIVE_MS, stop_fd, dead);
		if (r < 0 || (size_t)r == nr)
			return r;
		timeout_ms -= ALIVE_MS;
	}
	r = hold_wait(holds, nr, timeout_ms, stop_fd, dead);
	if (job->env->alive)
		job->env->alive(job->env->ctx);
	return r;
}

bool victim_wait(struct reap_job *job, bool (*which)(const struct victim *v), int64_t timeout_ms,
		 bool stoppable)
{
	_cleanup_free_ size_t *index = calloc(job->nr + 1, sizeof(*index));
	_cleanup_free_ const struct hold **holds = calloc(job->nr + 1, sizeof(struct hold *));
	_cleanup_free_ bool *dead = calloc(job->nr + 1, sizeof(*dead));
	size_t nr = 0;
	int r;

	if (!index || !holds || !dead)
		return true;
	for (size_t i = 0; i < job->nr; i++) {
		const struct victim *v = &job->victims[i];

		if (!victim_is_held(v) || (which && !which(v)))
			continue;
		index[nr] = i;
		holds[nr++] = &v->hold;
	}
	if (!nr)
		return true;
	r = wait_in_pieces(job, holds, nr, timeout_ms, stoppable ? job->env->stop_fd : -1, dead);
	if (r < 0 && r != -EINTR)
		return true;
	for (size_t i = 0; i < nr; i++) {
		if (dead[i])
			record_end(job, &job->victims[index[i]]);
	}
	return r != -EINTR;
}

void victim_end_part(struct reap_job *job, const struct reap_part *part)
{
	/* Poll once more: what has died in the meantime was ended. */
	(void)victim_wait(job, NULL, 0, false);
	for (size_t i = 0; i < job->nr; i++) {
		struct victim *v = &job->victims[i];

		if (victim_is_held(v) && (!part || part == &job->parts[v->part]))
			victim_over(v, v->sent == SENT_NONE ? OUTCOME_KEPT : OUTCOME_SURVIVED);
	}
}

void victim_stop_part(struct reap_job *job, struct reap_part *part, const char *why, bool spared)
{
	part->stopped = why;
	part->spared = spared;
	victim_end_part(job, part);
	for (size_t i = 0; i < job->nr; i++) {
		struct victim *v = &job->victims[i];

		if (v->state == VICTIM_WAITING && part == &job->parts[v->part])
			victim_over(v, OUTCOME_KEPT);
	}
}

bool victim_all_stopped(const struct reap_job *job)
{
	bool all = true;

	for (size_t i = 0; i < job->nr_parts; i++)
		all = all && job->parts[i].stopped;
	return job->stopped || all;
}
