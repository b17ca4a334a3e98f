/* SPDX-License-Identifier: MIT */
#ifndef TUI_JOURNAL_H
#define TUI_JOURNAL_H

#include "engine/worker.h"
#include "tui/glyphs.h"

/* The event log: the newest lines, escaped, oldest first. */
enum { LOG_MAX = 2000 };

struct log_line {
	int64_t realtime_ms;
	enum worker_word word;
	char *text; /* escaped; of a reaping "2 of 2 ended, 7.0M freed, 0 survived" ... */
	char *name; /* ... and the instances, escaped; NULL elsewhere */
};

struct event_log {
	struct log_line *lines;
	size_t nr, alloc;
	size_t offset; /* lines scrolled down from the newest; 0 follows */
	char search[128];
};

/* Escape and keep; without memory the line is lost. */
void log_add(struct event_log *log, const struct worker_line *line, bool utf8);
void log_release(struct event_log *log);

/* Make @to a copy of @from; what @to held is freed. All zero is an empty one. */
void log_line_copy(struct log_line *to, const struct log_line *from);
void log_line_release(struct log_line *line);

/* The line with that distance from the newest, or NULL. */
const struct log_line *log_line(const struct event_log *log, size_t from_newest);

/*
 * " 19:57:50 ORPHAN dev.fix-login: ...". A name at the end is cut on its left to fit into
 * @columns; 0: whatever it takes. What is older than a day at @now_ms has its date instead
 * of a time.
 */
void log_format(struct strbuf *sb, const struct log_line *line, size_t columns, int64_t now_ms,
		const struct glyphs *g);

/* Scroll to the next older line (newer with @direction < 0) that holds log->search. */
bool log_search(struct event_log *log, int direction);

/*
 * Write all lines with ISO 8601 times to a new file: 0, -EEXIST (it is not
 * written over), or -errno.
 */
int log_write(const struct event_log *log, const char *path);

#endif
