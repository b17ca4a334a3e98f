/* SPDX-License-Identifier: MIT */
#ifndef CLI_BASELINE_FILE_H
#define CLI_BASELINE_FILE_H

#include "base/strbuf.h"
#include "core/baseline.h"

/* The baseline of --baseline, from its file. */

/*
 * Read @path. 0 and *ret_baseline (baseline_release), -EINVAL (no census of
 * ours), -ENOMEM or the error of reading; with one line for people in @error.
 */
int baseline_load(const char *path, struct baseline *ret_baseline, struct strbuf *error);

/* The same from @len bytes of text; @name is how @error calls it. */
int baseline_parse(const char *text, size_t len, const char *name, struct baseline *ret_baseline,
		   struct strbuf *error);

#endif
