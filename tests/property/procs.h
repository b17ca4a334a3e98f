/* SPDX-License-Identifier: MIT */
#ifndef TESTS_PROPERTY_PROCS_H
#define TESTS_PROPERTY_PROCS_H

#include "stray/process.h"

/*
 * A kernel to look at: processes that fork, exec, exit and are followed by
 * others with their pid, and, under the names of src/linux/, the functions that
 * read them (procfs.h, pidfd.h, reader.h, self.h). A program that
 * links this file instead has the source as it is, above a /proc of its own.
 *
 * There is one such world, made anew by procs_begin().
 */
enum { PROCS_MAX = 1024 };

struct fake {
	pid_t pid, ppid, pgid, sid, tracer;
	uint64_t serial; /* no two processes have the same, whatever their pids */
	uint64_t ino;	 /* of the folder in /proc */
	uint64_t start_ticks;
	unsigned execs;
	char comm[16], exe[40], args[96], env[256];
	size_t args_len, env_len;
	uid_t uid;
	bool zombie;   /* every thread has ended; nobody has waited for it */
	bool headless; /* its main thread has */
	bool refused;  /* not dumpable: its environment is root's to read */
	bool subreaper;
};

struct procs {
	struct fake list[PROCS_MAX]; /* ascending by pid */
	size_t nr;
	uint64_t serial;
	int64_t now_ms;	       /* every clock */
	void (*between)(void); /* called before each read; NULL: nothing happens meanwhile */
	bool trace;	       /* say what happens */
};

extern struct procs procs;

/* pid 1 and ourselves. */
void procs_begin(void);

struct fake *procs_find(pid_t pid); /* or NULL */

/* What the kernel does on fork(2), of @parent, which gets @pid; -1: there is no room. */
int procs_fork(pid_t parent, pid_t pid);

/* Programs, arguments and environments at random; see procs_event(). */
void procs_exec(struct fake *f, uint64_t *random);

/* It ends: its children get another parent. With @waited nothing is left of it. */
void procs_exit(pid_t pid, bool waited);

/*
 * One event at random. @may says of a process and a kind of event whether it
 * may happen to it; if not, nothing does.
 */
enum procs_kind {
	PROCS_PLAIN, /* fork, exit: the directory tells */
	PROCS_STAT,  /* exec, another group or session, name, thread: stat tells */
	PROCS_QUIET, /* another tracer or user: status tells */
	PROCS_ARGS,  /* arguments written over in place: nothing but they tell; argv[0] stays */
	PROCS_TITLE, /* argv[0] does not */
};
void procs_event(uint64_t *random, bool (*may)(const struct fake *f, enum procs_kind kind));

/* For a report. */
void procs_print(void);

#endif
