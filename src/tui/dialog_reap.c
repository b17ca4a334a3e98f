/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/escape.h"
#include "report/format.h"
#include "report/report.h"
#include "tui/dialog.h"

/* Whom the dialog is about while it is being filled. */
struct ask {
	struct dialog *d;
	const struct model *m;
	const struct member *pick; /* NULL: whole groups */
	struct victim *kept;	   /* who is not touched, added behind the victims at the end */
	size_t nr_kept, alloc_kept;
	enum verdict_why why; /* the first reason against; WHY_MAY_END: none yet */
};

static int describe(const struct ask *a, const struct process *proc, struct victim *ret_victim)
{
	_cleanup_strbuf_ struct strbuf command = STRBUF_INIT;
	struct victim v = { .id = proc->id, .rss_kib = proc->rss_kib, .uid = proc->uid };

	model_command(&command, proc, a->m->glyphs->utf8);
	/* Longer than any screen is wide is of no use, and arguments may be megabytes. */
	if (command.len > 1024)
		strbuf_truncate(&command, text_fit(command.buf, 1024, 512, NULL));
	v.age_ms = census_age_ms(a->m->census, proc);
	v.command = strbuf_detach(&command);
	if (!v.command)
		return -ENOMEM;
	*ret_victim = v;
	return 0;
}

static bool is_listed(const struct victim *victims, size_t nr, const struct identity *id)
{
	for (size_t i = 0; i < nr; i++)
		if (identity_equal(&victims[i].id, id))
			return true;
	return false;
}

static int add_victim(struct ask *a, const struct process *proc)
{
	struct dialog *d = a->d;
	int r;

	if (is_listed(d->victims, d->nr, &proc->id))
		return 0;
	if (ARRAY_GROW(d->victims, d->nr, d->alloc))
		return -ENOMEM;
	r = describe(a, proc, &d->victims[d->nr]);
	if (r == 0)
		d->nr++;
	return r;
}

static int add_kept(struct ask *a, const struct process *proc, enum verdict_why why, bool foreign)
{
	int r;

	if (is_listed(a->kept, a->nr_kept, &proc->id))
		return 0;
	if (ARRAY_GROW(a->kept, a->nr_kept, a->alloc_kept))
		return -ENOMEM;
	r = describe(a, proc, &a->kept[a->nr_kept]);
	if (r < 0)
		return r;
	a->kept[a->nr_kept].why = why;
	a->kept[a->nr_kept].foreign = foreign;
	a->nr_kept++;
	return 0;
}

static bool is_below(const struct census *c, const struct member *m, const struct member *top)
{
	while (m != top) {
		if (m->parent == CENSUS_NONE)
			return false;
		m = &c->members[m->parent];
	}
	return true;
}

static int add_member(struct ask *a, const struct member *m, const struct share *share,
		      const struct instance *inst, enum verdict_why *why)
{
	struct verdict_ask ask = { .face = share->face, .force = share->force, .of = inst };
	enum verdict_why answer;

	if (a->pick && !is_below(a->m->census, m, a->pick))
		return 0;
	/* What is kept by itself below the pick was not picked. */
	if (a->pick && m != a->pick)
		ask.face = FACE_GROUP;
	answer = verdict_of(a->m->census, m, &ask);
	if (answer == WHY_MAY_END) {
		size_t before = a->d->nr;
		int r = add_victim(a, m->proc);

		if (a->d->nr > before)
			a->d->victims[before].unsure =
				inst->owner == OWNER_GONE && m->state == STATE_UNKNOWN;
		return r;
	}
	*why = *why == WHY_MAY_END ? answer : *why;
	return add_kept(a, m->proc, answer, false);
}

/* The members in the order in which the list shows them. @why: the first reason against. */
static int add_members(struct ask *a, const struct memory *g, const struct share *share,
		       enum verdict_why *why)
{
	_cleanup_free_ struct row *rows = calloc(g->inst->nr + 1, sizeof(*rows));
	size_t nr = 0;
	int r = rows ? model_tree(a->m, g, rows, &nr) : -ENOMEM;

	*why = WHY_MAY_END;
	for (size_t i = 0; i < nr && r == 0; i++)
		r = add_member(a, rows[i].m, share, g->inst, why);
	if (a->why == WHY_MAY_END)
		a->why = *why;
	return r;
}

static int add_share(struct ask *a, const struct memory *g)
{
	const struct instance *inst = g->inst;
	struct dialog *d = a->d;
	enum verdict_why why;
	struct share *s;
	int r;

	if (ARRAY_GROW(d->shares, d->nr_shares, d->alloc_shares))
		return -ENOMEM;
	s = &d->shares[d->nr_shares];
	*s = (struct share){ .len = g->len, .uid = g->uid, .owner = inst->owner, .first = d->nr };
	/* Kept ones are ended only if picked by themselves, not if they hang below a pick. */
	s->face = a->pick && a->pick->kept != WHY_MAY_END ? FACE_PICK : FACE_GROUP;
	s->force = inst->owner != OWNER_GONE;
	s->app = strdup(g->app);
	s->id = malloc(g->len + 1);
	if (!s->app || !s->id) {
		free(s->app);
		free(s->id);
		return -ENOMEM;
	}
	memcpy(s->id, g->id, g->len);
	s->id[g->len] = '\0';
	d->nr_shares++;
	r = add_members(a, g, s, &why);
	/* What nobody can tell the owner of wants the word, too. */
	if (r == 0 && d->nr == s->first && !s->force && why == WHY_UNKNOWN) {
		s->force = true;
		r = add_members(a, g, s, &why);
	}
	s->nr = d->nr - s->first;
	d->need_word = d->need_word || (s->force && s->nr);
	return r;
}

/* Who hangs below a victim and belongs to somebody else stays; the dialog says so. */
static int add_foreign(struct ask *a)
{
	const struct census *c = a->m->census;
	const struct snapshot *snap = c->snapshot;

	for (size_t i = 0; i < snap->nr; i++) {
		size_t up = c->nodes[i].parent;

		if (is_listed(a->d->victims, a->d->nr, &snap->procs[i].id))
			continue;
		while (up != CENSUS_NONE &&
		       !is_listed(a->d->victims, a->d->nr, &snap->procs[up].id))
			up = c->nodes[up].parent;
		if (up != CENSUS_NONE && add_kept(a, &snap->procs[i], WHY_NOT_MANAGED, true) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int append_kept(struct ask *a)
{
	struct dialog *d = a->d;

	d->nr_victims = d->nr;
	for (size_t i = 0; i < a->nr_kept; i++) {
		/* Found by force after all. */
		if (is_listed(d->victims, d->nr_victims, &a->kept[i].id)) {
			free(a->kept[i].command);
			a->kept[i].command = NULL;
			continue;
		}
		if (ARRAY_GROW(d->victims, d->nr, d->alloc))
			return -ENOMEM;
		d->victims[d->nr++] = a->kept[i];
		a->kept[i].command = NULL;
	}
	return 0;
}

/* --- what it says -------------------------------------------------------------- */

static void say_title(struct dialog *d, const struct ask *a)
{
	bool alive = false;
	char what[48];

	for (size_t i = 0; i < d->nr_shares; i++)
		alive = alive || (d->shares[i].owner == OWNER_ALIVE && d->shares[i].nr);
	if (a->pick)
		snprintf(what, sizeof(what), "Reap process %d", (int)a->pick->proc->id.pid);
	else if (d->nr_shares == 1)
		snprintf(what, sizeof(what), "Reap group");
	else
		snprintf(what, sizeof(what), "Reap %zu groups", d->nr_shares);
	snprintf(d->title, sizeof(d->title), "%s%s%s", what, d->need_word ? ": " : "",
		 !d->need_word ? ""
		 : alive       ? "OWNER IS ALIVE"
			       : "OWNER IS UNKNOWN");
}

static void say_names(struct dialog *d, const struct model *m)
{
	_cleanup_strbuf_ struct strbuf names = STRBUF_INIT, tail = STRBUF_INIT;

	for (size_t i = 0; i < d->nr_shares; i++) {
		const struct share *s = &d->shares[i];

		if (i)
			strbuf_addstr(&names, ", ");
		escape_append_as(&names, (struct bytes){ s->id, s->len }, m->glyphs->utf8);
	}
	/* Wider than the dialog is; the tail tells instances apart. */
	text_tail(&tail, names.buf, 76, m->glyphs);
	snprintf(d->lines[0], sizeof(d->lines[0]), "%s", tail.buf);
}

static void say_owner(struct dialog *d, const struct model *m, const struct memory *g,
		      int64_t term_timeout_ms)
{
	char *line = d->lines[1], age[FORMAT_SIZE], pid[16] = "";
	size_t size = sizeof(d->lines[1]);
	int kill_s = (int)((term_timeout_ms + 500) / 1000);

	cell_age(age, sizeof(age), g->age_ms, g->exact, m->glyphs);
	if (g->owner_pid > 0)
		snprintf(pid, sizeof(pid), " %d", (int)g->owner_pid);
	switch (g->inst->owner) {
	case OWNER_ALIVE:
		snprintf(line, size, "Desktop pid%s is RUNNING. Its agents are in use.", pid);
		snprintf(d->brief, sizeof(d->brief), "alive%s - TERM, KILL +%ds:", pid, kill_s);
		return;
	case OWNER_UNKNOWN:
		snprintf(line, size, "Owner is UNKNOWN: %s.", report_doubt_text(g->inst->doubt));
		snprintf(d->brief, sizeof(d->brief), "unknown - TERM, KILL +%ds:", kill_s);
		return;
	case OWNER_GONE:
		break;
	}
	snprintf(d->brief, sizeof(d->brief), "GONE %s %u/%u - TERM, KILL +%ds:", age, g->ticks,
		 m->grace, kill_s);
	if (g->age_ms < 0)
		snprintf(line, size, "Owner%s is GONE, but the processes have a parent that lives.",
			 pid);
	else
		snprintf(line, size, "Owner%s is GONE. Orphaned %s, grace %u/%u%s.", pid, age,
			 g->ticks, m->grace, g->condemned ? ": eligible" : "");
}

static void say_owners(struct dialog *d)
{
	size_t nr[3] = { 0 };

	for (size_t i = 0; i < d->nr_shares; i++)
		nr[d->shares[i].owner]++;
	snprintf(d->lines[1], sizeof(d->lines[1]), "Owners: %zu GONE, %zu alive, %zu unknown.",
		 nr[OWNER_GONE], nr[OWNER_ALIVE], nr[OWNER_UNKNOWN]);
	snprintf(d->brief, sizeof(d->brief), "%zu GONE %zu alive %zu unkn:", nr[OWNER_GONE],
		 nr[OWNER_ALIVE], nr[OWNER_UNKNOWN]);
}

static void say_kept(struct dialog *d)
{
	const struct victim *first = &d->victims[d->nr_victims];
	size_t nr = d->nr - d->nr_victims;
	char *line = d->lines[3];

	if (!nr) {
		snprintf(line, sizeof(d->lines[3]), "Not touched: 0");
		return;
	}
	const char *word = verdict_kept_name(first->why);

	/* The rows say it of the others; the short word fits where the sentence does not. */
	snprintf(line, sizeof(d->lines[3]), "Not touched: %zu (pid %d: %s%s)", nr,
		 (int)first->id.pid,
		 first->foreign ? "it is not of this instance"
		 : word		? word
				: verdict_text(first->why),
		 nr > 1 ? "; the others below" : "");
}

static void say_all(struct ask *a, const struct memory *first, int64_t term_timeout_ms)
{
	struct dialog *d = a->d;
	char wait[FORMAT_SIZE];

	format_age(wait, sizeof(wait), term_timeout_ms);
	say_title(d, a);
	say_names(d, a->m);
	if (d->nr_shares == 1)
		say_owner(d, a->m, first, term_timeout_ms);
	else
		say_owners(d);
	if (d->nr_victims == 1)
		snprintf(d->lines[2], sizeof(d->lines[2]),
			 "Exactly this 1 process gets SIGTERM, then SIGKILL after %s:", wait);
	else
		snprintf(d->lines[2], sizeof(d->lines[2]),
			 "Exactly these %zu processes get SIGTERM, then SIGKILL after %s:",
			 d->nr_victims, wait);
	say_kept(d);
	d->nr_lines = 4;
	d->no = "Cancel";
	d->yes = "Reap";
	d->keys = "  y reap  n/Esc/Enter cancel  Tab switch";
}

static int fill(struct ask *a, const struct memory **ret_first)
{
	const struct model *m = a->m;
	const struct row *row = model_selected(m);
	const struct memory *first = NULL;
	size_t tagged = model_tagged(m);
	int r = 0;

	if (!tagged && !row)
		return -ENOENT;
	if (!tagged && row->m) {
		a->pick = row->m;
		a->d->pick = true;
		a->d->picked = row->m->proc->id;
	}
	for (size_t i = 0; i < m->nr_groups && r == 0; i++) {
		const struct memory *g = &m->groups[i];

		if (!g->present || (tagged ? !g->tagged : i != row->group))
			continue;
		first = first ? first : g;
		r = add_share(a, g);
	}
	if (r == 0)
		r = add_foreign(a);
	if (r == 0)
		r = append_kept(a);
	*ret_first = first;
	return r;
}

int dialog_reap(struct dialog *d, const struct model *m, int64_t term_timeout_ms, char *why,
		size_t size)
{
	struct dialog fresh = { .kind = DIALOG_REAP };
	struct ask a = { .d = &fresh, .m = m, .why = WHY_MAY_END };
	const struct memory *first = NULL;
	int r = fill(&a, &first);

	for (size_t i = 0; i < a.nr_kept; i++)
		free(a.kept[i].command);
	free(a.kept);
	if (r == 0 && !fresh.nr_victims)
		r = -ENOENT;
	if (r < 0) {
		snprintf(why, size, "nothing to reap%s%s", a.why == WHY_MAY_END ? "" : ": ",
			 a.why == WHY_MAY_END ? "" : verdict_text(a.why));
		dialog_release(&fresh);
		return r;
	}
	say_all(&a, first, term_timeout_ms);
	*d = fresh;
	return 0;
}
