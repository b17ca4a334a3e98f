/* SPDX-License-Identifier: MIT */
#ifndef CORE_NAME_H
#define CORE_NAME_H

#include "stray/process.h"

/* Where a process has a name: comm, the file it runs, and what it calls itself. */

/* TASK_COMM_LEN of the kernel, without the NUL: a longer name is cut (proc(5)). */
enum { COMM_MAX = 15 };

/* Base name of exe, without a trailing " (deleted)"; empty if not known. */
struct bytes name_of_exe(const struct process *proc);

/* Base name of argv[0], empty if there is none. */
struct bytes name_of_argv0(const struct process *proc);

#endif
