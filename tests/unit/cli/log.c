/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/log.h"

/* What one message puts on stderr, which is a file meanwhile. */
static void capture(bool journal, enum log_level level, char *buf, size_t size)
{
	FILE *f = tmpfile();
	int err = dup(STDERR_FILENO);
	struct stat st;
	char name[64];

	assert_non_null(f);
	assert_int_equal(fstat(fileno(f), &st), 0);
	snprintf(name, sizeof(name), "%llu:%llu", (unsigned long long)st.st_dev,
		 (unsigned long long)st.st_ino + !journal);
	setenv("JOURNAL_STREAM", name, 1);
	dup2(fileno(f), STDERR_FILENO);
	log_message(level, "%s, %d", "what", 7);
	dup2(err, STDERR_FILENO);
	close(err);
	rewind(f);
	buf[fread(buf, 1, size - 1, f)] = '\0';
	fclose(f);
}

static void test_terminal(void **state)
{
	char buf[128];

	(void)state;
	capture(false, LOG_LEVEL_ERROR, buf, sizeof(buf));
	assert_string_equal(buf, "stray: what, 7\n");
	capture(false, LOG_LEVEL_WARNING, buf, sizeof(buf));
	assert_string_equal(buf, "stray: warning: what, 7\n");
	capture(false, LOG_LEVEL_INFO, buf, sizeof(buf));
	assert_string_equal(buf, "stray: what, 7\n");
}

static void test_journal(void **state)
{
	char buf[128];

	(void)state;
	capture(true, LOG_LEVEL_ERROR, buf, sizeof(buf));
	assert_string_equal(buf, "<3>what, 7\n");
	capture(true, LOG_LEVEL_WARNING, buf, sizeof(buf));
	assert_string_equal(buf, "<4>what, 7\n");
	capture(true, LOG_LEVEL_INFO, buf, sizeof(buf));
	assert_string_equal(buf, "<6>what, 7\n");
}

static void test_no_stream(void **state)
{
	static const char *const bad[] = { "", "x", "1", "1:", ":", "1:2x" };

	(void)state;
	unsetenv("JOURNAL_STREAM");
	assert_false(log_is_journal(STDERR_FILENO));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		setenv("JOURNAL_STREAM", bad[i], 1);
		assert_false(log_is_journal(STDERR_FILENO));
	}
	unsetenv("JOURNAL_STREAM");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_terminal),
		cmocka_unit_test(test_journal),
		cmocka_unit_test(test_no_stream),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
