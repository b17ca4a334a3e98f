/*
 * Ten thousand ticks on what runs here: RSS and open descriptors at the start,
 * and after every thousand. Flat means that the columns stop growing.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "linux/reaper.h"
#include "linux/source.h"
#include "stray/sweep.h"

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

int main(int argc, char **argv)
{
	struct sweep_options o = { .settings = sweep_defaults, .stop_fd = -1, .scope.all_users = true };
	long ticks = argc > 1 ? strtol(argv[1], NULL, 10) : 10000;
	struct policy policy;
	struct source *src;
	struct reaper *reaper;
	struct sweep *sw;

	o.policy = &policy;
	if (policy_init(&policy) || procfs_source_new(&policy, &src) || pidfd_reaper_new(&reaper) ||
	    sweep_new(&o, src, reaper, &sw))
		return 1;
	printf("%8s %10s %12s\n", "ticks", "RSS KiB", "descriptors");
	for (long i = 0; i <= ticks; i++) {
		if (i % (ticks / 10 ? ticks / 10 : 1) == 0)
			printf("%8ld %10ld %12ld\n", i, resident_kib(), descriptors());
		if (sweep_tick(sw, TICK_COUNT, NULL, NULL))
			return 1;
	}
	sweep_free(sw);
	src->ops->free(src);
	reaper->ops->free(reaper);
	policy_release(&policy);
	return 0;
}
