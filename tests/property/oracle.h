/* SPDX-License-Identifier: MIT */
#ifndef TESTS_PROPERTY_ORACLE_H
#define TESTS_PROPERTY_ORACLE_H

#include "property/truth.h"
#include "stray/census.h"

/*
 * The rules of ownership once more: written from the sentences of the
 * specification alone, as plainly as they read, with loops over everything and no
 * thought of speed. Shares only data types with the program. Each function quotes
 * the sentence that it holds.
 */
enum { ORACLE_SETS = 16 };

/* One membership of a process: the pair (app, id), and how it came about. */
struct oracle_item {
	size_t app;
	struct bytes id;
	bool inferred; /* no marker of its own says so */
	size_t from;   /* the process it was inferred from, or CENSUS_NONE */
	bool remembered;
	const char *generation; /* of a remembered one, what is remembered of that */
	int state;		/* what oracle_state() said, or -1 */
};

/* What was worked out of one instance; the questions are asked again and again. */
struct oracle_answer {
	size_t app;
	uid_t uid;
	struct bytes id;
	bool asks_files_known, asks_files, owner_known;
	enum owner_state owner;
	enum owner_evidence evidence;
};

struct oracle {
	const struct snapshot *s;
	const struct policy *policy;
	const struct truth *facts; /* never NULL */
	uid_t uid;		   /* the processes of this user, unless ... */
	bool all_users;
	struct oracle_set {
		struct oracle_item item[ORACLE_SETS];
		size_t nr;
	} * sets;	    /* [process] */
	unsigned *desktops; /* [process] -> bit per app that it is a live desktop of */
	bool *condemned;    /* [process]: a nested owner that another app condemns */
	unsigned *at_work;  /* [process] -> bit per app that it is at work of; what is known ... */
	unsigned *at_work_known;
	bool *kept; /* [process]: something keeps it, or what it goes with */
	struct oracle_answer *answers;
	size_t nr_answers, alloc_answers;
};

/*
 * Work out which process belongs to what: of all users (@only NULL), or of one. The
 * caller frees with oracle_release().
 */
void oracle_init(struct oracle *o, const struct snapshot *s, const struct policy *policy,
		 const struct truth *facts, const uid_t *only);
void oracle_release(struct oracle *o);

const struct oracle_item *oracle_member(const struct oracle *o, size_t proc, size_t app,
					struct bytes id);
enum owner_state oracle_owner(const struct oracle *o, size_t app, uid_t uid, struct bytes id,
			      enum owner_evidence *ret_evidence);
enum member_state oracle_state(const struct oracle *o, size_t proc, size_t app, struct bytes id);
enum member_role oracle_role(const struct oracle *o, size_t proc, size_t app, struct bytes id);

/* May a sweep that asks for no ticks end this process, as far as no look-up is needed? */
bool oracle_may_end(const struct oracle *o, size_t proc);
bool oracle_not_asked(const struct oracle *o, size_t i, const struct oracle_item *item);
bool oracle_together(const struct oracle *o, size_t i, size_t j);

/* --- between the files of the oracle ------------------------------------------------ */

bool oracle_same(struct bytes a, struct bytes b);
struct bytes oracle_text(const char *s);
size_t oracle_find(const struct oracle *o, pid_t pid);	/* index, or CENSUS_NONE */
size_t oracle_parent(const struct oracle *o, size_t i); /* index, or CENSUS_NONE */
bool oracle_is_ancestor(const struct oracle *o, size_t above, size_t i);
struct fact oracle_fact(const struct oracle *o, size_t i);

bool oracle_variable(struct bytes env, const char *name, struct bytes *ret);
bool oracle_bounded(struct bytes hay, struct bytes id);
bool oracle_glob(const char *pattern, struct bytes text);

bool oracle_marker(const struct oracle *o, size_t i, size_t app, size_t m, struct bytes *ret);
bool oracle_carries(const struct oracle *o, size_t i, size_t app, struct bytes id);
bool oracle_marked(const struct oracle *o, size_t i);
bool oracle_excused(const struct oracle *o, size_t i, size_t app);
bool oracle_named_desktop(const struct app *a, const struct process *p);
bool oracle_value(struct bytes value, pid_t *ret_pid, uint64_t *ret_start_ticks);
bool oracle_outside(const struct oracle *o, size_t app, struct bytes value);
bool oracle_value_names(const struct oracle *o, size_t carrier, size_t app, size_t i);
bool oracle_desktop_of(const struct oracle *o, size_t i, size_t app);
bool oracle_desktop(const struct oracle *o, size_t i);
bool oracle_at_work(const struct oracle *o, size_t d, size_t app);

struct oracle_answer *oracle_answer(const struct oracle *o, size_t app, uid_t uid, struct bytes id);
void oracle_condemn_nested(struct oracle *o);

/* Does the desktop @d say, by any of rules 1 to 5, that it owns the instance? */
bool oracle_owns(const struct oracle *o, size_t d, size_t app, uid_t uid, struct bytes id);
size_t oracle_root(const struct oracle *o, size_t i);
bool oracle_lost_parent(const struct oracle *o, size_t root);
bool oracle_by_systemd(const struct oracle *o, size_t i);
bool oracle_may_be_service(const struct oracle *o, size_t root);
bool oracle_self(const struct oracle *o, size_t i);
struct bytes oracle_generation(const struct oracle *o, size_t i, size_t app, struct bytes id);

#endif
