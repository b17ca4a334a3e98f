/* SPDX-License-Identifier: MIT */
#include "engine/receipts.h"

#include <fcntl.h>
#include <time.h>

#include "base/array.h"
#include "base/bytes.h"
#include "helpers/root.h"
#include "unit/engine/fake.h"

#define ID "xyz.block.sprout.app.dev"

struct ctx {
	struct fake *f;
	struct policy policy;
	const struct app *app;
	char *home, *folder;
	struct receipts_cache cache;
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
	receipts_cache_release(&t->cache);
	policy_release(&t->policy);
	free(t->home);
	free(t->folder);
	free(t->f);
	free(t);
	return 0;
}

/* One line each; what makes unknown ends in an exclamation mark. */
static void on_warn(void *ctx, const char *path, const char *what, bool ignored)
{
	struct ctx *t = ctx;
	size_t len = strlen(t->warnings);

	snprintf(t->warnings + len, sizeof(t->warnings) - len, "%s: %s%s\n", strrchr(path, '/') + 1,
		 what, ignored ? "" : "!");
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

static bool is_known(void *ctx, const struct instance *inst, struct bytes id)
{
	(void)ctx;
	(void)inst;
	return bytes_is(id, "known.instance");
}

/* Look at the folder, @quick or not, @now_s after the epoch. */
static struct receipts look(struct ctx *t, struct snapshot *s, bool quick, int64_t now_s)
{
	const struct receipts_report report = { on_warn, is_known, t };
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
	receipts_cache_begin(&t->cache, quick, now_s);
	return receipts_read(&s->storage, &t->cache, &inst, &desktop, s->pid_ns, &report, NULL);
}

static struct receipts read_folder(struct ctx *t, struct snapshot *s)
{
	return look(t, s, false, (int64_t)time(NULL));
}

static void pids_are_read(void **state)
{
	struct ctx *t = *state;
	struct snapshot *s = snapshot_new();
	struct receipts receipts;

	fake_write(t->folder, "a.pid", "4300\n");
	fake_write(t->folder, "b.pid", " \t77 \r\n");
	fake_write(t->folder, "c.json",
		   "\n{\"pid\":99,\"desktopInstanceId\":\"" ID "\",\"new\":[{}]}");
	fake_write(t->folder, "d.json", "{\"pid\":77}");
	/* Whatever stands beside it in the storage. */
	(void)snapshot_copy(s, "x", 1);
	receipts = read_folder(t, s);
	assert_int_equal(receipts.state, RECEIPTS_READ);
	/* In order, each once. */
	assert_int_equal(receipts.nr, 3);
	assert_int_equal(receipts.pids[0], 77);
	assert_int_equal(receipts.pids[1], 99);
	assert_int_equal(receipts.pids[2], 4300);
	assert_string_equal(t->warnings, "");
	drop(t, "a.pid");
	drop(t, "b.pid");
	drop(t, "c.json");
	drop(t, "d.json");
	receipts = read_folder(t, s);
	assert_int_equal(receipts.state, RECEIPTS_READ);
	assert_int_equal(receipts.nr, 0);
	snapshot_unref(s);
}

/* The folder with @text in the file @name beside a good one: unknown, and one line names it. */
#define ASSERT_NOT_CLEAR(name, text, what)                                                         \
	do {                                                                                       \
		fake_write(t->folder, name, text);                                                 \
		assert_int_equal(read_folder(t, s).state, RECEIPTS_FAILED);                        \
		assert_string_equal(t->warnings, name ": " what "!\n");                            \
		drop(t, name);                                                                     \
	} while (0)

static void what_is_not_understood_makes_unknown(void **state)
{
	static const char *const bad[] = { "1",	  "0",	       "-5",  "12x",
					   "4 7", "4711 4712", "pid", "99999999999999999999" };
	static const char *const odd[] = { "[4711]",
					   "4711",
					   "{\"pid\":",
					   "null",
					   "{\"pid\":4711,\"pid\":4712}",
					   "{\"pid\":4711,\"desktopInstanceId\":7}" };
	static const char *const no_pid[] = { "{}", "{\"pid\":\"4711\"}", "{\"pid\":1}",
					      "{\"pid\":4711.0}", "{\"pid\":4294967297}" };
	struct ctx *t = *state;
	struct snapshot *s = snapshot_new();

	fake_write(t->folder, "good.pid", "4300");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		ASSERT_NOT_CLEAR("bad.pid", bad[i], "holds no pid");
	for (size_t i = 0; i < ARRAY_SIZE(odd); i++)
		ASSERT_NOT_CLEAR("bad.json", odd[i], "is not understood");
	for (size_t i = 0; i < ARRAY_SIZE(no_pid); i++)
		ASSERT_NOT_CLEAR("bad.json", no_pid[i], "holds no pid");
	ASSERT_NOT_CLEAR("of.json", "{\"pid\":4711,\"desktopInstanceId\":\"stranger\"}",
			 "is of an instance that is not known");
	/* The next format. */
	ASSERT_NOT_CLEAR("a.toml", "pid = 4711", "is no receipt");
	ASSERT_NOT_CLEAR("a.json.new", "{\"pid\":4711}", "is no receipt");
	drop(t, "good.pid");
	snapshot_unref(s);
}

static void dot_files_and_receipts_of_known_instances_say_nothing(void **state)
{
	struct ctx *t = *state;
	struct snapshot *s = snapshot_new();

	fake_write(t->folder, ".hidden.pid", "what");
	fake_write(t->folder, ".tmp", "what");
	fake_write(t->folder, "a.json", "{\"pid\":4711,\"desktopInstanceId\":\"known.instance\"}");
	assert_int_equal(read_folder(t, s).state, RECEIPTS_READ);
	assert_int_equal(read_folder(t, s).nr, 0);
	assert_string_equal(t->warnings, "");
	drop(t, ".hidden.pid");
	drop(t, ".tmp");
	drop(t, "a.json");
	snapshot_unref(s);
}

static void a_receipt_that_is_no_file_of_the_user_makes_unknown(void **state)
{
	struct ctx *t = *state;
	struct snapshot *s = snapshot_new();
	char *link = fake_path(t->folder, "link.pid"), *folder = fake_path(t->folder, "sub");
	char *large = calloc(1, 16 * 1024 + 2);

	fake_write(t->folder, "good.pid", "4300");
	assert_int_equal(symlink("good.pid", link), 0);
	assert_int_equal(read_folder(t, s).state, RECEIPTS_FAILED);
	assert_string_equal(t->warnings, "link.pid: is a link!\n");
	drop(t, "link.pid");
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_int_equal(read_folder(t, s).state, RECEIPTS_FAILED);
	assert_string_equal(t->warnings, "sub: is not a file!\n");
	assert_int_equal(rmdir(folder), 0);
	if (is_root_of_all()) {
		char *planted = fake_path(t->folder, "planted.pid");

		fake_write(t->folder, "planted.pid", "4711");
		assert_int_equal(chown(planted, 4242, 4242), 0);
		assert_int_equal(read_folder(t, s).state, RECEIPTS_FAILED);
		assert_string_equal(t->warnings, "planted.pid: belongs to another user!\n");
		drop(t, "planted.pid");
		free(planted);
	}
	/* 16 KiB are read, and not one byte more. */
	memset(large, ' ', 16 * 1024 + 1);
	memcpy(large, "4711", 4);
	ASSERT_NOT_CLEAR("large.pid", large, "is too large");
	large[16 * 1024] = '\0';
	fake_write(t->folder, "large.pid", large);
	assert_int_equal(read_folder(t, s).nr, 2);
	drop(t, "large.pid");
	drop(t, "good.pid");
	snapshot_unref(s);
	free(large);
	free(folder);
	free(link);
}

static void an_empty_receipt_names_no_process_once_it_is_old(void **state)
{
	struct ctx *t = *state;
	struct snapshot *s = snapshot_new();
	int64_t now = (int64_t)time(NULL);

	/* Being written perhaps: its pid is not known yet. */
	fake_write(t->folder, "a.json", "");
	assert_int_equal(look(t, s, false, now + 3500).state, RECEIPTS_FAILED);
	assert_string_equal(t->warnings, "a.json: is empty!\n");
	assert_int_equal(look(t, s, false, now + 3700).state, RECEIPTS_READ);
	assert_string_equal(t->warnings, "a.json: is empty and old, so it names no process\n");
	/* A clock that was set back makes nothing old. */
	assert_int_equal(look(t, s, false, now - 86400).state, RECEIPTS_FAILED);
	drop(t, "a.json");
	snapshot_unref(s);
}

static void write_many(struct ctx *t, const char *stem, unsigned nr, bool present)
{
	char name[32];

	for (unsigned i = 0; i < nr; i++) {
		snprintf(name, sizeof(name), "%s%u.pid", stem, i);
		if (present)
			fake_write(t->folder, name, "4300");
		else
			drop(t, name);
	}
}

static void too_many_receipts_make_unknown(void **state)
{
	struct ctx *t = *state;
	struct snapshot *s = snapshot_new();

	write_many(t, "r", 4096, true);
	assert_int_equal(read_folder(t, s).state, RECEIPTS_READ);
	fake_write(t->folder, "one.pid", "4300");
	assert_int_equal(read_folder(t, s).state, RECEIPTS_FAILED);
	assert_string_equal(t->warnings, "agent-pids: holds too many receipts!\n");
	drop(t, "one.pid");
	write_many(t, "r", 4096, false);
	snapshot_unref(s);
}

static void one_users_receipts_are_bounded_in_a_look(void **state)
{
	struct ctx *t = *state;
	struct snapshot *s = snapshot_new();
	struct receipts_cache cache = { 0 };
	const struct receipts_report report = { on_warn, is_known, t };
	const struct process desktop = { .environ_read = READ_DONE };
	struct app app = { .receipts = t->folder };
	struct instance inst = { .app = &app, .uid = geteuid() };
	unsigned read = 0;

	write_many(t, "r", 4096, true);
	receipts_cache_begin(&cache, false, 1);
	while (read < 10 &&
	       receipts_read(&s->storage, &cache, &inst, &desktop, 0, &report, NULL).state ==
		       RECEIPTS_READ)
		read++;
	assert_int_equal(read, 4);
	/* The next look begins again. */
	receipts_cache_begin(&cache, false, 1);
	assert_int_equal(
		receipts_read(&s->storage, &cache, &inst, &desktop, 0, &report, NULL).state,
		RECEIPTS_READ);
	receipts_cache_release(&cache);
	write_many(t, "r", 4096, false);
	snapshot_unref(s);
}

static void an_unchanged_folder_is_read_again_by_a_full_look_only(void **state)
{
	struct ctx *t = *state;
	struct snapshot *s = snapshot_new();
	int64_t now = (int64_t)time(NULL) + 10;
	char *path = fake_path(t->folder, "a.pid");
	int fd;

	fake_write(t->folder, "a.pid", "4300");
	assert_int_equal(look(t, s, false, now).pids[0], 4300);
	/* Written in place: the folder does not show it. */
	fd = open(path, O_WRONLY);
	assert_int_equal(pwrite(fd, "4301", 4, 0), 4);
	close(fd);
	assert_int_equal(look(t, s, true, now + 1).pids[0], 4300);
	assert_int_equal(look(t, s, false, now + 1).pids[0], 4301);
	/* A new name shows. */
	fake_write(t->folder, "b.pid", "4302");
	assert_int_equal(look(t, s, true, now + 2).nr, 2);
	/* Nothing is believed for longer than a minute. */
	assert_int_equal(look(t, s, false, now + 20).nr, 2);
	fd = open(path, O_WRONLY);
	assert_int_equal(pwrite(fd, "4303", 4, 0), 4);
	close(fd);
	assert_int_equal(look(t, s, true, now + 100).pids[1], 4303);
	drop(t, "a.pid");
	drop(t, "b.pid");
	snapshot_unref(s);
	free(path);
}

static void what_cannot_be_read_proves_nothing(void **state)
{
	struct ctx *t = *state;
	struct snapshot *s = snapshot_new();
	char *moved = fake_path(t->home, "moved");

	/* A link in place of the folder. */
	assert_int_equal(rename(t->folder, moved), 0);
	assert_int_equal(read_folder(t, s).state, RECEIPTS_NONE);
	assert_int_equal(symlink(moved, t->folder), 0);
	assert_int_equal(read_folder(t, s).state, RECEIPTS_FAILED);
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

	assert_int_equal(
		receipts_read(&s->storage, &t->cache, &inst, NULL, s->pid_ns, NULL, NULL).state,
		RECEIPTS_FAILED);
	assert_int_equal(
		receipts_read(&s->storage, &t->cache, &inst, &desktop, s->pid_ns, NULL, NULL).state,
		RECEIPTS_FAILED);
	/* In another pid namespace its paths and pids are not ours. */
	desktop.environ_read = READ_DONE;
	desktop.environ = (struct bytes){ "HOME=/nonexistent", 18 };
	desktop.pid_ns = 2;
	s->pid_ns = 1;
	assert_int_equal(
		receipts_read(&s->storage, &t->cache, &inst, &desktop, s->pid_ns, NULL, NULL).state,
		RECEIPTS_FAILED);
	desktop.pid_ns = 1;
	assert_int_equal(
		receipts_read(&s->storage, &t->cache, &inst, &desktop, s->pid_ns, NULL, NULL).state,
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

	assert_int_equal(
		receipts_read(&s->storage, &t->cache, &inst, &desktop, s->pid_ns, NULL, NULL).state,
		RECEIPTS_FAILED);
	snapshot_unref(s);
}

static void receipts_of_gone_processes_are_removed(void **state)
{
	struct ctx *t = *state;
	const struct receipts_report report = { on_warn, is_known, t };
	const struct instance inst = { .id = { ID, strlen(ID) }, .app = t->app, .uid = geteuid() };
	static const char *const left[] = { "other.pid", "other.json", "bad.pid",
					    "of.json",	 "note.txt",   "link.pid" };
	char *link = fake_path(t->folder, "link.pid");

	fake_add(t->f, 4300, 1, "firefox");
	fake_write(t->folder, "gone.pid", "4299\n");
	fake_write(t->folder, "gone.json", "{\"pid\":4299,\"desktopInstanceId\":\"" ID "\"}");
	fake_write(t->folder, "other.pid", "4300\n");
	fake_write(t->folder, "other.json", "{\"pid\":4300}");
	fake_write(t->folder, "bad.pid", "1\n");
	fake_write(t->folder, "of.json", "{\"pid\":4299,\"desktopInstanceId\":\"known.instance\"}");
	fake_write(t->folder, "note.txt", "4299\n");
	assert_int_equal(symlink("note.txt", link), 0);
	assert_int_equal(receipts_remove(t->folder, &inst, &t->f->source, &report), 2);
	assert_false(fake_exists(t->folder, "gone.pid"));
	assert_false(fake_exists(t->folder, "gone.json"));
	assert_non_null(strstr(t->warnings, "other.pid: names a process"));
	assert_non_null(strstr(t->warnings, "other.json: names a process"));
	assert_non_null(strstr(t->warnings, "bad.pid: "));
	assert_non_null(strstr(t->warnings, "link.pid: "));
	for (size_t i = 0; i < ARRAY_SIZE(left); i++) {
		assert_true(fake_exists(t->folder, left[i]));
		drop(t, left[i]);
	}
	free(link);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(templates_are_expanded),
		TEST(what_cannot_be_told_is_no_folder),
		TEST(pids_are_read),
		TEST(what_is_not_understood_makes_unknown),
		TEST(dot_files_and_receipts_of_known_instances_say_nothing),
		TEST(a_receipt_that_is_no_file_of_the_user_makes_unknown),
		TEST(an_empty_receipt_names_no_process_once_it_is_old),
		TEST(too_many_receipts_make_unknown),
		TEST(one_users_receipts_are_bounded_in_a_look),
		TEST(an_unchanged_folder_is_read_again_by_a_full_look_only),
		TEST(what_cannot_be_read_proves_nothing),
		TEST(without_the_desktops_environment_nothing_is_known),
		TEST(another_users_folder_is_not_believed),
		TEST(receipts_of_gone_processes_are_removed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
