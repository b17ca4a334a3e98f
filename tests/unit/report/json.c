/* SPDX-License-Identifier: MIT */
#include "unit/report/fixture.h"

#include <errno.h>
#include <stdlib.h>

static json_t *listed(struct world *w, const struct report_options *o, struct strbuf *sb)
{
	assert_int_equal(report_json.census(sb, w->census, o), 0);
	return parse_line(sb);
}

static json_t *instance(json_t *object, const char *id)
{
	json_t *one;
	size_t i;

	json_array_foreach(
		json_object_get(object, "instances"), i,
		one) if (strcmp(json_string_value(json_object_get(one, "id")), id) == 0) return one;
	fail_msg("no instance %s", id);
	return NULL;
}

static json_t *process(json_t *inst, int pid)
{
	json_t *one;
	size_t i;

	json_array_foreach(
		json_object_get(inst, "processes"), i,
		one) if (json_integer_value(json_object_get(one, "pid")) == pid) return one;
	fail_msg("no pid %d", pid);
	return NULL;
}

static void keys_are_those_of_the_schema_in_order(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	struct world w;
	json_t *object, *inst;

	(void)state;
	world_init(&w);
	object = listed(&w, &plain_options, &sb);
	assert_keys(object, KEYS("schema", "host", "boot_id", "time", "complete", "scanned",
				 "unreadable", "took_ms", "instances"));
	inst = instance(object, GOOD_ID);
	assert_keys(inst, KEYS("id", "app", "uid", "owner", "orphan_age_s", "orphan_age_exact",
			       "agents", "workers", "orphans", "rss_kib", "cpu_pct", "processes"));
	assert_keys(json_object_get(inst, "owner"), KEYS("state", "evidence", "pid", "name"));
	assert_keys(process(inst, 4300),
		    KEYS("pid", "start_ticks", "ppid", "pgid", "sid", "name", "role", "state",
			 "inferred", "kept", "ticks", "orphan_age_s", "age_s", "rss_kib", "cpu_pct",
			 "listening"));
	json_decref(object);
	strbuf_release(&sb);
	world_release(&w);
}

static void values_are_what_was_seen(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	struct world w;
	json_t *object, *inst, *proc;

	(void)state;
	world_init(&w);
	w.census->snapshot->scanned = 412;
	object = listed(&w, &plain_options, &sb);
	assert_text(object, "schema", "stray.census/1");
	assert_text(object, "host", "devbox");
	assert_text(object, "time", "2026-11-23T19:00:00Z");
	assert_true(json_is_true(json_object_get(object, "complete")));
	assert_int_equal(json_integer_value(json_object_get(object, "scanned")), 412);
	assert_has(&sb, "\"took_ms\":4.1,");
	inst = instance(object, GOOD_ID);
	assert_text(inst, "app", "sprout");
	assert_text(json_object_get(inst, "owner"), "state", "alive");
	assert_text(json_object_get(inst, "owner"), "evidence", "descent");
	assert_text(json_object_get(inst, "owner"), "name", "sprout-desktop");
	assert_int_equal(json_integer_value(json_object_get(json_object_get(inst, "owner"), "pid")),
			 4242);
	proc = process(inst, 4300);
	assert_text(proc, "name", "goose");
	assert_text(proc, "role", "agent");
	assert_text(proc, "state", "owned");
	assert_text(process(inst, 4301), "role", "worker");
	/* 1000000 s after the boot minus 999043 s. */
	assert_has(&sb, "\"age_s\":957.0,");
	json_decref(object);
	strbuf_release(&sb);
	world_release(&w);
}

static void absent_is_null(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	struct world w;
	json_t *object, *inst, *proc;

	(void)state;
	world_init(&w);
	world_member(&w, 4300)->cpu_pct = NAN;
	object = listed(&w, &plain_options, &sb);
	inst = instance(object, GOOD_ID);
	assert_null_key(inst, "orphan_age_s");
	assert_null_key(inst, "orphan_age_exact");
	proc = process(inst, 4300);
	assert_null_key(proc, "kept");
	assert_null_key(proc, "orphan_age_s");
	assert_null_key(proc, "cpu_pct");
	assert_null_key(proc, "listening");
	inst = instance(object, HOSTILE_ID_SHOWN);
	assert_text(json_object_get(inst, "owner"), "state", "gone");
	assert_text(json_object_get(inst, "owner"), "evidence", "none");
	assert_null_key(json_object_get(inst, "owner"), "pid");
	assert_null_key(json_object_get(inst, "owner"), "name");
	json_decref(object);
	strbuf_release(&sb);
	world_release(&w);
}

static void what_the_engine_remembers_is_told(void **state)
{
	static const uint16_t ports[] = { 8080, 9090 };
	struct strbuf sb = STRBUF_INIT;
	struct world w;
	struct member *m;
	json_t *object, *inst, *proc;

	(void)state;
	world_init(&w);
	world_remember(&w, true);
	m = world_member(&w, 5000);
	m->cpu_pct = 1.46;
	m->kept = WHY_OPT_OUT;
	m->ports = ports;
	m->nr_ports = 2;
	m->ports_known = true;
	m = world_member(&w, 5001);
	m->ports_known = true;
	object = listed(&w, &plain_options, &sb);
	inst = instance(object, HOSTILE_ID_SHOWN);
	assert_has(&sb, "\"orphan_age_s\":720.0,\"orphan_age_exact\":true,\"agents\":1,"
			"\"workers\":1,\"orphans\":2,");
	proc = process(inst, 5000);
	assert_text(proc, "kept", "opt-out");
	assert_int_equal(json_integer_value(json_object_get(proc, "ticks")), 1);
	assert_has(&sb, "\"cpu_pct\":1.5,\"listening\":[8080,9090]}");
	proc = process(inst, 5001);
	assert_true(json_is_true(json_object_get(proc, "inferred")));
	assert_int_equal(json_array_size(json_object_get(proc, "listening")), 0);
	assert_true(json_is_array(json_object_get(proc, "listening")));
	json_decref(object);
	strbuf_release(&sb);
	world_release(&w);
}

static void hostile_bytes_are_text(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	struct world w;
	json_t *object;

	(void)state;
	world_init(&w);
	object = listed(&w, &plain_options, &sb);
	assert_harmless(&sb);
	assert_text(process(instance(object, HOSTILE_ID_SHOWN), 5000), "name", HOSTILE_NAME_SHOWN);
	json_decref(object);
	strbuf_release(&sb);
	world_release(&w);
}

static void arguments_are_told_only_if_asked_for(void **state)
{
	struct report_options o = plain_options;
	struct strbuf sb = STRBUF_INIT;
	struct world w;
	json_t *object, *args;

	(void)state;
	world_init(&w);
	json_decref(listed(&w, &o, &sb));
	assert_has_not(&sb, SECRET);
	strbuf_reset(&sb);
	o.show_args = true;
	object = listed(&w, &o, &sb);
	args = json_object_get(process(instance(object, GOOD_ID), 4300), "args");
	assert_int_equal(json_array_size(args), 2);
	assert_string_equal(json_string_value(json_array_get(args, 1)), SECRET);
	json_decref(object);
	strbuf_release(&sb);
	world_release(&w);
}

static void an_empty_picture_is_an_object_too(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	struct snapshot *s = snapshot_new();
	struct world w;
	json_t *object;

	(void)state;
	world_put(s, world_process(1, 0, "init"), "", 0);
	world_init_from(&w, s);
	object = listed(&w, &plain_options, &sb);
	assert_int_equal(json_array_size(json_object_get(object, "instances")), 0);
	assert_true(json_is_false(json_object_get(object, "complete")));
	assert_null_key(object, "time");
	assert_null_key(object, "host");
	json_decref(object);
	strbuf_release(&sb);
	world_release(&w);
}

static long allocations_left;

static void *failing_malloc(size_t size)
{
	return allocations_left-- > 0 ? malloc(size) : NULL;
}

/* Wherever memory runs out: -ENOMEM, and never half an object. */
static void no_memory_is_said(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	struct world w;
	long at;
	int r = -ENOMEM;

	(void)state;
	world_init(&w);
	json_set_alloc_funcs(failing_malloc, free);
	for (at = 0; r < 0; at++) {
		strbuf_reset(&sb);
		allocations_left = at;
		r = report_json.census(&sb, w.census, &plain_options);
		if (r < 0)
			assert_int_equal(r, -ENOMEM);
	}
	json_set_alloc_funcs(malloc, free);
	assert_true(at > 100);
	json_decref(parse_line(&sb));
	strbuf_release(&sb);
	world_release(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_those_of_the_schema_in_order),
		cmocka_unit_test(values_are_what_was_seen),
		cmocka_unit_test(absent_is_null),
		cmocka_unit_test(what_the_engine_remembers_is_told),
		cmocka_unit_test(hostile_bytes_are_text),
		cmocka_unit_test(arguments_are_told_only_if_asked_for),
		cmocka_unit_test(an_empty_picture_is_an_object_too),
		cmocka_unit_test(no_memory_is_said),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
