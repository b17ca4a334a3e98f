/* SPDX-License-Identifier: MIT */
#ifndef CLI_LEAKS_H
#define CLI_LEAKS_H

#include "cli/baseline.h"
#include "cli/session.h"
#include "linux/lineage.h"
#include "report/report.h"

/*
 * What the leak check does with a census: which processes are leaks, what they
 * hold, the report, and their end.
 */
struct leak_query {
	const struct scope *scope;	 /* its glob and app narrow the check */
	const struct baseline *baseline; /* NULL: none */
	/*
	 * --check -- CMD and --run: stray itself and the instance of the command. A
	 * leak is then what is of that instance, whatever its state; the census
	 * counts to it what descends from us. 0: what is an orphan or detached.
	 */
	pid_t wrapper;
	struct bytes wrapper_id;
	/*
	 * With a wrapper: what is kept is no leak, save for being in the terminal's
	 * foreground, where the command has put it. What --allow names is none in any case.
	 */
	bool spare_kept;
};

/* Begin @report with @c and add what is to be listed. 0 or -ENOMEM. */
int leaks_collect(const struct leak_query *query, struct census *c, struct leak_report *report);

/*
 * Look up what the leaks hold: ports, and files below the directory that we are
 * in; and whose children they were, by what was seen of a command (NULL: there is
 * none). What cannot be looked up stays unknown. 0 or -ENOMEM.
 */
int leaks_look_up(struct leak_report *report, struct source *source, const struct lineage *lineage);

/*
 * Write the report in the format and to the file that the options ask for, and its
 * first line to stderr then; else all of it to stdout, with a command, whose own
 * stdout is, to stderr. A report that cannot be written to its file goes to stderr,
 * too. 0 or the exit status after a message.
 */
int leaks_write(const struct session *s, const struct leak_report *report);

struct leaks_ended {
	size_t ended;	 /* verified */
	size_t survived; /* refused too, and what the predicate forbids after all */
	bool stopped;	 /* a signal cut it short: what was frozen goes on */
	bool unsure;	 /* some may be left that no look has come by */
};

enum leaks_whom {
	LEAKS_LISTED, /* exactly the leaks of the report */
	LEAKS_ALL,    /* what their instances have, and what it forks meanwhile */
};

/* Is it a leak that may be ended: one that nothing keeps? */
bool leaks_may_end(const struct leak *row);

/* Count the rows that leaks_may_end(). */
size_t leaks_count(const struct leak_report *report);

/*
 * End the leaks of the report, never what is kept or allowed, TERM to KILL in @term_timeout_ms (-1: as
 * configured), through the engine of @s, which asks the predicate afresh. Never
 * unknown and forgiven rows. With LEAKS_LISTED a message for each
 * that survived where none was ended. 0 or the exit status after a message.
 */
int leaks_end(struct session *s, const struct leak_query *query, const struct leak_report *report,
	      enum leaks_whom whom, int64_t term_timeout_ms, struct leaks_ended *ret_ended);

#endif
