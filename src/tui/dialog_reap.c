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

/* The dialog while it is being filled. */
struct ask {
	struct dialog *d;
	const struct model *m;

	bool unknown;	     /* take unknown ones in */
	bool saw_unknown;    /* one that only force ends */
	bool kept_pick;	     /* a victim that is kept, and was picked by itself */
	struct victim *kept; /* the untouched, appended behind the victims at the end */
	size_t nr_kept, alloc_kept;
	enum verdict_why why; /* the first reason against; WHY_MAY_END: none yet */
};

static int describe(const struct ask *a, const struct process *proc, struct victim *ret_victim)
{
	_cleanup_strbuf_ struct strbuf command = STRBUF_INIT, name = STRBUF_INIT;
	struct victim v = { .id = proc->id, .rss_kib = proc->rss_kib, .uid = proc->uid };

	model_command(a->m, &command, proc);
	/* Longer than any screen is wide is of no use, and arguments may be megabytes. */
	if (command.len > 1024)
		strbuf_truncate(&command, text_fit(command.buf, 1024, 512, NULL));
	escape_text(&name, proc->comm);
	snprintf(v.name, sizeof(v.name), "%s", name.buf);
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

/* The pick that @m hangs below, or is; NULL: none. */
static const struct member *pick_of(const struct ask *a, const struct member *m)
{
	const struct census *c = a->m->census;

	for (;;) {
		for (size_t i = 0; i < a->d->nr_picks; i++)
			if (identity_equal(&a->d->picks[i], &m->proc->id))
				return m;
		if (m->parent == CENSUS_NONE)
			return NULL;
		m = &c->members[m->parent];
	}
}

/* What is unknown is a victim only where it is asked for by itself. */
static bool takes_unknown(const struct ask *a, const struct member *pick)
{
	return a->unknown || (pick && pick->state == STATE_UNKNOWN);
}

static int add_member(struct ask *a, const struct member *m, const struct share *share,
		      const struct instance *inst, enum verdict_why *why)
{
	struct verdict_ask ask = { .face = FACE_GROUP, .force = share->force, .of = inst };
	const struct member *pick = pick_of(a, m);
	enum verdict_why answer;

	if (!share->whole && !pick)
		return 0;
	/* What is kept by itself below the pick was not picked. */
	if (pick == m)
		ask.face = FACE_PICK;
	answer = verdict_of(a->m->census, m, &ask);
	a->saw_unknown = a->saw_unknown || (answer == WHY_UNKNOWN && takes_unknown(a, pick));
	if (m->state == STATE_UNKNOWN && !takes_unknown(a, pick) &&
	    (answer == WHY_MAY_END || answer == WHY_UNKNOWN)) {
		size_t before = a->nr_kept;
		int r = add_kept(a, m->proc, WHY_UNKNOWN, false);

		a->d->nr_unknown += a->nr_kept - before;
		return r;
	}
	if (answer == WHY_MAY_END) {
		size_t before = a->d->nr;
		int r = add_victim(a, m->proc);

		if (a->d->nr > before)
			a->d->victims[before].unsure = m->state == STATE_UNKNOWN;
		a->d->need_word = a->d->need_word || m->state == STATE_UNKNOWN;
		a->kept_pick = a->kept_pick || (pick == m && m->kept != WHY_MAY_END);
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

static int add_share(struct ask *a, const struct memory *g, bool whole)
{
	const struct instance *inst = g->inst;
	struct dialog *d = a->d;
	enum verdict_why why;
	struct share *s;
	int r;

	if (ARRAY_GROW(d->shares, d->nr_shares, d->alloc_shares))
		return -ENOMEM;
	s = &d->shares[d->nr_shares];
	*s = (struct share){ .owner = inst->owner, .first = d->nr };
	s->hidden = !g->shown;
	s->owner_pid = g->owner_pid;
	s->face = FACE_GROUP;
	s->whole = whole;
	s->force = inst->owner != OWNER_GONE;
	if (instance_key_copy(&g->key, &s->key) < 0)
		return -ENOMEM;
	d->nr_shares++;
	a->saw_unknown = a->kept_pick = false;
	r = add_members(a, g, s, &why);
	if (r == 0 && a->saw_unknown && !s->force) {
		s->force = true;
		r = add_members(a, g, s, &why);
	}
	s->nr = d->nr - s->first;
	/* Kept ones are ended only if picked by themselves, not if they hang below a pick. */
	s->face = a->kept_pick ? FACE_PICK : FACE_GROUP;
	d->need_word = d->need_word || (s->force && s->nr);
	return r;
}

/* Add the processes below a victim that are not of its instance: they are not touched. */
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

/* The processes that are meant by themselves: tagged ones, or the selected row. */
static int choose_picks(struct ask *a, const struct row *row, bool tagged)
{
	const struct model *m = a->m;
	struct dialog *d = a->d;
	size_t nr = tagged ? m->nr_tags : row->m != NULL;

	d->picks = calloc(nr + 1, sizeof(*d->picks));
	if (!d->picks)
		return -ENOMEM;
	if (tagged && nr)
		memcpy(d->picks, m->tags, nr * sizeof(*d->picks));
	else if (nr)
		d->picks[0] = row->m->proc->id;
	d->nr_picks = nr;
	return 0;
}

static bool has_pick(const struct ask *a, const struct memory *g)
{
	for (size_t i = 0; a->d->nr_picks && i < g->inst->nr; i++) {
		const struct member *m = &a->m->census->members[g->inst->first + i];

		for (size_t k = 0; k < a->d->nr_picks; k++)
			if (identity_equal(&a->d->picks[k], &m->proc->id))
				return true;
	}
	return false;
}

static int fill(struct ask *a, const struct memory **ret_first)
{
	const struct model *m = a->m;
	const struct row *row = model_selected(m);
	bool tagged = model_tagged(m) > 0;
	int r;

	if (!tagged && !row)
		return -ENOENT;
	r = choose_picks(a, row, tagged);
	for (size_t i = 0; i < m->nr_groups && r == 0; i++) {
		const struct memory *g = &m->groups[i];
		bool whole = tagged ? g->tagged : i == row->group && !row->m;
		bool meant = whole || (tagged ? has_pick(a, g) : i == row->group);

		if (!g->present || !meant)
			continue;
		*ret_first = *ret_first ? *ret_first : g;
		r = add_share(a, g, whole);
	}
	if (r == 0)
		r = add_foreign(a);
	return r == 0 ? append_kept(a) : r;
}

int dialog_reap(struct dialog *d, const struct model *m, int64_t term_timeout_ms, bool unknown,
		char *why, size_t size)
{
	struct dialog fresh = { .kind = DIALOG_REAP };
	struct ask a = { .d = &fresh, .m = m, .why = WHY_MAY_END, .unknown = unknown };
	const struct memory *first = NULL;
	int r = fill(&a, &first);

	for (size_t i = 0; i < a.nr_kept; i++)
		free(a.kept[i].command);
	free(a.kept);
	fresh.unknown = unknown;
	if (r == 0 && !fresh.nr_victims && !fresh.nr_unknown)
		r = -ENOENT;
	if (r == 0)
		r = dialog_describe(&fresh, m, first, term_timeout_ms);
	if (r < 0) {
		snprintf(why, size, "nothing to reap%s%s", a.why == WHY_MAY_END ? "" : ": ",
			 a.why == WHY_MAY_END ? "" : verdict_text(a.why));
		dialog_release(&fresh);
		return r;
	}
	*d = fresh;
	return 0;
}
