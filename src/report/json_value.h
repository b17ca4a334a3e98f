/* SPDX-License-Identifier: MIT */
#ifndef REPORT_JSON_VALUE_H
#define REPORT_JSON_VALUE_H

#include <jansson.h>

#include "base/strbuf.h"
#include "report/report.h"

/*
 * Building JSON: every maker returns a new reference, or NULL when memory ran
 * out; json_put() takes it, NULL included, so that a whole object is built with
 * one check at the end. What is absent is null.
 */

/* Set @key, at the end. 0, or -1: out of memory (or @value is NULL); @value is taken. */
int json_put(json_t *object, const char *key, json_t *value);

/* One value each, to be handed to json_put(). NULL: out of memory. */
json_t *json_escaped(struct bytes text);
json_t *json_escaped_text(const char *text); /* NULL: null */
/* A number; above INT64_MAX, that. */
json_t *json_count(uint64_t value);
json_t *json_positive(int64_t value); /* null unless above 0: pids */
json_t *json_seconds(int64_t ms);     /* 310.2; null if negative */
json_t *json_percent(double percent); /* 1.5; null for NAN */
json_t *json_ms(int64_t us);	      /* 4.1; null if negative */
/* RFC 3339 in UTC; null unless above 0. */
json_t *json_time(int64_t realtime_ms);
/* null unless @known, like the next. */
json_t *json_optional_bool(bool known, bool value);
json_t *json_kept(enum verdict_why why); /* the word, or null where it has none */
/* An array of numbers; null unless @known. */
json_t *json_ports(bool known, const uint16_t *ports, size_t nr);
json_t *json_args(const struct process *proc); /* array of strings; null: not read */

/* {"schema", "host", "boot_id", "time", "complete", "scanned", "unreadable", "took_ms"} */
json_t *json_begin(const char *schema, const struct snapshot *s);

/* {"state", "evidence", "pid", "name"} */
json_t *json_owner(const struct instance *inst);

/* Why the owner is unknown, as a sentence, or null. */
json_t *json_doubt(const struct instance *inst);

/* One member as it stands in --list --json. */
json_t *json_member(const struct census *c, const struct member *m, const struct report_options *o);

/* Append @object as one line and drop the reference. 0 or -ENOMEM (NULL too). */
int json_finish(struct strbuf *sb, json_t *object, int failed);

/* A format's other halves. */
int json_leaks(struct strbuf *sb, const struct leak_report *r, const struct report_options *o);
int json_event(struct strbuf *sb, const struct event *e, const struct report_options *o);

#endif
