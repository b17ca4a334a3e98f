/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include <errno.h>
#include <string.h>

#include "base/array.h"

int64_t clock_us(clockid_t clock)
{
	struct timespec ts = { 0 };

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t clock_ms(clockid_t clock)
{
	return clock_us(clock) / 1000;
}

static const struct {
	const char *name;
	int64_t ms;
} units[] = {
	{ "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 },
};

int parse_duration(const char *text, int64_t *ret_ms)
{
	const int64_t longest = INT64_C(100) * 366 * 86400000;
	int64_t value = 0;
	const char *p = text;

	for (; *p >= '0' && *p <= '9'; p++)
		if (value <= longest)
			value = value * 10 + (*p - '0');
	if (p == text)
		return -EINVAL;
	if (!*p && !value) {
		*ret_ms = 0;
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (strcmp(p, units[i].name) != 0)
			continue;
		if (value > longest / units[i].ms)
			return -ERANGE;
		*ret_ms = value * units[i].ms;
		return 0;
	}
	return -EINVAL;
}
