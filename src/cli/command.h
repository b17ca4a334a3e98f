/* SPDX-License-Identifier: MIT */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "cli/leaks.h"
#include "cli/wrapper.h"

/*
 * The common part of --run and --check -- CMD: the session's command, with stray as
 * its owner, and the processes that the command left behind.
 */
struct command {
	struct session *session; /* not owned */
	struct wrapper wrapper;
	struct leak_query query;
	struct leak_report report; /* of the last command_observe() */
	bool missed;		   /* that scan may have missed a process */
	struct lineage lineage;	   /* the parents seen so far; --check only */
	int64_t lineage_due_ms;	   /* CLOCK_MONOTONIC: when to read it next */
	int lineage_rest_ms;	   /* between two readings, if they cost little */
};

/*
 * Open the session with @flags and run its command to its end. Returns true, and
 * *ret_status is the command's exit status in a shell's form; or false after a
 * message: nothing was run, and *ret_status is the exit status of stray. Call
 * command_release() in either case.
 */
bool command_run(struct command *c, struct session *s, unsigned flags, int *ret_status);

/*
 * Prove without a scan, after command_run(), that the command left nothing: waitid(2)
 * says that we have no child. We are a subreaper, so a descendant becomes our child
 * when the processes between have ended, and it cannot leave us: without a child there
 * is no descendant. The check costs the same on every machine. It proves nothing
 *	- where children of ours are from before the command (wrapper.h: shared): false then;
 *	- of what was started for the command by a process that does not descend from us (a
 *	  service manager, a daemon of containers, at(1)): that is no leftover, although it
 *	  may carry the stamp.
 * If the command has a control group, that is empty as well; it alone would prove nothing: a
 * process may have left it.
 */
bool command_left_nothing(const struct command *c);

/*
 * Scan until nothing is left, for at most @settle_ms; a signal that asks to end
 * shortens that. Returns 0 and c->report, or the exit status after a message.
 * command_is_inconclusive() then says whether the scans may have missed a process.
 */
int command_observe(struct command *c, int64_t settle_ms);

/*
 * Return true if a process may be left that no scan shows: the report is empty and
 * yet we have a child; or it lists none as left (all are kept, allowed or forgiven), and
 * a process ended while it was scanned. Such a process forks a successor and exits
 * before it is read, or has become another user's.
 */
bool command_is_inconclusive(const struct command *c);

/*
 * Is there something for command_end(): what the report lists, or what no scan has shown in
 * the command's control group?
 */
bool command_may_end(const struct command *c);

/*
 * Reap what the report lists: SIGTERM, then SIGKILL. A signal that asks to end
 * shortens the wait. Returns 0, or the exit status after a message.
 * ret_ended->unfinished is false where we have no child any more.
 */
int command_end(struct command *c, struct leaks_ended *ret_ended);

void command_release(struct command *c);

#endif
