/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_ENGINE_SWEEP_FIXTURE_H
#define TESTS_UNIT_ENGINE_SWEEP_FIXTURE_H

/* A sweep over the fake world, without a ledger. */
#include "unit/engine/fake.h"

#define ID	 "xyz.block.sprout.app.dev"
#define INTERVAL 60000

struct ctx {
	struct fake *f;
	struct policy policy;
	struct engine_options options;
	struct engine *eng;
	struct tick_summary sum;
};

static inline int set_up(void **state)
{
	struct ctx *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	t->f = fake_new();
	assert_int_equal(policy_init(&t->policy), 0);
	t->options = (struct engine_options){
		.policy = &t->policy,
		.settings = engine_defaults,
		.scope = { .uid = FAKE_UID },
		.stop_fd = -1,
		.notify = fake_notify,
		.ctx = t->f,
	};
	*state = t;
	return 0;
}

static inline int tear_down(void **state)
{
	struct ctx *t = *state;

	engine_free(t->eng);
	/* Whatever happened, no handle is left open. */
	assert_int_equal(t->f->open_handles, 0);
	policy_release(&t->policy);
	free(t->f);
	free(t);
	return 0;
}

static inline void begin(struct ctx *t)
{
	engine_free(t->eng);
	t->eng = NULL;
	assert_int_equal(engine_new(&t->options, &t->f->source, &t->f->reaper, &t->eng), 0);
}

static inline void tick(struct ctx *t, unsigned flags)
{
	assert_int_equal(engine_tick(t->eng, flags, NULL, &t->sum), 0);
}

/* A counted tick that reaps, @ms after the one before. */
static inline void sweep_after(struct ctx *t, int64_t ms)
{
	fake_pass(t->f, ms);
	tick(t, TICK_COUNT | TICK_REAP);
}

/* The first membership of @pid after a look that changes nothing. */
static inline struct member look_at(struct ctx *t, pid_t pid)
{
	struct census *c = NULL;
	struct member copy;
	const struct member *m;

	assert_int_equal(engine_tick(t->eng, 0, &c, &t->sum), 0);
	m = census_find_member(c, pid);
	assert_non_null(m);
	copy = *m;
	census_unref(c);
	return copy;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
