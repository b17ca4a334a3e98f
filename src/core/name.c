/* SPDX-License-Identifier: MIT */
#include "core/name.h"

#include <string.h>

#include "base/bytes.h"

static struct bytes base_name(struct bytes path)
{
	const char *slash = path.len ? memrchr(path.data, '/', path.len) : NULL;

	if (!slash)
		return path;
	return (struct bytes){ slash + 1, (size_t)(path.data + path.len - slash - 1) };
}

struct bytes name_of_exe(const struct process *proc)
{
	static const char deleted[] = " (deleted)";
	const size_t len = sizeof(deleted) - 1;
	struct bytes name;

	if (!proc->exe)
		return (struct bytes){ "", 0 };
	name = base_name(bytes_of(proc->exe));
	if (name.len > len && memcmp(name.data + name.len - len, deleted, len) == 0)
		name.len -= len;
	return name;
}

struct bytes name_of_argv0(const struct process *proc)
{
	if (!proc->args.len)
		return (struct bytes){ "", 0 };
	return base_name(
		(struct bytes){ proc->args.data, strnlen(proc->args.data, proc->args.len) });
}
