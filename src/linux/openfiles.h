/* SPDX-License-Identifier: MIT */
#ifndef LINUX_OPENFILES_H
#define LINUX_OPENFILES_H

#include <sys/types.h>

#include "stray/app.h"

/*
 * Files below the folder @dir (a path without links, as realpath(3) gives it)
 * that @pid holds: open descriptors, its working folder and the program that it
 * runs; @dir itself counts. Appends each path once to @paths, as the kernel shows
 * it (" (deleted)" included). 0; -ESRCH: it is not there; -EACCES, -ENOMEM and
 * others: could not look at all of it.
 */
int openfiles_below(pid_t pid, const char *dir, struct strings *paths);

#endif
