/* SPDX-License-Identifier: MIT */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "base/strbuf.h"
#include "report/leaks.h"
#include "stray/engine.h"

/*
 * The forms in which the program tells what it saw and did. Each is a const
 * table of functions in its own file that appends text to a strbuf; nobody here
 * writes to a file or a terminal.
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
	/* Which instances a picture shows; NULL: all. Events are for the caller to leave out. */
	const struct scope *scope;
	bool (*has)(const struct scope *scope, const struct instance *inst);
};

/* Is the instance shown? */
static inline bool report_shows(const struct report_options *o, const struct instance *inst)
{
	return !o->has || o->has(o->scope, inst);
}

struct report_format {
	const char *name;
	/*
	 * Each appends to the strbuf, complete lines only, and returns 0 or
	 * -ENOMEM (then what was appended is not to be used). NULL: the form
	 * does not have that.
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

/* By name, or NULL. */
const struct report_format *report_find(const char *name);

/* All of them, ended by NULL; for help texts. */
extern const struct report_format *const report_formats[];

/* The words of outcomes and events, as in JSON: "exited", "reaped". */
const char *report_outcome_word(enum outcome outcome);
const char *report_event_word(enum event_kind kind);

/* Why the owner is unknown, in a few plain words. Never NULL; "" for DOUBT_NONE. */
const char *report_doubt_text(enum owner_doubt doubt);

/*
 * The same with the process that makes the doubt, and what would lift it: "...: pid 12
 * foo; `adopter = foo` ..."; and what would lift it alone.
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

/*
 * The orphan age of an instance: that of its member that has been an orphan for
 * longest. -1: none. *ret_exact on any other result.
 */
int64_t report_orphan_age_ms(const struct census *c, const struct instance *inst, bool *ret_exact);

#endif
