/* SPDX-License-Identifier: MIT */
/* A command's control group is ended at once, but for what may not be ended. */
#include "unit/engine/reap_fixture.h"

#define WRAPPED "100:7"
#define PATH	"/fake/stray-100-7"

struct fake_group {
	struct group group;
	struct fake *f;
	pid_t in[8], out[8];
	size_t nr_in, nr_out;
	int freeze_error, thaw_error;
	unsigned froze, thawed, ended;
	pid_t joins; /* after the first list */
	bool noted;  /* the ledger held the path when it was frozen */
	const char *dir;
};

static struct fake_group world;

static const char *group_path(struct group *g)
{
	(void)g;
	return PATH;
}

static int group_freeze(struct group *g, int64_t timeout_ms)
{
	char *text = fake_slurp(world.dir, LEDGER_NAME);

	(void)g;
	(void)timeout_ms;
	world.froze++;
	world.noted = text && strstr(text, PATH);
	free(text);
	return world.freeze_error;
}

static int group_thaw(struct group *g, const char *path)
{
	(void)g;
	assert_string_equal(path, PATH);
	world.thawed++;
	return world.thaw_error;
}

static int group_list(struct group *g, pid_t **ret_pids, size_t *ret_nr)
{
	(void)g;
	*ret_pids = calloc(8, sizeof(pid_t));
	assert_non_null(*ret_pids);
	*ret_nr = 0;
	for (size_t i = 0; i < world.nr_in; i++)
		if (!world.in[i] || fake_find(world.f, world.in[i]))
			(*ret_pids)[(*ret_nr)++] = world.in[i];
	if (world.joins)
		world.in[world.nr_in++] = world.joins;
	world.joins = 0;
	return 0;
}

static int group_move_out(struct group *g, pid_t pid)
{
	(void)g;
	for (size_t i = 0; i < world.nr_in; i++) {
		if (world.in[i] != pid)
			continue;
		world.in[i] = world.in[--world.nr_in];
		world.out[world.nr_out++] = pid;
		return 0;
	}
	return -ESRCH;
}

static int group_end_all(struct group *g, int64_t timeout_ms)
{
	(void)g;
	(void)timeout_ms;
	world.ended++;
	for (size_t i = 0; i < world.nr_in; i++)
		if (fake_find(world.f, world.in[i]))
			fake_end(world.f, fake_find(world.f, world.in[i]));
	return 0;
}

static const struct group_ops ops = {
	.path = group_path,
	.freeze = group_freeze,
	.thaw = group_thaw,
	.list = group_list,
	.move_out = group_move_out,
	.end_all = group_end_all,
};

/* A process that the command left in the group. */
static struct fake_proc *leave(struct ctx *t, pid_t pid)
{
	struct fake_proc *p = fake_add(t->f, pid, FAKE_SELF, "left");

	fake_env(p, "STRAY_INSTANCE=" WRAPPED);
	world.in[world.nr_in++] = pid;
	return p;
}

static int set_up_group(void **state)
{
	int r = set_up(state);
	struct ctx *t = *state;
	struct app *app = policy_replace_app(&t->policy, "stray", "built-in");

	assert_non_null(app);
	app->owner = APP_OWNER_PID;
	assert_int_equal(app_add_marker(app, "STRAY_INSTANCE", 14, NULL, 0), 0);
	world = (struct fake_group){ .group.ops = &ops, .f = t->f, .dir = t->dir };
	t->options.group = &world.group;
	t->options.wrapper = FAKE_SELF;
	t->options.wrapper_id = (struct bytes){ WRAPPED, strlen(WRAPPED) };
	return r;
}

static bool end_group(struct ctx *t)
{
	const struct reap_request request = {
		.face = FACE_GROUP,
		.force = true,
		.app = "stray",
		.instance = { WRAPPED, strlen(WRAPPED) },
	};

	begin(t);
	engine_end_group(t->eng, &request, &t->report);
	return world.ended;
}

static void all_that_may_be_ended_is_ended_at_once(void **state)
{
	struct ctx *t = *state;

	leave(t, 200);
	leave(t, 201);
	assert_true(end_group(t));
	assert_int_equal(world.ended, 1);
	assert_int_equal(t->report.count[OUTCOME_KILLED], 2);
	assert_null(fake_find(t->f, 200));
}

static void the_ledger_holds_the_path_first(void **state)
{
	struct ctx *t = *state;
	char *text;

	leave(t, 200);
	assert_true(end_group(t));
	assert_true(world.noted);
	text = fake_slurp(t->dir, LEDGER_NAME);
	assert_non_null(text);
	assert_null(strstr(text, PATH));
	free(text);
	assert_int_equal(world.thawed, 1);
}

static void nothing_is_frozen_without_a_ledger(void **state)
{
	struct ctx *t = *state;

	leave(t, 200);
	t->options.save = false;
	assert_false(end_group(t));
	assert_int_equal(world.froze, 0);
	assert_int_equal(world.ended, 0);
}

static void kept_process_is_moved_out_and_survives(void **state)
{
	struct ctx *t = *state;

	leave(t, 200);
	fake_env(leave(t, 201), "STRAY_KEEP=1");
	assert_true(end_group(t));
	assert_int_equal(world.nr_out, 1);
	assert_int_equal(world.out[0], 201);
	assert_non_null(fake_find(t->f, 201));
	assert_null(fake_find(t->f, 200));
}

static void process_that_is_not_of_the_command_is_moved_out(void **state)
{
	struct ctx *t = *state;

	leave(t, 200);
	fake_add(t->f, 300, 1, "stranger");
	world.in[world.nr_in++] = 300;
	assert_true(end_group(t));
	assert_int_equal(world.out[0], 300);
	assert_non_null(fake_find(t->f, 300));
}

static void unreadable_process_is_moved_out(void **state)
{
	struct ctx *t = *state;

	leave(t, 200);
	leave(t, 201)->environ_read = READ_REFUSED;
	assert_true(end_group(t));
	assert_int_equal(world.out[0], 201);
	assert_non_null(fake_find(t->f, 201));
}

static void unverifiable_process_is_moved_out(void **state)
{
	struct ctx *t = *state;

	leave(t, 200);
	leave(t, 201)->read_error = -EIO;
	assert_true(end_group(t));
	assert_int_equal(world.out[0], 201);
	assert_non_null(fake_find(t->f, 201));
}

static void process_that_joins_after_the_scan_is_judged_too(void **state)
{
	struct ctx *t = *state;

	leave(t, 200);
	fake_add(t->f, 300, 1, "stranger");
	world.joins = 300;
	assert_true(end_group(t));
	assert_non_null(fake_find(t->f, 300));
}

static void process_of_another_pid_namespace_spares_the_group(void **state)
{
	struct ctx *t = *state;

	leave(t, 200);
	world.in[world.nr_in++] = 0;
	assert_false(end_group(t));
	assert_int_equal(world.ended, 0);
	assert_int_equal(world.thawed, 1);
}

static void incomplete_scans_end_nothing(void **state)
{
	struct ctx *t = *state;

	leave(t, 200);
	begin(t);
	t->f->blind = 1000;
	assert_false(end_group(t));
	t->f->blind = 0;
	assert_int_equal(world.ended, 0);
	assert_int_equal(world.thawed, 1);
}

static void group_that_does_not_freeze_is_thawed(void **state)
{
	struct ctx *t = *state;

	leave(t, 200);
	world.freeze_error = -ETIMEDOUT;
	assert_false(end_group(t));
	assert_int_equal(world.ended, 0);
	assert_int_equal(world.thawed, 1);
}

static void start_thaws_the_group_of_a_stray_that_has_ended(void **state)
{
	struct ctx *t = *state;
	struct ledger l;

	ledger_init(&l, FAKE_BOOT, 1);
	assert_int_equal(ledger_add_group(&l, PATH, &(struct identity){ 99, 5, 0 }), 0);
	assert_int_equal(ledger_save(&l, t->dir, NULL), 0);
	ledger_release(&l);
	world.thaw_error = -ENODEV;
	begin(t);
	assert_int_equal(world.thawed, 1);
	world.thaw_error = 0;
	begin(t);
	assert_int_equal(world.thawed, 2);
	begin(t);
	assert_int_equal(world.thawed, 2);
}

static void start_leaves_the_group_of_a_living_stray_frozen(void **state)
{
	struct ctx *t = *state;
	struct fake_proc *other = fake_add(t->f, 99, 1, "stray");
	struct ledger l;

	ledger_init(&l, FAKE_BOOT, 1);
	assert_int_equal(ledger_add_group(&l, PATH, &(struct identity){ 99, other->start, 0 }), 0);
	assert_int_equal(ledger_save(&l, t->dir, NULL), 0);
	ledger_release(&l);
	begin(t);
	assert_int_equal(world.thawed, 0);
	fake_end(t->f, other);
	begin(t);
	assert_int_equal(world.thawed, 1);
}

static void dry_run_freezes_nothing(void **state)
{
	struct ctx *t = *state;

	leave(t, 200);
	t->options.dry_run = true;
	assert_false(end_group(t));
	assert_int_equal(world.froze, 0);
}

#define GROUP_TEST(name) cmocka_unit_test_setup_teardown(name, set_up_group, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		GROUP_TEST(all_that_may_be_ended_is_ended_at_once),
		GROUP_TEST(the_ledger_holds_the_path_first),
		GROUP_TEST(nothing_is_frozen_without_a_ledger),
		GROUP_TEST(kept_process_is_moved_out_and_survives),
		GROUP_TEST(process_that_is_not_of_the_command_is_moved_out),
		GROUP_TEST(unreadable_process_is_moved_out),
		GROUP_TEST(unverifiable_process_is_moved_out),
		GROUP_TEST(process_that_joins_after_the_scan_is_judged_too),
		GROUP_TEST(process_of_another_pid_namespace_spares_the_group),
		GROUP_TEST(incomplete_scans_end_nothing),
		GROUP_TEST(group_that_does_not_freeze_is_thawed),
		GROUP_TEST(start_thaws_the_group_of_a_stray_that_has_ended),
		GROUP_TEST(start_leaves_the_group_of_a_living_stray_frozen),
		GROUP_TEST(dry_run_freezes_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
