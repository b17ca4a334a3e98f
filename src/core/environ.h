/* SPDX-License-Identifier: MIT */
#ifndef CORE_ENVIRON_H
#define CORE_ENVIRON_H

#include "stray/policy.h"

/*
 * Look-up in an environment block as /proc/PID/environ gives it: NAME=value
 * entries, each ended by a NUL; the last may lack it. Split at NUL and at
 * nothing else: a value may hold newlines, blanks and further `NAME=value`.
 */

/*
 * The value of the first entry of that name, as getenv(3) would see it. True
 * and *ret_value (inside @env, perhaps empty), or false: there is none.
 */
bool environ_get(struct bytes env, const char *name, struct bytes *ret_value);

/*
 * The entry at *offset (0 to begin with), which then moves on. Entries without
 * `=` have an empty value and the whole entry as their name. False at the end.
 */
bool environ_next(struct bytes env, size_t *offset, struct bytes *ret_name,
		  struct bytes *ret_value);

/*
 * Copy the entries that policy_wants_variable() to @out, which has room for
 * env.len + 1 bytes, each with a NUL. Only the first of a name counts, and only
 * that one is copied. Returns how many bytes were written.
 */
size_t environ_filter(struct bytes env, const struct policy *policy, char *out);

#endif
