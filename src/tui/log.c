/* SPDX-License-Identifier: MIT */
#include "tui/log.h"

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

void log_add(struct event_log *log, const struct worker_line *line, bool utf8)
{
	struct strbuf sb = STRBUF_INIT;
	struct log_line added = { .realtime_ms = line->realtime_ms, .word = line->word };

	escape_append_as(&sb, (struct bytes){ line->text, strlen(line->text) }, utf8);
	added.text = strbuf_detach(&sb);
	strbuf_release(&sb);
	if (!added.text)
		return;
	if (log->nr == LOG_MAX) {
		free(log->lines[0].text);
		memmove(log->lines, log->lines + 1, (LOG_MAX - 1) * sizeof(*log->lines));
		log->nr--;
	}
	if (ARRAY_GROW(log->lines, log->nr, log->alloc)) {
		free(added.text);
		return;
	}
	log->lines[log->nr++] = added;
	/* Who has scrolled keeps looking at the same lines. */
	if (log->offset && log->offset + 1 < log->nr)
		log->offset++;
}

void log_release(struct event_log *log)
{
	for (size_t i = 0; i < log->nr; i++)
		free(log->lines[i].text);
	free(log->lines);
	*log = (struct event_log){ 0 };
}

const struct log_line *log_line(const struct event_log *log, size_t from_newest)
{
	return from_newest < log->nr ? &log->lines[log->nr - 1 - from_newest] : NULL;
}

void log_format(struct strbuf *sb, const struct log_line *line)
{
	char time[FORMAT_SIZE];

	strbuf_addf(sb, " %s %-6s %s", cell_clock(time, sizeof(time), line->realtime_ms),
		    worker_word_name(line->word), line->text);
}

bool log_search(struct event_log *log, int direction)
{
	struct bytes needle = { log->search, strlen(log->search) };

	for (size_t n = 1; needle.len && n <= log->nr; n++) {
		size_t at = (log->offset + (direction < 0 ? log->nr - n : n)) % log->nr;
		_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;

		log_format(&sb, log_line(log, at));
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

		strbuf_addf(&sb, "%s %-6s %s\n",
			    format_time(time, sizeof(time), log->lines[i].realtime_ms, true),
			    worker_word_name(log->lines[i].word), log->lines[i].text);
	}
	if (sb.failed)
		return -ENOMEM;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	return write_all(fd, sb.buf, sb.len);
}
