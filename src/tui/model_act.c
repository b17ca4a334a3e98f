/* SPDX-License-Identifier: MIT */
#include <string.h>

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

void model_tag(struct model *m)
{
	const struct row *row = model_selected(m);

	if (row)
		m->groups[row->group].tagged ^= true;
}

void model_untag_all(struct model *m)
{
	for (size_t i = 0; i < m->nr_groups; i++)
		m->groups[i].tagged = false;
}

size_t model_tagged(const struct model *m)
{
	size_t nr = 0;

	for (size_t i = 0; i < m->nr_groups; i++)
		nr += m->groups[i].present && m->groups[i].tagged;
	return nr;
}

size_t model_tagged_hidden(const struct model *m)
{
	size_t nr = 0;

	for (size_t i = 0; i < m->nr_groups; i++)
		nr += m->groups[i].present && m->groups[i].tagged && !m->groups[i].shown;
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

bool model_search(struct model *m, const char *text, int direction, bool here)
{
	struct bytes needle = { .data = text, .len = strlen(text) };

	if (!needle.len)
		return false;
	for (size_t n = here ? 0 : 1; n <= m->nr_rows; n++) {
		size_t step = m->nr_rows ? n % m->nr_rows : 0;
		size_t at = (m->cursor + (direction < 0 ? m->nr_rows - step : step));

		at = m->nr_rows ? at % m->nr_rows : 0;
		if (at < m->nr_rows && row_holds(m, &m->rows[at], needle)) {
			model_select_row(m, at);
			return true;
		}
	}
	return false;
}
