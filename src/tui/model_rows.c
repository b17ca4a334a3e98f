/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/escape.h"
#include "tui/model.h"

/* --- order --------------------------------------------------------------------- */

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

static int compare_cpu(double a, double b)
{
	return COMPARE(isnan(a) ? -1.0 : a, isnan(b) ? -1.0 : b);
}

/* By what stands on the screen first: the id, then what tells two with the same one apart. */
static int compare_names(const struct memory *a, const struct memory *b)
{
	const struct bytes *x = &a->key.id, *y = &b->key.id;
	int r = memcmp(x->data, y->data, x->len < y->len ? x->len : y->len);

	if (!r)
		r = COMPARE(x->len, y->len);
	return r ? r : instance_key_compare(&a->key, &b->key);
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
		return strcmp(model_user(m, a->key.uid, name_a), model_user(m, b->key.uid, name_b));
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

static struct filter_subject subject_of(const struct model *m, const struct memory *g,
					char name[33])
{
	return (struct filter_subject){
		.census = m->census,
		.inst = g->inst,
		.user = model_user(m, g->key.uid, name),
		.ticks = g->ticks,
		.grace = m->grace,
		.owner_pid = g->owner_pid,
		.state = group_state(g),
		.kind = group_kind_name(g->kind),
		.cpu_pct = g->inst->cpu_pct,
		.rss_kib = g->inst->rss_kib,
	};
}

/* Is the group shown; with the filter's hit inside it, it is opened. */
static bool is_shown(const struct model *m, struct memory *g)
{
	char name[33];
	struct filter_subject s = subject_of(m, g, name);

	g->hit = false;
	if (!m->filter.text[0])
		return true;
	if (!filter_matches(&m->filter, &s))
		return false;
	for (size_t i = 0; i < g->inst->nr && !g->hit; i++)
		g->hit = filter_hits(&m->filter, &s, m->census->members[g->inst->first + i].proc);
	return true;
}

static void mark_hits(struct model *m, size_t from)
{
	for (size_t i = from; i < m->nr_rows; i++) {
		struct row *row = &m->rows[i];
		char name[33];
		struct filter_subject s;

		if (!row->m)
			continue;
		s = subject_of(m, &m->groups[row->group], name);
		row->hit = filter_hits(&m->filter, &s, row->m->proc);
	}
}

/* --- the flat list --------------------------------------------------------------- */

static int compare_flat(const void *pa, const void *pb, void *ctx)
{
	const struct model *m = ctx;
	const struct row *a = pa, *b = pb;
	int r = compare_members_by(m, a->m, b->m);

	/* What only groups can be sorted by keeps their order. */
	if (!r)
		r = compare_groups_by(m, &m->groups[a->group], &m->groups[b->group]);
	if (column_descends(m->sort) != m->invert)
		r = -r;
	return r ? r : COMPARE(a->m->proc->id.pid, b->m->proc->id.pid);
}

/* Does every word hold for the process itself, or for its group? */
static bool process_is_shown(const struct model *m, const struct memory *g,
			     const struct member *mem)
{
	char name[33];
	struct filter_subject s = subject_of(m, g, name);

	s.proc = mem->proc;
	s.cpu_pct = mem->cpu_pct;
	s.rss_kib = mem->proc->rss_kib;
	return filter_matches(&m->filter, &s);
}

static int add_flat(struct model *m)
{
	int r = 0;

	for (size_t i = 0; m->census && i < m->nr_groups; i++) {
		const struct memory *g = &m->groups[i];

		for (size_t k = 0; g->present && k < g->inst->nr && r == 0; k++) {
			const struct member *mem = &m->census->members[g->inst->first + k];

			if (process_is_shown(m, g, mem))
				r = add_row(m, &(struct row){ .group = i, .m = mem, .last = true });
		}
	}
	if (m->nr_rows)
		qsort_r(m->rows, m->nr_rows, sizeof(*m->rows), compare_flat, m);
	return r;
}

/* --- a common beginning ---------------------------------------------------------- */

static int compare_sizes(const void *a, const void *b)
{
	return COMPARE(*(const size_t *)a, *(const size_t *)b);
}

/*
 * Find how many bytes all ids that are shown begin with, up to and with a dot, so that
 * something is left of each; and how long they and their short names are.
 */
static void measure_ids(struct model *m, const size_t *order, size_t nr)
{
	const struct memory *first = nr ? &m->groups[order[0]] : NULL;
	_cleanup_free_ size_t *lengths = calloc(nr + 1, sizeof(*lengths));

	m->prefix = m->median = m->longest = 0;
	if (nr < 2 || !lengths)
		return;
	m->prefix = first->key.id.len - (first->key.id.len > 0);
	for (size_t i = 0; i < nr; i++) {
		const struct memory *g = &m->groups[order[i]];
		_cleanup_strbuf_ struct strbuf name = STRBUF_INIT;
		size_t common = 0, columns;

		model_short_name(&name, g, m->glyphs->utf8);
		columns = text_width(name.buf, name.len);
		m->longest = columns > m->longest ? columns : m->longest;
		lengths[i] = g->key.id.len;
		while (common < m->prefix && common + 1 < g->key.id.len &&
		       g->key.id.data[common] == first->key.id.data[common])
			common++;
		m->prefix = common;
	}
	while (m->prefix && first->key.id.data[m->prefix - 1] != '.')
		m->prefix--;
	qsort(lengths, nr, sizeof(*lengths), compare_sizes);
	m->median = lengths[nr / 2];
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

static void say_moved(struct model *m, bool process, pid_t pid)
{
	if (process)
		snprintf(m->notice, sizeof(m->notice),
			 "pid %d is gone from the list, its neighbour is selected", (int)pid);
	else
		snprintf(m->notice, sizeof(m->notice),
			 "the selected group is gone from the list, its neighbour is selected");
}

void model_note_rows(struct model *m)
{
	struct pick *before = malloc((m->nr_rows + 1) * sizeof(*before));

	free(m->before);
	m->before = before;
	m->nr_before = before ? m->nr_rows : 0;
	for (size_t i = 0; i < m->nr_before; i++) {
		const struct row *row = &m->rows[i];

		before[i] = (struct pick){ .set = true, .group = row->group };
		if (row->m)
			before[i].process = row->m->proc->id;
	}
}

static bool is_pick(const struct pick *pick, const struct row *row)
{
	if (!pick->set || row->group != pick->group)
		return false;
	if (!identity_is_set(&pick->process))
		return !row->m;
	return row->m && identity_equal(&row->m->proc->id, &pick->process);
}

static size_t find_pick(const struct model *m, const struct pick *pick)
{
	for (size_t i = 0; i < m->nr_rows; i++)
		if (is_pick(pick, &m->rows[i]))
			return i;
	return SIZE_MAX;
}

/* The row that stood nearest to the one that has vanished, below it first, and still is there. */
static size_t find_neighbour(const struct model *m)
{
	for (size_t step = 1; step < m->nr_before; step++) {
		size_t at = SIZE_MAX;

		if (m->cursor + step < m->nr_before)
			at = find_pick(m, &m->before[m->cursor + step]);
		if (at == SIZE_MAX && step <= m->cursor && m->cursor - step < m->nr_before)
			at = find_pick(m, &m->before[m->cursor - step]);
		if (at != SIZE_MAX)
			return at;
	}
	return m->nr_rows ? (m->cursor < m->nr_rows ? m->cursor : m->nr_rows - 1) : 0;
}

/* Find the selected row again; if it has vanished, what was nearest to it. */
static void restore_selection(struct model *m)
{
	struct pick was = m->selected, group = { .set = was.set, .group = was.group };
	bool process = identity_is_set(&was.process);
	size_t at = was.set ? find_pick(m, &was) : SIZE_MAX;

	m->notice[0] = '\0';
	if (at != SIZE_MAX) {
		m->cursor = at;
		return;
	}
	/* A process of a group that was closed: the group. */
	if (was.set && process && !m->groups[was.group].expanded)
		at = find_pick(m, &group);
	if (at == SIZE_MAX) {
		m->cursor = was.set ? find_neighbour(m) : 0;
		if (was.set)
			say_moved(m, process, was.process.pid);
	} else {
		m->cursor = at;
	}
	pick_row(m);
}

static int add_groups(struct model *m, const size_t *order, size_t nr)
{
	int r = 0;

	for (size_t i = 0; i < nr && r == 0; i++) {
		const struct memory *g = &m->groups[order[i]];

		r = add_row(m, &(struct row){ .group = order[i] });
		if (r == 0 && (g->expanded || g->hit))
			r = add_processes(m, order[i]);
	}
	return r;
}

int model_rebuild(struct model *m)
{
	_cleanup_free_ size_t *order = calloc(m->nr_groups + 1, sizeof(*order));
	size_t nr = 0;
	int r;

	if (!order)
		return -ENOMEM;
	if (m->nr_rows)
		model_note_rows(m);
	for (size_t i = 0; i < m->nr_groups; i++) {
		struct memory *g = &m->groups[i];

		g->shown = m->census && g->present && is_shown(m, g);
		if (g->shown)
			order[nr++] = i;
	}
	m->nr_rows = 0;
	m->sum.shown = nr;
	measure_ids(m, order, nr);
	if (nr)
		qsort_r(order, nr, sizeof(*order), compare_groups, m);
	r = m->flat ? add_flat(m) : add_groups(m, order, nr);
	if (m->filter.text[0])
		mark_hits(m, 0);
	restore_selection(m);
	m->nr_before = 0;
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
