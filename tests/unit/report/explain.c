#include "unit/report/fixture.h"

#include "report/explain.h"

static const struct sweep_settings settings = { .grace = 2 };

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
	/* What is inferred goes with whom it was inferred from. */
	assert_int_equal(decide(&w, 5001).next, NEXT_END);
	assert_int_equal(decide(&w, 5001).ticks, 1);
	assert_int_equal(decide(&w, 4300).next, NEXT_NOTHING);
	assert_int_equal(decide(&w, 4300).why, WHY_OWNED);
	assert_int_equal(decide(&w, 4242).why, WHY_DESKTOP);
	assert_int_equal(decide(&w, 900).why, WHY_SELF);
	world_release(&w);
}

static void listeners_and_windows_are_for_the_sweep_alone(void **state)
{
	struct world w;
	struct explain_input in;
	struct explain_result result;

	(void)state;
	world_init(&w);
	in = input_for(&w, 5000);
	in.listener = true;
	explain_decide(&in, &result);
	assert_int_equal(result.next, NEXT_NOTHING);
	assert_int_equal(result.why, WHY_LISTENER);
	assert_int_equal(result.group, WHY_MAY_END);
	assert_int_equal(result.pick, WHY_MAY_END);
	world_release(&w);
}

static void text_explains_an_orphan(void **state)
{
	static const char expected[] =
		"pid 5000 " HOSTILE_NAME_SHOWN ", uid 1000, started 15m50s ago, "
		"child of pid 1 systemd\n"
		"  instance  " HOSTILE_ID_SHOWN " (sprout)\n"
		"  managed   as an agent by its marker SPROUT_MANAGED_AGENT\n"
		"  owner     GONE for \xe2\x89\xa5" "12m\n"
		"  state     orphan, its root was adopted: pid 1 systemd\n"
		"  ticks     1 of 2, orphan for \xe2\x89\xa5" "12m\n"
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
	assert_true(json_is_true(json_object_get(object, "managed")));
	assert_null_key(object, "not_managed");
	assert_null_key(one, "marker");
	assert_text(json_object_get(one, "inferred_from"), "name", HOSTILE_NAME_SHOWN);
	assert_text(json_object_get(object, "sweep"), "next", "end");
	assert_null_key(json_object_get(object, "sweep"), "why");
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
		cmocka_unit_test(text_explains_the_others),
		cmocka_unit_test(unmanaged_has_its_reason),
		cmocka_unit_test(json_explains_the_same),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
