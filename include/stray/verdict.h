/* SPDX-License-Identifier: MIT */
#ifndef STRAY_VERDICT_H
#define STRAY_VERDICT_H

#include "stray/census.h"

/*
 * The one predicate: may this process be ended, at which request, and if not, why not.
 * Pure; the sweep, every rescan while reaping, the dialog, --explain and
 * --check all ask it, and ask it again after every slow step.
 */

/* What asks to end it. */
enum verdict_face {
	FACE_SWEEP, /* unattended: windows and listeners are kept, ticks count */
	FACE_GROUP, /* a person, or --reap, means a whole instance */
	FACE_PICK,  /* a person picked this process by itself: kept ones too */
};

struct verdict_ask {
	enum verdict_face face;
	unsigned grace;	    /* FACE_SWEEP: ticks that it takes; 0: do not ask for ticks */
	bool reap_detached; /* a detached process counts as an orphan */
	/*
	 * Lift the owner's say for the instance @of, and the rule about
	 * descendants of a live desktop where that desktop is @of's own. Never
	 * lifted for desktops themselves.
	 */
	bool force;
	const struct instance *of;
	/* Do not keep the terminal's foreground: it is where a wrapper put its command. */
	bool foreground;
	/*
	 * It was asked about before and is held since. Its pid namespace, which
	 * never changes, is not asked for again: what proved it to be the agent's
	 * own sandbox may have been ended meanwhile.
	 */
	bool held;
	/* What was looked up for this process; all false before it is condemned. */
	bool window, listener, mount;
};

/* May the process of @m be ended? WHY_MAY_END, or the first reason that holds. */
enum verdict_why verdict_of(const struct census *c, const struct member *m,
			    const struct verdict_ask *ask);

/* The same for any process of the snapshot, managed or not. */
enum verdict_why verdict_of_process(const struct census *c, const struct process *proc,
				    const struct verdict_ask *ask);

/*
 * The process that @proc is spared for, where that is another one: it shares the pid
 * namespace that would end with @proc. NULL: none.
 */
const struct process *verdict_blames(const struct census *c, const struct process *proc,
				     const struct verdict_ask *ask);

/*
 * The dead stdio server of its instance that @m is, or is below in its session; NULL: none.
 * It leads no session, and both its standard input and output have no other end.
 */
const struct process *verdict_dead_server(const struct census *c, const struct member *m);

/* What keeps it, of what would keep it from @ask: WHY_MAY_END if nothing does. */
enum verdict_why verdict_kept_from(const struct census *c, const struct process *proc,
				   const struct verdict_ask *ask);

/*
 * The first kept reason but @but (WHY_MAY_END: but none) that holds for @proc or
 * for a managed process above it; WHY_MAY_END if none does. For a face to which
 * one of the reasons means nothing, and which must not miss those behind it.
 */
enum verdict_why verdict_kept_but(const struct census *c, const struct process *proc,
				  enum verdict_why but);

/*
 * Fill census_node.kept_for of every process and member.kept of every member.
 * census_build() calls it last. 0 or -ENOMEM.
 */
int verdict_mark_kept(struct census *c);

/* "opt-out", "keep-list", ...: the word for `kept` in JSON; NULL where it has none. */
const char *verdict_kept_name(enum verdict_why why);

/* A few plain words, such as "it is in the foreground of a terminal in use". Never NULL. */
const char *verdict_text(enum verdict_why why);

#endif
