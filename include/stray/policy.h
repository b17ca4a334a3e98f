/* SPDX-License-Identifier: MIT */
#ifndef STRAY_POLICY_H
#define STRAY_POLICY_H

#include "stray/app.h"

/*
 * The rules in force: the apps, what adopts orphans, what is kept. Filled once, then
 * never changed; engine, source and census each hold a counted reference, so that
 * what points into it stays good.
 */
struct policy {
	struct app *apps;
	size_t nr_apps, alloc_apps;
	struct strings adopters; /* globs of the names of processes that adopt orphans */
	struct strings keep;	 /* the user's entries, added to the built-in keep list */
	struct strings allow; /* --allow: kept for this run, and no leak where one was looked for */
	unsigned refs;
};

/* A new policy with the built-in apps and adopters and one reference. 0 or -ENOMEM. */
int policy_new(struct policy **ret);

/*
 * Count a reference up, and down: the last one frees it. Atomic, any thread. NULL is
 * fine. What was filled by policy_init() is its owner's to release after the others.
 */
const struct policy *policy_ref(const struct policy *p);
void policy_unref(const struct policy *p);

/* Fill @p in place with the same, for a caller that owns it. 0 or -ENOMEM (@p is empty). */
int policy_init(struct policy *p);
void policy_release(struct policy *p);

/*
 * The app with that name as it is, or a new and empty one. NULL: out of memory. The
 * pointer is good until an app is added or removed.
 */
struct app *policy_edit_app(struct policy *p, const char *name, const char *origin);

/* The same, emptied if it was there. */
struct app *policy_replace_app(struct policy *p, const char *name, const char *origin);

/* Take it away. False: there is none of that name. */
bool policy_remove_app(struct policy *p, const char *name);

/* By name, or NULL. */
const struct app *policy_find_app(const struct policy *p, const char *name);

/* Is @name one of the marker variables of any app? */
bool policy_is_marker(const struct policy *p, struct bytes name);

/*
 * Is the environment entry @name worth remembering of any process: a marker, an app's
 * generation, or one of the few that the rules ask for? For environ_filter().
 */
bool policy_wants_variable(const struct policy *p, struct bytes name);

/*
 * Is @proc by its name (comm, cut at 15 bytes) a process that adopts orphans? Pid 1
 * also where it is one of the programs that only wait; of another name it is a parent
 * like any other.
 */
bool policy_is_adopter(const struct policy *p, const struct process *proc);

/*
 * Is @proc by its name an init of containers, made to run one command: its oldest
 * living child? That child has not lost its parent.
 */
bool policy_is_container_init(const struct process *proc);

/* Does one of --allow name @proc? Its entries are read as those of keep. */
bool policy_allows(const struct policy *p, const struct process *proc);

/* Does the keep list, the built-in one or the user's, or --allow, name @proc? */
bool policy_is_kept(const struct policy *p, const struct process *proc);

/*
 * Does an entry of `keep` or --allow match @proc? It is taken whole first, as a glob of
 * a name, its script's included; then as NAME ARGUMENT, both globs, of which the program
 * and one of its arguments have to match.
 */
bool keep_entry_matches(const char *entry, const struct process *proc);

/*
 * The built-in keep list, to be shown: a name or pattern, and what an argument
 * must begin with or the title hold (NULL: nothing). With @holds, that tells,
 * and the argument is its name for people.
 */
struct keep_rule {
	const char *name;
	const char *argument;
	bool (*holds)(const struct process *proc);
};

extern const struct keep_rule builtin_keep[];
extern const size_t nr_builtin_keep;

/* As pid 1 these only wait, and so adopt too; NULL ends it. */
extern const char *const builtin_waiters[];

#endif
