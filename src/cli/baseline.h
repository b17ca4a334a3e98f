/* SPDX-License-Identifier: MIT */
#ifndef CLI_BASELINE_H
#define CLI_BASELINE_H

#include <stddef.h>

#include "base/strbuf.h"
#include "stray/identity.h"

/*
 * What already stood there: the processes of an earlier `--list --json`, which
 * the leak check forgives. Identities hold within one boot, so a baseline of
 * another boot forgives nothing.
 */
struct baseline {
	char boot_id[BOOT_ID_SIZE];
	struct identity *ids; /* ordered; no inode numbers: the JSON has none */
	size_t nr, alloc;
};

#define BASELINE_INIT                                                                              \
	{                                                                                          \
		.ids = NULL                                                                        \
	}

/*
 * Read @path. 0 and *ret_baseline (baseline_release), -EINVAL (no census of
 * ours), -ENOMEM or the error of reading; with one line for people in @error.
 */
int baseline_load(const char *path, struct baseline *ret_baseline, struct strbuf *error);

/* The same from @len bytes of text; @name is how @error calls it. */
int baseline_parse(const char *text, size_t len, const char *name, struct baseline *ret_baseline,
		   struct strbuf *error);

/* Did this process of that boot stand there? */
bool baseline_has(const struct baseline *b, const char *boot_id, const struct identity *id);

void baseline_release(struct baseline *b);

#endif
