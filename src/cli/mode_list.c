/* SPDX-License-Identifier: MIT */
#include "cli/mode.h"

#include <errno.h>
#include <unistd.h>

#include "base/cleanup.h"

int mode_list(struct session *s)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;
	struct report_options ro = session_report_options(s, STDOUT_FILENO);
	struct census *census = NULL;
	int r = session_open(s, 0);

	if (r == 0)
		r = session_tick(s, TICK_FULL | TICK_PORTS, &census, NULL);
	if (r)
		return r;
	const struct report_format *format = s->options->format ? &report_json : &report_text;
	if (format->census(&sb, census, &ro) < 0)
		r = session_failed(-ENOMEM);
	else
		r = session_print(&sb);
	if (r == 0 && !census->snapshot->complete)
		r = EXIT_UNKNOWN;
	census_unref(census);
	return r;
}
