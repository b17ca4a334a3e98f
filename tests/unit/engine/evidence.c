/* SPDX-License-Identifier: MIT */
/* What the census asks for is asked of the source, in its words. */
#include <errno.h>
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

static unsigned probed; /* calls */

/* A window, a display, a port and a mount; one whose descriptors are refused; and none. */
static int fake_probe(struct source *src, struct probe *probes, size_t nr)
{
	(void)src;
	probed++;
	for (size_t i = 0; i < nr; i++) {
		struct probe *p = &probes[i];

		p->window = p->pid == 11;
		p->display = p->pid == 12;
		p->mount = p->pid == 14;
		p->failed = p->pid == 15;
		if (p->pid != 13)
			continue;
		p->ports = calloc(1, sizeof(*p->ports));
		assert_non_null(p->ports);
		p->nr_ports = 1;
	}
	return answer == ANSWER_UNKNOWN ? -EIO : 0;
}

static const struct source_ops full_ops = {
	.probe = fake_probe,
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
	probes_release(&t->eng.servers);
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

/* A snapshot of children of pid 1 with the pids 11 to 16. */
static struct snapshot *take_snapshot(struct ctx *t)
{
	struct snapshot *s = snapshot_new();

	assert_non_null(s);
	for (pid_t pid = 11; pid <= 16; pid++) {
		const struct process proc = {
			.id = { .pid = pid, .start_ticks = 1 },
			.ppid = 1,
			.pgid = 10,
			.sid = 10,
		};

		assert_int_equal(snapshot_add(s, &proc, NULL), 0);
	}
	snapshot_seal(s);
	t->eng.scan = s;
	return s;
}

static void what_a_dead_server_holds_is_looked_up_once_for_all(void **state)
{
	struct ctx *t = *state;
	struct snapshot *s = take_snapshot(t);

	probed = 0;
	for (size_t i = 0; i < s->nr; i++) {
		const struct process *proc = &s->procs[i];
		enum answer expected = proc->id.pid == 16   ? ANSWER_NO
				       : proc->id.pid == 15 ? ANSWER_UNKNOWN
							    : ANSWER_YES;

		assert_int_equal(t->input.holds(t->input.ctx, proc), expected);
	}
	assert_int_equal(probed, 1);
	snapshot_unref(s);
}

static void what_cannot_be_looked_up_is_not_nothing(void **state)
{
	struct ctx *t = *state;
	struct snapshot *s = take_snapshot(t);

	answer = ANSWER_UNKNOWN;
	assert_int_equal(t->input.holds(t->input.ctx, snapshot_find(s, 16)), ANSWER_UNKNOWN);
	snapshot_unref(s);
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
	assert_null(t->input.holds);
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
		cmocka_unit_test_setup_teardown(what_a_dead_server_holds_is_looked_up_once_for_all,
						setup, teardown),
		cmocka_unit_test_setup_teardown(what_cannot_be_looked_up_is_not_nothing, setup,
						teardown),
		cmocka_unit_test_setup_teardown(the_ledger_knows_which_owner_was_seen_to_end, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_source_without_evidence_is_not_asked, setup,
						teardown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
