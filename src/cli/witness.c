/* SPDX-License-Identifier: MIT */
#include "cli/witness.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "linux/pidfd.h"

/* How long to wait for an answer: a witness that was stopped by SIGSTOP gives none. */
enum { PATIENCE_MS = 200 };

/* In the child, all signals blocked: answer until the other end is closed. */
static void __attribute__((noreturn)) testify(int fd, pid_t parent)
{
	unsigned char signo;
	/* What CMD leaves open, and what a pipe's reader waits for, must not depend on it. */
	if (fd != 0)
		dup2(fd, 0);
	syscall(SYS_close_range, 1U, ~0U, 0U);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	while (read(0, &signo, 1) == 1) {
		struct timespec now = { 0 };
		unsigned char had;
		sigset_t one;

		sigemptyset(&one);
		sigaddset(&one, signo);
		had = sigtimedwait(&one, NULL, &now) == signo;
		if (write(0, &had, 1) != 1)
			break;
	}
	_exit(0);
}

void witness_start(struct witness *w)
{
	int ends[2];
	pid_t pid, parent = getpid();
	sigset_t all, before;

	*w = (struct witness)WITNESS_INIT;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return;
	/* From its first moment: nothing that is sent to the group may end it. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid == 0)
		testify(ends[1], parent);
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return;
	}
	w->pid = pid;
	w->pidfd = pidfd_of(pid); /* ours until we wait for it: the pid cannot be another's */
	w->fd = ends[0];
}

bool witness_has(struct witness *w, int signo)
{
	struct pollfd answers = { .fd = w->fd, .events = POLLIN };
	unsigned char byte = (unsigned char)signo;

	if (w->fd < 0 || send(w->fd, &byte, 1, MSG_NOSIGNAL) != 1)
		return false;
	if (poll(&answers, 1, PATIENCE_MS) == 1 && recv(w->fd, &byte, 1, MSG_DONTWAIT) == 1)
		return byte == 1;
	/* A late answer would be taken for the next one's. */
	witness_stop(w);
	return false;
}

void witness_forget(struct witness *w)
{
	if (w->pidfd >= 0)
		close(w->pidfd);
	if (w->fd >= 0)
		close(w->fd);
	*w = (struct witness)WITNESS_INIT;
}

void witness_stop(struct witness *w)
{
	/* By its handle, because one that was stopped does not see that the other end is closed. */
	if (w->pidfd >= 0) {
		pidfd_signal(w->pidfd, SIGKILL);
		close(w->pidfd);
	}
	if (w->fd >= 0)
		close(w->fd);
	w->pidfd = w->fd = -1;
	while (w->pid && waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
		;
	w->pid = 0;
}
