/* SPDX-License-Identifier: MIT */
#include "linux/timens.h"

#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

/* Never changes once a process is in a namespace; so it is read once. */
static int64_t boot_ns;
static pthread_once_t once = PTHREAD_ONCE_INIT;

int64_t timens_parse(const char *text)
{
	const char *line = strstr(text, "boottime");
	int64_t seconds, ns;

	if (!line || sscanf(line, "boottime %" SCNd64 " %" SCNd64, &seconds, &ns) != 2)
		return 0;
	return seconds * INT64_C(1000000000) + ns;
}

static void read_offsets(void)
{
	_cleanup_close_ int fd = open("/proc/self/timens_offsets", O_RDONLY | O_CLOEXEC);
	char text[256];
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (n <= 0)
		return; /* a kernel without time namespaces */
	text[n] = '\0';
	boot_ns = timens_parse(text);
}

int64_t timens_boot_ms(void)
{
	pthread_once(&once, read_offsets);
	return boot_ns / 1000000;
}

int64_t timens_boot_ticks(void)
{
	pthread_once(&once, read_offsets);
	return boot_ns / (INT64_C(1000000000) / sysconf(_SC_CLK_TCK));
}
