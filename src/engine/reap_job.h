/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_REAP_JOB_H
#define ENGINE_REAP_JOB_H

#include "engine/victim.h"

/* The layers of one reap_run() above victim.h; each uses those before it. */

/* --- reap_verify.c */

/*
 * Hold these, which wait, and verify that each is the process that is meant: its handle
 * is opened before and alive after the start time and the marker were read through its
 * pid, so they were its own. They are read together: a reading that may hang wants a
 * thread. Afterwards each is HELD, or OVER with its outcome. 0; -EMFILE: no
 * descriptors, the rest still waits; -ENOSYS: no pidfds; -ENOMEM.
 * The census that says why they are members is the job's base; for fresh ones it is
 * @now, if there is one.
 */
int reap_hold(struct reap_job *job, struct victim *const *victims, size_t nr,
	      const struct census *now);

/*
 * Ask again whether the ends are closed of each held victim that is one since they were:
 * one that has a client again is kept. Asked right before the first signal, of all
 * together, since the servers that a victim stands below must still be there. @now as above.
 */
void reap_ask_ends(struct reap_job *job, const struct census *now);

/* The member of the instance of @part that @id is in @c, or NULL. */
const struct member *reap_member(const struct reap_part *part, const struct census *c,
				 const struct identity *id);

/* --- reap_judge.c */

/*
 * Take up the scan @c. Where a desktop of an instance has come up since, or its owner
 * is unsure now, the reaping of that instance stops: what is left of it is continued
 * and is not to be ended any more. False: nothing is left to do.
 */
bool reap_ask_owners(struct reap_job *job, const struct census *c);

/*
 * Is the owner of a part in doubt for a process that may be one of its own, which is
 * ending? A scan that shows it so is none to decide by.
 */
bool reap_saw_hopping(const struct reap_job *job, const struct census *c);

/*
 * Has a process of the same user ended, not yet waited for, that was there
 * neither when the victims were chosen, nor as one that had ended in @before
 * (NULL: no such look)?
 */
bool reap_saw_new_end(struct reap_job *job, const struct census *c, const struct snapshot *before);

/* Ask the predicate about every victim that is left again. After reap_ask_owners(). */
void reap_judge(struct reap_job *job, const struct census *c);

/* Add what the victims forked meanwhile. After reap_ask_owners(). 0 or -ENOMEM. */
int reap_find_fresh(struct reap_job *job, const struct census *c);

/* --- reap_rounds.c */

/* Freeze, rescan and kill until nothing is left. 0 or -ENOMEM. */
int reap_rounds(struct reap_job *job);

#endif
