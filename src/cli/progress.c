/* SPDX-License-Identifier: MIT */
#include "base/fileio.h"
#include "cli/progress.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/output.h"

enum { AFTER_S = 1 };

/* Async-signal-safe. The timer carries the line, so that nothing global is needed. */
static void show(int signo, siginfo_t *info, void *context)
{
	struct progress *p = info->si_value.sival_ptr;
	int error = errno;

	(void)signo;
	(void)context;
	if (info->si_code != SI_TIMER)
		return; /* sent by another process: it carries no pointer */
	if (write(STDERR_FILENO, p->line, p->len) > 0)
		p->shown = 1;
	errno = error;
}

/* Is stderr a terminal, and we in its foreground? A background job must not write there. */
static bool is_wanted(void)
{
	return isatty(STDERR_FILENO) == 1 && tcgetpgrp(STDERR_FILENO) == getpgrp();
}

static bool start_timer(struct progress *p)
{
	struct sigaction action = { .sa_sigaction = show, .sa_flags = SA_SIGINFO | SA_RESTART };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM };
	struct itimerspec when = { .it_value = { .tv_sec = AFTER_S } };

	sigset_t alarm;

	event.sigev_value.sival_ptr = p;
	sigfillset(&action.sa_mask);
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	if (timer_create(CLOCK_MONOTONIC, &event, &p->timer) < 0)
		return false;
	if (sigaction(SIGALRM, &action, &p->before) == 0 &&
	    timer_settime(p->timer, 0, &when, NULL) == 0) {
		/* Around a command everything is blocked (wrapper.h). */
		sigprocmask(SIG_UNBLOCK, &alarm, &p->mask);
		return true;
	}
	timer_delete(p->timer);
	return false;
}

bool progress_begin(struct progress *p, const char *format, ...)
{
	va_list args;
	int len;

	if (p->running || !is_wanted())
		return false;
	va_start(args, format);
	len = vsnprintf(p->line, sizeof(p->line), format, args);
	va_end(args);
	if (len < 0)
		return false;
	p->len = (size_t)len < sizeof(p->line) ? (size_t)len : sizeof(p->line) - 1;
	p->shown = 0;
	p->running = start_timer(p);
	return p->running;
}

/* With blanks, which every terminal understands. */
static void wipe(const struct progress *p)
{
	char blanks[sizeof(p->line) + 2];

	memset(blanks, ' ', p->len + 2);
	blanks[0] = blanks[p->len + 1] = '\r';
	(void)write_all(STDERR_FILENO, blanks, p->len + 2);
}

bool progress_end(struct progress *p)
{
	if (!p->running)
		return false;
	timer_delete(p->timer);
	/* Being ignored drops what is still queued: it would find @p in another state. */
	signal(SIGALRM, SIG_IGN);
	sigprocmask(SIG_SETMASK, &p->mask, NULL);
	sigaction(SIGALRM, &p->before, NULL);
	p->running = false;
	if (p->shown)
		wipe(p);
	p->shown = 0;
	return true;
}
