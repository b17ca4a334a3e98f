/* SPDX-License-Identifier: MIT */
/* The line of sums: how many groups, of which owners and in which states, and their size. */
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/escape.h"
#include "report/format.h"
#include "tui/state.h"

/* In the order in which the line names them. */
static const struct {
	enum group_kind kind;
	bool spared; /* left out first */
} kinds[] = {
	{ KIND_DETACHED, true }, { KIND_UNKNOWN, true },   { KIND_KEPT, true },
	{ KIND_GRACE, false },	 { KIND_REAPABLE, false },
};

void view_scope(const struct tui *t, struct strbuf *sb, const char *between)
{
	const struct scope *scope = &t->options->sweep.scope;

	if (t->options->other_user)
		strbuf_addf(sb, "%suid %lu", between, (unsigned long)scope->uid);
	if (scope->instance_glob) {
		strbuf_addf(sb, "%sonly ", between);
		escape_text(sb, scope->instance_glob);
	}
	if (scope->app) {
		strbuf_addf(sb, "%sapp ", between);
		escape_text(sb, scope->app);
	}
}

static void add_owners(struct strbuf *sb, const struct summary *sum, const char *comma, bool gone)
{
	static const struct {
		enum owner_state owner;
		const char *word;
	} owners[] = { { OWNER_ALIVE, "alive" },
		       { OWNER_GONE, "gone" },
		       { OWNER_UNKNOWN, "unknown" } };
	const char *between = "";

	for (size_t i = 0; i < ARRAY_SIZE(owners); i++) {
		if (!sum->owners[owners[i].owner] || (owners[i].owner == OWNER_GONE && !gone))
			continue;
		strbuf_addf(sb, "%s %zu %s", between, sum->owners[owners[i].owner], owners[i].word);
		between = comma;
	}
}

static void add_states(struct strbuf *sb, const struct summary *sum, const char *first,
		       const char *comma, bool spared)
{
	const char *between = first;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		enum group_kind kind = kinds[i].kind;

		/* An unknown owner says it already. */
		if (!sum->kinds[kind] || (kinds[i].spared && !spared) ||
		    (kind == KIND_UNKNOWN && sum->owners[OWNER_UNKNOWN] == sum->kinds[kind]))
			continue;
		strbuf_addf(sb, "%s %zu %s", between, sum->kinds[kind], group_kind_name(kind));
		between = comma;
	}
}

/* "3 tagged, 2 hidden": what F9 is about. */
static void tag_text(const struct model *m, struct strbuf *sb)
{
	size_t tagged = model_tagged(m), hidden = model_tagged_hidden(m);

	if (tagged)
		strbuf_addf(sb, "  %zu tagged", tagged);
	if (hidden)
		strbuf_addf(sb, ", %zu hidden", hidden);
}

/* Below BRIEF_COLS: what is in danger matters more than what is spared. */
static void brief_summary(const struct tui *t, struct strbuf *sb)
{
	const struct summary *sum = &t->model.sum;
	size_t cols = (size_t)t->screen.cols;

	tag_text(&t->model, sb);
	if (sb->len && text_width(sb->buf, sb->len) < cols)
		strbuf_addch(sb, ' ');
	add_owners(sb, sum, "", false);
	add_states(sb, sum, "", "", true);
	if (text_width(sb->buf, sb->len) <= cols)
		return;
	strbuf_truncate(sb, 0);
	tag_text(&t->model, sb);
	add_owners(sb, sum, "", false);
	add_states(sb, sum, "", "", false);
	/* The reapable ones stand last and must not be cut. */
	if (text_width(sb->buf, sb->len) <= cols)
		return;
	strbuf_truncate(sb, 0);
	tag_text(&t->model, sb);
	add_states(sb, sum, "", "", false);
}

/* A figure of the line. The lower its rank, the longer it stays when room gets short. */
enum { SEGMENTS = 7 };

struct segment {
	int rank;
	char text[80];
};

/* Returns how many there are, in the order of the line. */
static size_t make_segments(const struct tui *t, struct segment segments[SEGMENTS])
{
	const struct summary *sum = &t->model.sum;
	char cpu[FORMAT_SIZE], rss[FORMAT_SIZE], total[FORMAT_SIZE], reapable[FORMAT_SIZE];
	size_t nr = 0;

	format_cpu(cpu, sizeof(cpu), sum->cpu_pct);
	format_kib(rss, sizeof(rss), sum->rss_kib);
	format_kib(total, sizeof(total), t->total_kib);
	format_kib(reapable, sizeof(reapable), sum->reapable_kib);
	segments[nr].rank = 3;
	snprintf(segments[nr++].text, sizeof(segments[0].text), "  Agents %zu", sum->agents);
	segments[nr].rank = 2;
	snprintf(segments[nr++].text, sizeof(segments[0].text), "  CPU %s%%", cpu);
	segments[nr].rank = 1;
	snprintf(segments[nr++].text, sizeof(segments[0].text), "  RSS %s", rss);
	if (t->total_kib) {
		segments[nr].rank = 5;
		snprintf(segments[nr++].text, sizeof(segments[0].text), " of %s", total);
	}
	if (sum->reapable_kib) {
		segments[nr].rank = 4;
		snprintf(segments[nr++].text, sizeof(segments[0].text), ", %s reapable", reapable);
	}
	return nr;
}

/* Whole figures only: a number that is cut is another number. */
static void full_summary(const struct tui *t, struct strbuf *sb)
{
	const struct summary *sum = &t->model.sum;
	struct segment segments[SEGMENTS];
	size_t cols = (size_t)t->screen.cols, nr = make_segments(t, segments), used;
	bool taken[SEGMENTS] = { false }, fits = true;

	strbuf_addf(sb, " Groups %zu:", sum->groups);
	add_owners(sb, sum, ",", true);
	add_states(sb, sum, ";", ",", true);
	tag_text(&t->model, sb);
	if (text_width(sb->buf, sb->len) > cols) {
		strbuf_truncate(sb, 0);
		brief_summary(t, sb);
		return;
	}
	used = text_width(sb->buf, sb->len);
	/* A narrower screen leaves out more, and shows nothing else instead. */
	for (int rank = 1; rank <= 5 && fits; rank++)
		for (size_t i = 0; i < nr; i++) {
			size_t len = strlen(segments[i].text);

			if (segments[i].rank != rank)
				continue;
			fits = used + len <= cols;
			taken[i] = fits;
			used += fits ? len : 0;
		}
	for (size_t i = 0; i < nr; i++)
		if (taken[i])
			strbuf_addstr(sb, segments[i].text);
}

void view_summary(struct tui *t, int y)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;
	const struct summary *sum = &t->model.sum;
	int cols = t->screen.cols;

	if (sum->groups && cols < BRIEF_COLS)
		brief_summary(t, &sb);
	else if (sum->groups)
		full_summary(t, &sb);
	else if (t->model.census)
		strbuf_addstr(&sb, " 0 groups  0 agents");
	draw_text(&t->screen, y, 0, cols, ROLE_NORMAL, sb.buf);
}
