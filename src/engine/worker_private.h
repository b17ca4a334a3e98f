/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_WORKER_PRIVATE_H
#define ENGINE_WORKER_PRIVATE_H

#include <pthread.h>

#include "engine/journal.h"

/* For worker.c (the view's side), worker_loop.c and worker_hold.c (the thread's). */

enum command_kind {
	COMMAND_TICK,
	COMMAND_ARM,
	COMMAND_DELAY,
	COMMAND_PAUSE,
	COMMAND_PORTS,
	COMMAND_HOLD,
	COMMAND_RELEASE,
	COMMAND_REAP,
};

struct command {
	struct command *next;
	enum command_kind kind;
	bool on;			/* ARM, PAUSE */
	int64_t delay_ms;		/* DELAY */
	unsigned hold;			/* HOLD, RELEASE, REAP */
	struct identity *ids;		/* HOLD */
	size_t nr;			/* of ids or victims */
	struct worker_victims *victims; /* REAP */
};

void command_free(struct command *cmd);

/* The processes of one open dialog. The thread's alone. */
struct held_list {
	unsigned id;
	struct hold *procs;
	enum hold_state *states; /* of each when it was opened */
	size_t nr;
};

/* What a reaping did to one instance, or to several. */
struct tally {
	char *name; /* short, not escaped */
	size_t count[OUTCOME_NR];
	uint64_t freed_kib;
};

struct worker {
	struct worker_options options;
	pthread_t thread;
	int wake_fd; /* commands wait */
	int out_fd;  /* something can be taken */
	int stop_fd; /* polls readable once we are to stop */

	pthread_mutex_t lock; /* guards what follows, up to the blank line */
	struct command *first, **last;
	struct worker_update out;
	size_t alloc_lines, alloc_answers, alloc_users;
	unsigned next_hold; /* the view's side alone */

	/* the thread's alone */
	struct engine *sweep;
	struct watched watched; /* what the engine has as its reaper */
	struct census *latest;	/* for the memory of what was ended; NULL: none yet */
	struct journal journal;
	struct held_list *holds;
	size_t nr_holds, alloc_holds;
	struct tally *tallies;
	size_t nr_tallies, alloc_tallies;
	bool started; /* the first line is written */
	bool armed, paused, ports, look_now, stuck, reaping, said_wait;
	bool together; /* what is said now is taken together with the picture that follows */
	int lock_fd;
	int64_t delay_ms, next_look_ms, last_look_ms, reap_from_ms;
	int64_t realtime_ms; /* of the last census */
};

/* Run the thread: @arg is the worker. Returns NULL once it is asked to end. */
void *worker_main(void *arg);

/* Things that the thread does; worker_hold.c. */
void worker_do_hold(struct worker *w, struct command *cmd);
void worker_do_release(struct worker *w, unsigned hold);
void worker_do_reap(struct worker *w, const struct command *cmd);

/* Output; takes the lock. Memory that runs out costs lines, nothing else. */
void worker_say(struct worker *w, enum worker_word word, bool loud, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void worker_say_text(struct worker *w, enum worker_word word, bool loud, const char *text);
bool worker_answer(struct worker *w, struct worker_answer *answer); /* takes what it holds */
void worker_signal(struct worker *w);
bool worker_stopping(const struct worker *w);

/* worker_past.c: the history of earlier runs, as lines of the log. */
void worker_tell_past(struct worker *w);

/* worker_tell.c: what became of processes, in words. */

/* One process; tells it in a line of its own and adds it to @t. */
void worker_tell_result(struct worker *w, struct tally *t, struct bytes instance,
			const struct reap_result *res);
/* The whole: one loud line. @why, if not NULL, is why it was stopped. */
void worker_tell_tally(struct worker *w, const struct tally *t, bool sweep, const char *why);
/* Progress of a wait, for struct watched; @ctx is the worker. */
void worker_tell_progress(void *ctx, const struct reap_progress *progress);
void worker_say_line(struct worker *w, struct worker_line *line); /* takes what it holds */

#endif
