/* SPDX-License-Identifier: MIT */
#ifndef LINUX_DETAILS_H
#define LINUX_DETAILS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * What a person is shown of one process beyond what a scan reads: its nice value, and the
 * function of the kernel that it waits in, cut to @size and "" where none is told. Through
 * libproc2, and of files that never make the reader wait. False: it cannot be read.
 */
bool details_of(pid_t pid, int *ret_nice, char *waits_in, size_t size);

#endif
