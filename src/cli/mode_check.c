/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/baseline_file.h"
#include "cli/command.h"
#include "cli/log.h"
#include "cli/mode.h"
#include "engine/settle.h"
#include "base/escape.h"

/* --check: list leftovers of the apps' agents, or of one command. */

/* The wait between two scans; doubled each time, because most leftovers end at once. */
enum { FIRST_LOOK_MS = 20, MAX_LOOK_MS = 250 };

static int load_baseline(const struct session *s, struct baseline *ret_baseline)
{
	_cleanup_strbuf_ struct strbuf error = STRBUF_INIT;
	const char *path = s->options->baseline;

	*ret_baseline = (struct baseline)BASELINE_INIT;
	if (!path || baseline_load(path, ret_baseline, &error) == 0)
		return 0;
	/* Without its baseline the check cannot tell new leaks from forgiven ones. */
	log_error("%s", error.len ? error.buf : strerror(ENOMEM));
	return EXIT_UNKNOWN;
}

static void warn_other_boot(const struct session *s, const struct baseline *baseline,
			    const struct census *c)
{
	_cleanup_strbuf_ struct strbuf name = STRBUF_INIT;

	if (!s->options->baseline || strcmp(baseline->boot_id, c->snapshot->boot_id) == 0)
		return;
	escape_text(&name, s->options->baseline);
	log_warning("baseline '%s' is of another boot, ignoring", name.buf);
}

static bool is_complete(const struct leak_report *report)
{
	return report->census->snapshot->complete;
}

/* Return the worse of two exit statuses: EXIT_LEAKS, then any other, then 0. */
static int worse(int a, int b)
{
	if (a == EXIT_LEAKS || b == EXIT_LEAKS)
		return EXIT_LEAKS;
	return a ? a : b;
}

/*
 * Probe what the leaks hold, write the report and, with --kill, reap them. @command: the
 * command that left them, or NULL. Returns the exit status.
 */
static int report_and_end(struct session *s, const struct leak_query *query,
			  struct leak_report *report, struct command *command)
{
	struct leaks_ended ended;
	int status, r = leaks_look_up(report, s->source, command ? &command->lineage : NULL);

	if (r < 0)
		log_warning("cannot look up what the leaks hold: %s, ignoring", strerror(-r));
	report->killing = s->options->kill;
	status = leak_report_status(report);
	/* A program that asked for a file or a format expects it even without leaks. */
	if (status || !s->options->quiet || s->options->format || s->options->output)
		status = worse(status, leaks_write(s, report));
	if (!s->options->kill || !(command ? command_may_end(command) : leaks_count(report) > 0))
		return status;
	/* They were leaks, whatever the outcome: it changes messages, not the status. */
	if (command)
		command_end(command, &ended);
	else
		leaks_end(s, query, report, LEAKS_LISTED, -1, &ended);
	return status;
}

/* --- what is there --------------------------------------------------------- */

/* One check of what is there. */
struct check {
	struct session *session;
	struct leak_query query;
	struct leak_report report; /* of the last scan */
};

/* Scan once and fill c->report. */
static int look(void *ctx, enum settle_state *ret_state)
{
	struct check *c = ctx;
	bool missed;
	int r = leaks_scan(c->session, &c->query, &c->report, &missed);

	if (r != 0)
		return r;
	/* Repeat an incomplete scan too: often a process ended while it was read. */
	*ret_state = SETTLE_OPEN;
	if (!c->report.count[LEAK_LEFT] && is_complete(&c->report))
		*ret_state = missed ? SETTLE_INCONCLUSIVE : SETTLE_DONE;
	return 0;
}

static int pause_check(void *ctx, int64_t timeout_ms)
{
	struct check *c = ctx;

	return session_wait(c->session, timeout_ms);
}

/*
 * Scan until nothing is left, for at most --settle. Returns 0, or the exit status after
 * a message. *ret_state: what the last scan has shown.
 */
static int observe(struct check *c, enum settle_state *ret_state)
{
	struct settle s = {
		.source = c->session->source,
		.look = look,
		.wait = pause_check,
		.ctx = c,
		.limit_ms = c->session->options->settle_ms,
		.wait_ms = FIRST_LOOK_MS,
		.wait_max_ms = MAX_LOOK_MS,
		.repeats = SETTLE_REPEATS,
	};
	int r;

	progress_begin(&c->session->progress, "waiting for leftovers to end by themselves ...");
	r = settle(&s);
	progress_end(&c->session->progress);
	c->report.waited_ms = s.waited_ms;
	*ret_state = s.state;
	return r;
}

/* Fail if no environment can be read: no leftover could be found then. */
static int check_sight(const struct session *s, const struct census *c)
{
	struct sight sight = sight_of(&s->scope, c);

	return session_check_sight(&sight);
}

static int check_there(struct session *s, const struct baseline *baseline)
{
	struct check c = { .session = s, .query = { .scope = &s->scope, .baseline = baseline } };
	enum settle_state state;
	int r;

	/* A check that signals nothing may be stopped at any moment. */
	if (!s->options->kill)
		sigprocmask(SIG_SETMASK, &s->mask, NULL);
	/* A detached process is a leak here: --kill ends it as one. */
	s->config->settings.reap_detached = true;
	r = session_open(s, s->options->kill ? SESSION_REAP | SESSION_SAVE : 0);
	if (r == 0)
		r = observe(&c, &state);
	if (r == 0) {
		warn_other_boot(s, baseline, c.report.census);
		r = check_sight(s, c.report.census);
		if (state == SETTLE_INCONCLUSIVE) {
			log_error("cannot tell: some ended before they could be read");
			r = worse(EXIT_UNKNOWN, r);
		}
		r = worse(report_and_end(s, &c.query, &c.report, NULL), r);
	}
	leak_report_release(&c.report);
	return r;
}

/* --- what a command leaves ------------------------------------------------- */

static int check_left(struct command *c, const struct baseline *baseline, int status)
{
	struct session *s = c->session;
	int r, missed = EXIT_FINE;

	/* Nothing left is no news to a reader; a program expects its file. */
	if (!s->options->format && !s->options->output && command_left_nothing(c))
		return EXIT_FINE;
	c->query.baseline = baseline;
	r = command_observe(c, s->options->settle_ms);
	if (r != 0)
		return r;
	if (command_is_inconclusive(c)) {
		log_error("something is left that cannot be read: it ends too soon, or is "
			  "another user's");
		missed = EXIT_LEAKS;
	}
	c->report.command = s->options->command[0];
	c->report.command_status = status;
	if (!c->report.nr && is_complete(&c->report) && !s->options->format &&
	    !s->options->output && !(s->options->kill && command_may_end(c)))
		return missed;
	return worse(report_and_end(s, &c->query, &c->report, c), missed);
}

static int check_command(struct session *s, const struct baseline *baseline)
{
	struct command command;
	int status;

	if (command_run(&command, s, s->options->kill ? SESSION_REAP | SESSION_SAVE : 0, &status)) {
		int found = check_left(&command, baseline, status);

		/* The command's own failure is the one to pass on. */
		if (status == 0)
			status = found;
	}
	command_release(&command);
	return status;
}

int mode_check(struct session *s)
{
	struct baseline baseline;
	int r = load_baseline(s, &baseline);

	if (r != 0)
		return r;
	r = s->options->command ? check_command(s, &baseline) : check_there(s, &baseline);
	baseline_release(&baseline);
	return r;
}
