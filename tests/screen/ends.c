/* SPDX-License-Identifier: MIT */
/* The terminal is given back on every way out, and not taken where that cannot be. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "screen/stage.h"

static void assert_given_back(struct stage *v)
{
	assert_true(pty_restored(&v->p));
	/* The cursor is there, the other screen is gone, the mouse is let go. */
	assert_true(pty_wrote(&v->p, "\033[?1049l"));
	assert_true(pty_wrote(&v->p, "1000l"));
	assert_int_equal(pty_find(&v->p, "F9Reap", NULL), -1);
}

static void q_gives_the_terminal_back(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .story = "main" });
	pty_send(&v->p, "q");
	assert_true(pty_wait_end(&v->p));
	assert_true(WIFEXITED(v->p.status) && WEXITSTATUS(v->p.status) == 0);
	assert_given_back(v);
	wait_text(v, "ended: 0 signal 0");
}

static void ends_by(struct stage *v, int signo, bool dies)
{
	stage_start(v, &(struct setting){ .story = "main" });
	kill(v->p.pid, signo);
	assert_true(pty_wait_end(&v->p));
	if (dies)
		assert_true(WIFSIGNALED(v->p.status) && WTERMSIG(v->p.status) == signo);
	else
		assert_true(WIFEXITED(v->p.status) && WEXITSTATUS(v->p.status) == 0);
	assert_given_back(v);
}

static void term_ends_it(void **state)
{
	ends_by(*state, SIGTERM, false);
}
static void int_ends_it(void **state)
{
	ends_by(*state, SIGINT, false);
}
static void hup_ends_it(void **state)
{
	ends_by(*state, SIGHUP, false);
}
static void quit_kills_it(void **state)
{
	ends_by(*state, SIGQUIT, true);
}
static void segv_kills_it(void **state)
{
	ends_by(*state, SIGSEGV, true);
}
static void abrt_kills_it(void **state)
{
	ends_by(*state, SIGABRT, true);
}

/* Whatever ends a program by default gives the terminal back first. */
static void other_signals_kill_it(void **state)
{
	const int signals[] = { SIGUSR2, SIGALRM, SIGVTALRM,	SIGPROF,     SIGIO,
				SIGPWR,	 SIGXCPU, SIGTRAP,	SIGSYS,	     SIGBUS,
				SIGFPE,	 SIGILL,  SIGRTMIN + 3, SIGRTMAX - 1 };
	struct stage *v = *state;

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		ends_by(v, signals[i], true);
		assert_true(pty_wrote(&v->p, "\033[?2004l"));
		pty_stop(&v->p);
		v->running = false;
	}
}

static void usr1_ticks(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .story = "main" });
	kill(v->p.pid, SIGUSR1);
	wait_text(v, "a tick, as USR1 asked");
	pty_send(&v->p, "q");
	wait_text(v, "ended: 0 signal 0");
}

/* Nothing reads what it draws, until it waits in a write; TERM ends it all the same. */
static void term_ends_it_while_output_is_blocked(void **state)
{
	int64_t until = clock_ms(CLOCK_MONOTONIC) + PTY_DEADLINE_MS;
	struct stage *v = *state;
	char wchan[64] = "";
	int status = -1;

	stage_start(v, &(struct setting){ .rows = 60, .cols = 200 });
	/* Each Ctrl-L that it reads by itself draws all of it, until the terminal's buffer is full. */
	while (!strstr(wchan, "write") && clock_ms(CLOCK_MONOTONIC) < until) {
		char path[64];
		FILE *f;

		pty_send(&v->p, "\f");
		snprintf(path, sizeof(path), "/proc/%d/syscall", (int)v->p.pid);
		f = fopen(path, "r");
		if (f && fscanf(f, "%63s", wchan) == 1 && !strcmp(wchan, "1"))
			snprintf(wchan, sizeof(wchan), "write");
		if (f)
			fclose(f);
		else
			break; /* this kernel does not tell; then it may not have got there */
		usleep(2000);
	}
	kill(v->p.pid, SIGTERM);
	while (waitpid(v->p.pid, &status, WNOHANG) == 0) {
		assert_true(clock_ms(CLOCK_MONOTONIC) < until);
		usleep(2000);
	}
	v->p.status = status;
	assert_true(pty_restored(&v->p));
	while (pty_pump(&v->p, 50))
		;
	assert_true(pty_wrote(&v->p, "\033[?1049l"));
}

/* SIGSTOP cannot be caught: what a shell does to the terminal meanwhile is undone. */
static void raw_mode_is_set_again_after_stop_and_cont(void **state)
{
	struct stage *v = *state;
	struct termios now;
	int status;

	stage_start(v, &(struct setting){ .story = "main" });
	kill(v->p.pid, SIGSTOP);
	assert_int_equal(waitpid(v->p.pid, &status, WUNTRACED), v->p.pid);
	assert_int_equal(tcsetattr(v->p.slave, TCSANOW, &v->p.before), 0);
	kill(v->p.pid, SIGCONT);
	pty_send(&v->p, "U");
	wait_text(v, "none tagged");
	assert_int_equal(tcgetattr(v->p.slave, &now), 0);
	assert_false(now.c_lflag & ICANON);
	pty_send(&v->p, "q");
	wait_text(v, "ended: 0");
}

static void a_hang_up_ends_it(void **state)
{
	struct stage *v = *state;
	int64_t until = clock_ms(CLOCK_MONOTONIC) + PTY_DEADLINE_MS;
	int status;

	stage_start(v, &(struct setting){ .story = "main" });
	/* Both ends: then the terminal is gone. HUP alone would end it, too. */
	close(v->p.slave);
	close(v->p.fd);
	v->p.fd = v->p.slave = open("/dev/null", O_RDWR);
	v->p.slave = dup(v->p.fd);
	while (waitpid(v->p.pid, &status, WNOHANG) == 0) {
		assert_true(clock_ms(CLOCK_MONOTONIC) < until);
		usleep(10000);
	}
	v->p.status = status;
}

/*
 * The view leads its session here, and a group without a parent in the session
 * is not stopped by TSTP; as under a shell it needs a parent: see job_main().
 */
static void ctrl_z_and_back_with_a_resize(void **state)
{
	struct stage *v = *state;
	char *argv[] = { (char *)"/proc/self/exe", (char *)"--job", stage_view, NULL };
	char dir[96];
	char *env[] = { dir,
			(char *)"TERM=xterm-256color",
			(char *)"LC_ALL=C.UTF-8",
			(char *)"TZ=UTC",
			(char *)"PATH=/usr/bin:/bin",
			NULL };

	snprintf(dir, sizeof(dir), "STRAY_STATE_DIR=%s", v->dir);
	pty_start(&v->p, 24, 80, argv, env);
	v->running = true;
	wait_text(v, "F9Reap");
	pty_send(&v->p, "\032");
	wait_text(v, "JOB STOPPED");
	assert_true(pty_restored(&v->p));
	pty_resize(&v->p, 30, 100);
	pty_send(&v->p, "g\n"); /* the parent lets it go on */
	wait_text(v, "F9Reap");
	wait_gone(v, "JOB STOPPED");
	pty_send(&v->p, "j");
	wait_cursor(v, 5);
	assert_true(pty_find(&v->p, "F10Quit", NULL) == 29);
	pty_send(&v->p, "q");
	wait_text(v, "ended: 0");
}

/* What a shell does with a job, as far as stopping goes. */
static int job_main(char **argv)
{
	pid_t pid = fork();
	int status;
	char c;

	if (pid < 0)
		return 1;
	if (pid == 0) {
		char *args[] = { argv[2], (char *)"main", NULL };

		setpgid(0, 0);
		signal(SIGTTOU, SIG_IGN);
		tcsetpgrp(0, getpid());
		signal(SIGTTOU, SIG_DFL);
		execv(argv[2], args);
		_exit(127);
	}
	setpgid(pid, pid);
	signal(SIGTTOU, SIG_IGN);
	signal(SIGTTIN, SIG_IGN);
	if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status))
		return 1;
	tcsetpgrp(0, getpid());
	dprintf(1, "JOB STOPPED\n");
	while (read(0, &c, 1) == 1 && c != 'g')
		;
	tcsetpgrp(0, pid);
	kill(-pid, SIGCONT);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static void not_a_terminal(void **state)
{
	struct stage *v = *state;
	char command[4300], line[256] = "", state_dir[96];
	FILE *f;

	snprintf(state_dir, sizeof(state_dir), "%s", v->dir);
	setenv("STRAY_STATE_DIR", state_dir, 1);
	snprintf(command, sizeof(command), "%s main 2>&1 </dev/null", stage_view);
	f = popen(command, "r");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	assert_string_equal(line, "view: not a terminal\n");
	assert_null(fgets(line, sizeof(line), f));
	assert_int_equal(WEXITSTATUS(pclose(f)), 2);
}

static void unknown_terminals_are_refused(void **state)
{
	static const struct {
		const char *term, *said;
	} cases[] = {
		{ "TERM=no-such-terminal",
		  "terminfo does not know TERM='no-such-terminal', try TERM=xterm-256color s" },
		{ "TERM=dumb", "dumb" },
		{ "TERM=", "TERM is not set" },
	};
	struct stage *v = *state;

	for (size_t i = 0; i < 3; i++) {
		char dir[96];
		char *argv[] = { stage_view, (char *)"main", NULL };
		char *env[] = { dir, (char *)cases[i].term, (char *)"LC_ALL=C.UTF-8", NULL };

		snprintf(dir, sizeof(dir), "STRAY_STATE_DIR=%s", v->dir);
		pty_start(&v->p, 24, 80, argv, env);
		assert_true(pty_wait_end(&v->p));
		wait_text(v, cases[i].said);
		assert_int_equal(WEXITSTATUS(v->p.status), 2);
		assert_false(pty_wrote(&v->p, "\033"));
		assert_true(pty_restored(&v->p));
		pty_stop(&v->p);
	}
}

int main(int argc, char **argv)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, stage_set_up, stage_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(q_gives_the_terminal_back),
		TEST(term_ends_it),
		TEST(int_ends_it),
		TEST(hup_ends_it),
		TEST(quit_kills_it),
		TEST(segv_kills_it),
		TEST(abrt_kills_it),
		TEST(other_signals_kill_it),
		TEST(usr1_ticks),
		TEST(term_ends_it_while_output_is_blocked),
		TEST(raw_mode_is_set_again_after_stop_and_cont),
		TEST(a_hang_up_ends_it),
		TEST(ctrl_z_and_back_with_a_resize),
		TEST(not_a_terminal),
		TEST(unknown_terminals_are_refused),
	};

	if (argc > 2 && !strcmp(argv[1], "--job"))
		return job_main(argv);
	if (stage_find_view() < 0)
		return 1;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
