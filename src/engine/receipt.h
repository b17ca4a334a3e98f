/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_RECEIPT_H
#define ENGINE_RECEIPT_H

#include <sys/stat.h>

#include "stray/process.h"

/*
 * One receipt: a file in which a desktop notes one of its agents. NAME.pid holds a
 * decimal pid above 1, NAME.json a JSON object with such a `pid`, other keys ignored;
 * blanks around are allowed. Everything in it may be old, half written or planted.
 */
enum receipt_kind {
	RECEIPT_PID,	  /* names a process */
	RECEIPT_NOTHING,  /* names none, for certain: vanished, or a dot file */
	RECEIPT_OLD,	  /* empty, and too old to be about to be written: names none */
	RECEIPT_FOREIGN,  /* of another instance */
	RECEIPT_NOT_CLEAR /* what it names cannot be told */
};

struct receipt {
	enum receipt_kind kind;
	pid_t pid;	    /* PID */
	char instance[256]; /* FOREIGN: the instance that it says it is of, cut */
	const char *what;   /* static text for people, where something is odd; else NULL */
	struct stat st;	    /* of the file, where it could be opened */
};

/*
 * Read the file @name of the folder @dirfd, which must be a regular file of @uid, as a
 * receipt of the instance @id. @now_s: CLOCK_REALTIME.
 */
struct receipt receipt_read(int dirfd, const char *name, uid_t uid, struct bytes id, int64_t now_s);

/* Is the file called like a receipt: *.pid or *.json, and no dot file? */
bool receipt_is_name(const char *name);

#endif
