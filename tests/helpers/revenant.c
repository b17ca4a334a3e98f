/* SPDX-License-Identifier: MIT */
/*
 * Gives one pid to one process after the other while a program looks for its
 * victims: `revenant --id INSTANCE --how HOW --ms N -- PROGRAM...`.
 *
 * Each round a victim with the instance's marker gets a pid; the program is
 * run; as soon as the victim has ended, another process, which must not
 * be signalled, gets the same pid and notes every signal. Prints one line at the end:
 *
 *	rounds N, reused N, signalled N, odd N
 *
 * rounds in which the program was run, in which the pid was handed on before
 * the program had ended, in which the second process got a signal, was stopped
 * or died, and in which the program did not exit 0. Exits 1 if any was
 * signalled, 77 where pids cannot be chosen.
 *
 *	term    the victim ends on SIGTERM
 *	late    it ends up to 12 ms after that
 *	early   it ends by itself, up to 12 ms after the program's start
 *	frozen  it ignores SIGTERM, and ends as soon as it is stopped
 *
 * With --heir INSTANCE the second process carries that marker, not none. The
 * parent of both calls itself `tini`, as one that adopts orphans does.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { DELAY_US = 12000 };

struct plan {
	const char *id, *how, *heir;
	long ms, pid;
	char **program;
};

struct round {
	pid_t victim, heir, program;
	int status; /* the program's */
	bool signalled;
};

static volatile int *signals; /* shared with the heirs that carry no marker */
static int report_fd;	      /* of those that do: a byte for each signal */

static void fail(const char *what)
{
	perror(what);
	exit(99);
}

static pid_t clone_as(pid_t pid)
{
	struct clone_args args = { .exit_signal = SIGCHLD,
				   .set_tid = (uint64_t)(uintptr_t)&pid,
				   .set_tid_size = 1 };

	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

static void nap_us(long us)
{
	struct timespec time = { .tv_nsec = us * 1000 };

	nanosleep(&time, NULL);
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* --- those that get the pid -------------------------------------------------------- */

static void on_term_late(int signo)
{
	(void)signo;
	nap_us((long)(getpid() * 7919L + time(NULL) * 104729L) % DELAY_US);
	_exit(0);
}

static void note(int signo)
{
	char byte = (char)signo;

	if (signals)
		__atomic_add_fetch(&signals[signo], 1, __ATOMIC_SEQ_CST);
	else if (write(report_fd, &byte, 1) != 1)
		_exit(98);
}

static void note_signals(void)
{
	for (int signo = 1; signo < 32; signo++) {
		if (signo != SIGKILL && signo != SIGSTOP)
			signal(signo, note);
	}
}

static void live(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
}

/* What an exec of ourselves is: `revenant =ROLE READY_FD`. */
static int play(const char *role, int fd)
{
	report_fd = fd;
	if (strcmp(role, "=late") == 0)
		signal(SIGTERM, on_term_late);
	else if (strcmp(role, "=frozen") == 0)
		signal(SIGTERM, SIG_IGN);
	else if (strcmp(role, "=heir") == 0)
		note_signals();
	if (write(fd, "", 1) != 1)
		_exit(98);
	live();
	return 0;
}

static void become(const char *role, const char *id, int fd)
{
	char marker[256], number[16];
	char *envp[] = { marker, NULL };
	const char *args[] = { "goose", role, number, NULL };

	snprintf(marker, sizeof(marker), "SPROUT_MANAGED_AGENT=%s", id);
	snprintf(number, sizeof(number), "%d", fd);
	execve("/proc/self/exe", (char **)args, envp);
	_exit(97);
}

/* Start one with a marker as @pid and wait until it has its environment. */
static pid_t start_marked(pid_t pid, const char *how, const char *id, int pipefd[2])
{
	char role[16], byte;
	pid_t child;

	snprintf(role, sizeof(role), "=%s", how);
	child = clone_as(pid);
	if (child == 0)
		become(role, id, pipefd[1]);
	if (child > 0 && read(pipefd[0], &byte, 1) != 1)
		fail("read");
	return child;
}

static pid_t start_heir(const struct plan *p, pid_t pid, int pipefd[2])
{
	pid_t child;

	if (p->heir)
		return start_marked(pid, "heir", p->heir, pipefd);
	child = clone_as(pid);
	if (child == 0) {
		note_signals();
		live();
	}
	return child;
}

/* --- a round ------------------------------------------------------------------------- */

static pid_t run_program(char **program)
{
	pid_t pid = fork();

	if (pid == 0) {
		execvp(program[0], program);
		_exit(127);
	}
	if (pid < 0)
		fail("fork");
	return pid;
}

static bool get_signals(int fd)
{
	bool any = false;
	char bytes[64];

	while (read(fd, bytes, sizeof(bytes)) > 0)
		any = true;
	for (int i = 1; i < 32; i++)
		any |= __atomic_exchange_n(&signals[i], 0, __ATOMIC_SEQ_CST) != 0;
	return any;
}

/* One of our children has changed: hand on the pid, or note what happened. */
static void mind(const struct plan *p, struct round *r, pid_t pid, int status, int pipefd[2])
{
	if (pid == r->program) {
		r->program = 0;
		r->status = status;
	} else if (pid == r->heir) {
		r->signalled = true;
		if (WIFSTOPPED(status))
			kill(pid, SIGCONT);
		else
			r->heir = 0;
	} else if (pid == r->victim && WIFSTOPPED(status)) {
		kill(pid, SIGKILL);
	} else if (pid == r->victim) {
		r->heir = start_heir(p, pid, pipefd);
		r->victim = 0;
		if (r->heir < 0)
			fail("clone3");
	}
}

static void end(pid_t pid)
{
	if (pid <= 0)
		return;
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* Whether the heir was there before the program had ended. */
static bool play_round(const struct plan *p, struct round *r, int pipefd[2])
{
	bool early = strcmp(p->how, "early") == 0, handed_on = false;
	int status;

	r->victim = start_marked((pid_t)p->pid, p->how, p->id, pipefd);
	if (r->victim < 0) {
		fprintf(stderr, "clone3: %s\n", strerror(errno));
		exit(77);
	}
	r->program = run_program(p->program);
	if (early) {
		nap_us(random() % DELAY_US);
		kill(r->victim, SIGKILL);
	}
	while (r->program) {
		pid_t pid = waitpid(-1, &status, WUNTRACED);

		if (pid < 0 && errno != EINTR)
			fail("waitpid");
		if (pid > 0)
			mind(p, r, pid, status, pipefd);
		handed_on |= r->heir && r->program;
	}
	/* What came at the very end: the signals are out, the program is dead. */
	if (r->heir > 0 && waitpid(r->heir, &status, WUNTRACED | WNOHANG) > 0)
		r->signalled = true;
	return handed_on;
}

static int parse(int argc, char **argv, struct plan *p)
{
	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--") == 0) {
			p->program = &argv[i + 1];
			break;
		}
		if (strcmp(argv[i], "--id") == 0)
			p->id = argv[i + 1];
		else if (strcmp(argv[i], "--how") == 0)
			p->how = argv[i + 1];
		else if (strcmp(argv[i], "--heir") == 0)
			p->heir = argv[i + 1];
		else if (strcmp(argv[i], "--ms") == 0)
			p->ms = strtol(argv[i + 1], NULL, 10);
		else if (strcmp(argv[i], "--pid") == 0)
			p->pid = strtol(argv[i + 1], NULL, 10);
		else
			return -1;
	}
	return p->id && p->how && p->program ? 0 : -1;
}

int main(int argc, char **argv)
{
	struct plan p = { .ms = 1000, .pid = 6001 };
	long rounds = 0, reused = 0, signalled = 0, odd = 0;
	int pipefd[2];
	long long until;

	if (argc == 3 && argv[1][0] == '=')
		return play(argv[1], (int)strtol(argv[2], NULL, 10));
	if (parse(argc, argv, &p) < 0) {
		fprintf(stderr, "revenant: bad arguments\n");
		return 99;
	}
	signals = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (signals == MAP_FAILED || pipe(pipefd) < 0)
		fail("setup");
	/* Not tini: what that was made to run has not lost its parent. */
	prctl(PR_SET_NAME, "systemd");
	for (until = now_ms() + p.ms; now_ms() < until; rounds++) {
		struct round r = { 0 };

		reused += play_round(&p, &r, pipefd);
		fcntl(pipefd[0], F_SETFL, O_NONBLOCK);
		signalled += get_signals(pipefd[0]) || r.signalled;
		fcntl(pipefd[0], F_SETFL, 0);
		odd += !WIFEXITED(r.status) || WEXITSTATUS(r.status);
		end(r.victim);
		end(r.heir);
	}
	printf("rounds %ld, reused %ld, signalled %ld, odd %ld\n", rounds, reused, signalled, odd);
	return signalled ? 1 : 0;
}
