/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/escape.h"
#include "report/format.h"
#include "report/metrics.h"

/*
 * Prometheus text, version 0.0.4, for the textfile collector. Labels are the
 * app and a few fixed words; instances only if asked for, since they are
 * unbounded. What is not known has no series: a 0 would be a claim.
 */

/* A label's value: escaped, then quoted. */
static void add_label(struct strbuf *sb, const char *name, struct bytes value, bool last)
{
	_cleanup_strbuf_ struct strbuf plain = STRBUF_INIT;

	strbuf_addf(sb, "%s=\"", name);
	escape_append(&plain, value);
	for (size_t i = 0; i < plain.len; i++) {
		if (plain.buf[i] == '\\' || plain.buf[i] == '"')
			strbuf_addch(sb, '\\');
		strbuf_addch(sb, plain.buf[i]);
	}
	strbuf_addstr(sb, last ? "\"} " : "\",");
	sb->failed |= plain.failed;
}

static void add_text_label(struct strbuf *sb, const char *name, const char *value, bool last)
{
	add_label(sb, name, (struct bytes){ value, strlen(value) }, last);
}

static void add_head(struct strbuf *sb, const char *name, const char *type, const char *help)
{
	strbuf_addf(sb, "# HELP stray_%s %s\n# TYPE stray_%s %s\n", name, help, name, type);
}

static void add_plain(struct strbuf *sb, const char *name, const char *type, const char *help,
		      uint64_t value)
{
	add_head(sb, name, type, help);
	strbuf_addf(sb, "stray_%s %" PRIu64 "\n", name, value);
}

static void add_us(struct strbuf *sb, const char *name, const char *help, int64_t us)
{
	if (us < 0)
		return;
	add_head(sb, name, "gauge", help);
	strbuf_addf(sb, "stray_%s %" PRId64 ".%06" PRId64 "\n", name, us / 1000000, us % 1000000);
}

/* --- what is there, by app ------------------------------------------------------ */

struct app_sums {
	uint64_t owners[OWNER_GONE + 1];
	uint64_t agents, workers, orphans, detached, unknown, rss_bytes;
};

/* By name, not by pointer: two policies may stand behind one run. */
static struct app_sums sum_app(const struct census *c, const char *app)
{
	struct app_sums sums = { 0 };

	for (size_t i = 0; i < c->nr_instances; i++) {
		const struct instance *inst = &c->instances[i];

		if (strcmp(inst->app->name, app) != 0)
			continue;
		sums.owners[inst->owner]++;
		sums.agents += inst->agents;
		sums.workers += inst->workers;
		sums.orphans += inst->orphans;
		sums.detached += inst->detached;
		sums.unknown += inst->unknown;
		sums.rss_bytes += inst->rss_kib * 1024;
	}
	return sums;
}

static const struct gauge {
	const char *name, *help;
	size_t offset; /* of a uint64_t in struct app_sums */
} gauges[] = {
	{ "agents", "Agents by app.", offsetof(struct app_sums, agents) },
	{ "workers", "Managed processes below agents by app.", offsetof(struct app_sums, workers) },
	{ "orphans", "Managed processes without an owner by app.",
	  offsetof(struct app_sums, orphans) },
	{ "detached", "Managed processes that left their live owner by app.",
	  offsetof(struct app_sums, detached) },
	{ "unknown", "Managed processes that nothing can be said of by app.",
	  offsetof(struct app_sums, unknown) },
	{ "resident_memory_bytes",
	  "Sum of the resident memory of managed processes; shared pages count repeatedly.",
	  offsetof(struct app_sums, rss_bytes) },
};

static void add_gauges(struct strbuf *sb, const struct census *c)
{
	const struct policy *p = c->policy;

	for (size_t i = 0; i < ARRAY_SIZE(gauges); i++) {
		add_head(sb, gauges[i].name, "gauge", gauges[i].help);
		for (size_t a = 0; a < p->nr_apps; a++) {
			struct app_sums sums = sum_app(c, p->apps[a].name);
			uint64_t value;

			memcpy(&value, (const char *)&sums + gauges[i].offset, sizeof(value));
			strbuf_addf(sb, "stray_%s{", gauges[i].name);
			add_text_label(sb, "app", p->apps[a].name, true);
			strbuf_addf(sb, "%" PRIu64 "\n", value);
		}
	}
	add_head(sb, "instances", "gauge", "Instances by app and state of their owner.");
	for (size_t a = 0; a < p->nr_apps; a++) {
		struct app_sums sums = sum_app(c, p->apps[a].name);

		for (enum owner_state state = 0; state <= OWNER_GONE; state++) {
			strbuf_addstr(sb, "stray_instances{");
			add_text_label(sb, "app", p->apps[a].name, false);
			add_text_label(sb, "owner", owner_state_name(state), true);
			strbuf_addf(sb, "%" PRIu64 "\n", sums.owners[state]);
		}
	}
}

/* --- per instance --------------------------------------------------------------- */

static void add_instance(struct strbuf *sb, const char *name, const struct instance *inst)
{
	strbuf_addf(sb, "stray_instance_%s{", name);
	add_text_label(sb, "app", inst->app->name, false);
	strbuf_addf(sb, "uid=\"%u\",", (unsigned)inst->uid);
	add_label(sb, "instance", inst->id, true);
}

static void add_instances(struct strbuf *sb, const struct census *c)
{
	char buf[FORMAT_SIZE];
	bool exact;

	add_head(sb, "instance_agents", "gauge", "Agents of an instance.");
	for (size_t i = 0; i < c->nr_instances; i++) {
		add_instance(sb, "agents", &c->instances[i]);
		strbuf_addf(sb, "%zu\n", c->instances[i].agents);
	}
	add_head(sb, "instance_orphans", "gauge", "Processes of an instance without an owner.");
	for (size_t i = 0; i < c->nr_instances; i++) {
		add_instance(sb, "orphans", &c->instances[i]);
		strbuf_addf(sb, "%zu\n", c->instances[i].orphans);
	}
	add_head(sb, "instance_resident_memory_bytes", "gauge", "Resident memory of an instance.");
	for (size_t i = 0; i < c->nr_instances; i++) {
		add_instance(sb, "resident_memory_bytes", &c->instances[i]);
		strbuf_addf(sb, "%" PRIu64 "\n", c->instances[i].rss_kib * 1024);
	}
	add_head(sb, "instance_owner_alive", "gauge", "1: alive, 0: gone; no series: unknown.");
	for (size_t i = 0; i < c->nr_instances; i++) {
		if (c->instances[i].owner == OWNER_UNKNOWN)
			continue;
		add_instance(sb, "owner_alive", &c->instances[i]);
		strbuf_addf(sb, "%d\n", c->instances[i].owner == OWNER_ALIVE);
	}
	add_head(sb, "instance_orphan_age_seconds", "gauge",
		 "For how long it has been without an owner, at least.");
	for (size_t i = 0; i < c->nr_instances; i++) {
		int64_t age = report_orphan_age_ms(c, &c->instances[i], &exact);

		if (age < 0)
			continue;
		add_instance(sb, "orphan_age_seconds", &c->instances[i]);
		strbuf_addf(sb, "%s\n", format_seconds(buf, sizeof(buf), age));
	}
}

/* --- totals ---------------------------------------------------------------------- */

static const struct total {
	const char *name, *help;
	struct {
		const char *word; /* label `outcome`; NULL: no such label */
		enum outcome outcome;
	} series[3];
	size_t nr;
} totals[] = {
	{ "reaped_total",
	  "Processes that were ended, verified, by app and outcome.",
	  { { "exited", OUTCOME_EXITED }, { "killed", OUTCOME_KILLED }, { "gone", OUTCOME_GONE } },
	  3 },
	{ "survived_total",
	  "Processes that were signalled and still live by app.",
	  { { NULL, OUTCOME_SURVIVED } },
	  1 },
	{ "refused_total",
	  "Processes that could not be signalled or verified by app.",
	  { { NULL, OUTCOME_REFUSED } },
	  1 },
};

static void add_series(struct strbuf *sb, const struct total *total, const char *app,
		       const uint64_t *outcomes)
{
	for (size_t i = 0; i < total->nr; i++) {
		const char *word = total->series[i].word;

		strbuf_addf(sb, "stray_%s{", total->name);
		add_text_label(sb, "app", app, !word);
		if (word)
			add_text_label(sb, "outcome", word, true);
		strbuf_addf(sb, "%" PRIu64 "\n", outcomes[total->series[i].outcome]);
	}
}

static bool has_totals(const struct metrics *m, const char *app)
{
	for (size_t i = 0; i < m->nr; i++)
		if (strcmp(m->apps[i].name, app) == 0)
			return true;
	return false;
}

static void add_totals(struct strbuf *sb, const struct metrics *m, const struct census *c)
{
	static const uint64_t none[OUTCOME_NR];

	for (size_t t = 0; t < ARRAY_SIZE(totals); t++) {
		add_head(sb, totals[t].name, "counter", totals[t].help);
		for (size_t i = 0; i < m->nr; i++)
			add_series(sb, &totals[t], m->apps[i].name, m->apps[i].outcomes);
		/* From 0 on, so that the first increase is seen as one. */
		for (size_t a = 0; c && a < c->policy->nr_apps; a++)
			if (!has_totals(m, c->policy->apps[a].name))
				add_series(sb, &totals[t], c->policy->apps[a].name, none);
	}
	add_plain(sb, "orphaned_total", "counter", "Processes that were seen to become orphans.",
		  m->orphaned);
	add_plain(sb, "warnings_total", "counter", "Warnings.", m->warnings);
	add_plain(sb, "ticks_total", "counter", "Ticks, those that only looked too.", m->ticks);
	add_plain(sb, "counted_ticks_total", "counter", "Ticks that advanced the counts.",
		  m->counted_ticks);
	add_plain(sb, "incomplete_scans_total", "counter", "Scans that could not see everything.",
		  m->incomplete_scans);
}

static void add_last_tick(struct strbuf *sb, const struct metrics *m)
{
	char buf[FORMAT_SIZE];

	add_us(sb, "tick_duration_seconds", "Duration of the last tick.", m->last.took_us);
	add_us(sb, "scan_duration_seconds", "Duration of the last tick's scan.", m->last.scan_us);
	add_head(sb, "last_tick_timestamp_seconds", "gauge", "When the last tick was, Unix time.");
	strbuf_addf(sb, "stray_last_tick_timestamp_seconds %s\n",
		    format_seconds(buf, sizeof(buf), m->last_realtime_ms));
}

static void add_scan(struct strbuf *sb, size_t scanned, size_t unreadable, bool complete)
{
	add_plain(sb, "scanned_processes", "gauge", "Processes that the last scan saw.", scanned);
	add_plain(sb, "unreadable_processes", "gauge",
		  "Processes with an environment that could not be read.", unreadable);
	add_plain(sb, "scan_complete", "gauge", "1: the last scan saw everything.", complete);
}

static void write_all_series(struct strbuf *sb, const struct metrics *m,
			     const struct census *census, const struct report_options *o)
{
	add_head(sb, "build_info", "gauge", "The version, as a label.");
	strbuf_addstr(sb, "stray_build_info{");
	add_text_label(sb, "version", STRAY_VERSION, true);
	strbuf_addstr(sb, "1\n");
	if (census)
		add_gauges(sb, census);
	if (census && o->per_instance)
		add_instances(sb, census);
	add_totals(sb, m, census);
	if (m->ticked)
		add_last_tick(sb, m);
	if (census)
		add_scan(sb, census->snapshot->scanned, census->snapshot->unreadable,
			 census->snapshot->complete);
	else if (m->ticked)
		add_scan(sb, m->last.scanned, m->last.unreadable, m->last.complete);
}

/* Those of an instance have its own user as a label. */
static bool has_user(const char *line, size_t len)
{
	static const char prefix[] = "stray_instance_";

	return len >= sizeof(prefix) - 1 && memcmp(line, prefix, sizeof(prefix) - 1) == 0;
}

/*
 * Append the line with the label `uid`, which tells the sweeps of several users on one
 * host apart. The value is a number, so the last brace ends the labels.
 */
static void add_with_user(struct strbuf *sb, const char *line, size_t len, const char *user)
{
	const char *brace = memrchr(line, '}', len), *blank = memrchr(line, ' ', len);
	const char *at = brace ?: blank;

	if (line[0] == '#' || has_user(line, len) || !at) {
		strbuf_add(sb, line, len);
		return;
	}
	strbuf_add(sb, line, (size_t)(at - line));
	strbuf_addf(sb, brace ? ",uid=\"%s\"" : "{uid=\"%s\"}", user);
	strbuf_add(sb, at, len - (size_t)(at - line));
}

int metrics_write(struct strbuf *sb, const struct metrics *m, const struct census *census,
		  const struct report_options *o)
{
	_cleanup_strbuf_ struct strbuf all = STRBUF_INIT;
	char user[FORMAT_SIZE] = "all";

	if (!o->scope) {
		write_all_series(sb, m, census, o);
		return sb->failed ? -ENOMEM : 0;
	}
	if (!o->scope->all_users)
		snprintf(user, sizeof(user), "%u", (unsigned)o->scope->uid);
	write_all_series(&all, m, census, o);
	for (size_t at = 0, len; at < all.len && !all.failed; at += len) {
		len = strcspn(all.buf + at, "\n") + 1;
		add_with_user(sb, all.buf + at, len, user);
	}
	return sb->failed || all.failed ? -ENOMEM : 0;
}
