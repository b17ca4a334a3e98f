/* SPDX-License-Identifier: MIT */
/* What a reaping needs of its surroundings, from the engine. */
#include "engine/engine.h"

static int look_again(struct engine *eng, enum scan_mode mode, bool confirm,
		      struct census **ret_census)
{
	struct census *c = NULL;
	int r = engine_look(eng, mode, confirm, &c);

	if (r == 0 && c->snapshot->complete)
		r = engine_note_parents(eng, c);
	if (r < 0) {
		census_unref(c);
		return r;
	}
	engine_annotate(eng, c);
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

static void alive(void *ctx)
{
	struct engine *eng = ctx;

	if (eng->options.alive)
		eng->options.alive(eng->options.ctx);
}

static int spare(void *ctx, struct census *c, const struct member *const *members, size_t nr,
		 enum verdict_why *ret_keep)
{
	return engine_spare(ctx, c, members, nr, ret_keep);
}

struct reap_env engine_reap_env(struct engine *eng, bool confirm)
{
	bool may_freeze = eng->options.save && eng->options.state_dir && !eng->dryrun;

	return (struct reap_env){
		.source = eng->source,
		.reaper = engine_hands(eng),
		.stop_fd = eng->options.stop_fd,
		.term_timeout_ms = eng->options.settings.term_timeout_ms,
		.look = confirm ? look_confirming : look_plainly,
		.glance = glance,
		.freeze = may_freeze ? engine_note_frozen : NULL,
		.spare = confirm ? spare : NULL,
		.alive = eng->options.alive ? alive : NULL,
		.ctx = eng,
		.on_term = eng->dryrun ? OUTCOME_WOULD : OUTCOME_EXITED,
		.on_kill = eng->dryrun ? OUTCOME_WOULD : OUTCOME_KILLED,
	};
}
