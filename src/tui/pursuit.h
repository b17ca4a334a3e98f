/* SPDX-License-Identifier: MIT */
#ifndef TUI_PURSUIT_H
#define TUI_PURSUIT_H

#include "base/strbuf.h"
#include "engine/worker.h"

struct dialog;

/*
 * The processes that the view has asked the engine to reap, until the engine has
 * answered: leaving the view now would leave them behind. All zero is empty.
 */
enum pursued_state {
	PURSUED_AWAITED,
	PURSUED_ENDED, /* or is none of ours any more */
	PURSUED_ALIVE, /* survived, or could not be signalled */
};

struct pursued {
	struct identity id;
	char *name; /* escaped */
	enum pursued_state state;
};

struct pursuit {
	struct pursued *items;
	size_t nr, alloc;
	size_t answers_left; /* one for each instance */
	bool failed;	     /* an answer said that nothing was done */
};

/* Take in the victims of a confirmed dialog; @answers: how many the engine will give. */
void pursuit_add(struct pursuit *p, const struct dialog *d, size_t answers);

/* What became of one instance's share. */
void pursuit_answer(struct pursuit *p, const struct worker_answer *answer);

/* How many are not known to have ended. */
size_t pursuit_left(const struct pursuit *p);

/* Append a line for each that lives, or of which nothing is known. */
void pursuit_tell(const struct pursuit *p, struct strbuf *sb);

void pursuit_release(struct pursuit *p);

#endif
