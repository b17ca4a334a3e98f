/* SPDX-License-Identifier: MIT */
/*
 * A process to be looked at and ended: the desktops, agents and workers of the
 * integration tests. `fakeagent OPTIONS [-- WORDS]`; the words are there to be
 * seen in its arguments. Trees are put together by the shell: in
 * `sh -c 'fakeagent & exec fakeagent'` the first is the child of the second.
 *
 * It waits for its end, which is SIGTERM where nothing else is asked for. The
 * environment of a running process is what it was started with, so --env and
 * its like make it start itself again.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_ENV 64
#define FILLER	100000 /* bytes in one entry; the kernel takes up to 128 KiB */

struct agent {
	const char *name;  /* comm */
	const char *ready; /* a fifo: gets "PID TAG\n" when everything is in place */
	const char *tag;
	const char *env[MAX_ENV];
	size_t nr_env;
	const char *big_env;   /* bytes of filler before the entries of --env */
	const char *scrub_env; /* set: start from an empty environment */
	const char *exec_env;  /* entry that it starts itself again with on SIGUSR1 */
	const char *ignore_term, *slow_exit, *breed, *storm, *double_fork, *setsid, *setpgid;
	const char *stop, *listen, *listen_udp, *connect, *serve, *subreaper, *dumpable;
	const char *lone_thread, *set_tid, *trace, *run;
};

enum kind { FLAG, VALUE, ENTRY };

static const struct option {
	const char *name;
	enum kind kind;
	size_t offset;
} options[] = {
#define AT(member) offsetof(struct agent, member)
	{ "--name", VALUE, AT(name) },
	{ "--ready", VALUE, AT(ready) },
	{ "--tag", VALUE, AT(tag) },
	{ "--env", ENTRY, AT(env) },
	{ "--big-env", VALUE, AT(big_env) },
	{ "--scrub-env", FLAG, AT(scrub_env) },
	{ "--exec-env", VALUE, AT(exec_env) },
	{ "--ignore-term", FLAG, AT(ignore_term) },
	{ "--slow-exit", VALUE, AT(slow_exit) }, /* ms after SIGTERM */
	{ "--breed", VALUE, AT(breed) }, /* children, in sessions of their own, on SIGTERM */
	{ "--storm", VALUE, AT(storm) }, /* children that fork and end, on and on */
	{ "--double-fork", FLAG, AT(double_fork) },
	{ "--setsid", FLAG, AT(setsid) },
	{ "--setpgid", FLAG, AT(setpgid) },
	{ "--stop", FLAG, AT(stop) },
	{ "--listen", FLAG, AT(listen) },
	{ "--listen-udp", FLAG, AT(listen_udp) },
	{ "--connect", VALUE, AT(connect) }, /* to a unix socket */
	{ "--serve", VALUE, AT(serve) },     /* a unix socket */
	{ "--subreaper", FLAG, AT(subreaper) },
	{ "--dumpable", VALUE, AT(dumpable) },
	{ "--lone-thread", FLAG, AT(lone_thread) }, /* the main thread ends, another goes on */
	{ "--set-tid", VALUE, AT(set_tid) },	    /* be the process with this pid */
	{ "--trace", VALUE, AT(trace) },	    /* be this process's tracer */
	{ "--run", VALUE, AT(run) },		    /* start this script as a child */
#undef AT
};

static const char *slow_exit, *breed; /* for the handler */

static void fail(const char *what)
{
	perror(what);
	_exit(111);
}

static void parse(int argc, char **argv, struct agent *a)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		const struct option *o = NULL;
		const char *value;

		for (size_t k = 0; k < sizeof(options) / sizeof(options[0]); k++) {
			if (strcmp(options[k].name, argv[i]) == 0)
				o = &options[k];
		}
		if (!o || (o->kind != FLAG && i + 1 >= argc)) {
			fprintf(stderr, "fakeagent: bad option '%s'\n", argv[i]);
			exit(112);
		}
		value = o->kind == FLAG ? "1" : argv[++i];
		if (o->kind == ENTRY && a->nr_env < MAX_ENV)
			a->env[a->nr_env++] = value;
		else
			memcpy((char *)a + o->offset, &value, sizeof(value));
	}
}

/* --- the environment ------------------------------------------------------------- */

/* Start again with @envp, without the options that have been seen to. */
static void start_again(int argc, char **argv, char **envp, bool for_good)
{
	char **args = calloc((size_t)argc + 1, sizeof(*args)), path[4096];
	size_t nr = 0;
	ssize_t len;

	for (int i = 0; i < argc; i++) {
		if (i > 0 && strcmp(argv[i], "--") == 0) {
			while (i < argc)
				args[nr++] = argv[i++];
			break;
		}
		if (strcmp(argv[i], "--scrub-env") == 0)
			continue;
		if (strcmp(argv[i], "--env") == 0 || strcmp(argv[i], "--big-env") == 0 ||
		    (for_good && strcmp(argv[i], "--exec-env") == 0)) {
			i++;
			continue;
		}
		args[nr++] = argv[i];
	}
	/* By its path, because that names comm; a deleted one has none. */
	len = readlink("/proc/self/exe", path, sizeof(path) - 1);
	if (len > 0) {
		path[len] = '\0';
		execve(path, args, envp);
	}
	execve("/proc/self/exe", args, envp);
	fail("execve");
}

static void apply_environment(int argc, char **argv, const struct agent *a)
{
	extern char **environ;
	size_t nr = 0, fill = a->big_env ? strtoul(a->big_env, NULL, 10) : 0, at = 0;
	char **envp;

	if (!a->nr_env && !a->big_env && !a->scrub_env)
		return;
	while (!a->scrub_env && environ[nr])
		nr++;
	envp = calloc(nr + fill / FILLER + 1 + a->nr_env + 1, sizeof(*envp));
	for (; at < nr; at++)
		envp[at] = environ[at];
	for (size_t left = fill, i = 0; left > 0; i++) {
		size_t len = left < FILLER ? left : FILLER;
		char *entry = malloc(len + 16);
		int head = snprintf(entry, 16, "FILL%zu=", i);

		memset(entry + head, 'x', len);
		entry[(size_t)head + len] = '\0';
		envp[at++] = entry;
		left -= len;
	}
	for (size_t i = 0; i < a->nr_env; i++)
		envp[at++] = (char *)a->env[i];
	start_again(argc, argv, envp, false);
}

static void exec_with(int argc, char **argv, const char *entry)
{
	extern char **environ;
	size_t nr = 0;
	char **envp;

	while (environ[nr])
		nr++;
	envp = calloc(nr + 2, sizeof(*envp));
	memcpy(envp, environ, nr * sizeof(*envp));
	envp[nr] = (char *)entry;
	start_again(argc, argv, envp, true);
}

/* --- what it does ------------------------------------------------------------------ */

static void on_term(int signo)
{
	(void)signo;
	for (long i = breed ? strtol(breed, NULL, 10) : 0; i > 0; i--) {
		if (fork() == 0) {
			setsid();
			signal(SIGTERM, SIG_DFL);
			for (;;)
				pause();
		}
	}
	if (slow_exit)
		poll(NULL, 0, (int)strtol(slow_exit, NULL, 10));
	_exit(0);
}

/* Fork and end, fork and end: a new pid every two milliseconds, always an orphan. */
static void hop(void)
{
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		poll(NULL, 0, 2);
		if (fork() > 0)
			_exit(0);
	}
}

/* Go on once the parent has ended and another one has adopted this process. */
static void wait_adopted(pid_t parent)
{
	while (getppid() == parent)
		poll(NULL, 0, 1);
}

static void become_tid(const char *text)
{
	pid_t want = (pid_t)strtol(text, NULL, 10), parent = getpid();
	struct clone_args args = { .exit_signal = SIGCHLD,
				   .set_tid = (uint64_t)(uintptr_t)&want,
				   .set_tid_size = 1 };
	long child = syscall(SYS_clone3, &args, sizeof(args));

	if (child < 0)
		fail("clone3");
	if (child > 0)
		_exit(0);
	wait_adopted(parent);
}

/* A server greets each client, so that a client knows when it has been accepted. */
static void *greet(void *arg)
{
	int server = *(int *)arg;

	for (;;) {
		int client = accept(server, NULL, NULL);

		if (client < 0 || write(client, "!", 1) != 1)
			fail("accept");
	}
	return NULL;
}

static void open_socket(int domain, int type, const char *path, bool server)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct sockaddr *addr = domain == AF_UNIX ? (struct sockaddr *)&un : (struct sockaddr *)&in;
	socklen_t len = domain == AF_UNIX ? sizeof(un) : sizeof(in);
	int fd = socket(domain, type, 0);

	if (path)
		snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
	if (fd < 0 || (server ? bind(fd, addr, len) : connect(fd, addr, len)) < 0)
		fail("socket");
	if (server && type == SOCK_STREAM && listen(fd, 5) < 0)
		fail("listen");
	if (server && path) {
		static int serving;
		pthread_t thread;

		serving = fd;
		if (pthread_create(&thread, NULL, greet, &serving))
			fail("pthread_create");
	} else if (path) {
		char greeting;

		if (read(fd, &greeting, 1) != 1)
			fail("read");
	}
}

static void arrange(const struct agent *a)
{
	if (a->name)
		prctl(PR_SET_NAME, a->name);
	if (a->double_fork) {
		pid_t parent = getpid();

		if (fork() > 0)
			_exit(0);
		wait_adopted(parent);
	}
	if (a->set_tid)
		become_tid(a->set_tid);
	if (a->setsid && setsid() < 0)
		fail("setsid");
	if (a->setpgid && setpgid(0, 0) < 0)
		fail("setpgid");
	if (a->subreaper)
		prctl(PR_SET_CHILD_SUBREAPER, 1);
	slow_exit = a->slow_exit;
	breed = a->breed;
	if (a->slow_exit || a->breed)
		signal(SIGTERM, on_term);
	if (a->ignore_term)
		signal(SIGTERM, SIG_IGN);
	if (a->listen)
		open_socket(AF_INET, SOCK_STREAM, NULL, true);
	if (a->listen_udp)
		open_socket(AF_INET, SOCK_DGRAM, NULL, true);
	if (a->serve)
		open_socket(AF_UNIX, SOCK_STREAM, a->serve, true);
	if (a->connect)
		open_socket(AF_UNIX, SOCK_STREAM, a->connect, false);
	if (a->trace && ptrace(PTRACE_SEIZE, (pid_t)strtol(a->trace, NULL, 10), NULL, NULL) < 0)
		fail("ptrace");
	for (long i = a->storm ? strtol(a->storm, NULL, 10) : 0; i > 0; i--) {
		if (fork() == 0)
			hop();
	}
	if (a->run && fork() == 0) {
		execlp("bash", "bash", a->run, NULL);
		fail("bash");
	}
	if (a->dumpable)
		prctl(PR_SET_DUMPABLE, strtol(a->dumpable, NULL, 10));
}

static void tell_ready(const struct agent *a)
{
	char text[128];
	int len = snprintf(text, sizeof(text), "%d %s\n", getpid(), a->tag ? a->tag : "-");
	int fd = open(a->ready, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, (size_t)len) != len)
		fail(a->ready);
	close(fd);
}

/* What is left to do once everything is in place; the main thread may be gone. */
static void *stay(void *arg)
{
	const struct agent *a = arg;
	sigset_t usr1;
	int signo;

	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, NULL);
	if (a->lone_thread) {
		char path[64], line[256] = "", *state;

		/* Ready means: the main thread has ended, so this process shows as Z. */
		snprintf(path, sizeof(path), "/proc/self/task/%d/stat", getpid());
		do {
			FILE *f = fopen(path, "re");

			if (!f || !fgets(line, sizeof(line), f))
				fail(path);
			fclose(f);
			state = strrchr(line, ')');
		} while (!state || state[2] != 'Z');
	}
	if (a->ready)
		tell_ready(a);
	if (a->stop)
		raise(SIGSTOP);
	while (!a->exec_env)
		pause();
	sigwait(&usr1, &signo);
	return NULL;
}

int main(int argc, char **argv)
{
	static struct agent a;
	pthread_t thread;

	signal(SIGCHLD, SIG_IGN);
	parse(argc, argv, &a);
	apply_environment(argc, argv, &a);
	arrange(&a);
	if (a.lone_thread) {
		if (pthread_create(&thread, NULL, stay, &a))
			fail("pthread_create");
		pthread_exit(NULL);
	}
	stay(&a);
	exec_with(argc, argv, a.exec_env);
}
