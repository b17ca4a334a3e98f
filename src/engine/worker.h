/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_WORKER_H
#define ENGINE_WORKER_H

#include "engine/watched.h"
#include "engine/hold.h"
#include "stray/engine.h"

/*
 * The engine in a thread of its own, for the terminal view: commands go in,
 * immutable censuses and lines for the event log come out. Neither side waits for the
 * other: every call here but worker_stop() returns at once, whatever a scan hangs on.
 * It drives the same engine_tick() as the headless sweep, with the same ledger and
 * lock.
 *
 * All calls may be made from one thread other than the engine's, the view's.
 */
struct worker;

struct worker_options {
	/*
	 * Policy, settings, scope, state_dir and dry_run as for engine_new(); save,
	 * stop_fd, notify and ctx are the worker's own. Strings must outlive it.
	 */
	struct engine_options sweep;
	struct source *source; /* not owned; the thread's alone until worker_stop() is 0 */
	struct reaper *reaper; /* likewise */
	int64_t delay_ms;      /* between two looks */
	bool arm;	       /* begin armed */
	const char *version;   /* for the first line of the log ... */
	int64_t told_delay_ms; /* ... and the delay that it names; 0: delay_ms */
	/* The name of a user, into @buf; false: none. NULL: the user database. */
	bool (*user_name)(uid_t uid, char *buf, size_t size);
};

/* The words of the event log. */
enum worker_word {
	WORD_START,
	WORD_NEW,    /* an instance came */
	WORD_ORPHAN, /* its owner went, or it was an orphan on one more tick */
	WORD_OWNER,  /* an owner came back */
	WORD_END,    /* no process is left of it */
	WORD_SWEEP,  /* armed, disarmed, why not */
	WORD_REAP,
	WORD_FAIL, /* a process could not be ended */
	WORD_SKIP, /* a process was not the one that was meant, or is kept */
	WORD_WARN,
	WORD_NR
};

/* The word as the view shows it. Static. */
const char *worker_word_name(enum worker_word word);

/* One line of the event log. The text is not escaped: it names instances. */
struct worker_line {
	int64_t realtime_ms;
	enum worker_word word;
	bool loud;  /* answers a command of the view: for the message line too */
	char *text; /* heap */
	/*
	 * Of what a reaping came to: text is "2 of 2 ended", then come the memory that it
	 * freed, @tail (", 0 survived") and the instances. NULL and 0 elsewhere.
	 */
	char *tail, *name;
	uint64_t freed_kib;
};

struct worker_user {
	uid_t uid;
	char name[33];
};

/* What became of one command of the view. */
enum worker_answer_kind {
	ANSWER_HOLD, /* worker_hold(): states is filled */
	ANSWER_REAP, /* worker_reap() is done: error, report */
};

struct worker_answer {
	enum worker_answer_kind kind;
	unsigned hold;		 /* which one */
	int error;		 /* 0 or -errno of the whole */
	enum hold_state *states; /* HOLD: per identity, heap */
	size_t nr;
	struct reap_report report; /* REAP */
};

/* Everything new since the last worker_take(). */
struct worker_update {
	struct census *census; /* the newest picture, one reference; NULL: none since */
	bool sweeping;	       /* a tick or a reap is running */
	bool armed;
	pid_t swept_by;	   /* the process that holds the sweep lock instead; 0: none known */
	int64_t due_ms;	   /* until the next counted tick, when it was written ... */
	int64_t due_at_ms; /* ... at this CLOCK_MONOTONIC time of this machine */
	size_t ticks;	   /* counted ticks so far */
	/* A wait for victims, when it was written at that CLOCK_MONOTONIC time; nr 0: none. */
	struct reap_progress progress;
	int64_t progress_at_ms;
	struct worker_user *users;
	size_t nr_users;
	struct worker_line *lines;
	size_t nr_lines;
	struct worker_answer *answers;
	size_t nr_answers;
	int error; /* the thread has ended with this; 0: it runs */
};

/*
 * Start the thread; the first tick follows at once. 0, -ENOMEM or -errno.
 * What engine_new() says comes as update.error.
 */
int worker_new(const struct worker_options *options, struct worker **ret_worker);

/* Polls readable while worker_take() has something. The worker's own. */
int worker_fd(const struct worker *w);

/* Move everything new into *ret_update, which the caller releases. */
void worker_take(struct worker *w, struct worker_update *ret_update);
void worker_update_release(struct worker_update *update);

/* The process that a scan waits for and for how long (ms), or 0. Any thread. */
pid_t worker_waits_for(struct worker *w, int64_t *ret_ms);

/* Commands. 0 or -ENOMEM: not taken. */
int worker_tick(struct worker *w);	    /* look now; counts if it is time to */
int worker_arm(struct worker *w, bool arm); /* the first sweep comes an interval later */
int worker_set_delay(struct worker *w, int64_t delay_ms);
int worker_ports(struct worker *w, bool ports); /* look up what each process listens on */
int worker_pause(struct worker *w, bool pause); /* between ticks no looks */

/*
 * Hold these processes while a dialog shows them. An answer says which could be held;
 * *ret_hold names it. While anything is held an armed sweep counts but ends nothing.
 */
int worker_hold(struct worker *w, const struct identity *ids, size_t nr, unsigned *ret_hold);
int worker_release(struct worker *w, unsigned hold);

/* One instance's share of what the dialog showed: ids[first .. first + nr). */
struct worker_victims {
	const char *app;       /* copied */
	struct bytes instance; /* copied */
	uid_t uid;
	enum verdict_face face;
	bool force;
	size_t first, nr;
};

/*
 * End those of @hold, through its handles, and release it. A line of the log
 * and an answer come for each of @victims.
 */
int worker_reap(struct worker *w, unsigned hold, const struct worker_victims *victims, size_t nr);

/*
 * Stop: waits are cut short, what is frozen is continued, the lock is given up.
 * Waits for the thread up to @timeout_ms and frees @w: 0. -ETIMEDOUT: the
 * thread hangs in a scan; @w and what it uses must stay as they are until the
 * process exits.
 */
int worker_stop(struct worker *w, int64_t timeout_ms);

/* The same, and on 0 what worker_take() would have had as *ret_last, to be released. */
int worker_stop_take(struct worker *w, int64_t timeout_ms, struct worker_update *ret_last);

#endif
