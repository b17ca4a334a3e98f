/* SPDX-License-Identifier: MIT */
#ifndef LINUX_HANGUP_H
#define LINUX_HANGUP_H

#include "stray/process.h"

/*
 * Find out whether the other ends of a process's standard input and output are
 * closed. No byte is read or written and nothing is kept open. A pipe is opened
 * without blocking and polled: only one that the link calls `pipe:[`, and that its
 * file system says is a pipe before it is opened, so that a FIFO or a device never is.
 * A unix stream socket is asked for with unix_diag (sock_diag(7)), in our own network
 * namespace.
 */

/*
 * ANSWER_YES: both have no other end. ANSWER_NO: one of them has, or is no pipe and no
 * socket. ANSWER_UNKNOWN: could not look, or the process has ended. Any thread.
 */
enum answer hangup_of(pid_t pid);

#endif
