/* SPDX-License-Identifier: MIT */
#include "cli/mode.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/log.h"
#include "cli/print.h"
#include "engine/settle.h"
#include "base/bytes.h"
#include "base/escape.h"

/* --reap INSTANCE: reap one instance, from a trap that runs while the desktop is ending. */

/* The wait between two scans while the owner is alive; its end cuts the wait short. */
enum { LOOK_MS = 100 };

static bool is_meant(const struct session *s, const struct instance *inst)
{
	return bytes_is(inst->id, s->options->reap_instance) && inst->uid == s->scope.uid &&
	       (!s->scope.app || strcmp(s->scope.app, inst->app->name) == 0);
}

/* Count the instances that are meant; *ret_owned: those with an owner alive or unknown. */
static size_t count_meant(const struct session *s, const struct census *c, size_t *ret_owned)
{
	size_t nr = 0;

	*ret_owned = 0;
	for (size_t i = 0; i < c->nr_instances; i++) {
		if (!is_meant(s, &c->instances[i]))
			continue;
		nr++;
		*ret_owned += c->instances[i].owner != OWNER_GONE;
	}
	return nr;
}

/* One wait for the end of the owner. */
struct owner_wait {
	struct session *session;
	struct census *census; /* of the last scan */
};

/*
 * What the scan of @c has shown. A process of the instance that ended since @before, the
 * scan before (NULL: none), may have forked a successor that was missed.
 */
static enum settle_state state_of(const struct session *s, const struct census *c,
				  const struct census *before)
{
	size_t owned, nr = count_meant(s, c, &owned), ignored;

	if (!nr && c->snapshot->complete &&
	    (sight_is_inconclusive(&s->scope, c, before) ||
	     (before && count_meant(s, before, &ignored))))
		return SETTLE_INCONCLUSIVE;
	if (s->options->force)
		return SETTLE_DONE;
	return !owned && (nr || c->snapshot->complete) ? SETTLE_DONE : SETTLE_OPEN;
}

static int look(void *ctx, enum settle_state *ret_state)
{
	struct owner_wait *w = ctx;
	struct census *before = w->census;
	int r = session_tick(w->session, TICK_FULL, &w->census, NULL);

	if (r == 0)
		*ret_state = state_of(w->session, w->census, before);
	else
		w->census = NULL;
	census_unref(before);
	return r;
}

static int pause_reap(void *ctx, int64_t timeout_ms)
{
	struct owner_wait *w = ctx;

	return session_wait(w->session, timeout_ms);
}

/*
 * Scan until no owner is left, for at most --settle. Returns 0 and the last census, or
 * the exit status after a message. *ret_state: what that scan has shown.
 */
static int wait_for_owner(struct session *s, struct census **ret_census,
			  enum settle_state *ret_state)
{
	struct owner_wait w = { .session = s };
	struct settle loop = {
		.source = s->source,
		.look = look,
		.wait = pause_reap,
		.ctx = &w,
		.limit_ms = s->options->settle_ms,
		.wait_ms = LOOK_MS,
		.wait_max_ms = LOOK_MS,
		.repeats = SETTLE_REPEATS,
	};
	int r;

	progress_begin(&s->progress, "waiting for the owner to end ...");
	r = settle(&loop);
	progress_end(&s->progress);
	*ret_census = w.census;
	*ret_state = loop.state;
	return r;
}

static void refuse(const struct instance *inst)
{
	_cleanup_strbuf_ struct strbuf id = STRBUF_INIT, pid = STRBUF_INIT;
	_cleanup_strbuf_ struct strbuf doubt = STRBUF_INIT;

	escape_append(&id, inst->id);
	if (inst->owner == OWNER_UNKNOWN) {
		report_doubt(&doubt, inst);
	} else if (inst->desktop) {
		strbuf_addf(&pid, ", pid %d '", (int)inst->desktop->id.pid);
		escape_text(&pid, inst->desktop->comm);
		strbuf_addch(&pid, '\'');
	}
	if (inst->owner == OWNER_ALIVE)
		log_error("'%s' is not reaped: its owner is alive%s (by %s)", id.buf, pid.buf,
			  owner_evidence_name(inst->evidence));
	else
		log_error("'%s' is not reaped: its owner is unknown, %s", id.buf, doubt.buf);
}

static void add_counts(struct strbuf *sb, const struct reap_report *report)
{
	const char *comma = "";

	for (enum outcome o = 0; o < OUTCOME_NR; o++) {
		if (!report->count[o])
			continue;
		if (o == OUTCOME_WOULD)
			strbuf_addf(sb, "%s%zu would be ended", comma, report->count[o]);
		else
			strbuf_addf(sb, "%s%zu %s", comma, report->count[o], outcome_name(o));
		comma = ", ";
	}
}

/* Add a line for a process that is still there, with the reason. */
static void add_left(struct strbuf *sb, const struct reap_result *result)
{
	const char *why = NULL;

	switch (result->outcome) {
	case OUTCOME_KEPT:
		why = verdict_text(result->why);
		break;
	case OUTCOME_REFUSED:
		why = result->error ? strerror(result->error) : "could not be verified";
		break;
	case OUTCOME_SURVIVED:
		why = "signalled, and still there";
		break;
	default:
		return;
	}
	strbuf_addf(sb, "  pid %d '", (int)result->process.pid);
	escape_text(sb, result->name);
	strbuf_addf(sb, "' %s: %s\n", outcome_name(result->outcome), why);
}

/* Is there more to tell than what is kept, and what would be ended? */
static bool is_news(const struct reap_report *report)
{
	return report->count[OUTCOME_EXITED] || report->count[OUTCOME_KILLED] ||
	       report->count[OUTCOME_SURVIVED] || report->count[OUTCOME_REFUSED];
}

/* Print the outcomes. Returns the exit status. */
static int tell(const struct session *s, const struct reap_report *report)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;

	if (s->options->quiet ? is_news(report) : report->nr || s->options->verbose) {
		escape_text(&sb, s->options->reap_instance);
		strbuf_addstr(&sb, ": ");
		if (!report->nr)
			strbuf_addstr(&sb, "nothing to end");
		add_counts(&sb, report);
		strbuf_addch(&sb, '\n');
		for (size_t i = 0; i < report->nr; i++)
			add_left(&sb, &report->results[i]);
		print_tell(s, &sb);
	}
	/* The engine has reported already why it stopped. */
	if (report->stopped || report->count[OUTCOME_SURVIVED] || report->count[OUTCOME_REFUSED])
		return EXIT_LEAKS;
	return EXIT_FINE;
}

/* Reap one instance. @seen: the census to start from; NULL: scan afresh. Returns the status. */
static int reap_one(struct session *s, const struct instance *inst, struct census *seen)
{
	struct reap_report report = { 0 };
	struct reap_request request = {
		.face = FACE_GROUP,
		.force = s->options->force,
		.app = inst->app->name,
		.instance = inst->id,
		.uid = inst->uid,
		.term_timeout_ms = -1,
		.seen = seen,
	};
	int r;

	progress_begin(&s->progress, "waiting for processes to end ...");
	r = engine_reap(s->sweep, &request, &report);
	progress_end(&s->progress);

	if (r < 0) {
		log_error("cannot reap: %s",
			  r == -EAGAIN ? "the scan was incomplete, nothing was signalled"
				       : strerror(-r));
		return EXIT_UNKNOWN;
	}
	r = tell(s, &report);
	reap_report_release(&report);
	return r;
}

/* Report that no such instance was found. Returns the exit status. */
static int reap_none(struct session *s, const struct census *census, bool inconclusive)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;

	if (!census->snapshot->complete || inconclusive) {
		log_error("cannot tell: %s%s", inconclusive ? "" : "the scan was incomplete: ",
			  inconclusive ? "some ended before they could be read"
				       : census->snapshot->trouble);
		return EXIT_UNKNOWN;
	}
	engine_clear_receipts(s->sweep, s->scope.app, bytes_of(s->options->reap_instance),
			      s->scope.uid);
	strbuf_addstr(&sb, "no process of instance '");
	escape_text(&sb, s->options->reap_instance);
	strbuf_addstr(&sb, "'\n");
	if (s->options->verbose)
		print_tell(s, &sb);
	return EXIT_FINE;
}

static int reap_all(struct session *s, struct census *census, bool inconclusive)
{
	struct census *seen = census;
	int status = EXIT_FINE;
	size_t owned;

	if (!count_meant(s, census, &owned))
		return reap_none(s, census, inconclusive);
	for (size_t i = 0; i < census->nr_instances; i++) {
		const struct instance *inst = &census->instances[i];
		int r;

		if (!is_meant(s, inst))
			continue;
		if (inst->owner == OWNER_GONE || s->options->force) {
			r = reap_one(s, inst, seen);
			seen = NULL;
		} else {
			refuse(inst);
			r = inst->doubt == DOUBT_INCOMPLETE ? EXIT_UNKNOWN : EXIT_LEAKS;
		}
		/* EXIT_LEAKS outweighs EXIT_UNKNOWN. */
		if (status != EXIT_LEAKS && r)
			status = r;
	}
	return status;
}

int mode_reap(struct session *s)
{
	struct census *census = NULL;
	enum settle_state state;
	int r;

	s->engine.reap = true;
	r = session_open(s, SESSION_REAP | SESSION_SAVE);
	if (r == 0)
		r = wait_for_owner(s, &census, &state);
	if (r == 0)
		r = reap_all(s, census, state == SETTLE_INCONCLUSIVE);
	census_unref(census);
	return r;
}
