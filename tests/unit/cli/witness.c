/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/witness.h"
#include "linux/pidfd.h"

/* A group of our own, or the test's runner would get what is sent to it. */
static int setup(void **state)
{
	(void)state;
	return setpgid(0, 0) < 0 && getpgrp() != getpid();
}

static void knows_what_was_sent_to_it_once_each(void **state)
{
	struct witness w;

	(void)state;
	witness_start(&w);
	assert_true(w.pid > 0);
	assert_int_equal(getpgid(w.pid), getpgrp());
	assert_false(witness_has(&w, SIGTERM));
	assert_int_equal(pidfd_signal(w.pidfd, SIGTERM), 0);
	assert_false(witness_has(&w, SIGINT));
	assert_true(witness_has(&w, SIGTERM));
	assert_false(witness_has(&w, SIGTERM));
	/* Real-time signals queue. */
	assert_int_equal(pidfd_signal(w.pidfd, SIGRTMIN + 3), 0);
	assert_int_equal(pidfd_signal(w.pidfd, SIGRTMIN + 3), 0);
	assert_true(witness_has(&w, SIGRTMIN + 3));
	assert_true(witness_has(&w, SIGRTMIN + 3));
	assert_false(witness_has(&w, SIGRTMIN + 3));
	witness_stop(&w);
	assert_int_equal(waitpid(-1, NULL, 0), -1);
	assert_int_equal(errno, ECHILD);
}

static void a_stopped_one_knows_nothing_and_ends_all_the_same(void **state)
{
	struct witness w;

	(void)state;
	witness_start(&w);
	assert_int_equal(pidfd_signal(w.pidfd, SIGTERM), 0);
	assert_int_equal(pidfd_signal(w.pidfd, SIGSTOP), 0);
	assert_int_equal(waitpid(w.pid, NULL, WUNTRACED), w.pid);
	assert_false(witness_has(&w, SIGTERM));
	assert_int_equal(w.pid, 0);
	assert_int_equal(waitpid(-1, NULL, 0), -1);
	assert_false(witness_has(&w, SIGTERM));
	witness_stop(&w);
}

static void one_that_has_ended_knows_nothing(void **state)
{
	struct witness w;

	(void)state;
	witness_start(&w);
	assert_int_equal(pidfd_signal(w.pidfd, SIGKILL), 0);
	assert_int_equal(waitpid(w.pid, NULL, 0), w.pid);
	witness_forget(&w);
	assert_int_equal(w.pid, 0);
	assert_false(witness_has(&w, SIGTERM));
	witness_stop(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_what_was_sent_to_it_once_each),
		cmocka_unit_test(a_stopped_one_knows_nothing_and_ends_all_the_same),
		cmocka_unit_test(one_that_has_ended_knows_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, NULL);
}
