/* SPDX-License-Identifier: MIT */
#ifndef CORE_BYTES_H
#define CORE_BYTES_H

#include <string.h>

#include "stray/process.h"

/* Small helpers over struct bytes, which has no terminating NUL. */

static inline struct bytes bytes_of(const char *text)
{
	return (struct bytes){ text, strlen(text) };
}

static inline bool bytes_equal(struct bytes a, struct bytes b)
{
	return a.len == b.len && (!a.len || memcmp(a.data, b.data, a.len) == 0);
}

static inline bool bytes_is(struct bytes a, const char *text)
{
	return bytes_equal(a, bytes_of(text));
}

/* Byte order, the shorter one first where one begins the other. */
static inline int bytes_compare(struct bytes a, struct bytes b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len ? memcmp(a.data, b.data, len) : 0;

	if (order)
		return order;
	return (a.len > b.len) - (a.len < b.len);
}

#endif
