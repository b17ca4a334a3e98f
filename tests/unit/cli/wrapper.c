/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/wrapper.h"

/* --- decisions ------------------------------------------------------------- */

static void hands_on_what_was_sent_to_us_alone(void **state)
{
	static const struct {
		const char *what;
		struct wrapper_signal sig;
		bool on;
	} cases[] = {
		{ "kill PID of stray",
		  { SIGTERM, .sender = 9, .command = 5, .same_group = true },
		  true },
		{ "from outside our namespace",
		  { SIGTERM, .command = 5, .same_group = true },
		  true },
		{ "^C, same group",
		  { SIGINT, .from_kernel = true, .command = 5, .same_group = true },
		  false },
		{ "^C, the command in a group of its own",
		  { SIGINT, .from_kernel = true, .command = 5 },
		  true },
		{ "resized",
		  { SIGWINCH, .from_kernel = true, .command = 5, .same_group = true },
		  false },
		{ "resized, told by a person",
		  { SIGWINCH, .sender = 9, .command = 5, .same_group = true },
		  true },
		{ "hangup, we lead the session",
		  { SIGHUP, .from_kernel = true, .command = 5, .leader = true },
		  false },
		{ "hangup, another leads", { SIGHUP, .from_kernel = true, .command = 5 }, true },
		{ "^C does not go to a leader",
		  { SIGINT, .from_kernel = true, .command = 5, .leader = true },
		  true },
		{ "sent by the command",
		  { SIGTSTP, .sender = 5, .command = 5, .same_group = true },
		  false },
		{ "fg", { SIGCONT, .sender = 9, .command = 5, .continued = true }, false },
		{ "kill -CONT PID of stray", { SIGCONT, .sender = 9, .command = 5 }, true },
		{ "kill -PGID, same group",
		  { SIGTERM, .sender = 9, .command = 5, .same_group = true, .to_group = true },
		  false },
		{ "kill -PGID, the command in a group of its own",
		  { SIGTERM, .sender = 9, .command = 5, .to_group = true },
		  true },
		{ "alarm(2) before exec",
		  { SIGALRM, .from_kernel = true, .command = 5, .same_group = true },
		  true },
		{ "a limit on CPU time",
		  { SIGXCPU, .from_kernel = true, .command = 5, .same_group = true },
		  true },
		{ "our own broken pipe",
		  { SIGPIPE, .sender = 4, .self = 4, .command = 5, .same_group = true },
		  false },
		{ "kill -PIPE PID of stray",
		  { SIGPIPE, .sender = 9, .self = 4, .command = 5, .same_group = true },
		  true },
		{ "CONT aside", { SIGUSR1, .sender = 9, .command = 5, .continued = true }, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (wrapper_hands_on(&cases[i].sig) != cases[i].on)
			fail_msg("%s", cases[i].what);
}

static void statuses_are_a_shells(void **state)
{
	(void)state;
	assert_int_equal(wrapper_exit_status(CLD_EXITED, 0), 0);
	assert_int_equal(wrapper_exit_status(CLD_EXITED, 255), 255);
	assert_int_equal(wrapper_exit_status(CLD_KILLED, SIGTERM), 143);
	assert_int_equal(wrapper_exit_status(CLD_DUMPED, SIGSEGV), 139);
}

/* --- real commands --------------------------------------------------------- */

static int run(const char *script)
{
	char sh[] = "sh", c[] = "-c", *text = strdup(script);
	char *argv[] = { sh, c, text, NULL };
	struct wrapper w = WRAPPER_INIT;
	int exec_error = -1, status;
	sigset_t mask;

	sigprocmask(SIG_SETMASK, NULL, &mask);
	assert_int_equal(wrapper_init(&w, 4711), 0);
	assert_int_equal(wrapper_start(&w, "/bin/sh", argv, &mask, &exec_error), 0);
	assert_int_equal(exec_error, 0);
	status = wrapper_wait(&w, NULL, NULL);
	wrapper_release(&w);
	free(text);
	return status;
}

static void passes_statuses_on(void **state)
{
	(void)state;
	assert_int_equal(run("exit 0"), 0);
	assert_int_equal(run("exit 7"), 7);
	assert_int_equal(run("kill -KILL $$"), 137);
}

static void stamps_the_instance(void **state)
{
	char script[128];

	(void)state;
	snprintf(script, sizeof(script), "test \"$STRAY_INSTANCE\" = %d:4711", (int)getpid());
	assert_int_equal(run(script), 0);
	assert_null(getenv("STRAY_INSTANCE"));
}

/* Nothing that we block or set for ourselves is seen by the command. */
static void leaves_the_signals_alone(void **state)
{
	(void)state;
	assert_int_equal(run("grep -q '^SigBlk:[[:space:]]*0*$' /proc/self/status"), 0);
	assert_int_equal(run("test $(ps -o pgid= -p $$) -eq $(ps -o pgid= -p $PPID)"), 0);
}

static void hands_signals_on(void **state)
{
	(void)state;
	assert_int_equal(run("trap 'exit 41' USR1; kill -USR1 $PPID; kill -USR1 $PPID; exit 9"), 9);
	/* From another process: a child of the command. */
	assert_int_equal(run("sh -c \"kill -USR2 $PPID\" & exec sleep 60"), 128 + SIGUSR2);
}

static void waits_for_orphans(void **state)
{
	siginfo_t info;

	(void)state;
	/* The inner one is ours when its parent has ended; no zombie of it may stay. */
	assert_int_equal(run("p=$(sh -c 'sleep 0.01 >/dev/null & echo $!'); "
			     "while kill -0 $p 2>/dev/null; do sleep 0.01; done"),
			 0);
	assert_int_equal(waitid(P_ALL, 0, &info, WEXITED | WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

/* A child from before the command, which may leave us others. */
static void tells_whether_it_is_alone(void **state)
{
	struct wrapper w = WRAPPER_INIT;
	int ends[2];
	pid_t pid;

	(void)state;
	/* Some that the tests before have started may be on their way out. */
	while (waitid(P_ALL, 0, &(siginfo_t){ 0 }, WEXITED) == 0)
		;
	assert_false(wrapper_has_child());
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		char byte;

		close(ends[1]);
		_exit((int)read(ends[0], &byte, 1));
	}
	assert_true(pid > 0);
	assert_true(wrapper_has_child());
	assert_int_equal(wrapper_init(&w, 4711), 0);
	assert_true(w.shared);
	close(ends[0]);
	close(ends[1]);
	/* A child that has ended and was not waited for does not count. */
	assert_int_equal(waitid(P_PID, (id_t)pid, &(siginfo_t){ 0 }, WEXITED | WNOWAIT), 0);
	assert_false(wrapper_has_child());
	assert_int_equal(wrapper_init(&w, 4711), 0);
	assert_false(w.shared);
}

/* What cannot be executed, although it was there to be found. */
static void tells_why_nothing_runs(void **state)
{
	static const struct {
		const char *file;
		int error, status;
	} rows[] = {
		{ "/nowhere/at/all", ENOENT, 127 },
		{ "/etc/passwd", EACCES, 126 },
		{ "/", EACCES, 126 },
	};
	char name[] = "name", *argv[] = { name, NULL };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct wrapper w = WRAPPER_INIT;
		int exec_error = -1;
		sigset_t mask;

		sigprocmask(SIG_SETMASK, NULL, &mask);
		assert_int_equal(wrapper_start(&w, rows[i].file, argv, &mask, &exec_error), 0);
		assert_int_equal(exec_error, rows[i].error);
		assert_int_equal(w.pid, 0);
		assert_int_equal(w.status, rows[i].status);
		assert_int_equal(w.witness.pid, 0);
		wrapper_release(&w);
	}
}

static void a_signal_after_the_command_shortens(void **state)
{
	char name[] = "true", *argv[] = { name, NULL };
	struct wrapper w = WRAPPER_INIT;
	sigset_t mask;
	int exec_error;

	(void)state;
	sigprocmask(SIG_SETMASK, NULL, &mask);
	assert_int_equal(wrapper_start(&w, "/bin/sh", argv, &mask, &exec_error), 0);
	assert_int_equal(wrapper_wait(&w, NULL, NULL), 0);
	assert_int_equal(wrapper_pause(&w, 0), 0);
	raise(SIGUSR1);
	assert_int_equal(wrapper_pause(&w, 60000), 0);
	raise(SIGTERM);
	assert_int_equal(wrapper_pause(&w, 60000), 1);
	assert_int_equal(wrapper_pause(&w, 0), 0);
	raise(SIGINT);
	wrapper_let_go(&w);
	assert_true(wrapper_take_signals(&w));
	assert_false(wrapper_take_signals(&w));
	/* What waits at the end must not end us. */
	raise(SIGUSR2);
	raise(SIGTERM);
	raise(SIGTTOU);
	wrapper_release(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hands_on_what_was_sent_to_us_alone),
		cmocka_unit_test(statuses_are_a_shells),
		cmocka_unit_test(passes_statuses_on),
		cmocka_unit_test(stamps_the_instance),
		cmocka_unit_test(leaves_the_signals_alone),
		cmocka_unit_test(hands_signals_on),
		cmocka_unit_test(waits_for_orphans),
		cmocka_unit_test(tells_whether_it_is_alone),
		cmocka_unit_test(tells_why_nothing_runs),
		cmocka_unit_test(a_signal_after_the_command_shortens),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
