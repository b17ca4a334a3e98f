/* SPDX-License-Identifier: MIT */
#include "base/array.h"
#include "engine/settle.h"
#include "unit/engine/fake.h"

/* What the loop is asked to do, and what its scans show, a letter each: Done, Open, Inconclusive. */
struct scene {
	struct fake *f;
	struct settle s;
	const char *shows; /* the last letter holds from then on */
	int64_t scan_ms;   /* so long a scan takes */
	unsigned looks, waits;
	int64_t waited[64]; /* how long each wait was asked to be */
	unsigned stop_at;   /* the wait that says to stop, from 1 */
	int look_error, wait_error;
};

static int look(void *ctx, enum settle_state *ret_state)
{
	struct scene *t = ctx;
	struct snapshot *snap;
	char letter;

	assert_int_equal(t->f->source.ops->scan(&t->f->source, SCAN_FULL, &snap), 0);
	snapshot_unref(snap);
	fake_pass(t->f, t->scan_ms);
	letter = t->shows[t->looks];
	if (t->shows[t->looks + 1])
		t->looks++;
	*ret_state = letter == 'D'   ? SETTLE_DONE
		     : letter == 'O' ? SETTLE_OPEN
				     : SETTLE_INCONCLUSIVE;
	return t->look_error;
}

static int wait_for(void *ctx, int64_t timeout_ms)
{
	struct scene *t = ctx;

	assert_true(t->waits < ARRAY_SIZE(t->waited));
	t->waited[t->waits++] = timeout_ms;
	if (t->waits == t->stop_at)
		return 1;
	fake_pass(t->f, timeout_ms);
	return t->wait_error;
}

static int setup(void **state)
{
	struct scene *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	t->f = fake_new();
	t->s = (struct settle){
		.source = &t->f->source,
		.look = look,
		.wait = wait_for,
		.ctx = t,
		.limit_ms = 1000,
		.wait_ms = 10,
		.wait_max_ms = 80,
		.repeats = 3,
	};
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct scene *t = *state;

	free(t->f);
	free(t);
	return 0;
}

static void done_at_first_needs_one_scan_and_no_wait(void **state)
{
	struct scene *t = *state;

	t->shows = "D";
	assert_int_equal(settle(&t->s), 0);
	assert_int_equal(t->s.state, SETTLE_DONE);
	assert_int_equal(t->f->scans, 1);
	assert_int_equal(t->waits, 0);
}

static void waits_are_doubled_up_to_the_longest(void **state)
{
	static const int64_t expected[] = { 10, 20, 40, 80, 80 };
	struct scene *t = *state;

	t->shows = "OOOOOD";
	assert_int_equal(settle(&t->s), 0);
	assert_int_equal(t->s.state, SETTLE_DONE);
	assert_int_equal(t->waits, ARRAY_SIZE(expected));
	assert_memory_equal(t->waited, expected, sizeof(expected));
	assert_int_equal(t->s.waited_ms, 230);
}

static void the_last_wait_ends_with_the_time_and_a_scan_follows(void **state)
{
	struct scene *t = *state;

	t->shows = "O";
	t->s.limit_ms = 25;
	assert_int_equal(settle(&t->s), 0);
	assert_int_equal(t->s.state, SETTLE_OPEN);
	assert_int_equal(t->waits, 2);
	assert_int_equal(t->waited[1], 15);
	assert_int_equal(t->f->scans, 3);
	assert_int_equal(t->s.waited_ms, 25);
}

static void time_counts_from_before_the_first_scan(void **state)
{
	struct scene *t = *state;

	t->shows = "O";
	t->scan_ms = 600;
	assert_int_equal(settle(&t->s), 0);
	assert_int_equal(t->f->scans, 2);
	assert_int_equal(t->s.waited_ms, 1210);
}

static void without_time_there_is_one_scan(void **state)
{
	struct scene *t = *state;

	t->shows = "O";
	t->s.limit_ms = 0;
	assert_int_equal(settle(&t->s), 0);
	assert_int_equal(t->s.state, SETTLE_OPEN);
	assert_int_equal(t->f->scans, 1);
	assert_int_equal(t->waits, 0);
}

/* --- inconclusive scans ------------------------------------------------------------ */

static void an_inconclusive_scan_is_repeated_at_once(void **state)
{
	struct scene *t = *state;

	t->shows = "IID";
	assert_int_equal(settle(&t->s), 0);
	assert_int_equal(t->s.state, SETTLE_DONE);
	assert_int_equal(t->f->scans, 3);
	assert_int_equal(t->waits, 2);
	assert_int_equal(t->waited[0], 0);
	assert_int_equal(t->waited[1], 0);
}

static void inconclusive_scans_are_repeated_when_time_is_up(void **state)
{
	struct scene *t = *state;

	t->shows = "I";
	t->s.limit_ms = 0;
	assert_int_equal(settle(&t->s), 0);
	assert_int_equal(t->s.state, SETTLE_INCONCLUSIVE);
	assert_int_equal(t->f->scans, 1 + 3);
}

static void after_too_many_in_a_row_scans_are_waited_for(void **state)
{
	struct scene *t = *state;

	t->shows = "IIIID";
	assert_int_equal(settle(&t->s), 0);
	assert_int_equal(t->s.state, SETTLE_DONE);
	assert_int_equal(t->waits, 4);
	assert_int_equal(t->waited[2], 0);
	assert_int_equal(t->waited[3], 10);
}

static void another_scan_between_begins_the_count_again(void **state)
{
	struct scene *t = *state;

	t->shows = "IIIOIIID";
	assert_int_equal(settle(&t->s), 0);
	assert_int_equal(t->waits, 7);
	assert_int_equal(t->waited[3], 10);
	for (unsigned i = 4; i < 7; i++)
		assert_int_equal(t->waited[i], 0);
}

/* --- the end of waiting ------------------------------------------------------------- */

static void one_scan_follows_when_it_is_told_to_stop(void **state)
{
	struct scene *t = *state;

	t->shows = "O";
	t->stop_at = 2;
	assert_int_equal(settle(&t->s), 0);
	assert_int_equal(t->s.state, SETTLE_OPEN);
	assert_int_equal(t->waits, 2);
	assert_int_equal(t->f->scans, 3);
}

static void errors_of_scan_and_wait_go_up(void **state)
{
	struct scene *t = *state;

	t->shows = "O";
	t->wait_error = -EIO;
	assert_int_equal(settle(&t->s), -EIO);
	assert_int_equal(t->f->scans, 1);
	t->look_error = 4;
	assert_int_equal(settle(&t->s), 4);
	assert_int_equal(t->f->scans, 2);
}

static void without_a_wait_scan_follows_scan_until_time_is_up(void **state)
{
	struct scene *t = *state;

	t->shows = "OI";
	t->scan_ms = 100;
	t->s.wait = NULL;
	t->s.repeats = 0;
	assert_int_equal(settle(&t->s), 0);
	assert_int_equal(t->s.state, SETTLE_INCONCLUSIVE);
	assert_int_equal(t->f->scans, 10);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(done_at_first_needs_one_scan_and_no_wait),
		TEST(waits_are_doubled_up_to_the_longest),
		TEST(the_last_wait_ends_with_the_time_and_a_scan_follows),
		TEST(time_counts_from_before_the_first_scan),
		TEST(without_time_there_is_one_scan),
		TEST(an_inconclusive_scan_is_repeated_at_once),
		TEST(inconclusive_scans_are_repeated_when_time_is_up),
		TEST(after_too_many_in_a_row_scans_are_waited_for),
		TEST(another_scan_between_begins_the_count_again),
		TEST(one_scan_follows_when_it_is_told_to_stop),
		TEST(errors_of_scan_and_wait_go_up),
		TEST(without_a_wait_scan_follows_scan_until_time_is_up),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
