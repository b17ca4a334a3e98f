/* SPDX-License-Identifier: MIT */
#include "report/json_value.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "report/format.h"
#include "report/report.h"

int json_put(json_t *object, const char *key, json_t *value)
{
	return json_object_set_new_nocheck(object, key, value);
}

json_t *json_escaped(struct bytes text)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;

	escape_append(&sb, text);
	return sb.failed ? NULL : json_stringn(sb.buf, sb.len);
}

json_t *json_escaped_text(const char *text)
{
	return text ? json_escaped((struct bytes){ text, strlen(text) }) : json_null();
}

json_t *json_count(uint64_t value)
{
	return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

json_t *json_positive(int64_t value)
{
	return value > 0 ? json_integer(value) : json_null();
}

json_t *json_seconds(int64_t ms)
{
	return ms < 0 ? json_null() : json_real((double)((ms + 50) / 100) / 10);
}

json_t *json_percent(double percent)
{
	if (!isfinite(percent) || percent < 0 || percent > 1e9)
		return json_null();
	return json_real((double)(int64_t)(percent * 10 + 0.5) / 10);
}

json_t *json_ms(int64_t us)
{
	return us < 0 ? json_null() : json_real((double)((us + 50) / 100) / 10);
}

json_t *json_time(int64_t realtime_ms)
{
	char buf[FORMAT_SIZE];

	if (realtime_ms <= 0)
		return json_null();
	return json_string(format_time(buf, sizeof(buf), realtime_ms, true));
}

json_t *json_optional_bool(bool known, bool value)
{
	return known ? json_boolean(value) : json_null();
}

json_t *json_kept(enum verdict_why why)
{
	const char *word = verdict_kept_name(why);

	return word ? json_string(word) : json_null();
}

json_t *json_ports(bool known, const uint16_t *ports, size_t nr)
{
	json_t *array;
	int failed = 0;

	if (!known)
		return json_null();
	array = json_array();
	for (size_t i = 0; i < nr; i++)
		failed |= json_array_append_new(array, json_integer(ports[i]));
	if (!failed)
		return array;
	json_decref(array);
	return NULL;
}

json_t *json_args(const struct process *proc)
{
	struct bytes args = proc->args;
	json_t *array;
	int failed = 0;

	if (proc->args_read != READ_DONE)
		return json_null();
	array = json_array();
	for (size_t at = 0, len; at < args.len; at += len + 1) {
		const char *arg = args.data + at;
		const char *end = memchr(arg, 0, args.len - at);

		len = end ? (size_t)(end - arg) : args.len - at;
		failed |= json_array_append_new(array, json_escaped((struct bytes){ arg, len }));
	}
	if (!failed)
		return array;
	json_decref(array);
	return NULL;
}

json_t *json_begin(const char *schema, const struct snapshot *s)
{
	json_t *object = json_object();
	int failed = 0;

	failed |= json_put(object, "schema", json_string(schema));
	failed |= json_put(object, "host", json_escaped_text(*s->host ? s->host : NULL));
	failed |= json_put(object, "boot_id", json_escaped_text(*s->boot_id ? s->boot_id : NULL));
	failed |= json_put(object, "time", json_time(s->realtime_ms));
	failed |= json_put(object, "complete", json_boolean(s->complete));
	failed |= json_put(object, "scanned", json_count(s->scanned));
	failed |= json_put(object, "unreadable", json_count(s->unreadable));
	failed |= json_put(object, "took_ms", json_ms(s->took_us));
	if (!failed)
		return object;
	json_decref(object);
	return NULL;
}

json_t *json_owner(const struct instance *inst)
{
	const struct process *desktop = inst->desktop;
	json_t *object = json_object();
	int failed = 0;

	failed |= json_put(object, "state", json_string(owner_state_name(inst->owner)));
	failed |= json_put(object, "evidence", json_string(owner_evidence_name(inst->evidence)));
	failed |= json_put(object, "pid", json_positive(desktop ? desktop->id.pid : 0));
	failed |= json_put(object, "name", json_escaped_text(desktop ? desktop->comm : NULL));
	if (!failed)
		return object;
	json_decref(object);
	return NULL;
}

json_t *json_doubt(const struct instance *inst)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;

	if (inst->doubt == DOUBT_NONE)
		return json_null();
	report_doubt(&sb, inst);
	return sb.failed ? NULL : json_escaped_text(sb.buf);
}

json_t *json_member(const struct census *c, const struct member *m, const struct report_options *o)
{
	const struct process *p = m->proc;
	int64_t orphan_ms = m->state == STATE_ORPHAN ? census_orphan_age_ms(c, m) : -1;
	json_t *object = json_object();
	int failed = 0;

	failed |= json_put(object, "pid", json_positive(p->id.pid));
	failed |= json_put(object, "start_ticks", json_count(p->id.start_ticks));
	failed |= json_put(object, "ppid", json_positive(p->ppid));
	failed |= json_put(object, "pgid", json_positive(p->pgid));
	failed |= json_put(object, "sid", json_positive(p->sid));
	failed |= json_put(object, "name", json_escaped_text(p->comm));
	failed |= json_put(object, "role", json_string(member_role_name(m->role)));
	failed |= json_put(object, "state", json_string(member_state_name(m->state)));
	failed |= json_put(object, "inferred", json_boolean(m->inferred));
	failed |= json_put(object, "kept", json_kept(m->kept));
	failed |= json_put(object, "ticks", json_count(m->ticks));
	failed |= json_put(object, "orphan_age_s", json_seconds(orphan_ms));
	failed |= json_put(object, "age_s", json_seconds(census_age_ms(c, p)));
	failed |= json_put(object, "rss_kib", json_count(p->rss_kib));
	failed |= json_put(object, "cpu_pct", json_percent(m->cpu_pct));
	failed |= json_put(object, "listening", json_ports(m->ports_known, m->ports, m->nr_ports));
	if (o->show_args)
		failed |= json_put(object, "args", json_args(p));
	if (!failed)
		return object;
	json_decref(object);
	return NULL;
}

static int append(const char *data, size_t len, void *sb)
{
	strbuf_add(sb, data, len);
	return 0;
}

int json_finish(struct strbuf *sb, json_t *object, int failed)
{
	/* 15 digits: what a double holds of a decimal fraction, so 310.2 stays 310.2. */
	if (object && !failed)
		failed = json_dump_callback(object, append, sb,
					    JSON_COMPACT | JSON_REAL_PRECISION(15));
	else
		failed = -1;
	json_decref(object);
	if (failed || sb->failed)
		return -ENOMEM;
	strbuf_addch(sb, '\n');
	return sb->failed ? -ENOMEM : 0;
}
