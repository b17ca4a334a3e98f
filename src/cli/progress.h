/* SPDX-License-Identifier: MIT */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/*
 * One line on stderr for what takes longer than a second: where stderr is a
 * terminal and ours to write to (foreground), else nothing, ever. A timer's
 * SIGALRM writes it, so the work need not be cut into pieces; what waits
 * meanwhile may be interrupted once (EINTR). Nothing else is to be written to
 * the terminal between begin and end.
 */
struct progress {
	timer_t timer;
	struct sigaction before;
	sigset_t mask; /* before */
	bool running;
	volatile sig_atomic_t shown;
	char line[80];
	size_t len;
};

/*
 * Begin, with the text of the line, which has no unescaped bytes of others. False:
 * nothing was begun, because something runs already (which goes on) or there is no
 * terminal; progress_end() is harmless then.
 */
bool progress_begin(struct progress *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* End, and take the line away. Did something run? */
bool progress_end(struct progress *p);

#endif
