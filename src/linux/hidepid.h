/* SPDX-License-Identifier: MIT */
#ifndef LINUX_HIDEPID_H
#define LINUX_HIDEPID_H

#include <stdbool.h>
#include <sys/types.h>

/* Whether /proc was mounted so that it hides processes from us (hidepid= in proc(5)). */

/*
 * From the text of /proc/self/mountinfo: does the topmost mount at /proc hide processes
 * (hidepid=2, ptraceable)? *ret_gid: the group from which it hides none; (gid_t)-1: none.
 */
bool hidepid_parse(const char *mountinfo, gid_t *ret_gid);

/* Does it hide processes from us now? Root, and the group of gid=, see all. */
bool hidepid_hides(void);

#endif
