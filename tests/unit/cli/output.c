/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <signal.h>

#include <cmocka.h>

#include "base/fileio.h"
#include "cli/output.h"

/* Each test runs in an empty folder of its own, which is also the working one. */
static int enter_folder(void **state)
{
	char *dir = strdup("/tmp/stray-output.XXXXXX");

	if (!dir || !mkdtemp(dir) || chdir(dir) < 0)
		return -1;
	*state = dir;
	return 0;
}

static int leave_folder(void **state)
{
	DIR *dir = opendir(".");
	struct dirent *entry;

	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			remove(entry->d_name);
	closedir(dir);
	if (chdir("/") < 0)
		return -1;
	rmdir(*state);
	free(*state);
	return 0;
}

static bool in_place;

static int put(const char *path, const void *data, size_t len)
{
	return output_write_file(path, data, len, &in_place);
}

static size_t entries(void)
{
	DIR *dir = opendir(".");
	struct dirent *entry;
	size_t nr = 0;

	while ((entry = readdir(dir)))
		nr += entry->d_name[0] != '.';
	closedir(dir);
	return nr;
}

static void assert_holds(const char *path, const char *text)
{
	char buf[256] = "";
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	buf[fread(buf, 1, sizeof(buf) - 1, file)] = '\0';
	fclose(file);
	assert_string_equal(buf, text);
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void writes_a_new_file(void **state)
{
	mode_t mask = umask(027);

	(void)state;
	assert_int_equal(put("new", "hello\n", 6), 0);
	umask(mask);
	assert_holds("new", "hello\n");
	assert_int_equal(mode_of("new"), 0640);
	assert_int_equal(entries(), 1);
}

static void replaces_a_file_and_keeps_its_mode(void **state)
{
	(void)state;
	assert_int_equal(put("file", "a long old text\n", 16), 0);
	assert_int_equal(chmod("file", 0604), 0);
	assert_int_equal(put("file", "new\n", 4), 0);
	assert_holds("file", "new\n");
	assert_int_equal(mode_of("file"), 0604);
	assert_int_equal(entries(), 1);
}

static void follows_a_link(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(put("target", "old\n", 4), 0);
	assert_int_equal(symlink("target", "link"), 0);
	assert_int_equal(put("link", "new\n", 4), 0);
	assert_holds("target", "new\n");
	assert_int_equal(lstat("link", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(entries(), 2);
}

static void writes_to_a_device_directly(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(put("/dev/null", "x", 1), 0);
	assert_int_equal(stat("/dev/null", &st), 0);
	assert_true(S_ISCHR(st.st_mode));
}

/* `--output /dev/stdout >>log`: the log keeps what it had, and its name. */
static void writes_to_what_stdout_is(void **state)
{
	int out = dup(STDOUT_FILENO), log, r;

	(void)state;
	fflush(stdout);
	log = open("log", O_CREAT | O_RDWR | O_APPEND, 0600);
	assert_int_equal(write_all(log, "before\n", 7), 0);
	dup2(log, STDOUT_FILENO);
	r = put("/dev/stdout", "report\n", 7);
	dup2(out, STDOUT_FILENO);
	assert_int_equal(r, 0);
	assert_int_equal(write_all(log, "after\n", 6), 0);
	assert_holds("log", "before\nreport\nafter\n");
	assert_int_equal(entries(), 1);
	close(log);
	close(out);
}

static void leaves_the_old_one_when_it_cannot_write(void **state)
{
	struct rlimit old, small = { 4, 4 };
	char text[64] = { 0 };

	(void)state;
	assert_int_equal(put("file", "old\n", 4), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small.rlim_max = old.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(put("file", text, sizeof(text)), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_holds("file", "old\n");
	assert_int_equal(entries(), 1);
}

static void says_what_is_wrong(void **state)
{
	(void)state;
	assert_int_equal(put("nowhere/file", "x", 1), -ENOENT);
	assert_int_equal(put(".", "x", 1), -EISDIR);
	assert_int_equal(write_all(-1, "x", 1), -EBADF);
	assert_int_equal(entries(), 0);
}

/* In a folder where nothing may be made, an ordinary user can still write to a file that is there. */
static void what_cannot_be_replaced_is_written_over(void **state)
{
	pid_t child;
	int status;

	(void)state;
	assert_int_equal(put("file", "a long old text\n", 16), 0);
	assert_false(in_place);
	assert_int_equal(chmod("file", 0666), 0);
	assert_int_equal(chmod(".", 0555), 0);
	child = fork();
	if (child == 0) {
		if (geteuid() == 0 && setresuid(65534, 65534, 65534) < 0)
			_exit(9);
		if (put("file", "new\n", 4) < 0 || !in_place)
			_exit(1);
		_exit(put("other", "x", 1) == -EACCES ? 0 : 2);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(chmod(".", 0755), 0);
	assert_int_equal(status, 0);
	assert_holds("file", "new\n");
	assert_int_equal(entries(), 1);
}

/* A pipe that is not read must not keep a program that is to stop. */
static void a_blocked_output_is_given_up_when_it_is_to_stop(void **state)
{
	static char much[1 << 20];
	char some[4096];
	int out[2], stop[2];

	(void)state;
	assert_int_equal(pipe(out), 0);
	assert_int_equal(pipe(stop), 0);
	assert_int_equal(output_write_until(out[1], stop[0], "hello", 5), 0);
	assert_int_equal(read(out[0], some, sizeof(some)), 5);
	assert_int_equal(write(stop[1], "x", 1), 1);
	/* What can be written still is. */
	assert_int_equal(output_write_until(out[1], stop[0], "hello", 5), 0);
	assert_int_equal(output_write_until(out[1], stop[0], much, sizeof(much)), -EINTR);
	close(out[0]);
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(output_write_until(out[1], stop[0], "x", 1), -EPIPE);
	signal(SIGPIPE, SIG_DFL);
	close(out[1]);
	close(stop[0]);
	close(stop[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(writes_a_new_file, enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(replaces_a_file_and_keeps_its_mode, enter_folder,
						leave_folder),
		cmocka_unit_test_setup_teardown(follows_a_link, enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(writes_to_a_device_directly, enter_folder,
						leave_folder),
		cmocka_unit_test_setup_teardown(writes_to_what_stdout_is, enter_folder,
						leave_folder),
		cmocka_unit_test_setup_teardown(leaves_the_old_one_when_it_cannot_write,
						enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(says_what_is_wrong, enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(what_cannot_be_replaced_is_written_over,
						enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(a_blocked_output_is_given_up_when_it_is_to_stop,
						enter_folder, leave_folder),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
