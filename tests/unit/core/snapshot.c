/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "stray/snapshot.h"

static void copies_every_string(void **state)
{
	struct snapshot *s = snapshot_new();
	char comm[] = "node", exe[] = "/bin/node", args[] = "node\0-e", env[] = "A=1";
	struct process p = {
		.id = { 7, 8, 9 },
		.ppid = 3,
		.comm = comm,
		.exe = exe,
		.args = { args, sizeof(args) },
		.environ = { env, sizeof(env) },
	};
	struct process *copy = NULL;

	(void)state;
	assert_non_null(s);
	assert_int_equal(snapshot_add(s, &p, &copy), 0);
	assert_ptr_equal(copy, &s->procs[0]);
	comm[0] = exe[0] = args[0] = env[0] = '#';
	assert_string_equal(copy->comm, "node");
	assert_string_equal(copy->exe, "/bin/node");
	assert_int_equal(copy->args.len, sizeof(args));
	assert_memory_equal(copy->args.data, "node\0-e", copy->args.len);
	assert_memory_equal(copy->environ.data, "A=1", copy->environ.len);
	assert_int_equal(copy->id.pid, 7);
	assert_int_equal(copy->id.start_ticks, 8);
	assert_int_equal(copy->id.pidfd_ino, 9);
	assert_int_equal(copy->ppid, 3);
	snapshot_unref(s);
}

static void what_is_not_known_stays_so(void **state)
{
	struct snapshot *s = snapshot_new();
	const struct process p = { .id = { 7, 8, 9 } };
	struct process *copy = NULL;

	(void)state;
	assert_int_equal(snapshot_add(s, &p, &copy), 0);
	assert_string_equal(copy->comm, ""); /* never NULL */
	assert_null(copy->exe);
	assert_int_equal(copy->args.len, 0);
	assert_int_equal(copy->args_read, READ_NOT_TRIED);
	snapshot_unref(s);
}

static void copies_end_with_nul_and_never_move(void **state)
{
	struct snapshot *s = snapshot_new();
	size_t big = 100 * 1024;
	char *filler = malloc(big), *first, *large, *at[200];

	(void)state;
	assert_non_null(filler);
	memset(filler, 'x', big);
	first = snapshot_copy(s, "first", 5);
	/* Larger than a chunk, and then many that fill chunks. */
	large = snapshot_copy(s, filler, big);
	assert_int_equal(large[big], '\0');
	for (size_t i = 0; i < 200; i++) {
		at[i] = snapshot_copy(s, filler, 1000 + i);
		assert_non_null(at[i]);
		memset(at[i], 'a' + (int)(i % 26), 1000 + i);
	}
	for (size_t i = 0; i < 200; i++) {
		assert_int_equal(at[i][0], 'a' + (int)(i % 26));
		assert_int_equal(at[i][999 + i], 'a' + (int)(i % 26));
		assert_int_equal(at[i][1000 + i], '\0');
	}
	assert_string_equal(first, "first");
	assert_string_equal(snapshot_copy(s, NULL, 0), "");
	free(filler);
	snapshot_unref(s);
}

static void is_ordered_by_pid_once_sealed(void **state)
{
	struct snapshot *s = snapshot_new();
	char comm[16];

	(void)state;
	for (pid_t pid = 300; pid > 0; pid -= 3) {
		const struct process p = { .id = { pid, 1, 0 }, .comm = comm };

		snprintf(comm, sizeof(comm), "p%d", (int)pid);
		assert_int_equal(snapshot_add(s, &p, NULL), 0);
	}
	assert_false(s->sealed);
	snapshot_seal(s);
	assert_true(s->sealed);
	for (size_t i = 1; i < s->nr; i++)
		assert_true(s->procs[i - 1].id.pid < s->procs[i].id.pid);
	for (pid_t pid = 0; pid <= 302; pid++) {
		const struct process *p = snapshot_find(s, pid);

		if (pid % 3 || !pid || pid > 300) {
			assert_null(p);
			assert_true(snapshot_index(s, pid) == SIZE_MAX);
			continue;
		}
		assert_non_null(p);
		assert_int_equal(p->id.pid, pid);
		assert_ptr_equal(p, &s->procs[snapshot_index(s, pid)]);
		snprintf(comm, sizeof(comm), "p%d", (int)pid);
		assert_string_equal(p->comm, comm);
	}
	snapshot_unref(s);
}

static void empty_snapshot_finds_no_process(void **state)
{
	struct snapshot *s = snapshot_new();

	(void)state;
	snapshot_seal(s);
	assert_int_equal(s->nr, 0);
	assert_null(snapshot_find(s, 1));
	assert_true(snapshot_index(s, 0) == SIZE_MAX);
	assert_false(s->complete); /* not until a source says so */
	snapshot_unref(s);
}

static void lives_until_the_last_reference_goes(void **state)
{
	struct snapshot *s = snapshot_new();
	const struct process p = { .id = { 7, 8, 9 }, .comm = "node" };

	(void)state;
	assert_int_equal(snapshot_add(s, &p, NULL), 0);
	assert_ptr_equal(snapshot_ref(s), s);
	snapshot_unref(s);
	assert_string_equal(s->procs[0].comm, "node"); /* a sanitizer or valgrind sees it if not */
	snapshot_unref(s);
	snapshot_unref(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_every_string),
		cmocka_unit_test(what_is_not_known_stays_so),
		cmocka_unit_test(copies_end_with_nul_and_never_move),
		cmocka_unit_test(is_ordered_by_pid_once_sealed),
		cmocka_unit_test(empty_snapshot_finds_no_process),
		cmocka_unit_test(lives_until_the_last_reference_goes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
