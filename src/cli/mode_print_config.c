/* SPDX-License-Identifier: MIT */
#include "cli/mode.h"
#include "cli/print.h"

#include <errno.h>

#include "base/cleanup.h"

int mode_print_config(struct session *s)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;

	if (config_print(&sb, s->config) < 0)
		return session_failed(-ENOMEM);
	return print_all(&sb);
}
