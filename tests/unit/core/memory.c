/* SPDX-License-Identifier: MIT */
/*
 * The core without memory: wherever an allocation fails, the answer is -ENOMEM,
 * results stay untouched, and nothing is left allocated.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "helpers/starve.h"
#include "helpers/table.h"

/* Run @scenario again and again, each time with a later allocation that fails. */
static void starve(int (*scenario)(void))
{
	for (unsigned n = 0;; n++) {
		bool failed;
		long live;
		int r;

		starve_begin(n, false);
		r = scenario();
		failed = starve_end(&live);
		assert_int_equal(live, 0);
		assert_int_equal(r, failed ? -ENOMEM : 0);
		if (!failed) {
			assert_true(n > 0); /* it does allocate */
			return;
		}
		assert_true(n < 10000);
	}
}

static int make_policy(void)
{
	struct policy p;
	int r = policy_init(&p);

	if (r)
		return p.nr_apps || p.apps || p.adopters.nr ? -1 : r; /* then it is empty */
	for (char name[] = "a"; !r && name[0] <= 'z'; name[0]++)
		r = policy_replace_app(&p, name, "x") ? 0 : -ENOMEM;
	if (!r)
		r = policy_replace_app(&p, "sprout", "y") ? 0 : -ENOMEM;
	policy_release(&p);
	return r;
}

static int make_snapshot(void)
{
	const struct process p = {
		.id = { 5, 5, 0 },
		.comm = "node",
		.exe = "/bin/node",
		.args = { "node", 5 },
		.environ = { "A=1", 4 },
	};
	static const char large[40000];
	struct process *copy = (struct process *)&p;
	struct snapshot *s = snapshot_new();
	int r = s ? 0 : -ENOMEM;

	for (size_t i = 0; !r && i < 40; i++) {
		copy = (struct process *)&p;
		r = snapshot_add(s, &p, &copy);
		if (r && (copy != &p || s->nr != i))
			r = -1; /* set on success only */
		/* Fill the chunk, so that every string needs a new one at some time. */
		if (!r && !snapshot_copy(s, large, 32000 - i % 40))
			r = -ENOMEM;
	}
	snapshot_unref(s);
	return r;
}

/* Chunks so full that the n-th string of a process is the one that needs the next. */
static int make_strings(void)
{
	static char big[33000];
	const struct process procs[] = {
		{ .comm = big, .args = { "", 0 } },
		{ .comm = "n", .exe = big },
		{ .comm = "n", .args = { big, sizeof(big) } },
		{ .comm = "n", .environ = { big, sizeof(big) } },
	};
	struct snapshot *s = snapshot_new();
	int r = s ? 0 : -ENOMEM;

	memset(big, 'x', sizeof(big) - 1);
	for (size_t i = 0; !r && i < sizeof(procs) / sizeof(procs[0]); i++)
		r = snapshot_add(s, &procs[i], NULL);
	snapshot_unref(s);
	return r;
}

static struct table table;

static int make_census(void)
{
	struct census *c = (struct census *)&table; /* must stay as it is */
	int r = census_build(&table.input, &c);

	if (r)
		return c == (struct census *)&table ? r : -1;
	census_unref(c);
	return 0;
}

static void the_policy_runs_out_of_memory(void **state)
{
	(void)state;
	starve(make_policy);
}

static void a_snapshot_runs_out_of_memory(void **state)
{
	(void)state;
	starve(make_snapshot);
	starve(make_strings);
}

static void a_census_runs_out_of_memory(void **state)
{
	static struct row rows[80] = {
		{ 100, 1, "Sprout", NULL, "Sprout|i3" },
		{ 101, 1, "make" },
		{ 102, 101, NULL, "STRAY_INSTANCE=101" },
		{ 103, 102, "sh" },
		{ 104, TABLE_SELF, "sh" },
		{ 105, 104, "sh" },
	};
	static char env[80][40];

	(void)state;
	for (int i = 6; i < 80; i++) {
		snprintf(env[i], sizeof(env[i]), "SPROUT_MANAGED_AGENT=i%d", i % 40);
		rows[i] = (struct row){ .pid = 200 + i,
					.ppid = i % 3 ? 1 : 100,
					.env = env[i],
					.comm = i < 30 ? "Buzz" : NULL };
	}
	table_init(&table, rows, 80);
	starve(make_census);
	table.input.wrapper = TABLE_SELF;
	table.input.wrapper_id = bytes_of("9000");
	starve(make_census);
	table_release(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_policy_runs_out_of_memory),
		cmocka_unit_test(a_snapshot_runs_out_of_memory),
		cmocka_unit_test(a_census_runs_out_of_memory),
	};

	if (!starve_is_possible()) {
		puts("1..0 # skip another allocator is in use");
		return 0;
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
