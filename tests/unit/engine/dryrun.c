/* SPDX-License-Identifier: MIT */
#include "engine/dryrun.h"

#include "unit/engine/fake.h"

static void signals_are_recorded_and_not_sent(void **state)
{
	struct fake *f = fake_new();
	struct reaper *dry;
	bool dead = true;
	uint64_t ino;
	int handle;

	(void)state;
	fake_add(f, 200, 1, "goose");
	assert_int_equal(dryrun_reaper_new(&f->reaper, &dry), 0);
	assert_int_equal(dry->ops->open(dry, 200, &handle, &ino), 0);
	assert_int_equal(dry->ops->wait(dry, &handle, 1, 1000, -1, &dead), 0);
	assert_false(dead);
	/* No process is waited for. */
	assert_int_equal(f->boottime_ms, 100000);
	assert_int_equal(dry->ops->signal(dry, handle, SIGCONT), 0);
	assert_int_equal(dry->ops->wait(dry, &handle, 1, 0, -1, &dead), 0);
	assert_int_equal(dry->ops->signal(dry, handle, SIGTERM), 0);
	assert_int_equal(dry->ops->wait(dry, &handle, 1, 0, -1, &dead), 1);
	assert_true(dead);
	assert_int_equal(dryrun_recorded(dry), 2);
	assert_int_equal(f->signals, 0);
	dry->ops->close(dry, handle);
	/* The next one with that handle was not signalled. */
	assert_int_equal(dry->ops->open(dry, 200, &handle, &ino), 0);
	assert_int_equal(dry->ops->wait(dry, &handle, 1, 0, -1, &dead), 0);
	fake_end(f, fake_find(f, 200));
	assert_int_equal(dry->ops->signal(dry, handle, SIGTERM), -ESRCH);
	assert_int_equal(dry->ops->wait(dry, &handle, 1, 0, -1, &dead), 1);
	dry->ops->close(dry, handle);
	assert_int_equal(f->open_handles, 0);
	dry->ops->free(dry);
	free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signals_are_recorded_and_not_sent),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
