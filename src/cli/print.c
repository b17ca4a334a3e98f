/* SPDX-License-Identifier: MIT */
#include "cli/print.h"

#include <errno.h>
#include <langinfo.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/fileio.h"
#include "base/parse.h"
#include "cli/log.h"
#include "cli/mode.h"
#include "cli/output.h"

/* Return the width from COLUMNS, else from the terminal; 0: no limit. */
static unsigned width_of(int fd)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	uint64_t n = 0;

	if (columns && parse_number(columns, USHRT_MAX, &n) == 0 && n > 0)
		return (unsigned)n;
	return isatty(fd) == 1 && ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

struct report_options print_options(const struct session *s, int fd)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	bool terminal = isatty(fd) == 1;
	struct report_options ro = { .show_args = s->options->show_args };

	if (fd >= 0)
		ro.width = width_of(fd);
	ro.colour = s->options->colour == COLOUR_ALWAYS ||
		    (s->options->colour == COLOUR_AUTO && terminal && !(no_color && *no_color) &&
		     term && strcmp(term, "dumb") != 0);
	ro.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	ro.priority = log_is_journal(fd);
	ro.per_instance = s->options->metrics_instances;
	ro.scope = &s->scope;
	return ro;
}

void print_tell(const struct session *s, const struct strbuf *sb)
{
	int r = sb->failed ? -ENOMEM
			   : output_write_until(STDOUT_FILENO, s->engine.stop_fd, sb->buf, sb->len);

	if (r < 0)
		log_warning("cannot write to stdout: %s, ignoring", strerror(-r));
}

int print_all(const struct strbuf *sb)
{
	int r = sb->failed ? -ENOMEM : write_all(STDOUT_FILENO, sb->buf, sb->len);

	if (r == 0)
		return 0;
	log_error("cannot write to stdout: %s", strerror(-r));
	return EXIT_UNKNOWN;
}
