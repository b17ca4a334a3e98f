/* SPDX-License-Identifier: MIT */
#include "report/report.h"

#include <string.h>

#include "base/array.h"

const char *report_outcome_word(enum outcome outcome)
{
	static const char *const words[OUTCOME_NR] = {
		[OUTCOME_EXITED] = "exited",   [OUTCOME_KILLED] = "killed",
		[OUTCOME_GONE] = "gone",       [OUTCOME_SURVIVED] = "survived",
		[OUTCOME_REFUSED] = "refused", [OUTCOME_KEPT] = "kept",
		[OUTCOME_WOULD] = "would",
	};

	return (size_t)outcome < OUTCOME_NR ? words[outcome] : "unknown";
}

const char *report_event_word(enum event_kind kind)
{
	static const char *const words[] = {
		[EVENT_TICK] = "tick",	     [EVENT_ORPHANED] = "orphaned",
		[EVENT_REAPED] = "reaped",   [EVENT_SURVIVED] = "survived",
		[EVENT_WARNING] = "warning", [EVENT_STOP] = "stop",
	};

	return (size_t)kind < ARRAY_SIZE(words) ? words[kind] : "unknown";
}

const char *report_doubt_text(enum owner_doubt doubt)
{
	static const char *const texts[] = {
		[DOUBT_NONE] = "",
		[DOUBT_INCOMPLETE] = "the scan was incomplete",
		[DOUBT_VALUE] = "the marker's value is no pid",
		[DOUBT_UNREADABLE] = "a desktop's arguments or environment cannot be read",
		[DOUBT_NAMELESS] = "a desktop names no instance",
		[DOUBT_LAUNCHER] =
			"a process that is no desktop names the instance in its arguments",
		[DOUBT_OTHER_USER] = "a desktop of another user names the instance",
		[DOUBT_SERVICE] = "systemd started a root of it as a service, which still runs",
		[DOUBT_PARENT] = "a root of it has a live parent, which may be its owner",
		[DOUBT_AT_WORK] = "a desktop's program runs at an agent's work",
		[DOUBT_HIDDEN] = "the system hides processes (hidepid)",
		[DOUBT_CONTAINER] = "the value was stamped in another pid namespace",
		[DOUBT_FILES] = "the open files of a desktop cannot be read",
	};

	return (size_t)doubt < ARRAY_SIZE(texts) ? texts[doubt] : "";
}

const char *report_reason_text(enum state_reason reason)
{
	static const char *const texts[] = {
		[BECAUSE_OWNER_UNKNOWN] = "the owner is unknown",
		[BECAUSE_PARENT_LIVES] = "the parent of its root lives and may be an owner",
		[BECAUSE_ROOT_IS_INIT] = "its root is pid 1",
		[BECAUSE_RECEIPTS_UNREAD] = "the receipts of its owner cannot be read",
		[BECAUSE_DESCENT] = "it descends from a live desktop",
		[BECAUSE_RECEIPT] = "it stands in the receipts of its owner",
		[BECAUSE_YOUNGER] = "it is younger than a live desktop",
		[BECAUSE_ADOPTER] = "its root was adopted",
		[BECAUSE_SESSION] = "the parent of its root is in another session",
		[BECAUSE_PARENT_CHANGED] = "the parent of its root was seen to change",
		[BECAUSE_GENERATION] = "it is of the same generation as a process that is owned",
		[BECAUSE_SERVICE] = "systemd started its root as a service",
		[BECAUSE_AT_WORK] =
			"it is a desktop's program with its app's marker: an agent, or a desktop",
	};

	return (size_t)reason < ARRAY_SIZE(texts) ? texts[reason] : "";
}

int64_t report_orphan_age_ms(const struct census *c, const struct instance *inst, bool *ret_exact)
{
	int64_t oldest = -1;

	for (size_t i = 0; i < inst->nr; i++) {
		const struct member *m = &c->members[inst->first + i];
		int64_t age = m->state == STATE_ORPHAN ? census_orphan_age_ms(c, m) : -1;

		if (age > oldest) {
			oldest = age;
			*ret_exact = m->orphan_exact;
		}
	}
	return oldest;
}
