/* SPDX-License-Identifier: MIT */
#include "helpers/child.h"

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "linux/unixdiag.h"

static uint64_t ino_of(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return st.st_ino;
}

struct count {
	uint64_t ino;
	size_t nr, all;
	uint64_t peer;
};

static int count_one(void *ctx, const struct unixdiag_socket *sock)
{
	struct count *c = ctx;

	c->all++;
	if (sock->ino == c->ino) {
		c->nr++;
		c->peer = sock->peer;
	}
	return 0;
}

static void tells_of_both_ends_of_a_pair(void **state)
{
	struct unixdiag_socket sock;
	struct count count = { 0 };
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(unixdiag_find(ino_of(pair[0]), &sock), 0);
	assert_int_equal(sock.ino, ino_of(pair[0]));
	assert_int_equal(sock.type, SOCK_STREAM);
	assert_int_equal(sock.state, TCP_ESTABLISHED);
	assert_true(sock.has_peer);
	assert_int_equal(sock.peer, ino_of(pair[1]));
	assert_int_equal(sock.shutdown, 0);
	count.ino = ino_of(pair[1]);
	assert_int_equal(unixdiag_each(count_one, &count), 0);
	assert_int_equal(count.nr, 1);
	assert_int_equal(count.peer, ino_of(pair[0]));
	assert_true(count.all >= 2);
	close(pair[1]);
	assert_int_equal(unixdiag_find(ino_of(pair[0]), &sock), 0);
	assert_int_equal(sock.peer, 0);
	assert_int_equal(sock.shutdown, 3);
	close(pair[0]);
}

static void a_socket_that_is_not_there_is_not_found(void **state)
{
	struct unixdiag_socket sock;
	uint64_t ino;
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	ino = ino_of(pair[0]);
	close(pair[0]);
	close(pair[1]);
	assert_int_equal(unixdiag_find(ino, &sock), -ENOENT);
	assert_int_equal(unixdiag_find(0, &sock), -ENOENT);
	assert_int_equal(unixdiag_find(UINT64_C(1) << 32, &sock), -ENOENT);
	assert_int_equal(unixdiag_hung_up(ino), ANSWER_UNKNOWN);
}

static int stop_at_first(void *ctx, const struct unixdiag_socket *sock)
{
	(void)sock;
	++*(int *)ctx;
	return -ENOMEM;
}

static void an_error_of_the_caller_ends_the_list(void **state)
{
	int calls = 0, pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(unixdiag_each(stop_at_first, &calls), -ENOMEM);
	assert_int_equal(calls, 1);
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_of_both_ends_of_a_pair),
		cmocka_unit_test(a_socket_that_is_not_there_is_not_found),
		cmocka_unit_test(an_error_of_the_caller_ends_the_list),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
