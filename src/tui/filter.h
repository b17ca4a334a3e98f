/* SPDX-License-Identifier: MIT */
#ifndef TUI_FILTER_H
#define TUI_FILTER_H

#include "stray/census.h"

/*
 * The filter's words, all of which must hold for a group to be shown: `alive`,
 * `gone`, `unknown`, a tick such as `1/2`, `user:NAME`, `pid:N`, `cpu>50`, `rss<1G`, and
 * any other text that its id, its app or one of its processes' commands holds, or that
 * is one of the words for its state on the screen, no matter whether in capitals. A word
 * behind `!` must not hold.
 */
enum { FILTER_SIZE = 1024 };

struct filter {
	char text[FILTER_SIZE]; /* "": everything is shown */
};

/* What a word may ask of a group, or of one process of it. */
struct filter_subject {
	const struct census *census;
	const struct instance *inst;
	const struct process *proc; /* not NULL: this one alone, no other of the group */
	const char *user;
	const char *state, *kind; /* as STATE and the line of sums call it; NULL: no word */
	unsigned ticks, grace;
	pid_t owner_pid;
	double cpu_pct; /* NAN: not known, and no comparison holds */
	uint64_t rss_kib;
};

/* Does the group match every word of the filter? */
bool filter_matches(const struct filter *f, const struct filter_subject *s);

/* Is @proc, of the group @s, what a text or a `pid:` of the filter means? */
bool filter_hits(const struct filter *f, const struct filter_subject *s,
		 const struct process *proc);

/* Does @haystack hold @needle, ASCII capitals or not? NULs count as blanks. */
bool text_occurs(struct bytes haystack, struct bytes needle);

/* Does the command line or the name of @proc hold it? */
bool process_holds(const struct process *proc, struct bytes needle);

#endif
