/* SPDX-License-Identifier: MIT */
#include "helpers/child.h"

#include "linux/procfs.h"

static void has_children_once_and_in_order(void **state)
{
	struct listing list = { 0 };
	struct child child = child_fork(child_plain, NULL);
	uint64_t ino = 0;

	(void)state;
	for (int pass = 0; pass < 2; pass++) {
		int seen = 0;

		assert_int_equal(listing_read(&list), 0);
		for (size_t i = 0; i < list.nr; i++) {
			if (i)
				assert_true(list.items[i - 1].pid < list.items[i].pid);
			if (list.items[i].pid != child.pid)
				continue;
			seen++;
			if (pass)
				assert_int_equal(list.items[i].ino, ino);
			ino = list.items[i].ino;
		}
		assert_int_equal(seen, 1);
	}
	child_end(&child);
	assert_int_equal(listing_read(&list), 0);
	for (size_t i = 0; i < list.nr; i++)
		assert_true(list.items[i].pid != child.pid || list.items[i].ino != ino);
	listing_release(&list);
}

static void holds_nothing_but_pids(void **state)
{
	struct listing list = { 0 };

	(void)state;
	assert_int_equal(listing_read(&list), 0);
	assert_true(list.nr >= 2); /* pid 1 and ourselves */
	assert_int_equal(list.items[0].pid, 1);
	for (size_t i = 0; i < list.nr; i++)
		assert_true(list.items[i].pid > 0 && list.items[i].ino);
	listing_release(&list);
	assert_int_equal(list.nr, 0);
	listing_release(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_children_once_and_in_order),
		cmocka_unit_test(holds_nothing_but_pids),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
