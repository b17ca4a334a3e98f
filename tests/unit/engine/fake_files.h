/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_ENGINE_FAKE_FILES_H
#define TESTS_UNIT_ENGINE_FAKE_FILES_H

/* Folders and files of a test. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* A folder of this test, 0700, below the temporary folder; removed by fake_rmdir(). */
static inline char *fake_mkdir(void)
{
	const char *tmp = getenv("TMPDIR");
	char *path = malloc(PATH_MAX);

	assert_non_null(path);
	snprintf(path, PATH_MAX, "%s/stray-unit-XXXXXX", tmp && tmp[0] == '/' ? tmp : "/tmp");
	assert_non_null(mkdtemp(path));
	return path;
}

static inline char *fake_path(const char *dir, const char *name)
{
	char *path = malloc(PATH_MAX);

	assert_non_null(path);
	assert_true(snprintf(path, PATH_MAX, "%s/%s", dir, name) < PATH_MAX);
	return path;
}

static inline void fake_write(const char *dir, const char *name, const char *text)
{
	char *path = fake_path(dir, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	/* As the program itself writes, whatever the umask: what others may write is refused. */
	assert_int_equal(fchmod(fileno(file), 0600), 0);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	free(path);
}

/* The whole file (heap), or NULL. */
static inline char *fake_slurp(const char *dir, const char *name)
{
	char *path = fake_path(dir, name);
	FILE *file = fopen(path, "r");
	char *text;
	size_t len;

	free(path);
	if (!file)
		return NULL;
	text = calloc(1, 1 << 20);
	assert_non_null(text);
	len = fread(text, 1, (1 << 20) - 1, file);
	text[len] = '\0';
	fclose(file);
	return text;
}

static inline bool fake_exists(const char *dir, const char *name)
{
	char *path = fake_path(dir, name);
	struct stat st;
	bool exists = lstat(path, &st) == 0;

	free(path);
	return exists;
}

#endif
