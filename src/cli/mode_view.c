/* SPDX-License-Identifier: MIT */
#include "cli/mode.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/log.h"
#include "linux/job.h"
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

static void release_end(struct tui_end *end)
{
	strbuf_release(&end->left);
}

/* Name on stderr what was still ending when the view was left, and lives. */
static int tell_left(const struct strbuf *left)
{
	for (const char *at = left->buf; *at; at += strcspn(at, "\n") + 1)
		log_error("still running: %.*s", (int)strcspn(at, "\n"), at);
	return left->len ? EXIT_LEAKS : EXIT_FINE;
}

int mode_view(struct session *s)
{
	const struct options *o = s->options;
	_cleanup_(release_end) struct tui_end end = { .left = STRBUF_INIT };
	const char *why = "no terminal";
	int r, status;

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
		.stop_job = job_stop,
	};
	r = tui_run(&view, &end);
	if (r == -ENOTTY)
		return no_view(end.why);
	status = tell_left(&end.left);
	if (r == -EINTR) /* asked to end, as the sweep can be */
		return status;
	if (r == -ETIMEDOUT) {
		/* The engine's thread still uses all of it. The fleet has a life line. */
		log_warning("a scan hangs; ending without it");
		_Exit(status);
	}
	if (r < 0) {
		log_error("the view has ended: %s", strerror(-r));
		return EXIT_UNKNOWN;
	}
	return status;
}
