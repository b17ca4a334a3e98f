/* SPDX-License-Identifier: MIT */
#include "engine/statedir.h"

#include "unit/engine/fake.h"

static int set_up(void **state)
{
	*state = fake_mkdir();
	return 0;
}

static int tear_down(void **state)
{
	char *dir = *state;

	assert_int_equal(rmdir(dir), 0);
	free(dir);
	return 0;
}

static void makes_the_last_component(void **state)
{
	char *path = fake_path(*state, "stray"), *got = NULL, *warning = NULL;
	const char *paths[] = { path };
	mode_t old = umask(0377);
	struct stat st;
	int fd;

	assert_int_equal(statedir_first(paths, 1, geteuid(), &got, &warning), 0);
	umask(old);
	assert_string_equal(got, path);
	assert_null(warning);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	fd = statedir_fd(path);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(rmdir(path), 0);
	free(path);
	free(got);
}

static void the_next_is_tried(void **state)
{
	char *link = fake_path(*state, "link"), *open = fake_path(*state, "open");
	char *missing = fake_path(*state, "missing/stray"), *good = fake_path(*state, "good");
	const char *paths[] = { missing, link, open, good };
	char *got = NULL, *warning = NULL;

	/* A link to a fine folder is still a link. */
	assert_int_equal(mkdir(good, 0700), 0);
	assert_int_equal(symlink(good, link), 0);
	assert_int_equal(mkdir(open, 0755), 0);
	assert_int_equal(statedir_first(paths, 4, geteuid(), &got, &warning), 0);
	assert_string_equal(got, good);
	assert_non_null(strstr(warning, link));
	assert_non_null(strstr(warning, open));
	assert_null(strstr(warning, missing));
	assert_int_equal(unlink(link), 0);
	assert_int_equal(rmdir(open), 0);
	assert_int_equal(rmdir(good), 0);
	free(got);
	free(warning);
	free(link);
	free(open);
	free(missing);
	free(good);
}

static void a_slash_behind_a_link_does_not_hide_it(void **state)
{
	static const char *const tails[] = { "", "/", "///", "/.", "/./", "/.//." };
	char *link = fake_path(*state, "link"), *good = fake_path(*state, "good");

	assert_int_equal(mkdir(good, 0700), 0);
	assert_int_equal(symlink(good, link), 0);
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		char *got = NULL, *warning = NULL, path[PATH_MAX];
		const char *paths[] = { path };

		snprintf(path, sizeof(path), "%s%s", link, tails[i]);
		assert_true(statedir_first(paths, 1, geteuid(), &got, &warning) < 0);
		assert_null(got);
		free(warning);
		snprintf(path, sizeof(path), "%s%s", good, tails[i]);
		assert_int_equal(statedir_first(paths, 1, geteuid(), &got, &warning), 0);
		assert_string_equal(got, good);
		free(got);
		free(warning);
	}
	assert_int_equal(unlink(link), 0);
	assert_int_equal(rmdir(good), 0);
	free(link);
	free(good);
}

static void another_users_is_refused(void **state)
{
	const char *paths[] = { *state };
	char *got = NULL, *warning = NULL;

	assert_int_equal(statedir_first(paths, 1, geteuid() + 1, &got, &warning), -EPERM);
	assert_null(got);
	assert_non_null(warning);
	free(warning);
}

static void a_file_is_refused(void **state)
{
	char *path = fake_path(*state, "file"), *got = NULL, *warning = NULL;
	const char *paths[] = { path };

	fake_write(*state, "file", "");
	assert_true(statedir_first(paths, 1, geteuid(), &got, &warning) < 0);
	assert_null(got);
	assert_true(statedir_fd(path) < 0);
	assert_int_equal(unlink(path), 0);
	free(warning);
	free(path);
}

/* It would be another one from another working directory. */
static void a_relative_path_is_refused(void **state)
{
	const char *paths[] = { "relative", *state };
	char *got = NULL, *warning = NULL;

	assert_int_equal(statedir_first(paths, 1, geteuid(), &got, &warning), -EINVAL);
	assert_null(got);
	assert_string_equal(warning, "cannot use 'relative': not an absolute path");
	free(warning);
	assert_int_equal(statedir_first(paths, 2, geteuid(), &got, &warning), 0);
	assert_string_equal(got, *state);
	assert_string_equal(warning, "cannot use 'relative': not an absolute path, ignoring");
	free(warning);
	free(got);
}

static void the_environment_names_the_only_one(void **state)
{
	char *open = fake_path(*state, "open"), *good = fake_path(*state, "good");
	char *got = NULL, *warning = NULL;

	assert_int_equal(mkdir(open, 0755), 0);
	assert_int_equal(setenv("STRAY_STATE_DIR", open, 1), 0);
	assert_int_equal(setenv("XDG_RUNTIME_DIR", *state, 1), 0);
	assert_int_equal(statedir_open(geteuid(), &got, &warning), -EPERM);
	assert_null(got);
	free(warning);
	assert_int_equal(setenv("STRAY_STATE_DIR", good, 1), 0);
	assert_int_equal(statedir_open(geteuid(), &got, &warning), 0);
	assert_string_equal(got, good);
	free(got);
	assert_int_equal(rmdir(open), 0);
	assert_int_equal(rmdir(good), 0);
	assert_int_equal(unsetenv("STRAY_STATE_DIR"), 0);
	free(open);
	free(good);
}

static void the_runtime_folder_is_next(void **state)
{
	char *path = fake_path(*state, "stray"), *got = NULL, *warning = NULL;

	assert_int_equal(unsetenv("STRAY_STATE_DIR"), 0);
	assert_int_equal(setenv("XDG_RUNTIME_DIR", *state, 1), 0);
	assert_int_equal(statedir_open(geteuid(), &got, &warning), 0);
	assert_string_equal(got, path);
	assert_int_equal(rmdir(path), 0);
	free(path);
	free(got);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(makes_the_last_component),
		TEST(the_next_is_tried),
		TEST(a_slash_behind_a_link_does_not_hide_it),
		TEST(another_users_is_refused),
		TEST(a_file_is_refused),
		TEST(a_relative_path_is_refused),
		TEST(the_environment_names_the_only_one),
		TEST(the_runtime_folder_is_next),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
