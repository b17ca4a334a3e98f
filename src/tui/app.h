/* SPDX-License-Identifier: MIT */
#ifndef TUI_APP_H
#define TUI_APP_H

#include "base/strbuf.h"
#include "stray/engine.h"
#include "tui/columns.h"

struct worker;

enum tui_colour {
	TUI_COLOUR_AUTO, /* if the terminal has it and NO_COLOR is not set */
	TUI_COLOUR_ALWAYS,
	TUI_COLOUR_NEVER,
};

/*
 * The terminal view. All of it is borrowed and must outlive the call. A fixed
 * source, clock and user names make every screen exact (tests/screen/).
 */
struct tui_options {
	const char *version;	     /* as "1.2.3" */
	struct engine_options sweep; /* policy, settings, scope, state_dir, dry_run */
	struct source *source;
	struct reaper *reaper;
	int64_t delay_ms; /* between two scans */
	bool arm;	  /* begin armed */
	bool letters;	  /* letters instead of function keys in the footer */
	bool mouse;	  /* take the mouse */
	bool ascii;	  /* ASCII even where the locale has more */
	bool demo;	  /* say so in the title */
	bool other_user;  /* sweep.scope.uid was asked for: it narrows what is shown */
	/* How the list begins; all of it can be changed by keys. */
	enum column_id sort; /* COLUMN_NR: the default order */
	bool sort_descends;
	bool tree_open; /* groups are open at first */
	bool flat, no_args;
	const char *filter; /* NULL: none */
	uint64_t total_kib; /* memory of the machine; 0: ask the kernel */
	enum tui_colour colour;
	const char *warning; /* for the message line at the start; NULL: none */
	bool (*user_name)(uid_t uid, char *buf, size_t size); /* NULL: the user database */

	/* An engine that runs already; NULL: one over source and reaper. Stopped at the end. */
	struct worker *worker;
	/* The working directory of a process, without waiting; false: not known. NULL: none is. */
	bool (*folder)(pid_t pid, char *buf, size_t size);
	/*
	 * The nice value of a process, and the function of the kernel that it waits in, "" where
	 * none is told; without waiting; false: not known. NULL: none is.
	 */
	bool (*details)(pid_t pid, int *ret_nice, char *waits_in, size_t size);
	/* Stop the whole job, as linux/job.h does; NULL: Ctrl-Z says that it cannot. */
	int (*stop_job)(void);
	/* The clock of countdowns, CLOCK_MONOTONIC ms; NULL: the real one. */
	int64_t (*now_ms)(void);
};

/*
 * Can the view be drawn here: is it a terminal, is TERM set and no "dumb" one?
 * False: *ret_why says why not, static.
 */
bool tui_possible(const char **ret_why);

/* How a view ended. */
struct tui_end {
	char why[200];	    /* -ENOTTY: no terminal, or one that terminfo does not know */
	int signal;	    /* -EINTR: the one that ended it */
	struct strbuf left; /* what was still ending when it was left and lives; a line each */
};

/*
 * Run until the user quits, the terminal goes away or a signal asks to end. The
 * terminal is restored on every way out. 0; -ENOTTY (end->why is set; nothing was
 * drawn); -EINTR: a signal ended it; -ETIMEDOUT: the user quit while a scan hangs:
 * source and reaper are still in use, exit without freeing them; another -errno: the
 * engine's. Release end->left in each case.
 */
int tui_run(const struct tui_options *options, struct tui_end *ret_end);

#endif
