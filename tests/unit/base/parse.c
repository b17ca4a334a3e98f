/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/parse.h"

static void reads_digits_up_to_the_first_other_byte(void **state)
{
	uint64_t value = 77;

	(void)state;
	assert_int_equal(parse_digits("12:34", SIZE_MAX, 100, &value), 2);
	assert_int_equal(value, 12);
	assert_int_equal(parse_digits("1234", 3, 1000, &value), 3);
	assert_int_equal(value, 123);
	assert_int_equal(parse_digits("0255", SIZE_MAX, 255, &value), 4);
	assert_int_equal(value, 255);
	assert_int_equal(parse_digits("18446744073709551615", SIZE_MAX, UINT64_MAX, &value), 20);
	assert_true(value == UINT64_MAX);
}

static void digits_above_the_limit_are_none(void **state)
{
	uint64_t value = 77;

	(void)state;
	assert_int_equal(parse_digits("256", SIZE_MAX, 255, &value), 0);
	assert_int_equal(parse_digits("18446744073709551616", SIZE_MAX, UINT64_MAX, &value), 0);
	assert_int_equal(parse_digits("x1", SIZE_MAX, 255, &value), 0);
	assert_int_equal(parse_digits("", SIZE_MAX, 255, &value), 0);
	assert_int_equal(parse_digits("9", SIZE_MAX, 5, &value), 0);
	assert_int_equal(value, 77);
}

static void a_number_is_digits_alone(void **state)
{
	static const char *const bad[] = { "", "-1", "+1", " 1", "1 ", "0x1", "1e3", "\xd9\xa5" };
	uint64_t value = 77;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(parse_number(bad[i], UINT64_MAX, &value), -EINVAL);
	assert_int_equal(parse_number("101", 100, &value), -ERANGE);
	assert_int_equal(value, 77);
	assert_int_equal(parse_number("100", 100, &value), 0);
	assert_int_equal(value, 100);
}

static void a_pid_is_a_number_above_zero(void **state)
{
	(void)state;
	assert_int_equal(parse_pid("1"), 1);
	assert_int_equal(parse_pid("2147483647"), INT32_MAX);
	assert_int_equal(parse_pid("2147483648"), 0);
	assert_int_equal(parse_pid("0"), 0);
	assert_int_equal(parse_pid("12a"), 0);
	assert_int_equal(parse_pid("self"), 0);
}

static void reads_a_length_of_time_as_people_write_it(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} good[] = {
		{ "0", 0 },	     { "00", 0 },
		{ "0s", 0 },	     { "90", 90000 },
		{ "90s", 90000 },    { "1m30s", 90000 },
		{ "1m 30s", 90000 }, { "5min", 300000 },
		{ "500ms", 500 },    { "1s500ms", 1500 },
		{ "2m", 120000 },    { "1h", 3600000 },
		{ "5sec", 5000 },    { "1h30min", 5400000 },
		{ "1d", 86400000 },  { "1d2h3m4s5ms", 93784005 },
		{ "007s", 7000 },    { "36600d", INT64_C(36600) * 86400000 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		int64_t ms = -1;

		assert_int_equal(parse_duration(good[i].text, &ms), 0);
		assert_int_equal(ms, good[i].ms);
	}
}

static void refuses_what_is_no_length_of_time(void **state)
{
	static const char *const bad[] = {
		"",	 "s",	      "5 s",   " 5s",	 "5s ",	  "+5s",    "-5s",
		"5S",	 "1.5s",      "0x5s",  "five",	 "5msx",  "1m30",   "1s1s",
		"30s1m", "\xd9\xa5s", "1h,5m", "1m  5s", "5mins", "1min1m",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		int64_t ms = -77;

		assert_int_equal(parse_duration(bad[i], &ms), -EINVAL);
		assert_int_equal(ms, -77); /* set on success only */
	}
}

static void refuses_what_is_too_long(void **state)
{
	static const char *const bad[] = {
		"36601d",
		"36600d1s",
		"999999999d",
		"99999999999999999999ms",
		"18446744073709551616s",
		"9223372036854775807h",
		"18446744073709551616",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		int64_t ms = -77;

		assert_int_equal(parse_duration(bad[i], &ms), -ERANGE);
		assert_int_equal(ms, -77);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_digits_up_to_the_first_other_byte),
		cmocka_unit_test(digits_above_the_limit_are_none),
		cmocka_unit_test(a_number_is_digits_alone),
		cmocka_unit_test(a_pid_is_a_number_above_zero),
		cmocka_unit_test(reads_a_length_of_time_as_people_write_it),
		cmocka_unit_test(refuses_what_is_no_length_of_time),
		cmocka_unit_test(refuses_what_is_too_long),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
