/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/clock.h"

static void parses_every_unit(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} good[] = {
		{ "0", 0 },	    { "00", 0 },      { "0s", 0 },
		{ "1ms", 1 },	    { "250ms", 250 }, { "1s", 1000 },
		{ "60s", 60000 },   { "2m", 120000 }, { "1h", 3600000 },
		{ "1d", 86400000 }, { "007s", 7000 }, { "36600d", INT64_C(36600) * 86400000 },
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
		"",   "s",    "5",    "1",     "5 s",  " 5s",  "5s ",  "+5s",	    "-5s",
		"5S", "5sec", "1.5s", "1h30m", "0x5s", "five", "5msx", "\xd9\xa5s",
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
		"999999999d",
		"99999999999999999999ms",
		"18446744073709551616s",
		"9223372036854775807h",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		int64_t ms = -77;

		assert_int_equal(parse_duration(bad[i], &ms), -ERANGE);
		assert_int_equal(ms, -77);
	}
}

static void clocks_agree(void **state)
{
	int64_t ms, us, later;

	(void)state;
	ms = clock_ms(CLOCK_MONOTONIC);
	us = clock_us(CLOCK_MONOTONIC);
	later = clock_ms(CLOCK_MONOTONIC);
	assert_true(ms > 0);
	assert_true(us / 1000 >= ms);
	assert_true(us / 1000 <= later);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_every_unit),
		cmocka_unit_test(refuses_what_is_no_length_of_time),
		cmocka_unit_test(refuses_what_is_too_long),
		cmocka_unit_test(clocks_agree),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
