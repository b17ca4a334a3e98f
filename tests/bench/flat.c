/* SPDX-License-Identifier: MIT */
/*
 * Ten thousand ticks while processes come and go: one of them ends and another
 * starts before each, agents and desktops among them. RSS and open descriptors at
 * the start, and after every thousand. Flat means that the columns stop growing.
 *
 *	flat SLEEPER [TICKS]
 */
#include <dirent.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "linux/reaper.h"
#include "linux/source.h"
#include "stray/engine.h"

static long descriptors(void)
{
	long n = 0;
	DIR *d = opendir("/proc/self/fd");

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n - 3; /* . and .. and the folder itself */
}

static long resident_kib(void)
{
	long total = 0, resident = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (!f || fscanf(f, "%ld %ld", &total, &resident) != 2)
		resident = 0;
	if (f)
		fclose(f);
	return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

enum { FLEET = 50 };

/* Every fifth is an agent, of one of three instances, and every tenth a desktop. */
static void start(pid_t *ret_pid, long nr, const char *sleeper)
{
	char marker[64], id[32];
	char *agent[] = { marker, NULL }, *none[] = { NULL };
	char *argv[] = { (char *)(nr % 10 ? "sleeper" : "sprout-desktop"), id, NULL };

	snprintf(id, sizeof(id), "xyz.flat.i%ld", nr % 3);
	snprintf(marker, sizeof(marker), "SPROUT_MANAGED_AGENT=%s", id);
	if (posix_spawn(ret_pid, sleeper, NULL, NULL, argv, nr % 5 == 1 ? agent : none)) {
		fprintf(stderr, "flat: cannot start process %ld\n", nr);
		exit(1);
	}
}

static void replace(pid_t *pid, long nr, const char *sleeper)
{
	if (*pid) {
		kill(*pid, SIGKILL);
		waitpid(*pid, NULL, 0);
	}
	start(pid, nr, sleeper);
}

int main(int argc, char **argv)
{
	static pid_t fleet[FLEET];
	struct engine_options o = { .settings = engine_defaults,
				    .stop_fd = -1,
				    .scope.all_users = true };
	long ticks = argc > 2 ? strtol(argv[2], NULL, 10) : 10000;
	struct policy policy;
	struct source *src;
	struct reaper *reaper;
	struct engine *eng;

	if (argc < 2 || ticks < 1)
		return 2;
	o.policy = &policy;
	if (policy_init(&policy) || procfs_source_new(&policy, &src) || pidfd_reaper_new(&reaper) ||
	    engine_new(&o, src, reaper, &eng))
		return 1;
	for (long i = 0; i < FLEET; i++)
		start(&fleet[i], i, argv[1]);
	printf("\nticks, before each of which one of %d processes ends and another starts\n",
	       FLEET);
	printf("%8s %10s %12s\n", "ticks", "RSS KiB", "descriptors");
	for (long i = 0; i <= ticks; i++) {
		if (i % (ticks / 10 ? ticks / 10 : 1) == 0)
			printf("%8ld %10ld %12ld\n", i, resident_kib(), descriptors());
		replace(&fleet[i % FLEET], i, argv[1]);
		if (engine_tick(eng, TICK_COUNT, NULL, NULL))
			return 1;
	}
	engine_free(eng);
	src->ops->free(src);
	reaper->ops->free(reaper);
	policy_release(&policy);
	return 0; /* pid 1 of the namespace: the fleet goes with it */
}
