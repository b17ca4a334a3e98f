/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "tui/model.h"

/* --- order --------------------------------------------------------------------- */

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

static int compare_cpu(double a, double b)
{
	return COMPARE(isnan(a) ? -1.0 : a, isnan(b) ? -1.0 : b);
}

static int compare_names(const struct memory *a, const struct memory *b)
{
	size_t len = a->len < b->len ? a->len : b->len;
	int r = memcmp(a->id, b->id, len);

	if (!r)
		r = COMPARE(a->len, b->len);
	if (!r)
		r = COMPARE(a->uid, b->uid);
	return r ? r : strcmp(a->app, b->app);
}

/* Upwards; what sorts downwards at first is turned round by the caller. */
static int compare_groups_by(const struct model *m, const struct memory *a, const struct memory *b)
{
	char name_a[33], name_b[33];

	switch (m->sort) {
	case COLUMN_TICK:
		return COMPARE(a->ticks, b->ticks);
	case COLUMN_AGE:
		return COMPARE(a->age_ms, b->age_ms);
	case COLUMN_SINCE:
		/* A moment: the older the earlier; without one (-1) last. */
		return COMPARE(b->age_ms, a->age_ms);
	case COLUMN_N:
		return COMPARE(a->inst->nr, b->inst->nr);
	case COLUMN_CPU:
		return compare_cpu(a->inst->cpu_pct, b->inst->cpu_pct);
	case COLUMN_RSS:
		return COMPARE(a->inst->rss_kib, b->inst->rss_kib);
	case COLUMN_USER:
		return strcmp(model_user(m, a->uid, name_a), model_user(m, b->uid, name_b));
	case COLUMN_NAME:
		return compare_names(a, b);
	default: /* OWNER, STATE */
		return COMPARE(a->kind, b->kind);
	}
}

static int compare_groups(const void *pa, const void *pb, void *ctx)
{
	const struct model *m = ctx;
	const struct memory *a = &m->groups[*(const size_t *)pa];
	const struct memory *b = &m->groups[*(const size_t *)pb];
	int r = compare_groups_by(m, a, b);

	if (column_descends(m->sort) != m->invert)
		r = -r;
	return r ? r : compare_names(a, b);
}

static int compare_members_by(const struct model *m, const struct member *a, const struct member *b)
{
	switch (m->sort) {
	case COLUMN_CPU:
		return compare_cpu(a->cpu_pct, b->cpu_pct);
	case COLUMN_RSS:
		return COMPARE(a->proc->rss_kib, b->proc->rss_kib);
	case COLUMN_N:
		return COMPARE(a->proc->threads, b->proc->threads);
	case COLUMN_AGE:
		return COMPARE(b->proc->id.start_ticks, a->proc->id.start_ticks);
	case COLUMN_SINCE:
		return COMPARE(a->proc->id.start_ticks, b->proc->id.start_ticks);
	default:
		return 0;
	}
}

/* Children stand together, those without a parent first. */
static int compare_members(const void *pa, const void *pb, void *ctx)
{
	const struct model *m = ctx;
	const struct member *a = &m->census->members[*(const size_t *)pa];
	const struct member *b = &m->census->members[*(const size_t *)pb];
	int r = COMPARE(a->parent + 1, b->parent + 1); /* CENSUS_NONE + 1 is 0 */

	if (r)
		return r;
	r = compare_members_by(m, a, b);
	if (column_descends(m->sort) != m->invert)
		r = -r;
	return r ? r : COMPARE(a->proc->id.pid, b->proc->id.pid);
}

/* --- rows ---------------------------------------------------------------------- */

static int add_row(struct model *m, const struct row *row)
{
	if (ARRAY_GROW(m->rows, m->nr_rows, m->alloc_rows))
		return -ENOMEM;
	m->rows[m->nr_rows++] = *row;
	return 0;
}

/* A run of siblings in the sorted order. */
struct run {
	size_t at, end;
};

/* The children of member @parent in @order; searched by halves. */
static struct run find_run(const struct model *m, const size_t *order, size_t nr, size_t parent)
{
	struct run run = { 0, nr };
	size_t low = 0, high = nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (m->census->members[order[mid]].parent + 1 < parent + 1)
			low = mid + 1;
		else
			high = mid;
	}
	run.at = low;
	for (run.end = low; run.end < nr; run.end++)
		if (m->census->members[order[run.end]].parent != parent)
			break;
	return run;
}

/* Depth first, with a stack of our own: chains of processes may be long. */
static size_t walk_tree(const struct model *m, size_t group, const size_t *order, size_t nr,
			struct run *stack, struct row *rows)
{
	uint64_t rails = 0;
	size_t depth = 0, made = 0;

	stack[0] = find_run(m, order, nr, CENSUS_NONE);
	for (;;) {
		struct run *run = &stack[depth];
		struct row row = { .group = group, .depth = (unsigned)depth, .rails = rails };
		size_t index;

		if (run->at == run->end || made == nr) {
			if (!depth--)
				return made;
			continue;
		}
		index = order[run->at++];
		row.m = &m->census->members[index];
		row.last = run->at == run->end;
		rows[made++] = row;
		if (depth < 64)
			rails = row.last ? rails & ~(1ull << depth) : rails | 1ull << depth;
		if (depth < nr)
			stack[++depth] = find_run(m, order, nr, index);
	}
}

int model_tree(const struct model *m, const struct memory *g, struct row *rows, size_t *ret_nr)
{
	const struct instance *inst = g->inst;
	_cleanup_free_ size_t *order = calloc(inst->nr + 1, sizeof(*order));
	_cleanup_free_ struct run *stack = calloc(inst->nr + 1, sizeof(*stack));

	if (!order || !stack)
		return -ENOMEM;
	for (size_t i = 0; i < inst->nr; i++)
		order[i] = inst->first + i;
	qsort_r(order, inst->nr, sizeof(*order), compare_members, (void *)m);
	*ret_nr = walk_tree(m, (size_t)(g - m->groups), order, inst->nr, stack, rows);
	return 0;
}

static int add_processes(struct model *m, size_t group)
{
	const struct memory *g = &m->groups[group];
	_cleanup_free_ struct row *rows = calloc(g->inst->nr + 1, sizeof(*rows));
	size_t nr = 0;
	int r = rows ? model_tree(m, g, rows, &nr) : -ENOMEM;

	for (size_t i = 0; i < nr && r == 0; i++)
		r = add_row(m, &rows[i]);
	return r;
}

static bool is_shown(const struct model *m, const struct memory *g)
{
	char name[33];
	struct filter_subject s = {
		.census = m->census,
		.inst = g->inst,
		.user = model_user(m, g->uid, name),
		.ticks = g->ticks,
		.grace = m->grace,
		.owner_pid = g->owner_pid,
		.state = group_state(g),
		.kind = group_kind_name(g->kind),
	};

	return filter_matches(&m->filter, &s);
}

/* --- the selection ------------------------------------------------------------- */

static void pick_row(struct model *m)
{
	const struct row *row;

	m->selected.set = m->nr_rows > 0;
	if (!m->nr_rows)
		return;
	row = &m->rows[m->cursor];
	m->selected.group = row->group;
	m->selected.process = row->m ? row->m->proc->id : (struct identity){ 0 };
}

static bool is_picked(const struct model *m, const struct row *row)
{
	if (!m->selected.set || row->group != m->selected.group)
		return false;
	if (!identity_is_set(&m->selected.process))
		return !row->m;
	return row->m && identity_equal(&row->m->proc->id, &m->selected.process);
}

static void say_moved(struct model *m, bool process, pid_t pid)
{
	if (process)
		snprintf(m->notice, sizeof(m->notice),
			 "pid %d is gone from the list, its neighbour is selected", (int)pid);
	else
		snprintf(m->notice, sizeof(m->notice),
			 "the selected group is gone from the list, its neighbour is selected");
}

/* Find the selected row again; if it has vanished, its nearest neighbour by place. */
static void restore_selection(struct model *m)
{
	bool had = m->selected.set;
	bool process = identity_is_set(&m->selected.process);
	pid_t pid = m->selected.process.pid;
	size_t group = m->selected.group;

	m->notice[0] = '\0';
	for (size_t i = 0; had && i < m->nr_rows; i++)
		if (is_picked(m, &m->rows[i])) {
			m->cursor = i;
			return;
		}
	if (m->cursor >= m->nr_rows)
		m->cursor = m->nr_rows ? m->nr_rows - 1 : 0;
	/* A process of a group that was collapsed: the group. */
	for (size_t i = 0; had && process && i < m->nr_rows; i++)
		if (m->rows[i].group == group && !m->rows[i].m && !m->groups[group].expanded) {
			m->cursor = i;
			pick_row(m);
			return;
		}
	if (had)
		say_moved(m, process, pid);
	pick_row(m);
}

int model_rebuild(struct model *m)
{
	_cleanup_free_ size_t *order = calloc(m->nr_groups + 1, sizeof(*order));
	size_t nr = 0;
	int r = 0;

	if (!order)
		return -ENOMEM;
	for (size_t i = 0; m->census && i < m->nr_groups; i++) {
		m->groups[i].shown = m->groups[i].present && is_shown(m, &m->groups[i]);
		if (m->groups[i].shown)
			order[nr++] = i;
	}
	qsort_r(order, nr, sizeof(*order), compare_groups, m);
	m->nr_rows = 0;
	m->sum.shown = nr;
	for (size_t i = 0; i < nr && r == 0; i++) {
		r = add_row(m, &(struct row){ .group = order[i] });
		if (r == 0 && m->groups[order[i]].expanded)
			r = add_processes(m, order[i]);
	}
	restore_selection(m);
	return r;
}

const struct row *model_selected(const struct model *m)
{
	return m->selected.set && m->cursor < m->nr_rows ? &m->rows[m->cursor] : NULL;
}

struct memory *model_row_group(const struct model *m, const struct row *row)
{
	return &m->groups[row->group];
}

void model_select_row(struct model *m, size_t row)
{
	if (!m->nr_rows)
		return;
	m->cursor = row < m->nr_rows ? row : m->nr_rows - 1;
	pick_row(m);
}

void model_move(struct model *m, long delta)
{
	if (delta < 0 && (size_t)-delta > m->cursor)
		model_select_row(m, 0);
	else
		model_select_row(m, m->cursor + (size_t)delta);
}
