/* SPDX-License-Identifier: MIT */
#ifndef SERVICE_JOURNAL_H
#define SERVICE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"
#include "stray/engine.h"

/*
 * Events as entries of systemd's journal, with fields to search by (stray(1), SERVICE):
 * MESSAGE_ID, STRAY_INSTANCE, STRAY_APP, STRAY_PID, STRAY_NAME, STRAY_OUTCOME.
 */

/* The most fields of an entry. */
enum { JOURNAL_FIELDS = 9 };

/* Does such an event get fields? Orphaned, reaped and survived ones do. */
bool journal_wants(const struct event *event);

/*
 * Compose the fields of @event; @line is its line, with `<N>` in front, as text_event()
 * writes it for the journal. Each is NAME=VALUE, bytes of other processes escaped. Returns how
 * many of @fields are set; the caller releases all JOURNAL_FIELDS, zeroed before.
 */
size_t journal_fields(const struct event *event, const char *line,
		      struct strbuf fields[JOURNAL_FIELDS]);

/*
 * Send @event to the journal. Returns false where it has no fields, the journal does not
 * take it, or this was built without libsystemd: then the line has to be written.
 */
bool journal_send(const struct event *event, const char *line);

#endif
