/* SPDX-License-Identifier: MIT */
#include "helpers/child.h"

#include "linux/pidfd.h"

static void holds_a_process_until_it_ends(void **state)
{
	struct child child = child_fork(child_plain, NULL);
	int fd = pidfd_of(child.pid);

	(void)state;
	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(pidfd_dead(fd), 0);
	assert_int_equal(pidfd_signal(fd, 0), 0);
	child_make_zombie(&child);
	assert_int_equal(pidfd_dead(fd), 1);
	assert_int_equal(pidfd_signal(fd, 0), 0); /* a zombie can be signalled */
	child_end(&child);
	assert_int_equal(pidfd_dead(fd), 1);
	assert_int_equal(pidfd_signal(fd, 0), -ESRCH);
	assert_int_equal(pidfd_of(child.pid), -ESRCH);
	close(fd);
}

static void signals_through_the_descriptor(void **state)
{
	struct child child = child_fork(child_plain, NULL);
	int fd = pidfd_of(child.pid), status;

	(void)state;
	assert_int_equal(pidfd_signal(fd, SIGKILL), 0);
	assert_int_equal(waitpid(child.pid, &status, 0), child.pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	close(child.lifeline);
	close(fd);
}

static void inode_numbers_tell_processes_apart(void **state)
{
	struct child a = child_fork(child_plain, NULL), b = child_fork(child_plain, NULL);
	int fd_a = pidfd_of(a.pid), again = pidfd_of(a.pid), fd_b = pidfd_of(b.pid);

	(void)state;
	assert_int_equal(pidfd_ino(fd_a), pidfd_ino(again));
	if (pidfd_ino(fd_a))
		assert_int_not_equal(pidfd_ino(fd_a), pidfd_ino(fd_b));
	assert_int_equal(pidfd_ino(a.lifeline), 0); /* no pidfd */
	close(fd_a);
	close(again);
	close(fd_b);
	child_end(&a);
	child_end(&b);
}

static void tells_the_real_user(void **state)
{
	struct child child = child_fork(child_plain, NULL);
	int fd = pidfd_of(child.pid), r;
	uid_t uid = (uid_t)-1;

	(void)state;
	r = pidfd_real_uid(fd, &uid);
	if (r == 0) /* else before Linux 6.13 */
		assert_int_equal(uid, getuid());
	child_end(&child);
	assert_true(pidfd_real_uid(fd, &uid) < 0);
	assert_true(pidfd_real_uid(child.lifeline, &uid) < 0);
	close(fd);
}

/* The number that a folder of this group would have: the same for parent and child. */
static void tells_the_control_group(void **state)
{
	struct child child = child_fork(child_plain, NULL);
	int fd = pidfd_of(child.pid), self = pidfd_of(getpid());
	uint64_t theirs = 0, ours = 1;

	(void)state;
	if (pidfd_cgroup(fd, &theirs) == 0) { /* else before Linux 6.13 */
		assert_int_equal(pidfd_cgroup(self, &ours), 0);
		assert_int_equal(theirs, ours);
	}
	assert_true(pidfd_cgroup(child.lifeline, &theirs) < 0);
	child_end(&child);
	close(self);
	close(fd);
}

static void says_what_is_wrong(void **state)
{
	(void)state;
	assert_true(pidfd_of(-1) < 0);
	assert_int_equal(pidfd_dead(1 << 20), -EBADF);
	assert_int_equal(pidfd_signal(1 << 20, 0), -EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holds_a_process_until_it_ends),
		cmocka_unit_test(signals_through_the_descriptor),
		cmocka_unit_test(inode_numbers_tell_processes_apart),
		cmocka_unit_test(tells_the_real_user),
		cmocka_unit_test(tells_the_control_group),
		cmocka_unit_test(says_what_is_wrong),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
