/* SPDX-License-Identifier: MIT */
/*
 * What dead stdio servers add to a steady tick: 200 of them beside other processes, by
 * pipes and by sockets, with a marker of an app that is swept so and without one.
 *
 *	servers SLEEPER [OTHERS]
 *
 * Runs in a pid namespace of its own, whose pid 1 it is (make bench).
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "bench/measure.h"
#include "linux/reaper.h"
#include "linux/source.h"
#include "stray/engine.h"

enum { SERVERS = 200, TICKS = 40 };

static const char *sleeper;

/* A process with these on standard input and output; only with @leads in its own session. */
static pid_t start(const char *marker, int in, int out, bool leads)
{
	char *const argv[] = { (char *)sleeper, NULL };
	char *const env[] = { (char *)marker, NULL };
	pid_t pid = fork();

	if (pid == 0) {
		if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || (leads && setsid() < 0))
			_exit(1);
		execve(sleeper, argv, env);
		_exit(1);
	}
	return pid;
}

/* A server without a client: the other ends are closed. */
static pid_t start_server(const char *marker, bool sockets)
{
	int in[2], out[2];
	pid_t pid;

	if (sockets ? socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in) ||
			      socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, out)
		    : pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC)) {
		perror("servers");
		exit(1);
	}
	close(in[1]);
	close(out[0]);
	pid = start(marker, in[0], out[1], false);
	close(in[0]);
	close(out[1]);
	return pid;
}

/* CPU ms of one tick after many, and how many members there are. */
struct steady {
	double tick_ms;
	size_t managed;
};

static struct steady tick_steadily(void)
{
	static struct engine_options o = { .stop_fd = -1, .scope.all_users = true };
	static struct policy policy;
	static double took[TICKS];
	struct tick_summary sum;
	struct source *src;
	struct reaper *reaper;
	struct engine *eng;

	o.settings = engine_defaults;
	o.policy = &policy;
	if (policy_init(&policy) || procfs_source_new(&policy, &src) || pidfd_reaper_new(&reaper) ||
	    engine_new(&o, src, reaper, &eng) || engine_tick(eng, TICK_COUNT, NULL, NULL))
		_exit(1);
	/* Processes are read again until they settle: a fleet of minutes, not of seconds. */
	sleep(12);
	for (int i = -4; i < TICKS; i++) {
		double before = measure_cpu_ms();

		if (engine_tick(eng, TICK_COUNT, NULL, &sum))
			_exit(1);
		if (i >= 0)
			took[i] = measure_cpu_ms() - before;
	}
	return (struct steady){ measure_median(took, TICKS), sum.managed };
}

static struct steady measure_steady(void)
{
	struct steady steady = { 0 };
	int channel[2];
	pid_t pid;

	if (pipe(channel))
		exit(1);
	pid = fork();
	if (pid == 0) {
		steady = tick_steadily();
		_exit(write(channel[1], &steady, sizeof(steady)) != sizeof(steady));
	}
	close(channel[1]);
	if (read(channel[0], &steady, sizeof(steady)) != sizeof(steady))
		fprintf(stderr, "servers: the engine failed\n");
	close(channel[0]);
	waitpid(pid, NULL, 0);
	return steady;
}

/* @beside_ms: what a tick beside as many other orphans takes; 0: these are they. */
static double measure(const char *name, const char *marker, bool sockets, double beside_ms)
{
	struct steady steady;
	pid_t pids[SERVERS];

	for (int i = 0; i < SERVERS; i++)
		pids[i] = start_server(marker, sockets);
	steady = measure_steady();
	printf("%-34s %8zu %10.2f %8.2f\n", name, steady.managed, steady.tick_ms,
	       beside_ms > 0 ? steady.tick_ms / beside_ms : 1);
	fflush(stdout);
	for (int i = 0; i < SERVERS; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
	return steady.tick_ms;
}

int main(int argc, char **argv)
{
	long others = argc > 2 ? strtol(argv[2], NULL, 10) : 2000;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	double beside_ms;

	if (argc < 2) {
		fprintf(stderr, "usage: servers SLEEPER [OTHERS]\n");
		return 2;
	}
	sleeper = argv[1];
	prctl(PR_SET_NAME, "init");
	for (long i = 0; i < others; i++)
		start("PLAIN=yes", null, null, true);
	printf("\n%d dead stdio servers among %ld others\n%-34s %8s %10s %8s\n", SERVERS, others,
	       "", "managed", "tick ms", "ratio");
	printf("%-34s %8d %10.2f\n", "none", 0, measure_steady().tick_ms);
	beside_ms = measure("as many orphans of sprout",
			    "SPROUT_MANAGED_AGENT=xyz.block.sprout.app.dev", false, 0);
	measure("pipes, no marker", "PLAIN=yes", false, beside_ms);
	measure("sockets, no marker", "PLAIN=yes", true, beside_ms);
	measure("pipes, of opencode", "OPENCODE_PID=4194000", false, beside_ms);
	measure("sockets, of opencode", "OPENCODE_PID=4194000", true, beside_ms);
	_exit(0); /* pid 1 of the namespace: the fleet goes with it */
}
