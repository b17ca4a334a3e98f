/* SPDX-License-Identifier: MIT */
#include "unit/report/fixture.h"

#include "base/escape.h"
#include "report/format.h"

#define S 1000LL
#define M (60 * S)
#define H (60 * M)
#define D (24 * H)

static void ages(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} rows[] = {
		{ -1, "-" },
		{ 0, "0s" },
		{ 999, "0s" },
		{ 12 * S, "12s" },
		{ 59999, "59s" },
		{ M, "1m" },
		{ 12 * M, "12m" },
		{ 4 * M + 12 * S, "4m12s" },
		{ 5 * M + 3 * S, "5m03s" },
		{ 52 * M + 8 * S, "52m08s" },
		{ H, "1h" },
		{ 2 * H + 5 * M + 59 * S, "2h05m" },
		{ D, "1d" },
		{ 3 * D + 4 * H, "3d04h" },
		{ 99 * D + 23 * H, "99d23h" },
		{ 100 * D + 23 * H, "100d" },
		{ 123 * D, "123d" },
	};
	char buf[FORMAT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_string_equal(format_age(buf, sizeof(buf), rows[i].ms), rows[i].text);
		assert_true(strlen(buf) <= 6);
	}
	format_age(buf, sizeof(buf), INT64_MAX); /* does not overflow the buffer */
	assert_true(strlen(buf) < sizeof(buf));
}

static void orphan_ages_say_if_they_are_bounds(void **state)
{
	char buf[FORMAT_SIZE];

	(void)state;
	assert_string_equal(format_orphan_age(buf, sizeof(buf), 12 * M, true, true), "12m");
	assert_string_equal(format_orphan_age(buf, sizeof(buf), 12 * M, false, true), "\xe2\x89\xa5"
										      "12m");
	assert_string_equal(format_orphan_age(buf, sizeof(buf), 12 * M, false, false), ">=12m");
	assert_string_equal(format_orphan_age(buf, sizeof(buf), -1, false, true), "-");
}

static void memory(void **state)
{
	static const struct {
		uint64_t kib;
		const char *text;
	} rows[] = {
		{ 0, "0K" },	      { 812, "812K" },
		{ 999, "999K" },      { 1000, "0.98M" },
		{ 1024, "1.00M" },    { 98714, "96.4M" },
		{ 812340, "793M" },   { 1153434, "1.10G" },
		{ 10235, "10.0M" },   { 1023 * 1024, "1.00G" },
		{ 1023487, "0.98G" }, { 102297, "99.9M" },
		{ 102400, "100M" },   { 5ULL << 30, "5.00T" },
	};
	char buf[FORMAT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(format_kib(buf, sizeof(buf), rows[i].kib), rows[i].text);
	/* Never wider than its column, whatever the number. */
	for (uint64_t kib = 1; kib < 1ULL << 50; kib += kib / 97 + 1)
		assert_true(strlen(format_kib(buf, sizeof(buf), kib)) <= 5);
}

static void cpu(void **state)
{
	char buf[FORMAT_SIZE];

	(void)state;
	assert_string_equal(format_cpu(buf, sizeof(buf), NAN), "-");
	assert_string_equal(format_cpu(buf, sizeof(buf), 0), "0.0");
	assert_string_equal(format_cpu(buf, sizeof(buf), 38.24), "38.2");
	assert_string_equal(format_cpu(buf, sizeof(buf), 99.96), "100.0");
	assert_string_equal(format_cpu(buf, sizeof(buf), 1234.5), "1235");
}

static void times(void **state)
{
	char buf[FORMAT_SIZE];

	(void)state;
	assert_string_equal(format_time(buf, sizeof(buf), 1795460400123, true),
			    "2026-11-23T19:00:00Z");
	assert_string_equal(format_time(buf, sizeof(buf), 1795460400123, false),
			    "2026-11-23T19:00:00");
	assert_string_equal(format_time(buf, sizeof(buf), -1, true), "-");
	assert_string_equal(format_seconds(buf, sizeof(buf), 310200), "310.200");
	assert_string_equal(format_seconds(buf, sizeof(buf), 7), "0.007");
	assert_string_equal(format_ms(buf, sizeof(buf), 4149), "4.1 ms");
	assert_string_equal(format_ms(buf, sizeof(buf), 999960), "1000.0 ms");
}

static void counts(void **state)
{
	char buf[FORMAT_SIZE];

	(void)state;
	assert_string_equal(format_count(buf, sizeof(buf), 0, "agent"), "0 agents");
	assert_string_equal(format_count(buf, sizeof(buf), 1, "agent"), "1 agent");
	assert_string_equal(format_count(buf, sizeof(buf), 2, "agent"), "2 agents");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ages),	  cmocka_unit_test(orphan_ages_say_if_they_are_bounds),
		cmocka_unit_test(memory), cmocka_unit_test(cpu),
		cmocka_unit_test(times),  cmocka_unit_test(counts),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
