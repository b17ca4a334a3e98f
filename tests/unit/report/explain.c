/* SPDX-License-Identifier: MIT */
#include "unit/report/fixture.h"

#include "helpers/table.h"
#include "report/explain.h"

static const struct engine_settings settings = { .grace = 2 };

static struct explain_input input_for(struct world *w, pid_t pid)
{
	return (struct explain_input){
		.census = w->census,
		.proc = snapshot_find(w->census->snapshot, pid),
		.settings = &settings,
	};
}

static struct explain_result decide(struct world *w, pid_t pid)
{
	struct explain_input in = input_for(w, pid);
	struct explain_result result;

	explain_decide(&in, &result);
	return result;
}

static void text_of(struct world *w, pid_t pid, struct strbuf *sb)
{
	struct explain_input in = input_for(w, pid);

	strbuf_reset(sb);
	assert_int_equal(explain_text(sb, &in, &plain_options), 0);
	assert_harmless(sb);
}

static void the_next_tick_counts_then_ends(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	assert_int_equal(decide(&w, 5000).next, NEXT_COUNT);
	world_member(&w, 5000)->ticks = 1;
	assert_int_equal(decide(&w, 5000).next, NEXT_END);
	/* An inferred member has the ticks of the one it was inferred from. */
	assert_int_equal(decide(&w, 5001).next, NEXT_END);
	assert_int_equal(decide(&w, 5001).ticks, 1);
	assert_int_equal(decide(&w, 4300).next, NEXT_NOTHING);
	assert_int_equal(decide(&w, 4300).sweep.why, WHY_OWNED);
	assert_int_equal(decide(&w, 4242).sweep.why, WHY_DESKTOP);
	assert_int_equal(decide(&w, 900).sweep.why, WHY_SELF);
	world_release(&w);
}

static void listeners_and_windows_are_for_the_sweep_alone(void **state)
{
	struct world w;
	struct explain_input in;
	struct explain_result result;
	unsigned *spared;

	(void)state;
	world_init(&w);
	in = input_for(&w, 5000);
	spared = calloc(w.census->snapshot->nr, sizeof(*spared));
	assert_non_null(spared);
	spared[in.proc - w.census->snapshot->procs] = 1U << WHY_LISTENER;
	in.spared = spared;
	explain_decide(&in, &result);
	assert_int_equal(result.next, NEXT_NOTHING);
	assert_int_equal(result.sweep.why, WHY_LISTENER);
	assert_int_equal(result.group.why, WHY_MAY_END);
	assert_int_equal(result.pick, WHY_MAY_END);
	/* What is spared for a process above it is said so, too. */
	spared[in.proc - w.census->snapshot->procs] = 1U << WHY_MOUNT | 1U << WHY_WINDOW;
	explain_decide(&in, &result);
	assert_int_equal(result.sweep.why, WHY_WINDOW);
	free(spared);
	world_release(&w);
}

static void text_explains_an_orphan(void **state)
{
	static const char expected[] =
		"pid 5000 " HOSTILE_NAME_SHOWN ", uid 1000, started 15m50s ago, "
		"child of pid 1 systemd\n"
		"  instance  " HOSTILE_ID_SHOWN " (sprout)\n"
		"  managed   as an agent by its marker SPROUT_MANAGED_AGENT\n"
		"  owner     GONE for \xe2\x89\xa5"
		"12m\n"
		"  state     orphan, its root was adopted: pid 1 systemd\n"
		"  ticks     1 of 2, orphan for \xe2\x89\xa5"
		"12m\n"
		"  sweep     the next tick ends it\n"
		"  --reap    may end it\n"
		"  by hand   may end it\n";
	struct strbuf sb = STRBUF_INIT;
	struct world w;

	(void)state;
	world_init(&w);
	world_remember(&w, false);
	text_of(&w, 5000, &sb);
	assert_string_equal(sb.buf, expected);
	strbuf_release(&sb);
	world_release(&w);
}

static void text_says_how_a_process_without_a_marker_came_to_be_managed(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	struct app stdio = { .name = (char *)"stdio", .stdio = true };
	struct member *m;
	struct world w;

	(void)state;
	world_init(&w);
	m = world_member(&w, 5001);
	text_of(&w, 5001, &sb);
	assert_has(&sb, "inferred from pid 5000");
	m->inferred_from = CENSUS_NONE;
	text_of(&w, 5001, &sb);
	assert_has(&sb, "inferred, it was started under this run");
	m->remembered = true;
	text_of(&w, 5001, &sb);
	assert_has(&sb, "inferred on an earlier tick, from what has ended since");
	m->remembered = false;
	w.census->instances[m->instance].app = &stdio;
	text_of(&w, 5001, &sb);
	assert_has(&sb, "its client has died: both ends of its standard input and output are "
			"closed");
	strbuf_release(&sb);
	world_release(&w);
}

static void text_explains_the_others(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	struct world w;

	(void)state;
	world_init(&w);
	text_of(&w, 5001, &sb);
	assert_has(&sb, "  managed   as a worker inferred from pid 5000 " HOSTILE_NAME_SHOWN "\n");
	assert_has(&sb, "  sweep     the next tick makes it 1 of 2, and does not end it yet\n");
	text_of(&w, 4300, &sb);
	assert_has(&sb, "  owner     alive by descent: pid 4242 sprout-desktop\n");
	assert_has(&sb, "  state     owned, it descends from a live desktop: pid 4242 ");
	assert_has(&sb, "  sweep     does not end it: ");
	assert_has_not(&sb, SECRET);
	text_of(&w, 4242, &sb);
	assert_has(&sb, "  not managed: it is a desktop of the app sprout\n");
	text_of(&w, 900, &sb);
	assert_has(&sb, "  not managed: it carries no marker of a known app, and descends from no "
			"managed process\n");
	strbuf_release(&sb);
	world_release(&w);
}

/* The nearest reason first; what was not looked at is not said to be without a marker. */
static void unmanaged_has_its_reason(void **state)
{
	struct scope scope = { .uid = 4711 };
	struct report_options o = plain_options;
	struct world w;
	struct explain_input in;
	struct process *p;

	(void)state;
	world_init(&w);
	in = input_for(&w, 900);
	p = (struct process *)in.proc;
	assert_non_null(strstr(explain_not_managed(&in, &o), "no marker"));
	p->environ_read = READ_REFUSED;
	assert_non_null(strstr(explain_not_managed(&in, &o), "cannot be read"));
	o.scope = &scope;
	assert_non_null(strstr(explain_not_managed(&in, &o), "another user's"));
	scope.all_users = true;
	assert_non_null(strstr(explain_not_managed(&in, &o), "cannot be read"));
	p->kernel_thread = true;
	assert_non_null(strstr(explain_not_managed(&in, &o), "kernel thread"));
	world_release(&w);
}

/* --- what stands in the way of an orphan that has its ticks -------------------------- */

#define SPROUT(id) "SPROUT_MANAGED_AGENT=" id

static struct explain_result decide_row(struct table *t, pid_t pid)
{
	const struct explain_input in = {
		.census = t->c,
		.proc = snapshot_find(t->s, pid),
		.settings = &settings,
	};
	struct explain_result result;

	explain_decide(&in, &result);
	return result;
}

static void text_of_row(struct table *t, pid_t pid, struct strbuf *sb)
{
	const struct explain_input in = {
		.census = t->c,
		.proc = snapshot_find(t->s, pid),
		.settings = &settings,
	};

	strbuf_reset(sb);
	assert_int_equal(explain_text(sb, &in, &plain_options), 0);
}

/* The sweep waits for launchers before it signals; --reap, which a user asks for, does not. */
static void a_launcher_stops_the_sweep(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	struct explain_result result;
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "just", .args = "just|dev|org.a.b" },
	      { 200, 1, NULL, SPROUT("org.a.b") }, { 201, 1, NULL, SPROUT("b") });
	table_census(&t);
	assert_int_equal(decide_row(&t, 200).next, NEXT_COUNT);
	for (size_t i = 0; i < t.c->nr_members; i++)
		t.c->members[i].ticks = 1;
	result = decide_row(&t, 200);
	assert_int_equal(result.next, NEXT_NOTHING);
	assert_int_equal(result.sweep.why, WHY_UNKNOWN);
	assert_int_equal(result.launcher->id.pid, 100);
	assert_int_equal(result.group.why, WHY_MAY_END);
	assert_int_equal(decide_row(&t, 201).next, NEXT_END);
	text_of_row(&t, 200, &sb);
	assert_has(&sb, "  sweep     does not end it while pid 100 just names the instance in its "
			"arguments\n");
	strbuf_release(&sb);
	table_release(&t);
}

static void what_is_inferred_stays_with_its_source(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	struct table t;

	(void)state;
	/* Inferred from the leader of its session, which stray was started from. */
	TABLE(&t, { 200, 1, NULL, SPROUT("a"), .pgid = 200, .sid = 200 },
	      { TABLE_SELF, 200, "stray" }, { 201, 1, "sh", .pgid = 201, .sid = 200 });
	table_census(&t);
	for (size_t i = 0; i < t.c->nr_members; i++)
		t.c->members[i].ticks = 1;
	assert_int_equal(decide_row(&t, 201).next, NEXT_NOTHING);
	assert_int_equal(decide_row(&t, 201).sweep.why, WHY_SELF);
	assert_int_equal(decide_row(&t, 201).group.why, WHY_SELF);
	assert_int_equal(decide_row(&t, 201).group.source->id.pid, 200);
	assert_int_equal(decide_row(&t, 201).pick, WHY_MAY_END);
	text_of_row(&t, 201, &sb);
	assert_has(&sb, "  sweep     does not end it, it stays with pid 200 node: ");
	assert_has(&sb, "  by hand   may end it\n");
	strbuf_release(&sb);
	table_release(&t);
}

/* A process with a namespace that was not read counts as in no container. */
static void unmanaged_is_no_container(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 200, 1, "bash", .no_ns = true }, { 201, 1, "bash", .pid_ns = 99, .ns_pid = 7 });
	t.s->procs[snapshot_index(t.s, 200)].ns_pid = 0;
	table_census(&t);
	assert_int_equal(decide_row(&t, 200).sweep.why, WHY_NOT_MANAGED);
	assert_int_equal(decide_row(&t, 200).pick, WHY_NOT_MANAGED);
	assert_int_equal(decide_row(&t, 201).sweep.why, WHY_CONTAINER);
	table_release(&t);
}

static void json_explains_the_same(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	struct world w;
	struct explain_input in;
	json_t *object, *one;

	(void)state;
	world_init(&w);
	world_remember(&w, false);
	in = input_for(&w, 5001);
	assert_int_equal(explain_json(&sb, &in, &plain_options), 0);
	assert_harmless(&sb);
	object = parse_line(&sb);
	assert_text(object, "schema", "stray.explain/1");
	assert_text(object, "name", "sh");
	assert_text(json_object_get(object, "parent"), "name", HOSTILE_NAME_SHOWN);
	assert_int_equal(json_array_size(json_object_get(object, "memberships")), 1);
	one = json_array_get(json_object_get(object, "memberships"), 0);
	assert_text(one, "instance", HOSTILE_ID_SHOWN);
	assert_text(one, "state", "orphan");
	assert_true(json_is_false(json_object_get(one, "remembered")));
	assert_true(json_is_true(json_object_get(object, "managed")));
	assert_null_key(object, "not_managed");
	assert_null_key(one, "marker");
	assert_text(json_object_get(one, "inferred_from"), "name", HOSTILE_NAME_SHOWN);
	assert_text(json_object_get(object, "sweep"), "next", "end");
	assert_null_key(json_object_get(object, "sweep"), "why");
	assert_null_key(json_object_get(object, "sweep"), "because");
	assert_null_key(json_object_get(object, "reap"), "because");
	assert_true(json_is_true(json_object_get(json_object_get(object, "reap"), "ends")));
	json_decref(object);

	strbuf_reset(&sb);
	in = input_for(&w, 900);
	assert_int_equal(explain_json(&sb, &in, &plain_options), 0);
	object = parse_line(&sb);
	assert_int_equal(json_array_size(json_object_get(object, "memberships")), 0);
	assert_true(json_is_false(json_object_get(object, "managed")));
	assert_true(json_is_string(json_object_get(object, "not_managed")));
	assert_text(json_object_get(object, "sweep"), "kept", "self");
	json_decref(object);
	strbuf_release(&sb);
	world_release(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_next_tick_counts_then_ends),
		cmocka_unit_test(listeners_and_windows_are_for_the_sweep_alone),
		cmocka_unit_test(text_explains_an_orphan),
		cmocka_unit_test(text_says_how_a_process_without_a_marker_came_to_be_managed),
		cmocka_unit_test(text_explains_the_others),
		cmocka_unit_test(unmanaged_has_its_reason),
		cmocka_unit_test(a_launcher_stops_the_sweep),
		cmocka_unit_test(what_is_inferred_stays_with_its_source),
		cmocka_unit_test(unmanaged_is_no_container),
		cmocka_unit_test(json_explains_the_same),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
