/* SPDX-License-Identifier: MIT */
/* What is kept from run to run, and between several at once. */
#include <signal.h>
#include <sys/resource.h>

#include "unit/engine/fake.h"

#include "base/array.h"
#include "engine/ledger_file.h"

#define ID	 "xyz.block.sprout.app.dev"
#define INTERVAL 60000

/* The ledger of another boot. */
#define OTHER_BOOT "ledger-91111111-1.json"

struct ctx {
	struct fake *f;
	struct policy policy;
	struct engine_options options;
	char *dir;
};

static int set_up(void **state)
{
	struct ctx *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	t->f = fake_new();
	t->dir = fake_mkdir();
	assert_int_equal(policy_init(&t->policy), 0);
	t->options = (struct engine_options){
		.policy = &t->policy,
		.settings = engine_defaults,
		.scope = { .uid = FAKE_UID },
		.state_dir = t->dir,
		.save = true,
		.stop_fd = -1,
		.notify = fake_notify,
		.ctx = t->f,
	};
	*state = t;
	return 0;
}

static int tear_down(void **state)
{
	static const char *const files[] = { LEDGER_NAME, LEDGER_BAD, OTHER_BOOT, "ledger.lock" };
	struct ctx *t = *state;

	assert_int_equal(t->f->open_handles, 0);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char *path = fake_path(t->dir, files[i]);

		unlink(path);
		free(path);
	}
	assert_int_equal(rmdir(t->dir), 0);
	policy_release(&t->policy);
	free(t->dir);
	free(t->f);
	free(t);
	return 0;
}

static struct engine *start(struct ctx *t)
{
	struct engine *eng;

	assert_int_equal(engine_new(&t->options, &t->f->source, &t->f->reaper, &eng), 0);
	return eng;
}

static struct tick_summary tick(struct engine *eng, unsigned flags)
{
	struct tick_summary sum;

	assert_int_equal(engine_tick(eng, flags, NULL, &sum), 0);
	return sum;
}

/* One `--sweep --once`. */
static struct tick_summary once(struct ctx *t)
{
	struct engine *eng = start(t);
	struct tick_summary sum = tick(eng, TICK_COUNT | TICK_REAP);

	engine_free(eng);
	return sum;
}

static unsigned ticks_of(struct engine *eng, pid_t pid)
{
	struct census *c;
	unsigned ticks;

	assert_int_equal(engine_tick(eng, 0, &c, NULL), 0);
	assert_non_null(census_find_member(c, pid));
	ticks = census_find_member(c, pid)->ticks;
	census_unref(c);
	return ticks;
}

static void two_runs_are_two_ticks(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	assert_true(once(t).counted);
	fake_pass(t->f, 1000);
	assert_false(once(t).counted);
	assert_non_null(fake_find(t->f, 200));
	fake_pass(t->f, INTERVAL);
	assert_int_equal(once(t).exited, 1);
}

static void a_recycled_pid_is_known_across_runs(void **state)
{
	struct ctx *t = *state;
	uint64_t start_ticks = fake_agent(t->f, 200, 1, ID)->start;

	once(t);
	fake_end(t->f, fake_find(t->f, 200));
	fake_agent(t->f, 200, 1, ID)->start = start_ticks;
	fake_pass(t->f, INTERVAL);
	assert_int_equal(once(t).exited, 0);
	assert_int_equal(t->f->signals, 0);
}

static void without_a_folder_every_run_is_the_first(void **state)
{
	struct ctx *t = *state;

	t->options.state_dir = NULL;
	fake_agent(t->f, 200, 1, ID);
	for (int i = 0; i < 4; i++) {
		once(t);
		fake_pass(t->f, INTERVAL);
	}
	assert_int_equal(t->f->signals, 0);
}

static void lookers_do_not_write(void **state)
{
	struct ctx *t = *state;

	t->options.save = false;
	fake_agent(t->f, 200, 1, ID);
	once(t);
	assert_false(fake_exists(t->dir, LEDGER_NAME));
	fake_write(t->dir, LEDGER_NAME, "damaged");
	once(t);
	assert_true(fake_exists(t->dir, LEDGER_NAME));
	assert_false(fake_exists(t->dir, LEDGER_BAD));
}

static void another_boot_starts_again(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	once(t);
	t->f->boot_id[0] = '9';
	fake_pass(t->f, INTERVAL);
	once(t);
	assert_int_equal(t->f->signals, 0);
	/* Its counts are not those of this one, and stay where they are. */
	assert_true(fake_exists(t->dir, LEDGER_NAME));
	assert_true(fake_exists(t->dir, OTHER_BOOT));
}

static void without_a_boot_id_there_is_no_ledger(void **state)
{
	struct ctx *t = *state;
	struct engine *eng;

	t->f->boot_id[0] = '\0';
	assert_int_equal(engine_new(&t->options, &t->f->source, &t->f->reaper, &eng), -ENODATA);
}

/* The state of one process in a look at @eng. */
static enum member_state state_of(struct ctx *t, pid_t pid)
{
	struct engine *eng = start(t);
	enum member_state found;
	struct census *c;

	assert_int_equal(engine_tick(eng, 0, &c, NULL), 0);
	assert_non_null(census_find_member(c, pid));
	found = census_find_member(c, pid)->state;
	census_unref(c);
	engine_free(eng);
	return found;
}

static void a_later_run_sees_that_the_parent_changed(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p;

	/* Parents under names that are not known: the root has a live parent. */
	fake_add(t->f, 60, 1, "starter");
	fake_add(t->f, 61, 1, "reaper");
	p = fake_agent(t->f, 200, 60, ID);
	once(t);
	assert_int_equal(state_of(t, 200), STATE_UNKNOWN);
	p->ppid = 61;
	assert_int_equal(state_of(t, 200), STATE_ORPHAN);
}

static void parent_with_reused_pid_has_changed(void **state)
{
	struct ctx *t = *state;

	fake_add(t->f, 60, 1, "starter");
	fake_agent(t->f, 200, 60, ID);
	once(t);
	assert_int_equal(state_of(t, 200), STATE_UNKNOWN);
	fake_find(t->f, 60)->start++;
	assert_int_equal(state_of(t, 200), STATE_ORPHAN);
}

static void inferred_members_are_written_on_a_counted_tick(void **state)
{
	struct ctx *t = *state;
	const struct ledger_process *row;
	struct identity child;
	struct ledger l;
	char *warning;

	fake_env(fake_add(t->f, 200, 1, "buzz-acp"), "BUZZ_MANAGED_AGENT=some.instance");
	fake_env(fake_find(t->f, 200), "BUZZ_MANAGED_AGENT_START_NONCE=n 1");
	fake_add(t->f, 201, 200, "server");
	child = (struct identity){ 201, fake_find(t->f, 201)->start, 0 };
	for (int counted = 0; counted < 2; counted++) {
		struct engine *eng = start(t);

		tick(eng, counted ? TICK_COUNT : 0);
		engine_free(eng);
		ledger_init(&l, FAKE_BOOT, 1);
		assert_int_equal(ledger_load(&l, t->dir, t->f->boottime_ms, false, NULL, &warning),
				 0);
		assert_null(warning);
		row = ledger_find_inferred(&l, &child, 0);
		assert_true((row != NULL) == counted);
		if (row) {
			assert_int_equal(row->from.pid, 200);
			assert_string_equal(row->generation, "n 1");
		}
		ledger_release(&l);
	}
}

static void damage_starts_again(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	once(t);
	fake_write(t->dir, LEDGER_NAME, "{\"schema\":");
	fake_pass(t->f, INTERVAL);
	once(t);
	assert_int_equal(t->f->signals, 0);
	assert_true(fake_exists(t->dir, LEDGER_BAD));
	fake_pass(t->f, INTERVAL);
	assert_int_equal(once(t).exited, 1);
}

static void a_second_beside_only_looks(void **state)
{
	struct ctx *t = *state;
	struct engine *first, *second;

	fake_agent(t->f, 200, 1, ID);
	first = start(t);
	second = start(t);
	assert_true(tick(first, TICK_COUNT).counted);
	fake_pass(t->f, 1000);
	assert_false(tick(second, TICK_COUNT).counted);
	assert_int_equal(ticks_of(second, 200), 1);
	fake_pass(t->f, INTERVAL);
	assert_true(tick(second, TICK_COUNT).counted);
	assert_int_equal(ticks_of(first, 200), 2);
	engine_free(first);
	engine_free(second);
}

static void a_narrowed_run_leaves_the_other_counts(void **state)
{
	struct ctx *t = *state;
	struct engine *eng;

	fake_agent(t->f, 200, 1, ID);
	fake_agent(t->f, 201, 1, "other");
	once(t);
	t->options.scope.instance_glob = "other";
	fake_pass(t->f, INTERVAL);
	assert_int_equal(once(t).exited, 1);
	assert_null(fake_find(t->f, 201));
	t->options.scope.instance_glob = NULL;
	t->options.save = false;
	eng = start(t);
	assert_int_equal(ticks_of(eng, 200), 1);
	engine_free(eng);
}

static void overlapping_scopes_do_not_count_twice(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	once(t);
	fake_pass(t->f, 1000);
	t->options.scope.app = "sprout";
	assert_true(once(t).counted);
	assert_int_equal(t->f->signals, 0);
	fake_pass(t->f, INTERVAL);
	assert_int_equal(once(t).exited, 1);
}

static void a_narrowed_run_does_not_reap_what_others_counted(void **state)
{
	struct ctx *t = *state;
	struct engine *eng;

	fake_agent(t->f, 200, 1, ID);
	eng = start(t);
	tick(eng, TICK_COUNT);
	fake_pass(t->f, INTERVAL);
	tick(eng, TICK_COUNT);
	engine_free(eng);
	t->options.scope.instance_glob = "other";
	fake_pass(t->f, INTERVAL);
	once(t);
	assert_int_equal(t->f->signals, 0);
}

static void gone_ones_do_not_come_back_from_the_file(void **state)
{
	struct ctx *t = *state;
	struct engine *first, *second;
	char *text;

	fake_agent(t->f, 200, 1, ID);
	fake_agent(t->f, 201, 1, ID);
	first = start(t);
	tick(first, TICK_COUNT);
	fake_end(t->f, fake_find(t->f, 200));
	fake_pass(t->f, INTERVAL);
	second = start(t);
	tick(second, TICK_COUNT);
	text = fake_slurp(t->dir, LEDGER_NAME);
	assert_null(strstr(text, "\"pid\":200,"));
	assert_non_null(strstr(text, "\"pid\":201,"));
	free(text);
	/* The one that has not looked since does not write it back. */
	fake_pass(t->f, INTERVAL);
	tick(first, TICK_COUNT);
	text = fake_slurp(t->dir, LEDGER_NAME);
	assert_null(strstr(text, "\"pid\":200,"));
	free(text);
	engine_free(first);
	engine_free(second);
}

static void an_armed_view_brings_its_counts(void **state)
{
	struct ctx *t = *state;
	struct engine *view, *reader;

	fake_agent(t->f, 200, 1, ID);
	t->options.save = false;
	view = start(t);
	tick(view, TICK_COUNT);
	assert_false(fake_exists(t->dir, LEDGER_NAME));
	assert_int_equal(engine_set_save(view, true), 0);
	reader = start(t);
	assert_int_equal(ticks_of(reader, 200), 1);
	assert_int_equal(engine_set_save(view, false), 0);
	fake_pass(t->f, INTERVAL);
	tick(view, TICK_COUNT);
	assert_int_equal(ticks_of(reader, 200), 1);
	engine_free(view);
	engine_free(reader);
	t->options.state_dir = NULL;
	view = start(t);
	assert_true(engine_set_save(view, true) < 0);
	engine_free(view);
}

static void a_changed_parent_is_known_across_runs(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *p, *shell;
	struct engine *eng;
	struct census *c;

	/* A shell of the agent's session started it, and ends; "runner" adopts it. */
	fake_add(t->f, 60, 1, "runner");
	shell = fake_add(t->f, 61, 60, "sh");
	shell->sid = 60;
	p = fake_agent(t->f, 200, 61, ID);
	p->sid = 60;
	once(t);
	fake_end(t->f, shell);
	p->ppid = 60;
	t->options.save = false;
	eng = start(t);
	assert_int_equal(engine_tick(eng, 0, &c, NULL), 0);
	assert_int_equal(census_find_member(c, 200)->state, STATE_ORPHAN);
	assert_int_equal(census_find_member(c, 200)->reason, BECAUSE_PARENT_CHANGED);
	census_unref(c);
	engine_free(eng);
}

static void an_unwritable_ledger_is_an_error_after_all_else(void **state)
{
	struct ctx *t = *state;
	struct engine *eng;

	fake_agent(t->f, 200, 1, ID);
	t->options.settings.grace = 1;
	eng = start(t);
	assert_int_equal(chmod(t->dir, 0755), 0);
	assert_int_equal(engine_tick(eng, TICK_COUNT | TICK_REAP, NULL, NULL), -EPERM);
	assert_null(fake_find(t->f, 200));
	assert_int_equal(chmod(t->dir, 0700), 0);
	engine_free(eng);
}

static void temporary_file_of_killed_writer_is_replaced(void **state)
{
	struct ctx *t = *state;

	fake_agent(t->f, 200, 1, ID);
	fake_write(t->dir, LEDGER_NEW, "{\"schema\":");
	once(t);
	assert_false(fake_exists(t->dir, LEDGER_NEW));
	fake_pass(t->f, INTERVAL);
	assert_int_equal(once(t).exited, 1);
}

/* A disk that is full in the middle of it. */
static void what_cannot_be_written_whole_leaves_the_old_one(void **state)
{
	struct rlimit small, before;
	struct ctx *t = *state;
	struct engine *eng;

	fake_agent(t->f, 200, 1, ID);
	once(t);
	fake_pass(t->f, INTERVAL);
	fake_agent(t->f, 201, 1, ID);
	t->options.settings.grace = 3;
	eng = start(t);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = (struct rlimit){ .rlim_cur = 64, .rlim_max = before.rlim_max };
	assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(engine_tick(eng, TICK_COUNT, NULL, NULL), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	engine_free(eng);
	assert_false(fake_exists(t->dir, LEDGER_NEW));
	eng = start(t);
	assert_int_equal(ticks_of(eng, 200), 1);
	assert_int_equal(ticks_of(eng, 201), 0);
	engine_free(eng);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(two_runs_are_two_ticks),
		TEST(a_recycled_pid_is_known_across_runs),
		TEST(without_a_folder_every_run_is_the_first),
		TEST(lookers_do_not_write),
		TEST(another_boot_starts_again),
		TEST(without_a_boot_id_there_is_no_ledger),
		TEST(a_later_run_sees_that_the_parent_changed),
		TEST(parent_with_reused_pid_has_changed),
		TEST(inferred_members_are_written_on_a_counted_tick),
		TEST(damage_starts_again),
		TEST(a_second_beside_only_looks),
		TEST(a_narrowed_run_leaves_the_other_counts),
		TEST(overlapping_scopes_do_not_count_twice),
		TEST(a_narrowed_run_does_not_reap_what_others_counted),
		TEST(gone_ones_do_not_come_back_from_the_file),
		TEST(an_armed_view_brings_its_counts),
		TEST(a_changed_parent_is_known_across_runs),
		TEST(an_unwritable_ledger_is_an_error_after_all_else),
		TEST(temporary_file_of_killed_writer_is_replaced),
		TEST(what_cannot_be_written_whole_leaves_the_old_one),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
