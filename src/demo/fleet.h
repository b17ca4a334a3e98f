/* SPDX-License-Identifier: MIT */
#ifndef DEMO_FLEET_H
#define DEMO_FLEET_H

#include <stddef.h>

/*
 * The demo fleet as one table: each row is a process, started by the row that it names
 * as its parent. To add a process: add a row, after its parent's.
 */
#define DEMO_TOP     (-1) /* started by the guardian */

#define DEMO_INIT    "demo-init"    /* the guardian's comm and argv[0] */
#define DEMO_DESKTOP "demo-desktop" /* a desktop's comm; argv[0] has ".TOKEN" appended */
/*
 * The marker of the profile is this with "_TOKEN" appended. The variable without it is
 * set too, so that other programs can find the fleet.
 */
#define DEMO_MARKER  "STRAY_DEMO_AGENT"
#define DEMO_DEFAULT "demo.app"
/*
 * The variable that names a fleet process's role: ROW:TOKEN. Not an argument, which
 * every list would show.
 */
#define DEMO_ROLE "STRAY_DEMO_ROLE"
#define DEMO_MAX  64 /* processes; more than the table has */

enum demo_flags {
	DEMO_IS_DESKTOP = 1,
	DEMO_GONE = 2,	  /* ends as soon as it has started its own */
	DEMO_SESSION = 4, /* leads a session of its own */
	DEMO_GROUP = 8,	  /* leads a process group of its own */
	DEMO_DEAF = 16,	  /* ignores SIGTERM */
	DEMO_KEEP = 32,	  /* STRAY_KEEP stands in its environment */
	DEMO_BUSY = 64,	  /* uses a little CPU time */
};

struct demo_row {
	const char *name;     /* comm and argv[0] */
	int parent;	      /* row, or DEMO_TOP */
	const char *instance; /* value of the marker; NULL: none */
	unsigned flags;
	unsigned memory_kib; /* touched, so that the sizes differ */
	const char *args[4]; /* for people, and for rule 3 */
};

extern const struct demo_row demo_rows[];
extern const size_t demo_nr_rows;

/*
 * The protocol between demo.c and the processes of the fleet. Each has the lifeline's
 * read end at DEMO_LIFELINE_FD. At DEMO_REPORT_FD the guardian has the pipe to demo.c,
 * on which it writes one int (0: all run, else errno), and which it closes when all are
 * gone; the others have a socket to the guardian.
 */
#define DEMO_LIFELINE_FD 3
#define DEMO_REPORT_FD	 4
#define DEMO_TOKEN_SIZE	 8

/* Become the guardian: start this program again. Returns only on failure: -errno. */
int demo_exec_guardian(const char *token, const char *state_dir);

/* Remove @dir and the files in it; what is not there is fine. */
void demo_remove_dir(const char *dir);

#endif
