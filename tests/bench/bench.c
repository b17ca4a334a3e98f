/* SPDX-License-Identifier: MIT */
/*
 * What a tick costs, beside the peers, in one run: CPU time (user + system) as
 * medians, and ratios. Nothing here passes or fails: a benchmark is no test.
 *
 *	bench PROCESSES MANAGED_PERCENT INSTANCES STRAY SLEEPER ORIGINAL
 *
 * Runs in a pid namespace of its own (make bench), so that the fleet is all
 * there is and goes with it.
 */
#include <dirent.h>
#include <fcntl.h>
#include <libproc2/pids.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench/engine.h"
#include "bench/measure.h"

enum { TICKS = 40 };

static void list_proc(void)
{
	DIR *d = opendir("/proc");

	while (d && readdir(d))
		;
}

/* Of each process: these files opened, read once and closed; a link only read. */
static void read_all(const char *const *files, size_t nr)
{
	static char buf[1 << 16];
	static size_t links;
	struct dirent *e;
	DIR *d = opendir("/proc");

	while (d && (e = readdir(d))) {
		if (e->d_name[0] < '1' || e->d_name[0] > '9')
			continue;
		for (size_t i = 0; i < nr; i++) {
			char path[300];
			int fd;

			snprintf(path, sizeof(path), "/proc/%s/%s", e->d_name, files[i]);
			if (strcmp(files[i], "exe") == 0) {
				links += readlink(path, buf, sizeof(buf)) > 0;
				continue;
			}
			fd = open(path, O_RDONLY);
			if (fd < 0)
				continue;
			if (read(fd, buf, sizeof(buf)) < 0)
				fprintf(stderr, "bench: cannot read %s\n", path);
			close(fd);
		}
	}
}

static void read_both(void)
{
	static const char *const files[] = { "stat", "environ" };

	read_all(files, 2);
}

/* What a first scan cannot do without: a desktop is known by its arguments or program, too. */
static void read_all_four(void)
{
	static const char *const files[] = { "stat", "environ", "cmdline", "exe" };

	read_all(files, 4);
}

static void libproc2_pass(bool environ)
{
	enum pids_item items[] = { PIDS_ID_PID, PIDS_ID_PPID, PIDS_TICS_BEGAN,
				   PIDS_STATE,	PIDS_CMD,     PIDS_ENVIRON_V };
	struct pids_info *info = NULL;

	if (procps_pids_new(&info, items, environ ? 6 : 5) == 0)
		procps_pids_reap(info, PIDS_FETCH_TASKS_ONLY);
}

static void libproc2_stat(void)
{
	libproc2_pass(false);
}

static void libproc2_environ(void)
{
	libproc2_pass(true);
}

static void spawn_fleet(long nr, long managed_percent, long instances, const char *sleeper)
{
	static char filler[4096], marker[128];
	char *const argv[] = { (char *)sleeper, NULL };
	char *plain[] = { filler, NULL }, *marked[] = { filler, marker, NULL };
	long managed = nr * managed_percent / 100;

	memset(filler, 'x', sizeof(filler) - 1);
	memcpy(filler, "FILLER=", 7);
	for (long i = 0; i < nr; i++) {
		pid_t pid;

		snprintf(marker, sizeof(marker),
			 "SPROUT_MANAGED_AGENT=xyz.block.sprout.app.dev.i%ld", i % instances);
		if (posix_spawn(&pid, sleeper, NULL, NULL, argv, i < managed ? marked : plain)) {
			fprintf(stderr, "bench: cannot start process %ld\n", i);
			exit(1);
		}
	}
}

struct own {
	double tick_ms, own_kib, grown_kib, fds;
};

static long open_fds(void)
{
	long n = 0;
	DIR *d = opendir("/proc/self/fd");

	while (d && readdir(d))
		n++;
	closedir(d);
	return n;
}

/* Resident, without the pages of files: those are the program's and its libraries'. */
static long own_kib(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	long total = 0, resident = 0, shared = 0;

	if (f && fscanf(f, "%ld %ld %ld", &total, &resident, &shared) != 3)
		resident = shared = 0;
	if (f)
		fclose(f);
	return (resident - shared) * (sysconf(_SC_PAGESIZE) / 1024);
}

static void first_scan(void)
{
	if (engine_tick(engine_over_all(), TICK_COUNT, NULL, NULL))
		_exit(1);
}

/* Ticks after a first scan, one by one; in a child, results through a pipe. */
static struct own measure_ticks(long ticks)
{
	struct own own = { 0 };
	int pipe_fd[2];
	pid_t pid;

	if (pipe(pipe_fd))
		exit(1);
	pid = fork();
	if (pid == 0) {
		double *took = calloc((size_t)ticks, sizeof(*took)), before;
		double start_kib = (double)own_kib();
		struct engine *eng = engine_over_all();

		engine_tick(eng, TICK_COUNT, NULL, NULL);
		/* Processes are read again until they settle: a fleet of minutes, not of seconds. */
		sleep(12);
		for (int i = 0; i < 4; i++)
			engine_tick(eng, TICK_COUNT, NULL, NULL);
		for (long i = 0; i < ticks; i++) {
			before = measure_cpu_ms();
			engine_tick(eng, TICK_COUNT, NULL, NULL);
			took[i] = measure_cpu_ms() - before;
		}
		own.tick_ms = measure_median(took, (size_t)ticks);
		own.own_kib = (double)own_kib();
		own.grown_kib = own.own_kib - start_kib;
		own.fds = (double)open_fds();
		if (write(pipe_fd[1], &own, sizeof(own)) != sizeof(own))
			_exit(1);
		_exit(0);
	}
	close(pipe_fd[1]);
	if (read(pipe_fd[0], &own, sizeof(own)) != sizeof(own))
		fprintf(stderr, "bench: the engine failed\n");
	close(pipe_fd[0]);
	waitpid(pid, NULL, 0);
	return own;
}

static long peak_rss_kib(const char *stray)
{
	const char *const argv[] = { stray, "--sweep", "--once", "--dry-run", "--all-users", NULL };
	struct rusage u;
	pid_t pid = fork();

	if (pid == 0)
		measure_exec(argv);
	wait4(pid, NULL, 0, &u);
	return u.ru_maxrss;
}

int main(int argc, char **argv)
{
	const char *const ps[] = { "ps", "-e", "-o", "pid,ppid,pgid,sid,stat,rss,args", NULL };
	const char *const pgrep[] = { "pgrep", "-f", "sprout-desktop", NULL };
	const char *const top[] = { "top", "-b", "-n1", NULL };
	const char *original[] = { NULL, NULL };
	struct {
		const char *name;
		double ms;
	} row[16];
	size_t rows = 0;
	struct own own;
	double first_ms;
	long nr;

	if (argc != 7) {
		fprintf(stderr,
			"usage: bench PROCESSES MANAGED_PERCENT INSTANCES STRAY SLEEPER ORIGINAL\n");
		return 2;
	}
	nr = strtol(argv[1], NULL, 10);
	original[0] = argv[6];
	spawn_fleet(nr, strtol(argv[2], NULL, 10), strtol(argv[3], NULL, 10), argv[5]);

	own = measure_ticks(TICKS);
	first_ms = measure_child(first_scan);
#define ROW(label, value) (row[rows].name = (label), row[rows++].ms = (value))
	ROW("stray, steady tick", own.tick_ms);
	ROW("stray, first scan", first_ms);
	ROW("listing /proc (getdents)", measure_child(list_proc));
	ROW("open+read+close of stat and environ", measure_child(read_both));
	ROW("... and of cmdline, and exe's target", measure_child(read_all_four));
	ROW("libproc2 pass, stat", measure_child(libproc2_stat));
	ROW("libproc2 pass, stat and environ", measure_child(libproc2_environ));
	ROW("ps -e -o pid,ppid,pgid,sid,stat,rss,args", measure_command(ps));
	ROW("pgrep -f", measure_command(pgrep));
	ROW("top -b -n1", measure_command(top));
	ROW("the original's algorithm", measure_command(original));

	printf("\n%ld processes, %s %% managed, %s instances; CPU ms, medians of %d to %d (ticks: %d)\n",
	       nr, argv[2], argv[3], MEASURE_MIN, MEASURE_RUNS, TICKS);
	printf("%-42s %10s %12s %12s\n", "", "CPU ms", "tick / this", "first / this");
	for (size_t i = 0; i < rows; i++)
		printf("%-42s %10.2f %12.3f %12.3f\n", row[i].name, row[i].ms,
		       own.tick_ms / row[i].ms, first_ms / row[i].ms);
	printf("engine after the ticks: %.0f KiB of its own, %.0f bytes a process more than before the first, %.0f descriptors; peak RSS of --sweep --once: %ld KiB\n",
	       own.own_kib, own.grown_kib * 1024 / (double)nr, own.fds, peak_rss_kib(argv[4]));
	fflush(stdout);
	_exit(0); /* pid 1 of the namespace: the fleet goes with it */
}
