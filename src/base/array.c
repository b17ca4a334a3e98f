/* SPDX-License-Identifier: MIT */
#include "base/array.h"

#include <stdint.h>
#include <stdlib.h>

void *array_grown(void *array, size_t nr, size_t *alloc, size_t size)
{
	size_t more;
	void *grown;

	if (nr < *alloc)
		return array;
	if (nr >= SIZE_MAX / 2 / size - 16)
		return NULL;
	more = nr < 8 ? 16 : nr + nr / 2 + 1;
	grown = realloc(array, more * size);
	if (grown)
		*alloc = more;
	return grown;
}
