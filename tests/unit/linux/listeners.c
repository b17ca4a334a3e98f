/* SPDX-License-Identifier: MIT */
#include "helpers/child.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "linux/listeners.h"

/* A socket bound to a free port of the loopback, the test's own; its port in *port. */
static int bound(int family, int type, uint16_t *port)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	socklen_t len = family == AF_INET ? sizeof(v4) : sizeof(v6);
	struct sockaddr *addr = family == AF_INET ? (void *)&v4 : (void *)&v6;
	int fd = socket(family, type | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, addr, len) < 0 || getsockname(fd, addr, &len) < 0)
		return -1;
	*port = ntohs(family == AF_INET ? v4.sin_port : v6.sin6_port);
	return fd;
}

static bool has(const uint16_t *ports, size_t nr, uint16_t port)
{
	for (size_t i = 0; i < nr; i++)
		if (ports[i] == port)
			return true;
	return false;
}

static void finds_what_listens(void **state)
{
	uint16_t tcp, tcp6 = 0, udp, idle, busy, *ports;
	int fd_tcp = bound(AF_INET, SOCK_STREAM, &tcp);
	int fd_tcp6 = bound(AF_INET6, SOCK_STREAM, &tcp6);
	int fd_udp = bound(AF_INET, SOCK_DGRAM, &udp), fd_idle = bound(AF_INET, SOCK_STREAM, &idle);
	int fd_busy = bound(AF_INET, SOCK_DGRAM, &busy);
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(udp),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct listeners l = { 0 };
	size_t nr;

	(void)state;
	assert_true(fd_tcp >= 0 && fd_udp >= 0 && fd_idle >= 0 && fd_busy >= 0);
	assert_int_equal(listen(fd_tcp, 1), 0);
	if (fd_tcp6 >= 0)
		assert_int_equal(listen(fd_tcp6, 1), 0);
	assert_int_equal(connect(fd_busy, (void *)&to, sizeof(to)), 0);
	assert_int_equal(listeners_of(&l, getpid(), &ports, &nr), 0);
	assert_true(has(ports, nr, tcp));
	assert_true(has(ports, nr, udp));
	assert_true(fd_tcp6 < 0 || has(ports, nr, tcp6));
	assert_int_equal(nr, 2 + (fd_tcp6 >= 0)); /* not the idle, not the connected one */
	for (size_t i = 1; i < nr; i++)
		assert_true(ports[i - 1] < ports[i]);
	free(ports);
	listeners_release(&l);
	close(fd_tcp);
	close(fd_udp);
	close(fd_idle);
	close(fd_busy);
	if (fd_tcp6 >= 0)
		close(fd_tcp6);
}

static void keep_only(const struct child_side *side, void *ctx)
{
	int fd = *(int *)ctx;

	for (int i = 3; i < 64; i++)
		if (i != fd && i != side->ready && i != side->lifeline)
			close(i);
	child_ready(side);
	child_live(side);
}

static void is_asked_process_by_process(void **state)
{
	uint16_t port, other, *ports;
	int fd = bound(AF_INET, SOCK_STREAM, &port), fd_other = bound(AF_INET, SOCK_STREAM, &other);
	struct listeners l = { 0 };
	struct child child, none;
	int nothing = -1;
	size_t nr;

	(void)state;
	assert_int_equal(listen(fd, 1) | listen(fd_other, 1), 0);
	child = child_fork(keep_only, &fd);
	none = child_fork(keep_only, &nothing);
	assert_int_equal(listeners_of(&l, child.pid, &ports, &nr), 0);
	assert_int_equal(nr, 1);
	assert_int_equal(ports[0], port);
	free(ports);
	assert_int_equal(l.nr, 1);
	assert_int_equal(listeners_of(&l, none.pid, &ports, &nr), 0);
	assert_int_equal(nr, 0);
	assert_null(ports);
	child_end(&child);
	child_end(&none);
	assert_int_equal(listeners_of(&l, child.pid, &ports, &nr), -ESRCH);
	listeners_release(&l);
	close(fd);
	close(fd_other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_listens),
		cmocka_unit_test(is_asked_process_by_process),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
