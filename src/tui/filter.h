/* SPDX-License-Identifier: MIT */
#ifndef TUI_FILTER_H
#define TUI_FILTER_H

#include "stray/census.h"

/*
 * The filter's words, all of which must hold for a group to be shown: `alive`,
 * `gone`, `unknown`, a tick such as `1/2`, `user:NAME`, `pid:N`, and any other
 * text that its id, its app or one of its processes' commands holds, or that is
 * one of the words for its state on the screen, no matter whether in capitals.
 */
enum { FILTER_SIZE = 100 };

struct filter {
	char text[FILTER_SIZE]; /* "": everything is shown */
};

/* What a word may ask of a group. */
struct filter_subject {
	const struct census *census;
	const struct instance *inst;
	const char *user;
	const char *state, *kind; /* as STATE and the line of sums call it; NULL: no word */
	unsigned ticks, grace;
	pid_t owner_pid;
};

bool filter_matches(const struct filter *f, const struct filter_subject *s);

/* Does @haystack hold @needle, ASCII capitals or not? NULs count as blanks. */
bool text_occurs(struct bytes haystack, struct bytes needle);

/* Does the command line or the name of @proc hold it? */
bool process_holds(const struct process *proc, struct bytes needle);

#endif
