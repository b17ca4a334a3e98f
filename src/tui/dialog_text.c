/* SPDX-License-Identifier: MIT */
/* What the reap dialog says: title, sentences, and the rows of its two lists. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "report/format.h"
#include "report/report.h"
#include "tui/dialog.h"

enum { LINE_NAMES, LINE_OWNER, LINE_VICTIMS, LINE_UNTOUCHED, LINE_NR };

const char *dialog_processes(char *buf, size_t size, size_t nr)
{
	snprintf(buf, size, "%zu process%s", nr, nr == 1 ? "" : "es");
	return buf;
}

static void say_title(struct dialog *d)
{
	bool alive = false, unknown = false;
	char what[48];

	for (size_t i = 0; i < d->nr_shares; i++) {
		alive = alive || (d->shares[i].owner == OWNER_ALIVE && d->shares[i].nr);
		unknown = unknown || (d->shares[i].owner == OWNER_UNKNOWN && d->shares[i].nr);
	}
	bool picks = d->nr_picks > 0;

	for (size_t i = 0; i < d->nr_shares; i++)
		picks = picks && !d->shares[i].whole;
	if (picks && d->nr_picks == 1)
		snprintf(what, sizeof(what), "Reap process %d", (int)d->picks[0].pid);
	else if (picks)
		snprintf(what, sizeof(what), "Reap %zu processes", d->nr_picks);
	else if (d->nr_shares == 1)
		snprintf(what, sizeof(what), "Reap group");
	else
		snprintf(what, sizeof(what), "Reap %zu groups", d->nr_shares);
	snprintf(d->title, sizeof(d->title), "%s%s", what,
		 !d->need_word ? ""
		 : alive       ? ": OWNER IS ALIVE"
		 : unknown     ? ": OWNER IS UNKNOWN"
			       : ": STATE IS UNKNOWN");
}

static void say_names(struct dialog *d, const struct model *m)
{
	_cleanup_strbuf_ struct strbuf names = STRBUF_INIT, tail = STRBUF_INIT;

	for (size_t i = 0; i < d->nr_shares; i++) {
		const struct share *s = &d->shares[i];

		if (i)
			strbuf_addstr(&names, ", ");
		escape_append_as(&names, s->key.id, m->glyphs->utf8);
	}
	/* Wider than the dialog is; the tail tells instances apart. */
	text_tail(&tail, names.buf, 76, m->glyphs);
	snprintf(d->lines[LINE_NAMES], sizeof(d->lines[0]), "%s", tail.buf);
}

static void say_gone(struct dialog *d, const struct model *m, const struct memory *g,
		     const char *pid, int kill_s)
{
	char *line = d->lines[LINE_OWNER], age[FORMAT_SIZE];
	size_t size = sizeof(d->lines[0]);

	cell_age(age, sizeof(age), g->age_ms, g->exact, m->glyphs);
	snprintf(d->brief, sizeof(d->brief), "GONE %s %u/%u - TERM, KILL +%ds:", age, g->ticks,
		 m->grace, kill_s);
	if (g->age_ms < 0)
		snprintf(line, size, "Owner%s is GONE, but the processes have a parent that lives.",
			 pid);
	else
		snprintf(line, size, "Owner%s is GONE. Orphaned %s, grace %u/%u%s.", pid, age,
			 g->ticks, m->grace, g->condemned ? ": eligible" : "");
}

/* Without a victim yet: which process makes it unknown. */
static void say_unknown(struct dialog *d, const struct memory *g, const char *pid, int kill_s)
{
	_cleanup_strbuf_ struct strbuf name = STRBUF_INIT;

	if (d->nr_victims) {
		snprintf(d->brief, sizeof(d->brief), "unknown%s - TERM, KILL +%ds:", pid, kill_s);
		return;
	}
	if (g->inst->desktop)
		escape_text(&name, g->inst->desktop->comm);
	snprintf(d->brief, sizeof(d->brief), "unknown%s%s %s", name.len ? ": pid" : "", pid,
		 name.len ? name.buf : "");
}

static void say_owner(struct dialog *d, const struct model *m, const struct memory *g, int kill_s)
{
	char *line = d->lines[LINE_OWNER], pid[16] = "";
	_cleanup_strbuf_ struct strbuf doubt = STRBUF_INIT;
	size_t size = sizeof(d->lines[0]);

	if (g->owner_pid > 0)
		snprintf(pid, sizeof(pid), " %d", (int)g->owner_pid);
	switch (g->inst->owner) {
	case OWNER_ALIVE:
		snprintf(line, size, "Desktop pid%s is RUNNING. Its agents are in use.", pid);
		snprintf(d->brief, sizeof(d->brief), "alive%s - TERM, KILL +%ds:", pid, kill_s);
		return;
	case OWNER_UNKNOWN:
		report_doubt(&doubt, g->inst);
		snprintf(line, size, "Owner is UNKNOWN: %s.", doubt.buf);
		say_unknown(d, g, pid, kill_s);
		return;
	case OWNER_GONE:
		say_gone(d, m, g, pid, kill_s);
		return;
	}
}

static void say_owners(struct dialog *d)
{
	size_t nr[3] = { 0 };

	for (size_t i = 0; i < d->nr_shares; i++)
		nr[d->shares[i].owner]++;
	snprintf(d->lines[LINE_OWNER], sizeof(d->lines[0]),
		 "Owners: %zu GONE, %zu alive, %zu unknown.", nr[OWNER_GONE], nr[OWNER_ALIVE],
		 nr[OWNER_UNKNOWN]);
	snprintf(d->brief, sizeof(d->brief),
		 "%zu GONE %zu alive %zu unkn - TERM, KILL:", nr[OWNER_GONE], nr[OWNER_ALIVE],
		 nr[OWNER_UNKNOWN]);
}

static void say_victims(struct dialog *d, const char *wait)
{
	char frees[FORMAT_SIZE], *line = d->lines[LINE_VICTIMS];
	size_t size = sizeof(d->lines[0]);

	for (size_t i = 0; i < d->nr_victims; i++)
		d->frees_kib += d->victims[i].rss_kib;
	if (d->nr_victims)
		snprintf(line, size, "%s %zu get%s SIGTERM, then SIGKILL after %s (frees about %s)",
			 d->nr_victims == 1 ? "This" : "These", d->nr_victims,
			 d->nr_victims == 1 ? "s" : "", wait,
			 format_kib(frees, sizeof(frees), d->frees_kib));
	else
		snprintf(line, size, "Nothing gets a signal yet: u takes in what is unknown (%zu)",
			 d->nr_unknown);
}

static void say_untouched(struct dialog *d)
{
	size_t nr = d->nr - d->nr_victims;
	char *line = d->lines[LINE_UNTOUCHED];
	size_t size = sizeof(d->lines[0]);

	if (!nr)
		return;
	if (!d->nr_unknown || !d->nr_victims)
		snprintf(line, size, "%s %zu %s not touched", nr == 1 ? "This" : "These", nr,
			 nr == 1 ? "is" : "are");
	else
		snprintf(line, size, "%s %zu %s not touched; u takes the unknown in (%zu)",
			 nr == 1 ? "This" : "These", nr, nr == 1 ? "is" : "are", d->nr_unknown);
}

/* What is meant is not only what can be seen. */
static void say_hidden(struct dialog *d, const struct model *m)
{
	const struct row *row = model_selected(m);
	const struct memory *selected = row ? model_row_group(m, row) : NULL;
	bool among = false;
	size_t hidden = 0;

	for (size_t i = 0; i < d->nr_shares; i++) {
		const struct share *s = &d->shares[i];

		hidden += s->hidden;
		among = among || (selected && model_find(m, &s->key) == selected);
	}
	if (hidden)
		snprintf(d->note, sizeof(d->note), "%zu of these %s hidden by the filter%s", hidden,
			 hidden == 1 ? "is" : "are",
			 among ? "." : "; the selected row is not among them.");
	else if (!among)
		snprintf(d->note, sizeof(d->note), "The selected row is not among them.");
}

static void add_row(struct dialog *d, enum dialog_row_kind kind, size_t at)
{
	d->rows[d->nr_rows++] = (struct dialog_row){ kind, at };
}

/* The victims, below a heading for each instance if there are several; then the others. */
static int make_rows(struct dialog *d)
{
	d->rows = calloc(d->nr + d->nr_shares + 1, sizeof(*d->rows));
	if (!d->rows)
		return -ENOMEM;
	for (size_t i = 0; i < d->nr_shares; i++) {
		const struct share *s = &d->shares[i];

		if (d->nr_shares > 1 && s->nr)
			add_row(d, DIALOG_ROW_SHARE, i);
		for (size_t k = s->first; k < s->first + s->nr; k++)
			add_row(d, DIALOG_ROW_VICTIM, k);
	}
	if (d->nr > d->nr_victims)
		add_row(d, DIALOG_ROW_UNTOUCHED, 0);
	for (size_t i = d->nr_victims; i < d->nr; i++)
		add_row(d, DIALOG_ROW_VICTIM, i);
	return 0;
}

int dialog_describe(struct dialog *d, const struct model *m, const struct memory *first,
		    int64_t term_timeout_ms)
{
	char wait[FORMAT_SIZE];

	format_age(wait, sizeof(wait), term_timeout_ms);
	say_title(d);
	say_names(d, m);
	if (d->nr_shares == 1)
		say_owner(d, m, first, (int)((term_timeout_ms + 500) / 1000));
	else
		say_owners(d);
	say_victims(d, wait);
	say_untouched(d);
	say_hidden(d, m);
	d->nr_lines = LINE_NR;
	d->no = "Cancel";
	d->yes = "Reap";
	d->keys = "  y reap  n/Esc/Enter cancel  Tab switch";
	return make_rows(d);
}
