/* SPDX-License-Identifier: MIT */
#include "base/parse.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/array.h"

size_t parse_digits(const char *text, size_t len, uint64_t max, uint64_t *ret_value)
{
	uint64_t value = 0;
	size_t i = 0;

	for (; i < len && text[i] >= '0' && text[i] <= '9'; i++) {
		uint64_t digit = (uint64_t)(text[i] - '0');

		if (digit > max || value > (max - digit) / 10)
			return 0;
		value = value * 10 + digit;
	}
	if (i)
		*ret_value = value;
	return i;
}

int parse_number(const char *text, uint64_t max, uint64_t *ret_value)
{
	size_t digits = strspn(text, "0123456789");
	uint64_t value;

	if (!digits || text[digits])
		return -EINVAL;
	if (!parse_digits(text, digits, max, &value))
		return -ERANGE;
	*ret_value = value;
	return 0;
}

pid_t parse_pid(const char *text)
{
	uint64_t value;

	return parse_number(text, INT32_MAX, &value) == 0 ? (pid_t)value : 0;
}

/* The larger first; of two names the longer first. */
static const struct unit {
	const char *name;
	int64_t ms;
} units[] = {
	{ "d", 86400000 }, { "h", 3600000 }, { "min", 60000 }, { "ms", 1 },
	{ "m", 60000 },	   { "sec", 1000 },  { "s", 1000 },
};

static const struct unit *find_unit(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (strncmp(text, units[i].name, strlen(units[i].name)) == 0)
			return &units[i];
	return NULL;
}

int parse_duration(const char *text, int64_t *ret_ms)
{
	const int64_t longest = INT64_C(100) * 366 * 86400000;
	int64_t sum = 0, smallest = INT64_MAX;
	const char *at = text;
	bool range = false;

	do {
		size_t digits = strspn(at, "0123456789");
		const struct unit *unit;
		uint64_t value = 0;
		int64_t ms;

		if (!digits)
			return -EINVAL;
		range |= !parse_digits(at, digits, (uint64_t)longest, &value);
		at += digits;
		unit = find_unit(at);
		/* A bare number stands alone: of what would "1m30" be? */
		if (!unit && (*at || smallest != INT64_MAX))
			return -EINVAL;
		ms = unit ? unit->ms : 1000;
		at += unit ? strlen(unit->name) : 0;
		if (ms >= smallest)
			return -EINVAL;
		smallest = ms;
		range |= (int64_t)value > longest / ms;
		if (!range)
			sum += (int64_t)value * ms;
		range |= sum > longest;
		if (*at == ' ' && at[1])
			at++;
	} while (*at);
	if (range)
		return -ERANGE;
	*ret_ms = sum;
	return 0;
}
