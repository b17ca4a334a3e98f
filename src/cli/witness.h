/* SPDX-License-Identifier: MIT */
#ifndef CLI_WITNESS_H
#define CLI_WITNESS_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * A child that stays in the wrapper's process group, to tell signals that were sent to
 * the whole group (a shell's `kill -TERM -PGID`, the terminal) from those that were
 * sent to the wrapper alone: the kernel tells a receiver the sender of a signal, and not
 * to how many it was sent. The child blocks all signals and never acts on one; when asked
 * it reads the signal if it is pending, and answers whether it was.
 *
 * The kernel signals a group's newest member first, so what the wrapper has received as
 * one of its group has reached a witness that it started before.
 */
struct witness {
	pid_t pid; /* 0: there is none */
	int pidfd; /* of it; -1: none */
	int fd;	   /* to ask it; -1: none */
};

#define WITNESS_INIT                                                                               \
	{                                                                                          \
		.pidfd = -1, .fd = -1                                                              \
	}

/*
 * Start it. It ends with the calling thread, and with witness_stop(). That it cannot be
 * started (a full process table) is no error: then witness_has() knows nothing.
 */
void witness_start(struct witness *w);

/* Was @signo sent to the whole group too? False: no, or the witness did not answer. */
bool witness_has(struct witness *w, int signo);

/* Record that it has ended by itself and was waited for. */
void witness_forget(struct witness *w);

/* End it and wait for it, so that it is not taken for one of a command's children. */
void witness_stop(struct witness *w);

#endif
