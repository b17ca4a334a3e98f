/* SPDX-License-Identifier: MIT */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

/*
 * Storage that only grows and is freed at once: what lies in it never moves. All zero
 * is the empty arena. Not for two threads at a time.
 */
struct arena {
	struct arena_chunk *chunks;
};

/* Room for @size bytes, aligned for every type, all zero. NULL: out of memory. */
void *arena_alloc(struct arena *a, size_t size);

/* Room for @nr elements of @size bytes, likewise. NULL also where that is too much. */
void *arena_alloc_array(struct arena *a, size_t nr, size_t size);

/* A copy of @len bytes (@data may be NULL if 0) and a NUL behind; not aligned. NULL: no memory. */
char *arena_copy(struct arena *a, const void *data, size_t len);

/* Free everything in it; it is empty then, and may be used again. */
void arena_release(struct arena *a);

#endif
