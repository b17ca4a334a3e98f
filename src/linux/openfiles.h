/* SPDX-License-Identifier: MIT */
#ifndef LINUX_OPENFILES_H
#define LINUX_OPENFILES_H

#include <sys/types.h>

#include "linux/reader.h"
#include "stray/app.h"

/*
 * Files below the folder @dir (a path without links, as realpath(3) gives it)
 * that @pid holds: open descriptors, its working folder and the program that it
 * runs; @dir itself counts. Appends each path once to @paths, as the kernel shows
 * it (" (deleted)" included). 0; -ESRCH: it is not there; -EACCES, -ENOMEM and
 * others: could not look at all of it.
 */
int openfiles_below(pid_t pid, const char *dir, struct strings *paths);

/*
 * Has one of these processes an open file, its working directory, or a mapping at or
 * below one of @folders? These may hold links; one that does not exist holds nothing.
 * Descriptors and working directories of all of them come first, and mappings, which
 * @reader reads, only where those say nothing. ANSWER_UNKNOWN: none was found, and
 * something could not be looked at. What has ended holds nothing.
 */
enum answer openfiles_hold(struct reader *reader, const pid_t *pids, size_t nr,
			   const char *const *folders, size_t nr_folders);

#endif
