/* SPDX-License-Identifier: MIT */
#ifndef LINUX_READER_H
#define LINUX_READER_H

#include "linux/procfs.h"

/*
 * Environment, arguments or mappings of many processes, read by a helper thread while
 * the caller waits. All lie in the other process's memory: reading them waits
 * for its locks, for as long as it is stuck. So when one read takes longer than
 * the patience, its thread is left to it, the process counts as unreadable, and
 * another thread goes on behind it. While such a thread still hangs, its pid is
 * not tried again. Where no thread can be made (a limit on processes), the caller's
 * own reads, and waits as long as it takes.
 */
struct reader;

struct read_item {
	pid_t pid;
	bool environ; /* read the environment (refused is not the same as unasked) */
	bool no_args; /* read neither arguments nor exe */
	/*
	 * Read all of it through one folder, opened before, so that it is one process's.
	 * Else each file is opened by the pid, which is cheaper: what is read may then be of
	 * two processes, if one ended meanwhile and the other got its pid.
	 */
	bool bound;
	bool through_thread; /* the main thread has ended: ask one that lives (and bound) */
	bool maps;	     /* read the list of mappings into args, and nothing else (and bound) */
};

struct contents {
	/*
	 * 0; -ESRCH: it has ended while being read; -EAGAIN: too many readers
	 * hang; another: descriptors or memory are short. The rest is then only
	 * what was read before that.
	 */
	int error;
	bool hangs;
	int dir_fd; /* procfs_open_pid(), open during the call; -1: hangs, error or not bound */
	struct bytes environ, args;
	enum read_state environ_read, args_read;
	const char *exe; /* NULL: not known */
};

/* Called once for each item, in order, by one thread at a time, while reader_run() waits. */
typedef void (*reader_fn)(void *ctx, size_t index, const struct contents *contents);

/* Most threads that may hang; with as many, nothing is read any more. */
enum { READER_STUCK_MAX = 32 };

/* @patience_ms: how long one process may take. 0 or -ENOMEM. */
int reader_new(int64_t patience_ms, struct reader **ret_reader);

/* Threads that hang go on hanging and release what is theirs when they end. */
void reader_free(struct reader *r);

/* Read @items and hand the contents to @done. */
void reader_run(struct reader *r, const struct read_item *items, size_t nr, reader_fn done,
		void *ctx);

/* The pid that is being read and since when (CLOCK_MONOTONIC ms), or 0. Any thread. */
pid_t reader_waits_for(const struct reader *r, int64_t *ret_since_ms);

#endif
