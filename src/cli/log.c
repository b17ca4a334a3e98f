/* SPDX-License-Identifier: MIT */
#include "cli/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "cli/output.h"

static const struct {
	int priority; /* syslog(3) */
	const char *word;
} levels[] = {
	[LOG_LEVEL_ERROR] = { 3, "" },
	[LOG_LEVEL_WARNING] = { 4, "warning: " },
	[LOG_LEVEL_INFO] = { 6, "" },
};

int log_is_journal(int fd)
{
	const char *stream = getenv("JOURNAL_STREAM");
	uint64_t device = 0, inode = 0;
	struct stat st;
	size_t digits;

	if (!stream || fstat(fd, &st) < 0)
		return 0;
	/* DEVICE:INODE. It is inherited, so only these two prove anything. */
	digits = parse_digits(stream, SIZE_MAX, UINT64_MAX, &device);
	if (!digits || stream[digits] != ':' ||
	    parse_number(stream + digits + 1, UINT64_MAX, &inode) < 0)
		return 0;
	return device == st.st_dev && inode == st.st_ino;
}

static int stop_fd = -1;

void log_until(int fd)
{
	stop_fd = fd;
}

void log_message(enum log_level level, const char *format, ...)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;
	va_list args;

	if (log_is_journal(STDERR_FILENO))
		strbuf_addf(&sb, "<%d>", levels[level].priority);
	else
		strbuf_addf(&sb, "stray: %s", levels[level].word);
	va_start(args, format);
	strbuf_vaddf(&sb, format, args);
	va_end(args);
	strbuf_addch(&sb, '\n');
	if (!sb.failed)
		(void)output_write_until(STDERR_FILENO, stop_fd, sb.buf, sb.len);
}
