/* SPDX-License-Identifier: MIT */
#include "helpers/child.h"

#include "linux/proc_table.h"

static struct listing listing_of(struct listed *items, size_t nr)
{
	return (struct listing){ .items = items, .nr = nr };
}

static int merge(struct proc_table *t, struct listed *items, size_t nr)
{
	struct listing list = listing_of(items, nr);

	return proc_table_merge(t, &list, false);
}

static void recognises_pid_and_inode_together(void **state)
{
	struct proc_table t = { 0 };
	struct known *k;

	(void)state;
	assert_int_equal(merge(&t, (struct listed[]){ { 1, 11 }, { 5, 15 }, { 9, 19 } }, 3), 0);
	assert_int_equal(t.nr, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(t.items[i].flags, KNOWN_NEW);
		assert_true(t.items[i].at == KNOWN_NOWHERE);
		t.items[i].ppid = 77;
		t.items[i].flags |= KNOWN_MARKED;
	}
	/* 5 was handed on, 9 has ended, 7 is new. */
	assert_int_equal(merge(&t, (struct listed[]){ { 1, 11 }, { 5, 99 }, { 7, 17 } }, 3), 0);
	k = proc_table_find(&t, 1);
	assert_int_equal(k->flags, KNOWN_MARKED);
	assert_int_equal(k->ppid, 77);
	assert_int_equal(proc_table_find(&t, 5)->flags, KNOWN_NEW);
	assert_int_equal(proc_table_find(&t, 5)->ppid, 0);
	assert_int_equal(proc_table_find(&t, 7)->flags, KNOWN_NEW);
	assert_null(proc_table_find(&t, 9));
	proc_table_release(&t);
}

static void children_of_the_ended_have_to_be_read(void **state)
{
	struct proc_table t = { 0 };
	struct listed before[] = { { 1, 1 }, { 10, 10 }, { 11, 11 }, { 12, 12 }, { 20, 20 } };
	struct listed after[] = { { 1, 1 }, { 10, 77 }, { 11, 11 }, { 12, 12 } };

	(void)state;
	assert_int_equal(merge(&t, before, 5), 0);
	proc_table_find(&t, 11)->ppid = 10; /* pid 10 is another process after that */
	proc_table_find(&t, 12)->ppid = 20; /* 20 has ended */
	proc_table_find(&t, 10)->ppid = 1;
	assert_int_equal(merge(&t, after, 4), 0);
	assert_true(proc_table_find(&t, 11)->flags & KNOWN_ORPHANED);
	assert_true(proc_table_find(&t, 12)->flags & KNOWN_ORPHANED);
	assert_false(proc_table_find(&t, 1)->flags & KNOWN_ORPHANED);
	/* Said once. */
	assert_int_equal(merge(&t, after, 4), 0);
	assert_false(proc_table_find(&t, 12)->flags & KNOWN_ORPHANED);
	proc_table_release(&t);
}

/* The children of a process that ended while it was read have another parent, too. */
static void flags_process_with_parent_ended_in_last_scan(void **state)
{
	struct proc_table t = { 0 };
	struct listed before[] = { { 1, 10 }, { 10, 100 }, { 12, 120 } };
	struct listed after[] = { { 1, 10 }, { 12, 120 } };

	(void)state;
	assert_int_equal(merge(&t, before, 3), 0);
	proc_table_find(&t, 10)->flags = KNOWN_GONE;
	proc_table_find(&t, 12)->ppid = 10;
	assert_int_equal(merge(&t, after, 2), 0);
	assert_null(proc_table_find(&t, 10));
	assert_true(proc_table_find(&t, 12)->flags & KNOWN_ORPHANED);
	/* Should it be there again after all, nothing is known of it. */
	proc_table_find(&t, 12)->flags = KNOWN_GONE | KNOWN_MARKED;
	assert_int_equal(merge(&t, after, 2), 0);
	assert_int_equal(proc_table_find(&t, 12)->flags & ~(unsigned)KNOWN_ORPHANED, KNOWN_NEW);
	proc_table_release(&t);
}

static void forgets_on_demand(void **state)
{
	struct proc_table t = { 0 };
	struct listed items[] = { { 1, 1 }, { 2, 2 } };
	struct listing list = listing_of(items, 2);

	(void)state;
	assert_int_equal(proc_table_merge(&t, &list, false), 0);
	t.items[0].flags = KNOWN_MARKED;
	t.items[1].flags = KNOWN_MARKED | KNOWN_UNREAD;
	assert_int_equal(proc_table_merge(&t, &list, true), 0);
	/* But that it was there, and had been read. */
	assert_int_equal(t.items[0].flags, KNOWN_NEW | KNOWN_BEFORE);
	assert_int_equal(t.items[1].flags, KNOWN_NEW);
	assert_int_equal(proc_table_merge(&t, &list, false), 0);
	assert_int_equal(t.items[0].flags, 0);
	list.nr = 0;
	assert_int_equal(proc_table_merge(&t, &list, false), 0);
	assert_int_equal(t.nr, 0);
	proc_table_release(&t);
}

static void is_small(void **state)
{
	(void)state;
	assert_true(sizeof(struct known) <= 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recognises_pid_and_inode_together),
		cmocka_unit_test(children_of_the_ended_have_to_be_read),
		cmocka_unit_test(flags_process_with_parent_ended_in_last_scan),
		cmocka_unit_test(forgets_on_demand),
		cmocka_unit_test(is_small),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
