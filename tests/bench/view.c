/* SPDX-License-Identifier: MIT */
/*
 * The view's CPU beside htop's: the same 2,000 processes, terminal size, delay
 * and time. Each runs alone, on a pseudo terminal of its own, and is ended with
 * its own key.
 *
 *	view STRAY SLEEPER [SECONDS]
 */
#include <poll.h>
#include <pty.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PROCESSES = 2000, MANAGED = 20 };

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void spawn_fleet(const char *sleeper)
{
	static char filler[4096];
	char *const argv[] = { (char *)sleeper, NULL };
	static char marker[] = "SPROUT_MANAGED_AGENT=xyz.block.sprout.app.dev";
	char *plain[] = { filler, NULL }, *marked[] = { filler, marker, NULL };

	memset(filler, 'x', sizeof(filler) - 1);
	memcpy(filler, "FILLER=", 7);
	for (int i = 0; i < PROCESSES; i++) {
		pid_t pid;

		if (posix_spawn(&pid, sleeper, NULL, NULL, argv, i < MANAGED ? marked : plain)) {
			fprintf(stderr, "view: cannot start process %d\n", i);
			exit(1);
		}
	}
}

/* Read what it draws until @until, so that it never waits for the terminal. */
static void drain(int fd, double until)
{
	static char buf[1 << 16];
	struct pollfd p = { .fd = fd, .events = POLLIN };

	for (double left = until - now_s(); left > 0; left = until - now_s())
		if (poll(&p, 1, (int)(left * 1000) + 1) > 0 && read(fd, buf, sizeof(buf)) <= 0)
			return;
}

/* CPU seconds that @argv used in @seconds on a terminal of 120x40. */
static double measure(const char *const *argv, double seconds, long *ret_rss_kib)
{
	struct winsize size = { .ws_row = 40, .ws_col = 120 };
	struct rusage u;
	int fd, status;
	pid_t pid = forkpty(&fd, NULL, NULL, &size);

	if (pid == 0) {
		setenv("TERM", "xterm-256color", 1);
		unsetenv("LINES");
		unsetenv("COLUMNS");
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	drain(fd, now_s() + seconds);
	if (write(fd, "q", 1) != 1)
		fprintf(stderr, "view: %s has gone\n", argv[0]);
	drain(fd, now_s() + 3);
	close(fd);
	wait4(pid, &status, 0, &u);
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		fprintf(stderr, "view: %s did not run to its end\n", argv[0]);
		exit(1);
	}
	*ret_rss_kib = u.ru_maxrss;
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
	const char *const htop[] = { "htop", "-d", "20", NULL };
	const char *const own[] = { argc > 1 ? argv[1] : "", "--delay", "2s", NULL };
	double seconds = argc > 3 ? strtod(argv[3], NULL) : 20, a, b;
	long own_rss, htop_rss;

	if (argc < 3) {
		fprintf(stderr, "usage: view STRAY SLEEPER [SECONDS]\n");
		return 2;
	}
	spawn_fleet(argv[2]);
	a = measure(own, seconds, &own_rss);
	b = measure(htop, seconds, &htop_rss);
	printf("\nthe view for %.0f s at 120x40, every 2 s, %d processes (%d managed)\n", seconds,
	       PROCESSES, MANAGED);
	printf("stray %.3f s CPU, peak RSS %ld KiB; htop %.3f s, %ld KiB; stray / htop = %.2f\n", a,
	       own_rss, b, htop_rss, a / b);
	fflush(stdout);
	_exit(0); /* pid 1 of the namespace: the fleet goes with it */
}
