/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "service/notify.h"

static void test_status_text(void **state)
{
	struct tick_summary s = { .complete = true, .instances = 1, .agents = 3, .orphans = 2 };
	char buf[160];

	(void)state;
	notify_status_text(buf, sizeof(buf), &s);
	assert_string_equal(buf, "1 instance, 3 agents, 2 orphans");
	s.exited = 1;
	s.killed = 2;
	s.refused = 1;
	s.complete = false;
	notify_status_text(buf, sizeof(buf), &s);
	assert_string_equal(buf, "1 instance, 3 agents, 2 orphans; last tick: 3 ended, 1 survived; "
				 "the last scan was incomplete");
	notify_status_text(buf, 12, &s);
	assert_string_equal(buf, "1 instance,");
}

/* Without a manager the functions do nothing, and there is no watchdog. */
static void test_nobody_listens(void **state)
{
	struct tick_summary s = { 0 };

	(void)state;
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	notify_ready(&s);
	notify_watchdog();
	assert_int_equal(notify_watchdog_ms(), 0);
}

#ifdef HAVE_LIBSYSTEMD
static char dir[] = "/tmp/stray-notify-XXXXXX";

static void expect(int fd, const char *begins)
{
	char buf[512];
	ssize_t len = recv(fd, buf, sizeof(buf) - 1, MSG_DONTWAIT);

	if (len < 0)
		fail_msg("nothing was sent, not even '%s'", begins);
	buf[len] = '\0';
	if (strncmp(buf, begins, strlen(begins)) != 0)
		fail_msg("'%s' does not begin with '%s'", buf, begins);
}

static void test_messages(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct tick_summary s = { .complete = true };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char pid[32];

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/notify", dir);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("WATCHDOG_PID", pid, 1);
	setenv("WATCHDOG_USEC", "300000000", 1);

	notify_ready(&s);
	expect(fd, "READY=1\nSTATUS=0 instances, 0 agents, 0 orphans");
	notify_status(&s);
	expect(fd, "STATUS=0 instances");
	notify_reloading();
	expect(fd, "RELOADING=1\nMONOTONIC_USEC=");
	notify_watchdog();
	expect(fd, "WATCHDOG=1");
	notify_stopping();
	expect(fd, "STOPPING=1");
	assert_int_equal(notify_watchdog_ms(), 150000);

	close(fd);
	unlink(address.sun_path);
	rmdir(dir);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status_text),
		cmocka_unit_test(test_nobody_listens),
#ifdef HAVE_LIBSYSTEMD
		cmocka_unit_test(test_messages),
#endif
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
