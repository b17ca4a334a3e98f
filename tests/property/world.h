/* SPDX-License-Identifier: MIT */
#ifndef TESTS_PROPERTY_WORLD_H
#define TESTS_PROPERTY_WORLD_H

#include "property/truth.h"
#include "stray/reaper.h"
#include "stray/source.h"

/*
 * A small simulated machine: desktops that start, die and restart, agents that
 * fork, exec, detach and scrub, pids that are handed out again at once, scans
 * that come back incomplete, clocks that jump. It is a source and a reaper, and
 * it moves on between any two calls of the engine.
 */

enum { WORLD_MAX = 40, WORLD_PIDS = 64 };

struct being {
	bool used;
	struct process p;
	char comm[16], args[96], env[200];
	pid_t first_parent;  /* who started it */
	bool parent_changed; /* truth: it has another parent now */
	enum answer hung_up, service;
	const char *files;  /* the id below whose data folder it has a file open, or NULL */
	bool deaf;	    /* ignores SIGTERM */
	bool forks_on_term; /* leaves a child behind when it gets SIGTERM */
	bool stopped;
	bool from_victim; /* forked by a process that had been signalled */
	bool signalled;
};

struct world {
	struct being beings[WORLD_MAX];
	uint64_t random, ino;
	struct source_time now;
	struct policy policy;
	struct truth facts;	 /* the truth, as the oracle asks for it */
	struct truth facts_then; /* as it was at the last world_freeze() */
	struct being then[WORLD_MAX];
	struct source source;
	struct reaper reaper;
	struct {
		bool used;
		struct identity id;
	} handles[WORLD_PIDS * 4];
	struct identity watched[WORLD_MAX];
	size_t nr_watched;
	bool incomplete;   /* the next scans are */
	unsigned restless; /* percent: something happens between two calls */
	/* Called before a signal is delivered: is it right? */
	void (*judge)(void *ctx, struct world *w, struct being *b, int signo);
	/* What the engine may remember of a process, for the oracle: fills that part of @ret. */
	void (*recall)(void *ctx, const struct process *p, struct fact *ret);
	void *ctx;
};

void world_init(struct world *w, uint64_t seed);
void world_release(struct world *w);

/* A few random things happen. */
void world_step(struct world *w);

/* Time goes by: awake, and asleep on top (only CLOCK_BOOTTIME sees that). */
void world_pass(struct world *w, int64_t awake_ms, int64_t asleep_ms);

/* The truth, complete. One reference. */
struct snapshot *world_snapshot(struct world *w);

/* Keep what is so now for facts_then. */
void world_freeze(struct world *w);

struct being *world_find(struct world *w, pid_t pid);

/* --- between the two files of the world -------------------------------------------- */

size_t world_pick(struct world *w, size_t n); /* below n */
bool world_chance(struct world *w, unsigned percent);

/* A child of @parent, as fork(2) makes it; NULL: there is no room. */
struct being *world_start(struct world *w, struct being *parent);
void world_end(struct world *w, struct being *b);
bool world_is_desktop(const struct being *b);

/* Something happens now and then, where the machine is restless. */
void world_stir(struct world *w);

/* Make it a source and a reaper, and the truth for the oracle. */
void world_install(struct world *w);

#endif
