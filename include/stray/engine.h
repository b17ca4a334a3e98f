/* SPDX-License-Identifier: MIT */
#ifndef STRAY_ENGINE_H
#define STRAY_ENGINE_H

#include "stray/group.h"
#include "stray/reaper.h"
#include "stray/scope.h"
#include "stray/source.h"
#include "stray/verdict.h"

/*
 * The engine: one tick observes, classifies, decides, confirms, reaps and
 * remembers. Every face drives this one. Not thread safe: one thread calls it
 * (the view gives it a thread of its own, worker.h).
 */

struct engine_settings {
	int64_t interval_ms;	    /* between ticks */
	unsigned grace;		    /* consecutive ticks before a process is reaped */
	int64_t term_timeout_ms;    /* SIGTERM to SIGKILL */
	int64_t spare_listeners_ms; /* orphan age up to which listeners are kept; 0: not at all */
	bool reap_detached;
	unsigned max_kill; /* refuse a tick that would end more; 0: no cap */
	bool history;	   /* what is signalled is written into the history */
};

extern const struct engine_settings engine_defaults;

enum outcome {
	OUTCOME_EXITED,	  /* on SIGTERM, verified */
	OUTCOME_KILLED,	  /* on SIGKILL, verified */
	OUTCOME_GONE,	  /* before we signalled: ended, or another process has its pid */
	OUTCOME_SURVIVED, /* signalled and still there */
	OUTCOME_REFUSED,  /* EPERM, or it could not be verified: alive */
	OUTCOME_KEPT,	  /* the predicate forbade it */
	OUTCOME_WOULD,	  /* dry run: it would have been signalled */
	OUTCOME_NR
};

/* The word for it, in text and in JSON: "exited". Static. */
const char *outcome_name(enum outcome outcome);

enum event_kind {
	EVENT_TICK,
	EVENT_ORPHANED,
	EVENT_REAPED,
	EVENT_SURVIVED,
	EVENT_WARNING,
	EVENT_STOP
};

/* The word for it in JSON: "reaped". Static. */
const char *event_kind_name(enum event_kind kind);

/* What a warning is about: its identifier in JSON stays, while its sentence may change. */
enum warning {
	WARNING_OTHER,
	WARNING_HANGS,
	WARNING_LEDGER_UNWRITTEN,
	WARNING_LEDGER_DAMAGED,
	WARNING_LEDGER_UNREAD,
	WARNING_HISTORY_UNWRITTEN,
	WARNING_STOPPED,
	WARNING_HIDDEN,
	WARNING_HOLDINGS_UNREAD,
	WARNING_CONTINUED,
	WARNING_MAX_KILL,
	WARNING_LAUNCHER,
	WARNING_NO_PIDFD,
	WARNING_INCOMPLETE,
	WARNING_RECEIPT,
	WARNING_RECEIPTS_LEFT,
	WARNING_CONFIG,
	WARNING_NR
};

/* Something worth telling. Pointers are good during the call only. */
struct event {
	enum event_kind kind;
	int64_t realtime_ms;
	const struct census *census; /* may be NULL */
	struct bytes instance;	     /* empty: none */
	const char *app;	     /* NULL: none */
	struct identity process;     /* unset: none */
	const char *name;	     /* comm, not escaped; NULL: none */
	enum outcome outcome;	     /* REAPED, SURVIVED */
	enum verdict_why why;	     /* OUTCOME_KEPT */
	int64_t orphan_age_ms;	     /* -1: none */
	bool orphan_exact;
	unsigned ticks;			    /* ORPHANED */
	enum warning warning;		    /* WARNING: what it is about */
	const char *text;		    /* WARNING: what, escaped; STOP: why; NULL: none */
	const char *reason;		    /* STOP: the identifier of @text; NULL: none */
	const struct tick_summary *summary; /* TICK */
};

struct tick_summary {
	bool counted; /* the counts advanced */
	/*
	 * The scan, and the one before the first signal; false also if a process was
	 * spared because the probe of its windows or listeners failed.
	 */
	bool complete;
	bool dry_run;
	size_t instances, agents, managed, orphans, detached, unknown;
	size_t scanned, unreadable;
	size_t condemned; /* processes that the tick set out to end */
	size_t exited, killed, gone, survived, refused, kept, would;
	size_t unfinished; /* instances of which some may be left that nothing names */
	int64_t scan_us, took_us;
};

struct engine_options {
	const struct policy *policy;
	struct engine_settings settings;
	struct scope scope;
	/*
	 * Folder of the ledger (statedir.h); NULL: nothing is remembered across
	 * runs, and no process is stopped before it is killed.
	 */
	const char *state_dir;
	bool save; /* write the ledger; a face that only looks does not */
	/*
	 * Folder of the history (history.h), in which each process that was
	 * signalled is noted, and the name of the face that does it. NULL: none is written.
	 */
	const char *history_dir;
	const char *face;
	bool dry_run; /* decide everything, signal nothing */
	/* Polls readable when the face wants to stop: waits are cut short. -1: none. */
	int stop_fd;
	void (*notify)(void *ctx, const struct event *event); /* NULL: none */
	/* Called at least about once a second while a reaping waits; NULL: none. */
	void (*alive)(void *ctx);
	void *ctx; /* of both */
	/*
	 * The wrapper's control group, if it has made one; and thaws those that an earlier
	 * run has frozen. Not owned. NULL: none.
	 */
	struct group *group;
	bool reap; /* these three as in struct census_input */
	pid_t wrapper;
	struct bytes wrapper_id;
	bool wrapper_shared;
};

struct engine;

/*
 * A new engine over @src and @reaper, which it does not own; strings of @options
 * must outlive it. Reads the ledger; a damaged one is set aside with a warning.
 * Continues what an earlier run left frozen (not in a dry run or without save).
 * 0, -ENOMEM, or the ledger's error.
 */
int engine_new(const struct engine_options *options, struct source *src, struct reaper *reaper,
	       struct engine **ret_engine);
void engine_free(struct engine *eng);

/* What a tick may do. */
enum tick_flags {
	TICK_COUNT = 1,	   /* advance the counts if half an interval of awake time has passed */
	TICK_REAP = 2,	   /* end what is condemned */
	TICK_FULL = 4,	   /* read everything afresh */
	TICK_PORTS = 8,	   /* look up what each member listens on */
	TICK_AHEAD = 16,   /* mark what the next counted tick would reap: member.due */
	TICK_CGROUPS = 32, /* look up the control group of each instance */
};

/*
 * One tick. *ret_census (may be NULL) gets one reference to the picture after
 * it; *ret_summary (may be NULL) the numbers. 0, -ENOMEM, -ESTALE (foreign
 * /proc), or the error that kept the ledger from being written, after all
 * else was done.
 */
int engine_tick(struct engine *eng, unsigned flags, struct census **ret_census,
		struct tick_summary *ret_summary);

/*
 * Look up what the unattended sweep would spare @proc for, or a process that it was
 * inferred from, as a tick does: @ret_spared has one entry per process of the census's
 * snapshot, bits 1 << WHY_WINDOW, WHY_LISTENER and WHY_MOUNT. 0 or -ENOMEM.
 */
int engine_explain(struct engine *eng, struct census *c, const struct process *proc,
		   unsigned *ret_spared);

/* A file descriptor that polls readable when a watched desktop has ended, or -1. */
int engine_watch_fd(struct engine *eng);

/* How long until the next counted tick is due, ms; 0: now. */
int64_t engine_due_ms(struct engine *eng);

/* Use another policy and settings from the next tick on; the counts stay. 0 or -ENOMEM. */
int engine_reconfigure(struct engine *eng, const struct policy *policy,
		       const struct engine_settings *settings);

/*
 * An armed view begins to save, with the counts that it took by itself merged
 * into the ledger; a disarmed one stops saving. 0 or -errno.
 */
int engine_set_save(struct engine *eng, bool save);

/* What happened to one process. */
struct reap_result {
	struct identity process;
	char name[16]; /* comm */
	enum outcome outcome;
	enum verdict_why why; /* OUTCOME_KEPT: the reason */
	int error;	      /* OUTCOME_REFUSED: errno, 0: not verified */
};

struct reap_report {
	struct reap_result *results;
	size_t nr, alloc;
	size_t count[OUTCOME_NR];
	/*
	 * @stopped: cut short, or the last scans could not show what is left; processes
	 * may have survived that no result names. With @spared the reason was an owner
	 * that is alive again or unknown: what is left is kept on purpose.
	 */
	bool stopped, spared;
	const char *why; /* static text; NULL if not stopped */
};

void reap_report_release(struct reap_report *report);

/* End these now, because a person or a trap asks. */
struct reap_request {
	enum verdict_face face; /* FACE_GROUP or FACE_PICK */
	bool force;
	bool foreground; /* as in struct verdict_ask */
	/* The instance; compared byte for byte. app NULL: every app's with that id. */
	const char *app;
	struct bytes instance;
	uid_t uid;
	/*
	 * Exactly these and what hangs below them is what may be ended; NULL:
	 * every member of the instance. What they fork while being ended goes
	 * with them. @handles, if not NULL, are the reaper's, opened when the
	 * list was shown (-1: none); they stay the caller's.
	 */
	const struct identity *only;
	const int *handles;
	size_t nr_only;
	/* Of what hangs below @only these are not meant, since they were shown as what stays. */
	const struct identity *spared;
	size_t nr_spared;
	/*
	 * Only SIGTERM and the wait. What is left then has no result, as another call
	 * ends it.
	 */
	bool term_only;
	/* The wait before SIGKILL, ms; -1: term_timeout_ms of the settings. */
	int64_t term_timeout_ms;
	/*
	 * What engine_tick() with TICK_FULL has shown just now, if anything: then that is
	 * the look to decide on, unless it was not complete. NULL: look.
	 */
	struct census *seen;
};

/*
 * Look afresh and end what the request names, as far as the predicate allows.
 * *ret_report is the caller's to release. 0 or -errno: nothing was signalled.
 */
int engine_reap(struct engine *eng, const struct reap_request *request,
		struct reap_report *ret_report);

/*
 * End at once what is in the group of the options and belongs to the instance that @request
 * names: by face, force, foreground, app and instance; of every user. The group is
 * frozen, its path in the ledger first. What may not be ended or could not be read is moved
 * out. If a scan then shows that all that is left may be ended, it is; else the group is
 * thawed, and the rounds of engine_reap() may try. Does nothing in a dry run or without a
 * writable ledger. *ret_report has those that were ended, or survived SIGKILL.
 */
void engine_end_group(struct engine *eng, const struct reap_request *request,
		      struct reap_report *ret_report);

/*
 * Remove the receipts that name processes which are gone, if another scan shows no
 * process of the instance and no desktop of the app of that name (NULL: every app);
 * warn of receipts that say something else. Not in a dry run.
 */
void engine_clear_receipts(struct engine *eng, const char *app, struct bytes id, uid_t uid);

#endif
