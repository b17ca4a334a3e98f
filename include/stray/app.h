/* SPDX-License-Identifier: MIT */
#ifndef STRAY_APP_H
#define STRAY_APP_H

#include "stray/process.h"

/* A list of heap strings that it owns. All zero is the empty list. */
struct strings {
	char **items;
	size_t nr, alloc;
};

int strings_add(struct strings *list, const char *text, size_t len); /* 0, -ENOMEM */
bool strings_has(const struct strings *list, const char *text, size_t len);
void strings_release(struct strings *list);

/* One profile: what an app stamps on its agents and how its desktop is known. */
struct app {
	char *name;
	struct strings markers;	 /* names of environment variables */
	struct strings desktops; /* exact program names */
	bool owner_pid;		 /* a marker's value is PID or PID:START_TICKS of the owner */
	char *default_instance;	 /* NULL: none */
	char *receipts;		 /* folder, with %i ~ ${VAR}; NULL: the app writes none */
	char *origin;		 /* "built-in" or "FILE:LINE", for people */
};

/*
 * Everything that says who is who: the apps, who adopts orphans, who is kept.
 * Read-only while an engine uses it.
 */
struct policy {
	struct app *apps;
	size_t nr_apps, alloc_apps;
	struct strings adopters; /* names of processes that adopt orphans */
	struct strings keep;	 /* user's globs, added to the built-in keep list */
	struct strings allow; /* --allow: kept for this run, and no leak where one was looked for */
};

/* Fill @p with the built-in apps and adopters. Returns 0 or -ENOMEM (then @p is empty). */
int policy_init(struct policy *p);
void policy_release(struct policy *p);

/*
 * The app with that name, emptied if it was there, else added. Its markers and
 * desktops are then the caller's to add. NULL: out of memory. The pointer is
 * good until the next call.
 */
struct app *policy_replace_app(struct policy *p, const char *name, const char *origin);

/* By name, or NULL. */
const struct app *policy_find_app(const struct policy *p, const char *name);

/*
 * Is @proc a desktop of @app by name: its comm (unless cut at 15 bytes), the
 * base name of its exe (a trailing " (deleted)" ignored) or of its argv[0]?
 * Kernel threads and dead processes are not. Says nothing about owner = pid.
 */
bool app_is_desktop(const struct app *app, const struct process *proc);

/*
 * Parse a marker's value of an app with owner_pid: PID or PID:START_TICKS,
 * decimal, pid > 1. On success *ret_pid, and *ret_start_ticks (0: not given).
 * Returns 0 or -EINVAL.
 */
int app_parse_owner(struct bytes value, pid_t *ret_pid, uint64_t *ret_start_ticks);

/* Is @name one of the marker variables of any app? */
bool policy_is_marker(const struct policy *p, struct bytes name);

/*
 * Is the environment entry @name worth remembering of any process: a marker,
 * or STRAY_KEEP? For environ_filter().
 */
bool policy_wants_variable(const struct policy *p, struct bytes name);

/* Does @parent adopt orphans: pid 1, or the name of an adopter (comm, cut at 15 bytes)? */
bool policy_is_adopter(const struct policy *p, const struct process *parent);

/* Does one of --allow name @proc? Its entries are read as those of keep. */
bool policy_allows(const struct policy *p, const struct process *proc);

/* Does the keep list, the built-in one or the user's, or --allow, name @proc? */
bool policy_is_kept(const struct policy *p, const struct process *proc);

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

#endif
