/* SPDX-License-Identifier: MIT */
#include "cli/mode.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/log.h"
#include "linux/details.h"
#include "linux/job.h"
#include "tui/app.h"

static const enum tui_colour colours[] = {
	[COLOUR_AUTO] = TUI_COLOUR_AUTO,
	[COLOUR_ALWAYS] = TUI_COLOUR_ALWAYS,
	[COLOUR_NEVER] = TUI_COLOUR_NEVER,
};

enum { DEMO_INTERVAL_MS = 5000 };

static const char demo_hint[] =
	"F9 or k reaps what is selected, F7 or S arms the sweep, q quits: a fleet to try";

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

/* False: it has told what is wrong. */
static bool choose_sort(const struct options *o, struct view_settings *ret)
{
	_cleanup_strbuf_ struct strbuf words = STRBUF_INIT;

	if (!o->sort)
		return true;
	ret->sort_descends = o->sort[0] == '-';
	if (column_find(o->sort + ret->sort_descends, &ret->sort))
		return true;
	for (enum column_id id = 0; id < COLUMN_NR; id++) {
		if (!column_sortable(id))
			continue;
		strbuf_addstr(&words, words.len ? ", " : "");
		column_word(&words, id);
	}
	log_error("no column '%s' for --sort: one of %s", o->sort, words.buf);
	return false;
}

int mode_view(struct session *s)
{
	const struct options *o = s->options;
	_cleanup_(release_end) struct tui_end end = { .left = STRBUF_INIT };
	const char *why = "no terminal";
	struct view_settings sort = VIEW_SETTINGS_INIT;
	int r, status;

	if (!tui_possible(&why))
		return no_view(why);
	if (!choose_sort(o, &sort))
		return EXIT_USAGE;
	r = session_open(s, SESSION_VIEW);
	if (r)
		return r;
	const struct view_settings *set = &s->config->view;

	/* Something is reapable as soon as it has been looked at. */
	if (s->demo && !strcmp(config_origin(s->config, "sweep", "interval"), "built-in"))
		s->engine.settings.interval_ms = DEMO_INTERVAL_MS;
	struct tui_options view = {
		.version = STRAY_VERSION,
		.sweep = s->engine,
		.source = s->source,
		.reaper = s->reaper,
		.delay_ms = o->delay_ms ? o->delay_ms : set->delay_ms,
		.arm = o->arm,
		.letters = o->letters || set->letters,
		.mouse = !o->no_mouse && set->mouse,
		.sort = o->sort ? sort.sort : set->sort,
		.sort_descends = o->sort ? sort.sort_descends : set->sort_descends,
		.tree_open = o->tree || set->tree_open,
		.flat = o->flat,
		.no_args = o->no_args,
		.filter = o->filter,
		.ascii = o->ascii,
		.demo = s->demo != NULL,
		.other_user = o->uid_given && s->scope.uid != getuid(),
		.colour = colours[o->colour],
		.warning = s->warning || !s->demo ? s->warning : demo_hint,
		.stop_job = job_stop,
		.folder = job_folder,
		.details = details_of,
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
