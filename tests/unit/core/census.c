/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "helpers/table.h"

#define SPROUT(id) "SPROUT_MANAGED_AGENT=" id
#define BUZZ(id)   "BUZZ_MANAGED_AGENT=" id

static void an_empty_table_has_no_instances(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 10, 1, "bash" });
	table_census(&t);
	assert_int_equal(t.c->nr_instances, 0);
	assert_int_equal(t.c->nr_members, 0);
	assert_int_equal(t.c->agents, 0);
	assert_null(census_find_member(t.c, 10));
	assert_null(census_find_member(t.c, 12345));
	table_release(&t);
}

static void instances_are_found_byte_for_byte(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 10, 1, NULL, SPROUT("a.b") }, { 11, 1, NULL, SPROUT("a.b.dev") },
	      { 12, 1, NULL, BUZZ("a.b") });
	table_census(&t);
	assert_int_equal(t.c->nr_instances, 3);
	for (size_t i = 0; i < t.c->nr_instances; i++)
		assert_int_equal(t.c->instances[i].nr, 1);
	assert_non_null(table_instance(&t, "a.b"));
	assert_non_null(table_instance(&t, "a.b.dev"));
	assert_null(table_instance(&t, "a"));
	assert_null(table_instance(&t, "a.b.de"));
	const struct instance_key others = { NULL, bytes_of("a.b"), TABLE_UID + 1 };
	const struct instance_key wanted = { "buzz", bytes_of("a.b"), TABLE_UID };
	const struct instance_key sprouts = { "buzz", bytes_of("a.b.dev"), TABLE_UID };
	const struct instance *buzz = census_find_instance(t.c, &wanted);
	assert_non_null(buzz);
	assert_string_equal(buzz->app->name, "buzz");
	assert_null(census_find_instance(t.c, &others));
	assert_null(census_find_instance(t.c, &sprouts));
	table_release(&t);
}

static void instances_are_ordered_by_their_keys(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 10, 1, NULL, SPROUT("a") }, { 11, 1, NULL, BUZZ("b") },
	      { 12, 1, NULL, BUZZ("a") });
	table_census(&t);
	assert_int_equal(t.c->nr_instances, 3);
	for (size_t i = 0; i + 1 < t.c->nr_instances; i++) {
		struct instance_key a = instance_key_of(&t.c->instances[i]);
		struct instance_key b = instance_key_of(&t.c->instances[i + 1]);

		assert_true(instance_key_compare(&a, &b) < 0);
	}
	table_release(&t);
}

static void a_process_belongs_to_each_of_its_instances(void **state)
{
	struct table t;
	const struct member *m;

	(void)state;
	TABLE(&t, { 10, 1, NULL, SPROUT("a") "|" BUZZ("b") "|BARE_AGENT=c" });
	table_census(&t);
	m = census_find_member(t.c, 10);
	for (size_t i = 0; i < 3; i++) {
		assert_non_null(m);
		assert_int_equal(m->proc->id.pid, 10);
		m = census_next_membership(t.c, m);
	}
	assert_null(m);
	ASSERT_MEMBER(&t, 10, "a");
	ASSERT_MEMBER(&t, 10, "b");
	ASSERT_MEMBER(&t, 10, "c");
	table_release(&t);
}

static void descends_from_each_ancestor_only(void **state)
{
	struct table t;
	const struct process *top, *middle, *leaf;

	(void)state;
	TABLE(&t, { 10, 1 }, { 11, 10 }, { 12, 11 });
	table_census(&t);
	top = snapshot_find(t.s, 10);
	middle = snapshot_find(t.s, 11);
	leaf = snapshot_find(t.s, 12);
	assert_true(census_descends(t.c, leaf, top));
	assert_true(census_descends(t.c, leaf, middle));
	assert_true(census_descends(t.c, leaf, snapshot_find(t.s, 1)));
	assert_false(census_descends(t.c, top, leaf));
	assert_false(census_descends(t.c, leaf, leaf));
	assert_false(census_descends(t.c, snapshot_find(t.s, TABLE_SELF), top));
	table_release(&t);
}

static void ages_are_counted_from_the_boot(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 10, 1, NULL, SPROUT("a"), .start = 12345 },
	      { 11, 1, NULL, NULL, .start = 100001 });
	table_census(&t);
	/* 1000 s after the boot, 100 ticks a second. */
	assert_int_equal(census_age_ms(t.c, snapshot_find(t.s, 10)), 1000000 - 123450);
	assert_int_equal(census_age_ms(t.c, snapshot_find(t.s, 11)),
			 0); /* later than the scan's clock */
	t.s->ticks_per_second = 0;
	assert_int_equal(census_age_ms(t.c, snapshot_find(t.s, 10)), 0);
	table_release(&t);
}

static void an_orphans_age_is_counted_from_when_it_was_seen(void **state)
{
	struct table t;
	struct member *m;

	(void)state;
	TABLE(&t, { 10, 1, NULL, SPROUT("a") });
	table_census(&t);
	m = table_member(&t, 10, "a");
	assert_int_equal(m->orphan_since_ms, -1); /* the engine has said nothing yet */
	assert_int_equal(census_orphan_age_ms(t.c, m), -1);
	m->orphan_since_ms = 990000;
	assert_int_equal(census_orphan_age_ms(t.c, m), 10000);
	m->orphan_since_ms = 0;
	assert_int_equal(census_orphan_age_ms(t.c, m), 1000000);
	m->orphan_since_ms = 1000001;
	assert_int_equal(census_orphan_age_ms(t.c, m), 0);
	table_release(&t);
}

static void what_the_engine_fills_in_begins_unknown(void **state)
{
	struct table t;
	const struct member *m;
	const struct instance *inst;

	(void)state;
	TABLE(&t, { 10, 1, NULL, SPROUT("a") });
	table_census(&t);
	m = table_member(&t, 10, "a");
	inst = table_instance(&t, "a");
	assert_int_equal(m->ticks, 0);
	assert_false(m->condemned);
	assert_false(m->ports_known);
	assert_true(m->cpu_pct != m->cpu_pct); /* NAN */
	assert_true(inst->cpu_pct != inst->cpu_pct);
	assert_int_equal(inst->former.pid, 0);
	assert_int_equal(inst->former_gone_ms, -1);
	table_release(&t);
}

static void lives_until_the_last_reference_goes(void **state)
{
	struct table t;
	struct census *c;

	(void)state;
	TABLE(&t, { 10, 1, NULL, SPROUT("a") });
	c = census_ref(table_census(&t));
	snapshot_unref(t.s); /* the census has its own reference */
	t.s = NULL;
	census_unref(t.c);
	t.c = NULL;
	assert_string_equal(c->members[0].proc->comm, "node");
	census_unref(c);
	census_unref(NULL);
	table_release(&t);
}

static void a_wrapper_needs_its_app(void **state)
{
	struct table t;
	struct census *c = NULL;
	struct policy none = { .refs = 1 };

	(void)state;
	TABLE(&t, { 10, TABLE_SELF });
	t.input.wrapper = TABLE_SELF;
	t.input.wrapper_id = bytes_of("9000");
	t.input.policy = &none;
	assert_int_equal(census_build(&t.input, &c), -EINVAL);
	assert_null(c);
	table_release(&t);
}

static void has_the_words_of_the_json_form(void **state)
{
	(void)state;
	assert_string_equal(owner_state_name(OWNER_ALIVE), "alive");
	assert_string_equal(owner_state_name(OWNER_GONE), "gone");
	assert_string_equal(owner_state_name(OWNER_UNKNOWN), "unknown");
	assert_int_equal(OWNER_UNKNOWN, 0); /* what was not filled in is never swept */
	assert_string_equal(owner_evidence_name(EVIDENCE_DESCENT), "descent");
	assert_string_equal(owner_evidence_name(EVIDENCE_ARGUMENTS), "arguments");
	assert_string_equal(owner_evidence_name(EVIDENCE_ENVIRONMENT), "environment");
	assert_string_equal(owner_evidence_name(EVIDENCE_DEFAULT), "default");
	assert_string_equal(owner_evidence_name(EVIDENCE_VALUE), "value");
	assert_string_equal(owner_evidence_name(EVIDENCE_NONE), "none");
	assert_string_equal(member_state_name(STATE_OWNED), "owned");
	assert_string_equal(member_state_name(STATE_DETACHED), "detached");
	assert_string_equal(member_state_name(STATE_ORPHAN), "orphan");
	assert_string_equal(member_state_name(STATE_UNKNOWN), "unknown");
	assert_string_equal(member_role_name(ROLE_AGENT), "agent");
	assert_string_equal(member_role_name(ROLE_WORKER), "worker");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_table_has_no_instances),
		cmocka_unit_test(instances_are_found_byte_for_byte),
		cmocka_unit_test(instances_are_ordered_by_their_keys),
		cmocka_unit_test(a_process_belongs_to_each_of_its_instances),
		cmocka_unit_test(descends_from_each_ancestor_only),
		cmocka_unit_test(ages_are_counted_from_the_boot),
		cmocka_unit_test(an_orphans_age_is_counted_from_when_it_was_seen),
		cmocka_unit_test(what_the_engine_fills_in_begins_unknown),
		cmocka_unit_test(lives_until_the_last_reference_goes),
		cmocka_unit_test(a_wrapper_needs_its_app),
		cmocka_unit_test(has_the_words_of_the_json_form),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
