/* SPDX-License-Identifier: MIT */
#ifndef TUI_MODEL_H
#define TUI_MODEL_H

#include "engine/worker.h"
#include "tui/columns.h"
#include "tui/filter.h"

/*
 * What the list shows: the groups of the census at hand, filtered and sorted,
 * with the processes of those that are expanded; which row is selected; what is
 * tagged. No curses. Nothing is remembered by row: the selection, tags and what
 * is expanded are pinned to (app, instance, uid) and to identities.
 */

/* In the order of the default sort. */
enum group_kind {
	KIND_REAPABLE, /* the next sweep would end some of it */
	KIND_GRACE,    /* orphans, but not yet on enough ticks */
	KIND_KEPT,     /* orphans, but all of them are kept */
	KIND_UNKNOWN,
	KIND_DETACHED,
	KIND_ALIVE,
	KIND_NR
};

/* The last figures of a group, oldest first; no more than fit into a cell. */
enum { TREND_MAX = 8 };

struct trend {
	float cpu_pct[TREND_MAX]; /* NAN: not known */
	uint64_t rss_kib[TREND_MAX];
	size_t processes[TREND_MAX];
	size_t nr;
};

/* What is remembered of an instance from census to census. */
struct memory {
	struct instance_key key; /* a copy */
	bool expanded, tagged;
	bool hit;	  /* the filter found something inside: it is open while that is set */
	unsigned reaping; /* reaps of it that are under way */
	struct trend trend;
	char *exe;    /* of the last owner that was seen alive, or NULL */
	bool present; /* in the census at hand */
	bool shown;   /* the filter lets it through */
	const struct instance *inst;

	/* figures of the census at hand */
	enum group_kind kind;
	unsigned ticks; /* at most grace */
	int64_t age_ms; /* oldest orphan; -1: none */
	bool exact;
	size_t condemned, due, kept;
	pid_t owner_pid; /* shown beside the word; 0: not known */
	unsigned long threads;
};

struct row {
	size_t group;		/* index in model.groups */
	const struct member *m; /* NULL: the group itself */
	unsigned depth;		/* 0: a child of the group */
	bool last;		/* no sibling follows */
	uint64_t rails;		/* bit i: a line runs through at depth i */
	bool hit;		/* what the filter found */
};

/* A pick outlives censuses: compare, do not dereference. */
struct pick {
	bool set;
	size_t group;		 /* index in model.groups, which are never reordered while set */
	struct identity process; /* unset: the group */
};

struct summary {
	size_t groups, shown, kinds[KIND_NR], owners[3], agents, processes;
	size_t excluded; /* groups of the census that the scope leaves out */
	uint64_t rss_kib, reapable_kib;
	double cpu_pct; /* NAN: none known yet */
};

struct model {
	struct census *census; /* NULL: none yet */
	struct worker_user *users;
	size_t nr_users;
	const struct scope *scope; /* what it is narrowed to; NULL: everything */
	unsigned grace;
	const struct glyphs *glyphs;

	struct memory *groups; /* those known; present tells which the census has */
	size_t nr_groups, alloc_groups;
	struct row *rows;
	size_t nr_rows, alloc_rows;

	struct pick selected;
	size_t cursor;	     /* its row */
	struct pick *before; /* the rows before the last change: where neighbours were */
	size_t nr_before;
	struct identity *tags; /* processes that are tagged by themselves */
	size_t nr_tags, alloc_tags;
	bool open_new;	 /* groups are open when they are first seen */
	bool flat;	 /* processes without their groups */
	bool no_args;	 /* names of processes instead of their arguments */
	int64_t late_ms; /* how much older than the census everything is by now */
	size_t prefix;	 /* bytes that all ids that are shown begin with, up to a dot */
	size_t median;	 /* half of them are longer than this many bytes */
	size_t longest;	 /* short name of those shown, columns; 0: only one is shown */
	bool follow;
	enum column_id sort;
	bool invert;
	struct filter filter;
	struct summary sum;
	char notice[200]; /* why the selection moved by itself; "": it did not */
};

/* @scope is borrowed; NULL: not narrowed. */
void model_init(struct model *m, const struct scope *scope, unsigned grace, const struct glyphs *g);
void model_release(struct model *m);

/*
 * Show this census: takes a reference; @users are copied. The selection stays
 * on what it was, or moves to its nearest neighbour with a notice. 0 or -ENOMEM.
 */
int model_set_census(struct model *m, struct census *c, const struct worker_user *users,
		     size_t nr_users);

/* Note where each row stands, before a change takes rows away. */
void model_note_rows(struct model *m);

/* Make the rows anew after sort, filter, or something expanded. 0 or -ENOMEM. */
int model_rebuild(struct model *m);

/* The selected row, or NULL: there is none. Its group. */
const struct row *model_selected(const struct model *m);
struct memory *model_row_group(const struct model *m, const struct row *row);

void model_select_row(struct model *m, size_t row); /* beyond the last: the last */
/* Move the selection by @delta rows, as far as there are any. */
void model_move(struct model *m, long delta);

/* These need model_rebuild() afterwards if they return true. */
bool model_expand(struct model *m);   /* else goes to the first child */
bool model_collapse(struct model *m); /* else goes to the parent */
bool model_toggle(struct model *m, size_t row);
bool model_toggle_all(struct model *m);
bool model_all_expanded(const struct model *m);

void model_tag(struct model *m); /* tag or untag the selected row's group, or its process */
/* Tag what is shown: each group, or in the flat list each process. */
void model_tag_shown(struct model *m);
/* Tag each group that may be reaped. */
void model_tag_reapable(struct model *m);
/* Untag everything, shown or not. */
void model_untag_all(struct model *m);
/* Is that process tagged by itself? */
bool model_is_tagged(const struct model *m, const struct identity *id);
/* How many groups and processes are tagged, shown or not. */
size_t model_tagged(const struct model *m);
size_t model_tagged_hidden(const struct model *m); /* those that the filter hides */

/* Sort by @column, or turn round if it is that already. */
void model_sort_by(struct model *m, enum column_id column);

/* A search: how many rows hold it, and which of these is selected, from 1. */
struct match {
	size_t at, nr;
};

/*
 * Select the next row (from the selected one, itself included with @here) that
 * @text occurs in, going round. False: there is none.
 */
bool model_search(struct model *m, const char *text, int direction, bool here,
		  struct match *ret_match);

/* Name of a user, or its number. */
const char *model_user(const struct model *m, uid_t uid, char buf[33]);

/*
 * Append the command as shown: arguments, or with no_args the name alone; a process
 * without arguments has its name in brackets.
 */
void model_command(const struct model *m, struct strbuf *sb, const struct process *proc);
void model_id(struct strbuf *sb, struct bytes id, bool utf8);
void model_short_name(struct strbuf *sb, const struct memory *g, bool utf8);

/*
 * The processes of @g as the tree of the list, into @rows, which has room for
 * as many as the group has members. 0 and *ret_nr, or -ENOMEM.
 */
int model_tree(const struct model *m, const struct memory *g, struct row *rows, size_t *ret_nr);

/* "owned" "orphan" "REAPABLE" "kept" ...: of a group, of a process in it. */
const char *group_state(const struct memory *g);
const char *process_state(const struct memory *g, const struct member *m);

/* "alive" "detached" "grace" ...: what the line of sums counts. */
const char *group_kind_name(enum group_kind kind);

/* Does it stand as "kept" (and not as owned)? */
bool member_is_kept(const struct member *m);

/* The instance of the census at hand with that key, or NULL. */
struct memory *model_find(const struct model *m, const struct instance_key *key);

#endif
