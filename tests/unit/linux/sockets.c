/* SPDX-License-Identifier: MIT */
#include "helpers/child.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include "linux/sockets.h"

static void lists_of_inodes(void **state)
{
	struct inodes list = { 0 };

	(void)state;
	assert_false(inodes_has(&list, 0));
	inodes_sort(&list);
	for (uint64_t i = 1000; i; i--)
		assert_int_equal(inodes_add(&list, i * 3), 0);
	inodes_sort(&list);
	for (uint64_t i = 1; i <= 3000; i++)
		assert_int_equal(inodes_has(&list, i), i % 3 == 0);
	inodes_release(&list);
	assert_int_equal(list.nr, 0);
}

static void sockets_are_told_from_files(void **state)
{
	int fds[2], file = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct inodes list = { 0 };
	struct stat st;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	assert_int_equal(sockets_of(getpid(), &list), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(fstat(fds[i], &st), 0);
		assert_true(inodes_has(&list, st.st_ino));
	}
	assert_int_equal(fstat(file, &st), 0);
	assert_false(inodes_has(&list, st.st_ino));
	inodes_release(&list);
	close(fds[0]);
	close(fds[1]);
	close(file);
}

static int stop_at_once(void *ctx, const char *fd, const char *target)
{
	assert_true(fd[0] >= '0' && fd[0] <= '9' && target[0]);
	++*(int *)ctx;
	return -EUCLEAN;
}

static void a_walk_can_be_cut_short(void **state)
{
	int calls = 0;

	(void)state;
	assert_int_equal(fds_each(getpid(), stop_at_once, &calls), -EUCLEAN);
	assert_int_equal(calls, 1);
}

static void ended_process_has_no_sockets(void **state)
{
	struct child child = child_fork(child_plain, NULL);
	struct inodes list = { 0 };
	uint64_t ours, its;

	(void)state;
	assert_int_equal(net_ns_of(0, &ours), 0);
	assert_int_equal(net_ns_of(child.pid, &its), 0);
	assert_int_equal(ours, its);
	child_end(&child);
	assert_int_equal(sockets_of(child.pid, &list), -ESRCH);
	assert_int_equal(net_ns_of(child.pid, &its), -ESRCH);
	inodes_release(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_of_inodes),
		cmocka_unit_test(sockets_are_told_from_files),
		cmocka_unit_test(a_walk_can_be_cut_short),
		cmocka_unit_test(ended_process_has_no_sockets),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
