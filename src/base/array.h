/* SPDX-License-Identifier: MIT */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include <errno.h>
#include <stddef.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/*
 * @array, a heap array with room for *@alloc elements of @size bytes (NULL and 0:
 * an empty one), with room for one more element than @nr. It may have moved, and
 * then the old one is gone. NULL: out of memory, nothing has changed.
 */
void *array_grown(void *array, size_t nr, size_t *alloc, size_t size);

/* Give the variable @array room for one more than @nr. 0, or -ENOMEM: nothing has changed. */
#define ARRAY_GROW(array, nr, alloc)                                                               \
	({                                                                                         \
		void *grown_ = array_grown((array), (nr), &(alloc), sizeof(*(array)));             \
		if (grown_)                                                                        \
			(array) = grown_;                                                          \
		grown_ ? 0 : -ENOMEM;                                                              \
	})

#endif
