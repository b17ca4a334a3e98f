/* SPDX-License-Identifier: MIT */
#ifndef CLI_EXEC_H
#define CLI_EXEC_H

#include <stddef.h>

#include "base/strbuf.h"

/*
 * Which file a command's name means, and why it could not be run. A file that the
 * kernel takes for no program is never handed to /bin/sh, as execvp(3) does: a line of
 * a program of another architecture would be run as a shell's.
 */

/*
 * Find the file that a shell would run for @name: the name itself where it holds a
 * slash, else the first file in @path (as in PATH; NULL: the system's default) that may
 * be executed. @ret_file has room for PATH_MAX bytes. 0; -ENOENT: there is none;
 * -EACCES: there is one, and it may not be executed.
 */
int exec_find(const char *name, const char *path, char *ret_file);

/* 127 for what is not there, 126 for what cannot be run. */
int exec_status(int error);

/* Append why execve(2) of @file failed with @error, in a few plain words. */
void exec_reason(struct strbuf *sb, const char *file, int error);

#endif
