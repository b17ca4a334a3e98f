/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/bytes.h"
#include "stray/app.h"

int strings_add(struct strings *list, const char *text, size_t len)
{
	char *copy;

	if (ARRAY_GROW(list->items, list->nr, list->alloc) < 0)
		return -ENOMEM;
	copy = strndup(text, len);
	if (!copy)
		return -ENOMEM;
	list->items[list->nr++] = copy;
	return 0;
}

bool strings_has(const struct strings *list, const char *text, size_t len)
{
	for (size_t i = 0; i < list->nr; i++)
		if (bytes_is((struct bytes){ text, len }, list->items[i]))
			return true;
	return false;
}

void strings_release(struct strings *list)
{
	for (size_t i = 0; i < list->nr; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct strings){ 0 };
}
