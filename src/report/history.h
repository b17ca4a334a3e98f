/* SPDX-License-Identifier: MIT */
#ifndef REPORT_HISTORY_H
#define REPORT_HISTORY_H

#include <jansson.h>

#include "report/report.h"
#include "stray/history.h"

/* `--history`: what was signalled, one line or object each. */

/* Append one line of text. 0 or -ENOMEM. */
int history_text(struct strbuf *sb, const struct history_entry *e, const struct report_options *o);

/* Append one JSON object as a line. 0 or -ENOMEM. */
int history_json(struct strbuf *sb, const struct history_entry *e);

/* The object itself, the caller's. NULL: out of memory. */
json_t *history_object(const struct history_entry *e);

/*
 * Append for `--explain` the outcome of a process that is gone, or that had the pid before
 * the present process. Returns 0 or -ENOMEM.
 */
int history_explain_text(struct strbuf *sb, const struct history_entry *e,
			 const struct report_options *o);
int history_explain_json(struct strbuf *sb, const struct history_entry *e);

#endif
