/* SPDX-License-Identifier: MIT */
#include "cli/mode.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/parse.h"
#include "cli/log.h"
#include "cli/past.h"
#include "cli/print.h"
#include "report/history.h"

/* --history: what stray has ended, when, by which face and on what evidence. */
struct printing {
	const struct session *s;
	struct strbuf instance; /* the glob as the history has its bytes, escaped */
	struct report_options out;
	struct strbuf sb;
	int64_t since_ms;
};

/* A day or a moment, local unless it ends in Z: "2026-11-30", "2026-11-30T12:00", "… 12:00:05Z". */
static int parse_moment(const char *text, int64_t *ret_ms)
{
	static const char *const forms[] = { "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S",
					     "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d" };

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct tm tm = { .tm_isdst = -1 };
		const char *end = strptime(text, forms[i], &tm);
		time_t seconds;

		if (!end || (*end && strcmp(end, "Z") != 0))
			continue;
		seconds = *end ? timegm(&tm) : mktime(&tm);
		*ret_ms = (int64_t)seconds * 1000;
		return 0;
	}
	return -EINVAL;
}

/* "2h" is two hours before now. */
static int parse_since(const char *text, int64_t *ret_ms)
{
	int64_t ago_ms;

	if (parse_duration(text, &ago_ms) < 0)
		return parse_moment(text, ret_ms);
	*ret_ms = clock_ms(CLOCK_REALTIME) - ago_ms;
	return 0;
}

/* Instances are written down escaped: the glob may be as those are, or of the very bytes. */
static bool is_of_instance(const struct printing *p, const char *instance)
{
	const char *glob = p->s->options->instance;

	return !glob || fnmatch(glob, instance, 0) == 0 ||
	       fnmatch(p->instance.buf, instance, FNM_NOESCAPE) == 0;
}

static bool is_asked_for(const struct printing *p, const struct history_entry *e)
{
	const struct options *o = p->s->options;

	return e->realtime_ms >= p->since_ms && (!o->app || strcmp(o->app, e->app) == 0) &&
	       is_of_instance(p, e->instance.data);
}

static int on_entry(void *ctx, const struct history_entry *e, struct bytes line)
{
	struct printing *p = ctx;

	(void)line;
	if (!is_asked_for(p, e))
		return 0;
	return p->s->options->format ? history_json(&p->sb, e) : history_text(&p->sb, e, &p->out);
}

int mode_history(struct session *s)
{
	_cleanup_free_ char *dir = past_dir(s);
	_cleanup_strbuf_ struct strbuf shown = STRBUF_INIT;
	struct printing p = { .s = s,
			      .out = print_options(s, STDOUT_FILENO),
			      .instance = STRBUF_INIT,
			      .sb = STRBUF_INIT };
	size_t odd = 0;
	int r;

	if (s->options->since && parse_since(s->options->since, &p.since_ms) < 0) {
		escape_text(&shown, s->options->since);
		log_error("--since wants a length of time or a date, not '%s'", shown.buf);
		return EXIT_USAGE;
	}
	if (!dir) {
		log_error("cannot tell where the history is: there is no home");
		return EXIT_UNKNOWN;
	}
	escape_text(&p.instance, s->options->instance);
	escape_text(&shown, dir);
	r = history_read(dir, on_entry, &p, &odd);
	if (odd)
		log_warning("%zu lines of the history in '%s' are not understood, ignoring", odd,
			    shown.buf);
	if (r == -ENOMEM)
		r = session_failed(r);
	else if (r < 0)
		log_error("cannot read the history in '%s': %s", shown.buf, strerror(-r));
	if (r < 0)
		r = EXIT_UNKNOWN;
	else if (r == 0)
		r = print_all(&p.sb);
	strbuf_release(&p.instance);
	strbuf_release(&p.sb);
	return r;
}
