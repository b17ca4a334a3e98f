/* SPDX-License-Identifier: MIT */
#include "report/format.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/array.h"

/* "4m12s": two units, the lower one in two digits and left out if it is zero. */
static const struct {
	int64_t from; /* in seconds */
	int64_t unit, lower;
	char name, lower_name;
} ages[] = {
	{ 100 * 86400, 86400, 0, 'd', 0 }, /* hours would take a seventh column */
	{ 86400, 86400, 3600, 'd', 'h' },  { 3600, 3600, 60, 'h', 'm' },
	{ 60, 60, 1, 'm', 's' },	   { 0, 1, 0, 's', 0 },
};

char *format_age(char *buf, size_t size, int64_t ms)
{
	int64_t s = ms / 1000;

	if (ms < 0) {
		snprintf(buf, size, "-");
		return buf;
	}
	for (size_t i = 0; i < ARRAY_SIZE(ages); i++) {
		int64_t rest;

		if (s < ages[i].from)
			continue;
		rest = ages[i].lower ? s % ages[i].unit / ages[i].lower : 0;
		if (rest)
			snprintf(buf, size, "%" PRId64 "%c%02" PRId64 "%c", s / ages[i].unit,
				 ages[i].name, rest, ages[i].lower_name);
		else
			snprintf(buf, size, "%" PRId64 "%c", s / ages[i].unit, ages[i].name);
		break;
	}
	return buf;
}

char *format_orphan_age(char *buf, size_t size, int64_t ms, bool exact, bool utf8)
{
	char age[FORMAT_SIZE];

	format_age(age, sizeof(age), ms);
	if (ms < 0 || exact)
		snprintf(buf, size, "%s", age);
	else
		snprintf(buf, size, "%s%s", utf8 ? "\xe2\x89\xa5" : ">=", age);
	return buf;
}

char *format_kib(char *buf, size_t size, uint64_t kib)
{
	static const char units[] = "KMGTPE";
	size_t unit = 0;
	uint64_t whole = kib, rest = 0; /* rest in 1/1024 of the unit */
	uint64_t hundredths, tenths;

	/* What would be rounded to four digits (999.495 and more) goes to the next unit. */
	while ((whole > 999 || (whole == 999 && rest >= 507)) && units[unit + 1]) {
		rest = whole % 1024;
		whole /= 1024;
		unit++;
	}
	hundredths = whole * 100 + (rest * 100 + 512) / 1024;
	tenths = (hundredths + 5) / 10;
	if (!unit)
		snprintf(buf, size, "%" PRIu64 "K", whole);
	else if (hundredths < 1000)
		snprintf(buf, size, "%" PRIu64 ".%02" PRIu64 "%c", hundredths / 100,
			 hundredths % 100, units[unit]);
	else if (tenths < 1000)
		snprintf(buf, size, "%" PRIu64 ".%" PRIu64 "%c", tenths / 10, tenths % 10,
			 units[unit]);
	else
		snprintf(buf, size, "%" PRIu64 "%c", (hundredths + 50) / 100, units[unit]);
	return buf;
}

char *format_cpu(char *buf, size_t size, double percent)
{
	long tenths;

	if (isnan(percent) || percent < 0) {
		snprintf(buf, size, "-");
		return buf;
	}
	if (percent > 1e6)
		percent = 1e6;
	tenths = (long)(percent * 10 + 0.5);
	if (tenths < 10000)
		snprintf(buf, size, "%ld.%ld", tenths / 10, tenths % 10);
	else
		snprintf(buf, size, "%ld", (tenths + 5) / 10);
	return buf;
}

char *format_ms(char *buf, size_t size, int64_t us)
{
	int64_t tenths = (us + 50) / 100;

	if (us < 0)
		snprintf(buf, size, "-");
	else
		snprintf(buf, size, "%" PRId64 ".%" PRId64 " ms", tenths / 10, tenths % 10);
	return buf;
}

char *format_time(char *buf, size_t size, int64_t realtime_ms, bool zone)
{
	time_t seconds = (time_t)(realtime_ms / 1000);
	struct tm tm;

	if (realtime_ms < 0 || !gmtime_r(&seconds, &tm) ||
	    !strftime(buf, size, zone ? "%Y-%m-%dT%H:%M:%SZ" : "%Y-%m-%dT%H:%M:%S", &tm))
		snprintf(buf, size, "-");
	return buf;
}

char *format_seconds(char *buf, size_t size, int64_t ms)
{
	uint64_t value = ms < 0 ? -(uint64_t)ms : (uint64_t)ms;

	snprintf(buf, size, "%s%" PRIu64 ".%03u", ms < 0 ? "-" : "", value / 1000,
		 (unsigned)(value % 1000));
	return buf;
}

char *format_count(char *buf, size_t size, size_t nr, const char *noun)
{
	snprintf(buf, size, "%zu %s%s", nr, noun, nr == 1 ? "" : "s");
	return buf;
}
