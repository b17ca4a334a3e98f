/* SPDX-License-Identifier: MIT */
#include "tui/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/escape.h"
#include "base/fileio.h"
#include "report/format.h"
#include "tui/columns.h"
#include "tui/filter.h"

void log_line_release(struct log_line *line)
{
	free(line->text);
	free(line->name);
	*line = (struct log_line){ 0 };
}

void log_line_copy(struct log_line *to, const struct log_line *from)
{
	log_line_release(to);
	*to = *from;
	to->text = from->text ? strdup(from->text) : NULL;
	to->name = from->name ? strdup(from->name) : NULL;
}

void log_add(struct event_log *log, const struct worker_line *line, bool utf8)
{
	struct log_line added = { .realtime_ms = line->realtime_ms, .word = line->word };
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT, name = STRBUF_INIT;
	char freed[FORMAT_SIZE];

	escape_append_as(&text, (struct bytes){ line->text, strlen(line->text) }, utf8);
	if (line->freed_kib)
		strbuf_addf(&text, ", %s freed", format_kib(freed, sizeof(freed), line->freed_kib));
	if (line->tail)
		escape_append_as(&text, (struct bytes){ line->tail, strlen(line->tail) }, utf8);
	if (line->name)
		escape_append_as(&name, (struct bytes){ line->name, strlen(line->name) }, utf8);
	added.text = strbuf_detach(&text);
	added.name = line->name ? strbuf_detach(&name) : NULL;
	if (!added.text) {
		log_line_release(&added);
		return;
	}
	if (log->nr == LOG_MAX) {
		log_line_release(&log->lines[0]);
		memmove(log->lines, log->lines + 1, (LOG_MAX - 1) * sizeof(*log->lines));
		log->nr--;
	}
	if (ARRAY_GROW(log->lines, log->nr, log->alloc)) {
		log_line_release(&added);
		return;
	}
	log->lines[log->nr++] = added;
	/* A scrolled log keeps showing the same lines. */
	if (log->offset && log->offset + 1 < log->nr)
		log->offset++;
}

void log_release(struct event_log *log)
{
	for (size_t i = 0; i < log->nr; i++)
		log_line_release(&log->lines[i]);
	free(log->lines);
	*log = (struct event_log){ 0 };
}

const struct log_line *log_line(const struct event_log *log, size_t from_newest)
{
	return from_newest < log->nr ? &log->lines[log->nr - 1 - from_newest] : NULL;
}

void log_format(struct strbuf *sb, const struct log_line *line, size_t columns, int64_t now_ms,
		const struct glyphs *g)
{
	size_t start = sb->len, taken;
	char time[FORMAT_SIZE];

	strbuf_addf(sb, " %-8s %-6s %s", cell_since(time, sizeof(time), line->realtime_ms, now_ms),
		    worker_word_name(line->word), line->text);
	if (!line->name)
		return;
	strbuf_addstr(sb, "  ");
	taken = text_width(sb->buf + start, sb->len - start);
	if (!columns)
		strbuf_addstr(sb, line->name);
	else if (taken < columns)
		text_tail(sb, line->name, columns - taken, g);
}

bool log_search(struct event_log *log, int direction)
{
	struct bytes needle = { log->search, strlen(log->search) };

	for (size_t n = 1; needle.len && n <= log->nr; n++) {
		size_t at = (log->offset + (direction < 0 ? log->nr - n : n)) % log->nr;
		_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;

		log_format(&sb, log_line(log, at), 0, 0, NULL);
		if (text_occurs((struct bytes){ sb.buf, sb.len }, needle)) {
			log->offset = at;
			return true;
		}
	}
	return false;
}

int log_write(const struct event_log *log, const char *path)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;
	_cleanup_close_ int fd = -1;

	for (size_t i = 0; i < log->nr; i++) {
		char time[FORMAT_SIZE];

		const struct log_line *line = &log->lines[i];

		strbuf_addf(&sb, "%s %-6s %s%s%s\n",
			    format_time(time, sizeof(time), line->realtime_ms, true),
			    worker_word_name(line->word), line->text, line->name ? "  " : "",
			    line->name ? line->name : "");
	}
	if (sb.failed)
		return -ENOMEM;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	return write_all(fd, sb.buf, sb.len);
}
