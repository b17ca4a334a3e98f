/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "cli/baseline_file.h"

#define BOOT	   "11111111-2222-3333-4444-555555555555"
#define OTHER_BOOT "11111111-2222-3333-4444-555555555556"

static const char census[] =
	"{\"schema\":\"stray.census/1\",\"boot_id\":\"" BOOT "\",\"instances\":["
	"{\"id\":\"a\",\"processes\":[{\"pid\":4300,\"start_ticks\":812345,\"name\":\"goose\"},"
	"{\"pid\":77,\"start_ticks\":18446744073}]},"
	"{\"id\":\"b\",\"processes\":[]},"
	"{\"id\":\"c\",\"processes\":[{\"pid\":2,\"start_ticks\":0,\"later\":null}]}]}";

static void forgives_by_identity_and_boot(void **state)
{
	_cleanup_strbuf_ struct strbuf error = STRBUF_INIT;
	struct baseline b = BASELINE_INIT;
	/* The inode number is not in the JSON, and must not keep it from matching. */
	struct identity there = { 4300, 812345, 99 }, big = { 77, 18446744073, 0 };
	struct identity later = { 4300, 812346, 99 }, other = { 4301, 812345, 0 };
	struct identity unset = { 0, 0, 0 };

	(void)state;
	assert_int_equal(baseline_parse(census, strlen(census), "x", &b, &error), 0);
	assert_int_equal(b.nr, 3);
	assert_true(baseline_has(&b, BOOT, &there));
	assert_true(baseline_has(&b, BOOT, &big));
	assert_false(baseline_has(&b, BOOT, &later));
	assert_false(baseline_has(&b, BOOT, &other));
	assert_false(baseline_has(&b, BOOT, &unset));
	assert_false(baseline_has(&b, OTHER_BOOT, &there));
	assert_int_equal(error.len, 0);
	baseline_release(&b);
}

static void empty_forgives_nothing(void **state)
{
	struct baseline b = BASELINE_INIT;
	struct identity id = { 4300, 812345, 0 };

	(void)state;
	assert_false(baseline_has(&b, "", &id));
	baseline_release(&b);
}

static void refuses_what_is_no_census(void **state)
{
	static const char *const bad[] = {
		"",
		"[]",
		"null",
		"{",
		"{\"schema\":\"stray.census/1\"}",
		"{\"schema\":\"stray.census/2\",\"boot_id\":\"x\",\"instances\":[]}",
		"{\"schema\":\"stray.leaks/1\",\"boot_id\":\"x\",\"instances\":[]}",
		"{\"schema\":\"stray.census/1\",\"boot_id\":7,\"instances\":[]}",
		"{\"schema\":\"stray.census/1\",\"boot_id\":\"x\",\"instances\":{}}",
		"{\"schema\":\"stray.census/1\",\"boot_id\":\"x\",\"instances\":[{}]}",
		"{\"schema\":\"stray.census/1\",\"boot_id\":\"" BOOT "0\",\"instances\":[]}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		_cleanup_strbuf_ struct strbuf error = STRBUF_INIT;
		struct baseline b = BASELINE_INIT;

		assert_int_equal(baseline_parse(bad[i], strlen(bad[i]), "x", &b, &error), -EINVAL);
		assert_true(error.len > 0);
		assert_null(strchr(error.buf, '\n'));
		assert_null(b.ids);
	}
}

static void refuses_bad_processes(void **state)
{
	static const char *const bad[] = {
		"{}",
		"{\"pid\":1}",
		"{\"pid\":0,\"start_ticks\":1}",
		"{\"pid\":-4,\"start_ticks\":1}",
		"{\"pid\":4294967297,\"start_ticks\":1}",
		"{\"pid\":\"4\",\"start_ticks\":1}",
		"{\"pid\":4,\"start_ticks\":-1}",
		"{\"pid\":4,\"start_ticks\":1.5}",
		"7",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		_cleanup_strbuf_ struct strbuf text = STRBUF_INIT, error = STRBUF_INIT;
		struct baseline b = BASELINE_INIT;

		strbuf_addf(&text,
			    "{\"schema\":\"stray.census/1\",\"boot_id\":\"x\","
			    "\"instances\":[{\"processes\":[{\"pid\":9,\"start_ticks\":9},%s]}]}",
			    bad[i]);
		assert_int_equal(baseline_parse(text.buf, text.len, "x", &b, &error), -EINVAL);
		assert_null(b.ids);
	}
}

static void reads_a_file(void **state)
{
	_cleanup_strbuf_ struct strbuf error = STRBUF_INIT;
	struct identity there = { 4300, 812345, 0 };
	struct baseline b = BASELINE_INIT;
	char path[] = "/tmp/stray-baseline.XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, census, strlen(census)), strlen(census));
	close(fd);
	assert_int_equal(baseline_load(path, &b, &error), 0);
	assert_true(baseline_has(&b, BOOT, &there));
	baseline_release(&b);
	unlink(path);
}

static void says_why_it_cannot_read(void **state)
{
	_cleanup_strbuf_ struct strbuf error = STRBUF_INIT;
	struct baseline b = BASELINE_INIT;

	(void)state;
	assert_int_equal(baseline_load("/nowhere/\033at all", &b, &error), -ENOENT);
	assert_string_equal(error.buf, "cannot read baseline '/nowhere/\\x1bat all': "
				       "No such file or directory");
	strbuf_reset(&error);
	assert_int_equal(baseline_load("/", &b, &error), -EISDIR);
	strbuf_reset(&error);
	assert_int_equal(baseline_load("/dev/null", &b, &error), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forgives_by_identity_and_boot),
		cmocka_unit_test(empty_forgives_nothing),
		cmocka_unit_test(refuses_what_is_no_census),
		cmocka_unit_test(refuses_bad_processes),
		cmocka_unit_test(reads_a_file),
		cmocka_unit_test(says_why_it_cannot_read),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
