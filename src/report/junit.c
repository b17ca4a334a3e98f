/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "report/format.h"
#include "report/leak_text.h"

/*
 * `--check --format junit`: a test case per row, a failed one per leak. It keeps
 * to what the schemas of Jenkins (its junit and xunit plugins) and of Ant have
 * in common: order of the elements, a suite with id, package and timestamp
 * without a zone, no attribute that one of them does not know.
 */

/* @text is escaped already, so it holds no control byte; only XML's own are left. */
static void add_xml(struct strbuf *sb, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			strbuf_addstr(sb, "&amp;");
			break;
		case '<':
			strbuf_addstr(sb, "&lt;");
			break;
		case '>':
			strbuf_addstr(sb, "&gt;");
			break;
		case '"':
			strbuf_addstr(sb, "&quot;");
			break;
		default:
			strbuf_addch(sb, *text);
		}
	}
}

/* Hostile text: escaped, then quoted for XML. */
static void add_hostile(struct strbuf *sb, struct bytes text)
{
	_cleanup_strbuf_ struct strbuf plain = STRBUF_INIT;

	escape_append(&plain, text);
	add_xml(sb, plain.buf);
	sb->failed |= plain.failed;
}

/* What a row is in JUnit: the element inside its test case. */
static const struct {
	const char *element;
	const char *type; /* NULL: the element has none */
} kinds[LEAK_NR] = {
	[LEAK_LEFT] = { "failure", "leak" },
	[LEAK_UNKNOWN] = { "error", "unknown" },
	[LEAK_KEPT] = { "skipped", NULL },
	[LEAK_FORGIVEN] = { "skipped", NULL },
};

/*
 * Append the class name, by which a CI server compares runs: app and instance, or the
 * command that left these. An instance that is its owner's pid differs in each run.
 */
static void add_class(struct strbuf *sb, const struct leak_report *r, const struct instance *inst)
{
	const char *slash = r->command ? strrchr(r->command, '/') : NULL;
	const char *name = r->command ? (slash ? slash + 1 : r->command) : inst->app->name;

	strbuf_addstr(sb, r->command ? "stray.command." : "stray.");
	add_hostile(sb, (struct bytes){ name, strlen(name) });
	if (r->command || inst->app->owner == APP_OWNER_PID)
		return;
	strbuf_addch(sb, '.');
	add_hostile(sb, inst->id);
}

static bool same_class(const struct leak_report *r, const struct leak *a, const struct leak *b)
{
	const struct instance *x = leak_instance(r, a), *y = leak_instance(r, b);

	return r->command ||
	       (x->app == y->app && (x->app->owner == APP_OWNER_PID || bytes_equal(x->id, y->id)));
}

/* The process's name, and which one of that name and class it is: no pid, as that changes. */
static void add_name(struct strbuf *sb, const struct leak_report *r, const struct leak *row)
{
	const char *name = row->member->proc->comm;
	size_t before = 0;

	for (const struct leak *other = r->rows; other < row; other++)
		before += same_class(r, other, row) && strcmp(other->member->proc->comm, name) == 0;
	add_hostile(sb, (struct bytes){ name, strlen(name) });
	if (before)
		strbuf_addf(sb, " #%zu", before + 1);
}

static void add_case(struct strbuf *sb, const struct leak_report *r, const struct leak *row,
		     const struct report_options *o)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	strbuf_addstr(sb, "    <testcase classname=\"");
	add_class(sb, r, leak_instance(r, row));
	strbuf_addstr(sb, "\" name=\"");
	add_name(sb, r, row);
	strbuf_addf(sb, "\" time=\"0\">\n      <%s", kinds[row->kind].element);
	if (kinds[row->kind].type)
		strbuf_addf(sb, " type=\"%s\"", kinds[row->kind].type);
	strbuf_addstr(sb, " message=\"");
	if (row->kind == LEAK_FORGIVEN)
		strbuf_addstr(&text, "in the baseline: ");
	leak_sentence(&text, r, row);
	add_xml(sb, text.buf);
	strbuf_addstr(sb, "\">");
	strbuf_truncate(&text, 0);
	leak_details(&text, r, row, o);
	add_xml(sb, text.buf);
	strbuf_addf(sb, "</%s>\n    </testcase>\n", kinds[row->kind].element);
	sb->failed |= text.failed;
}

/* A suite is never empty: what was checked at all is a test case of its own. */
static void add_scan_case(struct strbuf *sb, const struct snapshot *s)
{
	strbuf_addstr(sb, "    <testcase classname=\"stray\" name=\"complete scan\" time=\"0\"");
	if (s->complete) {
		strbuf_addstr(sb, "/>\n");
		return;
	}
	strbuf_addstr(sb, ">\n      <error type=\"incomplete\" "
			  "message=\"the scan is incomplete\">");
	add_hostile(sb, (struct bytes){ s->trouble, strlen(s->trouble) });
	strbuf_addstr(sb, "</error>\n    </testcase>\n");
}

static int leaks(struct strbuf *sb, const struct leak_report *r, const struct report_options *o)
{
	const struct snapshot *s = r->census->snapshot;
	char when[FORMAT_SIZE], waited[FORMAT_SIZE];

	strbuf_addstr(sb, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
	strbuf_addf(sb,
		    "  <testsuite name=\"stray\" package=\"stray\" id=\"0\" tests=\"%zu\" "
		    "failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"%s\" "
		    "timestamp=\"%s\" hostname=\"",
		    r->nr + 1, r->count[LEAK_LEFT], r->count[LEAK_UNKNOWN] + !s->complete,
		    r->count[LEAK_KEPT] + r->count[LEAK_FORGIVEN],
		    format_seconds(waited, sizeof(waited), r->waited_ms > 0 ? r->waited_ms : 0),
		    format_time(when, sizeof(when), s->realtime_ms, false));
	add_hostile(sb, (struct bytes){ s->host, strlen(s->host) });
	strbuf_addstr(sb, "\">\n    <properties/>\n");
	add_scan_case(sb, s);
	for (size_t i = 0; i < r->nr; i++)
		add_case(sb, r, &r->rows[i], o);
	strbuf_addstr(sb, "    <system-out/>\n    <system-err/>\n  </testsuite>\n</testsuites>\n");
	return sb->failed ? -ENOMEM : 0;
}

const struct report_format report_junit = {
	.name = "junit",
	.leaks = leaks,
};
