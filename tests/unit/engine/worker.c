/* SPDX-License-Identifier: MIT */
#include "engine/worker.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "engine/lock.h"

/* The machine of the screen tests: whole, since a unit test is one file. */
#include "screen/fixture.c"

enum { DEADLINE_MS = 20000 };

struct state {
	struct fixture f;
	struct policy policy;
	struct worker_options options;
	struct worker *w;
	char dir[64];

	/* gathered from updates */
	struct census *census;
	char *log;
	size_t log_len;
	bool armed;
	pid_t swept_by;
	struct worker_answer answers[8];
	size_t nr_answers;
};

static bool no_name(uid_t uid, char *buf, size_t size)
{
	(void)uid;
	(void)buf;
	(void)size;
	return false;
}

static int set_up(void **state)
{
	struct state *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	snprintf(s->dir, sizeof(s->dir), "/tmp/stray-worker-XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	fixture_init(&s->f, STORY_MAIN);
	assert_int_equal(policy_init(&s->policy), 0);
	s->log = calloc(1, 65536);
	assert_non_null(s->log);
	s->options = (struct worker_options){
		.sweep = { .policy = &s->policy,
			   .settings = engine_defaults,
			   .scope = { .uid = UID },
			   .state_dir = s->dir,
			   .stop_fd = -1 },
		.source = &s->f.source,
		.reaper = &s->f.reaper,
		.delay_ms = 1000 * 1000,
		.version = "0",
		.user_name = no_name,
	};
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	static const char *const files[] = { "ledger-11111111-1.json", "ledger.lock",
					     "sweep.lock" };
	struct state *s = *state;

	if (s->w)
		assert_int_equal(worker_stop(s->w, DEADLINE_MS), 0);
	for (size_t i = 0; i < 3; i++) {
		char path[128];

		snprintf(path, sizeof(path), "%s/%s", s->dir, files[i]);
		unlink(path);
	}
	rmdir(s->dir);
	for (size_t i = 0; i < s->nr_answers; i++) {
		free(s->answers[i].states);
		reap_report_release(&s->answers[i].report);
	}
	census_unref(s->census);
	policy_release(&s->policy);
	free(s->log);
	free(s);
	return 0;
}

/* Take what there is; waits for it up to the deadline. */
static void take(struct state *s)
{
	struct pollfd pfd = { .fd = worker_fd(s->w), .events = POLLIN };
	struct worker_update u;

	if (poll(&pfd, 1, DEADLINE_MS) <= 0)
		fail_msg("the engine says nothing");
	worker_take(s->w, &u);
	if (u.census) {
		census_unref(s->census);
		s->census = census_ref(u.census);
	}
	for (size_t i = 0; i < u.nr_lines; i++) {
		const struct worker_line *l = &u.lines[i];

		s->log_len +=
			(size_t)snprintf(s->log + s->log_len, 65536 - s->log_len, "%s %s%s%s%s\n",
					 worker_word_name(l->word), l->text, l->tail ? l->tail : "",
					 l->name ? "  " : "", l->name ? l->name : "");
	}
	for (size_t i = 0; i < u.nr_answers; i++) {
		assert_true(s->nr_answers < 8);
		s->answers[s->nr_answers++] = u.answers[i];
	}
	u.nr_answers = 0; /* kept */
	s->armed = u.armed;
	s->swept_by = u.swept_by;
	assert_int_equal(u.error, 0);
	worker_update_release(&u);
}

static void wait_log(struct state *s, const char *text)
{
	while (!strstr(s->log, text))
		take(s);
}

static void wait_answers(struct state *s, size_t nr)
{
	while (s->nr_answers < nr)
		take(s);
}

/* Begin, and go to the end of the story. */
static void begin(struct state *s)
{
	assert_int_equal(worker_new(&s->options, &s->w), 0);
	for (unsigned i = 1; i < fixture_stages(&s->f); i++)
		assert_int_equal(worker_tick(s->w), 0);
	wait_log(s, "dev.fix-login: owner 39012 gone, tick 1/2");
	while (!s->census || s->census->snapshot->realtime_ms != now_s * 1000)
		take(s);
}

static const struct instance *find(struct state *s, const char *id)
{
	const struct instance_key key = { NULL, { id, strlen(id) }, UID };
	const struct instance *inst = census_find_instance(s->census, &key);

	assert_non_null(inst);
	return inst;
}

static size_t members(struct state *s, const char *id, struct identity ids[8])
{
	const struct instance *inst = find(s, id);

	for (size_t i = 0; i < inst->nr; i++)
		ids[i] = s->census->members[inst->first + i].proc->id;
	return inst->nr;
}

static void tells_the_story(void **state)
{
	struct state *s = *state;

	begin(s);
	assert_non_null(strstr(s->log, "START stray 0 on devbox, uid 1000"));
	assert_non_null(strstr(s->log, "NEW dev.my-branch: 2 processes, owner 41877 alive\n"));
	assert_non_null(strstr(s->log, "ORPHAN dev.my-branch: owner 41877 gone, tick 1/2\n"));
	assert_non_null(
		strstr(s->log, "ORPHAN dev.my-branch: owner 41877 gone, tick 2/2, eligible"));
	/* What was there at the start is not new; what changed once is told once. */
	assert_null(strstr(s->log, "NEW dev.fix-login"));
	assert_null(strstr(strstr(s->log, "tick 2/2") + 1, "tick 2/2"));
	assert_false(s->armed);
}

static void hold_knows_which_processes_are_there(void **state)
{
	struct state *s = *state;
	struct identity ids[8];
	unsigned hold;
	size_t nr;

	begin(s);
	nr = members(s, DEV ".my-branch", ids);
	assert_int_equal(nr, 4);
	ids[1].start_ticks++; /* another process had the pid when the list was made */
	ids[2].pid = 4999;    /* no process has it */
	assert_int_equal(worker_hold(s->w, ids, nr, &hold), 0);
	wait_answers(s, 1);
	assert_int_equal(s->answers[0].kind, ANSWER_HOLD);
	assert_int_equal(s->answers[0].hold, hold);
	assert_int_equal(s->answers[0].nr, 4);
	assert_int_equal(s->answers[0].states[0], HOLD_HELD);
	assert_int_equal(s->answers[0].states[1], HOLD_GONE);
	assert_int_equal(s->answers[0].states[2], HOLD_GONE);
	assert_int_equal(s->answers[0].states[3], HOLD_HELD);
	assert_int_equal(worker_release(s->w, hold), 0);
	assert_int_equal(worker_release(s->w, 999), 0); /* no such: nothing happens */
}

/* Hold the whole group, end it, and wait for what became of it. */
static void reap_group(struct state *s, const char *id, struct identity ids[8])
{
	struct worker_victims v = { .app = "sprout", .uid = UID, .face = FACE_GROUP };
	unsigned hold;

	v.instance = (struct bytes){ id, strlen(id) };
	v.nr = members(s, id, ids);
	assert_int_equal(worker_hold(s->w, ids, v.nr, &hold), 0);
	assert_int_equal(worker_reap(s->w, hold, &v, 1), 0);
	wait_answers(s, 2);
}

static void reaps_what_it_holds(void **state)
{
	struct state *s = *state;
	struct identity ids[8];

	begin(s);
	reap_group(s, DEV ".my-branch", ids);
	assert_int_equal(s->answers[1].kind, ANSWER_REAP);
	assert_int_equal(s->answers[1].error, 0);
	assert_int_equal(s->answers[1].report.count[OUTCOME_EXITED], 4);
	wait_log(s, "REAP 4 of 4 ended, 0 survived  dev.my-branch");
	wait_log(s, "END dev.my-branch: no process left");
}

static void the_recycled_one_is_not_signalled(void **state)
{
	struct state *s = *state;
	struct identity ids[8];
	struct worker_victims v = { .app = "sprout", .uid = UID, .face = FACE_GROUP };
	unsigned hold;

	begin(s);
	v.instance = (struct bytes){ DEV ".my-branch", strlen(DEV ".my-branch") };
	v.nr = members(s, DEV ".my-branch", ids);
	ids[2].start_ticks -= 5; /* pid 41990 is another process by now */
	assert_int_equal(worker_hold(s->w, ids, v.nr, &hold), 0);
	assert_int_equal(worker_reap(s->w, hold, &v, 1), 0);
	wait_answers(s, 2);
	wait_log(s, "4 of 4 ended, 1 already gone, 0 survived");
	wait_log(s, "SKIP pid 41990");
	while (find(s, DEV ".my-branch")->nr != 1)
		take(s);
}

/* --- what is said of what could not be done ----------------------------------------- */

static void dry_run_reports_what_it_would_end(void **state)
{
	struct state *s = *state;
	struct identity ids[8];

	s->options.sweep.dry_run = true;
	begin(s);
	reap_group(s, DEV ".my-branch", ids);
	wait_log(s, "REAP 4 would be signalled (dry run)  dev.my-branch");
	assert_int_equal(find(s, DEV ".my-branch")->nr, 4);
}

static int not_permitted(struct reaper *r, int handle, int signo)
{
	(void)r;
	(void)handle;
	(void)signo;
	return -EPERM;
}

static void what_is_refused_is_said(void **state)
{
	struct state *s = *state;
	struct reaper_ops ops = *s->f.reaper.ops;
	struct identity ids[8];

	ops.signal = not_permitted;
	s->f.reaper.ops = &ops;
	begin(s);
	reap_group(s, DEV ".my-branch", ids);
	assert_int_equal(s->answers[1].report.count[OUTCOME_REFUSED], 4);
	wait_log(s, "FAIL pid 41912 sprout-agent: not signalled: Operation not permitted");
	wait_log(s, "FAIL 0 of 4 ended, 4 refused, 0 survived  dev.my-branch");
	assert_int_equal(worker_stop(s->w, DEADLINE_MS), 0);
	s->w = NULL;
}

/* Its owner lives, and the word was not typed. */
static void what_is_kept_is_said(void **state)
{
	struct state *s = *state;
	struct identity ids[8];

	begin(s);
	reap_group(s, APP, ids);
	assert_true(s->answers[1].report.count[OUTCOME_KEPT] > 0);
	assert_int_equal(s->answers[1].report.count[OUTCOME_EXITED], 0);
	wait_log(s, "kept: ");
	wait_log(s, "kept, 0 survived");
}

static bool blind; /* atomic: the engine's thread looks */

static int see_nothing(struct source *src, enum scan_mode mode, struct snapshot **ret_snapshot)
{
	if (__atomic_load_n(&blind, __ATOMIC_ACQUIRE))
		return -EIO;
	return source_ops.scan(src, mode, ret_snapshot);
}

static void a_look_that_fails_is_said_and_no_end(void **state)
{
	struct state *s = *state;
	struct source_ops ops = *s->f.source.ops;
	struct identity ids[8];

	ops.scan = see_nothing;
	s->f.source.ops = &ops;
	begin(s);
	__atomic_store_n(&blind, true, __ATOMIC_RELEASE);
	assert_int_equal(worker_tick(s->w), 0);
	wait_log(s, "cannot look: Input/output error");
	reap_group(s, DEV ".my-branch", ids);
	assert_int_equal(s->answers[1].error, -EIO);
	wait_log(s, ": not reaped: Input/output error");
	__atomic_store_n(&blind, false, __ATOMIC_RELEASE);
	assert_int_equal(worker_stop(s->w, DEADLINE_MS), 0);
	s->w = NULL;
}

static void it_begins_armed_if_asked(void **state)
{
	struct state *s = *state;

	s->options.arm = true;
	begin(s);
	wait_log(s, "SWEEP armed by --arm");
	assert_true(s->armed);
}

static void arms_with_the_lock(void **state)
{
	struct state *s = *state;
	pid_t holder = 0;
	int fd = -1;

	begin(s);
	assert_int_equal(worker_arm(s->w, true), 0);
	wait_log(s, "SWEEP armed by user");
	while (!s->armed)
		take(s);
	assert_int_equal(sweep_lock(s->dir, &fd, &holder), -EBUSY);
	assert_int_equal(holder, getpid());
	assert_int_equal(worker_arm(s->w, false), 0);
	wait_log(s, "SWEEP disarmed by user");
	while (s->armed)
		take(s);
	assert_int_equal(sweep_lock(s->dir, &fd, &holder), 0);
	/* Now another stray sweeps. */
	assert_int_equal(worker_arm(s->w, true), 0);
	wait_log(s, "SWEEP not armed: pid ");
	assert_int_equal(worker_tick(s->w), 0);
	while (s->swept_by != getpid())
		take(s);
	assert_false(s->armed);
	sweep_unlock(fd);
}

static void without_a_state_directory_nothing_is_armed(void **state)
{
	struct state *s = *state;

	s->options.sweep.state_dir = NULL;
	begin(s);
	assert_int_equal(worker_arm(s->w, true), 0);
	wait_log(s, "SWEEP not armed: there is no state directory");
	assert_false(s->armed);
}

/* The first sweep comes an interval after arming; with 1 ms that is the next tick. */
static void an_armed_one_sweeps_but_not_under_a_dialog(void **state)
{
	struct state *s = *state;
	struct identity ids[8];
	unsigned hold;

	s->options.sweep.settings.interval_ms = 1;
	begin(s);
	members(s, DEV ".my-branch", ids);
	assert_int_equal(worker_hold(s->w, ids, 1, &hold), 0);
	wait_answers(s, 1);
	assert_int_equal(worker_arm(s->w, true), 0);
	wait_log(s, "SWEEP armed by user");
	poll(NULL, 0, 2); /* an interval */
	assert_int_equal(worker_tick(s->w), 0);
	wait_log(s, "SWEEP waits while the dialog is open");
	assert_null(strstr(s->log, "REAP"));
	assert_int_equal(find(s, DEV ".my-branch")->nr, 4);
	assert_int_equal(worker_release(s->w, hold), 0);
	assert_int_equal(worker_tick(s->w), 0);
	wait_log(s, "REAP 4 of 4 ended, 0 survived (sweep)  dev.my-branch");
}

static void an_armed_one_sweeps(void **state)
{
	struct state *s = *state;

	s->options.sweep.settings.interval_ms = 1;
	begin(s);
	assert_int_equal(worker_arm(s->w, true), 0);
	wait_log(s, "SWEEP armed by user");
	poll(NULL, 0, 2); /* an interval */
	assert_int_equal(worker_tick(s->w), 0);
	wait_log(s, "REAP 4 of 4 ended, 0 survived (sweep)  dev.my-branch");
}

static void stops_at_once(void **state)
{
	struct state *s = *state;
	int64_t begin_ms;

	assert_int_equal(worker_new(&s->options, &s->w), 0);
	begin_ms = clock_ms(CLOCK_MONOTONIC);
	assert_int_equal(worker_stop(s->w, DEADLINE_MS), 0);
	s->w = NULL;
	/* Not after the delay between two looks, which is 1000 s. */
	assert_true(clock_ms(CLOCK_MONOTONIC) - begin_ms < DEADLINE_MS);
}

static void pause_and_delay_are_taken(void **state)
{
	struct state *s = *state;
	unsigned scans;

	begin(s);
	scans = fixture_scans(&s->f);
	assert_int_equal(worker_set_delay(s->w, 1), 0);
	while (fixture_scans(&s->f) < scans + 3)
		take(s);
	assert_int_equal(worker_pause(s->w, true), 0);
	assert_int_equal(worker_set_delay(s->w, 1000 * 1000), 0);
	/* A look that is asked for comes all the same. */
	scans = fixture_scans(&s->f);
	assert_int_equal(worker_tick(s->w), 0);
	while (fixture_scans(&s->f) == scans)
		take(s);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(tells_the_story),
		TEST(hold_knows_which_processes_are_there),
		TEST(reaps_what_it_holds),
		TEST(the_recycled_one_is_not_signalled),
		TEST(arms_with_the_lock),
		TEST(dry_run_reports_what_it_would_end),
		TEST(what_is_refused_is_said),
		TEST(what_is_kept_is_said),
		TEST(a_look_that_fails_is_said_and_no_end),
		TEST(it_begins_armed_if_asked),
		TEST(without_a_state_directory_nothing_is_armed),
		TEST(an_armed_one_sweeps),
		TEST(an_armed_one_sweeps_but_not_under_a_dialog),
		TEST(stops_at_once),
		TEST(pause_and_delay_are_taken),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
