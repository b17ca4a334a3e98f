/* SPDX-License-Identifier: MIT */
#ifndef REPORT_EXPLAIN_H
#define REPORT_EXPLAIN_H

#include "report/report.h"
#include "stray/history.h"

/*
 * --explain: say what one process is, which instance owns it, what the next sweep would
 * do with it, and why. Pure: uses the census and the verdict only.
 */
struct explain_input {
	const struct census *census;
	const struct process *proc; /* of the census's snapshot */
	const struct engine_settings *settings;
	/*
	 * For each process of the snapshot, the probed reasons to spare it (engine_explain());
	 * NULL: none, or not probed.
	 */
	const unsigned *spared;
	/* The last outcome of a process that had this pid before; NULL: none is known. */
	const struct history_entry *former;
};

/* What the next sweep that counts would do. */
enum explain_next {
	NEXT_NOTHING, /* the sweep does not end it; `why` says why not */
	NEXT_COUNT,   /* one more tick, not yet enough */
	NEXT_END,
};

/* The verdict for one face. */
struct explain_opinion {
	enum verdict_why why;
	/* `why` is about this process, which the membership was inferred from; NULL: itself. */
	const struct process *source;
};

struct explain_result {
	enum explain_next next;
	unsigned ticks;		      /* the fewest of its memberships */
	struct explain_opinion sweep; /* NEXT_NOTHING: why not */
	struct explain_opinion group; /* for --reap of its instance */
	enum verdict_why pick;	      /* for the view, if it is picked by itself */
	/* It has enough ticks, but this process may start the desktop again: the sweep waits. */
	const struct process *launcher;
};

/* Return the ticks of @m; an inferred member has those of the one it was inferred from. */
unsigned explain_ticks(const struct census *c, const struct member *m);

/* Decide what each face may do with the process, and what the next tick does. */
void explain_decide(const struct explain_input *in, struct explain_result *ret_result);

/* Return the first reason why a process without a membership is not managed; static text. */
const char *explain_not_managed(const struct explain_input *in, const struct report_options *o);

/* The same as an identifier, for JSON. */
const char *explain_not_managed_word(const struct explain_input *in,
				     const struct report_options *o);

/* Append the explanation. 0 or -ENOMEM. */
int explain_text(struct strbuf *sb, const struct explain_input *in, const struct report_options *o);
int explain_json(struct strbuf *sb, const struct explain_input *in, const struct report_options *o);

#endif
