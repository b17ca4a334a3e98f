/* SPDX-License-Identifier: MIT */
#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct arena_chunk {
	struct arena_chunk *next;
	size_t used, size;
	_Alignas(max_align_t) char data[];
};

enum { CHUNK_SIZE = 32 * 1024 - 64 };

/* @size bytes at a multiple of @align, in the newest chunk or a new one. */
static char *take(struct arena *a, size_t size, size_t align)
{
	struct arena_chunk *chunk = a->chunks;
	size_t at = chunk ? (chunk->used + align - 1) / align * align : 0;

	if (!chunk || at > chunk->size || chunk->size - at < size) {
		size_t room = size > CHUNK_SIZE ? size : CHUNK_SIZE;

		chunk = room < SIZE_MAX - sizeof(*chunk) ? malloc(sizeof(*chunk) + room) : NULL;
		if (!chunk)
			return NULL;
		chunk->size = room;
		chunk->next = a->chunks;
		a->chunks = chunk;
		at = 0;
	}
	chunk->used = at + size;
	return chunk->data + at;
}

void *arena_alloc(struct arena *a, size_t size)
{
	char *room = take(a, size, _Alignof(max_align_t));

	return room ? memset(room, 0, size) : NULL;
}

void *arena_alloc_array(struct arena *a, size_t nr, size_t size)
{
	return size && nr > SIZE_MAX / size ? NULL : arena_alloc(a, nr * size);
}

char *arena_copy(struct arena *a, const void *data, size_t len)
{
	char *copy = len < SIZE_MAX ? take(a, len + 1, 1) : NULL;

	if (!copy)
		return NULL;
	if (len)
		memcpy(copy, data, len);
	copy[len] = '\0';
	return copy;
}

void arena_release(struct arena *a)
{
	while (a->chunks) {
		struct arena_chunk *next = a->chunks->next;

		free(a->chunks);
		a->chunks = next;
	}
}
