/* SPDX-License-Identifier: MIT */
#include "tui/model.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "engine/journal.h"
#include "base/escape.h"
#include "report/report.h"

static void memory_release(struct memory *g)
{
	instance_key_release(&g->key);
	free(g->exe);
}

void model_init(struct model *m, const struct scope *scope, unsigned grace, const struct glyphs *g)
{
	*m = (struct model){ .scope = scope, .grace = grace, .glyphs = g, .sort = COLUMN_OWNER };
	m->sum.cpu_pct = NAN;
}

void model_release(struct model *m)
{
	for (size_t i = 0; i < m->nr_groups; i++)
		memory_release(&m->groups[i]);
	free(m->groups);
	free(m->rows);
	free(m->before);
	free(m->tags);
	free(m->users);
	census_unref(m->census);
	*m = (struct model){ 0 };
}

struct memory *model_find(const struct model *m, const struct instance_key *key)
{
	for (size_t i = 0; i < m->nr_groups; i++)
		if (m->groups[i].present && instance_key_equal(&m->groups[i].key, key))
			return &m->groups[i];
	return NULL;
}

static bool is_meant(const struct model *m, const struct instance *inst)
{
	return !m->scope || scope_has(m->scope, inst);
}

static struct memory *remember(struct model *m, const struct instance *inst)
{
	struct instance_key key = instance_key_of(inst);
	struct memory *g;

	for (size_t i = 0; i < m->nr_groups; i++)
		if (instance_key_equal(&m->groups[i].key, &key))
			return &m->groups[i];
	if (ARRAY_GROW(m->groups, m->nr_groups, m->alloc_groups))
		return NULL;
	g = &m->groups[m->nr_groups];
	*g = (struct memory){ .expanded = m->open_new };
	if (instance_key_copy(&key, &g->key) < 0)
		return NULL;
	m->nr_groups++;
	return g;
}

/* --- figures ------------------------------------------------------------------- */

static bool is_orphan(const struct member *m)
{
	return m->state == STATE_ORPHAN;
}

static enum group_kind kind_of(const struct memory *g, const struct census *c)
{
	const struct instance *inst = g->inst;
	size_t free_orphans = 0;

	for (size_t i = 0; i < inst->nr; i++) {
		const struct member *m = &c->members[inst->first + i];

		free_orphans += is_orphan(m) && m->kept == WHY_MAY_END;
	}
	if (g->condemned)
		return KIND_REAPABLE;
	if (free_orphans)
		return KIND_GRACE;
	if (inst->orphans)
		return KIND_KEPT;
	if (inst->owner == OWNER_UNKNOWN || inst->unknown)
		return KIND_UNKNOWN;
	return inst->detached ? KIND_DETACHED : KIND_ALIVE;
}

static pid_t owner_pid(const struct instance *inst, const struct census *c)
{
	if (inst->desktop)
		return inst->desktop->id.pid;
	if (inst->owner == OWNER_GONE)
		return inst->former.pid;
	for (size_t i = 0; i < inst->nr; i++)
		if (c->members[inst->first + i].because)
			return c->members[inst->first + i].because->id.pid;
	return 0;
}

static void note_owner(struct memory *g)
{
	const struct process *desktop = g->inst->desktop;

	if (g->inst->owner != OWNER_ALIVE || !desktop)
		return;
	if (desktop->exe && (!g->exe || strcmp(g->exe, desktop->exe))) {
		free(g->exe);
		g->exe = strdup(desktop->exe);
	}
}

static void note_trend(struct memory *g)
{
	struct trend *t = &g->trend;

	if (t->nr == TREND_MAX) {
		memmove(t->cpu_pct, t->cpu_pct + 1, (TREND_MAX - 1) * sizeof(t->cpu_pct[0]));
		memmove(t->rss_kib, t->rss_kib + 1, (TREND_MAX - 1) * sizeof(t->rss_kib[0]));
		memmove(t->processes, t->processes + 1, (TREND_MAX - 1) * sizeof(t->processes[0]));
		t->nr--;
	}
	t->cpu_pct[t->nr] = (float)g->inst->cpu_pct;
	t->rss_kib[t->nr] = g->inst->rss_kib;
	t->processes[t->nr++] = g->inst->nr;
}

static void figure_out(struct model *m, struct memory *g)
{
	const struct census *c = m->census;
	const struct instance *inst = g->inst;

	g->ticks = instance_ticks(c, inst, m->grace);
	g->condemned = instance_condemned(c, inst);
	g->due = instance_due(c, inst);
	g->age_ms = report_orphan_age_ms(c, inst, &g->exact);
	g->owner_pid = owner_pid(inst, c);
	g->kept = 0;
	g->threads = 0;
	for (size_t i = 0; i < inst->nr; i++) {
		const struct member *member = &c->members[inst->first + i];

		g->kept += member_is_kept(member);
		g->threads += member->proc->threads;
		m->sum.reapable_kib += member->condemned ? member->proc->rss_kib : 0;
	}
	g->kind = kind_of(g, c);
	note_owner(g);
	note_trend(g);

	m->sum.groups++;
	m->sum.agents += inst->agents;
	m->sum.kinds[g->kind]++;
	m->sum.owners[inst->owner]++;
	m->sum.processes += inst->nr;
	m->sum.rss_kib += inst->rss_kib;
	if (!isnan(inst->cpu_pct))
		m->sum.cpu_pct = (isnan(m->sum.cpu_pct) ? 0 : m->sum.cpu_pct) + inst->cpu_pct;
}

const char *group_state(const struct memory *g)
{
	static const char *const words[KIND_NR] = {
		[KIND_REAPABLE] = "REAPABLE", [KIND_GRACE] = "orphan",	    [KIND_KEPT] = "kept",
		[KIND_UNKNOWN] = "unknown",   [KIND_DETACHED] = "detached", [KIND_ALIVE] = "owned",
	};

	return g->reaping ? "reaping" : words[g->kind];
}

const char *group_kind_name(enum group_kind kind)
{
	static const char *const words[KIND_NR] = {
		[KIND_REAPABLE] = "reapable", [KIND_GRACE] = "grace",	    [KIND_KEPT] = "kept",
		[KIND_UNKNOWN] = "unknown",   [KIND_DETACHED] = "detached", [KIND_ALIVE] = "alive",
	};

	return words[kind];
}

bool member_is_kept(const struct member *m)
{
	return m->kept != WHY_MAY_END && m->state != STATE_OWNED;
}

const char *process_state(const struct memory *g, const struct member *m)
{
	if (g->reaping && m->kept == WHY_MAY_END)
		return "reaping";
	if (m->condemned)
		return "REAPABLE";
	if (member_is_kept(m))
		return "kept";
	return member_state_name(m->state);
}

/* --- a new census -------------------------------------------------------------- */

/* Drop what is remembered of instances that are gone; a selected one is kept till it moves. */
static void compact(struct model *m)
{
	_cleanup_free_ size_t *moved = malloc((m->nr_groups + 1) * sizeof(*moved));
	size_t kept = 0;

	/* Without memory they are remembered longer than they need be. */
	if (!moved)
		return;
	for (size_t i = 0; i < m->nr_groups; i++) {
		struct memory *g = &m->groups[i];
		bool selected = m->selected.set && m->selected.group == i;

		if (!g->present && !selected && !g->reaping) {
			memory_release(g);
			moved[i] = SIZE_MAX;
			continue;
		}
		if (selected)
			m->selected.group = kept;
		moved[i] = kept;
		m->groups[kept++] = *g;
	}
	m->nr_groups = kept;
	for (size_t i = 0; i < m->nr_before; i++)
		m->before[i].group = moved[m->before[i].group];
}

/* Forget tags of processes that have gone. */
static void compact_tags(struct model *m)
{
	size_t kept = 0;

	for (size_t i = 0; i < m->nr_tags; i++) {
		const struct process *proc = snapshot_find(m->census->snapshot, m->tags[i].pid);

		if (proc && identity_equal(&proc->id, &m->tags[i]))
			m->tags[kept++] = m->tags[i];
	}
	m->nr_tags = kept;
}

static int copy_users(struct model *m, const struct worker_user *users, size_t nr)
{
	struct worker_user *copy;

	if (!nr)
		return 0;
	copy = malloc(nr * sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	memcpy(copy, users, nr * sizeof(*copy));
	free(m->users);
	m->users = copy;
	m->nr_users = nr;
	return 0;
}

int model_set_census(struct model *m, struct census *c, const struct worker_user *users,
		     size_t nr_users)
{
	int r = copy_users(m, users, nr_users);

	if (r < 0)
		return r;
	/* Room first, so that a failure leaves the old picture whole. */
	for (size_t i = 0; i < c->nr_instances; i++)
		if (is_meant(m, &c->instances[i]) && !remember(m, &c->instances[i]))
			return -ENOMEM;
	model_note_rows(m);
	census_ref(c);
	census_unref(m->census);
	m->census = c;
	m->nr_rows = 0;
	for (size_t i = 0; i < m->nr_groups; i++) {
		m->groups[i].present = false;
		m->groups[i].inst = NULL;
	}
	m->sum = (struct summary){ .cpu_pct = NAN };
	for (size_t i = 0; i < c->nr_instances; i++) {
		struct memory *g =
			is_meant(m, &c->instances[i]) ? remember(m, &c->instances[i]) : NULL;

		if (!g) {
			m->sum.excluded++;
			continue;
		}
		g->present = true;
		g->inst = &c->instances[i];
		figure_out(m, g);
	}
	/* The census counts an agent of two instances once, but only over all instances. */
	if (m->sum.groups == c->nr_instances)
		m->sum.agents = c->agents;
	compact(m);
	compact_tags(m);
	return model_rebuild(m);
}

/* --- texts --------------------------------------------------------------------- */

const char *model_user(const struct model *m, uid_t uid, char buf[33])
{
	for (size_t i = 0; i < m->nr_users; i++)
		if (m->users[i].uid == uid)
			return m->users[i].name;
	snprintf(buf, 33, "%lu", (unsigned long)uid);
	return buf;
}

void model_command(const struct model *m, struct strbuf *sb, const struct process *proc)
{
	bool utf8 = m->glyphs->utf8;
	struct bytes name = { .data = proc->comm, .len = strlen(proc->comm) };

	if (proc->args.len && proc->state != 'Z') {
		if (m->no_args)
			escape_append_as(sb, name, utf8);
		else
			escape_args(sb, proc->args, utf8);
		return;
	}
	strbuf_addch(sb, '[');
	escape_append_as(sb, name, utf8);
	strbuf_addstr(sb, proc->state == 'Z' ? "] <defunct>" : "]");
}

void model_id(struct strbuf *sb, struct bytes id, bool utf8)
{
	escape_append_as(sb, id, utf8);
}

void model_short_name(struct strbuf *sb, const struct memory *g, bool utf8)
{
	escape_append_as(sb, instance_short_name(g->inst ? g->inst->app : NULL, g->key.id), utf8);
}
