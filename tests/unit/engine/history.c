/* SPDX-License-Identifier: MIT */
#include "stray/history.h"

#include "base/array.h"
#include "base/bytes.h"
#include "unit/engine/fake.h"

static int set_up(void **state)
{
	*state = fake_mkdir();
	return 0;
}

static int tear_down(void **state)
{
	static const char *const files[] = { HISTORY_NAME, HISTORY_OLDER, "history.lock" };
	char *dir = *state;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char *path = fake_path(dir, files[i]);

		unlink(path);
		free(path);
	}
	assert_int_equal(rmdir(dir), 0);
	free(dir);
	return 0;
}

static struct history_entry entry_of(pid_t pid, const char *name)
{
	return (struct history_entry){
		.realtime_ms = 1700000000123,
		.face = "sweep",
		.uid = 1000,
		.app = "sprout",
		.instance = bytes_of("some.instance"),
		.process = { pid, 77, 5 },
		.boot_id = FAKE_BOOT,
		.pid_ns = 4026531836,
		.name = name,
		.outcome = OUTCOME_KILLED,
		.owner = OWNER_GONE,
		.evidence = EVIDENCE_NONE,
		.orphan_age_ms = 61500,
		.ticks = 2,
	};
}

struct seen {
	unsigned nr;
	struct history_entry last; /* without its strings */
	pid_t first, pids;	   /* the sum of all */
	char name[64], instance[64];
	int stop_at;
};

static int on_entry(void *ctx, const struct history_entry *e, struct bytes line)
{
	struct seen *seen = ctx;

	assert_true(line.len > 2 && line.data[0] == '{');
	seen->first = seen->nr++ ? seen->first : e->process.pid;
	seen->pids += e->process.pid;
	seen->last = *e;
	snprintf(seen->name, sizeof(seen->name), "%s", e->name);
	snprintf(seen->instance, sizeof(seen->instance), "%s", e->instance.data);
	return (int)seen->nr == seen->stop_at ? 7 : 0;
}

static void what_was_written_is_read(void **state)
{
	struct history_entry entries[] = { entry_of(300, "goose"), entry_of(301, "a\nb\xff\"") };
	struct seen seen = { 0 };
	size_t odd = 9;
	struct stat st;
	char *path = fake_path(*state, HISTORY_NAME);
	mode_t old = umask(0);

	entries[1].orphan_age_ms = -1;
	assert_int_equal(history_append(*state, entries, 2), 0);
	umask(old);
	assert_int_equal(history_read(*state, on_entry, &seen, &odd), 0);
	assert_int_equal(odd, 0);
	assert_int_equal(seen.nr, 2);
	assert_int_equal(seen.first, 300);
	assert_int_equal(seen.last.realtime_ms, 1700000000123);
	assert_int_equal(seen.last.process.start_ticks, 77);
	assert_int_equal(seen.last.pid_ns, 4026531836);
	assert_int_equal(seen.last.outcome, OUTCOME_KILLED);
	assert_int_equal(seen.last.owner, OWNER_GONE);
	assert_int_equal(seen.last.orphan_age_ms, -1);
	assert_int_equal(seen.last.ticks, 2);
	/* What drives a terminal or is no UTF-8 is not even in the file. */
	assert_string_equal(seen.name, "a\\x0ab\\xff\"");
	assert_string_equal(seen.instance, "some.instance");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	seen = (struct seen){ .stop_at = 1 };
	assert_int_equal(history_read(*state, on_entry, &seen, NULL), 7);
	assert_int_equal(seen.nr, 1);
	free(path);
}

static void folders_are_made(void **state)
{
	const struct history_entry entry = entry_of(300, "goose");
	char *above = fake_path(*state, "a"), *dir = fake_path(*state, "a/b");
	struct seen seen = { 0 };

	/* Nothing is there to read, which is no trouble. */
	assert_int_equal(history_read(dir, on_entry, &seen, NULL), 0);
	assert_int_equal(seen.nr, 0);
	assert_int_equal(history_append(dir, &entry, 1), 0);
	assert_int_equal(history_read(dir, on_entry, &seen, NULL), 0);
	assert_int_equal(seen.nr, 1);
	for (size_t i = 0; i < 2; i++) {
		char *path = fake_path(dir, i ? HISTORY_NAME : "history.lock");

		assert_int_equal(unlink(path), 0);
		free(path);
	}
	assert_int_equal(rmdir(dir) + rmdir(above), 0);
	free(above);
	free(dir);
}

static off_t size_of(const char *dir, const char *name)
{
	char *path = fake_path(dir, name);
	struct stat st = { 0 };
	int r = stat(path, &st);

	free(path);
	return r < 0 ? -1 : st.st_size;
}

static void it_stays_small_with_one_older_file(void **state)
{
	struct history_entry entries[1000];
	struct seen seen = { 0 };

	/* Three files' worth. */
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++)
		entries[i] = entry_of((pid_t)i + 2, "goose");
	for (int i = 0; i < 12; i++)
		assert_int_equal(history_append(*state, entries, ARRAY_SIZE(entries)), 0);
	assert_true(size_of(*state, HISTORY_NAME) <= HISTORY_MAX);
	assert_true(size_of(*state, HISTORY_OLDER) <= HISTORY_MAX);
	assert_true(size_of(*state, HISTORY_OLDER) > HISTORY_MAX - 1000);
	assert_int_equal(history_read(*state, on_entry, &seen, NULL), 0);
	/* The last one is there, and most of those before. */
	assert_int_equal(seen.last.process.pid, 1001);
	assert_true(seen.nr > 3000 && seen.nr < 12000);
}

static void a_line_that_is_not_understood_is_passed_over(void **state)
{
	const struct history_entry entry = entry_of(300, "goose");
	char *text, *all = NULL;
	struct seen seen = { 0 };
	size_t odd = 0;

	assert_int_equal(history_append(*state, &entry, 1), 0);
	text = fake_slurp(*state, HISTORY_NAME);
	assert_non_null(text);
	/* The last one was cut off. */
	assert_true(asprintf(&all, "what\n{}\n[1]\n%s\n%.40s", text, text) > 0);
	fake_write(*state, HISTORY_NAME, all);
	assert_int_equal(history_read(*state, on_entry, &seen, &odd), 0);
	assert_int_equal(seen.nr, 1);
	assert_int_equal(odd, 5);
	free(text);
	free(all);
}

static void a_link_is_not_followed(void **state)
{
	const struct history_entry entry = entry_of(300, "goose");
	char *link = fake_path(*state, HISTORY_NAME), *target = fake_path(*state, "target");

	fake_write(*state, "target", "precious");
	assert_int_equal(symlink(target, link), 0);
	assert_true(history_append(*state, &entry, 1) < 0);
	assert_int_equal(size_of(*state, "target"), 8);
	assert_int_equal(unlink(target), 0);
	free(link);
	free(target);
}

static void the_folder_is_the_first_that_is_named(void **state)
{
	char *dir;

	(void)state;
	setenv("HOME", "/h", 1);
	unsetenv("XDG_STATE_HOME");
	unsetenv("STATE_DIRECTORY");
	assert_int_equal(history_dir(&dir), 0);
	assert_string_equal(dir, "/h/.local/state/stray");
	free(dir);
	setenv("STATE_DIRECTORY", "/var/lib/stray:/other", 1);
	assert_int_equal(history_dir(&dir), 0);
	assert_string_equal(dir, "/var/lib/stray");
	free(dir);
	/* A relative path is to be ignored (XDG base directories). */
	setenv("XDG_STATE_HOME", "relative", 1);
	assert_int_equal(history_dir(&dir), 0);
	assert_string_equal(dir, "/var/lib/stray");
	free(dir);
	setenv("XDG_STATE_HOME", "/x", 1);
	assert_int_equal(history_dir(&dir), 0);
	assert_string_equal(dir, "/x/stray");
	free(dir);
}

/* --- what the engine writes ----------------------------------------------------------- */

static void sweep_one(const char *dir, bool history, struct tick_summary *sum, char **warnings)
{
	struct fake *f = fake_new();
	struct policy policy;
	struct engine_options options = {
		.policy = &policy,
		.settings = engine_defaults,
		.scope = { .uid = FAKE_UID },
		.stop_fd = -1,
		.notify = fake_notify,
		.ctx = f,
		.history_dir = dir,
		.face = "sweep",
	};
	struct engine *eng;

	assert_int_equal(policy_init(&policy), 0);
	options.settings.grace = 1;
	options.settings.history = history;
	fake_agent(f, 200, 1, "an.instance");
	fake_env(fake_agent(f, 201, 1, "an.instance"), "STRAY_KEEP=1");
	fake_agent(f, 202, 1, "an.instance")->ignores_term = true;
	assert_int_equal(engine_new(&options, &f->source, &f->reaper, &eng), 0);
	assert_int_equal(engine_tick(eng, TICK_COUNT | TICK_REAP, NULL, sum), 0);
	*warnings = strdup(f->warnings);
	engine_free(eng);
	policy_release(&policy);
	free(f);
}

static void what_was_signalled_is_noted(void **state)
{
	struct tick_summary sum;
	struct seen seen = { 0 };
	char *warnings;

	sweep_one(*state, true, &sum, &warnings);
	assert_int_equal(sum.exited + sum.killed, 2);
	assert_int_equal(history_read(*state, on_entry, &seen, NULL), 0);
	/* Not the one that was kept. */
	assert_int_equal(seen.nr, 2);
	assert_int_equal(seen.pids, 402);
	assert_string_equal(seen.instance, "an.instance");
	assert_string_equal(seen.name, "goose");
	assert_int_equal(seen.last.uid, FAKE_UID);
	assert_int_equal(seen.last.ticks, 1);
	free(warnings);
}

static void nothing_is_noted_where_it_is_not_wanted(void **state)
{
	struct tick_summary sum;
	char *warnings;

	sweep_one(*state, false, &sum, &warnings);
	assert_int_equal(sum.exited + sum.killed, 2);
	assert_int_equal(size_of(*state, HISTORY_NAME), -1);
	free(warnings);
}

static void that_it_cannot_be_written_stops_nothing(void **state)
{
	struct tick_summary sum;
	char *warnings, *path = fake_path(*state, HISTORY_NAME);

	assert_int_equal(mkdir(path, 0700), 0);
	sweep_one(*state, true, &sum, &warnings);
	assert_int_equal(sum.exited + sum.killed, 2);
	assert_non_null(strstr(warnings, "cannot write the history"));
	assert_int_equal(rmdir(path), 0);
	free(path);
	free(warnings);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_written_is_read),
		TEST(folders_are_made),
		TEST(it_stays_small_with_one_older_file),
		TEST(a_line_that_is_not_understood_is_passed_over),
		TEST(a_link_is_not_followed),
		TEST(what_was_signalled_is_noted),
		TEST(nothing_is_noted_where_it_is_not_wanted),
		TEST(that_it_cannot_be_written_stops_nothing),
		cmocka_unit_test(the_folder_is_the_first_that_is_named),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
