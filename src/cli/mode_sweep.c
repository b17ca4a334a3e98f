/* SPDX-License-Identifier: MIT */
#include "base/fileio.h"
#include "cli/mode.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cli/log.h"
#include "cli/output.h"
#include "cli/print.h"
#include "base/escape.h"
#include "report/metrics.h"
#include "service/journal.h"
#include "service/notify.h"
#include "service/service.h"

/* --sweep: the engine without a face, for a service manager, a timer or a boot script. */
struct sweeper {
	struct session *s;
	const struct report_format *format;
	struct report_options out, err; /* for stdout and stderr */
	struct metrics metrics;
	bool sighted;	   /* the environment of another process could be read */
	bool told;	   /* a tick's line was printed */
	bool deaf;	   /* writing to stdout failed, and that was reported */
	bool stopping;	   /* the loop has ended: give up what stdout does not take at once */
	bool in_place;	   /* the metrics file is written in place, and that was reported */
	bool metrics_fail; /* the metrics file could not be written, and that was reported */
};

/* Write a line. That the reader has gone must not end the sweep; it is reported once. */
static void write_line(struct sweeper *eng, int fd, const struct strbuf *sb)
{
	/* While stopping, the signal has been read already: stop_fd would not report it. */
	int stop_fd = eng->stopping ? OUTPUT_NOW : eng->s->engine.stop_fd;
	int r = output_write_until(fd, stop_fd, sb->buf, sb->len);

	if (r < 0 && fd == STDOUT_FILENO && !eng->deaf) {
		eng->deaf = true;
		log_warning("cannot write to stdout: %s, ignoring", strerror(-r));
	}
}

/* Does --quiet let the event through: an end, a survivor, something that went wrong? */
static bool is_news(const struct event *event)
{
	const struct tick_summary *t = event->summary;

	if (event->kind == EVENT_TICK && t)
		return t->exited || t->killed || t->survived || t->refused || t->unfinished ||
		       !t->complete;
	if (event->kind == EVENT_REAPED)
		return event->outcome == OUTCOME_EXITED || event->outcome == OUTCOME_KILLED;
	return event->kind == EVENT_SURVIVED || event->kind == EVENT_WARNING;
}

static void on_event(void *ctx, const struct event *event)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;
	struct sweeper *eng = ctx;
	bool text = eng->format == &report_text;
	/* A person wants to read of ticks that did something, and of the first one. */
	bool idle = event->kind == EVENT_TICK && event->summary && !event->summary->condemned;
	bool quiet = text && idle && eng->told && !eng->s->options->verbose;
	int fd = text && event->kind == EVENT_WARNING ? STDERR_FILENO : STDOUT_FILENO;
	bool shown;

	metrics_event(&eng->metrics, event);
	eng->stopping |= event->kind == EVENT_STOP;
	eng->told = eng->told || event->kind == EVENT_TICK;
	if (quiet || (eng->s->options->quiet && !is_news(event)))
		return;
	shown = progress_end(&eng->s->progress);
	if (eng->format->event(&sb, event, fd == STDERR_FILENO ? &eng->err : &eng->out) == 0) {
		/* With fields to search by, where the line would go to the journal anyway. */
		bool journal = text && fd == STDOUT_FILENO && eng->out.priority;

		if (!journal || !journal_send(event, sb.buf))
			write_line(eng, fd, &sb);
	}
	/* Before a tick ends there may be a wait for SIGTERM to take effect. */
	if (shown && event->kind != EVENT_TICK)
		progress_begin(&eng->s->progress, "waiting for processes to end ...");
}

/* The service manager hears during a long reaping, too, that the sweep goes on. */
static void on_alive(void *ctx)
{
	(void)ctx;
	notify_watchdog();
}

/* The name of the metrics file: `%u` is the uid that is swept, "all" for all, `%%` a `%`. */
static void add_metrics_name(struct strbuf *sb, const struct session *s)
{
	for (const char *at = s->options->metrics; *at; at++) {
		if (at[0] != '%' || (at[1] != 'u' && at[1] != '%')) {
			strbuf_addch(sb, *at);
			continue;
		}
		at++;
		if (*at == '%')
			strbuf_addch(sb, '%');
		else if (s->scope.all_users)
			strbuf_addstr(sb, "all");
		else
			strbuf_addf(sb, "%u", (unsigned)s->scope.uid);
	}
}

static void write_metrics(struct sweeper *eng, const struct census *census)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT, name = STRBUF_INIT, file = STRBUF_INIT;
	bool in_place = false;
	int r;

	if (!eng->s->options->metrics)
		return;
	add_metrics_name(&file, eng->s);
	r = metrics_write(&sb, &eng->metrics, census, &eng->out);
	if (r == 0)
		r = file.failed ? -ENOMEM : output_write_file(file.buf, sb.buf, sb.len, &in_place);
	if (in_place && !eng->in_place) {
		escape_text(&name, file.buf);
		log_warning("'%s' is written in place: nothing can take its place", name.buf);
		strbuf_reset(&name);
	}
	eng->in_place |= in_place;
	if (r < 0 && !eng->metrics_fail) {
		escape_text(&name, file.buf);
		log_warning("cannot write '%s': %s, ignoring", name.buf, strerror(-r));
	}
	eng->metrics_fail = r < 0;
}

/*
 * In a unit that is confined to namespaces of its own every environment is
 * refused: no agent would ever be seen, and that must not look like a clean
 * system.
 */
static int check_sight(struct sweeper *eng, const struct census *census)
{
	struct sight sight;

	if (eng->sighted || !census->snapshot->full || !census->snapshot->complete)
		return 0;
	sight = sight_of(&eng->s->scope, census);
	eng->sighted = sight.readable > 0;
	return session_check_sight(&sight);
}

static int on_tick(void *ctx, const struct census *census)
{
	struct sweeper *eng = ctx;

	progress_end(&eng->s->progress);
	write_metrics(eng, census);
	return check_sight(eng, census);
}

static int64_t on_reload(void *ctx)
{
	_cleanup_strbuf_ struct strbuf why = STRBUF_INIT, file = STRBUF_INIT;
	struct sweeper *eng = ctx;
	int r = session_reload(eng->s, &why);

	if (r < 0) {
		struct event event = {
			.kind = EVENT_WARNING,
			.warning = WARNING_CONFIG,
			.realtime_ms = clock_ms(CLOCK_REALTIME),
			.orphan_age_ms = -1,
		};

		strbuf_addstr(&why, "; the old configuration stays in force");
		event.text = why.buf;
		on_event(eng, &event);
		return r;
	}
	escape_text(&file, eng->s->config->file ? eng->s->config->file : "");
	if (file.len)
		log_info("read the configuration again from '%s'", file.buf);
	else
		log_info(
			"read the configuration again: there is no file, so it is the built-in one");
	return eng->s->config->settings.interval_ms;
}

static int sweep_once(struct sweeper *eng)
{
	struct tick_summary summary = { 0 };
	struct census *census = NULL;
	int r = session_tick(eng->s, TICK_COUNT | TICK_REAP | TICK_FULL, &census, &summary);

	if (r)
		return r;
	r = on_tick(eng, census);
	census_unref(census);
	if (summary.survived || summary.refused || summary.unfinished)
		return EXIT_LEAKS;
	return r ? r : summary.complete ? EXIT_FINE : EXIT_UNKNOWN;
}

static int sweep_on(struct sweeper *eng)
{
	struct service_options o = {
		.sweep = eng->s->sweep,
		.interval_ms = eng->s->config->settings.interval_ms,
		.ticked = on_tick,
		.reload = on_reload,
		.notify = on_event,
		.ctx = eng,
	};
	int r;

	/* The first scan reads everything; ticks after it are nothing to wait for. */
	progress_begin(&eng->s->progress, "scanning processes ...");
	r = service_run(&o);
	progress_end(&eng->s->progress);

	return r < 0 ? session_failed(r) : r;
}

int mode_sweep(struct session *s)
{
	struct sweeper eng = {
		.s = s,
		.format = s->options->format ? &report_json : &report_text,
		.out = print_options(s, STDOUT_FILENO),
	};
	unsigned flags = SESSION_SAVE | SESSION_LOCK | SESSION_SERVICE;
	int r;

	eng.err = eng.out;
	eng.err.priority = log_is_journal(STDERR_FILENO);
	eng.err.colour = false;
	s->engine.notify = on_event;
	s->engine.alive = on_alive;
	s->engine.ctx = &eng;
	r = session_open(s, s->options->dry_run ? flags : flags | SESSION_REAP);
	if (r == 0)
		r = s->options->once ? sweep_once(&eng) : sweep_on(&eng);
	/* The engine tells its last events while it is closed. */
	if (s->sweep)
		engine_free(s->sweep);
	s->sweep = NULL;
	metrics_release(&eng.metrics);
	return r;
}
