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
/* Is @text in the list, of exactly that length? */
bool strings_has(const struct strings *list, const char *text, size_t len);
/* Take out and free the entry at @index; those behind it move up. */
void strings_remove(struct strings *list, size_t index);
void strings_release(struct strings *list);

/* Does one of the globs of @list (fnmatch(3)) match all of @text? */
bool strings_match(const struct strings *list, struct bytes text);

/* What names the owner of an instance. */
enum app_owner {
	APP_OWNER_NAME,	   /* a desktop's name, and what it says of itself */
	APP_OWNER_PID,	   /* the marker's value, which is the owner's pid */
	APP_OWNER_CARRIER, /* a desktop that carries the instance itself */
};

/* What the unattended sweep may end of an app. */
enum app_sweep {
	APP_SWEEP_YES,
	APP_SWEEP_NO,	 /* nothing: the app is looked at only */
	APP_SWEEP_STDIO, /* dead stdio servers alone */
};

/*
 * One profile: what an app stamps on its agents and how its desktop is known. Its
 * fields are the keys of an [app NAME] section (stray.conf(5)), save those that say
 * otherwise. A new key is a field here, a line in app_clear(), and a row in the
 * tables of cli/app_keys.c.
 */
struct app {
	char *name;
	struct strings markers;	 /* names of environment variables, each once */
	struct strings filters;	 /* NAME=GLOB: of that marker, only values that match count */
	struct strings except;	 /* globs of values that name no instance */
	struct strings desktops; /* names of programs, or globs of a whole path */
	struct strings helpers;	 /* no key: with this argument, the program is no desktop */
	struct strings named;	 /* globs of the ids that a desktop always names */
	struct strings data;	 /* folders that a desktop keeps open, with %i ~ ${VAR} */
	enum app_owner owner;
	enum app_sweep sweep;
	bool many_instances;	/* instances = many: one desktop has several, and names none */
	bool no_inherit;	/* inherit = no: only what carries the marker is managed */
	bool stdio;		/* no key: the app `stdio`; its members carry no marker */
	char *default_instance; /* NULL: none */
	char *receipts;		/* folder, with %i ~ ${VAR}; NULL: the app writes none */
	char *generation;	/* variable, new for each start of a harness; NULL: none */
	char *origin;		/* "built-in" or "FILE:LINE", for people */
};

/* Release what @app holds and make it all zero. */
void app_clear(struct app *app);

/*
 * Add the marker @name, perhaps with @glob: then only values that match it count. A
 * name that is there without a glob takes every value, and keeps to that. @glob may be
 * NULL. 0 or -ENOMEM.
 */
int app_add_marker(struct app *app, const char *name, size_t len, const char *glob,
		   size_t glob_len);

/*
 * Does @value of the marker variable @name name an instance? Not if it is empty, if
 * `except` has it, or if the marker has globs and none matches.
 */
bool app_names_instance(const struct app *app, const char *name, struct bytes value);

/*
 * Is @proc a desktop of @app by name: its comm (unless cut at 15 bytes), the base
 * name of its exe (a trailing " (deleted)" ignored), of its argv[0], or of the script
 * that it interprets; or by a glob of the whole path of exe or argv[0]?
 * Kernel threads and dead processes are not. Says nothing about owner = pid.
 */
bool app_is_desktop(const struct app *app, const struct process *proc);

/*
 * Parse a marker's value of an app with owner = pid: PID, PID:START_TICKS, or a path
 * that ends in a component PID, or PID, a dot and an extension without digits. Decimal,
 * pid > 1. On success *ret_pid, and *ret_start_ticks (0: not given).
 * Returns 0 or -EINVAL.
 */
int app_parse_owner(struct bytes value, pid_t *ret_pid, uint64_t *ret_start_ticks);

#endif
