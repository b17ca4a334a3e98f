/* SPDX-License-Identifier: MIT */
#ifndef CLI_LEAKS_H
#define CLI_LEAKS_H

#include "cli/session.h"
#include "core/leaks.h"
#include "linux/lineage.h"
#include "report/report.h"

/* The leak check: scan for leaks, probe what the leaks hold, write the report, reap them. */

/*
 * Scan once and fill @report anew. *ret_missed: a leak of the scan before, or another
 * process that has ended since, may have forked a successor that this one missed. Returns
 * 0, or the exit status after a message.
 */
int leaks_scan(struct session *s, const struct leak_query *query, struct leak_report *report,
	       bool *ret_missed);

/*
 * Probe what the leaks hold: ports, and open files below our working directory; and
 * add their former parents from @lineage, recorded while a command ran (NULL: none).
 * What cannot be probed stays unknown. Returns 0 or -ENOMEM.
 */
int leaks_look_up(struct leak_report *report, struct source *source, const struct lineage *lineage);

/*
 * Write the report in the format that the options ask for: to the file of --output,
 * and one line of summary to stderr; without --output all of it to stdout, or to
 * stderr if there is a command, because stdout is the command's. If the file cannot be
 * written all of it goes to stderr. Returns 0, or the exit status after a message.
 */
int leaks_write(const struct session *s, const struct leak_report *report);

struct leaks_ended {
	size_t ended;	 /* verified */
	size_t survived; /* refused too, and what the predicate forbids after all */
	bool stopped;	 /* a signal cut it short: frozen processes were continued */
	bool unfinished; /* some may be left that no scan showed */
};

enum leaks_which {
	LEAKS_LISTED, /* exactly the leaks of the report */
	LEAKS_ALL,    /* all of their instances, and what these fork meanwhile */
	LEAKS_TERM,   /* the same by SIGTERM and the wait alone: SIGKILL is another call's */
};

/*
 * Reap the leaks of the report, never a row that is kept, allowed, unknown or forgiven,
 * through the engine of @s, which asks for the verdict afresh. @term_timeout_ms: from
 * SIGTERM to SIGKILL; -1: as configured. With LEAKS_LISTED, write a message for each
 * that survived if none was ended. Returns 0, or the exit status after a message.
 */
int leaks_end(struct session *s, const struct leak_query *query, const struct leak_report *report,
	      enum leaks_which which, int64_t term_timeout_ms, struct leaks_ended *ret_ended);

/*
 * End at once what is left in the control group of the session's command; see
 * engine_end_group(). Returns how many were ended.
 */
size_t leaks_end_group(struct session *s, const struct leak_query *query);

#endif
