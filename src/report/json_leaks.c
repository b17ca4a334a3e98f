/* SPDX-License-Identifier: MIT */
#include "report/json_value.h"

/* `--check --format json`: one object, schema stray.leaks/1. */

static json_t *files(const struct leak *row)
{
	json_t *array;
	int failed = 0;

	if (!row->files_known)
		return json_null();
	array = json_array();
	for (size_t i = 0; i < row->nr_files; i++)
		failed |= json_array_append_new(array, json_escaped_text(row->files[i]));
	if (!failed)
		return array;
	json_decref(array);
	return NULL;
}

/* The recorded parents, nearest first; null: none was seen. */
static json_t *ancestors(const struct leak *row)
{
	json_t *array;
	int failed = 0;

	if (!row->nr_ancestors)
		return json_null();
	array = json_array();
	for (size_t i = 0; i < row->nr_ancestors; i++) {
		const struct leak_ancestor *ancestor = &row->ancestors[i];
		json_t *object = json_object();

		failed |= json_put(object, "pid", json_positive(ancestor->id.pid));
		failed |= json_put(object, "start_ticks", json_count(ancestor->id.start_ticks));
		failed |= json_put(object, "name", json_escaped_text(ancestor->name));
		failed |= json_array_append_new(array, object);
	}
	if (!failed)
		return array;
	json_decref(array);
	return NULL;
}

static json_t *leak(const struct leak_report *r, const struct leak *row,
		    const struct report_options *o)
{
	const struct census *c = r->census;
	const struct instance *inst = leak_instance(r, row);
	const struct member *m = row->member;
	const struct process *p = m->proc, *parent = leak_parent(r, row);
	int64_t orphan_ms = m->state == STATE_ORPHAN ? census_orphan_age_ms(c, m) : -1;
	int64_t since = orphan_ms >= 0 ? c->snapshot->realtime_ms - orphan_ms : -1;
	json_t *object = json_object();
	int failed = 0;

	failed |= json_put(object, "kind", json_string(leak_kind_name(row->kind)));
	failed |= json_put(object, "instance", json_escaped(inst->id));
	failed |= json_put(object, "app", json_escaped_text(inst->app->name));
	failed |= json_put(object, "uid", json_count(inst->uid));
	failed |= json_put(object, "owner", json_owner(inst));
	failed |= json_put(object, "doubt", json_escaped_text(report_doubt_word(inst->doubt)));
	failed |= json_put(object, "doubt_text", json_doubt(inst));
	failed |= json_put(object, "pid", json_positive(p->id.pid));
	failed |= json_put(object, "start_ticks", json_count(p->id.start_ticks));
	failed |= json_put(object, "ppid", json_positive(p->ppid));
	failed |= json_put(object, "parent", json_escaped_text(parent ? parent->comm : NULL));
	failed |= json_put(object, "started_by", ancestors(row));
	failed |= json_put(object, "pgid", json_positive(p->pgid));
	failed |= json_put(object, "sid", json_positive(p->sid));
	failed |= json_put(object, "name", json_escaped_text(p->comm));
	failed |= json_put(object, "role", json_string(member_role_name(m->role)));
	failed |= json_put(object, "state", json_string(member_state_name(m->state)));
	failed |= json_put(object, "inferred", json_boolean(m->inferred));
	failed |= json_put(object, "kept", json_kept(row->kept));
	failed |= json_put(object, "orphan_age_s", json_seconds(orphan_ms));
	failed |= json_put(object, "orphan_age_exact",
			   json_optional_bool(orphan_ms >= 0, m->orphan_exact));
	failed |= json_put(object, "orphan_since", json_time(since));
	failed |= json_put(object, "age_s", json_seconds(census_age_ms(c, p)));
	failed |= json_put(object, "rss_kib", json_count(p->rss_kib));
	failed |= json_put(object, "listening",
			   json_ports(row->ports_known, row->ports, row->nr_ports));
	failed |= json_put(object, "files", files(row));
	failed |= json_put(object, "more_files",
			   row->files_known ? json_count(row->more_files) : json_null());
	if (o->show_args)
		failed |= json_put(object, "args", json_args(p));
	if (!failed)
		return object;
	json_decref(object);
	return NULL;
}

int json_leaks(struct strbuf *sb, const struct leak_report *r, const struct report_options *o)
{
	json_t *object = json_begin("stray.leaks/1", r->census->snapshot);
	json_t *rows = json_array();
	bool status = r->command && r->command_status >= 0;
	int failed = 0;

	failed |= json_put(object, "waited_s", json_seconds(r->waited_ms));
	failed |= json_put(object, "command", json_escaped_text(r->command));
	failed |= json_put(object, "command_status",
			   status ? json_integer(r->command_status) : json_null());
	failed |= json_put(object, "leaks", json_count(r->count[LEAK_LEFT]));
	failed |= json_put(object, "unknown", json_count(r->count[LEAK_UNKNOWN]));
	failed |= json_put(object, "kept", json_count(r->count[LEAK_KEPT]));
	failed |= json_put(object, "forgiven", json_count(r->count[LEAK_FORGIVEN]));
	for (size_t i = 0; i < r->nr; i++)
		failed |= json_array_append_new(rows, leak(r, &r->rows[i], o));
	failed |= json_put(object, "processes", rows);
	return json_finish(sb, object, failed);
}
