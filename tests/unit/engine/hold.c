/* SPDX-License-Identifier: MIT */
#include "base/array.h"
#include "engine/hold.h"
#include "unit/engine/fake.h"

static int set_up(void **state)
{
	*state = fake_new();
	return 0;
}

static int tear_down(void **state)
{
	struct fake *f = *state;

	assert_int_equal(f->open_handles, 0);
	free(f);
	return 0;
}

/* A process to hold, as it was seen: with its start time. */
static struct identity seen(struct fake *f)
{
	const struct fake_proc *p = fake_add(f, 200, 1, "goose");

	return (struct identity){ p->pid, p->start, 0 };
}

static enum hold_state try_it(struct fake *f, const struct identity *id, struct hold *ret)
{
	*ret = hold_of(&f->reaper, id);
	return hold_open(ret, &f->source);
}

static void the_very_process_is_held_and_its_inode_number_known(void **state)
{
	struct fake *f = *state;
	struct identity id = seen(f);
	struct hold h;

	assert_int_equal(try_it(f, &id, &h), HOLD_HELD);
	assert_int_equal(h.id.pidfd_ino, fake_find(f, 200)->ino);
	assert_int_equal(hold_has_ended(&h, 0), 0);
	assert_int_equal(hold_signal(&h, SIGTERM), 0);
	assert_int_equal(hold_has_ended(&h, 0), 1);
	assert_int_equal(hold_signal(&h, SIGTERM), -ESRCH);
	hold_close(&h);
	assert_int_equal(h.handle, -1);
}

static void another_process_with_the_pid_is_not_held(void **state)
{
	struct fake *f = *state;
	struct identity id = seen(f), other_start = id, other_ino = id;
	struct hold h;

	other_start.start_ticks++;
	other_ino.pidfd_ino = fake_find(f, 200)->ino + 1;
	assert_int_equal(try_it(f, &other_start, &h), HOLD_GONE);
	assert_int_equal(h.handle, -1);
	assert_int_equal(h.id.pidfd_ino, 0);
	assert_int_equal(try_it(f, &other_ino, &h), HOLD_GONE);
	assert_int_equal(h.handle, -1);
	fake_end(f, fake_find(f, 200));
	assert_int_equal(try_it(f, &id, &h), HOLD_GONE);
}

static void end_it(struct fake *f)
{
	fake_end(f, fake_find(f, 200));
	f->on_wait = NULL;
}

/* What was read may then have been another's. */
static void a_process_that_ends_after_it_was_read_is_not_held(void **state)
{
	struct fake *f = *state;
	struct identity id = seen(f);
	struct hold h;

	f->on_wait = end_it;
	assert_int_equal(try_it(f, &id, &h), HOLD_GONE);
	assert_int_equal(h.handle, -1);
}

static void what_cannot_be_opened_or_read_is_refused(void **state)
{
	struct fake *f = *state;
	struct identity id = seen(f);
	struct hold h;

	f->open_error = -EPERM;
	assert_int_equal(try_it(f, &id, &h), HOLD_REFUSED);
	f->open_error = -ENFILE;
	h = hold_of(&f->reaper, &id);
	assert_int_equal(hold_take(&h), -EMFILE);
	assert_int_equal(h.handle, -1);
	f->open_error = 0;
	fake_find(f, 200)->read_error = -EACCES;
	assert_int_equal(try_it(f, &id, &h), HOLD_REFUSED);
	assert_int_equal(h.handle, -1);
}

static void a_borrowed_handle_stays_open(void **state)
{
	struct fake *f = *state;
	struct identity id = seen(f);
	struct hold own, borrowed;

	assert_int_equal(try_it(f, &id, &own), HOLD_HELD);
	borrowed = own;
	borrowed.borrowed = true;
	assert_int_equal(hold_take(&borrowed), 0); /* it is held already */
	hold_close(&borrowed);
	assert_int_equal(borrowed.handle, -1);
	assert_int_equal(hold_has_ended(&own, 0), 0);
	hold_close(&own);
	hold_close(&own);
}

static void several_are_waited_for_together(void **state)
{
	struct fake *f = *state;
	struct identity id = seen(f);
	const struct fake_proc *p = fake_add(f, 201, 1, "node");
	struct identity other = { p->pid, p->start, 0 };
	const struct hold *both[2];
	struct hold one, two;
	bool dead[2];

	assert_int_equal(try_it(f, &id, &one), HOLD_HELD);
	assert_int_equal(try_it(f, &other, &two), HOLD_HELD);
	both[0] = &one;
	both[1] = &two;
	fake_end(f, fake_find(f, 201));
	assert_int_equal(hold_wait(both, ARRAY_SIZE(both), 10, -1, dead), 1);
	assert_false(dead[0]);
	assert_true(dead[1]);
	assert_int_equal(hold_wait(both, 0, 10, -1, dead), 0);
	hold_close(&one);
	hold_close(&two);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_very_process_is_held_and_its_inode_number_known),
		TEST(another_process_with_the_pid_is_not_held),
		TEST(a_process_that_ends_after_it_was_read_is_not_held),
		TEST(what_cannot_be_opened_or_read_is_refused),
		TEST(a_borrowed_handle_stays_open),
		TEST(several_are_waited_for_together),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
