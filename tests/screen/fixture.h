/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SCREEN_FIXTURE_H
#define TESTS_SCREEN_FIXTURE_H

#include "stray/reaper.h"
#include "stray/source.h"

/*
 * A machine that does not exist: processes, a clock and user names that are the
 * same at every run. Each scan goes one stage further in its story, up to the
 * last one, which then stays; what the reaper ends is not there any more.
 */
enum fixture_story {
	STORY_MAIN,    /* three live owners, one gone for a tick, one for two */
	STORY_EMPTY,   /* no agent at all */
	STORY_MANY,    /* one group with more processes than a dialog shows */
	STORY_HOSTILE, /* names that want to drive the terminal */
	STORY_UNKNOWN, /* an owner that cannot be told */
	STORY_SPARED,  /* what no sweep ends: detached, kept, with a parent that lives */
	STORY_WIDE,    /* an agent with a long command */
	STORY_NR
};

/* A pid that no process of any story has. */
enum { FIXTURE_NOBODY = 2 };

struct fixture {
	struct source source;
	struct reaper reaper;
	enum fixture_story story;
	unsigned stage;	 /* of the scan before; the engine's thread alone */
	unsigned scans;	 /* atomic: for whoever waits for the story's end */
	unsigned opens;	 /* atomic: how often FIXTURE_NOBODY was to be held */
	bool ended[512]; /* by the reaper, per process of the story */
	bool stubborn;	 /* nobody ends on SIGTERM */
	bool slow;	 /* the same, and a wait takes its time */
	bool refuse;	 /* nobody may be signalled */
};

enum fixture_story fixture_find(const char *name);
void fixture_init(struct fixture *f, enum fixture_story story);

/* How many scans it takes to be at the last stage. */
unsigned fixture_stages(const struct fixture *f);
unsigned fixture_scans(struct fixture *f);
unsigned fixture_opens(struct fixture *f);

bool fixture_user_name(uid_t uid, char *buf, size_t size);

#endif
