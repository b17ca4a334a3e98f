/* SPDX-License-Identifier: MIT */
#include "helpers/child.h"

#include <sched.h>
#include <sys/prctl.h>

#include "linux/procfs.h"
#include "linux/self.h"

static void knows_itself(void **state)
{
	char id[BOOT_ID_SIZE];
	struct facts f;
	uint64_t ticks;

	(void)state;
	assert_int_equal(self_check_proc(), 0);
	assert_int_equal(self_start_ticks(&ticks), 0);
	assert_int_equal(procfs_stat_pid(getpid(), &f), 0);
	assert_int_equal(ticks, f.start_ticks);
	assert_int_equal(self_boot_id(id), 0);
	assert_int_equal(strlen(id), 36);
	assert_int_equal(strspn(id, "0123456789abcdef-"), 36);
	assert_true(self_pid_ns() != 0);
}

static void becomes_a_subreaper(void **state)
{
	int is = 0;

	(void)state;
	assert_int_equal(self_become_subreaper(), 0);
	assert_int_equal(prctl(PR_GET_CHILD_SUBREAPER, &is, 0, 0, 0), 0);
	assert_int_equal(is, 1);
}

static void refuses_a_foreign_proc(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		if (unshare(CLONE_NEWPID) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWPID) < 0)
			_exit(77);
		pid = fork();
		if (pid == 0)
			_exit(self_check_proc() == -ESTALE ? 0 : 1);
		waitpid(pid, &status, 0);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 3);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_itself),
		cmocka_unit_test(becomes_a_subreaper),
		cmocka_unit_test(refuses_a_foreign_proc),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
