/* SPDX-License-Identifier: MIT */
/*
 * A refresh of the view where orphans hold many descriptors: each is looked at for windows,
 * listeners and mounts.
 *
 *	descriptors SLEEPER
 *
 * Runs in a pid namespace of its own, whose pid 1 it is (make bench).
 */
#include <spawn.h>
#include <sys/prctl.h>

#include "bench/engine.h"
#include "bench/measure.h"

enum { REFRESHES = 15 };

/* Orphans with @fds descriptors each, which they inherit. */
static void start(long orphans, int fds, const char *sleeper)
{
	static char marker[] = "SPROUT_MANAGED_AGENT=xyz.block.sprout.app.dev";
	char *const argv[] = { (char *)sleeper, NULL }, *const env[] = { marker, NULL };
	int first = open("/dev/null", O_RDONLY), last = first;

	while (first >= 0 && last < first + fds - 1)
		last = dup(first);
	for (long i = 0; i < orphans; i++) {
		pid_t pid;

		if (last < 0 || posix_spawn(&pid, sleeper, NULL, NULL, argv, env)) {
			fprintf(stderr, "descriptors: cannot start a process\n");
			exit(1);
		}
	}
	for (int fd = first; fd <= last; fd++)
		close(fd);
}

static void measure(long orphans, int fds)
{
	const unsigned flags = TICK_COUNT | TICK_PORTS | TICK_AHEAD;
	struct engine *eng = engine_over_all();
	double took[REFRESHES], began;

	engine_tick(eng, flags, NULL, NULL);
	for (int i = 0; i < REFRESHES; i++) {
		began = measure_cpu_ms();
		if (engine_tick(eng, flags, NULL, NULL))
			exit(1);
		took[i] = measure_cpu_ms() - began;
	}
	printf("%6ld orphans with %3d descriptors more, CPU ms a refresh: %8.2f\n", orphans, fds,
	       measure_median(took, REFRESHES));
	fflush(stdout);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: descriptors SLEEPER\n");
		return 2;
	}
	prctl(PR_SET_NAME, "init");
	printf("\nrefreshes of the view\n");
	start(50, 300, argv[1]);
	measure(50, 300);
	start(1950, 3, argv[1]);
	measure(2000, 3);
	_exit(0); /* pid 1 of the namespace: the fleet goes with it */
}
