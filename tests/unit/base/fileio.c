/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fileio.h"

enum { SIZE = 10000 };

static int file_with(const char *data, size_t len)
{
	int fd = memfd_create("fileio", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write_all(fd, data, len), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static void what_is_written_is_read_whole(void **state)
{
	char data[SIZE], *read = NULL;
	size_t len = 0;
	int fd;

	(void)state;
	for (size_t i = 0; i < SIZE; i++)
		data[i] = (char)(i * 7);
	fd = file_with(data, SIZE);
	assert_int_equal(read_all(fd, SIZE, &read, &len), 0);
	assert_int_equal(len, SIZE);
	assert_memory_equal(read, data, SIZE);
	assert_int_equal(read[SIZE], 0);
	free(read);
	close(fd);
}

static void empty_file_is_an_empty_string(void **state)
{
	int fd = file_with("", 0);
	char *read = NULL;
	size_t len = 1;

	(void)state;
	assert_int_equal(read_all(fd, 10, &read, &len), 0);
	assert_int_equal(len, 0);
	assert_string_equal(read, "");
	free(read);
	close(fd);
}

static void larger_file_is_refused(void **state)
{
	int fd = file_with("0123456789", 10);
	char *read = NULL;
	size_t len = 0;

	(void)state;
	assert_int_equal(read_all(fd, 9, &read, &len), -EFBIG);
	assert_null(read);
	close(fd);
}

static void errors_are_passed_on(void **state)
{
	char *read = NULL;
	size_t len = 0;

	(void)state;
	assert_int_equal(read_all(-1, 9, &read, &len), -EBADF);
	assert_int_equal(write_all(-1, "x", 1), -EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_whole),
		cmocka_unit_test(empty_file_is_an_empty_string),
		cmocka_unit_test(larger_file_is_refused),
		cmocka_unit_test(errors_are_passed_on),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
