/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/bytes.h"
#include "core/name.h"
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
		/* Each process's names are held against each list: most differ at once. */
		if ((!len || text[0] == list->items[i][0]) &&
		    bytes_is((struct bytes){ text, len }, list->items[i]))
			return true;
	return false;
}

bool strings_match(const struct strings *list, struct bytes text)
{
	for (size_t i = 0; i < list->nr; i++)
		if (glob_matches(list->items[i], text))
			return true;
	return false;
}

void strings_remove(struct strings *list, size_t index)
{
	free(list->items[index]);
	list->nr--;
	for (size_t i = index; i < list->nr; i++)
		list->items[i] = list->items[i + 1];
}

void strings_release(struct strings *list)
{
	for (size_t i = 0; i < list->nr; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct strings){ 0 };
}
