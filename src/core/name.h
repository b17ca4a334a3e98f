/* SPDX-License-Identifier: MIT */
#ifndef CORE_NAME_H
#define CORE_NAME_H

#include "stray/process.h"

/* Where a process has a name: comm, the file it runs, and what it calls itself. */

/* TASK_COMM_LEN of the kernel, without the NUL: a longer name is cut (proc(5)). */
enum { COMM_MAX = 15 };

/* The path of exe, without a trailing " (deleted)"; empty if not known. */
struct bytes path_of_exe(const struct process *proc);

/* Base name of exe, without a trailing " (deleted)"; empty if not known. */
struct bytes name_of_exe(const struct process *proc);

/* Base name of argv[0], empty if there is none. */
struct bytes name_of_argv0(const struct process *proc);

/*
 * What a process interprets, if its program is an interpreter (node, python and the
 * like): the base name of its script, the first argument that is no option (the module
 * behind -m, the file behind -jar), without a suffix such as .js or .py. Empty: none.
 */
struct bytes name_of_script(const struct process *proc);

/* Is it the name of a program that runs scripts? */
bool name_is_interpreter(struct bytes name);

/*
 * The argument at *offset of @args (0 to begin with), which moves on behind it. False
 * at the end. The last may lack its NUL.
 */
bool args_next(struct bytes args, size_t *offset, struct bytes *ret);

/* Does the glob (fnmatch(3)) match all of @text? Not if that is empty or longer than 4 KiB. */
bool glob_matches(const char *glob, struct bytes text);

/* The same for a comm, which may be the beginning of a longer name (COMM_MAX). */
bool glob_matches_comm(const char *glob, const char *comm);

#endif
