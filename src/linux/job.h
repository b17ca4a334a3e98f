/* SPDX-License-Identifier: MIT */
#ifndef LINUX_JOB_H
#define LINUX_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Stop the job that this process belongs to, as Ctrl-Z does where the terminal sends
 * the signal: every process of its process group, so that the shell notices also below
 * a wrapper such as make or `sh -c`. Comes back once something has continued it.
 * Returns 0; -ECHILD: nothing could continue it, so nothing was stopped.
 */
int job_stop(void);

/* The working directory of a process of ours, cut to @size. False: it cannot be read. */
bool job_folder(pid_t pid, char *buf, size_t size);

#endif
