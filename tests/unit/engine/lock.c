/* SPDX-License-Identifier: MIT */
#include "engine/lock.h"

#include <fcntl.h>
#include <sys/wait.h>

#include "unit/engine/fake.h"

static int set_up(void **state)
{
	*state = fake_mkdir();
	return 0;
}

static int tear_down(void **state)
{
	char *dir = *state;
	char *file = fake_path(dir, "sweep.lock");

	unlink(file);
	assert_int_equal(rmdir(dir), 0);
	free(file);
	free(dir);
	return 0;
}

static void second_locker_learns_the_holders_pid(void **state)
{
	int fd, other;
	pid_t holder = 0;

	assert_int_equal(sweep_lock_holder(*state), 0);
	assert_int_equal(sweep_lock(*state, &fd, &holder), 0);
	assert_int_equal(sweep_lock(*state, &other, &holder), -EBUSY);
	assert_int_equal(holder, getpid());
	assert_int_equal(sweep_lock_holder(*state), getpid());
	sweep_unlock(fd);
	assert_int_equal(sweep_lock_holder(*state), 0);
	assert_int_equal(sweep_lock(*state, &fd, &holder), 0);
	sweep_unlock(fd);
}

static void asking_does_not_drop_it(void **state)
{
	int fd, other;
	pid_t holder = 0;

	assert_int_equal(sweep_lock(*state, &fd, &holder), 0);
	(void)sweep_lock_holder(*state);
	/* A lock of the process, not of the descriptor, would be gone now. */
	assert_int_equal(sweep_lock(*state, &other, &holder), -EBUSY);
	sweep_unlock(fd);
}

static void it_goes_with_its_holder(void **state)
{
	pid_t holder = 0, child;
	int ready[2], end[2], status, fd;
	char byte;

	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(end), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		close(ready[0]);
		close(end[1]);
		if (sweep_lock(*state, &fd, &holder) < 0)
			_exit(1);
		(void)!write(ready[1], "", 1);
		(void)!read(end[0], &byte, 1);
		_exit(0);
	}
	close(ready[1]);
	close(end[0]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(sweep_lock(*state, &fd, &holder), -EBUSY);
	assert_int_equal(holder, child);
	close(end[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	/* It did not unlock: its name still stands there, and counts for nothing. */
	assert_int_equal(sweep_lock_holder(*state), 0);
	assert_int_equal(sweep_lock(*state, &fd, &holder), 0);
	sweep_unlock(fd);
	close(ready[0]);
}

static void a_link_is_no_lock(void **state)
{
	char *file = fake_path(*state, "sweep.lock"), *target = fake_path(*state, "target");
	pid_t holder = 0;
	int fd;

	fake_write(*state, "target", "keep me");
	assert_int_equal(symlink(target, file), 0);
	assert_true(sweep_lock(*state, &fd, &holder) < 0);
	assert_true(fake_exists(*state, "target"));
	assert_int_equal(unlink(target), 0);
	free(file);
	free(target);
}

static void a_folder_open_to_others_is_refused(void **state)
{
	pid_t holder = 0;
	int fd;

	assert_int_equal(chmod(*state, 0755), 0);
	assert_int_equal(sweep_lock(*state, &fd, &holder), -EPERM);
}

static void a_short_lock_waits_no_longer_than_told(void **state)
{
	int dirfd = open(*state, O_RDONLY | O_DIRECTORY), fd, other;

	assert_true(dirfd >= 0);
	assert_int_equal(lock_file(dirfd, "sweep.lock", 0, &fd), 0);
	assert_int_equal(lock_file(dirfd, "sweep.lock", 20, &other), -EBUSY);
	close(fd);
	assert_int_equal(lock_file(dirfd, "sweep.lock", 0, &other), 0);
	close(other);
	close(dirfd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(second_locker_learns_the_holders_pid),
		TEST(asking_does_not_drop_it),
		TEST(it_goes_with_its_holder),
		TEST(a_link_is_no_lock),
		TEST(a_folder_open_to_others_is_refused),
		TEST(a_short_lock_waits_no_longer_than_told),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
