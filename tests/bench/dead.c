/* SPDX-License-Identifier: MIT */
/*
 * A sweep of dead instances: K instances of one process each beside one instance of K
 * processes, both ended at first sight, among other processes; and the same with
 * processes that ignore SIGTERM, which all wait at the same time.
 *
 *	dead STRAY SLEEPER [OTHERS]
 *
 * Runs in a pid namespace of its own, whose pid 1 it is (make bench).
 */
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>

#include "bench/measure.h"

enum { MOST = 1000 };

static const char *stray, *sleeper;

static pid_t start(const char *marker, bool unwilling)
{
	char *const argv[] = { (char *)sleeper, unwilling ? (char *)"unwilling" : NULL, NULL };
	char *const env[] = { (char *)marker, NULL };
	pid_t pid;

	if (posix_spawn(&pid, sleeper, NULL, NULL, argv, env)) {
		fprintf(stderr, "dead: cannot start a process\n");
		exit(1);
	}
	return pid;
}

static void forget(const char *state)
{
	const char *const argv[] = { "rm", "-r", state, NULL };
	pid_t pid = fork();

	if (pid == 0)
		measure_exec(argv);
	waitpid(pid, NULL, 0);
}

static void measure(const char *name, long nr, long instances, bool unwilling)
{
	const char *const argv[] = { stray, "--sweep",	      "--once", "--grace",
				     "1",   "--term-timeout", "1s",	NULL };
	static pid_t pids[MOST];
	char state[] = "/tmp/stray-bench.XXXXXX";
	struct rusage u;
	double began;
	long left = 0;
	pid_t pid;

	for (long i = 0; i < nr; i++) {
		char marker[96];

		snprintf(marker, sizeof(marker),
			 "SPROUT_MANAGED_AGENT=xyz.block.sprout.app.dev.i%ld", i % instances);
		pids[i] = start(marker, unwilling);
	}
	/* A ledger of its own: a tick soon after another only looks. */
	if (!mkdtemp(state) || setenv("STRAY_STATE_DIR", state, 1))
		exit(1);
	began = measure_now_ms();
	pid = fork();
	if (pid == 0)
		measure_exec(argv);
	wait4(pid, NULL, 0, &u);
	printf("%-34s %6ld %6ld %10.0f %10.1f", name, nr, instances, measure_now_ms() - began,
	       measure_usage_ms(&u));
	forget(state);
	for (long i = 0; i < nr; i++)
		left += waitpid(pids[i], NULL, WNOHANG) != pids[i];
	printf("%s\n", left ? "  SOME ARE LEFT" : "");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	long others = argc > 3 ? strtol(argv[3], NULL, 10) : 2000;

	if (argc < 3) {
		fprintf(stderr, "usage: dead STRAY SLEEPER [OTHERS]\n");
		return 2;
	}
	stray = argv[1];
	sleeper = argv[2];
	prctl(PR_SET_NAME, "init");
	for (long i = 0; i < others; i++)
		start("PLAIN=yes", false);
	printf("\nsweep of dead instances among %ld others\n%-34s %6s %6s %10s %10s\n", others, "",
	       "procs", "inst.", "wall ms", "CPU ms");
	measure("one instance", 50, 1, false);
	measure("an instance a process", 50, 50, false);
	measure("one instance", 300, 1, false);
	measure("an instance a process", 300, 300, false);
	measure("... that ignores SIGTERM", 60, 60, true);
	_exit(0); /* pid 1 of the namespace: the fleet goes with it */
}
