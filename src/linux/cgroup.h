/* SPDX-License-Identifier: MIT */
#ifndef LINUX_CGROUP_H
#define LINUX_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * The control group that a process is in, by its own name without the path:
 * "user@1000.service", or "/" for the root. What @buf cannot hold is cut.
 */

/* From the text of /proc/PID/cgroup. False: none stands there. */
bool cgroup_parse(const char *text, char *buf, size_t size);

/* False: not known. */
bool cgroup_of(pid_t pid, char *buf, size_t size);

#endif
