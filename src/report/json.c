/* SPDX-License-Identifier: MIT */
#include "report/json_value.h"

/*
 * `--list --json`: one object, schema stray.census/1. Keys stand in the order of
 * the documentation and are only ever added. `--sweep --json` is in
 * json_event.c, `--check --format json` in json_leaks.c.
 */

static json_t *members(const struct census *c, const struct instance *inst,
		       const struct report_options *o)
{
	json_t *array = json_array();
	int failed = 0;

	for (size_t i = 0; i < inst->nr; i++)
		failed |= json_array_append_new(array,
						json_member(c, &c->members[inst->first + i], o));
	if (!failed)
		return array;
	json_decref(array);
	return NULL;
}

static json_t *instance(const struct census *c, const struct instance *inst,
			const struct report_options *o)
{
	bool exact = false;
	int64_t age = report_orphan_age_ms(c, inst, &exact);
	json_t *object = json_object();
	int failed = 0;

	failed |= json_put(object, "id", json_escaped(inst->id));
	failed |= json_put(object, "app", json_escaped_text(inst->app->name));
	failed |= json_put(object, "uid", json_count(inst->uid));
	failed |= json_put(object, "owner", json_owner(inst));
	failed |= json_put(object, "orphan_age_s", json_seconds(age));
	failed |= json_put(object, "orphan_age_exact", json_optional_bool(age >= 0, exact));
	failed |= json_put(object, "agents", json_count(inst->agents));
	failed |= json_put(object, "workers", json_count(inst->workers));
	failed |= json_put(object, "orphans", json_count(inst->orphans));
	failed |= json_put(object, "rss_kib", json_count(inst->rss_kib));
	failed |= json_put(object, "cpu_pct", json_percent(inst->cpu_pct));
	failed |= json_put(object, "processes", members(c, inst, o));
	if (!failed)
		return object;
	json_decref(object);
	return NULL;
}

static int census(struct strbuf *sb, const struct census *c, const struct report_options *o)
{
	json_t *object = json_begin("stray.census/1", c->snapshot);
	json_t *instances = json_array();
	int failed = 0;

	for (size_t i = 0; i < c->nr_instances; i++)
		if (report_shows(o, &c->instances[i]))
			failed |=
				json_array_append_new(instances, instance(c, &c->instances[i], o));
	failed |= json_put(object, "instances", instances);
	return json_finish(sb, object, failed);
}

const struct report_format report_json = {
	.name = "json",
	.census = census,
	.leaks = json_leaks,
	.event = json_event,
};
