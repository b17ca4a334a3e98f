/* SPDX-License-Identifier: MIT */
#ifndef CLI_WRAPPER_H
#define CLI_WRAPPER_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cli/witness.h"

/*
 * A command that stray runs as its owner, for --run and --check -- CMD. The
 * command stays in our process group, so terminal, stdin and job control work as
 * without stray, and a signal to the group reaches it directly. A signal to us alone
 * is forwarded through the command's pidfd. We are its subreaper: what it leaves behind
 * becomes our child, and each child that ends is waited for, so that no zombie is taken
 * for a leftover.
 *
 * One at a time in a program of one thread: it blocks signals and takes every
 * child's exit status.
 */

/* Room for PID:START_TICKS. */
#define WRAPPER_ID_SIZE 40

struct wrapper {
	char id[WRAPPER_ID_SIZE]; /* the instance: value of STRAY_INSTANCE in the command */
	bool shared;		  /* others descended from us before the command */
	pid_t pid;		  /* the command; 0: not started or waited for */
	int pidfd;		  /* of the command; -1: none */
	int group_fd;		  /* by which the command enters its control group; -1: none */
	int signal_fd;		  /* signalfd of all that can be caught, but SIGCHLD */
	int child_fd;		  /* signalfd of SIGCHLD */
	struct witness witness;	  /* while the command runs: was it the group's? */
	bool ends[4];		  /* TERM INT HUP QUIT ask to end: not ignored at our start */
	bool continued;		  /* the command was continued since the last wait */
	int status;		  /* exit status as a shell gives it; valid once pid is 0 again */
	sigset_t mask;		  /* the command's signal mask */
	sigset_t old_mask;	  /* ours, before and after */
};

#define WRAPPER_INIT                                                                               \
	{                                                                                          \
		.pidfd = -1, .group_fd = -1, .signal_fd = -1, .child_fd = -1,                      \
		.witness = WITNESS_INIT                                                            \
	}

/*
 * Fill w->id: our pid and @self_ticks, our start time in clock ticks. Become the
 * subreaper, and fill w->shared: a shell that becomes stray by exec(2) leaves us its
 * children, and then only the stamp tells the command's descendants from these. Returns
 * 0 or -errno.
 */
int wrapper_init(struct wrapper *w, uint64_t self_ticks);

/*
 * Have we a live child? Waits for those that have ended, so do not call it while the
 * command runs. We adopt each descendant that loses its parent, so without a child there
 * is no descendant.
 */
bool wrapper_has_child(void);

/*
 * Run @file (exec_find()) with @argv as the instance w->id, with the signal mask
 * @mask. On success *ret_exec_error is 0, or the errno of the exec that failed:
 * then w->status is 127 or 126 and nothing runs. Returns 0 or -errno (-ENOSYS:
 * no pidfds); nothing runs then either. wrapper_release() in any case.
 * With w->group_fd the command starts in that control group; if it may not enter, in
 * ours.
 */
int wrapper_start(struct wrapper *w, const char *file, char *const argv[], const sigset_t *mask,
		  int *ret_exec_error);

/*
 * Wait until the command has ended; meanwhile forward signals, stop and continue with
 * it, and wait for orphans. Calls @look (NULL: none) with @ctx, which returns in how many
 * ms at the latest to call it again. Returns the command's status in a shell's form
 * (0...255), or -errno.
 */
int wrapper_wait(struct wrapper *w, int (*look)(void *ctx), void *ctx);

/*
 * After the command: wait until a child has ended or a signal has come in, for at most
 * @timeout_ms. Returns 1 after a signal that asks to end (which is read), 0 otherwise,
 * or -errno.
 */
int wrapper_pause(struct wrapper *w, int64_t timeout_ms);

/*
 * Read the pending signals. Returns true if one asks to end. Call it after a step that a
 * signal cut short, so that the signal does not cut short the next one.
 */
bool wrapper_take_signals(struct wrapper *w);

/*
 * Leave exit statuses to the kernel from now on (SIGCHLD is ignored); called before the
 * engine reaps the leftovers.
 */
void wrapper_let_go(struct wrapper *w);

/*
 * Close everything and restore our signal mask; pending signals are dropped. The command
 * is not touched.
 */
void wrapper_release(struct wrapper *w);

/* --- decisions, pure ------------------------------------------------------- */

/* What is known of one signal that came in. */
struct wrapper_signal {
	int signo;
	bool from_kernel; /* the kernel sent it: a terminal, a timer, a limit */
	bool to_group;	  /* it was sent to our whole process group */
	pid_t self;
	pid_t sender; /* 0: the kernel, or outside our pid namespace */
	pid_t command;
	bool same_group; /* the command is in our process group */
	bool leader;	 /* we lead the session and the command is in it */
	bool continued;	 /* the command has just been continued by another */
};

/* Must the signal be forwarded to the command? */
bool wrapper_hands_on(const struct wrapper_signal *sig);

/* The status of a waitid(2) result: si_code (CLD_...) and si_status. */
int wrapper_exit_status(int code, int status);

#endif
