/* SPDX-License-Identifier: MIT */
/* What keeps a process, beyond what verdict.c of these tests asks; and owners that are agents. */
#include "helpers/table.h"

#include <stdio.h>

#define SPROUT(id) "SPROUT_MANAGED_AGENT=" id
#define BUZZ(id)   "BUZZ_MANAGED_AGENT=" id
#define BARE(id)   "BARE_AGENT=" id

static const struct verdict_ask sweep = { .face = FACE_SWEEP }, group = { .face = FACE_GROUP };
static const struct verdict_ask pick = { .face = FACE_PICK };

static enum verdict_why ask(const struct table *t, pid_t pid, const struct verdict_ask *how)
{
	return verdict_of_process(t->c, snapshot_find(t->s, pid), how);
}

/* --- service -------------------------------------------------------------------- */

static enum answer is_unit(void *ctx, struct arena *storage, const struct process *proc,
			   const char **ret_unit)
{
	(void)ctx;
	(void)storage;
	*ret_unit = "x.service";
	return proc->id.pid == 200 ? ANSWER_YES : ANSWER_NO;
}

static void what_systemd_started_is_kept(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 200, 1, NULL, SPROUT("a") "|SYSTEMD_EXEC_PID=200" }, { 201, 200, "sh" },
	      { 300, 1, NULL, SPROUT("a") "|SYSTEMD_EXEC_PID=200" });
	table_census(&t);
	for (pid_t pid = 200; pid <= 201; pid++) {
		assert_int_equal(table_member(&t, pid, "a")->kept, WHY_SERVICE);
		assert_int_equal(ask(&t, pid, &sweep), WHY_SERVICE);
		assert_int_equal(ask(&t, pid, &group), WHY_SERVICE);
	}
	/* The variable is inherited: it names another process here. */
	assert_int_equal(table_member(&t, 300, "a")->kept, WHY_MAY_END);
	table_release(&t);
	/* Without it (Type=forking) the control group tells. */
	TABLE(&t, { 200, 1, NULL, SPROUT("a") }, { 300, 1, NULL, SPROUT("a") });
	t.input.service = is_unit;
	table_census(&t);
	assert_int_equal(table_member(&t, 200, "a")->kept, WHY_SERVICE);
	assert_int_equal(table_member(&t, 300, "a")->kept, WHY_MAY_END);
	table_release(&t);
}

static void what_a_managed_systemd_started_is_kept(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "systemd", SPROUT("a") },
	      { 201, 100, NULL, SPROUT("a") "|SYSTEMD_EXEC_PID=201" },
	      { 200, 100, NULL, SPROUT("a") }, { 203, 100, NULL, SPROUT("a") });
	t.input.service = is_unit;
	table_census(&t);
	assert_int_equal(ask(&t, 201, &sweep), WHY_SERVICE);
	assert_int_equal(ask(&t, 200, &sweep), WHY_SERVICE);
	assert_int_equal(ask(&t, 203, &sweep), WHY_MAY_END);
	table_release(&t);
	/* The control group is asked of an adopter's children alone. */
	TABLE(&t, { 100, 1, "sh", SPROUT("a") }, { 200, 100, NULL, SPROUT("a") });
	t.input.service = is_unit;
	table_census(&t);
	assert_int_equal(ask(&t, 200, &sweep), WHY_MAY_END);
	table_release(&t);
}

/* --- jobs of a multiplexer -------------------------------------------------------- */

#define TMUX(pid) "|TMUX=/tmp/tmux-1000/de,fault," pid ",0"

static void a_job_of_a_kept_multiplexer_is_kept(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 100, 1, "tmux: server", SPROUT("a") }, { 101, 1, "screen", SPROUT("a") },
	      { 102, 1, "zellij", SPROUT("a"), "zellij|--server|/run/user/1000/zellij/0.41/work" },
	      { 200, 1, NULL, SPROUT("a") TMUX("100") }, { 201, 200, "sh" },
	      { 202, 1, NULL, SPROUT("a") "|STY=101.pts-0.host" },
	      { 203, 1, NULL, SPROUT("a") "|ZELLIJ_SESSION_NAME=work" },
	      { 204, 1, NULL, SPROUT("a") "|ZELLIJ_SESSION_NAME=ork" });
	table_census(&t);
	for (pid_t pid = 200; pid <= 203; pid++) {
		assert_int_equal(ask(&t, pid, &sweep), WHY_KEEP_LIST);
		assert_int_equal(ask(&t, pid, &pick), WHY_MAY_END);
	}
	assert_int_equal(ask(&t, 204, &sweep), WHY_MAY_END);
	table_release(&t);
}

static void a_multiplexer_counts_that_lives_is_kept_and_is_a_fellow(void **state)
{
	static const char *const values[] = { TMUX("99"),  TMUX("110"),	    TMUX("120"),
					      TMUX("130"), "|TMUX=/tmp/x",  "|TMUX=,100",
					      "|TMUX=",	   "|STY=host.100", "|STY=x" };
	struct table t;

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		char env[128];

		snprintf(env, sizeof(env), SPROUT("a") "%s", values[i]);
		/* None has 99; 110 has ended, 120 is no multiplexer, 130 is of another instance. */
		TABLE(&t, { 100, 1, "tmux: server", SPROUT("a") },
		      { 110, 1, "tmux: server", SPROUT("a"), .dead = true },
		      { 120, 1, "bash", SPROUT("a") }, { 130, 1, "tmux: server", SPROUT("b") },
		      { 200, 1, NULL, env });
		table_census(&t);
		assert_int_equal(ask(&t, 200, &sweep), WHY_MAY_END);
		table_release(&t);
	}
}

/* --- the app's sweep key ------------------------------------------------------------ */

static void set_sweep(struct table *t, enum app_sweep sweep_key)
{
	((struct app *)policy_find_app(&t->policy, "bare"))->sweep = sweep_key;
}

static void a_look_only_app_is_a_persons_to_end(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 200, 1, NULL, BARE("a") }, { 201, 1, NULL, BARE("a") "|" SPROUT("s") });
	set_sweep(&t, APP_SWEEP_NO);
	table_census(&t);
	assert_int_equal(ask(&t, 200, &sweep), WHY_LOOK_ONLY);
	assert_int_equal(ask(&t, 200, &group), WHY_MAY_END);
	assert_int_equal(table_member(&t, 200, "a")->kept, WHY_LOOK_ONLY);
	/* Each of its instances must let it go. */
	assert_int_equal(ask(&t, 201, &sweep), WHY_LOOK_ONLY);
	assert_string_equal(verdict_kept_name(WHY_LOOK_ONLY), "look-only");
	table_release(&t);
}

static enum answer pid_says(void *ctx, const struct process *proc)
{
	((struct table *)ctx)->changed++; /* how often it was asked */
	return proc->id.pid % 10 == 0	? ANSWER_YES
	       : proc->id.pid % 10 == 9 ? ANSWER_UNKNOWN
					: ANSWER_NO;
}

static void only_dead_servers_of_a_stdio_app_are_swept(void **state)
{
	struct table t;

	(void)state;
	/* 200 is dead, 201 below it; 202 below it in a session of its own, 203 below that. */
	TABLE(&t, { 200, 1, NULL, BARE("a"), .sid = 50, .pgid = 50 }, { 201, 200, NULL, BARE("a") },
	      { 202, 200, NULL, BARE("a"), .sid = 202, .pgid = 202 }, { 203, 202, NULL, BARE("a") },
	      /* Its client lives; that cannot be told; it leads a session. */
	      { 211, 1, NULL, BARE("a"), .sid = 50, .pgid = 50 },
	      { 219, 1, NULL, BARE("a"), .sid = 50, .pgid = 50 },
	      { 220, 1, NULL, BARE("a"), .sid = 220, .pgid = 220 }, { 221, 220, NULL, BARE("a") },
	      /* Not of the same instance: it does not tell of what runs below it. */
	      { 230, 1, NULL, BARE("b"), .sid = 50, .pgid = 50 }, { 231, 230, NULL, BARE("a") });
	set_sweep(&t, APP_SWEEP_STDIO);
	t.input.hung_up = pid_says;
	table_census(&t);
	assert_int_equal(ask(&t, 200, &sweep), WHY_MAY_END);
	assert_int_equal(ask(&t, 201, &sweep), WHY_MAY_END);
	assert_int_equal(table_member(&t, 201, "a")->kept, WHY_MAY_END);
	assert_int_equal(ask(&t, 230, &sweep), WHY_MAY_END);
	for (size_t i = 0; i < t.c->nr_members; i++) {
		pid_t pid = t.c->members[i].proc->id.pid;

		if (pid == 200 || pid == 201 || pid == 230)
			continue;
		assert_int_equal(ask(&t, pid, &sweep), WHY_CONNECTED);
		assert_int_equal(t.c->members[i].kept, WHY_CONNECTED);
		assert_int_equal(ask(&t, pid, &group), WHY_MAY_END);
	}
	table_release(&t);
	/* Of another app nothing is asked. */
	TABLE(&t, { 200, 1, NULL, BARE("a"), .sid = 50, .pgid = 50 });
	t.input.hung_up = pid_says;
	table_census(&t);
	assert_int_equal(t.changed, 0);
	table_release(&t);
}

static void mounts_are_for_the_sweep_alone(void **state)
{
	struct verdict_ask how = sweep;
	struct table t;

	(void)state;
	TABLE(&t, { 200, 1, NULL, SPROUT("a") });
	table_census(&t);
	how.mount = true;
	assert_int_equal(ask(&t, 200, &how), WHY_MOUNT);
	how.listener = true;
	assert_int_equal(ask(&t, 200, &how), WHY_LISTENER);
	how.face = FACE_GROUP;
	assert_int_equal(ask(&t, 200, &how), WHY_MAY_END);
	table_release(&t);
}

/* --- desktops that are agents ------------------------------------------------------- */

/* An orphan of sprout runs a desktop of the app `bare`, and that its own agents. */
static void a_desktop_that_another_app_condemns_owns_nothing(void **state)
{
	struct verdict_ask counted = sweep;
	struct table t;

	(void)state;
	TABLE(&t, { 200, 1, NULL, SPROUT("a") }, { 201, 200, "bare-desk", SPROUT("a") },
	      { 202, 201, NULL, SPROUT("a") "|" BARE("b") }, { 203, 201, NULL, BARE("b") });
	table_census(&t);
	/* None of it is kept for the desktop, which is an agent here. */
	for (pid_t pid = 200; pid <= 202; pid++) {
		assert_int_equal(ask(&t, pid, &sweep), WHY_MAY_END);
		assert_int_equal(ask(&t, pid, &group), WHY_MAY_END);
	}
	/* What the other app has not condemned is not ended by that. */
	assert_int_equal(ask(&t, 203, &sweep), WHY_OWNED);
	/* Until it has its ticks the desktop is one. */
	counted.grace = 2;
	assert_int_equal(ask(&t, 201, &counted), WHY_DESKTOP);
	assert_int_equal(ask(&t, 202, &counted), WHY_OWNED);
	table_release(&t);
}

static void a_desktop_that_makes_a_doubt_is_no_desktop_of_that_app(void **state)
{
	struct table t;

	(void)state;
	/* 200 is the live parent of another user's root of that app: an agent, no owner of it. */
	TABLE(&t, { 200, 1, NULL, "STRAY_INSTANCE=26" }, { 201, 200, NULL, "OPENCODE_PID=200" },
	      { 202, 200, NULL, "STRAY_INSTANCE=26", .uid = 1001 });
	t.input.all_users = true;
	table_census(&t);
	assert_int_equal(ask(&t, 200, &sweep), WHY_MAY_END);
	table_release(&t);
	/* 200 carries its own pid, and is another user's desktop: of no other app an agent. */
	TABLE(&t, { 200, 1, NULL, "OPENCODE_PID=200" },
	      { 201, 1, NULL, "OPENCODE_PID=200", .uid = 1001 });
	t.input.all_users = true;
	table_census(&t);
	assert_int_equal(ask(&t, 200, &sweep), WHY_DESKTOP);
	table_release(&t);
}

static void a_desktop_that_no_other_app_condemns_owns_as_ever(void **state)
{
	struct table t;

	(void)state;
	/* sprout's desktop lives; or something keeps the agent that is a desktop. */
	TABLE(&t, { 100, 1, "sprout-desktop" }, { 200, 100, NULL, SPROUT("a") },
	      { 201, 200, "bare-desk", SPROUT("a") },
	      { 202, 201, NULL, SPROUT("a") "|" BARE("b") });
	table_census(&t);
	assert_int_equal(ask(&t, 201, &sweep), WHY_DESKTOP);
	assert_int_equal(ask(&t, 202, &sweep), WHY_OWNED);
	table_release(&t);
	TABLE(&t, { 200, 1, NULL, SPROUT("a") },
	      { 201, 200, "bare-desk", SPROUT("a") "|STRAY_KEEP=1" },
	      { 202, 201, NULL, SPROUT("a") "|" BARE("b") });
	table_census(&t);
	assert_int_equal(ask(&t, 201, &sweep), WHY_DESKTOP);
	assert_int_equal(ask(&t, 202, &sweep), WHY_OWNED);
	assert_int_equal(ask(&t, 200, &sweep), WHY_HOST);
	table_release(&t);
	/* A person's desktop, no agent of any app, below one that would be condemned. */
	TABLE(&t, { 200, 1, NULL, SPROUT("a") }, { 201, 200, "bare-desk", SPROUT("a") },
	      { 202, 201, "Buzz" });
	table_census(&t);
	assert_int_equal(ask(&t, 202, &sweep), WHY_DESKTOP);
	assert_int_equal(ask(&t, 201, &sweep), WHY_DESKTOP);
	assert_int_equal(ask(&t, 200, &sweep), WHY_HOST);
	table_release(&t);
}

/* Agents that are desktops do not keep each other, nor the agent that runs them. */
static void desktops_that_are_agents_do_not_keep_each_other(void **state)
{
	struct table t;

	(void)state;
	TABLE(&t, { 200, 1, NULL, SPROUT("a") }, { 201, 200, "bare-desk", SPROUT("a") },
	      { 202, 201, "Buzz", SPROUT("a") }, { 203, 200, "bare-desk", SPROUT("a") },
	      { 204, 202, NULL, SPROUT("a") });
	table_census(&t);
	for (pid_t pid = 200; pid <= 204; pid++)
		assert_int_equal(ask(&t, pid, &sweep), WHY_MAY_END);
	table_release(&t);
	/* Each owns the other's instance: none is an orphan. */
	TABLE(&t, { 200, 1, "bare-desk", SPROUT("a") }, { 201, 200, "Buzz", BARE("b") });
	table_census(&t);
	assert_int_equal(ask(&t, 201, &sweep), WHY_DESKTOP);
	table_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_systemd_started_is_kept),
		cmocka_unit_test(what_a_managed_systemd_started_is_kept),
		cmocka_unit_test(a_job_of_a_kept_multiplexer_is_kept),
		cmocka_unit_test(a_multiplexer_counts_that_lives_is_kept_and_is_a_fellow),
		cmocka_unit_test(a_look_only_app_is_a_persons_to_end),
		cmocka_unit_test(only_dead_servers_of_a_stdio_app_are_swept),
		cmocka_unit_test(mounts_are_for_the_sweep_alone),
		cmocka_unit_test(a_desktop_that_another_app_condemns_owns_nothing),
		cmocka_unit_test(a_desktop_that_makes_a_doubt_is_no_desktop_of_that_app),
		cmocka_unit_test(a_desktop_that_no_other_app_condemns_owns_as_ever),
		cmocka_unit_test(desktops_that_are_agents_do_not_keep_each_other),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
