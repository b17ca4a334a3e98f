/* SPDX-License-Identifier: MIT */
#ifndef REPORT_EXPLAIN_H
#define REPORT_EXPLAIN_H

#include "report/report.h"
#include "stray/history.h"

/*
 * --explain: what one process is, who owns it, and what the next sweep would do
 * with it and why. Pure: asks the census and the predicate.
 */
struct explain_input {
	const struct census *census;
	const struct process *proc; /* of the census's snapshot */
	const struct engine_settings *settings;
	/*
	 * What the sweep would spare each process of the snapshot for, as engine_explain() has
	 * looked it up; NULL: nothing, or not looked up.
	 */
	const unsigned *spared;
	/* What stray did to a process that had this pid before; NULL: nothing is known. */
	const struct history_entry *former;
};

/* What the next sweep that counts would do. */
enum explain_next {
	NEXT_NOTHING, /* the sweep does not end it: why says why not */
	NEXT_COUNT,   /* one more tick, not yet enough */
	NEXT_END,
};

/* What one face says to ending it. */
struct explain_opinion {
	enum verdict_why why;
	/* Not itself, but whom it was inferred from and goes with: why is about that one. */
	const struct process *source;
};

struct explain_result {
	enum explain_next next;
	unsigned ticks;		      /* the fewest of its memberships */
	struct explain_opinion sweep; /* NEXT_NOTHING: why not */
	struct explain_opinion group; /* what --reap of its instance would say */
	enum verdict_why pick;	      /* what the view would say if picked by itself */
	/* Enough ticks, but this one may start the desktop again: the sweep waits. */
	const struct process *launcher;
};

/* The ticks that count for @m: what is inferred goes with whom it was inferred from. */
unsigned explain_ticks(const struct census *c, const struct member *m);

void explain_decide(const struct explain_input *in, struct explain_result *ret_result);

/*
 * Why it is managed by nobody: the reason that comes first. Static text, for one
 * without a membership.
 */
const char *explain_not_managed(const struct explain_input *in, const struct report_options *o);

/* The same as an identifier, for JSON. */
const char *explain_not_managed_word(const struct explain_input *in,
				     const struct report_options *o);

/* Append the explanation. 0 or -ENOMEM. */
int explain_text(struct strbuf *sb, const struct explain_input *in, const struct report_options *o);
int explain_json(struct strbuf *sb, const struct explain_input *in, const struct report_options *o);

#endif
