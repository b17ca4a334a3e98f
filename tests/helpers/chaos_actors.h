/* SPDX-License-Identifier: MIT */
#ifndef HELPERS_CHAOS_ACTORS_H
#define HELPERS_CHAOS_ACTORS_H

/*
 * The processes of chaos.c: desktops, agents and workers, each the same program
 * again under another name. Each reports through a pipe, before it forks and when it is
 * ready, its generation and its kind.
 */
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum kind {
	KIND_DESKTOP,
	KIND_AGENT,
	KIND_DEAF,     /* to SIGTERM */
	KIND_DETACHED, /* goes into a session of its own, below pid 1 */
	KIND_KEPT,     /* with STRAY_KEEP */
	KIND_GENTLE_NR,
	/* Only in rough generations: the instance starts again when those are gone. */
	KIND_SCRUBBED = KIND_GENTLE_NR, /* a worker without a marker of its own */
	KIND_BREEDER,			/* forks on SIGTERM */
	KIND_STORM,			/* two that hop from pid to pid */
	KIND_NR,
	KIND_CANARY, /* has no part in it */
};

/* What a process says of itself, or of one it is about to start, in one write(2). */
struct word {
	bool ready;
	pid_t pid;
	int gen;
	enum kind kind;
};

/* Some of the rough ones hop from pid to pid. */
static bool actors_storm;

static void fail(const char *what)
{
	perror(what);
	_exit(99);
}

static void nap(long ms)
{
	poll(NULL, 0, (int)ms);
}

static void say(int fd, bool ready, int gen, enum kind kind)
{
	struct word word = { .ready = ready, .pid = getpid(), .gen = gen, .kind = kind };

	if (write(fd, &word, sizeof(word)) != (ssize_t)sizeof(word))
		_exit(98);
}

/* Nothing of the driver's environment but what names the generation. */
static void become(enum kind kind, int gen, const char *id, int fd, bool rough)
{
	char marker[64], number[32], home[256], words[3][16];
	char *envp[6] = { number, home, NULL };
	const char *args[] = { "goose", words[0], words[1], words[2], rough ? "rough" : "gentle",
			       NULL,	NULL };

	snprintf(marker, sizeof(marker), "SPROUT_MANAGED_AGENT=%s", id);
	/* Receipts are looked for below the desktop's HOME. */
	snprintf(home, sizeof(home), "HOME=%s", getenv("HOME"));
	snprintf(number, sizeof(number), "CHAOS_GEN=%d", gen);
	snprintf(words[0], 16, "=%d", (int)kind);
	snprintf(words[1], 16, "%d", gen);
	snprintf(words[2], 16, "%d", fd);
	if (kind == KIND_DESKTOP) {
		args[0] = "sprout-desktop";
		args[5] = id;
	} else if (kind != KIND_CANARY && kind != KIND_SCRUBBED) {
		envp[2] = marker;
	}
	if (kind == KIND_DESKTOP && actors_storm)
		envp[2] = (char *)"CHAOS_STORMS=1";
	if (kind == KIND_KEPT)
		envp[3] = (char *)"STRAY_KEEP=1";
	execve("/proc/self/exe", (char **)args, envp);
	_exit(97);
}

static void start(enum kind kind, int gen, const char *id, int fd, bool rough)
{
	say(fd, false, gen, kind);
	if (fork() == 0)
		become(kind, gen, id, fd, rough);
}

static void wait_adopted(pid_t parent)
{
	while (getppid() == parent)
		nap(1);
}

static void breed(int signo)
{
	(void)signo;
	for (int i = 0; i < 3; i++) {
		if (fork() == 0) {
			setsid();
			signal(SIGTERM, i ? SIG_IGN : SIG_DFL);
			for (;;)
				pause();
		}
	}
	_exit(0);
}

static void hop(void)
{
	for (;;) {
		nap(4);
		if (fork() > 0)
			_exit(0);
	}
}

/* The desktop starts its agents, some of them later, each of its own kind. */
static void play_desktop(int gen, int fd, const char *id, bool rough)
{
	unsigned nr = 1 + (unsigned)random() % 4;

	prctl(PR_SET_NAME, "sprout-desktop");
	say(fd, true, gen, KIND_DESKTOP);
	for (unsigned i = 0; i < nr; i++) {
		unsigned nr_kinds = rough ? KIND_NR : KIND_GENTLE_NR;
		enum kind kind = 1 + (unsigned)random() % (nr_kinds - 1);

		/*
		 * Beside a kept one the parent of what was adopted is unknown,
		 * so one that forks and exits all the time could not be ended.
		 */
		if (rough && kind == KIND_KEPT)
			kind = KIND_DEAF;
		if (kind == KIND_STORM && !getenv("CHAOS_STORMS"))
			kind = KIND_BREEDER;
		/* A worker is below an agent. */
		start(kind == KIND_SCRUBBED ? KIND_AGENT : kind, gen, id, fd, rough);
		if (random() % 3 == 0)
			nap(random() % 300);
	}
	for (;;)
		pause();
}

static void play_agent(enum kind kind, int gen, int fd, bool rough)
{
	const char *id = getenv("SPROUT_MANAGED_AGENT");

	if (kind == KIND_DEAF)
		signal(SIGTERM, SIG_IGN);
	if (kind == KIND_BREEDER)
		signal(SIGTERM, breed);
	if (kind == KIND_DETACHED) {
		pid_t parent = getpid();

		if (fork() > 0)
			_exit(0);
		wait_adopted(parent);
	}
	if (kind == KIND_DETACHED || (kind != KIND_SCRUBBED && random() % 3 == 0))
		setsid();
	for (int i = 0; kind == KIND_STORM && i < 2; i++) {
		if (fork() == 0)
			hop();
	}
	if (kind == KIND_AGENT && random() % 2)
		start(rough ? KIND_SCRUBBED : KIND_DEAF, gen, id, fd, rough);
	say(fd, true, gen, kind);
	for (;;)
		pause();
}

static void play(char **argv)
{
	enum kind kind = (enum kind)strtol(argv[1] + 1, NULL, 10);
	int gen = (int)strtol(argv[2], NULL, 10), fd = (int)strtol(argv[3], NULL, 10);
	bool rough = strcmp(argv[4], "rough") == 0;

	signal(SIGCHLD, SIG_IGN);
	srandom((unsigned)getpid() * 2654435761U + (unsigned)gen);
	if (kind == KIND_DESKTOP)
		play_desktop(gen, fd, argv[5], rough);
	play_agent(kind, gen, fd, rough);
}

#endif
