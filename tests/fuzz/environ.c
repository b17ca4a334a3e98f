/* SPDX-License-Identifier: MIT */
/* An environment block: look-up, walk and filter against a plain second opinion. */
#include "base/bytes.h"
#include "core/environ.h"
#include "fuzz/fuzz.h"

/* The first entry NAME=..., byte by byte. */
static bool naive_get(struct bytes env, const char *name, struct bytes *ret)
{
	for (size_t at = 0; at < env.len;) {
		size_t end = at, n = 0;

		while (end < env.len && env.data[end])
			end++;
		while (name[n] && at + n < end && env.data[at + n] == name[n])
			n++;
		if (!name[n] && at + n < end && env.data[at + n] == '=') {
			*ret = (struct bytes){ env.data + at + n + 1, end - at - n - 1 };
			return true;
		}
		at = end + 1;
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "STRAY_KEEP",
					     "SPROUT_MANAGED_AGENT",
					     "BUZZ_MANAGED_AGENT",
					     "STRAY_INSTANCE",
					     "PATH",
					     "" };
	struct bytes env = { exactly((struct bytes){ (const char *)data, size }, 0), size };
	struct bytes name, value, other;
	size_t offset = 0, walked = 0, before;
	struct policy policy;
	char *out = malloc(size + 1);

	MUST(out && policy_init(&policy) == 0);
	while (before = offset, environ_next(env, &offset, &name, &value)) {
		MUST(offset > before);
		MUST(name.data >= env.data && value.data + value.len <= env.data + env.len);
		MUST(!memchr(name.data, '\0', name.len) && !memchr(name.data, '=', name.len));
		MUST(!value.len || !memchr(value.data, '\0', value.len));
		walked++;
	}
	MUST(walked <= size);
	struct bytes filtered = { out, environ_filter(env, &policy, out) };
	MUST(filtered.len <= size + 1);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		bool found = environ_get(env, names[i], &value);

		MUST(found == naive_get(env, names[i], &other));
		MUST(!found || (value.data == other.data && value.len == other.len));
		/* What the filter keeps, it keeps as it is; the rest is not there. */
		bool kept = environ_get(filtered, names[i], &other);
		MUST(kept == (found && policy_wants_variable(&policy, bytes_of(names[i]))));
		MUST(!kept || bytes_equal(value, other));
	}
	policy_release(&policy);
	free(out);
	free((char *)env.data);
	return 0;
}
