/* SPDX-License-Identifier: MIT */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "base/strbuf.h"
#include "core/leak_report.h"
#include "stray/engine.h"

/*
 * The formats of what the program reports. Each is a const table of functions in its
 * own file that append text to a strbuf; none writes to a file or a terminal.
 *
 * There are 4 things to do for another form: a file with a `report_format`, its
 * declaration below, its row in report.c, its test in tests/unit/report/.
 */

struct report_options {
	bool colour;	   /* text: colour with ANSI sequences */
	unsigned width;	   /* text: columns to stay within; 0: no limit */
	bool utf8;	   /* text: the output takes UTF-8 */
	bool show_args;	   /* arguments too; they may hold secrets. Never in events */
	bool priority;	   /* text events: begin with <N> for the journal, no time */
	bool per_instance; /* prometheus: series per instance too */
	/* The instances shown of a census; NULL: all. Events are the caller's to filter. */
	const struct scope *scope;
};

/* Is the instance shown? */
static inline bool report_shows(const struct report_options *o, const struct instance *inst)
{
	return !o->scope || scope_has(o->scope, inst);
}

struct report_format {
	const char *name;
	/*
	 * Each appends complete lines to the strbuf and returns 0 or -ENOMEM (then do not
	 * use what was appended). NULL: the format has no such report.
	 */
	int (*census)(struct strbuf *sb, const struct census *c, const struct report_options *o);
	int (*leaks)(struct strbuf *sb, const struct leak_report *r,
		     const struct report_options *o);
	int (*event)(struct strbuf *sb, const struct event *e, const struct report_options *o);
};

extern const struct report_format report_text;
extern const struct report_format report_json;
extern const struct report_format report_junit;
extern const struct report_format report_github;

/* Append the first line of a leak report as text, without its end. 0 or -ENOMEM. */
int report_leaks_summary(struct strbuf *sb, const struct leak_report *r,
			 const struct report_options *o);

/* Find a format by its name. NULL: there is none. */
const struct report_format *report_find(const char *name);

/* All of them, ended by NULL; for help texts. */
extern const struct report_format *const report_formats[];

/* The words of outcomes and events, as in JSON: "exited", "reaped". */
const char *report_outcome_word(enum outcome outcome);
const char *report_event_word(enum event_kind kind);

/* Why the owner is unknown, in a few plain words. Never NULL; "" for DOUBT_NONE. */
const char *report_doubt_text(enum owner_doubt doubt);

/*
 * Append the doubt with the process that causes it and what would resolve it: "...: pid
 * 12 foo; `adopter = foo` ..."; report_lift() appends only what would resolve it.
 */
void report_doubt(struct strbuf *sb, const struct instance *inst);
void report_lift(struct strbuf *sb, const struct instance *inst);

/* What decided a member's state, in a few plain words. Never NULL. */
const char *report_reason_text(enum state_reason reason);

/*
 * The same as identifiers, for JSON: they do not change, while a sentence may. NULL for
 * DOUBT_NONE; "may-end" where nothing speaks against it.
 */
const char *report_doubt_word(enum owner_doubt doubt);
const char *report_reason_word(enum state_reason reason);
const char *report_why_word(enum verdict_why why);
const char *report_warning_word(enum warning warning);

/*
 * Return the age of the instance's oldest orphan, ms; -1: there is none, and *ret_exact
 * is not set.
 */
int64_t report_orphan_age_ms(const struct census *c, const struct instance *inst, bool *ret_exact);

#endif
