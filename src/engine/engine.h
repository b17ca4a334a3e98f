/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "engine/ledger_file.h"
#include "engine/probes.h"
#include "engine/reap.h"
#include "engine/receipts.h"
#include "engine/recent.h"
#include "stray/engine.h"

/*
 * The inside of struct engine, shared by the files that one tick runs through:
 * look.c (observe, classify), memory.c (count, remember), decide.c, reap*.c,
 * store.c (the ledger's file), tidy.c (receipts), events.c.
 */
struct engine {
	struct engine_options options; /* policy, settings and save are the ones of now */
	struct source *source;
	struct reaper *reaper;
	struct reaper *dryrun; /* stands before reaper in a dry run; ours */

	struct ledger ledger;
	struct ledger_stamp stamp; /* the file as it was read or written last */
	bool dirty;		   /* the ledger holds what the file does not */
	char *scope_key;	   /* the scope as a name in the ledger's counts */
	struct identity self;
	struct snapshot *scan; /* that is being classified; NULL: none */
	uint64_t pid_ns;       /* ours, as the last scan saw it; 0: not known */

	struct snapshot *previous; /* for CPU rates */
	struct probes probes;	   /* what was looked up of the last snapshot that needed it */
	struct probes servers;	   /* and of what may be a dead stdio server in it */
	bool steady;		   /* a look of a tick that reads only what may have changed */
	struct recent hung_up;	   /* on steady looks: their ends were found closed ... */
	struct recent bare;	   /* ... and no window, listener or mount */
	int64_t looked_ms;	   /* CLOCK_BOOTTIME of the last complete scan, -1: none */
	int64_t blind_ms; /* CLOCK_MONOTONIC of a tick that could not count: not complete */
	struct receipts_cache receipts;
	struct strings warned; /* what need not be said again */
	bool unsure;	       /* in this tick a process was spared because a probe failed */
};

/* --- look.c */

/*
 * Scan and classify. @confirm: everything is read afresh, and launchers count.
 * 0 and *ret_census (one reference), or what the source and the census say.
 */
int engine_look(struct engine *eng, enum scan_mode mode, bool confirm, struct census **ret_census);

/* Set the hooks of @input that look evidence up, with @eng as their context (evidence.c). */
void engine_set_evidence(struct engine *eng, struct census_input *input);

/* Is a process of that uid, in that instance, what this sweep is about? */
bool engine_in_scope(const struct engine *eng, const struct instance *inst);

/* Look up the control group of every instance of the scope, for the picture. */
void engine_find_cgroups(struct engine *eng, struct census *c);

/* Watch the live desktops of @c for their end. */
int engine_watch(struct engine *eng, const struct census *c);

/* --- memory.c */

/* Write into @c what is remembered: ticks, ages, former owners. Changes no memory. */
void engine_annotate(struct engine *eng, struct census *c);

/*
 * Remember what the complete scan of @c shows: owners, parents, what is an orphan and
 * since when; forget processes that are gone. With @count the counts advance.
 * Annotates, too. 0 or -ENOMEM.
 */
int engine_remember(struct engine *eng, struct census *c, bool count);

/* Which watched desktops have ended since: asked before others are watched. */
void engine_note_ended(struct engine *eng, int64_t now_ms);

/* Parents of processes that were not known yet, as first seen here. 0 or -ENOMEM. */
int engine_note_parents(struct engine *eng, const struct census *c);

/* CPU rates against the last look, into @c; remembers its snapshot. */
void engine_rates(struct engine *eng, struct census *c);

/* Drop every row of that process: it was verified to be gone. */
void engine_forget(struct engine *eng, const struct identity *id);

/* Is the row of an instance that this sweep is about? */
bool engine_row_in_scope(const struct engine *eng, const struct ledger_process *row);

/* --- decide.c */

/*
 * Mark in member.condemned what a sweep that reaps now would end; looks up windows and
 * listeners of those. *ret_nr: how many processes. 0 or -ENOMEM.
 */
int engine_decide(struct engine *eng, struct census *c, size_t *ret_nr);

/*
 * Mark in member.due what the next counted tick would end if nothing changed until
 * then. Before engine_decide(), since it uses the same marks. 0 or -ENOMEM.
 */
int engine_look_ahead(struct engine *eng, struct census *c);

/*
 * Make the marks agree after some were taken away: what was inferred from such a
 * member is not condemned either, nor is another membership of the same process.
 */
void engine_match_marks(struct census *c);
size_t engine_count_condemned(const struct census *c); /* processes */

/* --- spare.c */

/* Look up what every member listens on, for the picture. 0 or -ENOMEM. */
int engine_find_ports(struct engine *eng, struct census *c);

/*
 * What are the processes spared for of which @wanted is set: bits 1 << WHY_WINDOW,
 * WHY_LISTENER and WHY_MOUNT. Both arrays have one entry per process of the snapshot.
 * 0 or -ENOMEM.
 */
int engine_look_up(struct engine *eng, struct census *c, const bool *wanted, unsigned *ret_spared);

/*
 * Of processes that may be ended as far as @ask goes: which ones does a window,
 * a listener or a mount keep from the unattended sweep? Sets ret_keep[i]; what could not
 * be looked up is kept. 0 or -ENOMEM.
 */
int engine_spare(struct engine *eng, struct census *c, const struct member *const *members,
		 size_t nr, enum verdict_why *ret_keep);

/* --- store.c */

int engine_load(struct engine *eng);   /* at start */
int engine_reload(struct engine *eng); /* when another process has written it */
int engine_save(struct engine *eng);   /* merge and write, if saving and dirty */

/* Continue what a run that was cut off left frozen. */
int engine_thaw(struct engine *eng);

/* reap_env.freeze: save that exactly these stand frozen from now on. */
int engine_note_frozen(void *ctx, const struct identity *ids, size_t nr);

/*
 * Save in the ledger that the control group at @path is about to be frozen; NULL: ours is
 * thawed. Returns 0; -errno: do not freeze it.
 */
int engine_note_group(struct engine *eng, const char *path);

/* --- tidy.c */

/*
 * After the instances of @plans, of @base, were reaped: forget what is verified to be
 * gone, and remove the receipts of the instances of which nothing is left.
 */
void engine_tidy(struct engine *eng, const struct census *base, const struct reap_plan *plans,
		 const struct reap_report *reports, size_t nr);

/* --- reap_env.c */

/* What reaping needs of @eng. @confirm: rescans count launchers, as the sweep's do. */
struct reap_env engine_reap_env(struct engine *eng, bool confirm);

/* --- events.c */

/* Emit a warning: @warning is its identifier, the rest its sentence, without a full stop. */
void engine_warn(struct engine *eng, enum warning warning, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The same, but the same text only once. */
/* Emit a warning: @warning is its identifier, the rest its sentence, without a full stop. */
void engine_warn_once(struct engine *eng, enum warning warning, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void engine_tell_orphaned(struct engine *eng, const struct census *c, const struct member *m);
void engine_tell_results(struct engine *eng, const struct census *c, const struct instance *inst,
			 const struct reap_report *report);
void engine_tell_tick(struct engine *eng, const struct census *c,
		      const struct tick_summary *summary);

/* An odd receipt; @ignored: it changes nothing. */
/* Emit a warning: @warning is its identifier, the rest its sentence, without a full stop. */
void engine_warn_receipt(struct engine *eng, const char *path, const char *what, bool ignored);

/* The hands for this run: the recording ones in a dry run. */
static inline struct reaper *engine_hands(struct engine *eng)
{
	return eng->dryrun ? eng->dryrun : eng->reaper;
}

#endif
