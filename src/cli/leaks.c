/* SPDX-License-Identifier: MIT */
#include "cli/leaks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "cli/log.h"
#include "cli/mode.h"
#include "cli/output.h"
#include "cli/print.h"
#include "core/sight.h"
#include "linux/openfiles.h"
#include "base/escape.h"
#include "stray/verdict.h"

int leaks_scan(struct session *s, const struct leak_query *query, struct leak_report *report,
	       bool *ret_missed)
{
	size_t left_before = report->count[LEAK_LEFT];
	struct census *census, *before;
	int r = session_tick(s, TICK_FULL, &census, NULL);

	if (r != 0)
		return r;
	before = report->census ? census_ref(report->census) : NULL;
	r = leaks_collect(query, census, report);
	*ret_missed = left_before || sight_is_inconclusive(query->scope, census, before);
	census_unref(before);
	census_unref(census);
	return r < 0 ? session_failed(r) : 0;
}

/* --- what they hold -------------------------------------------------------- */

static int look_up_ports(struct leak_report *report, struct source *source)
{
	_cleanup_free_ struct probe *probes = calloc(report->nr, sizeof(*probes));
	int r;

	if (!probes)
		return -ENOMEM;
	for (size_t i = 0; i < report->nr; i++)
		probes[i].pid = report->rows[i].member->proc->id.pid;
	r = source->ops->probe(source, probes, report->nr);
	for (size_t i = 0; i < report->nr; i++) {
		if (r == 0 && !probes[i].failed)
			r = leak_set_ports(&report->rows[i], probes[i].ports, probes[i].nr_ports);
		free(probes[i].ports);
	}
	return r == -ENOMEM ? r : 0;
}

static int look_up_files(struct leak *row, const char *dir)
{
	struct strings paths = { 0 };
	int r = openfiles_below(row->member->proc->id.pid, dir, &paths);

	row->files_known = r == 0;
	for (size_t i = 0; (r == 0 || r == -EACCES) && i < paths.nr; i++)
		if (leak_add_file(row, paths.items[i]) < 0)
			r = -ENOMEM;
	strings_release(&paths);
	return r == -ENOMEM ? r : 0;
}

static void look_up_lineage(struct leak *row, const struct lineage *lineage)
{
	const struct relative *at = lineage_parent(lineage, &row->member->proc->id);

	if (at)
		row->nr_ancestors = 0; /* the lineage also has parents that ended */
	for (; at && row->nr_ancestors < LEAK_ANCESTORS_MAX; at = lineage_parent(lineage, &at->id))
		leak_add_ancestor(row, &at->id, at->name);
}

int leaks_look_up(struct leak_report *report, struct source *source, const struct lineage *lineage)
{
	_cleanup_free_ char *dir = getcwd(NULL, 0);
	int r = report->nr ? look_up_ports(report, source) : 0;

	for (size_t i = 0; lineage && i < report->nr; i++)
		look_up_lineage(&report->rows[i], lineage);

	/* In the root folder every open file would count: that is no working tree. */
	for (size_t i = 0; r == 0 && dir && dir[1] && i < report->nr; i++)
		r = look_up_files(&report->rows[i], dir);
	return r;
}

/* --- the report ------------------------------------------------------------ */

/* Write to --output FILE. Returns 0, or -errno after a message. */
static int write_file(const struct session *s, const char *path, const struct strbuf *text)
{
	_cleanup_strbuf_ struct strbuf name = STRBUF_INIT;
	bool in_place = false;
	int r = output_write_file(path, text->buf, text->len, &in_place);

	escape_text(&name, path);
	if (in_place && !s->options->quiet)
		log_warning("'%s' is written in place: nothing can take its place", name.buf);
	if (r < 0)
		log_error("cannot write '%s': %s, so the report follows here", name.buf,
			  strerror(-r));
	return r;
}

/* Write one line of summary to stderr, for the log of a CI job. */
static void write_summary(const struct session *s, const struct leak_report *report)
{
	_cleanup_strbuf_ struct strbuf line = STRBUF_INIT;
	struct report_options how = print_options(s, -1);

	if (s->options->quiet && leak_report_status(report) == 0)
		return;
	how.colour = false;
	if (report_leaks_summary(&line, report, &how) == 0)
		log_info("%s", line.buf);
}

int leaks_write(const struct session *s, const struct leak_report *report)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	const struct report_format *format = report_find(s->options->format ?: "text");
	const char *path = s->options->output;
	int r, fd = path || report->command ? STDERR_FILENO : STDOUT_FILENO, file = 0;
	struct report_options how = print_options(s, path ? -1 : fd);

	how.colour = how.colour && !path;
	r = format->leaks(&text, report, &how);
	if (r == 0 && text.failed)
		r = -ENOMEM;
	if (r == 0 && path) {
		file = write_file(s, path, &text);
		if (file == 0) {
			write_summary(s, report);
			return 0;
		}
	}
	if (r == 0)
		r = output_write_until(fd, s->engine.stop_fd, text.buf, text.len);
	if (r < 0)
		log_error("cannot write to %s: %s", fd == STDERR_FILENO ? "stderr" : "stdout",
			  strerror(-r));
	return r < 0 || file < 0 ? EXIT_UNKNOWN : 0;
}

/* --- their end ------------------------------------------------------------- */

/* Why the process is still there; NULL: it is not, or was not to be ended. */
static const char *why_still_there(const struct reap_result *result)
{
	if (result->outcome == OUTCOME_KEPT)
		return verdict_text(result->why);
	if (result->outcome == OUTCOME_REFUSED)
		return result->error ? strerror(result->error) : "could not be verified";
	return result->outcome == OUTCOME_SURVIVED ? "signalled, and still there" : NULL;
}

static void tell_survivors(const struct reap_report *done)
{
	for (size_t i = 0; i < done->nr; i++) {
		const char *why = why_still_there(&done->results[i]);
		_cleanup_strbuf_ struct strbuf name = STRBUF_INIT;

		if (!why)
			continue;
		escape_text(&name, done->results[i].name);
		log_warning("pid %d '%s' is still there: %s", (int)done->results[i].process.pid,
			    name.buf, why);
	}
}

static int end_instance(struct session *s, const struct reap_request *request,
			struct leaks_ended *ended)
{
	struct reap_report done = { 0 };
	size_t gone;
	int r;

	progress_begin(&s->progress, "waiting for processes to end ...");
	r = engine_reap(s->sweep, request, &done);
	progress_end(&s->progress);

	if (r < 0) {
		log_error("cannot end the leaks: %s", strerror(-r));
		return EXIT_UNKNOWN;
	}
	gone = done.count[OUTCOME_EXITED] + done.count[OUTCOME_KILLED];
	ended->ended += gone;
	ended->survived += done.count[OUTCOME_SURVIVED] + done.count[OUTCOME_REFUSED] +
			   done.count[OUTCOME_KEPT];
	ended->stopped |= session_stopped(s);
	ended->unfinished |= done.stopped && !done.spared;
	/* After a signal, or if some ended, command_end() may try again. */
	if (request->only && !ended->stopped && (!gone || !request->force))
		tell_survivors(&done);
	reap_report_release(&done);
	return 0;
}

int leaks_end(struct session *s, const struct leak_query *q, const struct leak_report *report,
	      enum leaks_which which, int64_t term_timeout_ms, struct leaks_ended *ret_ended)
{
	_cleanup_free_ struct identity *only = calloc(report->nr + 1, sizeof(*only));
	_cleanup_free_ struct identity *spared = calloc(report->nr + 1, sizeof(*spared));
	struct leaks_ended ended = { 0 };
	size_t nr_spared;

	if (!only || !spared)
		return session_failed(-ENOMEM);
	nr_spared = leaks_spared(report, spared);
	for (size_t i = 0; i < report->census->nr_instances; i++) {
		const struct instance *inst = &report->census->instances[i];
		struct reap_request request = {
			.face = FACE_GROUP,
			/* Stray owns what the command left, and so the owner is alive. */
			.force = q->wrapper != 0,
			.foreground = q->wrapper != 0,
			.app = inst->app->name,
			.instance = inst->id,
			.uid = inst->uid,
			.nr_only = leaks_pick(report, i, only),
			.spared = spared,
			.nr_spared = nr_spared,
			.term_timeout_ms = term_timeout_ms,
		};
		int r;

		if (!request.nr_only)
			continue;
		request.term_only = which == LEAKS_TERM;
		if (which == LEAKS_LISTED)
			request.only = only;
		else
			request.nr_only = 0;
		r = end_instance(s, &request, &ended);
		if (r != 0)
			return r;
	}
	*ret_ended = ended;
	return 0;
}

size_t leaks_end_group(struct session *s, const struct leak_query *q)
{
	const struct reap_request request = {
		.face = FACE_GROUP,
		.force = true,
		.foreground = true,
		.app = "stray",
		.instance = q->wrapper_id,
	};
	struct reap_report done;
	size_t ended;

	engine_end_group(s->sweep, &request, &done);
	ended = done.count[OUTCOME_KILLED];
	reap_report_release(&done);
	return ended;
}
