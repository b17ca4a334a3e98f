/* SPDX-License-Identifier: MIT */
#include "helpers/child.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "linux/hangup.h"

/* What a child has as its standard input and output; -1: /dev/null. */
struct ends {
	int in, out;
};

static void with_ends(const struct child_side *side, void *ctx)
{
	const struct ends *e = ctx;
	int null = open("/dev/null", O_RDWR);

	if (dup2(e->in < 0 ? null : e->in, 0) < 0 || dup2(e->out < 0 ? null : e->out, 1) < 0)
		_exit(90);
	/* Nothing else of it, and of the test, may hold the other ends open. */
	for (int fd = 3; fd < 200; fd++)
		if (fd != side->ready && fd != side->lifeline)
			close(fd);
	child_ready(side);
	child_live(side);
}

struct two_pipes {
	int in[2], out[2];
	struct child child;
};

static void pipes_start(struct two_pipes *p)
{
	assert_int_equal(pipe2(p->in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(p->out, O_CLOEXEC), 0);
	p->child = child_fork(with_ends, &(struct ends){ p->in[0], p->out[1] });
	close(p->in[0]);
	close(p->out[1]);
}

static void pipes_without_another_end_have_hung_up(void **state)
{
	struct two_pipes p;

	(void)state;
	pipes_start(&p);
	assert_int_equal(hangup_of(p.child.pid), ANSWER_NO);
	close(p.in[1]);
	close(p.out[0]);
	assert_int_equal(hangup_of(p.child.pid), ANSWER_YES);
	child_end(&p.child);
	assert_int_equal(hangup_of(p.child.pid), ANSWER_UNKNOWN);
}

static void one_closed_end_is_not_enough(void **state)
{
	struct two_pipes p;

	(void)state;
	pipes_start(&p);
	close(p.in[1]);
	assert_int_equal(hangup_of(p.child.pid), ANSWER_NO);
	child_end(&p.child);
	close(p.out[0]);

	pipes_start(&p);
	close(p.out[0]);
	assert_int_equal(hangup_of(p.child.pid), ANSWER_NO);
	child_end(&p.child);
	close(p.in[1]);
}

/* A byte that waits in the pipe is still there, and no end is kept open. */
static void nothing_is_read_or_kept_open(void **state)
{
	struct two_pipes p;
	struct pollfd poll_in;
	int waiting = 0;
	char byte;

	(void)state;
	pipes_start(&p);
	assert_int_equal(write(p.in[1], "xyz", 3), 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(hangup_of(p.child.pid), ANSWER_NO);
	assert_int_equal(ioctl(p.in[1], FIONREAD, &waiting), 0);
	assert_int_equal(waiting, 3);
	child_end(&p.child);
	/* Were a reader or a writer left, these would not be told of. */
	poll_in = (struct pollfd){ .fd = p.in[1], .events = POLLOUT };
	assert_int_equal(poll(&poll_in, 1, 0), 1);
	assert_true(poll_in.revents & POLLERR);
	assert_int_equal(read(p.out[0], &byte, 1), 0);
	close(p.in[1]);
	close(p.out[0]);
}

static void sockets_without_another_end_have_hung_up(void **state)
{
	struct child child;
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	child = child_fork(with_ends, &(struct ends){ pair[1], pair[1] });
	close(pair[1]);
	assert_int_equal(hangup_of(child.pid), ANSWER_NO);
	/* Shut down is not closed: the client may still be there. */
	assert_int_equal(shutdown(pair[0], SHUT_RDWR), 0);
	assert_int_equal(hangup_of(child.pid), ANSWER_NO);
	close(pair[0]);
	assert_int_equal(hangup_of(child.pid), ANSWER_YES);
	child_end(&child);
}

/* Until the server accepts it, a connection's other end belongs to no file. */
static void a_connection_that_waits_to_be_accepted_has_not_hung_up(void **state)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(addr);
	struct child child;

	(void)state;
	/* A name of the kernel's choice. */
	assert_int_equal(bind(server, (void *)&addr, sizeof(addr.sun_family)), 0);
	assert_int_equal(getsockname(server, (void *)&addr, &len), 0);
	assert_int_equal(listen(server, 1), 0);
	assert_int_equal(connect(client, (void *)&addr, len), 0);
	child = child_fork(with_ends, &(struct ends){ client, client });
	close(client);
	assert_int_equal(hangup_of(child.pid), ANSWER_NO);
	close(server);
	assert_int_equal(hangup_of(child.pid), ANSWER_YES);
	child_end(&child);
}

/* Opening a FIFO for writing would wake a reader that waits for its writer. */
static void a_fifo_is_never_opened(void **state)
{
	char dir[] = "/tmp/hangup-XXXXXX", path[40];
	struct child child;
	struct pollfd waiting;
	int in, out;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/fifo", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	in = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	out = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(in >= 0 && out >= 0);
	child = child_fork(with_ends, &(struct ends){ in, out });
	close(out);
	assert_int_equal(hangup_of(child.pid), ANSWER_NO);
	child_end(&child);
	waiting = (struct pollfd){ .fd = in, .events = POLLIN };
	assert_int_equal(poll(&waiting, 1, 0), 1);
	assert_int_equal(waiting.revents & POLLIN, 0);
	close(in);
	unlink(path);
	rmdir(dir);
}

static void files_and_devices_are_connected(void **state)
{
	struct child child = child_fork(with_ends, &(struct ends){ -1, -1 });

	(void)state;
	assert_int_equal(hangup_of(child.pid), ANSWER_NO);
	child_end(&child);
}

static void a_socket_of_another_family_cannot_be_told(void **state)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct child child;

	(void)state;
	assert_true(fd >= 0);
	child = child_fork(with_ends, &(struct ends){ fd, fd });
	assert_int_equal(hangup_of(child.pid), ANSWER_UNKNOWN);
	child_end(&child);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pipes_without_another_end_have_hung_up),
		cmocka_unit_test(one_closed_end_is_not_enough),
		cmocka_unit_test(nothing_is_read_or_kept_open),
		cmocka_unit_test(sockets_without_another_end_have_hung_up),
		cmocka_unit_test(a_connection_that_waits_to_be_accepted_has_not_hung_up),
		cmocka_unit_test(a_fifo_is_never_opened),
		cmocka_unit_test(files_and_devices_are_connected),
		cmocka_unit_test(a_socket_of_another_family_cannot_be_told),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
