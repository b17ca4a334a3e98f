/* SPDX-License-Identifier: MIT */
/*
 * The algorithm of the app that stray grew out of, written down from its
 * description, as a yardstick: list /proc and read every environment to group
 * the marked by instance; then, for each instance, read every command line to
 * see whether a desktop names it.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MARKER "SPROUT_MANAGED_AGENT="

static char buf[1 << 20];

static ssize_t slurp(const char *pid, const char *file)
{
	char path[300];
	ssize_t n, len = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/%s", pid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	while ((n = read(fd, buf + len, sizeof(buf) - 1 - (size_t)len)) > 0)
		len += n;
	close(fd);
	buf[len] = 0;
	return len;
}

static int is_pid(const struct dirent *e)
{
	return isdigit((unsigned char)e->d_name[0]);
}

int main(void)
{
	static char instances[4096][128];
	size_t nr = 0, alive = 0;
	struct dirent *e;
	DIR *dir = opendir("/proc");

	if (!dir)
		return 1;
	while ((e = readdir(dir))) {
		ssize_t len = is_pid(e) ? slurp(e->d_name, "environ") : -1;

		for (ssize_t at = 0; at < len; at += (ssize_t)strlen(buf + at) + 1) {
			const char *id = buf + at + strlen(MARKER);
			size_t i;

			if (strncmp(buf + at, MARKER, strlen(MARKER)) || strlen(id) >= 128)
				continue;
			for (i = 0; i < nr && strcmp(instances[i], id); i++)
				;
			if (i == nr && nr < 4096)
				memcpy(instances[nr++], id, strlen(id) + 1);
		}
	}
	for (size_t i = 0; i < nr; i++) {
		rewinddir(dir);
		while ((e = readdir(dir))) {
			ssize_t len = is_pid(e) ? slurp(e->d_name, "cmdline") : -1;

			for (ssize_t at = 0; at < len; at += (ssize_t)strlen(buf + at) + 1)
				alive += strstr(buf + at, "sprout-desktop") &&
					 strstr(buf + at, instances[i]);
		}
	}
	closedir(dir);
	printf("%zu instances, %zu desktops\n", nr, alive);
	return 0;
}
