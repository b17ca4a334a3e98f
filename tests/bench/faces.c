/* SPDX-License-Identifier: MIT */
/*
 * What a face costs from start to exit, beside the programs that do a part of it:
 * CPU ms, medians, in a fleet of unmanaged processes.
 *
 *	faces PROCESSES STRAY SLEEPER
 *
 * Runs in a pid namespace of its own (make bench). As root the rows of an ordinary
 * user follow: its look among the processes of root.
 */
#include <grp.h>
#include <signal.h>
#include <spawn.h>

#include "bench/measure.h"

enum { OTHER_USER = 65534, WIDTH = 44 };

static const char *stray;
static bool as_other;

static void start_fleet(long nr, const char *sleeper)
{
	static char filler[4096];
	char *const argv[] = { (char *)sleeper, NULL }, *const env[] = { filler, NULL };

	memset(filler, 'x', sizeof(filler) - 1);
	memcpy(filler, "FILLER=", 7);
	for (long i = 0; i < nr; i++) {
		pid_t pid;

		if (posix_spawn(&pid, sleeper, NULL, NULL, argv, env)) {
			fprintf(stderr, "faces: cannot start process %ld\n", i);
			exit(1);
		}
	}
}

static void exec_as_other(void)
{
	/* The folders of root are not another user's. */
	if (as_other && (unsetenv("STRAY_STATE_DIR") || setenv("HOME", "/", 1)))
		_exit(1);
	if (as_other &&
	    (setgroups(0, NULL) < 0 || setgid(OTHER_USER) < 0 || setuid(OTHER_USER) < 0))
		_exit(1);
	measure_exec(measure_argv);
}

static double cost(const char *const *argv)
{
	int status;
	pid_t pid = fork();

	measure_argv = argv;
	if (pid == 0)
		exec_as_other();
	if (waitpid(pid, &status, 0) != pid || (WIFEXITED(status) && WEXITSTATUS(status) == 127))
		return -1;
	return measure_child(exec_as_other);
}

/* @argv[0] NULL: stray. */
struct row {
	const char *name;
	const char *argv[8];
};

static void print_rows(const struct row *rows, size_t nr)
{
	double base = 0;

	for (size_t i = 0; i < nr; i++) {
		const char *argv[9] = { rows[i].argv[0] ? rows[i].argv[0] : stray };
		double ms;

		for (size_t k = 1; k < 8; k++)
			argv[k] = rows[i].argv[k];
		ms = cost(argv);
		if (ms < 0) {
			printf("%-*s %10s\n", WIDTH, rows[i].name, "missing");
			continue;
		}
		base = i ? base : ms;
		printf("%-*s %10.2f %12.3f\n", WIDTH, rows[i].name, ms, base ? ms / base : 0);
		fflush(stdout);
	}
}

int main(int argc, char **argv)
{
	static const struct row of_root[] = {
		{ "ps -e -o pid,ppid,pgid,sid,stat,rss,args",
		  { "ps", "-e", "-o", "pid,ppid,pgid,sid,stat,rss,args" } },
		{ "pgrep -f NOTHING", { "pgrep", "-f", "no-such-program" } },
		{ "tini -s -- true", { "tini", "-s", "--", "true" } },
		{ "dumb-init true", { "dumb-init", "true" } },
		{ "catatonit true", { "catatonit", "true" } },
		{ "stray --version", { NULL, "--version" } },
		{ "stray --run -- true", { NULL, "--run", "--", "true" } },
		{ "stray --check -- true", { NULL, "--check", "--", "true" } },
		{ "stray --check", { NULL, "--check" } },
		{ "stray --list", { NULL, "--list" } },
		{ "stray --reap INSTANCE, of none", { NULL, "--reap", "no.such.instance" } },
		{ "stray --sweep --once --dry-run", { NULL, "--sweep", "--once", "--dry-run" } },
	};
	static const struct row of_other[] = {
		{ "ps -e, as an ordinary user", { "ps", "-e" } },
		{ "stray --list, as an ordinary user", { NULL, "--list" } },
		{ "stray --run -- true, as an ordinary user", { NULL, "--run", "--", "true" } },
	};
	long nr = argc == 4 ? strtol(argv[1], NULL, 10) : -1;

	if (nr < 0) {
		fprintf(stderr, "usage: faces PROCESSES STRAY SLEEPER\n");
		return 2;
	}
	stray = argv[2];
	start_fleet(nr, argv[3]);
	printf("\nfaces among %ld processes, from start to exit\n%-*s %10s %12s\n", nr, WIDTH, "",
	       "CPU ms", "/ first row");
	print_rows(of_root, sizeof(of_root) / sizeof(of_root[0]));
	as_other = getuid() == 0;
	if (as_other)
		print_rows(of_other, sizeof(of_other) / sizeof(of_other[0]));
	fflush(stdout);
	_exit(0); /* pid 1 of the namespace: the fleet goes with it */
}
