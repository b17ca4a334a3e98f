/* SPDX-License-Identifier: MIT */
#ifndef TUI_DIALOG_H
#define TUI_DIALOG_H

#include "engine/worker.h"
#include "tui/model.h"

/*
 * The dialogs: their questions, the processes they are about, their keys. No curses.
 * A dialog about victims holds their identities, captured when it was opened; the
 * engine holds their pidfds meanwhile.
 */
enum dialog_kind {
	DIALOG_NONE,
	DIALOG_REAP,
	DIALOG_ARM,
	DIALOG_QUIT,
	DIALOG_SUSPEND,
	DIALOG_LEAVE, /* a reaping waits */
	DIALOG_SORT,
};

enum {
	/* Keys are dropped until none came for so long, so that no held or pasted key confirms. */
	DIALOG_GUARD_MS = 250,
	DIALOG_LINES = 8,
	DIALOG_TYPED = 16, /* room for a typed word; a longer one is wrong in any case */
	DIALOG_MIN_COLS = 40,
	DIALOG_MIN_ROWS = 10,
};

struct victim {
	struct identity id;
	char *command; /* escaped */
	char name[64]; /* comm, escaped */
	int64_t age_ms;
	uint64_t rss_kib;
	uid_t uid;
	enum verdict_why why; /* WHY_MAY_END: a victim; else why it is not touched */
	bool unsure;	      /* a victim, though it is unknown whether it has an owner */
	bool foreign;	      /* hangs below a victim, belongs to another instance */
	bool exited;	      /* meanwhile */
	bool held;	      /* the engine has it by its pidfd */
};

/* One instance's victims: nr of them from first; its untouched ones are further down. */
struct share {
	struct instance_key key; /* a copy */
	enum owner_state owner;
	bool force;
	bool hidden; /* by the filter */
	bool whole;  /* all of it, not only what was picked */
	pid_t owner_pid;
	enum verdict_face face;
	size_t first, nr;
};

/* A row of the list that scrolls. */
enum dialog_row_kind {
	DIALOG_ROW_SHARE,     /* the heading of one instance; at: which share */
	DIALOG_ROW_VICTIM,    /* at: which victim, those that are not touched included */
	DIALOG_ROW_UNTOUCHED, /* the heading of those */
};

struct dialog_row {
	enum dialog_row_kind kind;
	size_t at;
};

struct dialog {
	enum dialog_kind kind;
	int64_t quiet_ms; /* CLOCK_MONOTONIC: the last key, or the opening */
	bool settled;	  /* there was no key for long enough: from now on each counts */
	char title[80];
	char lines[DIALOG_LINES][320]; /* escaped */
	size_t nr_lines;
	const char *no, *yes, *keys; /* the buttons, and what stands beside them */
	bool focus;		     /* on yes */

	/* DIALOG_REAP */
	struct share *shares;
	size_t nr_shares, alloc_shares;
	struct victim *victims; /* first the victims, then what is not touched */
	size_t nr, alloc, nr_victims;
	struct dialog_row *rows;
	size_t nr_rows;
	size_t nr_unknown; /* of those not touched: u takes them in */
	bool unknown;	   /* u was pressed: unknown processes are among the victims */
	uint64_t frees_kib;
	struct identity *picks; /* processes by themselves, each with what hangs below it */
	size_t nr_picks;
	bool need_word; /* the owner is alive or unknown, or one of the victims is unknown */
	char word[DIALOG_TYPED + 1];
	size_t offset, height; /* of the rows: first shown, how many fit */
	unsigned hold;	       /* 0: none */
	size_t new_processes;  /* of these instances, that are not in the list ... */
	size_t new_below;      /* ... and those that hang below a victim: ended with it */
	char brief[120];       /* in one sentence, for a small screen */
	char note[120];	       /* what the filter hides; "": nothing */

	size_t choice; /* DIALOG_SORT */
};

enum dialog_answer {
	DIALOG_STAYS,
	DIALOG_NO,
	DIALOG_YES,
	DIALOG_REREAD,
	DIALOG_UNKNOWN, /* take the unknown ones in */
	DIALOG_WAIT,	/* DIALOG_LEAVE: leave once all have ended */
};

void dialog_release(struct dialog *d); /* DIALOG_NONE afterwards */

/*
 * Report that no key is pending at @now_ms. Returns true once none came for
 * DIALOG_GUARD_MS: keys count from now on.
 */
bool dialog_settle(struct dialog *d, int64_t now_ms);
/* Return how long until dialog_settle() can be true, ms; -1: it was. */
int64_t dialog_settle_wait_ms(const struct dialog *d, int64_t now_ms);

/* Act on @key at @now_ms. Keys that the dialog does not know are ignored. */
enum dialog_answer dialog_key(struct dialog *d, int key, int64_t now_ms);

/* May yes be chosen: is the word typed, and a victim left? */
bool dialog_ready(const struct dialog *d);

/* Count the victims that have not exited. */
size_t dialog_left(const struct dialog *d);

/*
 * Fill @d for the selected group, the tagged groups, or the selected process; with
 * @unknown, unknown processes are among the victims of a group. Returns 0, -ENOMEM, or
 * -ENOENT: there is nothing to reap, and @why (of @size bytes) says why.
 */
int dialog_reap(struct dialog *d, const struct model *m, int64_t term_timeout_ms, bool unknown,
		char *why, size_t size);

/* dialog_text.c: the title, the sentences and the rows of a dialog that is filled. */
int dialog_describe(struct dialog *d, const struct model *m, const struct memory *first,
		    int64_t term_timeout_ms);
/* "4 processes", "1 process" */
const char *dialog_processes(char *buf, size_t size, size_t nr);

/* Compare with a newer census: mark victims that have exited, count new processes. */
void dialog_compare(struct dialog *d, const struct census *c);

/* Mark the victims that the engine holds by a pidfd, as its answer says. */
void dialog_held(struct dialog *d, const struct worker_answer *answer);

/* Ask whether the sweep is armed, with what its next counted tick ends. */
void dialog_arm(struct dialog *d, const struct model *m, const struct engine_settings *set);
/* Ask whether to quit while the sweep is armed. */
void dialog_quit(struct dialog *d);
/* Ask whether to suspend while the sweep is armed. */
void dialog_suspend(struct dialog *d);
void dialog_leave(struct dialog *d, size_t nr); /* so many are still ending; 0: a sweep's */
/* Offer the columns to sort by, the choice on @current. */
void dialog_sort(struct dialog *d, enum column_id current);

/* DIALOG_SORT: the columns in their order. */
size_t dialog_sort_columns(enum column_id columns[COLUMN_NR]);

#endif
