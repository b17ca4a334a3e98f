/* SPDX-License-Identifier: MIT */
#include "core/leak_report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

enum { MAX_FILES = 16 };

static void leak_release(struct leak *row)
{
	for (size_t i = 0; i < row->nr_files; i++)
		free(row->files[i]);
	free(row->files);
	free(row->ports);
}

static void drop_rows(struct leak_report *report)
{
	for (size_t i = 0; i < report->nr; i++)
		leak_release(&report->rows[i]);
	report->nr = 0;
	memset(report->count, 0, sizeof(report->count));
	census_unref(report->census);
	report->census = NULL;
}

void leak_report_begin(struct leak_report *report, struct census *census)
{
	struct census *held = census_ref(census); /* before the old one goes: may be the same */

	drop_rows(report);
	report->census = held;
}

int leak_set_ports(struct leak *row, const uint16_t *ports, size_t nr)
{
	uint16_t *copy = NULL;

	if (nr) {
		copy = calloc(nr, sizeof(*copy));
		if (!copy)
			return -ENOMEM;
		memcpy(copy, ports, nr * sizeof(*copy));
	}
	free(row->ports);
	row->ports = copy;
	row->nr_ports = nr;
	row->ports_known = true;
	return 0;
}

/*
 * The parents that are there and no adopters: those inside the instance, and the
 * root's if that is what makes its state unknown.
 */
static void add_parents(struct leak *row, const struct census *c)
{
	const struct member *m = row->member;
	const struct process *above = NULL;

	while (m->parent != CENSUS_NONE && row->nr_ancestors < LEAK_ANCESTORS_MAX) {
		m = &c->members[m->parent];
		leak_add_ancestor(row, &m->proc->id, m->proc->comm);
	}
	if (m->parent == CENSUS_NONE && m->state == STATE_UNKNOWN &&
	    m->reason == BECAUSE_PARENT_LIVES && m->proc->ppid > 0)
		above = snapshot_find(c->snapshot, m->proc->ppid);
	if (above)
		leak_add_ancestor(row, &above->id, above->comm);
}

int leak_report_add(struct leak_report *report, const struct member *member, enum leak_kind kind,
		    enum verdict_why kept, struct leak **ret_row)
{
	struct leak row = { .kind = kind, .member = member, .kept = kept };
	int r;

	for (size_t i = 0; i < report->nr; i++) {
		if (report->rows[i].member->proc != member->proc)
			continue;
		if (ret_row)
			*ret_row = &report->rows[i];
		return -EEXIST;
	}
	if (member->ports_known) {
		r = leak_set_ports(&row, member->ports, member->nr_ports);
		if (r < 0)
			return r;
	}
	add_parents(&row, report->census);
	r = ARRAY_GROW(report->rows, report->nr, report->alloc);
	if (r < 0) {
		leak_release(&row);
		return r;
	}
	report->rows[report->nr] = row;
	report->count[kind]++;
	if (ret_row)
		*ret_row = &report->rows[report->nr];
	report->nr++;
	return 0;
}

void leak_add_ancestor(struct leak *row, const struct identity *id, const char *name)
{
	struct leak_ancestor *ancestor;

	if (row->nr_ancestors == LEAK_ANCESTORS_MAX)
		return;
	ancestor = &row->ancestors[row->nr_ancestors++];
	ancestor->id = *id;
	memcpy(ancestor->name, name, strnlen(name, sizeof(ancestor->name) - 1));
}

int leak_add_file(struct leak *row, const char *path)
{
	char *copy;
	int r;

	row->files_known = true;
	if (row->nr_files >= MAX_FILES) {
		row->more_files++;
		return 0;
	}
	r = ARRAY_GROW(row->files, row->nr_files, row->alloc_files);
	if (r < 0)
		return r;
	copy = strdup(path);
	if (!copy)
		return -ENOMEM;
	row->files[row->nr_files++] = copy;
	return 0;
}

void leak_report_release(struct leak_report *report)
{
	drop_rows(report);
	free(report->rows);
	*report = (struct leak_report){ 0 };
}

int leak_report_status(const struct leak_report *report)
{
	if (report->count[LEAK_LEFT])
		return 1;
	if (report->count[LEAK_UNKNOWN])
		return 3;
	return report->census && !report->census->snapshot->complete ? 3 : 0;
}

const struct instance *leak_instance(const struct leak_report *report, const struct leak *row)
{
	return &report->census->instances[row->member->instance];
}

const struct process *leak_parent(const struct leak_report *report, const struct leak *row)
{
	pid_t ppid = row->member->proc->ppid;

	return ppid > 0 ? snapshot_find(report->census->snapshot, ppid) : NULL;
}

const char *leak_kind_name(enum leak_kind kind)
{
	static const char *const names[LEAK_NR] = {
		[LEAK_LEFT] = "leak",
		[LEAK_UNKNOWN] = "unknown",
		[LEAK_KEPT] = "kept",
		[LEAK_FORGIVEN] = "forgiven",
	};

	return (size_t)kind < LEAK_NR ? names[kind] : "unknown";
}
