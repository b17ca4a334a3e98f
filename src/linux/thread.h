/* SPDX-License-Identifier: MIT */
#ifndef LINUX_THREAD_H
#define LINUX_THREAD_H

#include <sys/types.h>

/* The id of a thread other than the main one, from the folder `task` at @path, or 0. */
pid_t thread_other(int dir_fd, const char *path, pid_t pid);

/*
 * The id of the thread to ask what the process holds: its main thread, or where that alone
 * has ended, one that lives. A main thread that has ended shows an empty list of
 * descriptors to root and refuses it to others. An id of a thread leads to a folder of its
 * own (proc(5), /proc/tid), although it is not listed.
 */
pid_t thread_living(pid_t pid);

#endif
