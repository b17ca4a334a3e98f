/* SPDX-License-Identifier: MIT */
/*
 * Runs a program and lets one of its system calls fail, or something happen
 * just before it: `inject OPTIONS -- PROGRAM...`. Exits as the program does;
 * 128+N where signal N ended it, 125 where this kernel cannot do that.
 *
 *	--call NAME      which (see the table below)
 *	--arg N=VALUE    only those with that argument (number 0 to 5)
 *	--path TEXT      only those whose path, or whose descriptor's file, contains it
 *	--comm NAME      only those of a process or thread with that name
 *	--when N         only the Nth of them, else each; --from N: the Nth and later
 *	--error NAME     it fails with that error, and does nothing
 *	--short N        a write(2) writes no more than N bytes
 *	--signal N       the program gets that signal (and the call goes on)
 *	--run SCRIPT     run it with sh, PID and ARG0 in its environment, then go on
 *	--count FILE     write there at the end how many there were
 *
 * By seccomp's user notification: the program waits in its call until this one
 * has answered.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* path: the number of the argument that is one, fd: of a descriptor; -1: none. */
static const struct call {
	const char *name;
	int nr, path, fd;
} calls[] = {
	{ "pidfd_open", SYS_pidfd_open, -1, -1 },
	{ "pidfd_send_signal", SYS_pidfd_send_signal, -1, 0 },
#ifdef SYS_poll
	{ "poll", SYS_poll, -1, -1 },
#else
	{ "poll", SYS_ppoll, -1, -1 },
#endif
	{ "epoll_create1", SYS_epoll_create1, -1, -1 },
	{ "epoll_ctl", SYS_epoll_ctl, -1, 0 },
	{ "openat", SYS_openat, 1, -1 },
	{ "read", SYS_read, -1, 0 },
	{ "write", SYS_write, -1, 0 },
	{ "fsync", SYS_fsync, -1, 0 },
	{ "fcntl", SYS_fcntl, -1, 0 },
	{ "getdents64", SYS_getdents64, -1, 0 },
	{ "unlinkat", SYS_unlinkat, 1, -1 },
	{ "timerfd_create", SYS_timerfd_create, -1, -1 },
	{ "signalfd4", SYS_signalfd4, -1, -1 },
	{ "setrlimit", SYS_prlimit64, -1, -1 },
	{ "clone3", SYS_clone3, -1, -1 },
	{ "clone", SYS_clone, -1, -1 },
	{ "fstatfs", SYS_fstatfs, -1, 0 },
	{ "socket", SYS_socket, -1, -1 },
	{ "renameat", SYS_renameat, 1, -1 },
	{ "newfstatat", SYS_newfstatat, 1, -1 },
	{ "fstat", SYS_newfstatat, -1, 0 },
	{ "readlinkat", SYS_readlinkat, 1, -1 },
	{ "ftruncate", SYS_ftruncate, -1, 0 },
	{ "pwrite64", SYS_pwrite64, -1, 0 },
	{ "lseek", SYS_lseek, -1, 0 },
	{ "sendto", SYS_sendto, -1, 0 },
	{ "recvfrom", SYS_recvfrom, -1, 0 },
#ifdef SYS_mkdir
	{ "mkdir", SYS_mkdir, 0, -1 },
#else
	{ "mkdir", SYS_mkdirat, 1, -1 },
#endif
};

static const struct {
	const char *name;
	int error;
} errors[] = {
	{ "EPERM", EPERM },   { "ENOENT", ENOENT }, { "ESRCH", ESRCH },	  { "EINTR", EINTR },
	{ "EIO", EIO },	      { "EBADF", EBADF },   { "EAGAIN", EAGAIN }, { "ENOMEM", ENOMEM },
	{ "EACCES", EACCES }, { "EBUSY", EBUSY },   { "EINVAL", EINVAL }, { "ENFILE", ENFILE },
	{ "EMFILE", EMFILE }, { "ENOSPC", ENOSPC }, { "EROFS", EROFS },	  { "ENOSYS", ENOSYS },
	{ "EDQUOT", EDQUOT },
};

struct plan {
	const struct call *call;
	int arg; /* -1: any */
	unsigned long long value;
	const char *path, *comm, *run, *count;
	long when, from, shorter;
	int error, signo;
};

static void fail(const char *what)
{
	fprintf(stderr, "inject: %s: %s\n", what, strerror(errno));
	_exit(125);
}

static void bad(const char *what)
{
	fprintf(stderr, "inject: bad argument '%s'\n", what);
	exit(125);
}

static const struct call *find_call(const char *name)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (strcmp(calls[i].name, name) == 0)
			return &calls[i];
	}
	bad(name);
	return NULL;
}

static int find_error(const char *name)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		if (strcmp(errors[i].name, name) == 0)
			return errors[i].error;
	}
	bad(name);
	return 0;
}

/* Returns the index of the program. */
static int parse(int argc, char **argv, struct plan *p)
{
	int i = 1;

	for (; i + 1 < argc && strcmp(argv[i], "--") != 0; i += 2) {
		const char *name = argv[i], *value = argv[i + 1];

		if (strcmp(name, "--call") == 0) {
			p->call = find_call(value);
		} else if (strcmp(name, "--arg") == 0) {
			p->arg = value[0] - '0';
			p->value = strtoull(value + 2, NULL, 0);
		} else if (strcmp(name, "--path") == 0) {
			p->path = value;
		} else if (strcmp(name, "--comm") == 0) {
			p->comm = value;
		} else if (strcmp(name, "--when") == 0) {
			p->when = strtol(value, NULL, 10);
		} else if (strcmp(name, "--from") == 0) {
			p->from = strtol(value, NULL, 10);
		} else if (strcmp(name, "--error") == 0) {
			p->error = find_error(value);
		} else if (strcmp(name, "--short") == 0) {
			p->shorter = strtol(value, NULL, 10);
		} else if (strcmp(name, "--signal") == 0) {
			p->signo = (int)strtol(value, NULL, 10);
		} else if (strcmp(name, "--run") == 0) {
			p->run = value;
		} else if (strcmp(name, "--count") == 0) {
			p->count = value;
		} else {
			bad(name);
		}
	}
	if (!p->call || i + 1 >= argc)
		bad("no --call, or no program");
	return i + 1;
}

/* --- the program's side -------------------------------------------------------------- */

static int install(const struct call *call)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call->nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { sizeof(filter) / sizeof(filter[0]), filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
			    &prog);
}

/*
 * The program shares our descriptors until its exec, so the listener is ours
 * at once; it says which one through shared memory, which takes no call.
 */
static void start(const struct plan *p, char **argv, volatile int *listener)
{
	int fd = install(p->call);

	if (fd < 0) {
		*listener = -2;
		_exit(125);
	}
	__atomic_store_n(listener, fd, __ATOMIC_SEQ_CST);
	execvp(argv[0], argv);
	_exit(127);
}

/* --- our side ------------------------------------------------------------------------ */

static bool read_comm(pid_t pid, char *out, size_t size)
{
	char name[64];
	FILE *f;
	bool ok;

	snprintf(name, sizeof(name), "/proc/%d/comm", (int)pid);
	f = fopen(name, "re");
	ok = f && fgets(out, (int)size, f);
	if (f)
		fclose(f);
	if (ok)
		out[strcspn(out, "\n")] = '\0';
	return ok;
}

/* What the call is about, as a path; "" if that cannot be told. */
static void subject(const struct plan *p, const struct seccomp_notif *req, char *out, size_t size)
{
	out[0] = '\0';
	if (p->call->path >= 0) {
		struct iovec to = { out, size - 1 };
		uint64_t at = req->data.args[p->call->path];
		/* Up to the end of its page at first: the next one may not be there. */
		struct iovec from = { (void *)(uintptr_t)at, 4096 - at % 4096 };
		ssize_t n;

		if (from.iov_len > size - 1)
			from.iov_len = size - 1;
		n = process_vm_readv((pid_t)req->pid, &to, 1, &from, 1, 0);
		out[n > 0 ? n : 0] = '\0';
	} else if (p->call->fd >= 0) {
		char link[64];
		ssize_t n;

		snprintf(link, sizeof(link), "/proc/%d/fd/%d", (int)req->pid,
			 (int)req->data.args[p->call->fd]);
		n = readlink(link, out, size - 1);
		out[n > 0 ? n : 0] = '\0';
	}
}

static bool is_meant(const struct plan *p, const struct seccomp_notif *req)
{
	char text[4096];

	if (p->arg >= 0 && req->data.args[p->arg] != p->value)
		return false;
	if (p->path) {
		subject(p, req, text, sizeof(text));
		if (!strstr(text, p->path))
			return false;
	}
	if (p->comm &&
	    (!read_comm((pid_t)req->pid, text, sizeof(text)) || strcmp(text, p->comm) != 0))
		return false;
	return true;
}

static void run_script(const struct plan *p, const struct seccomp_notif *req, pid_t program)
{
	char text[32];
	pid_t pid = fork();

	if (pid < 0)
		fail("fork");
	if (pid == 0) {
		snprintf(text, sizeof(text), "%d", (int)program);
		setenv("PID", text, 1);
		snprintf(text, sizeof(text), "%llu", (unsigned long long)req->data.args[0]);
		setenv("ARG0", text, 1);
		execl("/bin/sh", "sh", "-c", p->run, NULL);
		_exit(127);
	}
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* Do a part of its write(2) ourselves. How many bytes, or -errno. */
static long write_part(const struct plan *p, const struct seccomp_notif *req, pid_t program)
{
	char part[512];
	size_t len = (size_t)req->data.args[2];
	struct iovec to = { part, sizeof(part) };
	struct iovec from = { (void *)(uintptr_t)req->data.args[1], 0 };
	int pidfd = (int)syscall(SYS_pidfd_open, program, 0);
	int fd = (int)syscall(SYS_pidfd_getfd, pidfd, req->data.args[0], 0);
	ssize_t n;

	if (len > (size_t)p->shorter)
		len = (size_t)p->shorter;
	from.iov_len = len < sizeof(part) ? len : sizeof(part);
	n = process_vm_readv((pid_t)req->pid, &to, 1, &from, 1, 0);
	if (fd < 0 || n < 0)
		fail("write");
	n = write(fd, part, (size_t)n);
	if (n < 0)
		n = -errno;
	close(fd);
	close(pidfd);
	return n;
}

/* Answer one call. Returns how many that are meant it was: 0 or 1. */
static long answer(const struct plan *p, int listener, pid_t program, long seen)
{
	struct seccomp_notif req;
	struct seccomp_notif_resp resp = { .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };
	bool meant, now;

	memset(&req, 0, sizeof(req));
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &req) < 0)
		return 0; /* its thread has ended meanwhile */
	meant = is_meant(p, &req);
	now = meant && (!p->when || seen + 1 == p->when) && seen + 1 >= p->from;
	if (now && p->signo)
		kill(program, p->signo);
	if (now && p->run)
		run_script(p, &req, program);
	resp.id = req.id;
	if (now && p->error) {
		resp.flags = 0;
		resp.error = -p->error;
	} else if (now && p->shorter) {
		resp.flags = 0;
		resp.val = write_part(p, &req, program);
		if (resp.val < 0) {
			resp.error = (int)resp.val;
			resp.val = 0;
		}
	}
	(void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &resp);
	return meant;
}

static void write_count(const char *path, long nr)
{
	FILE *f = fopen(path, "we");

	if (!f || fprintf(f, "%ld\n", nr) < 0 || fclose(f))
		fail(path);
}

static pid_t program_pid;

static void pass_on(int signo)
{
	kill(program_pid, signo);
}

int main(int argc, char **argv)
{
	struct plan p = { .arg = -1 };
	int at = parse(argc, argv, &p), status;
	volatile int *listener =
		mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long seen = 0;
	pid_t pid;

	if (listener == MAP_FAILED)
		fail("mmap");
	*listener = -1;
	pid = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL);
	if (pid < 0)
		fail("clone");
	if (pid == 0)
		start(&p, argv + at, listener);
	program_pid = pid;
	signal(SIGTERM, pass_on);
	signal(SIGINT, pass_on);
	signal(SIGUSR1, pass_on);
	while (__atomic_load_n(listener, __ATOMIC_SEQ_CST) == -1)
		sched_yield();
	while (*listener >= 0) {
		struct pollfd fd = { .fd = *listener, .events = POLLIN };

		if (poll(&fd, 1, -1) < 0 && errno != EINTR)
			fail("poll");
		if (fd.revents & POLLIN)
			seen += answer(&p, *listener, pid, seen);
		else if (fd.revents)
			break; /* no process is left that would ask */
	}
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			fail("waitpid");
	}
	if (p.count)
		write_count(p.count, seen);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
