/* SPDX-License-Identifier: MIT */
#include "base/cleanup.h"
#include "cli/command.h"
#include "cli/log.h"
#include "cli/mode.h"
#include "base/escape.h"

/* --run: a command as an owner; what it leaves behind is ended with it. */

static void tell(const struct session *s, const struct leaks_ended *ended)
{
	_cleanup_strbuf_ struct strbuf name = STRBUF_INIT;

	escape_text(&name, s->options->command[0]);
	if (ended->ended)
		log_info("ended %zu process%s that '%s' left behind", ended->ended,
			 ended->ended == 1 ? "" : "es", name.buf);
	if (ended->survived)
		log_warning("%zu process%s that '%s' left behind %s still there", ended->survived,
			    ended->survived == 1 ? "" : "es", name.buf,
			    ended->survived == 1 ? "is" : "are");
}

static void tell_kept(const struct leak_report *report)
{
	for (size_t i = 0; i < report->nr; i++) {
		const struct leak *row = &report->rows[i];
		_cleanup_strbuf_ struct strbuf name = STRBUF_INIT;

		if (row->kind != LEAK_KEPT)
			continue;
		escape_text(&name, row->member->proc->comm);
		log_info("pid %d '%s' is kept: %s", (int)row->member->proc->id.pid, name.buf,
			 verdict_text(row->kept));
	}
}

static void tell_unsure(const struct session *s)
{
	_cleanup_strbuf_ struct strbuf name = STRBUF_INIT;

	escape_text(&name, s->options->command[0]);
	log_warning("something that '%s' left behind may still be there, which cannot be read "
		    "or is not ours to end",
		    name.buf);
}

static int end_leftovers(struct command *c)
{
	struct leaks_ended ended = { 0 };
	int r;

	if (command_left_nothing(c))
		return EXIT_FINE;
	c->query.spare_kept = true;
	r = command_observe(c, 0);
	if (r != 0)
		return r;
	if (!c->session->options->quiet)
		tell_kept(&c->report);
	if (c->report.count[LEAK_LEFT] || command_may_end(c)) {
		r = command_end(c, &ended);
		if (r != 0)
			return r;
	}
	tell(c->session, &ended);
	if (ended.survived)
		return EXIT_LEAKS;
	if (ended.unfinished || command_is_inconclusive(c)) {
		tell_unsure(c->session);
		return EXIT_LEAKS;
	}
	return c->report.census->snapshot->complete ? EXIT_FINE : EXIT_UNKNOWN;
}

int mode_run(struct session *s)
{
	struct command command;
	int status;

	if (command_run(&command, s, SESSION_REAP | SESSION_SAVE, &status)) {
		int found = end_leftovers(&command);

		/* The command's own failure is the one to pass on. */
		if (status == 0)
			status = found;
	}
	command_release(&command);
	return status;
}
