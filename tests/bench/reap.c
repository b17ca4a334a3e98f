/* SPDX-License-Identifier: MIT */
/*
 * Ending willing processes and seeing them dead: stray beside a program that
 * does nothing but signal and wait for their pidfds. Both start anew each time,
 * and in turn.
 *
 *	reap STRAY SLEEPER [PROCESSES]
 */
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/measure.h"
#include "linux/pidfd.h"

enum { RUNS = 9, MOST = 1000 };

#define INSTANCE "xyz.block.sprout.app.dev"

static pid_t pids[MOST];
static long nr;
static const char *stray, *sleeper;

static void plain(void)
{
	static struct pollfd fds[MOST];
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	for (long i = 0; i < nr; i++)
		fds[i] = (struct pollfd){ .fd = pidfd_of(pids[i]), .events = POLLIN };
	for (long i = 0; i < nr; i++)
		if (pidfd_signal(fds[i].fd, SIGTERM) < 0)
			_exit(1);
	for (long i = 0; i < nr; i++)
		poll(&fds[i], 1, -1);
	_exit(0);
}

static void ours(void)
{
	if (!freopen("/dev/null", "w", stdout))
		_exit(1);
	execl(stray, stray, "--reap", INSTANCE, NULL);
	_exit(127);
}

/* Start the fleet, have @end end it, and bury it. */
static void measure(void (*end)(void), double *ret_wall_ms, double *ret_cpu_ms)
{
	static char marker[] = "SPROUT_MANAGED_AGENT=" INSTANCE;
	char *const argv[] = { (char *)sleeper, NULL }, *const env[] = { marker, NULL };
	struct rusage u;
	double began;
	int status;
	pid_t pid;

	for (long i = 0; i < nr; i++)
		if (posix_spawn(&pids[i], sleeper, NULL, NULL, argv, env))
			exit(1);
	began = measure_now_ms();
	pid = fork();
	if (pid == 0)
		end();
	wait4(pid, &status, 0, &u);
	*ret_wall_ms = measure_now_ms() - began;
	*ret_cpu_ms = measure_usage_ms(&u);
	for (long i = 0; i < nr; i++)
		if (waitpid(pids[i], NULL, WNOHANG) != pids[i]) {
			fprintf(stderr, "reap: process %d was left alive\n", (int)pids[i]);
			exit(1);
		}
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		exit(1);
}

int main(int argc, char **argv)
{
	double wall[2][RUNS], cpu[2][RUNS], ratio[RUNS];

	if (argc < 3) {
		fprintf(stderr, "usage: reap STRAY SLEEPER [PROCESSES]\n");
		return 2;
	}
	stray = argv[1];
	sleeper = argv[2];
	nr = argc > 3 ? strtol(argv[3], NULL, 10) : 300;
	if (nr < 1 || nr > MOST)
		return 2;
	for (int i = 0; i < RUNS; i++) {
		measure(plain, &wall[0][i], &cpu[0][i]);
		measure(ours, &wall[1][i], &cpu[1][i]);
		ratio[i] = wall[1][i] / wall[0][i];
	}
	printf("\n%ld willing processes ended and seen dead, medians of %d runs in turn\n", nr,
	       RUNS);
	printf("%-42s %8.1f ms, %6.1f ms of CPU\n", "stray --reap, from start to exit",
	       measure_median(wall[1], RUNS), measure_median(cpu[1], RUNS));
	printf("%-42s %8.1f ms, %6.1f ms of CPU\n", "SIGTERM and poll(2) of their pidfds alone",
	       measure_median(wall[0], RUNS), measure_median(cpu[0], RUNS));
	printf("ratio of the times, pair by pair: %.2f\n", measure_median(ratio, RUNS));
	return 0;
}
