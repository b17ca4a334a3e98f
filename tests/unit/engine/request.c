/* SPDX-License-Identifier: MIT */
/* What a person or a trap asks for. */
#include "unit/engine/reap_fixture.h"

static void picked_is_not_what_hangs_below(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	fake_env(fake_agent(t->f, 201, 200, ID), "STRAY_KEEP=1");
	pick(t, fake_find(t->f, 200));
	assert_null(fake_find(t->f, 200));
	assert_non_null(fake_find(t->f, 201));
	assert_int_equal(result_of(t, 201)->why, WHY_OPT_OUT);
}

static void what_was_shown_as_staying_is_not_meant(void **state)
{
	struct ctx *t = *state;
	struct reap_request request = request_of(ID);
	const struct identity only = { 200, fake_agent(t->f, 200, 1, ID)->start, 0 };
	const struct identity spared = { 201, fake_agent(t->f, 201, 200, ID)->start, 0 };

	fake_agent(t->f, 202, 200, ID);
	request.only = &only;
	request.nr_only = 1;
	request.spared = &spared;
	request.nr_spared = 1;
	reap(t, &request);
	assert_null(fake_find(t->f, 200));
	assert_non_null(fake_find(t->f, 201));
	assert_int_equal(fake_find(t->f, 201)->got[SIGTERM], 0);
	assert_null(fake_find(t->f, 202));
}

static void inferred_stay_with_a_kept_source(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p;

	fake_env(fake_agent(t->f, 200, 1, ID), "STRAY_KEEP=1");
	p = fake_add(t->f, 201, 1, "helper");
	p->pgid = p->sid = 200;
	reap_all(t);
	assert_int_equal(t->f->signals, 0);
	assert_int_equal(result_of(t, 201)->outcome, OUTCOME_KEPT);
}

static void another_users_instance_of_that_name_is_left(void **state)
{
	struct ctx *t = *state;

	t->options.scope.all_users = true;
	fake_find(t->f, FAKE_SELF)->uid = 0;
	fake_agent(t->f, 200, 1, ID);
	fake_agent(t->f, 201, 1, ID)->uid = 2000;
	reap_all(t);
	assert_null(fake_find(t->f, 200));
	assert_non_null(fake_find(t->f, 201));
}

static void live_owner_is_refused(void **state)
{
	struct ctx *t = *state;

	fake_env(fake_desktop(t->f, 300, ID), "HOME=/nonexistent/home");
	fake_agent(t->f, 200, 300, ID);
	fake_pass(t->f, 10);
	fake_agent(t->f, 201, 1, ID);
	reap_all(t);
	assert_int_equal(t->f->signals, 0);
	assert_int_equal(t->report.count[OUTCOME_KEPT], 2);
	assert_int_equal(result_of(t, 200)->why, WHY_OWNED);
}

static void force_lifts_the_owners_say(void **state)
{
	struct ctx *t = *state;
	struct reap_request request = request_of(ID);

	fake_env(fake_desktop(t->f, 300, ID), "HOME=/nonexistent/home");
	fake_agent(t->f, 200, 300, ID);
	request.force = true;
	reap(t, &request);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_EXITED);
	assert_non_null(fake_find(t->f, 300));
	assert_int_equal(fake_find(t->f, 300)->got[SIGTERM], 0);
}

static void kept_ones_stay_unless_picked(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p = fake_agent(t->f, 200, 1, ID);
	struct identity only = { 200, p->start, 0 };
	struct reap_request request = request_of(ID);

	fake_env(p, "STRAY_KEEP=1");
	reap_all(t);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_KEPT);
	assert_int_equal(result_of(t, 200)->why, WHY_OPT_OUT);
	request.face = FACE_PICK;
	request.only = &only;
	request.nr_only = 1;
	reap(t, &request);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_EXITED);
}

static void only_these_and_what_hangs_below(void **state)
{
	struct ctx *t = *state;
	struct identity only = { 200, fake_agent(t->f, 200, 1, ID)->start, 0 };
	struct reap_request request = request_of(ID);

	fake_agent(t->f, 201, 200, ID);
	fake_agent(t->f, 202, 1, ID);
	request.only = &only;
	request.nr_only = 1;
	reap(t, &request);
	assert_null(fake_find(t->f, 200));
	assert_null(fake_find(t->f, 201));
	assert_non_null(fake_find(t->f, 202));
}

static void handles_of_the_caller_are_used_and_stay(void **state)
{
	struct ctx *t = *state;
	struct identity only = { 200, fake_agent(t->f, 200, 1, ID)->start, 0 };
	struct reap_request request = request_of(ID);
	uint64_t ino;
	int handle;

	assert_int_equal(fake_open(&t->f->reaper, 200, &handle, &ino), 0);
	request.only = &only;
	request.handles = &handle;
	request.nr_only = 1;
	reap(t, &request);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_EXITED);
	assert_int_equal(t->f->open_handles, 1);
	fake_close(&t->f->reaper, handle);
}

static void other_instances_are_strangers(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	fake_agent(t->f, 201, 1, ID ".branch");
	fake_agent(t->f, 202, 1, "xyz.block.sprout.app");
	reap_all(t);
	assert_null(fake_find(t->f, 200));
	assert_non_null(fake_find(t->f, 201));
	assert_non_null(fake_find(t->f, 202));
}

static void incomplete_look_refuses_the_request(void **state)
{
	struct ctx *t = *state;
	struct reap_request request = request_of(ID);

	fake_agent(t->f, 200, 1, ID);
	begin(t);
	request.force = true;
	t->f->blind = 1;
	assert_int_equal(engine_reap(t->eng, &request, &t->report), -EAGAIN);
	assert_int_equal(t->f->signals, 0);
}

static void decides_on_the_look_of_just_now(void **state)
{
	struct ctx *t = *state;
	struct reap_request request = request_of(ID);
	unsigned before;

	fake_agent(t->f, 200, 1, ID);
	fake_agent(t->f, 201, 1, ID);
	begin(t);
	assert_int_equal(engine_tick(t->eng, TICK_FULL, &request.seen, NULL), 0);
	/* One that has changed since then shows when it is read before the signal. */
	fake_find(t->f, 201)->env_len = 0;
	before = t->f->full_scans;
	reap(t, &request);
	census_unref(request.seen);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_EXITED);
	assert_int_equal(result_of(t, 201)->outcome, OUTCOME_GONE);
	assert_non_null(fake_find(t->f, 201));
	/* For what they forked a quick one does, and there was nothing. */
	assert_int_equal(t->f->full_scans - before, 0);
}

static void an_incomplete_look_of_just_now_is_none(void **state)
{
	struct ctx *t = *state;
	struct reap_request request = request_of(ID);

	fake_agent(t->f, 200, 1, ID);
	begin(t);
	t->f->blind = 2;
	assert_int_equal(engine_tick(t->eng, TICK_FULL, &request.seen, NULL), 0);
	assert_int_equal(engine_reap(t->eng, &request, &t->report), -EAGAIN);
	assert_int_equal(t->f->signals, 0);
	census_unref(request.seen);
	/* Nor is a quick one. */
	assert_int_equal(engine_tick(t->eng, 0, &request.seen, NULL), 0);
	fake_desktop(t->f, 300, ID);
	reap(t, &request);
	census_unref(request.seen);
	assert_int_equal(result_of(t, 200)->outcome, OUTCOME_KEPT);
	assert_int_equal(t->f->signals, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(picked_is_not_what_hangs_below),
		TEST(what_was_shown_as_staying_is_not_meant),
		TEST(inferred_stay_with_a_kept_source),
		TEST(another_users_instance_of_that_name_is_left),
		TEST(live_owner_is_refused),
		TEST(force_lifts_the_owners_say),
		TEST(kept_ones_stay_unless_picked),
		TEST(only_these_and_what_hangs_below),
		TEST(handles_of_the_caller_are_used_and_stay),
		TEST(other_instances_are_strangers),
		TEST(incomplete_look_refuses_the_request),
		TEST(decides_on_the_look_of_just_now),
		TEST(an_incomplete_look_of_just_now_is_none),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
