/* SPDX-License-Identifier: MIT */
#include "helpers/child.h"

#include "linux/related.h"

enum { MAX = 16 };

struct forest {
	struct known items[MAX];
	struct proc_table t;
	struct related rel;
};

static void plant(struct forest *f, pid_t pid, pid_t ppid, pid_t pgid, pid_t sid, uint32_t flags)
{
	f->t.items = f->items;
	f->items[f->t.nr++] = (struct known){
		.pid = pid, .ppid = ppid, .pgid = pgid, .sid = sid, .flags = flags
	};
}

static uint32_t of(const struct forest *f, pid_t pid)
{
	return proc_table_find(&f->t, pid)->flags & (KNOWN_MANAGED | KNOWN_UNDER | KNOWN_WANTED);
}

static void follows_parents_groups_and_sessions(void **state)
{
	struct forest f = { 0 };

	(void)state;
	plant(&f, 1, 0, 1, 1, 0);
	plant(&f, 10, 1, 10, 10, 0);		 /* a shell, leads the session */
	plant(&f, 11, 10, 11, 10, KNOWN_MARKED); /* an agent, leads a group */
	plant(&f, 12, 11, 12, 12, 0);		 /* its child, in a session of its own */
	plant(&f, 13, 1, 13, 12, 0);		 /* its session's, with no managed parent */
	plant(&f, 14, 10, 11, 10, 0);		 /* the agent's group's */
	plant(&f, 15, 10, 15, 10, 0);		 /* the shell's session proves nothing */
	plant(&f, 16, 14, 16, 10, 0);		 /* below an inferred one */
	plant(&f, 20, 1, 20, 20, 0);
	assert_int_equal(related_find(&f.rel, &f.t, 20, NULL, 0), 0);
	assert_int_equal(of(&f, 11), KNOWN_MANAGED | KNOWN_WANTED);
	assert_int_equal(of(&f, 12), KNOWN_MANAGED | KNOWN_WANTED);
	assert_int_equal(of(&f, 13), KNOWN_MANAGED | KNOWN_WANTED);
	assert_int_equal(of(&f, 14), KNOWN_MANAGED | KNOWN_WANTED);
	assert_int_equal(of(&f, 16), KNOWN_MANAGED | KNOWN_WANTED);
	assert_int_equal(of(&f, 15), 0);
	assert_int_equal(of(&f, 10), KNOWN_WANTED); /* ancestor and session leader */
	assert_int_equal(of(&f, 1), KNOWN_WANTED);
	assert_int_equal(of(&f, 20), KNOWN_WANTED); /* self */
	related_release(&f.rel);
}

static void what_may_be_a_dead_server_stays_in_the_snapshot(void **state)
{
	struct forest f = { 0 };

	(void)state;
	plant(&f, 1, 0, 1, 1, KNOWN_ADOPTER);
	plant(&f, 20, 1, 15, 15, 0);
	plant(&f, 21, 20, 15, 15, 0);
	plant(&f, 22, 1, 15, 15, KNOWN_KERNEL);
	plant(&f, 23, 1, 23, 23, 0);  /* leads a session */
	plant(&f, 24, 23, 23, 23, 0); /* not adopted */
	assert_int_equal(related_find(&f.rel, &f.t, 9, NULL, 0), 0);
	assert_int_equal(of(&f, 20), KNOWN_MANAGED | KNOWN_WANTED);
	assert_int_equal(of(&f, 21), KNOWN_MANAGED | KNOWN_WANTED);
	assert_int_equal(of(&f, 22), KNOWN_WANTED); /* in a session without a leader */
	assert_int_equal(of(&f, 23), 0);
	assert_int_equal(of(&f, 24), 0);
	related_release(&f.rel);
}

static void what_the_engine_remembers_stays_in_the_snapshot(void **state)
{
	struct forest f = { 0 };

	(void)state;
	plant(&f, 1, 0, 1, 1, 0);
	plant(&f, 20, 1, 20, 20, KNOWN_MEMBER);
	plant(&f, 21, 20, 20, 20, 0);
	plant(&f, 22, 1, 22, 22, 0);
	assert_int_equal(related_find(&f.rel, &f.t, 9, NULL, 0), 0);
	assert_int_equal(of(&f, 20), KNOWN_MANAGED | KNOWN_WANTED);
	assert_int_equal(of(&f, 21), KNOWN_MANAGED | KNOWN_WANTED);
	assert_int_equal(of(&f, 22), 0);
	related_release(&f.rel);
}

static void each_child_of_a_container_init_is_wanted(void **state)
{
	struct forest f = { 0 };

	(void)state;
	plant(&f, 1, 0, 1, 1, KNOWN_RUNS_ONE);
	plant(&f, 10, 1, 10, 10, 0);
	plant(&f, 11, 10, 10, 10, 0);
	assert_int_equal(related_find(&f.rel, &f.t, 1, NULL, 0), 0);
	assert_int_equal(of(&f, 10), KNOWN_WANTED);
	assert_int_equal(of(&f, 11), 0);
	related_release(&f.rel);
}

/* Whether a process that has just ended matters, its parent shows. */
static void those_above_the_ended_are_wanted(void **state)
{
	struct forest f = { 0 };

	(void)state;
	plant(&f, 1, 0, 1, 1, 0);
	plant(&f, 10, 1, 10, 10, 0);
	plant(&f, 11, 10, 10, 10, KNOWN_GONE); /* ended before anything was read of it */
	plant(&f, 20, 1, 20, 20, 0);
	plant(&f, 21, 20, 20, 20, KNOWN_GONE);
	plant(&f, 30, 1, 30, 30, 0);
	plant(&f, 31, 30, 30, 30, KNOWN_DEAD);
	for (size_t i = 0; i < f.t.nr; i++)
		f.items[i].at = f.items[i].pid == 21 || f.items[i].pid == 31 ? 0 : KNOWN_NOWHERE;
	assert_int_equal(related_find(&f.rel, &f.t, 1, NULL, 0), 0);
	assert_int_equal(of(&f, 10), 0);
	assert_int_equal(of(&f, 20), KNOWN_WANTED);
	assert_int_equal(of(&f, 30), KNOWN_WANTED);
	related_release(&f.rel);
}

static void desktops_hand_down_by_descent_alone(void **state)
{
	struct forest f = { 0 };

	(void)state;
	plant(&f, 1, 0, 1, 1, 0);
	plant(&f, 10, 1, 10, 10, KNOWN_DESKTOP);
	plant(&f, 11, 10, 11, 11, 0);
	plant(&f, 12, 11, 12, 12, 0);
	plant(&f, 13, 1, 10, 10, 0); /* same group and session, not below it */
	plant(&f, 30, 1, 30, 30, KNOWN_OWNER);
	plant(&f, 31, 30, 30, 30, 0);
	assert_int_equal(related_find(&f.rel, &f.t, 1, NULL, 0), 0);
	assert_int_equal(of(&f, 12), KNOWN_UNDER | KNOWN_WANTED);
	assert_int_equal(of(&f, 31), KNOWN_UNDER | KNOWN_WANTED);
	assert_int_equal(of(&f, 13), 0);
	related_release(&f.rel);
}

static void children_may_come_before_their_parents(void **state)
{
	struct forest f = { 0 };

	(void)state;
	plant(&f, 1, 0, 1, 1, 0);
	plant(&f, 5, 6, 5, 5, 0); /* the pids have wrapped around */
	plant(&f, 6, 7, 6, 6, 0);
	plant(&f, 7, 90, 7, 7, 0);
	plant(&f, 90, 1, 90, 90, KNOWN_MARKED);
	assert_int_equal(related_find(&f.rel, &f.t, 1, NULL, 0), 0);
	assert_int_equal(of(&f, 5), KNOWN_MANAGED | KNOWN_WANTED);
	related_release(&f.rel);
}

static void what_is_asked_for_comes_with_ancestors(void **state)
{
	struct forest f = { 0 };
	const pid_t tracers[] = { 8, 99 }; /* 99 is not there */

	(void)state;
	plant(&f, 1, 0, 1, 1, 0);
	plant(&f, 7, 1, 7, 7, 0);
	plant(&f, 8, 7, 8, 8, 0);
	plant(&f, 9, 7, 9, 9, KNOWN_GONE);
	plant(&f, 10, 9, 9, 9, 0);
	assert_int_equal(related_find(&f.rel, &f.t, 9, tracers, 2), 0);
	assert_int_equal(of(&f, 8), KNOWN_WANTED);
	assert_int_equal(of(&f, 7), KNOWN_WANTED);
	assert_int_equal(of(&f, 9), 0);
	assert_int_equal(of(&f, 10), 0);
	/* Asked again, nothing is left of the first answer. */
	assert_int_equal(related_find(&f.rel, &f.t, 1, NULL, 0), 0);
	assert_int_equal(of(&f, 8), 0);
	related_release(&f.rel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_parents_groups_and_sessions),
		cmocka_unit_test(what_may_be_a_dead_server_stays_in_the_snapshot),
		cmocka_unit_test(what_the_engine_remembers_stays_in_the_snapshot),
		cmocka_unit_test(each_child_of_a_container_init_is_wanted),
		cmocka_unit_test(those_above_the_ended_are_wanted),
		cmocka_unit_test(desktops_hand_down_by_descent_alone),
		cmocka_unit_test(children_may_come_before_their_parents),
		cmocka_unit_test(what_is_asked_for_comes_with_ancestors),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
