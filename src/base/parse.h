/* SPDX-License-Identifier: MIT */
#ifndef BASE_PARSE_H
#define BASE_PARSE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Numbers and lengths of time as people and files write them. Decimal digits only: no
 * sign, no blank, no locale.
 */

/*
 * Read the digits at the start of @text, at most @len bytes of it (SIZE_MAX: up to its
 * NUL). Returns how many there are and sets *ret_value; 0: there is none, or the number
 * is above @max.
 */
size_t parse_digits(const char *text, size_t len, uint64_t max, uint64_t *ret_value);

/* Read all of @text as a number up to @max. 0, -EINVAL: it is none, -ERANGE: above @max. */
int parse_number(const char *text, uint64_t max, uint64_t *ret_value);

/* Return the pid that all of @text is, or 0: it is none. */
pid_t parse_pid(const char *text);

/*
 * Read a length of time: "90" and "90s" are seconds, "500ms", "5min", "1h30m", "1m 30s";
 * units ms s sec m min h d, each once, the larger first. 0 and milliseconds, -EINVAL: it
 * is none, -ERANGE: longer than 100 years.
 */
int parse_duration(const char *text, int64_t *ret_ms);

#endif
