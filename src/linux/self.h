/* SPDX-License-Identifier: MIT */
#ifndef LINUX_SELF_H
#define LINUX_SELF_H

#include <stdint.h>

#include "stray/identity.h"

/* What stray needs to know of itself and of the system it runs on. Any thread. */

/*
 * Is /proc the one of our own pid namespace? 0, or -ESTALE: there is none, or
 * it belongs to another namespace, and no pid in it means what we think.
 */
int self_check_proc(void);

/* Our own start time in clock ticks since boot. 0 or -errno. */
int self_start_ticks(uint64_t *ret_ticks);

/* The boot id, 36 characters and a NUL. 0 or -errno. */
int self_boot_id(char ret_id[BOOT_ID_SIZE]);

/* The inode number of our pid namespace, 0: not known. */
uint64_t self_pid_ns(void);

/*
 * Become a subreaper: orphans among our descendants become our children, not
 * those of pid 1. 0 or -errno.
 */
int self_become_subreaper(void);

#endif
