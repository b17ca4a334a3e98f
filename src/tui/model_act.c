/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/array.h"
#include "tui/model.h"

bool model_toggle(struct model *m, size_t row)
{
	if (row >= m->nr_rows || m->rows[row].m)
		return false;
	m->groups[m->rows[row].group].expanded ^= true;
	return true;
}

bool model_expand(struct model *m)
{
	const struct row *row = model_selected(m);

	if (!row)
		return false;
	if (!row->m && !m->groups[row->group].expanded)
		return model_toggle(m, m->cursor);
	/* The first child, if there is one, stands right below. */
	if (m->cursor + 1 < m->nr_rows) {
		const struct row *below = &m->rows[m->cursor + 1];

		if (below->m && (!row->m || below->depth > row->depth))
			model_select_row(m, m->cursor + 1);
	}
	return false;
}

bool model_collapse(struct model *m)
{
	const struct row *row = model_selected(m);

	if (!row)
		return false;
	if (!row->m)
		return m->groups[row->group].expanded && model_toggle(m, m->cursor);
	for (size_t i = m->cursor; i-- > 0;)
		if (!m->rows[i].m || m->rows[i].depth < row->depth) {
			model_select_row(m, i);
			break;
		}
	return false;
}

bool model_all_expanded(const struct model *m)
{
	bool any = false;

	for (size_t i = 0; i < m->nr_groups; i++) {
		if (!m->groups[i].present)
			continue;
		if (!m->groups[i].expanded)
			return false;
		any = true;
	}
	return any;
}

bool model_toggle_all(struct model *m)
{
	bool expand = !model_all_expanded(m);

	for (size_t i = 0; i < m->nr_groups; i++)
		m->groups[i].expanded = expand;
	return true;
}

bool model_is_tagged(const struct model *m, const struct identity *id)
{
	for (size_t i = 0; i < m->nr_tags; i++)
		if (identity_equal(&m->tags[i], id))
			return true;
	return false;
}

static void tag_process(struct model *m, const struct identity *id)
{
	if (!model_is_tagged(m, id) && !ARRAY_GROW(m->tags, m->nr_tags, m->alloc_tags))
		m->tags[m->nr_tags++] = *id;
}

static void untag_process(struct model *m, const struct identity *id)
{
	for (size_t i = 0; i < m->nr_tags; i++)
		if (identity_equal(&m->tags[i], id)) {
			m->tags[i] = m->tags[--m->nr_tags];
			return;
		}
}

void model_tag(struct model *m)
{
	const struct row *row = model_selected(m);

	if (!row)
		return;
	if (!row->m)
		m->groups[row->group].tagged ^= true;
	else if (model_is_tagged(m, &row->m->proc->id))
		untag_process(m, &row->m->proc->id);
	else
		tag_process(m, &row->m->proc->id);
}

/* Groups, or in the flat list processes. */
void model_tag_shown(struct model *m)
{
	for (size_t i = 0; i < m->nr_rows; i++) {
		const struct row *row = &m->rows[i];

		if (!row->m)
			m->groups[row->group].tagged = true;
		else if (m->flat)
			tag_process(m, &row->m->proc->id);
	}
}

void model_tag_reapable(struct model *m)
{
	for (size_t i = 0; i < m->nr_groups; i++)
		if (m->groups[i].present && m->groups[i].kind == KIND_REAPABLE)
			m->groups[i].tagged = true;
}

void model_untag_all(struct model *m)
{
	for (size_t i = 0; i < m->nr_groups; i++)
		m->groups[i].tagged = false;
	m->nr_tags = 0;
}

size_t model_tagged(const struct model *m)
{
	size_t nr = m->nr_tags;

	for (size_t i = 0; i < m->nr_groups; i++)
		nr += m->groups[i].present && m->groups[i].tagged;
	return nr;
}

/* Does a row of the list, or of a closed group in it, stand for that process? */
static bool is_in_view(const struct model *m, const struct identity *id)
{
	for (size_t i = 0; i < m->nr_rows; i++) {
		const struct row *row = &m->rows[i];
		const struct memory *g = &m->groups[row->group];

		if (row->m && identity_equal(&row->m->proc->id, id))
			return true;
		for (size_t k = 0; !row->m && k < g->inst->nr; k++)
			if (identity_equal(&m->census->members[g->inst->first + k].proc->id, id))
				return true;
	}
	return false;
}

size_t model_tagged_hidden(const struct model *m)
{
	size_t nr = 0;

	for (size_t i = 0; i < m->nr_groups; i++)
		nr += m->groups[i].present && m->groups[i].tagged && !m->groups[i].shown;
	for (size_t i = 0; m->filter.text[0] && i < m->nr_tags; i++)
		nr += !is_in_view(m, &m->tags[i]);
	return nr;
}

void model_sort_by(struct model *m, enum column_id column)
{
	if (!column_sortable(column))
		return;
	m->invert = m->sort == column ? !m->invert : false;
	m->sort = column;
}

static bool row_holds(const struct model *m, const struct row *row, struct bytes needle)
{
	const struct memory *g = &m->groups[row->group];

	if (row->m)
		return process_holds(row->m->proc, needle);
	if (text_occurs(g->inst->id, needle))
		return true;
	/* The processes of a collapsed group have no row of their own. */
	for (size_t i = 0; !g->expanded && i < g->inst->nr; i++)
		if (process_holds(m->census->members[g->inst->first + i].proc, needle))
			return true;
	return false;
}

static void count_matches(const struct model *m, struct bytes needle, struct match *match)
{
	*match = (struct match){ 0 };
	for (size_t i = 0; i < m->nr_rows; i++) {
		if (!row_holds(m, &m->rows[i], needle))
			continue;
		match->nr++;
		if (i == m->cursor)
			match->at = match->nr;
	}
}

bool model_search(struct model *m, const char *text, int direction, bool here,
		  struct match *ret_match)
{
	struct bytes needle = { .data = text, .len = strlen(text) };

	*ret_match = (struct match){ 0 };
	for (size_t n = here ? 0 : 1; needle.len && n <= m->nr_rows; n++) {
		size_t step = m->nr_rows ? n % m->nr_rows : 0;
		size_t at = (m->cursor + (direction < 0 ? m->nr_rows - step : step));

		at = m->nr_rows ? at % m->nr_rows : 0;
		if (at < m->nr_rows && row_holds(m, &m->rows[at], needle)) {
			model_select_row(m, at);
			count_matches(m, needle, ret_match);
			return true;
		}
	}
	return false;
}
