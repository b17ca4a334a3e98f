/* SPDX-License-Identifier: MIT */
#ifndef LINUX_SERVICE_H
#define LINUX_SERVICE_H

#include <stddef.h>

#include "stray/process.h"

/*
 * Find out whether systemd started a process as a service: whether it is the oldest
 * process of the control group of a `.service`, of the system's manager or a user's.
 * A unit named `app-*` is a program of a desktop session, and does not count.
 */

/*
 * What was found out: for each process one that is older in its service's group, or that
 * there is none. It takes a look at every process, so it is remembered for as long as
 * it is true. All zero is empty.
 */
struct services {
	struct service_found *items;
	size_t nr, alloc;
};

/*
 * The nearest component of a control group's path that ends in `.service`, from the
 * text of /proc/PID/cgroup (cgroup v2, or the hierarchy `name=systemd` of v1): *ret_len
 * bytes of @text from its path's beginning to the end of that component, so that what
 * runs in groups below it counts as well; *ret_unit is the component. NULL: none.
 */
const char *service_parse(const char *text, size_t *ret_len, const char **ret_unit);

/*
 * Is @proc the oldest process of its service? Then the unit's name into @unit, cut at
 * @size. ANSWER_UNKNOWN: could not look. With @afresh nothing remembered is used.
 */
enum answer service_of(struct services *known, const struct process *proc, bool afresh, char *unit,
		       size_t size);

void services_release(struct services *known);

#endif
