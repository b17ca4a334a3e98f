/* SPDX-License-Identifier: MIT */
#include "core/identifier.h"

#include <string.h>

bool identifier_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '_' || c == '-';
}

bool identifier_in(struct bytes text, struct bytes id)
{
	const char *end = text.data + text.len, *at = text.data;

	if (!id.len || text.len < id.len)
		return false;
	while ((at = memmem(at, (size_t)(end - at), id.data, id.len))) {
		bool begins = at == text.data || !identifier_byte(at[-1]);
		bool ends = at + id.len == end || !identifier_byte(at[id.len]);

		if (begins && ends)
			return true;
		at++;
	}
	return false;
}
