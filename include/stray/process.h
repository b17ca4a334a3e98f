/* SPDX-License-Identifier: MIT */
#ifndef STRAY_PROCESS_H
#define STRAY_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/bytes.h"
#include "stray/identity.h"

/* What became of an attempt to read one file of a process. */
enum read_state {
	READ_NOT_TRIED, /* nothing is known; not the same as "empty" */
	READ_DONE,	/* the bytes are what the file held */
	READ_REFUSED,	/* EACCES, EPERM, or a reader that hangs: unreadable */
};

/*
 * What looking one thing up came to. "Could not look" is never "no": zero, so that
 * what was never filled in spares.
 */
enum answer { ANSWER_UNKNOWN, ANSWER_NO, ANSWER_YES };

/*
 * One process as a source saw it (proc(5)). Strings belong to the snapshot that
 * the process stands in; a struct process built by hand borrows them.
 */
struct process {
	struct identity id;
	pid_t ppid; /* 0: the parent is outside our pid namespace */
	pid_t pgid;
	pid_t sid;
	pid_t tpgid;  /* foreground group of its terminal, -1 without one */
	pid_t tracer; /* TracerPid; 0: not traced */
	int tty_nr;   /* controlling terminal, 0: none */
	uid_t uid;    /* real uid */
	char state;   /* R S D T t Z X I */

	/*
	 * Its pidfd polls readable: every thread has ended. A process that has
	 * lost its main thread alone shows as Z too and still runs, so state
	 * says nothing about being alive; this does.
	 */
	bool dead;
	bool kernel_thread;

	uint64_t pid_ns;    /* inode of its pid namespace; 0: not known */
	pid_t ns_pid;	    /* its pid in its own (innermost) namespace; 0: not known */
	unsigned ns_levels; /* pid namespaces from ours to its own, 1: ours; 0: not known */

	uint64_t cpu_ticks; /* user + system time */
	uint64_t rss_kib;
	unsigned threads;

	const char *comm;  /* never NULL; at most 15 bytes */
	const char *exe;   /* target of /proc/PID/exe as it stands; NULL: not known */
	struct bytes args; /* cmdline: NUL-separated */
	enum read_state args_read;
	/*
	 * Of a desktop the whole environment; of any other process the entries
	 * that matter (environ_filter), in their order. NUL-separated.
	 */
	struct bytes environ;
	enum read_state environ_read;
};

#endif
