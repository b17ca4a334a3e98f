/* SPDX-License-Identifier: MIT */
#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "cli/exec.h"

static char dir[] = "/tmp/stray-exec-XXXXXX";

static void make(const char *name, const void *data, size_t len, mode_t mode)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(name, mode), 0);
}

static int setup(void **state)
{
	Elf64_Ehdr foreign = { .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
					    ELFDATA2LSB, EV_CURRENT },
			       .e_type = ET_EXEC,
			       .e_machine = 0x1234 };

	(void)state;
	if (!mkdtemp(dir) || chdir(dir) < 0)
		return -1;
	mkdir("a", 0755);
	mkdir("b", 0755);
	mkdir("a/folder", 0755);
	make("a/plain", "#!/bin/sh\n", 10, 0644);
	make("b/plain", "#!/bin/sh\n", 10, 0755);
	make("a/closed", "#!/bin/sh\n", 10, 0644);
	make("b/folder", "#!/bin/sh\n", 10, 0755);
	make("here", "#!/bin/sh\n", 10, 0755);
	make("foreign", &foreign, sizeof(foreign), 0755);
	make("text", "echo hello, world, all of it\n", 29, 0755);
	make("empty", "", 0, 0755);
	make("lost", "#!/nowhere/at/all\n", 18, 0755);
	return 0;
}

static int teardown(void **state)
{
	static const char *const files[] = { "a/plain", "b/plain", "a/closed", "b/folder", "here",
					     "foreign", "text",	   "empty",    "lost" };

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		unlink(files[i]);
	rmdir("a/folder");
	rmdir("a");
	rmdir("b");
	return chdir("/") || rmdir(dir);
}

static void looks_through_path_as_a_shell_does(void **state)
{
	char file[PATH_MAX];

	(void)state;
	assert_int_equal(exec_find("plain", "a:b", file), 0);
	assert_string_equal(file, "b/plain"); /* the one in a may not be executed */
	assert_int_equal(exec_find("folder", "a:b", file), 0);
	assert_string_equal(file, "b/folder");
	assert_int_equal(exec_find("closed", "a:b", file), -EACCES);
	assert_int_equal(exec_find("nothing", "a:b", file), -ENOENT);
	assert_int_equal(exec_find("plain", "", file), -ENOENT);
	assert_int_equal(exec_find("here", "", file), 0);
	assert_int_equal(exec_find("here", "a::b", file), 0);
	assert_string_equal(file, "./here");
	assert_int_equal(exec_find("here", "a:", file), 0);
	assert_int_equal(exec_find("here", "a", file), -ENOENT);
	assert_int_equal(exec_find("sh", NULL, file), 0);
	assert_string_equal(file, "/bin/sh");
	/* A name with a slash is looked for nowhere else. */
	assert_int_equal(exec_find("x/plain", "b", file), 0);
	assert_string_equal(file, "x/plain");
}

static void statuses_are_a_shells(void **state)
{
	(void)state;
	assert_int_equal(exec_status(ENOENT), 127);
	assert_int_equal(exec_status(ENOTDIR), 127);
	assert_int_equal(exec_status(EACCES), 126);
	assert_int_equal(exec_status(ENOEXEC), 126);
}

static void says_what_the_file_is(void **state)
{
	static const struct {
		const char *file;
		int error;
		const char *says;
	} rows[] = {
		{ "foreign", ENOEXEC, "a program of another architecture" },
		{ "text", ENOEXEC, "neither a program nor a script" },
		{ "empty", ENOEXEC, "it is empty" },
		{ "./lost", ENOENT, "the interpreter that it names is not there" },
		{ "/proc/self/exe", ENOEXEC, "a damaged program" },
		{ "./nothing", ENOENT, "No such file or directory" },
		{ "./nothing", EACCES, "Permission denied" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;

		exec_reason(&sb, rows[i].file, rows[i].error);
		if (!strstr(sb.buf, rows[i].says))
			fail_msg("'%s': %s", rows[i].file, sb.buf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(looks_through_path_as_a_shell_does),
		cmocka_unit_test(statuses_are_a_shells),
		cmocka_unit_test(says_what_the_file_is),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
