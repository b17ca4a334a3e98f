/* SPDX-License-Identifier: MIT */
/* What an earlier run left frozen is continued (store.c). */
#include "unit/engine/reap_fixture.h"

static void leave_frozen(struct ctx *t, struct fake_proc *p, struct identity by, uint64_t ino)
{
	const struct identity id = { p->pid, p->start, ino };
	struct ledger l;

	p->stopped = true;
	ledger_init(&l, FAKE_BOOT, 1);
	assert_int_equal(ledger_set_frozen(&l, &by, &id, 1), 0);
	assert_int_equal(ledger_save(&l, t->dir, NULL), 0);
	ledger_release(&l);
}

static void a_start_continues_the_frozen(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	leave_frozen(t, p, (struct identity){ 99, 5, 0 }, p->ino);
	begin(t);
	assert_false(p->stopped);
	p->got[SIGCONT] = 0;
	begin(t);
	assert_int_equal(p->got[SIGCONT], 0);
}

static void a_looker_does_not_continue(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	leave_frozen(t, p, (struct identity){ 99, 5, 0 }, p->ino);
	t->options.save = false;
	begin(t);
	assert_true(p->stopped);
	t->options.save = true;
	t->options.dry_run = true;
	begin(t);
	assert_true(p->stopped);
	p->stopped = false;
}

static void the_frozen_of_a_living_stray_stay(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);
	struct fake_proc *other = fake_add(t->f, 99, 1, "stray");

	leave_frozen(t, p, (struct identity){ 99, other->start, 0 }, p->ino);
	begin(t);
	assert_true(p->stopped);
	fake_end(t->f, other);
	begin(t);
	assert_false(p->stopped);
}

static void another_process_with_the_pid_of_the_stray_is_not_it(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);
	struct fake_proc *other = fake_add(t->f, 99, 1, "stray");

	/* Started in the same tick of the clock: the inode number tells. */
	leave_frozen(t, p, (struct identity){ 99, other->start, other->ino + 1 }, p->ino);
	begin(t);
	assert_false(p->stopped);
}

static void a_stray_that_cannot_be_looked_up_may_be_at_it(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);
	struct fake_proc *other = fake_add(t->f, 99, 1, "stray");

	leave_frozen(t, p, (struct identity){ 99, other->start, other->ino }, p->ino);
	other->read_error = -EIO;
	begin(t);
	assert_true(p->stopped);
	p->stopped = false;
}

static void another_process_is_not_continued(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);

	leave_frozen(t, p, (struct identity){ 99, 5, 0 }, p->ino + 1);
	begin(t);
	assert_int_equal(p->got[SIGCONT], 0);
	leave_frozen(t, p, (struct identity){ 99, 5, 0 }, 0);
	p->start++;
	begin(t);
	assert_int_equal(p->got[SIGCONT], 0);
	p->stopped = false;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_start_continues_the_frozen),
		TEST(a_looker_does_not_continue),
		TEST(the_frozen_of_a_living_stray_stay),
		TEST(another_process_with_the_pid_of_the_stray_is_not_it),
		TEST(a_stray_that_cannot_be_looked_up_may_be_at_it),
		TEST(another_process_is_not_continued),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
