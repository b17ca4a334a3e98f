/* SPDX-License-Identifier: MIT */
#include "stray/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "engine/dryrun.h"
#include "engine/engine.h"
#include "engine/tick.h"

const struct engine_settings engine_defaults = {
	.interval_ms = 60 * 1000,
	.grace = 2,
	.term_timeout_ms = 5 * 1000,
	.spare_listeners_ms = 60 * 60 * 1000,
	.reap_detached = false,
	.max_kill = 0,
	.history = true,
};

/* --- beginning and end --------------------------------------------------------- */

static char *name_scope(const struct scope *scope)
{
	struct strbuf sb = STRBUF_INIT;

	if (scope->all_users)
		strbuf_addstr(&sb, "all-users");
	else
		strbuf_addf(&sb, "uid=%lu", (unsigned long)scope->uid);
	if (scope->app)
		strbuf_addf(&sb, " app=%s", scope->app);
	if (scope->instance_glob)
		strbuf_addf(&sb, " instance=%s", scope->instance_glob);
	return strbuf_detach(&sb);
}

int engine_new(const struct engine_options *options, struct source *src, struct reaper *reaper,
	       struct engine **ret_engine)
{
	struct engine *eng = calloc(1, sizeof(*eng));
	int r = 0;

	if (!eng)
		return -ENOMEM;
	eng->options = *options;
	policy_ref(eng->options.policy);
	eng->source = src;
	eng->reaper = reaper;
	eng->looked_ms = -1;
	eng->blind_ms = -1;
	eng->scope_key = name_scope(&options->scope);
	if (!eng->scope_key)
		r = -ENOMEM;
	if (r == 0 && options->dry_run)
		r = dryrun_reaper_new(reaper, &eng->dryrun);
	if (r == 0)
		r = engine_load(eng);
	if (r == 0)
		r = engine_thaw(eng);
	if (r < 0) {
		engine_free(eng);
		return r;
	}
	*ret_engine = eng;
	return 0;
}

void engine_free(struct engine *eng)
{
	if (!eng)
		return;
	if (eng->dryrun)
		eng->dryrun->ops->free(eng->dryrun);
	snapshot_unref(eng->previous);
	probes_release(&eng->probes);
	probes_release(&eng->servers);
	recent_release(&eng->hung_up);
	recent_release(&eng->bare);
	ledger_release(&eng->ledger);
	receipts_cache_release(&eng->receipts);
	strings_release(&eng->warned);
	free(eng->scope_key);
	policy_unref(eng->options.policy);
	free(eng);
}

int engine_reconfigure(struct engine *eng, const struct policy *policy,
		       const struct engine_settings *settings)
{
	int r = eng->source->ops->set_policy(eng->source, policy);

	if (r < 0)
		return r;
	policy_ref(policy);
	policy_unref(eng->options.policy);
	eng->options.policy = policy;
	eng->options.settings = *settings;
	return 0;
}

int engine_set_save(struct engine *eng, bool save)
{
	int r;

	if (!save) {
		eng->options.save = false;
		return 0;
	}
	if (!eng->options.state_dir)
		return -ENOENT;
	eng->options.save = true;
	eng->dirty = true;
	r = engine_save(eng);
	if (r == 0)
		r = engine_thaw(eng);
	if (r < 0)
		eng->options.save = false;
	return r;
}

/* --- when ------------------------------------------------------------------------ */

int engine_watch_fd(struct engine *eng)
{
	return eng->source->ops->watch_fd(eng->source);
}

int64_t engine_due_ms(struct engine *eng)
{
	int64_t last = ledger_last_count(&eng->ledger, eng->scope_key);
	struct source_time now;
	int64_t due;

	eng->source->ops->now(eng->source, &now);
	/* A tick that saw too little to count is tried again later, not at once. */
	if (eng->blind_ms > last)
		last = eng->blind_ms;
	if (last < 0)
		return 0;
	due = last + eng->options.settings.interval_ms - now.monotonic_ms;
	if (due > eng->options.settings.interval_ms)
		due = eng->options.settings.interval_ms;
	return due > 0 ? due : 0;
}

/* May this tick advance the counts? */
static bool may_count(struct engine *eng, const struct census *c, unsigned flags)
{
	int64_t last = ledger_last_count(&eng->ledger, eng->scope_key);
	int64_t now_ms = c->snapshot->monotonic_ms;

	if (!(flags & TICK_COUNT))
		return false;
	if (!c->snapshot->complete) {
		eng->blind_ms = now_ms;
		return false;
	}
	return last < 0 || now_ms - last >= eng->options.settings.interval_ms / 2;
}

/* --- the tick ------------------------------------------------------------------------- */

static void sum_up(const struct engine *eng, const struct census *c, struct tick_summary *sum)
{
	sum->complete = c->snapshot->complete;
	sum->scanned = c->snapshot->scanned;
	sum->unreadable = c->snapshot->unreadable;
	sum->scan_us = c->snapshot->took_us;
	for (size_t i = 0; i < c->nr_instances; i++) {
		const struct instance *inst = &c->instances[i];

		if (!engine_in_scope(eng, inst))
			continue;
		sum->instances++;
		sum->agents += inst->agents;
		sum->managed += inst->nr;
		sum->orphans += inst->orphans;
		sum->detached += inst->detached;
		sum->unknown += inst->unknown;
	}
}

/* Look, remember, decide: the picture without any reaping. 0 or -errno. */
static int observe(struct engine *eng, unsigned flags, struct census **ret_census,
		   bool *ret_counted)
{
	struct census *c = NULL;
	size_t condemned;
	int r;

	eng->steady = !(flags & TICK_FULL);
	recent_begin(&eng->hung_up);
	recent_begin(&eng->bare);
	r = engine_look(eng, eng->steady ? SCAN_QUICK : SCAN_FULL, false, &c);
	eng->steady = false;
	if (r < 0)
		return r;
	engine_note_ended(eng, c->snapshot->boottime_ms);
	if (c->snapshot->hangs)
		engine_warn_once(eng, WARNING_HANGS,
				 "pid %d hangs when it is read, and counts as unreadable",
				 (int)c->snapshot->hangs);
	*ret_counted = may_count(eng, c, flags);
	/* What was not seen is not gone: an incomplete look changes no memory. */
	if (c->snapshot->complete)
		r = engine_remember(eng, c, *ret_counted);
	else
		engine_annotate(eng, c);
	if (r == 0)
		r = engine_watch(eng, c) == -ENOMEM ? -ENOMEM : 0;
	if (r == 0 && flags & TICK_AHEAD)
		r = engine_look_ahead(eng, c);
	if (r == 0)
		r = engine_decide(eng, c, &condemned);
	if (r < 0) {
		census_unref(c);
		return r;
	}
	engine_rates(eng, c);
	if (flags & TICK_CGROUPS)
		engine_find_cgroups(eng, c);
	if (flags & TICK_PORTS)
		r = engine_find_ports(eng, c);
	if (r < 0) {
		census_unref(c);
		return r;
	}
	*ret_census = c;
	return 0;
}

/* Scan again after reaping and replace *@c; if that fails, it stays as it was. */
static void look_after(struct engine *eng, unsigned flags, struct census **c)
{
	struct census *after = NULL;
	bool counted;

	if (observe(eng, flags & (TICK_AHEAD | TICK_CGROUPS), &after, &counted) < 0)
		return;
	census_unref(*c);
	*c = after;
}

int engine_tick(struct engine *eng, unsigned flags, struct census **ret_census,
		struct tick_summary *ret_summary)
{
	struct tick_summary sum = { .dry_run = eng->options.dry_run };
	int64_t begin_us = clock_us(CLOCK_MONOTONIC);
	struct census *c = NULL;
	int r, saved;

	eng->unsure = false;
	r = engine_reload(eng);
	if (r == 0)
		r = observe(eng, flags, &c, &sum.counted);
	if (r < 0)
		return r;
	sum_up(eng, c, &sum);
	if (flags & TICK_REAP && engine_count_condemned(c)) {
		r = tick_reap(eng, c, &sum);
		if (sum.condemned)
			look_after(eng, flags, &c);
	}
	saved = engine_save(eng);
	if (saved < 0)
		engine_warn_once(eng, WARNING_LEDGER_UNWRITTEN, "cannot write the ledger: %s",
				 strerror(-saved));
	sum.complete = sum.complete && !eng->unsure;
	sum.took_us = clock_us(CLOCK_MONOTONIC) - begin_us;
	engine_tell_tick(eng, c, &sum);
	if (ret_summary)
		*ret_summary = sum;
	if (ret_census)
		*ret_census = census_ref(c);
	census_unref(c);
	return r < 0 ? r : saved;
}
