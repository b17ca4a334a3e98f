/* SPDX-License-Identifier: MIT */
#ifndef HELPERS_CHILD_H
#define HELPERS_CHILD_H

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "linux/pidfd.h"

/*
 * Real processes for unit tests, signalled through pidfds only. Each ends when
 * its lifeline, a pipe whose other end the test holds, is closed: so none stays
 * behind when the test itself dies.
 */
struct child {
	pid_t pid;
	int lifeline; /* the test's end */
};

/* For the function of child_fork(): tell the test that all is set up, then live. */
struct child_side {
	int ready, lifeline;
};

static inline void child_ready(const struct child_side *side)
{
	if (write(side->ready, "r", 1) != 1)
		_exit(99);
}

static inline void child_live(const struct child_side *side)
{
	char byte;

	while (read(side->lifeline, &byte, 1) > 0 || errno == EINTR)
		errno = 0;
	_exit(0);
}

static inline void child_plain(const struct child_side *side, void *ctx)
{
	(void)ctx;
	child_ready(side);
	child_live(side);
}

/* fork(2) into that pid, which must be free (root only); 0: any. */
static inline pid_t child_clone(pid_t pid)
{
	struct clone_args args = { .exit_signal = SIGCHLD };

	if (!pid)
		return fork();
	args.set_tid = (uintptr_t)&pid;
	args.set_tid_size = 1;
	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

/*
 * A child with that pid (0: any) runs @body, which calls child_ready() and
 * child_live(); the call returns once it is ready. A pid of -1 in the result:
 * this user may not choose pids.
 */
static inline struct child child_fork_as(pid_t pid, void (*body)(const struct child_side *, void *),
					 void *ctx)
{
	int ready[2], lifeline[2];
	struct child child;
	char byte;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	assert_int_equal(pipe2(lifeline, O_CLOEXEC), 0);
	child.pid = child_clone(pid);
	assert_true(pid || child.pid >= 0);
	if (child.pid == 0) {
		struct child_side side = { .ready = ready[1], .lifeline = lifeline[0] };

		close(lifeline[1]);
		close(ready[0]);
		body(&side, ctx);
		_exit(98);
	}
	close(ready[1]);
	close(lifeline[0]);
	child.lifeline = lifeline[1];
	if (child.pid > 0)
		assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return child;
}

static inline struct child child_fork(void (*body)(const struct child_side *, void *), void *ctx)
{
	return child_fork_as(0, body, ctx);
}

/*
 * For a child that turns into cat(1): a byte that goes through it and back is the
 * sign that its exec(2) is over. Pipes that the exec closes are none, nor is its
 * /proc/PID/exe: both come before the new environment is in place.
 */
struct echo {
	int in[2], out[2];
};

static inline void echo_init(struct echo *echo)
{
	assert_int_equal(pipe2(echo->in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(echo->out, O_CLOEXEC), 0);
}

/* In the child. */
static inline void echo_exec(const struct echo *echo, const char *argv0, char *const envp[])
{
	char *const argv[] = { (char *)argv0, NULL };

	if (dup2(echo->in[0], 0) == 0 && dup2(echo->out[1], 1) == 1)
		execve("/bin/cat", argv, envp);
	_exit(97);
}

/* In the test: wait for that; what is left to close is its lifeline. */
static inline int echo_wait(struct echo *echo)
{
	char byte;

	close(echo->in[0]);
	close(echo->out[1]);
	assert_int_equal(write(echo->in[1], "x", 1), 1);
	assert_int_equal(read(echo->out[0], &byte, 1), 1);
	close(echo->out[0]);
	return echo->in[1];
}

/* A child that runs cat(1) under the name @argv0 with that environment; exec is over. */
static inline struct child child_exec(const char *argv0, char *const envp[])
{
	struct child child;
	struct echo echo;

	echo_init(&echo);
	child.pid = fork();
	assert_true(child.pid >= 0);
	if (child.pid == 0)
		echo_exec(&echo, argv0, envp);
	child.lifeline = echo_wait(&echo);
	return child;
}

/*
 * The lifeline alone would not do: children that were forked later hold a copy
 * of its end, too.
 */
static inline void child_kill(struct child *child)
{
	int fd = pidfd_of(child->pid);

	if (fd >= 0) {
		pidfd_signal(fd, SIGKILL);
		close(fd);
	}
	if (child->lifeline >= 0)
		close(child->lifeline);
	child->lifeline = -1;
}

/* Kill it, and leave it a zombie until child_end(). */
static inline void child_make_zombie(struct child *child)
{
	siginfo_t info;

	child_kill(child);
	assert_int_equal(waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOWAIT), 0);
}

/* Kill it and take its status off. */
static inline void child_end(struct child *child)
{
	child_kill(child);
	assert_int_equal(waitpid(child->pid, NULL, 0), child->pid);
}

#endif
