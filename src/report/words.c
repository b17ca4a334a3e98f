/* SPDX-License-Identifier: MIT */
#include "base/array.h"
#include "report/report.h"

/* The identifiers of reasons in JSON: one for each value, and never another one. */

const char *report_doubt_word(enum owner_doubt doubt)
{
	static const char *const words[] = {
		[DOUBT_NONE] = NULL,
		[DOUBT_INCOMPLETE] = "incomplete-scan",
		[DOUBT_VALUE] = "value-not-understood",
		[DOUBT_UNREADABLE] = "desktop-unreadable",
		[DOUBT_NAMELESS] = "desktop-nameless",
		[DOUBT_LAUNCHER] = "launcher",
		[DOUBT_OTHER_USER] = "other-user",
		[DOUBT_SERVICE] = "service",
		[DOUBT_PARENT] = "parent-lives",
		[DOUBT_AT_WORK] = "desktop-at-work",
		[DOUBT_HIDDEN] = "processes-hidden",
		[DOUBT_CONTAINER] = "container",
		[DOUBT_FILES] = "files-unreadable",
	};

	return (size_t)doubt < ARRAY_SIZE(words) ? words[doubt] : "unknown";
}

const char *report_reason_word(enum state_reason reason)
{
	static const char *const words[] = {
		[BECAUSE_OWNER_UNKNOWN] = "owner-unknown",
		[BECAUSE_PARENT_LIVES] = "parent-lives",
		[BECAUSE_ROOT_IS_INIT] = "root-is-init",
		[BECAUSE_RECEIPTS_UNREAD] = "receipts-unread",
		[BECAUSE_DESCENT] = "descent",
		[BECAUSE_RECEIPT] = "receipt",
		[BECAUSE_YOUNGER] = "younger",
		[BECAUSE_ADOPTER] = "adopted",
		[BECAUSE_SESSION] = "left-session",
		[BECAUSE_PARENT_CHANGED] = "parent-changed",
		[BECAUSE_GENERATION] = "generation",
		[BECAUSE_SERVICE] = "service",
		[BECAUSE_AT_WORK] = "desktop-at-work",
	};
	const char *word = (size_t)reason < ARRAY_SIZE(words) ? words[reason] : NULL;

	return word ? word : "unknown";
}

const char *report_why_word(enum verdict_why why)
{
	static const char *const words[] = {
		[WHY_MAY_END] = "may-end",
		[WHY_SELF] = "self",
		[WHY_INIT] = "init",
		[WHY_KERNEL] = "kernel",
		[WHY_DESKTOP] = "desktop",
		[WHY_OWNED] = "owned",
		[WHY_OTHER_USER] = "other-user",
		[WHY_CONTAINER] = "container",
		[WHY_OPT_OUT] = "opt-out",
		[WHY_KEEP_LIST] = "keep-list",
		[WHY_SERVICE] = "service",
		[WHY_TERMINAL] = "terminal",
		[WHY_HOST] = "host",
		[WHY_TRACED] = "traced",
		[WHY_WINDOW] = "window",
		[WHY_LISTENER] = "listener",
		[WHY_MOUNT] = "mount",
		[WHY_LOOK_ONLY] = "look-only",
		[WHY_CONNECTED] = "connected",
		[WHY_NOT_MANAGED] = "not-managed",
		[WHY_OWNER_ALIVE] = "owner-alive",
		[WHY_DETACHED] = "detached",
		[WHY_UNKNOWN] = "unknown",
		[WHY_TICKS] = "ticks",
	};
	const char *word = (size_t)why < ARRAY_SIZE(words) ? words[why] : NULL;

	return word ? word : "unknown";
}

const char *report_warning_word(enum warning warning)
{
	static const char *const words[] = {
		[WARNING_OTHER] = "other",
		[WARNING_HANGS] = "process-hangs",
		[WARNING_LEDGER_UNWRITTEN] = "ledger-unwritten",
		[WARNING_LEDGER_DAMAGED] = "ledger-damaged",
		[WARNING_LEDGER_UNREAD] = "ledger-unread",
		[WARNING_HISTORY_UNWRITTEN] = "history-unwritten",
		[WARNING_STOPPED] = "reaping-stopped",
		[WARNING_HIDDEN] = "processes-hidden",
		[WARNING_HOLDINGS_UNREAD] = "holdings-unread",
		[WARNING_CONTINUED] = "frozen-continued",
		[WARNING_MAX_KILL] = "max-kill",
		[WARNING_LAUNCHER] = "launcher",
		[WARNING_NO_PIDFD] = "no-pidfd",
		[WARNING_INCOMPLETE] = "incomplete-scan",
		[WARNING_RECEIPT] = "receipt",
		[WARNING_RECEIPTS_LEFT] = "receipts-left",
		[WARNING_CONFIG] = "configuration",
	};

	return (size_t)warning < ARRAY_SIZE(words) ? words[warning] : words[WARNING_OTHER];
}
