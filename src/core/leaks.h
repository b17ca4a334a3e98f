/* SPDX-License-Identifier: MIT */
#ifndef CORE_LEAKS_H
#define CORE_LEAKS_H

#include "core/baseline.h"
#include "core/leak_report.h"
#include "stray/scope.h"

/* Which processes of a census are leaks, and which of these may be ended. */

struct leak_query {
	const struct scope *scope;	 /* its glob and app narrow the check */
	const struct baseline *baseline; /* NULL: none */
	/*
	 * --check -- CMD and --run: the pid of stray and the instance of the command. A
	 * leak is then a process of that instance, whatever its state; the census
	 * counts our descendants to it. 0: a leak is an orphan or a detached process.
	 */
	pid_t wrapper;
	struct bytes wrapper_id;
	/*
	 * With a wrapper: a kept process is no leak, unless it is kept only because it is in
	 * the terminal's foreground, where the command put it. What --allow names is never one.
	 */
	bool spare_kept;
};

/* Begin @report with @c and add the processes to list. Returns 0 or -ENOMEM. */
int leaks_collect(const struct leak_query *query, struct census *c, struct leak_report *report);

/* Is it a leak that may be reaped: listed as left, and not kept? */
bool leaks_may_end(const struct leak *row);

/* Count the rows that leaks_may_end(). */
size_t leaks_count(const struct leak_report *report);

/* Fill @ids, with room for report->nr, with the leaks of @instance that may be reaped. Returns how many. */
size_t leaks_pick(const struct leak_report *report, size_t instance, struct identity *ids);

/* The same with what was listed and stays: kept, allowed, forgiven or unknown. */
size_t leaks_spared(const struct leak_report *report, struct identity *ids);

#endif
