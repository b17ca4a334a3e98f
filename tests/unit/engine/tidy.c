/* SPDX-License-Identifier: MIT */
/* Receipts go when no process of the instance is left, and only then. */
#include "unit/engine/fake.h"

#define ID "xyz.block.sprout.app.dev"

struct ctx {
	struct fake *f;
	struct policy policy;
	struct engine_options options;
	struct engine *eng;
	char *home, *folder;
	char env[PATH_MAX + 8];
};

static int set_up(void **state)
{
	static const char *const parts[] = { "/.local", "/share", ("/" ID), "/agents",
					     "/agent-pids" };
	struct ctx *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	t->f = fake_new();
	t->home = fake_mkdir();
	t->folder = calloc(1, PATH_MAX);
	assert_non_null(t->folder);
	snprintf(t->folder, PATH_MAX, "%s", t->home);
	for (size_t i = 0; i < 5; i++) {
		strncat(t->folder, parts[i], PATH_MAX - strlen(t->folder) - 1);
		assert_int_equal(mkdir(t->folder, 0700), 0);
	}
	snprintf(t->env, sizeof(t->env), "HOME=%s", t->home);
	fake_find(t->f, FAKE_SELF)->uid = geteuid();
	assert_int_equal(policy_init(&t->policy), 0);
	t->options = (struct engine_options){
		.policy = &t->policy,
		.settings = engine_defaults,
		.scope = { .uid = geteuid() },
		.stop_fd = -1,
		.notify = fake_notify,
		.ctx = t->f,
	};
	assert_int_equal(engine_new(&t->options, &t->f->source, &t->f->reaper, &t->eng), 0);
	*state = t;
	return 0;
}

static int tear_down(void **state)
{
	struct ctx *t = *state;

	engine_free(t->eng);
	assert_int_equal(t->f->open_handles, 0);
	while (strcmp(t->folder, t->home) != 0) {
		assert_int_equal(rmdir(t->folder), 0);
		*strrchr(t->folder, '/') = '\0';
	}
	assert_int_equal(rmdir(t->home), 0);
	policy_release(&t->policy);
	free(t->home);
	free(t->folder);
	free(t->f);
	free(t);
	return 0;
}

static struct fake_proc *agent(struct ctx *t, pid_t pid, pid_t ppid)
{
	struct fake_proc *p = fake_agent(t->f, pid, ppid, ID);

	p->uid = geteuid();
	return p;
}

static struct fake_proc *desktop(struct ctx *t, pid_t pid)
{
	struct fake_proc *p = fake_desktop(t->f, pid, ID);

	p->uid = geteuid();
	fake_env(p, t->env);
	return p;
}

static void look(struct ctx *t)
{
	assert_int_equal(engine_tick(t->eng, 0, NULL, NULL), 0);
}

static struct reap_report reap(struct ctx *t)
{
	const struct reap_request request = {
		.face = FACE_GROUP,
		.instance = { ID, strlen(ID) },
		.uid = geteuid(),
		.term_timeout_ms = -1,
	};
	struct reap_report report;

	assert_int_equal(engine_reap(t->eng, &request, &report), 0);
	return report;
}

static void drop(struct ctx *t, const char *name)
{
	char *path = fake_path(t->folder, name);

	assert_int_equal(unlink(path), 0);
	free(path);
}

static void removed_from_where_the_desktop_had_them(void **state)
{
	struct ctx *t = *state;
	struct reap_report report;

	desktop(t, 300);
	agent(t, 200, 300);
	fake_write(t->folder, "a.pid", "200\n");
	fake_write(t->folder, "b.pid", "50\n");
	look(t);
	fake_end(t->f, fake_find(t->f, 300));
	report = reap(t);
	assert_int_equal(report.count[OUTCOME_EXITED], 1);
	assert_false(fake_exists(t->folder, "a.pid"));
	assert_true(fake_exists(t->folder, "b.pid"));
	assert_non_null(strstr(t->f->warnings, "b.pid"));
	drop(t, "b.pid");
	reap_report_release(&report);
}

static void removed_from_the_users_own_place_otherwise(void **state)
{
	struct ctx *t = *state;
	struct reap_report report;

	agent(t, 200, 1);
	fake_write(t->folder, "a.pid", "200\n");
	assert_int_equal(setenv("HOME", t->home, 1), 0);
	assert_int_equal(unsetenv("XDG_DATA_HOME"), 0);
	report = reap(t);
	assert_false(fake_exists(t->folder, "a.pid"));
	reap_report_release(&report);
}

static void clear(struct ctx *t, const char *app)
{
	engine_clear_receipts(t->eng, app, (struct bytes){ ID, strlen(ID) }, geteuid());
}

/* The agents have ended by themselves, before stray was asked. */
static void receipts_without_instance_go_once_no_desktop_writes_them(void **state)
{
	struct ctx *t = *state;

	assert_int_equal(setenv("HOME", t->home, 1), 0);
	assert_int_equal(unsetenv("XDG_DATA_HOME"), 0);
	fake_write(t->folder, "a.pid", "199\n");
	fake_write(t->folder, "b.pid", "50\n");
	fake_desktop(t->f, 300, "other")->uid = geteuid();
	clear(t, "sprout");
	assert_true(fake_exists(t->folder, "a.pid"));
	fake_end(t->f, fake_find(t->f, 300));
	agent(t, 200, 1);
	clear(t, "sprout");
	assert_true(fake_exists(t->folder, "a.pid"));
	fake_end(t->f, fake_find(t->f, 200));
	t->f->blind = 1;
	clear(t, "sprout");
	assert_true(fake_exists(t->folder, "a.pid"));
	t->f->blind = 0;
	clear(t, "no-such-app");
	assert_true(fake_exists(t->folder, "a.pid"));
	clear(t, NULL);
	assert_false(fake_exists(t->folder, "a.pid"));
	assert_true(fake_exists(t->folder, "b.pid"));
	assert_non_null(strstr(t->f->warnings, "b.pid"));
	drop(t, "b.pid");
}

static void receipts_stay_while_a_process_is_left(void **state)
{
	struct ctx *t = *state;
	struct reap_report report;

	desktop(t, 300);
	agent(t, 200, 300);
	agent(t, 201, 300)->cannot_die = true;
	fake_write(t->folder, "a.pid", "200\n");
	look(t);
	fake_end(t->f, fake_find(t->f, 300));
	report = reap(t);
	assert_int_equal(report.count[OUTCOME_EXITED], 1);
	assert_true(fake_exists(t->folder, "a.pid"));
	drop(t, "a.pid");
	reap_report_release(&report);
}

static void left_to_a_live_owner(void **state)
{
	struct ctx *t = *state;

	/* An orphan of a former desktop; the one of now has no agents yet. */
	agent(t, 200, 1);
	fake_pass(t->f, 1000);
	desktop(t, 300);
	fake_write(t->folder, "a.pid", "199\n");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(engine_tick(t->eng, TICK_COUNT | TICK_REAP, NULL, NULL), 0);
		fake_pass(t->f, 60000);
	}
	assert_null(fake_find(t->f, 200));
	assert_true(fake_exists(t->folder, "a.pid"));
	drop(t, "a.pid");
}

/* The last look of the reaping is over, the one before the receipts comes. */
static bool is_last_look(struct fake *f)
{
	return !fake_find(f, 200) && ++f->procs[0].got[0] == 4;
}

static void desktop_after_the_end(struct fake *f)
{
	if (is_last_look(f))
		desktop(f->ctx, 301);
}

static void blind_after_the_end(struct fake *f)
{
	if (is_last_look(f))
		f->blind = 1;
}

static void left_unless_the_last_look_is_clear(void **state, void (*on_scan)(struct fake *f))
{
	struct ctx *t = *state;
	struct reap_report report;

	desktop(t, 300);
	agent(t, 200, 300);
	fake_write(t->folder, "a.pid", "200\n");
	look(t);
	fake_end(t->f, fake_find(t->f, 300));
	t->f->ctx = t;
	t->f->on_scan = on_scan;
	report = reap(t);
	assert_false(report.stopped);
	assert_int_equal(report.count[OUTCOME_EXITED], 1);
	assert_true(fake_exists(t->folder, "a.pid"));
	drop(t, "a.pid");
	reap_report_release(&report);
}

static void left_when_a_desktop_came_up(void **state)
{
	left_unless_the_last_look_is_clear(state, desktop_after_the_end);
}

static void left_when_not_all_could_be_seen(void **state)
{
	left_unless_the_last_look_is_clear(state, blind_after_the_end);
}

static void adopted_by_receipt_is_owned(void **state)
{
	struct ctx *t = *state;

	agent(t, 200, 1);
	fake_pass(t->f, 1000);
	desktop(t, 300);
	fake_write(t->folder, "a.pid", "200\n");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(engine_tick(t->eng, TICK_COUNT | TICK_REAP, NULL, NULL), 0);
		fake_pass(t->f, 60000);
	}
	assert_int_equal(t->f->signals, 0);
	drop(t, "a.pid");
}

static void dry_run_removes_none(void **state)
{
	struct ctx *t = *state;
	struct reap_report report;

	engine_free(t->eng);
	t->options.dry_run = true;
	assert_int_equal(engine_new(&t->options, &t->f->source, &t->f->reaper, &t->eng), 0);
	desktop(t, 300);
	agent(t, 200, 300);
	fake_write(t->folder, "a.pid", "199\n");
	look(t);
	fake_end(t->f, fake_find(t->f, 300));
	report = reap(t);
	assert_int_equal(report.count[OUTCOME_WOULD], 1);
	assert_true(fake_exists(t->folder, "a.pid"));
	drop(t, "a.pid");
	reap_report_release(&report);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(removed_from_where_the_desktop_had_them),
		TEST(removed_from_the_users_own_place_otherwise),
		TEST(receipts_without_instance_go_once_no_desktop_writes_them),
		TEST(receipts_stay_while_a_process_is_left),
		TEST(left_to_a_live_owner),
		TEST(left_when_a_desktop_came_up),
		TEST(left_when_not_all_could_be_seen),
		TEST(adopted_by_receipt_is_owned),
		TEST(dry_run_removes_none),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
