/* SPDX-License-Identifier: MIT */
#ifndef STRAY_CLI_MODE_H
#define STRAY_CLI_MODE_H

#include "cli/options.h"
#include "cli/session.h"

/*
 * The faces. There are 3 things to do for another one: a file mode_NAME.c with
 * `int mode_NAME(struct session *)`, its declaration and row here and in mode.c,
 * its row in the table of options.
 */
enum exit_status {
	EXIT_FINE = 0,
	EXIT_LEAKS = 1,	  /* leaks, or something survived */
	EXIT_USAGE = 2,	  /* usage or configuration; nothing was touched */
	EXIT_UNKNOWN = 3, /* unknown: something could not be read or written */
};

struct mode {
	/* Returns the exit status. */
	int (*run)(struct session *s);
	bool bare;    /* wants no configuration, no demo, no processes */
	bool signals; /* signals are blocked from the start; session.h says which */
};

extern const struct mode modes[MODE_NR];

/* One face each, named as its option is. Returns the exit status. */
int mode_view(struct session *s);
int mode_list(struct session *s);
int mode_sweep(struct session *s);
int mode_check(struct session *s);
int mode_reap(struct session *s);
int mode_run(struct session *s);
int mode_explain(struct session *s);
int mode_history(struct session *s);
int mode_print_config(struct session *s);
int mode_version(struct session *s);
int mode_help(struct session *s);

#endif
