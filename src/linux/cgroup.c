/* SPDX-License-Identifier: MIT */
#include "linux/cgroup.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "linux/procfs.h"

/* The path in a line "ID:CONTROLLERS:PATH" of a hierarchy that names services, or NULL. */
static const char *path_of(const char *line, size_t len)
{
	static const char *const names[] = { "::", ":name=systemd:" };
	size_t digits = strspn(line, "0123456789");

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t skip = digits + strlen(names[i]);

		if (digits && len > skip && !strncmp(line + digits, names[i], strlen(names[i])))
			return line + skip;
	}
	return NULL;
}

/* Where both hierarchies stand (older systems), the one that is no mere root tells more. */
static const char *find_path(const char *text, size_t *ret_len)
{
	const char *found = NULL;

	for (size_t len; *text; text += len + (text[len] == '\n')) {
		const char *path;

		len = strcspn(text, "\n");
		path = path_of(text, len);
		if (!path || (found && len - (size_t)(path - text) <= *ret_len))
			continue;
		found = path;
		*ret_len = len - (size_t)(path - text);
	}
	return found;
}

bool cgroup_parse(const char *text, char *buf, size_t size)
{
	size_t len = 0, from;
	const char *path = find_path(text, &len);

	if (!path)
		return false;
	for (from = len; from > 0 && path[from - 1] != '/';)
		from--;
	/* The root has no other name. */
	if (from == len)
		from -= from > 0;
	snprintf(buf, size, "%.*s", (int)(len - from), path + from);
	return true;
}

bool cgroup_of(pid_t pid, char *buf, size_t size)
{
	struct filebuf text = { 0 };
	char path[32];
	bool found;

	snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)pid);
	found = procfs_read(AT_FDCWD, path, &text) == 0 && cgroup_parse(text.data, buf, size);
	filebuf_release(&text);
	return found;
}
