/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/escape.h"
#include "report/leak_text.h"

/*
 * `--check --format github`: workflow commands, one a line, which the runner
 * shows as annotations. Every line begins with text of ours, so no name can
 * begin a command of its own.
 */

/* The runner's own quoting; commas and colons only matter in properties. */
static void add_quoted(struct strbuf *sb, const char *text, bool property)
{
	static const struct {
		char c;
		bool property;
		const char *quoted;
	} rules[] = {
		{ '%', false, "%25" }, { '\r', false, "%0D" }, { '\n', false, "%0A" },
		{ ':', true, "%3A" },  { ',', true, "%2C" },
	};

	for (; *text; text++) {
		const char *quoted = NULL;

		for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
			if (rules[i].c == *text && (property || !rules[i].property))
				quoted = rules[i].quoted;
		if (quoted)
			strbuf_addstr(sb, quoted);
		else
			strbuf_addch(sb, *text);
	}
}

static const struct {
	const char *command;
	const char *title;
} kinds[LEAK_NR] = {
	[LEAK_LEFT] = { "error", "leaked process" },
	[LEAK_UNKNOWN] = { "warning", "process with an unknown owner" },
	[LEAK_KEPT] = { "notice", "kept process" },
	[LEAK_FORGIVEN] = { NULL, NULL }, /* the baseline is there to be silent about it */
};

static void add_row(struct strbuf *sb, const struct leak_report *r, const struct leak *row,
		    const struct report_options *o)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	if (!kinds[row->kind].command)
		return;
	strbuf_addf(&text, "%s ", kinds[row->kind].title);
	leak_title(&text, row);
	strbuf_addf(sb, "::%s title=", kinds[row->kind].command);
	add_quoted(sb, text.buf, true);
	strbuf_addstr(sb, "::");
	strbuf_truncate(&text, 0);
	leak_sentence(&text, r, row);
	strbuf_addch(&text, '\n');
	leak_details(&text, r, row, o);
	while (text.len && text.buf[text.len - 1] == '\n')
		strbuf_truncate(&text, text.len - 1);
	add_quoted(sb, text.buf, false);
	strbuf_addch(sb, '\n');
	sb->failed |= text.failed;
}

static void add_incomplete(struct strbuf *sb, const struct snapshot *s)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	strbuf_addstr(&text, "the scan is incomplete");
	if (*s->trouble) {
		strbuf_addstr(&text, ": ");
		escape_text(&text, s->trouble);
	}
	strbuf_addstr(sb, "::warning title=stray::");
	add_quoted(sb, text.buf, false);
	strbuf_addch(sb, '\n');
	sb->failed |= text.failed;
}

static int leaks(struct strbuf *sb, const struct leak_report *r, const struct report_options *o)
{
	if (!r->census->snapshot->complete)
		add_incomplete(sb, r->census->snapshot);
	for (size_t i = 0; i < r->nr; i++)
		add_row(sb, r, &r->rows[i], o);
	return sb->failed ? -ENOMEM : 0;
}

const struct report_format report_github = {
	.name = "github",
	.leaks = leaks,
};
