/* SPDX-License-Identifier: MIT */
#include "stray/sweep.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "engine/dryrun.h"
#include "engine/engine.h"
#include "engine/tick.h"

const struct sweep_settings sweep_defaults = {
	.interval_ms = 60 * 1000,
	.grace = 2,
	.term_timeout_ms = 5 * 1000,
	.spare_listeners_ms = 60 * 60 * 1000,
	.reap_detached = false,
	.max_kill = 0,
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

int sweep_new(const struct sweep_options *options, struct source *src, struct reaper *reaper,
	      struct sweep **ret_sweep)
{
	struct sweep *sw = calloc(1, sizeof(*sw));
	int r = 0;

	if (!sw)
		return -ENOMEM;
	sw->options = *options;
	sw->source = src;
	sw->reaper = reaper;
	sw->looked_ms = -1;
	sw->blind_ms = -1;
	sw->scope_key = name_scope(&options->scope);
	if (!sw->scope_key)
		r = -ENOMEM;
	if (r == 0 && options->dry_run)
		r = dryrun_reaper_new(reaper, &sw->dryrun);
	if (r == 0)
		r = engine_load(sw);
	if (r == 0)
		r = engine_thaw(sw);
	if (r < 0) {
		sweep_free(sw);
		return r;
	}
	*ret_sweep = sw;
	return 0;
}

void sweep_free(struct sweep *sw)
{
	if (!sw)
		return;
	if (sw->dryrun)
		sw->dryrun->ops->free(sw->dryrun);
	snapshot_unref(sw->previous);
	ledger_release(&sw->ledger);
	strings_release(&sw->warned);
	free(sw->scope_key);
	free(sw);
}

int sweep_reconfigure(struct sweep *sw, const struct policy *policy,
		      const struct sweep_settings *settings)
{
	int r = 0;

	if (policy)
		r = sw->source->ops->set_policy(sw->source, policy);
	if (r < 0)
		return r;
	if (policy)
		sw->options.policy = policy;
	if (settings)
		sw->options.settings = *settings;
	return 0;
}

int sweep_set_save(struct sweep *sw, bool save)
{
	int r;

	if (!save) {
		sw->options.save = false;
		return 0;
	}
	if (!sw->options.state_dir)
		return -ENOENT;
	sw->options.save = true;
	sw->dirty = true;
	r = engine_save(sw);
	if (r == 0)
		r = engine_thaw(sw);
	if (r < 0)
		sw->options.save = false;
	return r;
}

/* --- when ------------------------------------------------------------------------ */

int sweep_watch_fd(struct sweep *sw)
{
	return sw->source->ops->watch_fd(sw->source);
}

int64_t sweep_due_ms(struct sweep *sw)
{
	int64_t last = ledger_last_count(&sw->ledger, sw->scope_key);
	struct source_time now;
	int64_t due;

	sw->source->ops->now(sw->source, &now);
	/* A tick that saw too little to count is tried again later, not at once. */
	if (sw->blind_ms > last)
		last = sw->blind_ms;
	if (last < 0)
		return 0;
	due = last + sw->options.settings.interval_ms - now.monotonic_ms;
	if (due > sw->options.settings.interval_ms)
		due = sw->options.settings.interval_ms;
	return due > 0 ? due : 0;
}

/* May this tick advance the counts? */
static bool may_count(struct sweep *sw, const struct census *c, unsigned flags)
{
	int64_t last = ledger_last_count(&sw->ledger, sw->scope_key);
	int64_t now_ms = c->snapshot->monotonic_ms;

	if (!(flags & TICK_COUNT))
		return false;
	if (!c->snapshot->complete) {
		sw->blind_ms = now_ms;
		return false;
	}
	return last < 0 || now_ms - last >= sw->options.settings.interval_ms / 2;
}

/* --- reaping's view of the engine --------------------------------------------------- */

static int look_again(struct sweep *sw, enum scan_mode mode, bool confirm,
		      struct census **ret_census)
{
	struct census *c = NULL;
	int r = engine_look(sw, mode, confirm, &c);

	if (r == 0 && c->snapshot->complete)
		r = engine_note_parents(sw, c);
	if (r < 0) {
		census_unref(c);
		return r;
	}
	engine_annotate(sw, c);
	*ret_census = c;
	return 0;
}

static int look_confirming(void *ctx, struct census **ret_census)
{
	return look_again(ctx, SCAN_FULL, true, ret_census);
}

static int look_plainly(void *ctx, struct census **ret_census)
{
	return look_again(ctx, SCAN_FULL, false, ret_census);
}

static int glance(void *ctx, struct census **ret_census)
{
	return look_again(ctx, SCAN_QUICK, false, ret_census);
}

static int spare(void *ctx, struct census *c, const struct member *const *members, size_t nr,
		 enum verdict_why *ret_keep)
{
	return engine_spare(ctx, c, members, nr, ret_keep);
}

struct reap_env engine_reap_env(struct sweep *sw, bool confirm)
{
	bool may_freeze = sw->options.save && sw->options.state_dir && !sw->dryrun;

	return (struct reap_env){
		.source = sw->source,
		.reaper = engine_hands(sw),
		.stop_fd = sw->options.stop_fd,
		.term_timeout_ms = sw->options.settings.term_timeout_ms,
		.look = confirm ? look_confirming : look_plainly,
		.glance = glance,
		.freeze = may_freeze ? engine_note_frozen : NULL,
		.spare = confirm ? spare : NULL,
		.ctx = sw,
		.on_term = sw->dryrun ? OUTCOME_WOULD : OUTCOME_EXITED,
		.on_kill = sw->dryrun ? OUTCOME_WOULD : OUTCOME_KILLED,
	};
}

/* --- the tick ------------------------------------------------------------------------- */

static void sum_up(const struct sweep *sw, const struct census *c, struct tick_summary *sum)
{
	sum->complete = c->snapshot->complete;
	sum->scanned = c->snapshot->scanned;
	sum->unreadable = c->snapshot->unreadable;
	sum->scan_us = c->snapshot->took_us;
	for (size_t i = 0; i < c->nr_instances; i++) {
		const struct instance *inst = &c->instances[i];

		if (!engine_in_scope(sw, inst))
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
static int observe(struct sweep *sw, unsigned flags, struct census **ret_census, bool *ret_counted)
{
	struct census *c = NULL;
	size_t condemned;
	int r = engine_look(sw, flags & TICK_FULL ? SCAN_FULL : SCAN_QUICK, false, &c);

	if (r < 0)
		return r;
	engine_note_ended(sw, c->snapshot->boottime_ms);
	if (c->snapshot->hangs)
		engine_warn_once(sw, "pid %d hangs when it is read, and counts as unreadable",
				 (int)c->snapshot->hangs);
	*ret_counted = may_count(sw, c, flags);
	/* What was not seen is not gone: an incomplete look changes no memory. */
	if (c->snapshot->complete)
		r = engine_remember(sw, c, *ret_counted);
	else
		engine_annotate(sw, c);
	if (r == 0)
		r = engine_watch(sw, c) == -ENOMEM ? -ENOMEM : 0;
	if (r == 0 && flags & TICK_AHEAD)
		r = engine_look_ahead(sw, c);
	if (r == 0)
		r = engine_decide(sw, c, &condemned);
	if (r < 0) {
		census_unref(c);
		return r;
	}
	engine_rates(sw, c);
	if (flags & TICK_CGROUPS)
		engine_find_cgroups(sw, c);
	if (flags & TICK_PORTS)
		r = engine_find_ports(sw, c);
	if (r < 0) {
		census_unref(c);
		return r;
	}
	*ret_census = c;
	return 0;
}

/* The picture afterwards; where it cannot be had, the one from before stays. */
static void look_after(struct sweep *sw, unsigned flags, struct census **c)
{
	struct census *after = NULL;
	bool counted;

	if (observe(sw, flags & (TICK_AHEAD | TICK_CGROUPS), &after, &counted) < 0)
		return;
	census_unref(*c);
	*c = after;
}

int sweep_tick(struct sweep *sw, unsigned flags, struct census **ret_census,
	       struct tick_summary *ret_summary)
{
	struct tick_summary sum = { .dry_run = sw->options.dry_run };
	int64_t begin_us = clock_us(CLOCK_MONOTONIC);
	struct census *c = NULL;
	int r, saved;

	sw->unsure = false;
	r = engine_reload(sw);
	if (r == 0)
		r = observe(sw, flags, &c, &sum.counted);
	if (r < 0)
		return r;
	sum_up(sw, c, &sum);
	if (flags & TICK_REAP && engine_count_condemned(c)) {
		r = tick_reap(sw, c, &sum);
		if (sum.condemned)
			look_after(sw, flags, &c);
	}
	saved = engine_save(sw);
	if (saved < 0)
		engine_warn_once(sw, "cannot write the ledger: %s", strerror(-saved));
	sum.complete = sum.complete && !sw->unsure;
	sum.took_us = clock_us(CLOCK_MONOTONIC) - begin_us;
	engine_tell_tick(sw, c, &sum);
	if (ret_summary)
		*ret_summary = sum;
	if (ret_census)
		*ret_census = census_ref(c);
	census_unref(c);
	return r < 0 ? r : saved;
}
