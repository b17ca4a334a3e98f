/* SPDX-License-Identifier: MIT */
#include "engine/receipts.h"

#include "helpers/root.h"
#include "unit/engine/fake.h"

#define ID "xyz.block.sprout.app.dev"

struct ctx {
	struct fake *f;
	struct policy policy;
	const struct app *app;
	char *home, *folder;
	char warnings[1024];
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
	assert_int_equal(policy_init(&t->policy), 0);
	t->app = policy_find_app(&t->policy, "sprout");
	*state = t;
	return 0;
}

static int tear_down(void **state)
{
	struct ctx *t = *state;

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

static void on_warn(void *ctx, const char *path, const char *what)
{
	struct ctx *t = ctx;
	size_t len = strlen(t->warnings);

	snprintf(t->warnings + len, sizeof(t->warnings) - len, "%s: %s\n", strrchr(path, '/') + 1,
		 what);
}

static void drop(struct ctx *t, const char *name)
{
	char *path = fake_path(t->folder, name);

	assert_int_equal(unlink(path), 0);
	free(path);
}

/* The folder for that template, id and environment; NULL: it cannot be told. */
static char *folder_of(struct ctx *t, const char *template, const char *id, const char *env,
		       size_t len)
{
	struct app app = *t->app;
	char *copy = strdup(template), *path = NULL;
	int r;

	app.receipts = copy;
	r = receipts_folder(&app, (struct bytes){ id, strlen(id) }, (struct bytes){ env, len },
			    &path);
	free(copy);
	assert_true((r == 0) == (path != NULL));
	return path;
}

#define ASSERT_FOLDER(template, id, env, expected)                                                 \
	do {                                                                                       \
		char *path_ = folder_of(*state, template, id, env, sizeof(env));                   \
		assert_non_null(path_);                                                            \
		assert_string_equal(path_, expected);                                              \
		free(path_);                                                                       \
	} while (0)

#define ASSERT_NO_FOLDER(template, id, env)                                                        \
	assert_null(folder_of(*state, template, id, env, sizeof(env)))

static void templates_are_expanded(void **state)
{
	ASSERT_FOLDER("${XDG_DATA_HOME}/%i/x", "a", "HOME=/h", "/h/.local/share/a/x");
	ASSERT_FOLDER("${XDG_DATA_HOME}/%i/x", "a", "HOME=/h\0XDG_DATA_HOME=/d", "/d/a/x");
	ASSERT_FOLDER("${XDG_DATA_HOME}/%i/x", "a",
		      "HOME=/h\0XDG_DATA_HOME=", "/h/.local/share/a/x");
	ASSERT_FOLDER("${XDG_DATA_HOME}/%i/x", "a", "HOME=/h\0XDG_DATA_HOME=rel",
		      "/h/.local/share/a/x");
	ASSERT_FOLDER("~/%i", "a", "HOME=/h", "/h/a");
	ASSERT_FOLDER("${HOME}/${V}", "a", "HOME=/h\0V=w", "/h/w");
}

static void what_cannot_be_told_is_no_folder(void **state)
{
	ASSERT_NO_FOLDER("${XDG_DATA_HOME}/%i", "a", "X=y");
	ASSERT_NO_FOLDER("${XDG_DATA_HOME}/%i", "a", "HOME=rel");
	ASSERT_NO_FOLDER("/x/${V}", "a", "HOME=/h");
	ASSERT_NO_FOLDER("rel/%i", "a", "HOME=/h");
	/* An id that would lead elsewhere. */
	ASSERT_NO_FOLDER("/x/%i/y", "../../etc", "HOME=/h");
	ASSERT_NO_FOLDER("/x/%i/y", "..", "HOME=/h");
	ASSERT_NO_FOLDER("/x/%i/y", "", "HOME=/h");
}

static struct receipts read_all(struct ctx *t, struct snapshot *s)
{
	const struct receipts_report report = { on_warn, t };
	char env[PATH_MAX + 8];
	int len = snprintf(env, sizeof(env), "HOME=%s", t->home);
	const struct process desktop = {
		.id = { 300, 1, 0 },
		.environ = { env, (size_t)len + 1 },
		.environ_read = READ_DONE,
	};
	const struct instance inst = {
		.id = { ID, strlen(ID) },
		.app = t->app,
		.uid = geteuid(),
	};

	t->warnings[0] = '\0';
	return receipts_read(&s->storage, &inst, &desktop, s->pid_ns, &report, NULL);
}

static void pids_are_read(void **state)
{
	struct ctx *t = *state;
	struct snapshot *s = snapshot_new();
	struct receipts receipts;

	fake_write(t->folder, "a.pid", "4300\n");
	fake_write(t->folder, "b.pid", "77");
	fake_write(t->folder, "c.txt", "88");
	/* Whatever stands beside it in the storage. */
	(void)snapshot_copy(s, "x", 1);
	receipts = read_all(t, s);
	assert_int_equal(receipts.state, RECEIPTS_READ);
	assert_int_equal(receipts.nr, 2);
	assert_int_equal(receipts.pgids[0] + receipts.pgids[1], 4377);
	assert_int_equal((uintptr_t)receipts.pgids % sizeof(pid_t), 0);
	assert_string_equal(t->warnings, "");
	drop(t, "a.pid");
	drop(t, "b.pid");
	drop(t, "c.txt");
	receipts = read_all(t, s);
	assert_int_equal(receipts.state, RECEIPTS_READ);
	assert_int_equal(receipts.nr, 0);
	snapshot_unref(s);
}

static void what_is_no_receipt_is_left_out_and_told(void **state)
{
	static const char *const bad[] = { "1",	 "0",	      "-5",  "12x",
					   " 7", "4711 4712", "pid", "99999999999999999999" };
	struct ctx *t = *state;
	struct snapshot *s = snapshot_new();
	char *link = fake_path(t->folder, "link.pid");

	fake_write(t->folder, "good.pid", "4300");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct receipts receipts;

		fake_write(t->folder, "bad.pid", bad[i]);
		receipts = read_all(t, s);
		assert_int_equal(receipts.state, RECEIPTS_READ);
		assert_int_equal(receipts.nr, 1);
		assert_int_equal(receipts.pgids[0], 4300);
		assert_string_equal(t->warnings, "bad.pid: holds no pid\n");
	}
	drop(t, "bad.pid");
	assert_int_equal(symlink("good.pid", link), 0);
	assert_int_equal(read_all(t, s).nr, 1);
	assert_string_equal(t->warnings, "link.pid: is a link\n");
	drop(t, "link.pid");
	if (is_root_of_all()) {
		char *planted = fake_path(t->folder, "planted.pid");

		fake_write(t->folder, "planted.pid", "4711");
		assert_int_equal(chown(planted, 4242, 4242), 0);
		assert_int_equal(read_all(t, s).nr, 1);
		assert_string_equal(t->warnings, "planted.pid: belongs to another user\n");
		drop(t, "planted.pid");
		free(planted);
	}
	drop(t, "good.pid");
	snapshot_unref(s);
	free(link);
}

static void what_cannot_be_read_proves_nothing(void **state)
{
	struct ctx *t = *state;
	struct snapshot *s = snapshot_new();
	char *moved = fake_path(t->home, "moved");

	/* Half written: its pid is not known yet. */
	fake_write(t->folder, "a.pid", "");
	assert_int_equal(read_all(t, s).state, RECEIPTS_FAILED);
	drop(t, "a.pid");
	/* A link in place of the folder. */
	assert_int_equal(rename(t->folder, moved), 0);
	assert_int_equal(read_all(t, s).state, RECEIPTS_NONE);
	assert_int_equal(symlink(moved, t->folder), 0);
	assert_int_equal(read_all(t, s).state, RECEIPTS_FAILED);
	assert_int_equal(unlink(t->folder), 0);
	assert_int_equal(rename(moved, t->folder), 0);
	snapshot_unref(s);
	free(moved);
}

static void without_the_desktops_environment_nothing_is_known(void **state)
{
	struct ctx *t = *state;
	struct snapshot *s = snapshot_new();
	struct process desktop = { .environ_read = READ_REFUSED };
	struct instance inst = { .id = { ID, strlen(ID) }, .app = t->app, .uid = geteuid() };

	assert_int_equal(receipts_read(&s->storage, &inst, NULL, s->pid_ns, NULL, NULL).state,
			 RECEIPTS_FAILED);
	assert_int_equal(receipts_read(&s->storage, &inst, &desktop, s->pid_ns, NULL, NULL).state,
			 RECEIPTS_FAILED);
	/* In another pid namespace its paths and pids are not ours. */
	desktop.environ_read = READ_DONE;
	desktop.environ = (struct bytes){ "HOME=/nonexistent", 18 };
	desktop.pid_ns = 2;
	s->pid_ns = 1;
	assert_int_equal(receipts_read(&s->storage, &inst, &desktop, s->pid_ns, NULL, NULL).state,
			 RECEIPTS_FAILED);
	desktop.pid_ns = 1;
	assert_int_equal(receipts_read(&s->storage, &inst, &desktop, s->pid_ns, NULL, NULL).state,
			 RECEIPTS_NONE);
	snapshot_unref(s);
}

static void another_users_folder_is_not_believed(void **state)
{
	struct ctx *t = *state;
	struct snapshot *s = snapshot_new();
	char env[PATH_MAX + 8];
	int len = snprintf(env, sizeof(env), "HOME=%s", t->home);
	const struct process desktop = {
		.environ = { env, (size_t)len + 1 },
		.environ_read = READ_DONE,
	};
	const struct instance inst = {
		.id = { ID, strlen(ID) },
		.app = t->app,
		.uid = geteuid() + 1,
	};

	assert_int_equal(receipts_read(&s->storage, &inst, &desktop, s->pid_ns, NULL, NULL).state,
			 RECEIPTS_FAILED);
	snapshot_unref(s);
}

static void receipts_of_nobody_are_removed(void **state)
{
	struct ctx *t = *state;
	const struct receipts_report report = { on_warn, t };
	char *link = fake_path(t->folder, "link.pid");

	fake_add(t->f, 4300, 1, "firefox");
	fake_write(t->folder, "gone.pid", "4299\n");
	fake_write(t->folder, "other.pid", "4300\n");
	fake_write(t->folder, "bad.pid", "1\n");
	fake_write(t->folder, "note.txt", "4299\n");
	assert_int_equal(symlink("note.txt", link), 0);
	assert_int_equal(receipts_remove(t->folder, geteuid(), &t->f->source, &report), 1);
	assert_false(fake_exists(t->folder, "gone.pid"));
	assert_true(fake_exists(t->folder, "other.pid"));
	assert_true(fake_exists(t->folder, "bad.pid"));
	assert_true(fake_exists(t->folder, "note.txt"));
	assert_true(fake_exists(t->folder, "link.pid"));
	assert_non_null(strstr(t->warnings, "other.pid: names a process"));
	assert_non_null(strstr(t->warnings, "bad.pid: "));
	assert_non_null(strstr(t->warnings, "link.pid: "));
	drop(t, "other.pid");
	drop(t, "bad.pid");
	drop(t, "note.txt");
	drop(t, "link.pid");
	free(link);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(templates_are_expanded),
		TEST(what_cannot_be_told_is_no_folder),
		TEST(pids_are_read),
		TEST(what_is_no_receipt_is_left_out_and_told),
		TEST(what_cannot_be_read_proves_nothing),
		TEST(without_the_desktops_environment_nothing_is_known),
		TEST(another_users_folder_is_not_believed),
		TEST(receipts_of_nobody_are_removed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
