/* SPDX-License-Identifier: MIT */
#include "cli/mode.h"
#include "cli/print.h"

#include <errno.h>

#include "base/cleanup.h"

int mode_help(struct session *s)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;

	if (options_help(&sb, s->options->help_for) < 0)
		return session_failed(-ENOMEM);
	return print_all(&sb);
}

int mode_version(struct session *s)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;

	(void)s;
	strbuf_addstr(&sb, "stray " STRAY_VERSION "\nLicence: MIT, without warranty\n");
	return print_all(&sb);
}
