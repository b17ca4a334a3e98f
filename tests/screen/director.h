/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SCREEN_DIRECTOR_H
#define TESTS_SCREEN_DIRECTOR_H

#include "screen/pty.h"

/*
 * Plays the scenes that are in the README: the program over its demo fleet, keys, and
 * a clock that moves when a play says so. Must run as pid 1 of a pid namespace of its
 * own (shots.sh sees to that), because a part of the story is that a desktop of the
 * fleet crashes.
 */
struct camera {
	void *ctx;
	/* The scene @name stands there. False: the picture could not be had. */
	bool (*shoot)(void *ctx, struct pty *p, const char *name);
	/*
	 * The film: what stands there now, for @ms; and the end of it. NULL: no film is
	 * made, and its play not performed.
	 */
	void (*take)(void *ctx, struct pty *p, const char *caption, int ms);
	bool (*cut)(void *ctx, struct pty *p);
};

/* All plays with @stray (the program as steady.c has it); false, and said, if one failed. */
bool direct(const char *stray, const struct camera *camera);

#endif
