/* SPDX-License-Identifier: MIT */
#include "service/notify.h"

#include <stdio.h>
#include <time.h>

#ifdef HAVE_LIBSYSTEMD
#include <systemd/sd-daemon.h>
#endif

#include "base/clock.h"

enum { STATUS_SIZE = 160 };

static const char *plural(size_t nr)
{
	return nr == 1 ? "" : "s";
}

void notify_status_text(char *buf, size_t size, const struct tick_summary *s)
{
	size_t ended = s->exited + s->killed, left = s->survived + s->refused;
	int n = snprintf(buf, size, "%zu instance%s, %zu agent%s, %zu orphan%s", s->instances,
			 plural(s->instances), s->agents, plural(s->agents), s->orphans,
			 plural(s->orphans));

	if (n > 0 && (size_t)n < size && (ended || left))
		n += snprintf(buf + n, size - (size_t)n, "; last tick: %zu ended, %zu survived",
			      ended, left);
	if (n > 0 && (size_t)n < size && !s->complete)
		snprintf(buf + n, size - (size_t)n, "; the last scan was incomplete");
}

#ifdef HAVE_LIBSYSTEMD
void notify_ready(const struct tick_summary *summary)
{
	char status[STATUS_SIZE];

	notify_status_text(status, sizeof(status), summary);
	sd_notifyf(0, "READY=1\nSTATUS=%s", status);
}

void notify_status(const struct tick_summary *summary)
{
	char status[STATUS_SIZE];

	notify_status_text(status, sizeof(status), summary);
	sd_notifyf(0, "STATUS=%s", status);
}

void notify_reloading(void)
{
	/* The time is what Type=notify-reload goes by. */
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)clock_us(CLOCK_MONOTONIC));
}

void notify_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}

void notify_watchdog(void)
{
	sd_notify(0, "WATCHDOG=1");
}

int64_t notify_watchdog_ms(void)
{
	uint64_t limit_us;

	if (sd_watchdog_enabled(0, &limit_us) <= 0)
		return 0;
	return limit_us / 2000 ? (int64_t)(limit_us / 2000) : 1;
}
#else
void notify_ready(const struct tick_summary *summary)
{
	(void)summary;
}

void notify_status(const struct tick_summary *summary)
{
	(void)summary;
}

void notify_reloading(void)
{
}

void notify_stopping(void)
{
}

void notify_watchdog(void)
{
}

int64_t notify_watchdog_ms(void)
{
	return 0;
}
#endif
