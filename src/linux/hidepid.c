/* SPDX-License-Identifier: MIT */
#include "linux/hidepid.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fileio.h"
#include "base/parse.h"

/* Ten thousand mounts take a tenth of it. */
#define MOUNTINFO_MAX ((size_t)16 << 20)

/* The value of @name (with its `=`) among the comma-separated options at @at, or NULL. */
static const char *option(const char *at, const char *end, const char *name)
{
	size_t len = strlen(name);

	while (at < end) {
		const char *comma = memchr(at, ',', (size_t)(end - at));

		if ((size_t)(end - at) > len && strncmp(at, name, len) == 0)
			return at + len;
		at = comma ? comma + 1 : end;
	}
	return NULL;
}

/* Is the fifth field of that line, where it is mounted, /proc? */
static bool is_at_proc(const char *line, const char *end)
{
	const char *at = line;

	for (int field = 1; field < 5; field++) {
		at = memchr(at, ' ', (size_t)(end - at));
		if (!at)
			return false;
		at++;
	}
	return strncmp(at, "/proc ", strlen("/proc ")) == 0;
}

static bool hides(const char *line, const char *end, gid_t *ret_gid)
{
	const char *tail = memmem(line, (size_t)(end - line), " - ", 3), *options, *value;
	uint64_t gid;

	/* " - TYPE SOURCE OPTIONS" */
	options = tail ? memchr(tail + 3, ' ', (size_t)(end - tail - 3)) : NULL;
	options = options ? memchr(options + 1, ' ', (size_t)(end - options - 1)) : NULL;
	if (!options)
		return false;
	value = option(options + 1, end, "gid=");
	*ret_gid = (gid_t)-1;
	if (value && parse_digits(value, (size_t)(end - value), UINT32_MAX, &gid))
		*ret_gid = (gid_t)gid;
	value = option(options + 1, end, "hidepid=");
	return value && (*value == '2' || *value == '4' ||
			 strncmp(value, "invisible", strlen("invisible")) == 0 ||
			 strncmp(value, "ptraceable", strlen("ptraceable")) == 0);
}

bool hidepid_parse(const char *mountinfo, gid_t *ret_gid)
{
	bool yes = false;

	*ret_gid = (gid_t)-1;
	/* What was mounted last is on top, and stands behind. */
	for (const char *line = mountinfo; *line;) {
		const char *end = strchrnul(line, '\n');

		if (is_at_proc(line, end))
			yes = hides(line, end, ret_gid);
		line = end + (*end == '\n');
	}
	return yes;
}

static bool is_in_group(gid_t gid)
{
	int nr = getgroups(0, NULL);
	_cleanup_free_ gid_t *groups = nr > 0 ? calloc((size_t)nr, sizeof(*groups)) : NULL;

	if (getegid() == gid)
		return true;
	nr = groups ? getgroups(nr, groups) : 0;
	for (int i = 0; i < nr; i++)
		if (groups[i] == gid)
			return true;
	return false;
}

bool hidepid_hides(void)
{
	_cleanup_close_ int fd = -1;
	_cleanup_free_ char *text = NULL;
	size_t len;
	gid_t gid;

	if (geteuid() == 0)
		return false;
	fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	return fd >= 0 && read_all(fd, MOUNTINFO_MAX, &text, &len) == 0 &&
	       hidepid_parse(text, &gid) && (gid == (gid_t)-1 || !is_in_group(gid));
}
