/* SPDX-License-Identifier: MIT */
#ifndef SERVICE_NOTIFY_H
#define SERVICE_NOTIFY_H

#include <stdint.h>

#include "stray/engine.h"

/*
 * What the service manager is told (sd_notify(3)). Without a manager, or built
 * without libsystemd, all of it does nothing. It is never an error: a manager
 * that does not listen must not keep the sweep from its work.
 */
void notify_ready(const struct tick_summary *summary);	/* up, after the first tick */
void notify_status(const struct tick_summary *summary); /* one line for `systemctl status` */
void notify_reloading(void);
void notify_stopping(void);
void notify_watchdog(void); /* still alive */

/* How often the manager wants to hear notify_watchdog(), ms: half its limit; 0: it does not. */
int64_t notify_watchdog_ms(void);

/* The line of notify_status(), cut to @size. */
void notify_status_text(char *buf, size_t size, const struct tick_summary *summary);

#endif
