/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_REAP_JOB_H
#define ENGINE_REAP_JOB_H

#include "engine/reap.h"

/* The inside of one reap_run(), shared by reap.c, reap_verify.c and reap_rounds.c. */

enum victim_state {
	VICTIM_WAITING, /* not held yet */
	VICTIM_HELD,	/* verified, alive when last looked at */
	VICTIM_OVER,	/* its outcome stands */
};

/*
 * While a process ends, its memory is gone or cannot be read before its pidfd
 * tells of the end: one that seems to have lost its marker gets so long for it.
 */
enum { ENDING_MS = 50 };

struct victim {
	struct identity id;
	char name[16];
	enum victim_state state;
	int handle;    /* -1: none */
	bool borrowed; /* the handle is the caller's */
	bool fresh;    /* found while reaping */
	bool inferred; /* no marker of its own when it was chosen */

	bool seen;	 /* by the last rescan */
	bool allowed;	 /* and the predicate let it go then */
	bool spared;	 /* windows and listeners were looked up */
	bool unclear;	 /* the last rescan did not come by it, or could not tell */
	unsigned missed; /* such rescans in a row */
	bool termed, frozen, killed;

	enum outcome outcome;
	enum verdict_why why;
	int error;
};

struct reap_job {
	const struct reap_env *env;
	const struct reap_plan *plan;
	struct victim *victims;
	size_t nr, alloc;
	bool can_freeze;
	bool froze; /* somebody was, at some time */
	/* Since the last look was begun somebody ended by itself, or on SIGTERM. */
	bool ended;
	const char *stopped; /* why, NULL: not stopped */
	bool spared;	     /* stopped because an owner is back, or may be */
};

/* --- reap_verify.c */

/*
 * Hold these, which wait, and see that each is who is meant: its handle is opened
 * before and alive after the start time and the marker were read through its pid,
 * so they were its own. They are read together: a reading that may hang wants a
 * thread. Afterwards each is HELD, or OVER with its outcome. 0; -EMFILE: no
 * descriptors, the rest still waits; -ENOSYS: no pidfds; -ENOMEM.
 * Why they are members says the plan's base; of those that are fresh, @now, if
 * there is one.
 */
int reap_hold(struct reap_job *job, struct victim *const *victims, size_t nr,
	      const struct census *now);

/* The member of the plan's instance that @id is in @c, or NULL. */
const struct member *reap_member(const struct reap_job *job, const struct census *c,
				 const struct identity *id);

/* --- reap.c */

void reap_let_go(struct reap_job *job, struct victim *v); /* close its handle */
void reap_over(struct reap_job *job, struct victim *v, enum outcome outcome);
/* Another victim, WAITING. 0 or -ENOMEM. */
int reap_add_victim(struct reap_job *job, const struct process *proc, const struct member *m,
		    int handle, bool fresh);

/*
 * Wait for those that are held and for which @which is set, and settle the
 * outcome of those that have ended. False: cut short by stop_fd.
 */
bool reap_wait(struct reap_job *job, bool (*which)(const struct victim *v), int64_t timeout_ms,
	       bool stoppable);
bool reap_told_to_stop(const struct reap_job *job);

/* --- reap_rounds.c */

/* Freeze, rescan and kill until nothing is left. 0 or -ENOMEM. */
int reap_rounds(struct reap_job *job);

/* --- reap_fresh.c */

/*
 * Has a desktop of the instance come up since, or is the owner unsure now? Then
 * the job has stopped, and who is left is not to be ended any more.
 */
bool reap_owner_is_back(struct reap_job *job, const struct census *c);

/*
 * Has a process of the same user ended, not yet waited for, that was there
 * neither when the victims were chosen, nor as one that had ended in @before
 * (NULL: no such look)?
 */
bool reap_saw_new_end(const struct reap_job *job, const struct census *c,
		      const struct snapshot *before);

/* Ask the predicate about every held victim again. */
void reap_judge(struct reap_job *job, const struct census *c);

/* Add what the victims forked meanwhile. 0 or -ENOMEM. */
int reap_find_fresh(struct reap_job *job, const struct census *c);

#endif
