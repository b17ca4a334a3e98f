/* SPDX-License-Identifier: MIT */
#include "helpers/table.h"

#define SPROUT(id) "SPROUT_MANAGED_AGENT=" id
#define BUZZ(id)   "BUZZ_MANAGED_AGENT=" id

static const struct verdict_ask sweep = { .face = FACE_SWEEP }, group = { .face = FACE_GROUP };
static const struct verdict_ask pick = { .face = FACE_PICK };

static enum verdict_why ask(const struct table *t, pid_t pid, const struct verdict_ask *how)
{
	return verdict_of_process(t->c, snapshot_find(t->s, pid), how);
}

static struct process *proc(struct table *t, pid_t pid)
{
	return &t->s->procs[snapshot_index(t->s, pid)];
}

static void an_orphan_may_be_ended(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 200, 1, NULL, SPROUT("a") }, { 201, 200, "sh" });
	table_census(&t);
	for (pid_t pid = 200; pid <= 201; pid++) {
		assert_int_equal(ask(&t, pid, &sweep), WHY_MAY_END);
		assert_int_equal(ask(&t, pid, &group), WHY_MAY_END);
		assert_int_equal(ask(&t, pid, &pick), WHY_MAY_END);
		assert_int_equal(verdict_of(t.c, table_member(&t, pid, "a"), &sweep), WHY_MAY_END);
		assert_int_equal(table_member(&t, pid, "a")->kept, WHY_MAY_END);
		assert_int_equal(verdict_kept_but(t.c, proc(&t, pid), WHY_MAY_END), WHY_MAY_END);
	}
	table_release(&t);
}

static void unmanaged_process_may_not_be_ended(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 200, 1, "bash" });
	table_census(&t);
	assert_int_equal(ask(&t, 200, &sweep), WHY_NOT_MANAGED);
	assert_int_equal(ask(&t, 200, &pick), WHY_NOT_MANAGED);
	table_release(&t);
}

/* --- never: each rule stands before the next ---------------------------------------- */

static void self_comes_before_init(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 50, 1, "node", SPROUT("a") }, { TABLE_SELF, 50, "stray" });
	table_census(&t);
	assert_int_equal(ask(&t, 1, &pick), WHY_SELF);
	assert_int_equal(ask(&t, 50, &pick), WHY_SELF);
	assert_int_equal(ask(&t, TABLE_SELF, &pick), WHY_SELF);
	assert_int_equal(table_member(&t, 50, "a")->kept, WHY_SELF);
	table_release(&t);
}

static void init_comes_before_kernel(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 1, 0, "init", NULL, .root = true, .kernel = true }, { TABLE_SELF, 0, "stray" });
	table_census(&t);
	assert_int_equal(ask(&t, 1, &pick), WHY_INIT);
	table_release(&t);
}

static void kernel_comes_before_desktop(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 50, 2, "kthread", NULL, .kernel = true });
	t.input.wrapper = 50;
	t.input.wrapper_id = bytes_of("50");
	table_census(&t);
	assert_int_equal(ask(&t, 50, &pick), WHY_KERNEL);
	table_release(&t);
}

static void desktop_comes_before_owned(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout" }, { 110, 100, "Buzz", SPROUT("a") });
	table_census(&t);
	assert_int_equal(ask(&t, 110, &pick), WHY_DESKTOP);
	assert_int_equal(ask(&t, 100, &pick), WHY_DESKTOP);
	table_release(&t);
}

static void owned_comes_before_other_user(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "Sprout" }, { 110, 100, "sudo", NULL, .root = true });
	table_census(&t);
	assert_int_equal(ask(&t, 110, &pick), WHY_OWNED);
	table_release(&t);
}

static void other_user_comes_before_container(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 200, 1, NULL, SPROUT("a"), .uid = 1001, .pid_ns = 99 });
	t.input.all_users = true;
	table_census(&t);
	assert_int_equal(ask(&t, 200, &pick), WHY_OTHER_USER);
	table_release(&t);
}

static void container_comes_before_kept(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 200, 1, NULL, SPROUT("a") "|STRAY_KEEP=1", .pid_ns = 99 });
	table_census(&t);
	assert_int_equal(ask(&t, 200, &group), WHY_CONTAINER);
	assert_int_equal(ask(&t, 200, &pick), WHY_CONTAINER);
	assert_int_equal(table_member(&t, 200, "a")->kept, WHY_CONTAINER);
	table_release(&t);
}

static void what_descends_from_any_live_desktop_is_owned(void **state)
{
	struct table t;

	(void)state;
	/* A desktop of an app that it is no agent of. */
	TABLE(&t, { 100, 1, "Buzz" }, { 101, 100, "sh" }, { 200, 101, NULL, SPROUT("a") });
	table_census(&t);
	assert_int_equal(ask(&t, 101, &pick), WHY_OWNED);
	assert_int_equal(ask(&t, 200, &pick), WHY_OWNED);
	table_release(&t);
}

static void root_may_end_other_users_members_only(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { TABLE_SELF, 1, "stray", .root = true }, { 200, 1, NULL, SPROUT("a") },
	      { 201, 1, "bash" });
	t.input.all_users = true;
	table_census(&t);
	assert_int_equal(ask(&t, 200, &sweep), WHY_MAY_END);
	assert_int_equal(ask(&t, 201, &sweep), WHY_OTHER_USER);
	table_release(&t);
}

/* --- kept ---------------------------------------------------------------------------- */

static void assert_kept(const struct table *t, pid_t pid, enum verdict_why why)
{
	assert_int_equal(ask(t, pid, &sweep), why);
	assert_int_equal(ask(t, pid, &group), why);
	assert_int_equal(ask(t, pid, &pick), WHY_MAY_END); /* can be picked by itself */
	assert_int_equal(verdict_kept_but(t->c, snapshot_find(t->s, pid), WHY_MAY_END), why);
	for (const struct member *m = census_find_member(t->c, pid); m;
	     m = census_next_membership(t->c, m))
		assert_int_equal(m->kept, why);
}

static void an_opt_out_is_kept(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 200, 1, NULL, SPROUT("a") "|STRAY_KEEP=1" },
	      { 201, 1, NULL, SPROUT("a") "|STRAY_KEEP=0" },
	      { 202, 1, NULL, SPROUT("a") "|STRAY_KEEP=" },
	      { 203, 1, NULL, SPROUT("a") "|STRAY_KEEP" },
	      { 204, 1, NULL, SPROUT("a") "|STRAY_KEEP=|STRAY_KEEP=1" },
	      { 205, 1, NULL, SPROUT("a") "|X=\nSTRAY_KEEP=1" });
	table_census(&t);
	assert_kept(&t, 200, WHY_OPT_OUT);
	assert_kept(&t, 201, WHY_OPT_OUT);
	for (pid_t pid = 202; pid <= 205; pid++)
		assert_kept(&t, pid, WHY_MAY_END);
	table_release(&t);
}

static void the_keep_list_is_kept(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 200, 1, "tmux: server", SPROUT("a") }, { 201, 1, "mine", SPROUT("a") });
	table_census(&t);
	assert_kept(&t, 200, WHY_KEEP_LIST);
	assert_kept(&t, 201, WHY_MAY_END);
	assert_int_equal(strings_add(&t.policy.keep, "min?", 4), 0);
	table_census(&t);
	assert_kept(&t, 201, WHY_KEEP_LIST);
	table_release(&t);
}

static void what_is_inferred_from_a_kept_one_is_kept(void **state)
{
	struct table t;

	(void)state;
	/* 200 leads a session; 202 runs in it, 203 below that; 204 has a marker of its own. */
	TABLE(&t, { 200, 1, NULL, SPROUT("a") "|STRAY_KEEP=1", .pgid = 200, .sid = 200 },
	      { 202, 1, "sh", .pgid = 202, .sid = 200 },
	      { 203, 202, "sh", .pgid = 203, .sid = 203 },
	      { 204, 1, NULL, SPROUT("a"), .pgid = 204, .sid = 200 });
	table_census(&t);
	assert_kept(&t, 202, WHY_OPT_OUT);
	assert_kept(&t, 203, WHY_OPT_OUT); /* inferred from 202 */
	assert_kept(&t, 204, WHY_MAY_END); /* stands for itself */
	table_release(&t);
}

static void what_runs_below_a_kept_one_is_kept(void **state)
{
	struct table t;

	(void)state;
	/* A user's whole tmux: its windows carry the marker, or do not. */
	TABLE(&t, { 200, 1, "tmux: server", SPROUT("a") }, { 201, 200, "bash" },
	      { 202, 201, NULL, SPROUT("b") }, { 203, 202, "vim" });
	table_census(&t);
	for (pid_t pid = 200; pid <= 203; pid++)
		assert_kept(&t, pid, WHY_KEEP_LIST);
	table_release(&t);
}

static void the_first_reason_of_all_above_is_told(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 200, 1, "tmux: server", SPROUT("a") },
	      { 201, 200, NULL, SPROUT("a") "|STRAY_KEEP=1" }, { 202, 201, "zellij", SPROUT("a") });
	table_census(&t);
	assert_kept(&t, 200, WHY_KEEP_LIST);
	assert_kept(&t, 201, WHY_OPT_OUT);
	assert_kept(&t, 202, WHY_OPT_OUT);
	table_release(&t);
}

static void a_reason_that_is_set_aside_hides_none_behind_it(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 200, 1, NULL, SPROUT("a"), .pgid = 200, .sid = 50, .tty = 7, .tpgid = 200 },
	      { 201, 200, "Buzz" }, { 202, 200, NULL, SPROUT("a"), .pgid = 202 },
	      { 210, 1, NULL, SPROUT("a"), .pgid = 200, .sid = 50, .tty = 7, .tpgid = 200 });
	table_census(&t);
	assert_kept(&t, 200, WHY_TERMINAL);
	assert_int_equal(verdict_kept_but(t.c, proc(&t, 200), WHY_TERMINAL), WHY_HOST);
	assert_int_equal(verdict_kept_but(t.c, proc(&t, 202), WHY_TERMINAL), WHY_HOST);
	assert_int_equal(verdict_kept_but(t.c, proc(&t, 200), WHY_HOST), WHY_TERMINAL);
	assert_int_equal(verdict_kept_but(t.c, proc(&t, 200), WHY_MAY_END), WHY_TERMINAL);
	assert_int_equal(verdict_kept_but(t.c, proc(&t, 210), WHY_TERMINAL), WHY_MAY_END);
	table_release(&t);
}

static void an_unmanaged_one_above_keeps_nothing(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 199, 1, "tmux: server", "STRAY_KEEP=1" },
	      { 200, 199, NULL, SPROUT("a"), .sid = 5 });
	table_census(&t);
	assert_int_equal(table_member(&t, 200, "a")->state, STATE_ORPHAN);
	assert_kept(&t, 200, WHY_MAY_END);
	table_release(&t);
}

static void the_foreground_of_a_terminal_is_kept(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 50, 1, "bash", NULL, .pgid = 50, .sid = 50, .tty = 7, .tpgid = 200 },
	      { 200, 1, NULL, SPROUT("a"), .pgid = 200, .sid = 50, .tty = 7, .tpgid = 200 },
	      { 201, 1, NULL, SPROUT("a"), .pgid = 201, .sid = 50, .tty = 7, .tpgid = 200 },
	      { 202, 1, NULL, SPROUT("a"), .pgid = 200, .sid = 50, .tpgid = 200 });
	table_census(&t);
	assert_kept(&t, 200, WHY_TERMINAL);
	assert_kept(&t, 201, WHY_MAY_END); /* in the background */
	assert_kept(&t, 202, WHY_MAY_END); /* has no terminal */
	table_release(&t);
}

static void a_terminal_of_its_own_keeps_nothing(void **state)
{
	struct table t;

	(void)state;
	/* The agent opened a pty; its session's leader is managed. */
	TABLE(&t, { 200, 1, NULL, SPROUT("a"), .pgid = 200, .sid = 200, .tty = 7, .tpgid = 201 },
	      { 201, 200, "sh", NULL, .pgid = 201, .sid = 200, .tty = 7, .tpgid = 201 },
	      { 210, 1, NULL, SPROUT("a"), .pgid = 210, .sid = 209, .tty = 7, .tpgid = 210 });
	table_census(&t);
	assert_kept(&t, 201, WHY_MAY_END);
	assert_kept(&t, 210, WHY_TERMINAL); /* a leader that is not there is not managed */
	table_release(&t);
}

static void the_host_of_a_live_desktop_is_kept(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 200, 1, NULL, SPROUT("a") }, { 201, 200, "npm" }, { 100, 201, "Buzz" },
	      { 202, 200, "sh" }, { 300, 1, NULL, SPROUT("a") },
	      { 110, 300, "Buzz", NULL, .dead = true });
	table_census(&t);
	assert_kept(&t, 200, WHY_HOST);
	assert_kept(&t, 201, WHY_HOST);
	assert_kept(&t, 202, WHY_HOST); /* it runs below one that is kept */
	assert_kept(&t, 300, WHY_MAY_END);
	table_release(&t);
}

static void the_traced_are_kept(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 60, 1, "gdb" }, { 61, 1, "gdb", NULL, .dead = true },
	      { 200, 1, NULL, SPROUT("a"), .tracer = 60 },
	      { 201, 1, NULL, SPROUT("a"), .tracer = 61 },
	      { 202, 1, NULL, SPROUT("a"), .tracer = 4711 }, { 203, 1, NULL, SPROUT("a") });
	table_census(&t);
	assert_kept(&t, 200, WHY_TRACED);
	assert_kept(&t, 201, WHY_MAY_END); /* its tracer is dead */
	assert_kept(&t, 202, WHY_TRACED);  /* not seen is not gone */
	assert_kept(&t, 203, WHY_MAY_END);
	table_release(&t);
}

static void unless_the_tracer_is_condemned_too(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 150, 1, "bash" }, { 60, 1, "gdb", SPROUT("a") },
	      { 61, 150, "gdb", SPROUT("c") }, { 62, 1, "gdb", SPROUT("a") "|STRAY_KEEP=1" },
	      { 63, 1, "zellij", SPROUT("a") }, { 64, 63, "gdb" },
	      { 65, 1, "gdb", SPROUT("a"), .pid_ns = 99 },
	      { 66, 1, "gdb", SPROUT("a") "|" BUZZ("b") },
	      { 100, 1, "Buzz", .args = "Buzz|b", .start = 1 },
	      { 200, 1, NULL, SPROUT("a"), .tracer = 60 },
	      { 201, 1, NULL, SPROUT("a"), .tracer = 61 },
	      { 202, 1, NULL, SPROUT("a"), .tracer = 62 },
	      { 203, 1, NULL, SPROUT("a"), .tracer = 63 },
	      { 204, 1, NULL, SPROUT("a"), .tracer = 64 },
	      { 205, 1, NULL, SPROUT("a"), .tracer = 65 },
	      { 206, 1, NULL, SPROUT("a"), .tracer = 66 });
	table_census(&t);
	assert_kept(&t, 200, WHY_MAY_END);
	assert_kept(&t, 201, WHY_TRACED); /* an agent, but no orphan */
	assert_kept(&t, 202, WHY_TRACED); /* kept itself */
	assert_kept(&t, 203, WHY_TRACED);
	assert_kept(&t, 204, WHY_TRACED); /* kept by what it runs below */
	assert_kept(&t, 205, WHY_TRACED); /* never ended */
	assert_kept(&t, 206, WHY_TRACED); /* an orphan of one instance, but not of the other */
	table_release(&t);
}

static void tracing_in_a_circle_comes_to_an_end(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 200, 1, NULL, SPROUT("a"), .tracer = 201 },
	      { 201, 1, NULL, SPROUT("a"), .tracer = 200 },
	      { 202, 1, NULL, SPROUT("a"), .tracer = 202 });
	table_census(&t);
	/* Which way does not matter; that it is not ended by mistake does. */
	assert_int_equal(table_member(&t, 200, "a")->kept, table_member(&t, 201, "a")->kept);
	table_release(&t);
}

static void kept_reasons_stand_in_their_order(void **state)
{
	static const enum verdict_why order[] = {
		WHY_OPT_OUT, WHY_KEEP_LIST, WHY_TERMINAL, WHY_HOST,    WHY_TRACED,
		WHY_WINDOW,  WHY_LISTENER,  WHY_TICKS,	  WHY_MAY_END,
	};
	struct verdict_ask all = {
		.face = FACE_SWEEP, .grace = 1, .window = true, .listener = true
	};
	struct table t;

	(void)state;
	/* Everything holds at once, and then one after the other no longer. */
	TABLE(&t,
	      { 200, 1, "zellij", SPROUT("a") "|STRAY_KEEP=1", .exe = "/bin/x", .pgid = 200,
		.sid = 50, .tty = 7, .tpgid = 200, .tracer = 60 },
	      { 60, 1, "gdb" }, { 100, 200, "Buzz" });
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		struct process *p = proc(&t, 200);

		table_census(&t);
		assert_int_equal(ask(&t, 200, &all), order[i]);
		switch (order[i]) {
		case WHY_OPT_OUT:
			p->environ.len -= strlen("STRAY_KEEP=1") + 1;
			break;
		case WHY_KEEP_LIST:
			p->comm = "node";
			p->args = bytes_of("node");
			break;
		case WHY_TERMINAL:
			p->tty_nr = 0;
			break;
		case WHY_HOST:
			proc(&t, 100)->dead = true;
			break;
		case WHY_TRACED:
			p->tracer = 0;
			break;
		case WHY_WINDOW:
			all.window = false;
			break;
		case WHY_LISTENER:
			all.listener = false;
			break;
		default:
			all.grace = 0;
			break;
		}
	}
	table_release(&t);
}

static void windows_and_listeners_are_kept_by_the_sweep_only(void **state)
{
	struct verdict_ask window = { .face = FACE_SWEEP, .window = true };
	struct verdict_ask listener = { .face = FACE_SWEEP, .listener = true };
	struct table t;

	(void)state;
	TABLE(&t, { 200, 1, NULL, SPROUT("a") });
	table_census(&t);
	assert_int_equal(ask(&t, 200, &window), WHY_WINDOW);
	assert_int_equal(ask(&t, 200, &listener), WHY_LISTENER);
	window.face = listener.face = FACE_GROUP;
	assert_int_equal(ask(&t, 200, &window), WHY_MAY_END);
	assert_int_equal(ask(&t, 200, &listener), WHY_MAY_END);
	window.face = listener.face = FACE_PICK;
	assert_int_equal(ask(&t, 200, &window), WHY_MAY_END);
	assert_int_equal(ask(&t, 200, &listener), WHY_MAY_END);
	table_release(&t);
}

/* For a wrapper's command, which stray has put there; what else keeps it still does. */
static void foreground_keeps_no_process_from_the_wrapper(void **state)
{
	const struct verdict_ask wrapper = { .face = FACE_GROUP, .foreground = true };
	struct table t;

	(void)state;
	TABLE(&t, { 50, 1, "bash", NULL, .pgid = 50, .sid = 50, .tty = 7, .tpgid = 200 },
	      { 200, 1, NULL, SPROUT("a"), .pgid = 200, .sid = 50, .tty = 7, .tpgid = 200 },
	      { 201, 1, NULL, SPROUT("a") "|STRAY_KEEP=1", .pgid = 200, .sid = 50, .tty = 7,
		.tpgid = 200 });
	table_census(&t);
	assert_int_equal(ask(&t, 200, &group), WHY_TERMINAL);
	assert_int_equal(ask(&t, 200, &wrapper), WHY_MAY_END);
	assert_int_equal(ask(&t, 201, &wrapper), WHY_OPT_OUT);
	table_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_orphan_may_be_ended),
		cmocka_unit_test(unmanaged_process_may_not_be_ended),
		cmocka_unit_test(self_comes_before_init),
		cmocka_unit_test(init_comes_before_kernel),
		cmocka_unit_test(kernel_comes_before_desktop),
		cmocka_unit_test(desktop_comes_before_owned),
		cmocka_unit_test(owned_comes_before_other_user),
		cmocka_unit_test(other_user_comes_before_container),
		cmocka_unit_test(container_comes_before_kept),
		cmocka_unit_test(what_descends_from_any_live_desktop_is_owned),
		cmocka_unit_test(root_may_end_other_users_members_only),
		cmocka_unit_test(an_opt_out_is_kept),
		cmocka_unit_test(the_keep_list_is_kept),
		cmocka_unit_test(what_is_inferred_from_a_kept_one_is_kept),
		cmocka_unit_test(what_runs_below_a_kept_one_is_kept),
		cmocka_unit_test(the_first_reason_of_all_above_is_told),
		cmocka_unit_test(a_reason_that_is_set_aside_hides_none_behind_it),
		cmocka_unit_test(an_unmanaged_one_above_keeps_nothing),
		cmocka_unit_test(the_foreground_of_a_terminal_is_kept),
		cmocka_unit_test(a_terminal_of_its_own_keeps_nothing),
		cmocka_unit_test(the_host_of_a_live_desktop_is_kept),
		cmocka_unit_test(the_traced_are_kept),
		cmocka_unit_test(unless_the_tracer_is_condemned_too),
		cmocka_unit_test(tracing_in_a_circle_comes_to_an_end),
		cmocka_unit_test(foreground_keeps_no_process_from_the_wrapper),
		cmocka_unit_test(kept_reasons_stand_in_their_order),
		cmocka_unit_test(windows_and_listeners_are_kept_by_the_sweep_only),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
