/* SPDX-License-Identifier: MIT */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* The time of that clock (clock_gettime(2)); it cannot fail for the clocks of Linux. */
int64_t clock_ms(clockid_t clock);
int64_t clock_us(clockid_t clock);

/*
 * Parse a length of time: a decimal number and one of the units ms s m h d, no
 * blanks; only 0 may stand without a unit. On success *ret_ms is not negative.
 * 0, -EINVAL (no length of time) or -ERANGE (longer than 100 years).
 */
int parse_duration(const char *text, int64_t *ret_ms);

#endif
