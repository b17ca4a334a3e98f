/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/bytes.h"
#include "core/identifier.h"
#include "core/identifier_index.h"

struct hits {
	bool has[64];
};

static void on_found(void *ctx, size_t id)
{
	((struct hits *)ctx)->has[id] = true;
}

/* Which of @ids stand in @text? Each answer must be that of identifier_in(). */
static struct hits find(const struct bytes *ids, size_t nr, struct bytes text)
{
	struct identifier_index ix;
	struct hits hits = { 0 };

	assert_int_equal(identifier_index_init(&ix, ids, nr), 0);
	identifier_index_find(&ix, text, on_found, &hits);
	for (size_t i = 0; i < nr; i++)
		assert_int_equal(hits.has[i], identifier_in(text, ids[i]));
	identifier_index_release(&ix);
	return hits;
}

static void one_pass_finds_every_id(void **state)
{
	const struct bytes ids[] = {
		bytes_of("a.b"),   bytes_of("a.b.c"), bytes_of("b"),   bytes_of("/run/x/52.sock"),
		bytes_of("52:99"), bytes_of("::"),    bytes_of("a b"), bytes_of(""),
	};
	struct hits hits = find(ids, ARRAY_SIZE(ids),
				bytes_of("--x={\"id\":\"a.b.c\"} /run/x/52.sock 52:99 :: a b"));

	(void)state;
	assert_false(hits.has[0]);
	assert_true(hits.has[1]);
	assert_true(hits.has[2]);
	assert_true(hits.has[3]);
	assert_true(hits.has[4]);
	assert_true(hits.has[5]);
	assert_true(hits.has[6]);
	assert_false(hits.has[7]);
}

static void an_id_that_stands_twice_is_found(void **state)
{
	const struct bytes ids[] = { bytes_of("same"), bytes_of("other"), bytes_of("same") };
	struct hits hits = find(ids, ARRAY_SIZE(ids), bytes_of("x=same"));

	(void)state;
	assert_true(hits.has[0]);
	assert_false(hits.has[1]);
	assert_true(hits.has[2]);
}

static void no_id_and_no_text_is_fine(void **state)
{
	const struct bytes id = bytes_of("a");

	(void)state;
	find(NULL, 0, bytes_of("a b c"));
	find(&id, 1, (struct bytes){ NULL, 0 });
}

/* Short texts over few letters: all that overlaps and touches comes up. */
static void agrees_with_looking_for_each_by_itself(void **state)
{
	static const char letters[] = "ab.:/\0";
	char text[40], id[20][6];
	struct bytes ids[20];

	(void)state;
	srand(7);
	for (int round = 0; round < 5000; round++) {
		for (size_t i = 0; i < ARRAY_SIZE(text); i++)
			text[i] = letters[rand() % 6];
		for (size_t k = 0; k < ARRAY_SIZE(ids); k++) {
			ids[k] = (struct bytes){ id[k], (size_t)(rand() % 6) };
			for (size_t i = 0; i < ids[k].len; i++)
				id[k][i] = letters[rand() % 6];
		}
		find(ids, ARRAY_SIZE(ids), (struct bytes){ text, (size_t)(rand() % 40) });
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_pass_finds_every_id),
		cmocka_unit_test(an_id_that_stands_twice_is_found),
		cmocka_unit_test(no_id_and_no_text_is_fine),
		cmocka_unit_test(agrees_with_looking_for_each_by_itself),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
