/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/array.h"
#include "stray/engine.h"

static const char *const outcome_names[] = {
	[OUTCOME_EXITED] = "exited",	 [OUTCOME_KILLED] = "killed",	[OUTCOME_GONE] = "gone",
	[OUTCOME_SURVIVED] = "survived", [OUTCOME_REFUSED] = "refused", [OUTCOME_KEPT] = "kept",
	[OUTCOME_WOULD] = "would",
};

static const char *const event_kind_names[] = {
	[EVENT_TICK] = "tick",	       [EVENT_ORPHANED] = "orphaned", [EVENT_REAPED] = "reaped",
	[EVENT_SURVIVED] = "survived", [EVENT_WARNING] = "warning",   [EVENT_STOP] = "stop",
};

const char *outcome_name(enum outcome outcome)
{
	return (size_t)outcome < ARRAY_SIZE(outcome_names) ? outcome_names[outcome] : "unknown";
}

const char *event_kind_name(enum event_kind kind)
{
	return (size_t)kind < ARRAY_SIZE(event_kind_names) ? event_kind_names[kind] : "unknown";
}

void reap_report_release(struct reap_report *report)
{
	free(report->results);
	*report = (struct reap_report){ 0 };
}
