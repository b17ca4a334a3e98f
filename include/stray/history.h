/* SPDX-License-Identifier: MIT */
#ifndef STRAY_HISTORY_H
#define STRAY_HISTORY_H

#include "stray/engine.h"

/*
 * The history: which processes were signalled, when, by which face and on what evidence.
 * One JSON object a line in DIR/history.jsonl, and what no longer fits there in
 * DIR/history.jsonl.1. It outlives a boot, so each line says of which it is.
 */
#define HISTORY_NAME  "history.jsonl"
#define HISTORY_OLDER "history.jsonl.1"

enum { HISTORY_MAX = 1024 * 1024 }; /* bytes of each of the two files */

/*
 * One process that was signalled. Text that came from another process is escaped
 * already where it was read from the file, and is escaped on the way into it.
 */
struct history_entry {
	int64_t realtime_ms;
	const char *face; /* "sweep", "reap", ... */
	uid_t uid;
	const char *app;
	struct bytes instance;
	struct identity process;
	const char *boot_id;
	uint64_t pid_ns;
	const char *name;
	enum outcome outcome;
	enum owner_state owner;
	enum owner_evidence evidence;
	int64_t orphan_age_ms; /* -1: none */
	unsigned ticks;
};

/*
 * Name the folder: $XDG_STATE_HOME/stray, else $STATE_DIRECTORY, else
 * ~/.local/state/stray. It need not be there. 0 and *ret_path (heap), -ENOENT: none can
 * be named, -ENOMEM.
 */
int history_dir(char **ret_path);

/*
 * Append the entries; folder and file are made where they are missing, the file with mode
 * 0600. 0 or -errno: some may have been written.
 */
int history_append(const char *dir, const struct history_entry *entries, size_t nr);

/* One line as it was read: the entry, good during the call only, and the line without its end. */
typedef int (*history_fn)(void *ctx, const struct history_entry *entry, struct bytes line);

/*
 * Read both files, the oldest entry first, until @fn returns non-zero, which is returned.
 * Lines that are not understood are passed over and counted in *ret_odd (may be NULL).
 * 0, -ENOMEM, or -errno of what cannot be read; a file that is not there is empty.
 */
int history_read(const char *dir, history_fn fn, void *ctx, size_t *ret_odd);

#endif
