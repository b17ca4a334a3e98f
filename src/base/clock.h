/* SPDX-License-Identifier: MIT */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* The time of that clock (clock_gettime(2)); it cannot fail for the clocks of Linux. */
int64_t clock_ms(clockid_t clock);
int64_t clock_us(clockid_t clock);

#endif
