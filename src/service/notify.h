/* SPDX-License-Identifier: MIT */
#ifndef SERVICE_NOTIFY_H
#define SERVICE_NOTIFY_H

#include <stdint.h>

#include "stray/engine.h"

/*
 * Messages to the service manager (sd_notify(3)). Without a manager, or built without
 * libsystemd, these functions do nothing. None fails: a manager that does not read
 * must not stop the sweep.
 */
void notify_ready(const struct tick_summary *summary);	/* up, after the first tick */
void notify_status(const struct tick_summary *summary); /* one line for `systemctl status` */
void notify_reloading(void);
void notify_stopping(void);
void notify_watchdog(void); /* still alive */

/* Return how often to call notify_watchdog(), ms: half the manager's limit; 0: never. */
int64_t notify_watchdog_ms(void);

/* Write the line of notify_status() into @buf, cut to @size. */
void notify_status_text(char *buf, size_t size, const struct tick_summary *summary);

#endif
