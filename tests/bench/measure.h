/* SPDX-License-Identifier: MIT */
#ifndef TESTS_BENCH_MEASURE_H
#define TESTS_BENCH_MEASURE_H

/*
 * What the benchmarks share: the CPU time of a child (user + system), medians, and
 * commands run without a terminal. A benchmark is no test: nothing passes or fails.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Runs of a row: up to MEASURE_RUNS, no more than MEASURE_MIN after MEASURE_ENOUGH_MS of CPU. */
enum { MEASURE_RUNS = 9, MEASURE_MIN = 3, MEASURE_ENOUGH_MS = 5000 };

static inline double measure_usage_ms(const struct rusage *u)
{
	return (double)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1e3 +
	       (double)(u->ru_utime.tv_usec + u->ru_stime.tv_usec) / 1e3;
}

static inline double measure_cpu_ms(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return measure_usage_ms(&u);
}

static inline double measure_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static inline int measure_by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static inline double measure_median(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), measure_by_value);
	return v[n / 2];
}

/* Median CPU ms of @work, run in a child of its own each time, with what that waits for. */
static inline double measure_child(void (*work)(void))
{
	double took[MEASURE_RUNS], all = 0;
	size_t nr = 0;

	while (nr < MEASURE_RUNS && (nr < MEASURE_MIN || all < MEASURE_ENOUGH_MS)) {
		struct rusage u;
		pid_t pid = fork();

		if (pid == 0) {
			work();
			_exit(0);
		}
		wait4(pid, NULL, 0, &u);
		took[nr] = measure_usage_ms(&u);
		all += took[nr++];
	}
	return measure_median(took, nr);
}

/* Become @argv, with /dev/null for a terminal. */
static inline void measure_exec(const char *const *argv)
{
	int null = open("/dev/null", O_RDWR);

	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	execvp(argv[0], (char *const *)argv);
	_exit(127);
}

static const char *const *measure_argv;

static inline void measure_exec_argv(void)
{
	measure_exec(measure_argv);
}

/* Median CPU ms of a command from start to exit; negative: it is not installed. */
static inline double measure_command(const char *const *argv)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		measure_exec(argv);
	if (waitpid(pid, &status, 0) != pid || (WIFEXITED(status) && WEXITSTATUS(status) == 127))
		return -1;
	measure_argv = argv;
	return measure_child(measure_exec_argv);
}

#endif
