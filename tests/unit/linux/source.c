/* SPDX-License-Identifier: MIT */
#include "helpers/sourced.h"

#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>

static void the_clocks_are_those_of_the_system(void **state)
{
	struct source_time a, b;
	struct sourced s;

	(void)state;
	sourced_init(&s);
	s.src->ops->now(s.src, &a);
	s.src->ops->now(s.src, &b);
	assert_true(a.monotonic_ms > 0 && b.monotonic_ms >= a.monotonic_ms);
	/* The later one of boottime: both are read one after the other, and are equal at best. */
	assert_true(b.boottime_ms >= a.boottime_ms && b.boottime_ms >= a.monotonic_ms);
	assert_true(a.realtime_ms > INT64_C(1500000000) * 1000);
	sourced_release(&s);
}

static void waits_for_no_process_between_scans(void **state)
{
	struct sourced s;
	int64_t since;

	(void)state;
	sourced_init(&s);
	snapshot_unref(sourced_scan(&s, SCAN_FULL));
	assert_int_equal(s.src->ops->waits_for(s.src, &since), 0);
	sourced_release(&s);
}

static void a_foreign_proc_is_refused(void **state)
{
	struct sourced s;
	int status;
	pid_t pid;

	(void)state;
	sourced_init(&s);
	pid = fork();
	if (pid == 0) {
		/* Its child is in another pid namespace than /proc. */
		if (unshare(CLONE_NEWPID) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWPID) < 0)
			_exit(77);
		pid = fork();
		if (pid == 0) {
			struct snapshot *snap;
			int r = s.src->ops->scan(s.src, SCAN_FULL, &snap);

			_exit(r == -ESTALE ? 0 : 1);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			_exit(2);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 3);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	sourced_release(&s);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip(); /* no new namespaces for this user */
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void snapshots_outlive_the_source(void **state)
{
	struct snapshot *snap;
	struct sourced s;

	(void)state;
	sourced_init(&s);
	snap = sourced_scan(&s, SCAN_FULL);
	sourced_release(&s);
	assert_non_null(snapshot_find(snap, getpid()));
	snapshot_unref(snap);
}

static void listen_on_loopback(const struct child_side *side, void *ctx)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (void *)&addr, len) < 0 || listen(fd, 1) < 0 ||
	    getsockname(fd, (void *)&addr, &len) < 0 || write(*(int *)ctx, &addr.sin_port, 2) != 2)
		_exit(92);
	child_ready(side);
	child_live(side);
}

static void probes_fill_what_was_asked(void **state)
{
	struct child listener, quiet = child_fork(child_plain, NULL);
	struct child gone = child_fork(child_plain, NULL);
	struct probe probes[3];
	struct sourced s;
	uint16_t port;
	int fds[2];

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	listener = child_fork(listen_on_loopback, &fds[1]);
	assert_int_equal(read(fds[0], &port, 2), 2);
	child_end(&gone);
	memset(probes, 0xa5, sizeof(probes)); /* all but the pid is the source's to set */
	probes[0].pid = quiet.pid;
	probes[1].pid = listener.pid;
	probes[2].pid = gone.pid;
	sourced_init(&s);
	assert_int_equal(s.src->ops->probe(s.src, probes, 3), 0);
	for (int i = 0; i < 3; i++)
		assert_false(probes[i].failed || probes[i].window);
	assert_int_equal(probes[0].nr_ports, 0);
	assert_null(probes[0].ports);
	assert_int_equal(probes[1].nr_ports, 1);
	assert_int_equal(probes[1].ports[0], ntohs(port));
	assert_int_equal(probes[2].nr_ports, 0);
	free(probes[1].ports);
	assert_int_equal(s.src->ops->probe(s.src, NULL, 0), 0);
	sourced_release(&s);
	child_end(&listener);
	child_end(&quiet);
}

static void a_watched_end_can_be_polled_for(void **state)
{
	struct child desktop = child_fork(child_plain, NULL);
	struct pollfd p = { .events = POLLIN };
	struct identity id;
	struct snapshot *snap;
	struct sourced s;

	(void)state;
	sourced_init(&s);
	p.fd = s.src->ops->watch_fd(s.src);
	assert_true(p.fd >= 0);
	snap = sourced_scan(&s, SCAN_FULL);
	id = snapshot_find(snap, desktop.pid)->id;
	snapshot_unref(snap);
	assert_int_equal(s.src->ops->watch(s.src, &id, 1), 0);
	assert_int_equal(poll(&p, 1, 0), 0);
	assert_false(s.src->ops->watch_ended(s.src, &id));
	child_make_zombie(&desktop);
	assert_int_equal(poll(&p, 1, -1), 1);
	assert_true(s.src->ops->watch_ended(s.src, &id));
	assert_int_equal(s.src->ops->watch(s.src, NULL, 0), 0);
	assert_int_equal(poll(&p, 1, 0), 0);
	assert_false(s.src->ops->watch_ended(s.src, &id));
	sourced_release(&s);
	child_end(&desktop);
}

static void a_pid_that_none_has_has_ended(void **state)
{
	struct child child = child_fork(child_plain, NULL);
	struct sourced s;

	(void)state;
	sourced_init(&s);
	assert_int_equal(s.src->ops->ended(s.src, child.pid), ANSWER_NO);
	child_make_zombie(&child);
	assert_int_equal(s.src->ops->ended(s.src, child.pid), ANSWER_YES);
	child_end(&child);
	assert_int_equal(s.src->ops->ended(s.src, child.pid), ANSWER_YES);
	assert_int_equal(s.src->ops->ended(s.src, -1), ANSWER_UNKNOWN);
	sourced_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_clocks_are_those_of_the_system),
		cmocka_unit_test(waits_for_no_process_between_scans),
		cmocka_unit_test(a_foreign_proc_is_refused),
		cmocka_unit_test(snapshots_outlive_the_source),
		cmocka_unit_test(probes_fill_what_was_asked),
		cmocka_unit_test(a_watched_end_can_be_polled_for),
		cmocka_unit_test(a_pid_that_none_has_has_ended),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
