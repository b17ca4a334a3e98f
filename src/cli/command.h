/* SPDX-License-Identifier: MIT */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "cli/leaks.h"
#include "cli/wrapper.h"

/*
 * What --run and --check -- CMD have in common: the session's command, run as
 * an owner, and what it left behind.
 */
struct command {
	struct session *session; /* not owned */
	struct wrapper wrapper;
	struct leak_query query;
	struct leak_report report; /* of the last command_observe() */
	bool missed;		   /* that look may have missed somebody */
	struct lineage lineage;	   /* with a report to come: whose children there are */
	int64_t lineage_due_ms;	   /* CLOCK_MONOTONIC: when to look at that again */
	int lineage_rest_ms;	   /* between two looks, if they cost little */
};

/*
 * Open the session with @flags and run its command to its end. True, and
 * *ret_status is the command's as a shell gives it; false after a message:
 * nothing was run, and *ret_status is ours to exit with. command_release() in
 * either case.
 */
bool command_run(struct command *c, struct session *s, unsigned flags, int *ret_status);

/*
 * After command_run(): has the command left nothing for sure, without a look at any
 * process? waitid(2) says that we have no child. We are a subreaper, so whatever
 * descends from us becomes our child when those between have ended, and it cannot
 * leave us: without a child there is no descendant. That needs no pipe and costs the
 * same on every machine. It proves nothing
 *	- where children of ours are from before the command (wrapper.h: shared): false then;
 *	- of what was started for the command by a process that does not descend from us (a
 *	  service manager, a daemon of containers, at(1)): that is no leftover, although it
 *	  may carry the stamp.
 */
bool command_left_nothing(const struct command *c);

/*
 * Look what is left, for up to @settle_ms until nothing is; a signal that asks
 * to end shortens that. 0 and c->report, or the exit status after a message.
 * What no look comes by, command_hides() tells.
 */
int command_observe(struct command *c, int64_t settle_ms);

/*
 * The report has nothing, and yet something descends from us; or it has nobody but
 * whom it keeps, and some ended when they were looked at: one ends too soon to be
 * looked at and leaves another behind, or has become another user's.
 */
bool command_hides(const struct command *c);

/*
 * End what the report lists, TERM to KILL; a signal that asks to end shortens
 * the wait. 0, or the exit status after a message. ret_ended->unsure is cleared
 * where it is seen that nobody is left.
 */
int command_end(struct command *c, struct leaks_ended *ret_ended);

void command_release(struct command *c);

#endif
