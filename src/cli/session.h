/* SPDX-License-Identifier: MIT */
#ifndef STRAY_CLI_SESSION_H
#define STRAY_CLI_SESSION_H

#include <signal.h>

#include "cli/config.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "core/sight.h"
#include "demo/demo.h"
#include "report/report.h"
#include "stray/engine.h"

/*
 * What every face needs: configuration, scope, source, reaper, state directory,
 * engine. main() fills the first part; a face sets what it wants in `engine`
 * (notify, ctx, wrapper, wrapper_id) and calls session_open(). Without a notify
 * of its own the engine's warnings go to stderr.
 *
 * Modes with `signals` have TERM INT HUP USR1 PIPE XFSZ blocked from the start, except
 * those that were ignored: none is lost, and none ends the program while processes are
 * frozen. `mask` is the signal mask before that, for CMD. session_open() opens
 * engine.stop_fd, which polls readable when TERM or INT (or HUP, unless SESSION_SERVICE)
 * is pending.
 */
struct session {
	const struct options *options;
	struct config *config; /* in force */
	struct scope scope;
	struct demo *demo; /* NULL: the real processes */
	sigset_t mask;
	bool signals; /* the mode's, mode.h */

	struct engine_options engine;
	struct source *source;
	struct reaper *reaper;
	struct group *group; /* the command's, if it has one; and thaws those of earlier runs */
	struct engine *sweep;
	char *state_dir;
	char *history_dir; /* NULL: none */
	int lock_fd;
	struct progress progress;
	char *warning; /* SESSION_VIEW: the warnings that would go to stderr; or NULL */
};

enum session_flags {
	SESSION_REAP = 1,    /* it signals: needs pidfds and (unless dry run) a state directory */
	SESSION_SAVE = 2,    /* it writes the ledger: needs a state directory */
	SESSION_LOCK = 4,    /* unattended: takes the sweep lock */
	SESSION_SERVICE = 8, /* HUP does not stop it */
	SESSION_VIEW = 16,   /* no engine, the view starts its own; warnings go to `warning` */
};

/*
 * Load the configuration, check the scope, start the demo fleet. Returns 0, or the exit
 * status after a message. Call session_close() in either case.
 */
int session_init(struct session *s, const struct options *options, const sigset_t *mask);

/* Open the rest, as @flags (enum session_flags) say. Returns 0, or the exit status after a message. */
int session_open(struct session *s, unsigned flags);
void session_close(struct session *s);

/*
 * Load the configuration again. Returns 0, or -errno and one line in @why; then the old
 * one stays in force.
 */
int session_reload(struct session *s, struct strbuf *why);

/*
 * Call engine_tick(). Returns 0, or the exit status after a message. Shows progress,
 * unless the caller does.
 */
int session_tick(struct session *s, unsigned flags, struct census **ret_census,
		 struct tick_summary *ret_summary);

/*
 * Wait @timeout_ms, or until a stop signal is pending (true), or until a watched
 * desktop has ended.
 */
bool session_wait(struct session *s, int64_t timeout_ms);

/* Is a stop signal pending? */
bool session_stopped(const struct session *s);

/* Return 0; or EXIT_UNKNOWN after a message, if none was readable and some were refused. */
int session_check_sight(const struct sight *sight);

/* The message for -ENOMEM and other errors that have no better one. Returns EXIT_UNKNOWN. */
int session_failed(int error);

#endif
