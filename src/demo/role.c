/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/parse.h"
#include "demo/demo.h"
#include "demo/fleet.h"
#include "linux/pidfd.h"

#define BUSY_PERIOD_MS 100
#define BUSY_NS	       3000000 /* of CPU time in each period */

/* What a process of the fleet tells the guardian, with its pidfd beside it. */
struct report {
	int row;
	int error; /* 0: it runs */
};

/* --- starting one another ---------------------------------------------------------- */

/*
 * Start this program again by the path it was started with; no process of the fleet
 * changes its directory before that, so a relative path is still right.
 */
static int exec_self(char *const argv[], char *const envp[])
{
	const char *path = (const char *)getauxval(AT_EXECFN);

	if (!path)
		return -ENOENT;
	execve(path, argv, envp);
	return -errno;
}

/* The environment starts empty: what stray was started from may be marked itself. */
static void base_environment(char *library_path, size_t size, const char *envp[], size_t *nr)
{
	const char *value = getenv("LD_LIBRARY_PATH");

	envp[(*nr)++] = "PATH=/usr/bin:/bin";
	envp[(*nr)++] = "HOME=/";
	if (value && snprintf(library_path, size, "LD_LIBRARY_PATH=%s", value) < (int)size)
		envp[(*nr)++] = library_path;
}

int demo_exec_guardian(const char *token, const char *state_dir)
{
	char role[sizeof(DEMO_ROLE) + sizeof("=init:") + DEMO_TOKEN_SIZE], library_path[PATH_MAX];
	const char *argv[] = { DEMO_INIT, state_dir, NULL };
	const char *envp[5] = { NULL };
	size_t nr = 0;

	snprintf(role, sizeof(role), "%s=init:%s", DEMO_ROLE, token);
	base_environment(library_path, sizeof(library_path), envp, &nr);
	envp[nr++] = role;
	return exec_self((char *const *)argv, (char *const *)envp);
}

static int exec_row(int row, const char *token)
{
	const struct demo_row *self = &demo_rows[row];
	char argv0[64], role[64], marker[128], plain[128], library_path[PATH_MAX];
	const char *argv[2 + sizeof(self->args) / sizeof(self->args[0])] = { argv0 };
	const char *envp[8] = { NULL };
	size_t nr = 0;

	snprintf(argv0, sizeof(argv0), "%s%s%s", self->name,
		 self->flags & DEMO_IS_DESKTOP ? "." : "",
		 self->flags & DEMO_IS_DESKTOP ? token : "");
	snprintf(role, sizeof(role), "%s=%d:%s", DEMO_ROLE, row, token);
	for (size_t i = 0; i < sizeof(self->args) / sizeof(self->args[0]) && self->args[i]; i++)
		argv[1 + i] = self->args[i];
	base_environment(library_path, sizeof(library_path), envp, &nr);
	envp[nr++] = role;
	if (self->instance) {
		snprintf(marker, sizeof(marker), "%s_%s=%s", DEMO_MARKER, token, self->instance);
		snprintf(plain, sizeof(plain), "%s=%s", DEMO_MARKER, self->instance);
		envp[nr++] = marker;
		envp[nr++] = plain;
	}
	if (self->flags & DEMO_KEEP)
		envp[nr++] = "STRAY_KEEP=1";
	return exec_self((char *const *)argv, (char *const *)envp);
}

static void tell_guardian(int row, int error, int pidfd)
{
	struct report report = { .row = row, .error = error };
	struct iovec iov = { .iov_base = &report, .iov_len = sizeof(report) };
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { .header = { .cmsg_len = CMSG_LEN(sizeof(int)),
				  .cmsg_level = SOL_SOCKET,
				  .cmsg_type = SCM_RIGHTS } };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (pidfd >= 0) {
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control);
		memcpy(CMSG_DATA(&control.header), &pidfd, sizeof(pidfd));
	}
	while (sendmsg(DEMO_REPORT_FD, &msg, MSG_NOSIGNAL) < 0 && errno == EINTR)
		;
}

/* Start the rows that have the parent @parent; @report is their socket to the guardian. */
static void start_rows(int parent, const char *token, int report)
{
	for (size_t i = 0; i < demo_nr_rows; i++) {
		pid_t child;
		int r = 0;

		if (demo_rows[i].parent != parent)
			continue;
		child = fork();
		if (child > 0)
			continue;
		if (report != DEMO_REPORT_FD && dup2(report, DEMO_REPORT_FD) < 0)
			_exit(1);
		if (child < 0)
			r = -errno;
		else
			r = exec_row((int)i, token);
		tell_guardian((int)i, -r, -1);
		if (child == 0)
			_exit(1);
	}
}

/* --- one process of the fleet -------------------------------------------------------- */

static void reset_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int signo = 1; signo < SIGRTMIN; signo++)
		signal(signo, SIG_DFL);
	/* Let the kernel reap ended children, adopted ones too. */
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
}

static void burn(void)
{
	struct timespec start, now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
	do {
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	} while ((now.tv_sec - start.tv_sec) * 1000000000LL + now.tv_nsec - start.tv_nsec <
		 BUSY_NS);
}

/* Until stray is gone, however it went. */
static void wait_lifeline(bool busy)
{
	struct pollfd pfd = { .fd = DEMO_LIFELINE_FD };

	for (;;) {
		int nr = poll(&pfd, 1, busy ? BUSY_PERIOD_MS : -1);

		if (nr > 0 || (nr < 0 && errno != EINTR))
			return;
		if (nr == 0)
			burn();
	}
}

static int run_row(int row, const char *token)
{
	const struct demo_row *self = &demo_rows[row];
	size_t size = self->memory_kib * 1024UL;
	volatile char *memory = malloc(size + 1);
	int pidfd;

	prctl(PR_SET_NAME, self->name);
	if (self->flags & DEMO_SESSION)
		setsid();
	else if (self->flags & DEMO_GROUP)
		setpgid(0, 0);
	if (self->flags & DEMO_DEAF)
		signal(SIGTERM, SIG_IGN);
	if (!memory)
		size = 0;
	for (size_t i = 0; i < size; i += 1024)
		memory[i] = 1;
	start_rows(row, token, DEMO_REPORT_FD);
	pidfd = pidfd_of(getpid());
	tell_guardian(row, pidfd < 0 ? -pidfd : 0, pidfd);
	if (pidfd >= 0)
		close(pidfd);
	close(DEMO_REPORT_FD);
	if (!(self->flags & DEMO_GONE))
		wait_lifeline(self->flags & DEMO_BUSY);
	free((void *)memory);
	return 0;
}

/* --- the guardian ------------------------------------------------------------------- */

/* One report: 0, or the errno that it tells. Its pidfd goes to @pidfds. */
static int receive(int sock, int *pidfds)
{
	struct report report = { 0 };
	struct iovec iov = { .iov_base = &report, .iov_len = sizeof(report) };
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg;
	ssize_t len;

	do {
		len = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	} while (len < 0 && errno == EINTR);
	if (len < 0)
		return errno;
	/* All senders have ended: one ended before it reported. */
	if (len != (ssize_t)sizeof(report) || report.row < 0 || (size_t)report.row >= demo_nr_rows)
		return ECHILD;
	cmsg = CMSG_FIRSTHDR(&msg);
	if (!report.error && cmsg && cmsg->cmsg_type == SCM_RIGHTS)
		memcpy(&pidfds[report.row], CMSG_DATA(cmsg), sizeof(int));
	return report.error;
}

/* Until all have told and those that are to be gone are; 0 or errno. */
static int gather(int sock, int *pidfds)
{
	struct pollfd pfds[] = { { .fd = sock, .events = POLLIN }, { .fd = DEMO_LIFELINE_FD } };

	for (size_t nr = 0; nr < demo_nr_rows; nr++) {
		int error;

		while (poll(pfds, 2, -1) < 0 && errno == EINTR)
			;
		if (pfds[1].revents)
			return EPIPE;
		error = receive(sock, pidfds);
		if (error)
			return error;
	}
	for (size_t i = 0; i < demo_nr_rows; i++) {
		struct pollfd gone = { .fd = pidfds[i], .events = POLLIN };

		if (!(demo_rows[i].flags & DEMO_GONE))
			continue;
		while (poll(&gone, 1, -1) < 0 && errno == EINTR)
			;
	}
	return 0;
}

static int run_guardian(const char *token, const char *state_dir)
{
	int socks[2], pidfds[DEMO_MAX], error;
	siginfo_t info;

	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	prctl(PR_SET_NAME, DEMO_INIT);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	memset(pidfds, 0xff, sizeof(pidfds)); /* -1 each */
	/* Whatever else stray had open; its status pipe stays with the guardian alone. */
	close_range(DEMO_REPORT_FD + 1, ~0U, 0);
	fcntl(DEMO_REPORT_FD, F_SETFD, FD_CLOEXEC);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, socks) < 0) {
		error = errno;
	} else {
		start_rows(DEMO_TOP, token, socks[1]);
		close(socks[1]);
		error = gather(socks[0], pidfds);
		close(socks[0]);
	}
	if (write(DEMO_REPORT_FD, &error, sizeof(error)) == (ssize_t)sizeof(error))
		wait_lifeline(false);

	/* They end with the lifeline, except those that were stopped (SIGSTOP). */
	for (size_t i = 0; i < demo_nr_rows; i++) {
		if (pidfds[i] >= 0)
			pidfd_signal(pidfds[i], SIGKILL);
	}
	/* Every orphan of the fleet becomes a child of this one: no child, no fleet. */
	while (waitid(P_ALL, 0, &info, WEXITED) == 0 || errno == EINTR)
		;
	demo_remove_dir(state_dir);
	return 0;
}

void demo_remove_dir(const char *dir)
{
	DIR *stream = opendir(dir);
	struct dirent *entry;

	if (!stream)
		return;
	while ((entry = readdir(stream))) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			unlinkat(dirfd(stream), entry->d_name, 0);
	}
	closedir(stream);
	rmdir(dir);
}

int demo_role_main(int argc, char **argv)
{
	const char *role = getenv(DEMO_ROLE), *token;
	uint64_t row;
	size_t digits;

	if (!role)
		return -1;
	token = strchr(role, ':');
	/* Without a lifeline it would never end: the variable was set by hand. */
	if (!token || strlen(++token) >= DEMO_TOKEN_SIZE || fcntl(DEMO_LIFELINE_FD, F_GETFD) < 0)
		return 2;
	reset_signals();
	if (strncmp(role, "init:", 5) == 0)
		return argc == 2 ? run_guardian(token, argv[1]) : 2;
	digits = parse_digits(role, SIZE_MAX, demo_nr_rows - 1, &row);
	if (!digits || role[digits] != ':')
		return 2;
	return run_row((int)row, token);
}
