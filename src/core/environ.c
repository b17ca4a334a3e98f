/* SPDX-License-Identifier: MIT */
#include "core/environ.h"

#include <string.h>

#include "base/bytes.h"

bool environ_next(struct bytes env, size_t *offset, struct bytes *ret_name, struct bytes *ret_value)
{
	const char *entry, *nul, *equals;
	size_t len;

	if (*offset >= env.len)
		return false;
	entry = env.data + *offset;
	nul = memchr(entry, '\0', env.len - *offset);
	len = nul ? (size_t)(nul - entry) : env.len - *offset;
	*offset += len + 1;
	equals = len ? memchr(entry, '=', len) : NULL;
	if (equals) {
		*ret_name = (struct bytes){ entry, (size_t)(equals - entry) };
		*ret_value = (struct bytes){ equals + 1, (size_t)(entry + len - equals - 1) };
	} else {
		*ret_name = (struct bytes){ entry, len };
		*ret_value = (struct bytes){ entry + len, 0 };
	}
	return true;
}

bool environ_get(struct bytes env, const char *name, struct bytes *ret_value)
{
	struct bytes wanted = bytes_of(name), found, value;
	size_t offset = 0;

	while (environ_next(env, &offset, &found, &value)) {
		/* An entry without `=` defines nothing: its "value" ends where its name does. */
		if (!bytes_equal(found, wanted) || value.data == found.data + found.len)
			continue;
		*ret_value = value;
		return true;
	}
	return false;
}

size_t environ_filter(struct bytes env, const struct policy *policy, char *out)
{
	struct bytes name, value, seen;
	size_t offset = 0, len = 0;

	while (environ_next(env, &offset, &name, &value)) {
		size_t entry_len = (size_t)(value.data + value.len - name.data);

		if (value.data == name.data + name.len || !policy_wants_variable(policy, name))
			continue;
		bool first = true;
		struct bytes kept = { out, len }, ignored;
		for (size_t at = 0; environ_next(kept, &at, &seen, &ignored);)
			if (bytes_equal(seen, name))
				first = false;
		if (!first)
			continue;
		memcpy(out + len, name.data, entry_len);
		out[len + entry_len] = '\0';
		len += entry_len + 1;
	}
	return len;
}
