/* SPDX-License-Identifier: MIT */
#include "linux/details.h"

#include <sys/resource.h>

#include "helpers/child.h"

static void be_nice(const struct child_side *side, void *ctx)
{
	if (setpriority(PRIO_PROCESS, 0, *(int *)ctx) < 0)
		_exit(96);
	child_plain(side, ctx);
}

static void tells_nice_value_and_wait(void **state)
{
	/* Above that of the test, which an ordinary user cannot go below. */
	int own = getpriority(PRIO_PROCESS, 0), want = own < 17 ? own + 2 : 19;
	struct child child = child_fork(be_nice, &want);
	char waits_in[64] = "x";
	int nice = 0;

	(void)state;
	assert_true(details_of(child.pid, &nice, waits_in, sizeof(waits_in)));
	assert_int_equal(nice, want);
	assert_null(strchr("-?0x", waits_in[0] ? waits_in[0] : 'y'));
	child_end(&child);
	assert_false(details_of(child.pid, &nice, waits_in, sizeof(waits_in)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_nice_value_and_wait),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
