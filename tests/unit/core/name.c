/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "core/name.h"

static bool exe_is(const char *exe, const char *name)
{
	const struct process proc = { .comm = "c", .exe = exe };

	return bytes_is(name_of_exe(&proc), name);
}

static bool argv0_is(const char *args, size_t len, const char *name)
{
	const struct process proc = { .comm = "c", .args = { args, len } };

	return bytes_is(name_of_argv0(&proc), name);
}

static void exe_has_a_base_name(void **state)
{
	(void)state;
	assert_true(exe_is("/usr/bin/sprout-desktop", "sprout-desktop"));
	assert_true(exe_is("relative", "relative"));
	assert_true(exe_is("/", ""));
	assert_true(exe_is("", ""));
	assert_true(exe_is(NULL, ""));
}

static void a_deleted_file_keeps_its_name(void **state)
{
	(void)state;
	assert_true(exe_is("/opt/Sprout (deleted)", "Sprout"));
	/* Once only, and not without a name before it. */
	assert_true(exe_is("/opt/a (deleted) (deleted)", "a (deleted)"));
	assert_true(exe_is("/opt/ (deleted)", " (deleted)"));
	assert_true(exe_is("/opt/x (deleted)/real", "real"));
	assert_true(exe_is("/opt/Sprout(deleted)", "Sprout(deleted)"));
	assert_true(exe_is("/opt/Sprout (deleted) ", "Sprout (deleted) "));
}

static void argv0_has_a_base_name(void **state)
{
	(void)state;
	assert_true(argv0_is("/opt/desk\0/opt/other", 20, "desk"));
	assert_true(argv0_is("desk\0", 5, "desk"));
	assert_true(argv0_is("-bash\0", 6, "-bash"));
	assert_true(argv0_is("/opt/\0x", 7, ""));
}

static void argv0_may_lack_its_nul(void **state)
{
	(void)state;
	assert_true(argv0_is("/opt/desk", 7, "de"));
	assert_true(argv0_is("", 0, ""));
	assert_true(argv0_is(NULL, 0, ""));
	assert_true(argv0_is("\0desk", 5, ""));
}

static void globs_match_whole_texts(void **state)
{
	static const struct {
		const char *glob, *text;
		bool matches;
	} rows[] = {
		{ "node", "node", true },
		{ "node", "node2", false },
		{ "node", "a node", false },
		{ "*/claude/versions/*", "/home/a/claude/versions/1.2", true },
		{ "*/claude/versions/*", "/home/a/claude/version/1.2", false },
		{ "python*", "python3.11", true },
		{ "python*", "cpython", false },
		{ "**a?c", "xabc", true },
		{ "[ab]c", "bc", true },
		{ "\\*x", "*x", true },
		{ "\\*x", "yx", false },
		{ "*", "anything", true },
		{ "*", "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(glob_matches(rows[i].glob, bytes_of(rows[i].text)),
				 rows[i].matches);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exe_has_a_base_name),
		cmocka_unit_test(a_deleted_file_keeps_its_name),
		cmocka_unit_test(argv0_has_a_base_name),
		cmocka_unit_test(argv0_may_lack_its_nul),
		cmocka_unit_test(globs_match_whole_texts),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
