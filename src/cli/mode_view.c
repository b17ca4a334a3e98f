/* SPDX-License-Identifier: MIT */
#include "cli/mode.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/log.h"
#include "tui/app.h"

static const enum tui_colour colours[] = {
	[COLOUR_AUTO] = TUI_COLOUR_AUTO,
	[COLOUR_ALWAYS] = TUI_COLOUR_ALWAYS,
	[COLOUR_NEVER] = TUI_COLOUR_NEVER,
};

static int no_view(const char *why)
{
	log_error("no terminal view here: %s; try 'stray --list' or 'stray --list --json'", why);
	return EXIT_USAGE;
}

int mode_view(struct session *s)
{
	const struct options *o = s->options;
	const char *why = "no terminal";
	int r, signo = 0;

	if (!tui_possible(&why))
		return no_view(why);
	r = session_open(s, SESSION_VIEW);
	if (r)
		return r;
	struct tui_options view = {
		.version = STRAY_VERSION,
		.sweep = s->engine,
		.source = s->source,
		.reaper = s->reaper,
		.delay_ms = o->delay_ms,
		.arm = o->arm,
		.letters = o->letters,
		.mouse = !o->no_mouse,
		.ascii = o->ascii,
		.demo = s->demo != NULL,
		.colour = colours[o->colour],
		.warning = s->warning,
	};
	r = tui_run(&view, &why, &signo);
	if (r == -ENOTTY)
		return no_view(why);
	if (r == -EINTR) /* asked to end, as the sweep can be */
		return EXIT_FINE;
	if (r == -ETIMEDOUT) {
		/* The engine's thread still uses all of it. The fleet has a life line. */
		log_warning("a scan hangs; ending without it");
		_Exit(EXIT_FINE);
	}
	if (r < 0) {
		log_error("the view has ended: %s", strerror(-r));
		return EXIT_UNKNOWN;
	}
	return EXIT_FINE;
}
