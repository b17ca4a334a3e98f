/* SPDX-License-Identifier: MIT */
#include "cli/wrapper.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/signals.h"
#include "cli/exec.h"
#include "linux/pidfd.h"
#include "linux/self.h"

/* The signals by which a user asks a program to end. */
static const int enders[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT };

/* What a terminal sends to whole groups; other signals of the kernel are for one process. */
static const int of_terminals[] = { SIGINT, SIGQUIT, SIGHUP, SIGTSTP, SIGTTIN, SIGTTOU, SIGWINCH };

/* --- decisions ------------------------------------------------------------- */

static bool is_one_of(int signo, const int *list, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		if (list[i] == signo)
			return true;
	return false;
}

bool wrapper_hands_on(const struct wrapper_signal *sig)
{
	/* The command sent it, to its group (an editor that stops): it has received it. */
	if (sig->sender && sig->sender == sig->command)
		return false;
	/* A write of ours failed: not the command's business. */
	if (sig->sender && sig->sender == sig->self &&
	    (sig->signo == SIGPIPE || sig->signo == SIGXFSZ))
		return false;
	/* `fg` and `bg` of a shell continue the whole group. */
	if (sig->signo == SIGCONT && sig->continued)
		return false;
	if (sig->to_group)
		return !sig->same_group;
	if (!sig->from_kernel || !is_one_of(sig->signo, of_terminals, ARRAY_SIZE(of_terminals)))
		return true;
	if (sig->same_group)
		return false;
	/*
	 * A terminal that hangs up tells the session's leader and the foreground
	 * group: a command with a group of its own has been told as well.
	 */
	return !(sig->signo == SIGHUP && sig->leader);
}

int wrapper_exit_status(int code, int status)
{
	return code == CLD_EXITED ? status & 0xff : 128 + (status & 0x7f);
}

/* --- starting -------------------------------------------------------------- */

static int open_signals(struct wrapper *w)
{
	sigset_t handed, child, blocked;

	/* All that can be caught; KILL and STOP are left out by the kernel. */
	sigfillset(&blocked);
	handed = blocked;
	sigdelset(&handed, SIGCHLD);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	for (size_t i = 0; i < ARRAY_SIZE(enders); i++)
		w->ends[i] = !signal_is_ignored(enders[i]);

	/* Ignored, as some parents leave it, it would make the kernel take the exit statuses. */
	if (signal(SIGCHLD, SIG_DFL) == SIG_ERR ||
	    sigprocmask(SIG_BLOCK, &blocked, &w->old_mask) < 0)
		return -errno;
	w->signal_fd = signalfd(-1, &handed, SFD_CLOEXEC | SFD_NONBLOCK);
	if (w->signal_fd >= 0)
		w->child_fd = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	return w->signal_fd < 0 || w->child_fd < 0 ? -errno : 0;
}

/* In the child: exec the command; if that fails write errno to @fd. */
static void __attribute__((noreturn))
become(const struct wrapper *w, const char *file, char *const argv[], int fd)
{
	int error;

	/* If it may not enter, it stays in our group, and nothing else changes. */
	while (w->group_fd >= 0 && write(w->group_fd, "0", 1) < 0 && errno == EINTR)
		;
	if (setenv("STRAY_INSTANCE", w->id, 1) == 0) {
		sigprocmask(SIG_SETMASK, &w->mask, NULL);
		execv(file, argv);
	}
	error = errno;
	while (write(fd, &error, sizeof(error)) < 0 && errno == EINTR)
		;
	_exit(exec_status(error));
}

/* Return the errno of the exec, or 0 if it succeeded, which closes the pipe. */
static int read_exec_error(int fd)
{
	int error = 0;
	ssize_t n;

	do
		n = read(fd, &error, sizeof(error));
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(error) ? error : 0;
}

static void forget_command(struct wrapper *w, int status)
{
	witness_stop(&w->witness);
	w->pid = 0;
	w->status = status;
	if (w->pidfd >= 0)
		close(w->pidfd);
	w->pidfd = -1;
}

static int spawn(struct wrapper *w, const char *file, char *const argv[], int *ret_exec_error)
{
	_cleanup_close_ int from = -1, to = -1;
	int pair[2], error;
	pid_t pid;

	if (pipe2(pair, O_CLOEXEC) < 0)
		return -errno;
	from = pair[0];
	to = pair[1];
	/* Before the command: see witness.h on the order. */
	witness_start(&w->witness);
	pid = fork();
	if (pid < 0 && errno == EAGAIN && w->witness.pid) {
		/* The process limit is reached: give the witness's place to the command. */
		witness_stop(&w->witness);
		pid = fork();
	}
	if (pid < 0)
		return -errno;
	if (pid == 0)
		become(w, file, argv, to);
	w->pid = pid;
	/* Our child until we wait for it, so the pid cannot be reused yet. */
	w->pidfd = pidfd_of(pid);
	close(to);
	to = -1;
	error = read_exec_error(from);
	if (error) {
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
		forget_command(w, exec_status(error));
	}
	*ret_exec_error = error;
	return 0;
}

bool wrapper_has_child(void)
{
	for (;;) {
		siginfo_t info = { 0 };

		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | __WALL) < 0) {
			if (errno == EINTR)
				continue;
			return errno != ECHILD;
		}
		if (!info.si_pid)
			return true;
	}
}

int wrapper_init(struct wrapper *w, uint64_t self_ticks)
{
	int r = self_become_subreaper();

	snprintf(w->id, sizeof(w->id), "%d:%" PRIu64, (int)getpid(), self_ticks);
	/* Only a subreaper without a child has no descendant either: hence in this order. */
	w->shared = r == 0 && wrapper_has_child();
	return r;
}

int wrapper_start(struct wrapper *w, const char *file, char *const argv[], const sigset_t *mask,
		  int *ret_exec_error)
{
	_cleanup_close_ int probe = pidfd_of(getpid());
	int r;

	/* Without pidfds no signal could be forwarded and no leftover reaped. */
	if (probe < 0)
		return probe;
	w->mask = *mask;
	r = open_signals(w);
	if (r < 0)
		return r;
	return spawn(w, file, argv, ret_exec_error);
}

/* --- while it runs --------------------------------------------------------- */

/*
 * The command has stopped: stop too, as a member of the same job, so that a
 * shell gets its terminal back. Only if our parent is in our session: otherwise
 * no shell watches the job, and a pending SIGCONT that is to be forwarded would be
 * lost, because generating a stop signal discards it, as SIGCONT discards pending
 * stop signals (POSIX, XSH 2.4.1). SIGTSTP and not SIGSTOP, because the kernel drops
 * it where the group is orphaned.
 */
static void stop_too(struct wrapper *w)
{
	siginfo_t info = { 0 };
	sigset_t stop;

	/* The command was continued meanwhile: do not stop. */
	if (waitid(P_PID, (id_t)w->pid, &info, WCONTINUED | WNOHANG | WNOWAIT) == 0 && info.si_pid)
		return;
	if (getsid(getppid()) != getsid(0))
		return;
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	raise(SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &stop, NULL);
	sigprocmask(SIG_BLOCK, &stop, NULL);
}

/*
 * Detach from a child that called PTRACE_TRACEME, which makes us its tracer and stops it
 * at each of its signals. Deliver @signo to it, except the SIGTRAP of an exec(2), which
 * is meant for tracers.
 */
static void let_go_of_tracee(pid_t pid, int signo)
{
	uintptr_t with = signo == SIGTRAP ? 0 : (uintptr_t)(signo & 0x7f);

	ptrace(PTRACE_DETACH, pid, NULL, (void *)with);
}

/* Wait for each child that has ended, stopped or continued; do not block. */
static void take_children(struct wrapper *w)
{
	int flags = WEXITED | WNOHANG | __WALL | (w->pid ? WSTOPPED | WCONTINUED : 0);

	for (;;) {
		siginfo_t info = { 0 };

		if (waitid(P_ALL, 0, &info, flags) < 0) {
			if (errno == EINTR)
				continue;
			return;
		}
		if (!info.si_pid)
			return;
		if (info.si_code == CLD_TRAPPED)
			let_go_of_tracee(info.si_pid, info.si_status);
		else if (info.si_pid == w->witness.pid)
			witness_forget(&w->witness);
		if (!w->pid || info.si_pid != w->pid)
			continue;
		if (info.si_code == CLD_STOPPED) {
			w->continued = false;
			stop_too(w);
		} else if (info.si_code == CLD_CONTINUED) {
			w->continued = true;
		} else if (info.si_code != CLD_TRAPPED) {
			forget_command(w, wrapper_exit_status(info.si_code, info.si_status));
		}
	}
}

static bool asks_to_end(const struct wrapper *w, int signo)
{
	for (size_t i = 0; i < ARRAY_SIZE(enders); i++)
		if (enders[i] == signo)
			return w->ends[i];
	return false;
}

static void hand_on(struct wrapper *w, const struct signalfd_siginfo *info)
{
	struct wrapper_signal sig = {
		.signo = (int)info->ssi_signo,
		.from_kernel = info->ssi_code == SI_KERNEL,
		.sender = (pid_t)info->ssi_pid,
		.command = w->pid,
		.self = getpid(),
		.to_group = witness_has(&w->witness, (int)info->ssi_signo),
		.same_group = getpgid(w->pid) == getpgrp(),
		.leader = getsid(0) == getpid() && getsid(w->pid) == getsid(0),
		.continued = w->continued,
	};

	if (sig.signo == SIGCONT)
		w->continued = false;
	/* Fails if it has ended meanwhile or become another user's: nothing to be done. */
	if (w->pidfd >= 0 && wrapper_hands_on(&sig))
		pidfd_signal(w->pidfd, sig.signo);
}

bool wrapper_take_signals(struct wrapper *w)
{
	struct signalfd_siginfo info;
	bool ends = false;

	for (;;) {
		ssize_t n = read(w->signal_fd, &info, sizeof(info));

		if (n < 0 && errno == EINTR)
			continue;
		if (n != (ssize_t)sizeof(info))
			return ends;
		if (w->pid)
			hand_on(w, &info);
		else if (asks_to_end(w, (int)info.ssi_signo))
			ends = true;
	}
}

static void drain(int fd)
{
	struct signalfd_siginfo info;
	ssize_t n;

	do
		n = read(fd, &info, sizeof(info));
	while (n > 0 || (n < 0 && errno == EINTR));
}

/*
 * Wait for a child or a signal, for at most @timeout_ms (-1: without limit). Children
 * first: wrapper_hands_on() needs to know whether the command was continued. Returns as
 * wrapper_pause().
 */
static int step(struct wrapper *w, int timeout_ms)
{
	struct pollfd fds[] = {
		{ .fd = w->child_fd, .events = POLLIN },
		{ .fd = w->signal_fd, .events = POLLIN },
	};
	pid_t ran;

	if (poll(fds, ARRAY_SIZE(fds), timeout_ms) < 0)
		return errno == EINTR ? 0 : -errno;
	w->continued = false;
	drain(w->child_fd);
	ran = w->pid;
	take_children(w);
	/* A signal that came when the command had ended is for what follows: it stays pending. */
	return ran && !w->pid ? 0 : wrapper_take_signals(w);
}

int wrapper_wait(struct wrapper *w, int (*look)(void *ctx), void *ctx)
{
	while (w->pid) {
		int r = step(w, look ? look(ctx) : -1);

		if (r < 0)
			return r;
	}
	return w->status;
}

/* --- after it -------------------------------------------------------------- */

int wrapper_pause(struct wrapper *w, int64_t timeout_ms)
{
	return step(w, timeout_ms > INT32_MAX ? INT32_MAX : (int)timeout_ms);
}

void wrapper_let_go(struct wrapper *w)
{
	/* This holds for later ends; those before it are still waited for here. */
	signal(SIGCHLD, SIG_IGN);
	take_children(w);
}

/* Drop pending signals, which would end or stop us once unblocked: ignoring them drops them. */
static void drop_pending(const struct wrapper *w)
{
	void (*before[NSIG])(int);

	for (int signo = 1; signo < NSIG; signo++)
		before[signo] = signo == SIGCHLD ? SIG_ERR : signal(signo, SIG_IGN);
	sigprocmask(SIG_SETMASK, &w->old_mask, NULL);
	for (int signo = 1; signo < NSIG; signo++)
		if (before[signo] != SIG_ERR)
			signal(signo, before[signo]);
}

void wrapper_release(struct wrapper *w)
{
	witness_stop(&w->witness);
	if (w->signal_fd >= 0) {
		drop_pending(w);
		close(w->signal_fd);
	}
	if (w->pidfd >= 0)
		close(w->pidfd);
	if (w->group_fd >= 0)
		close(w->group_fd);
	if (w->child_fd >= 0)
		close(w->child_fd);
	w->pidfd = w->group_fd = w->signal_fd = w->child_fd = -1;
}
