/* SPDX-License-Identifier: MIT */
#ifndef REPORT_METRICS_H
#define REPORT_METRICS_H

#include "report/report.h"

/*
 * Figures for Prometheus. Totals grow with the events of one run; gauges are read from
 * the census of the last tick when the text is written.
 */

struct metrics_app {
	char *name;
	uint64_t outcomes[OUTCOME_NR];
};

/* All zero is empty. Not thread safe. */
struct metrics {
	struct metrics_app *apps; /* each app that an event or a census named */
	size_t nr, alloc;
	uint64_t orphaned, warnings;
	uint64_t ticks, counted_ticks, incomplete_scans;
	bool ticked; /* there was a tick: the members below are of the last one */
	struct tick_summary last;
	int64_t last_realtime_ms;
};

/* Count one event. Returns 0 or -ENOMEM (then it is not counted). */
int metrics_event(struct metrics *m, const struct event *e);

/*
 * Append the whole exposition, with the gauges of @census (NULL: totals only).
 * Every app of the policy has its series from the start, and every series the label
 * `uid` where o->scope is set: that of the scope, "all" of all users. Labels per instance
 * only with o->per_instance. 0 or -ENOMEM.
 */
int metrics_write(struct strbuf *sb, const struct metrics *m, const struct census *census,
		  const struct report_options *o);

void metrics_release(struct metrics *m);

#endif
