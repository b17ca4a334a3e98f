/* SPDX-License-Identifier: MIT */
#include "cli/mode.h"

#include <errno.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/log.h"
#include "cli/print.h"
#include "report/table.h"

/* Is it the table of ps(1) that is asked for? */
static bool wants_table(const struct options *o)
{
	return o->columns || o->sort || o->no_headers;
}

/* 0 or the exit status after a message. */
static int check_table(const struct session *s, const struct table_options *table,
		       const struct report_options *ro)
{
	_cleanup_strbuf_ struct strbuf error = STRBUF_INIT;

	if (!wants_table(s->options))
		return 0;
	if (s->options->format) {
		log_error("--columns, --sort and --no-headers are not for --json");
		return EXIT_USAGE;
	}
	if (table_check(table, ro, &error) == 0)
		return 0;
	log_error("%s", error.buf);
	return EXIT_USAGE;
}

int mode_list(struct session *s)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;
	struct report_options ro = print_options(s, STDOUT_FILENO);
	struct table_options table = { s->options->columns, s->options->sort,
				       s->options->no_headers };
	struct census *census = NULL;
	int r = check_table(s, &table, &ro);

	if (r == 0)
		r = session_open(s, 0);
	if (r == 0)
		r = session_tick(s, TICK_FULL | TICK_PORTS, &census, NULL);
	if (r)
		return r;
	const struct report_format *format = s->options->format ? &report_json : &report_text;
	if ((wants_table(s->options) ? table_write(&sb, census, &table, &ro)
				     : format->census(&sb, census, &ro)) < 0)
		r = session_failed(-ENOMEM);
	else
		r = print_all(&sb);
	if (r == 0 && !census->snapshot->complete)
		r = EXIT_UNKNOWN;
	census_unref(census);
	return r;
}
