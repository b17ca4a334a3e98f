/* SPDX-License-Identifier: MIT */
#include "helpers/child.h"

#include <sys/resource.h>

#include "linux/reaper.h"

static struct reaper *new_reaper(void)
{
	struct reaper *r;

	assert_int_equal(pidfd_reaper_new(&r), 0);
	return r;
}

static void ends_and_verifies(void **state)
{
	struct child a = child_fork(child_plain, NULL), b = child_fork(child_plain, NULL);
	struct reaper *r = new_reaper();
	int handles[2];
	bool dead[2] = { true, true };
	uint64_t ino;

	(void)state;
	assert_int_equal(r->ops->open(r, a.pid, &handles[0], &ino), 0);
	assert_int_equal(ino, pidfd_ino(handles[0]));
	assert_int_equal(r->ops->open(r, b.pid, &handles[1], &ino), 0);
	assert_int_equal(r->ops->wait(r, handles, 2, 0, -1, dead), 0);
	assert_false(dead[0] || dead[1]);
	assert_int_equal(r->ops->signal(r, handles[1], SIGKILL), 0);
	/* No timeout would be long enough if it waited for both. */
	assert_int_equal(r->ops->wait(r, &handles[1], 1, 1000000, -1, &dead[1]), 1);
	assert_int_equal(r->ops->wait(r, handles, 2, 0, -1, dead), 1);
	assert_false(dead[0]);
	assert_true(dead[1]);
	child_end(&b);
	assert_int_equal(r->ops->signal(r, handles[1], SIGKILL), -ESRCH);
	assert_int_equal(r->ops->open(r, b.pid, &handles[1], &ino), -ESRCH);
	assert_int_equal(r->ops->signal(r, handles[0], SIGKILL), 0);
	assert_int_equal(r->ops->wait(r, handles, 1, 1000000, -1, dead), 1);
	r->ops->close(r, handles[0]);
	r->ops->free(r);
	child_end(&a);
}

static void a_wait_can_be_stopped(void **state)
{
	struct child a = child_fork(child_plain, NULL), b = child_fork(child_plain, NULL);
	struct reaper *r = new_reaper();
	int handles[2], stop[2];
	bool dead[2];
	uint64_t ino;

	(void)state;
	assert_int_equal(pipe2(stop, O_CLOEXEC), 0);
	assert_int_equal(r->ops->open(r, a.pid, &handles[0], &ino), 0);
	assert_int_equal(r->ops->open(r, b.pid, &handles[1], &ino), 0);
	child_make_zombie(&a);
	assert_int_equal(write(stop[1], "s", 1), 1);
	assert_int_equal(r->ops->wait(r, handles, 2, 1000000, stop[0], dead), -EINTR);
	assert_true(dead[0]);
	assert_false(dead[1]);
	/* When all have ended, there is nothing to stop. */
	assert_int_equal(r->ops->wait(r, handles, 1, 1000000, stop[0], dead), 1);
	r->ops->close(r, handles[0]);
	r->ops->close(r, handles[1]);
	r->ops->free(r);
	close(stop[0]);
	close(stop[1]);
	child_end(&a);
	child_end(&b);
}

static void empty_wait_returns_at_once(void **state)
{
	struct reaper *r = new_reaper();
	const int none[] = { -1 };
	bool dead[1];

	(void)state;
	assert_int_equal(r->ops->wait(r, NULL, 0, 1000000, -1, dead), 0);
	assert_int_equal(r->ops->wait(r, none, 1, 1000000, -1, dead), 0);
	assert_false(dead[0]);
	r->ops->close(r, -1);
	r->ops->free(r);
}

static void makes_room_up_to_the_limit(void **state)
{
	struct rlimit old, limit;
	struct reaper *r = new_reaper();
	size_t room;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	limit = old;
	limit.rlim_cur = 128;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(r->ops->reserve(r, 200), 200);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_true(limit.rlim_cur > 200);
	assert_true(limit.rlim_cur < 1000 || old.rlim_max < 1000);
	assert_int_equal(r->ops->reserve(r, 0), 1);
	/* In a child, because a hard limit cannot be raised again. */
	pid_t pid = fork();
	if (pid == 0) {
		struct rlimit hard = { 256, 256 };

		setrlimit(RLIMIT_NOFILE, &hard);
		room = r->ops->reserve(r, 100000);
		_exit(room > 100 && room < 256 ? 0 : 1);
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	r->ops->free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends_and_verifies),
		cmocka_unit_test(a_wait_can_be_stopped),
		cmocka_unit_test(empty_wait_returns_at_once),
		cmocka_unit_test(makes_room_up_to_the_limit),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
