/* SPDX-License-Identifier: MIT */
#ifndef LINUX_TIMENS_H
#define LINUX_TIMENS_H

#include <stdint.h>

/*
 * Our own time namespace (time_namespaces(7)): what the kernel adds to the start times
 * in /proc and to CLOCK_BOOTTIME. An identity holds the start time of the initial
 * namespace, so it is subtracted. Any thread.
 */

/* From the text of /proc/self/timens_offsets: the offset of the boot clock, ns; 0: none. */
int64_t timens_parse(const char *text);

/* The offset of the boot clock in ms, and in clock ticks as start times are told. */
int64_t timens_boot_ms(void);
int64_t timens_boot_ticks(void);

#endif
