/* SPDX-License-Identifier: MIT */
#include "helpers/child.h"
#include "helpers/hang.h"

#include "linux/reader.h"

/* Short enough to wait for, long enough for a process that does not hang. */
enum { PATIENCE_MS = 1500, MOST = 8 };

struct seen {
	size_t nr;
	struct {
		size_t index;
		int error;
		bool hangs, bound;
		enum read_state environ_read, args_read;
		char environ[64], args[64], exe[64];
	} items[MOST];
};

static void copy(char *out, size_t size, struct bytes b)
{
	size_t len = b.len < size - 1 ? b.len : size - 1;

	memcpy(out, b.len ? b.data : "", len);
	out[len] = '\0';
}

static void note(void *ctx, size_t index, const struct contents *c)
{
	struct seen *seen = ctx;
	struct bytes exe = { c->exe, c->exe ? strlen(c->exe) : 0 };
	size_t i = seen->nr++;

	assert_true(i < MOST);
	seen->items[i].index = index;
	seen->items[i].error = c->error;
	seen->items[i].hangs = c->hangs;
	seen->items[i].bound = c->dir_fd >= 0;
	seen->items[i].environ_read = c->environ_read;
	seen->items[i].args_read = c->args_read;
	copy(seen->items[i].environ, sizeof(seen->items[i].environ), c->environ);
	copy(seen->items[i].args, sizeof(seen->items[i].args), c->args);
	copy(seen->items[i].exe, sizeof(seen->items[i].exe), exe);
}

static char *const env_a[] = { (char *)"A=1", NULL }, *const env_none[] = { NULL };

/* The same is read through one folder and without. */
static void read_in_order(bool bound)
{
	struct child a = child_exec("first", env_a), b = child_exec("second", env_none);
	struct child gone = child_fork(child_plain, NULL);
	struct seen seen = { 0 };
	struct reader *r;
	int64_t since;

	child_end(&gone);
	assert_int_equal(reader_new(PATIENCE_MS, &r), 0);
	reader_run(r,
		   (struct read_item[]){ { .pid = a.pid, .environ = true, .bound = bound },
					 { .pid = gone.pid, .environ = true, .bound = bound },
					 { .pid = b.pid, .environ = true, .bound = bound },
					 { .pid = a.pid, .environ = false, .bound = bound } },
		   4, note, &seen);
	assert_int_equal(seen.nr, 4);
	for (size_t i = 0; i < seen.nr; i++) {
		assert_int_equal(seen.items[i].index, i);
		assert_int_equal(seen.items[i].bound, bound && i != 1);
	}
	assert_string_equal(seen.items[0].environ, "A=1");
	assert_string_equal(seen.items[0].args, "first");
	assert_non_null(strstr(seen.items[0].exe, "/cat"));
	assert_int_equal(seen.items[1].error, -ESRCH);
	assert_int_equal(seen.items[1].environ_read, READ_NOT_TRIED);
	/* An empty environment is one that was read. */
	assert_int_equal(seen.items[2].environ_read, READ_DONE);
	assert_string_equal(seen.items[2].environ, "");
	assert_int_equal(seen.items[3].environ_read, READ_NOT_TRIED);
	assert_int_equal(seen.items[3].args_read, READ_DONE);
	assert_int_equal(reader_waits_for(r, &since), 0);
	reader_free(r);
	child_end(&a);
	child_end(&b);
}

static void reads_in_order(void **state)
{
	(void)state;
	read_in_order(false);
	read_in_order(true);
}

static void leaves_a_hanging_one_to_its_thread(void **state)
{
	struct child a = child_exec("first", env_a), b = child_exec("second", env_a);
	struct hang stuck;
	struct seen seen = { 0 };
	struct reader *r;

	(void)state;
	if (!hang_start(&stuck)) {
		child_end(&a);
		child_end(&b);
		skip(); /* not root */
	}
	assert_int_equal(reader_new(PATIENCE_MS, &r), 0);
	const struct read_item items[] = { { .pid = a.pid, .environ = true },
					   { .pid = stuck.child.pid, .environ = true },
					   { .pid = b.pid, .environ = true } };
	/* The second time it is known to hang, and not tried again. */
	for (int pass = 0; pass < 2; pass++) {
		seen.nr = 0;
		reader_run(r, items, 3, note, &seen);
		assert_int_equal(seen.nr, 3);
		assert_string_equal(seen.items[0].environ, "A=1");
		assert_int_equal(seen.items[1].index, 1);
		assert_true(seen.items[1].hangs);
		assert_int_equal(seen.items[1].error, 0);
		assert_int_equal(seen.items[1].environ_read, READ_REFUSED);
		assert_int_equal(seen.items[1].args_read, READ_REFUSED);
		assert_string_equal(seen.items[2].environ, "A=1");
		assert_false(seen.items[2].hangs);
	}
	hang_end(&stuck);
	seen.nr = 0;
	reader_run(r, items, 1, note, &seen);
	assert_int_equal(seen.nr, 1);
	assert_string_equal(seen.items[0].environ, "A=1");
	reader_free(r);
	child_end(&a);
	child_end(&b);
}

static void is_freed_while_one_hangs(void **state)
{
	struct seen seen = { 0 };
	struct hang stuck;
	struct reader *r;

	(void)state;
	if (!hang_start(&stuck))
		skip();
	assert_int_equal(reader_new(1, &r), 0);
	reader_run(r, (struct read_item[]){ { .pid = stuck.child.pid, .environ = true } }, 1, note,
		   &seen);
	assert_int_equal(seen.nr, 1);
	reader_free(r);
	hang_end(&stuck);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_in_order),
		cmocka_unit_test(leaves_a_hanging_one_to_its_thread),
		cmocka_unit_test(is_freed_while_one_hangs),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
