#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include <stddef.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/*
 * Make room for one more element than @nr in the heap array that @array_ptr
 * points to (a T **, NULL for an empty one) with room for *@alloc elements of
 * @size bytes. The array may move. 0, or -ENOMEM: nothing has changed.
 */
int array_grow(void *array_ptr, size_t nr, size_t *alloc, size_t size);

#define ARRAY_GROW(array, nr, alloc) array_grow(&(array), (nr), &(alloc), sizeof(*(array)))

#endif
