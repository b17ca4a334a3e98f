/* SPDX-License-Identifier: MIT */
#include "service/service.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "service/notify.h"

enum { WAIT_SIGNAL, WAIT_TIMER, WAIT_DESKTOP, WAIT_NR };

struct service {
	const struct service_options *options;
	struct pollfd fds[WAIT_NR];
	int64_t interval_ms;
	int64_t watchdog_ms; /* 0: the manager has no watchdog */
	int stopped_by;	     /* signal, 0: none */
	bool ready;	     /* the manager knows that we are up (again) */
};

/* What a signal asks for. */
enum wish { WISH_NOTHING, WISH_STOP, WISH_RELOAD, WISH_TICK };

static const struct {
	int signo;
	enum wish wish;
} wishes[] = {
	{ SIGTERM, WISH_STOP },
	{ SIGINT, WISH_STOP },
	{ SIGHUP, WISH_RELOAD },
	{ SIGUSR1, WISH_TICK },
};

enum { NR_WISHES = sizeof(wishes) / sizeof(wishes[0]) };

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < NR_WISHES; i++)
		sigaddset(&set, wishes[i].signo);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* The next signal that waits, as a wish; WISH_NOTHING: none does. */
static enum wish next_wish(struct service *s)
{
	struct signalfd_siginfo info;

	if (read(s->fds[WAIT_SIGNAL].fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return WISH_NOTHING;
	for (size_t i = 0; i < NR_WISHES; i++) {
		if (wishes[i].signo != (int)info.ssi_signo)
			continue;
		if (wishes[i].wish == WISH_STOP)
			s->stopped_by = wishes[i].signo;
		return wishes[i].wish;
	}
	return WISH_NOTHING;
}

/*
 * Wake up when the engine wants to count again, by awake time. After a tick that
 * could not count (an incomplete scan) it is due at once: wait an interval then,
 * instead of spinning.
 */
static int set_timer(struct service *s)
{
	int64_t due = engine_due_ms(s->options->sweep);
	int64_t ms = due > 0 && due < s->interval_ms ? due : s->interval_ms;
	struct itimerspec when = {
		.it_value = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 },
	};

	return timerfd_settime(s->fds[WAIT_TIMER].fd, 0, &when, NULL) < 0 ? -errno : 0;
}

/* One tick and what follows from it. */
static int tick(struct service *s, unsigned flags)
{
	const struct service_options *o = s->options;
	struct tick_summary summary = { 0 };
	struct census *census = NULL;
	int r = engine_tick(o->sweep, flags, &census, &summary);

	/* Without memory or with a foreign /proc there is nothing to go on with. */
	if (r == -ENOMEM || r == -ESTALE) {
		census_unref(census);
		return r;
	}
	r = o->ticked && census ? o->ticked(o->ctx, census) : 0;
	census_unref(census);
	if (r)
		return r;
	if (s->ready)
		notify_status(&summary);
	else
		notify_ready(&summary);
	s->ready = true;
	s->fds[WAIT_DESKTOP].fd = engine_watch_fd(o->sweep);
	notify_watchdog();
	return set_timer(s);
}

static int reload(struct service *s)
{
	int64_t interval;

	if (!s->options->reload)
		return 0;
	notify_reloading();
	s->ready = false;
	interval = s->options->reload(s->options->ctx);
	if (interval > 0)
		s->interval_ms = interval;
	/* A look with the new profiles, which also drops what the old ones left. */
	return tick(s, TICK_FULL);
}

static int mind_signals(struct service *s)
{
	enum wish wish;
	int r = 0;

	while (r == 0 && !s->stopped_by && (wish = next_wish(s)) != WISH_NOTHING) {
		if (wish == WISH_RELOAD)
			r = reload(s);
		else if (wish == WISH_TICK)
			r = tick(s, TICK_COUNT | TICK_REAP);
	}
	return r;
}

/*
 * A desktop has ended: look, so that the age of its orphans is exact. If the
 * descriptor stays readable nonetheless (the scan failed), the timer's tick is
 * the next to look, not a loop that never sleeps.
 */
static int mind_desktop(struct service *s)
{
	struct pollfd again = { .events = POLLIN };
	int r = tick(s, 0);

	again.fd = s->fds[WAIT_DESKTOP].fd;
	if (r == 0 && again.fd >= 0 && poll(&again, 1, 0) > 0)
		s->fds[WAIT_DESKTOP].fd = -1;
	return r;
}

/* Wait for one thing to happen and mind it. */
static int step(struct service *s)
{
	uint64_t expired;
	int r = poll(s->fds, WAIT_NR, s->watchdog_ms ? (int)s->watchdog_ms : -1);

	if (r < 0)
		return errno == EINTR ? 0 : -errno;
	if (s->watchdog_ms)
		notify_watchdog();
	if (s->fds[WAIT_SIGNAL].revents)
		return mind_signals(s);
	if (s->fds[WAIT_TIMER].revents) {
		if (read(s->fds[WAIT_TIMER].fd, &expired, sizeof(expired)) < 0 && errno != EAGAIN)
			return -errno;
		return tick(s, TICK_COUNT | TICK_REAP);
	}
	if (s->fds[WAIT_DESKTOP].revents)
		return mind_desktop(s);
	return 0;
}

static void say_stop(const struct service *s)
{
	struct event event = {
		.kind = EVENT_STOP,
		.realtime_ms = clock_ms(CLOCK_REALTIME),
		.orphan_age_ms = -1,
		.reason = s->stopped_by == SIGINT ? "interrupted" : "terminated",
		.text = s->stopped_by == SIGINT ? "interrupted" : "asked to end",
	};

	if (s->options->notify)
		s->options->notify(s->options->ctx, &event);
}

static int run(struct service *s)
{
	/* What came in while the program was starting goes first. */
	int r = mind_signals(s);

	if (r == 0 && !s->stopped_by)
		r = tick(s, TICK_COUNT | TICK_REAP | TICK_FULL);
	while (r == 0 && !s->stopped_by)
		r = step(s);
	notify_stopping();
	if (s->stopped_by)
		say_stop(s);
	return s->stopped_by ? 0 : r;
}

int service_run(const struct service_options *options)
{
	_cleanup_close_ int signals = open_signals();
	_cleanup_close_ int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	struct service s = { .options = options, .interval_ms = options->interval_ms };

	if (signals < 0 || timer < 0)
		return -errno;
	s.fds[WAIT_SIGNAL] = (struct pollfd){ .fd = signals, .events = POLLIN };
	s.fds[WAIT_TIMER] = (struct pollfd){ .fd = timer, .events = POLLIN };
	s.fds[WAIT_DESKTOP] = (struct pollfd){ .fd = -1, .events = POLLIN };
	s.watchdog_ms = notify_watchdog_ms();
	return run(&s);
}
