/* SPDX-License-Identifier: MIT */
#include "service/journal.h"

#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#ifdef HAVE_LIBSYSTEMD
/* Where in the source an entry was sent is of no use to a reader of the journal. */
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>
#endif

#include "base/escape.h"

/* A random number for each kind, which never changes. */
static const char *const message_ids[] = {
	[EVENT_ORPHANED] = "3552e3595def448bb889aac8006c6b56",
	[EVENT_REAPED] = "bd65afb4713548ec9c2eec4e0165aafd",
	[EVENT_SURVIVED] = "c4dfd80f82744487bb81c535a074b1fa",
	[EVENT_STOP] = NULL,
};

bool journal_wants(const struct event *event)
{
	return message_ids[event->kind] != NULL;
}

size_t journal_fields(const struct event *event, const char *line,
		      struct strbuf fields[JOURNAL_FIELDS])
{
	bool prioritised = line[0] == '<' && line[1] && line[2] == '>';
	const char *message = prioritised ? line + 3 : line;
	size_t nr = 0;

	strbuf_addstr(&fields[nr], "MESSAGE=");
	strbuf_add(&fields[nr++], message, strcspn(message, "\n"));
	strbuf_addf(&fields[nr++], "PRIORITY=%c", prioritised ? line[1] : '6');
	strbuf_addstr(&fields[nr++], "SYSLOG_IDENTIFIER=stray");
	strbuf_addf(&fields[nr++], "MESSAGE_ID=%s", message_ids[event->kind]);
	strbuf_addf(&fields[nr++], "STRAY_PID=%d", (int)event->process.pid);
	strbuf_addstr(&fields[nr], "STRAY_INSTANCE=");
	escape_append(&fields[nr++], event->instance);
	if (event->app) {
		strbuf_addstr(&fields[nr], "STRAY_APP=");
		escape_text(&fields[nr++], event->app);
	}
	if (event->name) {
		strbuf_addstr(&fields[nr], "STRAY_NAME=");
		escape_text(&fields[nr++], event->name);
	}
	if (event->kind != EVENT_ORPHANED)
		strbuf_addf(&fields[nr++], "STRAY_OUTCOME=%s", outcome_name(event->outcome));
	return nr;
}

bool journal_send(const struct event *event, const char *line)
{
	bool sent = false;
#ifdef HAVE_LIBSYSTEMD
	struct strbuf fields[JOURNAL_FIELDS] = { 0 };
	struct iovec iov[JOURNAL_FIELDS];
	bool whole = true;
	size_t nr;

	/* Without a journal the call below says that all is well, and drops the entry. */
	if (!journal_wants(event) || access("/run/systemd/journal/socket", W_OK) < 0)
		return false;
	nr = journal_fields(event, line, fields);
	for (size_t i = 0; i < nr; i++) {
		whole = whole && !fields[i].failed;
		iov[i] = (struct iovec){ fields[i].buf, fields[i].len };
	}
	sent = whole && sd_journal_sendv(iov, (int)nr) == 0;
	for (size_t i = 0; i < JOURNAL_FIELDS; i++)
		strbuf_release(&fields[i]);
#else
	(void)event;
	(void)line;
#endif
	return sent;
}
