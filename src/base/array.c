#include "base/array.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int array_grow(void *array_ptr, size_t nr, size_t *alloc, size_t size)
{
	size_t more;
	void *array;

	if (nr < *alloc)
		return 0;
	if (nr >= SIZE_MAX / 2 / size - 16)
		return -ENOMEM;
	more = nr < 8 ? 16 : nr + nr / 2 + 1;

	/* A T ** must not be read through a void **: their types do not alias. */
	memcpy(&array, array_ptr, sizeof(array));
	array = realloc(array, more * size);
	if (!array)
		return -ENOMEM;
	memcpy(array_ptr, &array, sizeof(array));
	*alloc = more;
	return 0;
}
