/* SPDX-License-Identifier: MIT */
#include "helpers/child.h"

#include "linux/lineage.h"
#include "linux/procfs.h"
#include "linux/self.h"

/* A child that has a child: what they say to the test. */
struct family {
	int to; /* the end of a pipe for the pid of the inner one */
};

static void with_a_child(const struct child_side *side, void *ctx)
{
	const struct family *family = ctx;
	pid_t inner = fork();

	if (inner == 0)
		child_live(side);
	if (write(family->to, &inner, sizeof(inner)) != (ssize_t)sizeof(inner))
		_exit(96);
	child_ready(side);
	child_live(side);
}

static struct identity identity_of(pid_t pid)
{
	struct facts facts;

	assert_int_equal(procfs_stat_pid(pid, &facts), 0);
	return (struct identity){ .pid = pid, .start_ticks = facts.start_ticks };
}

/* Its orphans become ours. Returns the pid of the inner one. */
static pid_t start_family(struct child *outer)
{
	struct family family;
	int ends[2];
	pid_t inner;

	assert_int_equal(self_become_subreaper(), 0);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	family.to = ends[1];
	*outer = child_fork(with_a_child, &family);
	assert_int_equal(read(ends[0], &inner, sizeof(inner)), sizeof(inner));
	close(ends[0]);
	close(ends[1]);
	return inner;
}

static void a_parent_is_remembered_after_its_end(void **state)
{
	struct lineage lineage = { 0 };
	struct child outer;
	pid_t pid = start_family(&outer);
	int fd;

	(void)state;
	struct identity inner = identity_of(pid), parent = identity_of(outer.pid);

	assert_null(lineage_parent(&lineage, &inner));
	assert_int_equal(lineage_look(&lineage, getpid()), 1);
	assert_non_null(lineage_parent(&lineage, &inner));
	assert_true(identity_equal(&lineage_parent(&lineage, &inner)->id, &parent));
	assert_string_equal(lineage_parent(&lineage, &inner)->name, "lineage");
	assert_null(lineage_parent(&lineage, &parent)); /* a child of the top */

	/* The parent ends, its child is ours now: it stays that one's child. */
	fd = pidfd_of(pid);
	child_end(&outer);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(lineage_look(&lineage, getpid()), 0);
		assert_non_null(lineage_parent(&lineage, &inner));
		assert_true(identity_equal(&lineage_parent(&lineage, &inner)->id, &parent));
		assert_int_equal(lineage.nr, 2);
	}
	/* Another process with that pid is not meant. */
	inner.start_ticks++;
	assert_null(lineage_parent(&lineage, &inner));

	/* When the last one has ended, nothing is kept. */
	assert_int_equal(pidfd_signal(fd, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(lineage_look(&lineage, getpid()), 0);
	assert_int_equal(lineage.nr, 0);
	close(fd);
	lineage_release(&lineage);
}

static void process_adopted_unseen_has_no_parent(void **state)
{
	struct lineage lineage = { 0 };
	struct child outer;
	pid_t pid = start_family(&outer);
	int fd;

	(void)state;
	struct identity inner = identity_of(pid);
	fd = pidfd_of(pid);
	child_end(&outer);
	assert_int_equal(lineage_look(&lineage, getpid()), 1);
	assert_int_equal(lineage.nr, 1);
	assert_null(lineage_parent(&lineage, &inner));
	pidfd_signal(fd, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(fd);
	lineage_release(&lineage);
}

/* More than the kernel lists in one read. */
static void many_children_are_all_seen(void **state)
{
	enum { MANY = 1500 };
	struct lineage lineage = { 0 };
	int ends[2];
	char byte;

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	for (int i = 0; i < MANY; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0) {
			/* Until the test closes its end, or is no more. */
			close(ends[1]);
			_exit(read(ends[0], &byte, 1) != 0);
		}
	}
	assert_int_equal(lineage_look(&lineage, getpid()), 1);
	assert_int_equal(lineage.nr, MANY);
	close(ends[1]);
	for (int i = 0; i < MANY; i++)
		assert_true(waitpid(-1, NULL, 0) > 0);
	close(ends[0]);
	lineage_release(&lineage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_parent_is_remembered_after_its_end),
		cmocka_unit_test(process_adopted_unseen_has_no_parent),
		cmocka_unit_test(many_children_are_all_seen),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
