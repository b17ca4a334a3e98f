/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_VICTIM_H
#define ENGINE_VICTIM_H

#include "engine/hold.h"
#include "engine/reap.h"

/*
 * The processes that one reap_run() is about to end, of all instances together, and
 * what became of each. The lowest layer of the reaping: reap_verify.c, reap_judge.c,
 * reap_rounds.c and reap.c stand on it, in that order.
 */

/* Where a victim stands. */
enum victim_state {
	VICTIM_WAITING, /* not held yet */
	VICTIM_HELD,	/* verified, alive when last looked at */
	VICTIM_FROZEN,	/* the same, and stopped by us */
	VICTIM_OVER,	/* its outcome stands */
};

/* The strongest signal that was sent to it. */
enum victim_sent { SENT_NONE, SENT_TERM, SENT_KILL };

/* What the last rescan said about ending it. */
enum victim_view {
	VIEW_ABSENT,  /* not seen */
	VIEW_ALLOWED, /* the predicate allows it */
	VIEW_UNCLEAR, /* seen, but without what tells: it may be ending, or between programs */
	VIEW_FORBIDDEN,
};

/*
 * While a process ends, its memory is gone or cannot be read before its pidfd
 * tells of the end: one that seems to have lost its marker gets so long for it.
 */
enum { ENDING_MS = 50 };

struct victim {
	struct hold hold; /* the process, whether it is held or not */
	char name[16];
	size_t part; /* index in reap_job.parts: the instance it is ended for */
	enum victim_state state;
	enum victim_sent sent;
	enum victim_view view;
	unsigned missed; /* rescans in a row that were ABSENT or UNCLEAR */
	bool fresh;	 /* found while reaping */
	bool inferred;	 /* no marker of its own when it was chosen */
	bool probed;	 /* windows and listeners were looked up */

	enum outcome outcome;
	enum verdict_why why;
	int error;
};

/* The share of one instance. */
struct reap_part {
	const struct reap_plan *plan;
	const struct instance *now; /* the instance in the scan at hand, NULL: not there */
	const char *stopped;	    /* why its reaping stopped; NULL: it goes on */
	bool spared;		    /* stopped because an owner is back, or may be */
};

struct reap_job {
	const struct reap_env *env;
	struct reap_part *parts;
	size_t nr_parts;
	const struct census *base;  /* in which the victims were chosen */
	const struct census *first; /* what started after this one is new */
	struct victim *victims;
	size_t nr, alloc;
	size_t *by_pid; /* indices of the first nr_sorted victims, ordered by pid */
	size_t nr_sorted;
	bool can_freeze;
	bool froze; /* some were, at some time */
	/* Since the last scan was begun one ended by itself, or on SIGTERM. */
	bool ended;
	const char *stopped; /* why all of it stopped, NULL: it goes on */
};

/* Is it held, frozen or not? */
static inline bool victim_is_held(const struct victim *v)
{
	return v->state == VICTIM_HELD || v->state == VICTIM_FROZEN;
}

/* Add a victim, WAITING. 0 or -ENOMEM. @m may be NULL. */
int victim_add(struct reap_job *job, size_t part, const struct process *proc,
	       const struct member *m, int handle, bool fresh);

/* Find the victim with that identity, or NULL. Good until the next victim_add(). */
struct victim *victim_find(struct reap_job *job, const struct identity *id);

/* Order what victim_find() searches. 0 or -ENOMEM. */
int victim_sort(struct reap_job *job);

/* Note its outcome: it is continued if it was frozen, and its handle closed. */
void victim_over(struct victim *v, enum outcome outcome);

/* How many are held, and for which @which (NULL: all) holds. */
size_t victim_count_held(const struct reap_job *job, bool (*which)(const struct victim *v));
size_t victim_count_waiting(const struct reap_job *job);

/*
 * Wait for those that are held and for which @which is set, and note the
 * outcome of those that have ended. False: cut short by stop_fd.
 */
bool victim_wait(struct reap_job *job, bool (*which)(const struct victim *v), int64_t timeout_ms,
		 bool stoppable);

/* Note the outcome of all that @part (NULL: every part) has left: they stay alive, or die unseen. */
void victim_end_part(struct reap_job *job, const struct reap_part *part);

/* Stop the reaping of @part, for @why; @spared: for an owner. */
void victim_stop_part(struct reap_job *job, struct reap_part *part, const char *why, bool spared);

/* Has all of it stopped, as a whole or part by part? */
bool victim_all_stopped(const struct reap_job *job);

/* Is the reaping asked to stop, by a signal or the view? */
bool victim_told_to_stop(const struct reap_job *job);

#endif
