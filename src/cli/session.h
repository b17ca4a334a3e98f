/* SPDX-License-Identifier: MIT */
#ifndef STRAY_CLI_SESSION_H
#define STRAY_CLI_SESSION_H

#include <signal.h>

#include "cli/config.h"
#include "demo/demo.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "report/report.h"
#include "stray/engine.h"

/*
 * What every face needs: configuration, scope, source, reaper, state directory,
 * engine. main() fills the first part; a face sets what it wants in `engine`
 * (notify, ctx, wrapper, wrapper_id) and calls session_open(). Without a notify
 * of its own the engine's warnings go to stderr.
 *
 * Modes with `signals` have TERM INT HUP USR1 PIPE XFSZ blocked from the first
 * moment, so that none is lost and none ends the program while processes are
 * frozen (but those that were ignored at the start); `mask` is the mask before that, for a CMD to be started. session_open()
 * makes engine.stop_fd, which polls readable when TERM or INT (or HUP, unless
 * SESSION_SERVICE) is pending.
 */
struct session {
	const struct options *options;
	struct config *config;	/* in force; engine and source point into it */
	struct config *retired; /* the ones before, through `next`, until session_retire() */
	struct scope scope;
	struct demo *demo; /* NULL: the real processes */
	sigset_t mask;

	struct engine_options engine;
	struct source *source;
	struct reaper *reaper;
	struct engine *sweep;
	char *state_dir;
	char *history_dir; /* NULL: none */
	int lock_fd;
	struct progress progress;
	char *warning; /* for the view, which has no stderr: what would stand there; or NULL */
};

enum session_flags {
	SESSION_REAP = 1,    /* it signals: needs pidfds and (unless dry run) a state directory */
	SESSION_SAVE = 2,    /* it writes the ledger: needs a state directory */
	SESSION_LOCK = 4,    /* unattended: takes the sweep lock */
	SESSION_SERVICE = 8, /* HUP does not stop it */
	SESSION_VIEW = 16,   /* no engine, the view starts its own; warnings go to `warning` */
};

/*
 * Configuration, scope and demo fleet. 0, or the exit status after a message.
 * session_close() in either case.
 */
int session_init(struct session *s, const struct options *options, const sigset_t *mask);

/* The rest. 0, or the exit status after a message. */
int session_open(struct session *s, unsigned flags);
void session_close(struct session *s);

/*
 * Read the configuration again. 0, or -errno and one line in @why: the old one
 * stays in force.
 * The one before is kept until session_retire(), because censuses point into it:
 * call that after a tick, when none of those is held any more.
 */
int session_reload(struct session *s, struct strbuf *why);
void session_retire(struct session *s);

/*
 * engine_tick() with a message on failure: 0, or the exit status. Shows progress,
 * unless what it is a part of does already.
 */
int session_tick(struct session *s, unsigned flags, struct census **ret_census,
		 struct tick_summary *ret_summary);

/*
 * Wait @timeout_ms, or until a stop signal is pending (true), or until a watched
 * desktop has ended.
 */
bool session_wait(struct session *s, int64_t timeout_ms);

/* So many looks in a row for one that is between two pids at each of them. */
enum { SESSION_HIDDEN_LOOKS = 30 };

/*
 * Had some ended when they were looked at of whom nobody knows what they were, and
 * @before, the look before (NULL: none), not either? Then @c may have missed one
 * that forks and exits all the time, and what it does not show may be there.
 */
bool session_may_hide(const struct session *s, const struct census *c, const struct census *before);

/* Is a stop signal pending? */
bool session_stopped(const struct session *s);

/*
 * Can this program, as it is confined, read the environment of nobody else? Of
 * the processes in scope that are neither stray nor its ancestors: how many were
 * readable, how many refused. Only a full scan can tell.
 */
struct sight {
	size_t readable, refused;
};

struct sight session_sight(const struct session *s, const struct census *c);

/* 0, or EXIT_UNKNOWN after a message if nobody was readable though some were there. */
int session_check_sight(const struct sight *sight);

/* The message for -ENOMEM and other errors that have no better one. Returns EXIT_UNKNOWN. */
int session_failed(int error);

/*
 * How to write to @fd (-1: to a file): colour, width, UTF-8, as terminal,
 * options, NO_COLOR and COLUMNS say.
 */
struct report_options session_report_options(const struct session *s, int fd);

/*
 * Write it to stdout, until it is to stop. What was done counts, whether it could be told
 * or not: a failure is a warning.
 */
void session_tell(const struct session *s, const struct strbuf *sb);

/* Write it all to stdout. 0, or EXIT_UNKNOWN after a message. */
int session_print(const struct strbuf *sb);

#endif
