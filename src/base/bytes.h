/* SPDX-License-Identifier: MIT */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/*
 * Bytes with a length, borrowed. They came from a file or from another process: no
 * terminating NUL, any byte may stand in them, a NUL too.
 */
struct bytes {
	const char *data;
	size_t len;
};

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
