/* SPDX-License-Identifier: MIT */
/* What the census asks for is asked of the source, in its words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "engine/engine.h"

static char asked[512]; /* folders and pids of the last look-up, as text */
static enum answer answer;

static enum answer fake_files(struct source *src, const pid_t *pids, size_t nr,
			      const char *const *folders, size_t nr_folders)
{
	size_t len = 0;

	(void)src;
	for (size_t i = 0; i < nr_folders; i++)
		len += (size_t)snprintf(asked + len, sizeof(asked) - len, "%s ", folders[i]);
	for (size_t i = 0; i < nr; i++)
		len += (size_t)snprintf(asked + len, sizeof(asked) - len, "%d ", (int)pids[i]);
	return answer;
}

static enum answer fake_service(struct source *src, const struct process *proc, char *unit,
				size_t size)
{
	(void)src;
	if (proc->id.pid == 7)
		snprintf(unit, size, "x.service");
	return answer;
}

static enum answer fake_hung_up(struct source *src, const struct process *proc)
{
	(void)src;
	return proc->id.pid == 7 ? ANSWER_YES : ANSWER_NO;
}

static enum answer fake_ended(struct source *src, pid_t pid)
{
	(void)src;
	return pid == 7 ? ANSWER_YES : ANSWER_UNKNOWN;
}

static const struct source_ops full_ops = {
	.holds_files = fake_files,
	.service = fake_service,
	.hung_up = fake_hung_up,
	.ended = fake_ended,
};

struct ctx {
	struct engine eng;
	struct source source;
	struct census_input input;
	struct policy policy;
	const struct app *app;
};

static int setup(void **state)
{
	struct ctx *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	assert_int_equal(policy_init(&t->policy), 0);
	t->app = policy_find_app(&t->policy, "sprout");
	t->source.ops = &full_ops;
	t->eng.source = &t->source;
	engine_set_evidence(&t->eng, &t->input);
	asked[0] = '\0';
	answer = ANSWER_NO;
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct ctx *t = *state;

	policy_release(&t->policy);
	ledger_release(&t->eng.ledger);
	free(t);
	return 0;
}

static enum answer ask_files(struct ctx *t, const char *environ, const char *id)
{
	const struct process desktop = {
		.id = { .pid = 100 },
		.environ = { environ, strlen(environ) + 1 },
		.environ_read = READ_DONE,
	};
	const struct process helper = { .id = { .pid = 101 } };
	const struct process *procs[] = { &desktop, &helper };
	const struct instance inst = { .id = bytes_of(id), .app = t->app, .uid = 1000 };

	return t->input.files(t->input.ctx, &desktop, procs, 2, &inst);
}

static void files_are_asked_below_the_data_folders_of_the_desktop(void **state)
{
	struct ctx *t = *state;

	answer = ANSWER_YES;
	assert_int_equal(ask_files(t, "HOME=/h", "org.x"), ANSWER_YES);
	assert_string_equal(asked,
			    "/h/.local/share/org.x /h/.config/org.x /h/.cache/org.x 100 101 ");
	answer = ANSWER_NO;
	assert_int_equal(ask_files(t, "HOME=/h", "org.x"), ANSWER_NO);
	answer = ANSWER_UNKNOWN;
	assert_int_equal(ask_files(t, "HOME=/h", "org.x"), ANSWER_UNKNOWN);
}

static void a_folder_that_cannot_be_told_is_not_one_without_files(void **state)
{
	struct ctx *t = *state;

	assert_int_equal(ask_files(t, "PATH=/bin", "org.x"), ANSWER_UNKNOWN);
	assert_string_equal(asked, "");
	/* What was found in another is found. */
	answer = ANSWER_YES;
	assert_int_equal(ask_files(t, "XDG_DATA_HOME=/d", "org.x"), ANSWER_YES);
	answer = ANSWER_NO;
	assert_int_equal(ask_files(t, "XDG_DATA_HOME=/d", "org.x"), ANSWER_UNKNOWN);
}

static void an_id_that_is_no_name_of_a_folder_has_no_files(void **state)
{
	struct ctx *t = *state;

	answer = ANSWER_YES;
	assert_int_equal(ask_files(t, "HOME=/h", "../x"), ANSWER_NO);
	assert_string_equal(asked, "");
}

static void a_service_is_named(void **state)
{
	const struct process proc = { .id = { .pid = 7 } }, other = { .id = { .pid = 8 } };
	struct arena storage = { 0 };
	struct ctx *t = *state;
	const char *unit = NULL;

	answer = ANSWER_YES;
	assert_int_equal(t->input.service(t->input.ctx, &storage, &proc, &unit), ANSWER_YES);
	assert_string_equal(unit, "x.service");
	unit = NULL;
	answer = ANSWER_UNKNOWN;
	assert_int_equal(t->input.service(t->input.ctx, &storage, &other, &unit), ANSWER_UNKNOWN);
	assert_null(unit);
	arena_release(&storage);
}

static void ends_and_closed_pipes_are_the_sources(void **state)
{
	const struct process proc = { .id = { .pid = 7 } };
	struct ctx *t = *state;

	assert_int_equal(t->input.hung_up(t->input.ctx, &proc), ANSWER_YES);
	assert_int_equal(t->input.ended(t->input.ctx, 7), ANSWER_YES);
	assert_int_equal(t->input.ended(t->input.ctx, 8), ANSWER_UNKNOWN);
}

static void the_ledger_knows_which_owner_was_seen_to_end(void **state)
{
	struct ctx *t = *state;
	const struct instance inst = { .id = bytes_of("org.x"), .app = t->app, .uid = 1000 };
	const struct instance_key key = instance_key_of(&inst);
	struct ledger_owner *row;

	assert_false(t->input.seen_gone(t->input.ctx, &inst));
	row = ledger_add_owner(&t->eng.ledger, &key);
	assert_non_null(row);
	row->gone_ms = -1;
	assert_false(t->input.seen_gone(t->input.ctx, &inst));
	row->gone_ms = 5000;
	assert_true(t->input.seen_gone(t->input.ctx, &inst));
}

static void a_source_without_evidence_is_not_asked(void **state)
{
	static const struct source_ops no_ops;
	struct ctx *t = *state;

	t->source.ops = &no_ops;
	t->eng.options.reap = true;
	engine_set_evidence(&t->eng, &t->input);
	assert_null(t->input.files);
	assert_null(t->input.service);
	assert_null(t->input.hung_up);
	assert_null(t->input.ended);
	assert_true(t->input.reap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			files_are_asked_below_the_data_folders_of_the_desktop, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_folder_that_cannot_be_told_is_not_one_without_files, setup, teardown),
		cmocka_unit_test_setup_teardown(an_id_that_is_no_name_of_a_folder_has_no_files,
						setup, teardown),
		cmocka_unit_test_setup_teardown(a_service_is_named, setup, teardown),
		cmocka_unit_test_setup_teardown(ends_and_closed_pipes_are_the_sources, setup,
						teardown),
		cmocka_unit_test_setup_teardown(the_ledger_knows_which_owner_was_seen_to_end, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_source_without_evidence_is_not_asked, setup,
						teardown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
