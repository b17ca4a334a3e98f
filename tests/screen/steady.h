/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SCREEN_STEADY_H
#define TESTS_SCREEN_STEADY_H

#include <stdint.h>

/*
 * What steady.c and whoever directs it agree on: this variable of the environment
 * names a descriptor, and there, shared, stand how many milliseconds have passed
 * since the beginning. Nothing else moves the program's clocks.
 */
#define STEADY_CLOCK "STEADY_CLOCK"

/* The beginning: 2026-11-23 19:54:00 UTC, a while after the machine's start. */
#define STEADY_REALTIME_MS (INT64_C(1795463640) * 1000)
#define STEADY_BOOTTIME_MS (INT64_C(400000) * 1000)

#endif
