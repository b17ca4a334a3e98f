/* SPDX-License-Identifier: MIT */
#ifndef REPORT_FORMAT_H
#define REPORT_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Numbers for people, and the one form of time for machines. All write a NUL,
 * cut to @size, use no locale, and return @buf.
 */

enum { FORMAT_SIZE = 32 }; /* room for the longest of all */

/*
 * A length of time, at most 6 columns: "12s" "12m" "4m12s" "2h05m" "3d04h"
 * "123d". Negative (none): "-".
 */
char *format_age(char *buf, size_t size, int64_t ms);

/* An orphan's age: "12m" if exact, else a lower bound "≥12m" (">=12m" without @utf8). */
char *format_orphan_age(char *buf, size_t size, int64_t ms, bool exact, bool utf8);

/* Memory in 1024s, at most 5 columns: "0K" "812K" "96.4M" "1.10G". */
char *format_kib(char *buf, size_t size, uint64_t kib);

/* 100 = one core: "0.4" "100.0", from 1000 on without a fraction; NAN: "-". */
char *format_cpu(char *buf, size_t size, double percent);

/* Microseconds as milliseconds: "4.1 ms". */
char *format_ms(char *buf, size_t size, int64_t us);

/* UTC: "2026-11-23T19:00:00Z". Without the Z if not @zone. "-" if negative or out of range. */
char *format_time(char *buf, size_t size, int64_t realtime_ms, bool zone);

/* Ms as seconds with three digits after the point: "310.200". For machines. */
char *format_seconds(char *buf, size_t size, int64_t ms);

/* "1 agent", "2 agents". @noun takes an s. */
char *format_count(char *buf, size_t size, size_t nr, const char *noun);

#endif
