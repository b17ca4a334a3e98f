/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/bytes.h"
#include "stray/policy.h"

enum { BUILTIN_APPS = 10 };

static int setup(void **state)
{
	static struct policy policy;

	*state = &policy;
	return policy_init(&policy);
}

static int teardown(void **state)
{
	policy_release(*state);
	return 0;
}

static bool is_desktop(const struct policy *p, const char *app, struct process proc)
{
	return app_is_desktop(policy_find_app(p, app), &proc);
}

static void the_built_in_apps_are_there(void **state)
{
	const struct policy *p = *state;
	const struct app *sprout = policy_find_app(p, "sprout"), *buzz = policy_find_app(p, "buzz");
	const struct app *stray = policy_find_app(p, "stray");

	assert_int_equal(p->nr_apps, BUILTIN_APPS);
	assert_string_equal(sprout->markers.items[0], "SPROUT_MANAGED_AGENT");
	assert_string_equal(sprout->default_instance, "xyz.block.sprout.app");
	assert_string_equal(sprout->receipts, "${XDG_DATA_HOME}/%i/agents/agent-pids");
	assert_string_equal(sprout->origin, "built-in");
	assert_int_equal(sprout->desktops.nr, 3);
	assert_string_equal(buzz->markers.items[0], "BUZZ_MANAGED_AGENT");
	assert_string_equal(buzz->default_instance, "xyz.block.buzz.app");
	assert_int_equal(buzz->desktops.nr, 4);
	assert_string_equal(stray->markers.items[0], "STRAY_INSTANCE");
	assert_true(stray->owner == APP_OWNER_PID);
	assert_false(sprout->owner == APP_OWNER_PID);
	assert_null(stray->default_instance);
	assert_null(stray->receipts);
	assert_int_equal(stray->desktops.nr, 0);
	assert_null(policy_find_app(p, "spro"));
}

static void every_desktop_name_of_the_apps_counts(void **state)
{
	static const char *const sprout[] = { "sprout-desktop", "sprout_desktop", "Sprout" };
	static const char *const buzz[] = { "Buzz", "buzz-desktop", "buzz_desktop" };

	for (size_t i = 0; i < ARRAY_SIZE(sprout); i++) {
		assert_true(is_desktop(*state, "sprout", (struct process){ .comm = sprout[i] }));
		assert_false(is_desktop(*state, "buzz", (struct process){ .comm = sprout[i] }));
	}
	for (size_t i = 0; i < ARRAY_SIZE(buzz); i++) {
		assert_true(is_desktop(*state, "buzz", (struct process){ .comm = buzz[i] }));
		assert_false(is_desktop(*state, "sprout", (struct process){ .comm = buzz[i] }));
	}
	assert_true(is_desktop(
		*state, "buzz",
		(struct process){ .comm = "MainThread", .exe = "/opt/buzz/buzz-desktop.bin" }));
}

static void a_desktop_is_known_by_comm_exe_or_argv0(void **state)
{
	assert_true(is_desktop(*state, "sprout", (struct process){ .comm = "Sprout" }));
	assert_true(is_desktop(*state, "sprout",
			       (struct process){ .comm = "x", .exe = "/opt/Sprout" }));
	assert_true(is_desktop(*state, "sprout",
			       (struct process){ .comm = "x", .exe = "/opt/Sprout (deleted)" }));
	assert_true(
		is_desktop(*state, "sprout",
			   (struct process){ .comm = "x", .args = { "/opt/Sprout\0--flag", 18 } }));
}

static void a_desktop_is_not_known_by_less(void **state)
{
	assert_false(is_desktop(*state, "sprout", (struct process){ .comm = "sprout" }));
	assert_false(is_desktop(*state, "sprout", (struct process){ .comm = "Sprouts" }));
	assert_false(is_desktop(*state, "sprout",
				(struct process){ .comm = "x", .exe = "/opt/Sprout/helper" }));
	assert_false(
		is_desktop(*state, "sprout",
			   (struct process){ .comm = "x", .args = { "sh\0/opt/Sprout", 15 } }));
	assert_false(is_desktop(*state, "sprout", (struct process){ .comm = "" }));
	assert_false(is_desktop(*state, "stray", (struct process){ .comm = "" }));
	assert_false(is_desktop(*state, "stray", (struct process){ .comm = "stray" }));
}

static void a_comm_that_may_be_cut_proves_nothing(void **state)
{
	struct app *app = policy_replace_app(*state, "long", "test");

	assert_int_equal(strings_add(&app->desktops, "fifteen-letters", 15), 0);
	assert_int_equal(strings_add(&app->desktops, "fourteen-lette", 14), 0);
	assert_false(is_desktop(*state, "long", (struct process){ .comm = "fifteen-letters" }));
	assert_true(is_desktop(
		*state, "long",
		(struct process){ .comm = "fifteen-letters", .exe = "/opt/fifteen-letters" }));
	assert_true(is_desktop(*state, "long", (struct process){ .comm = "fourteen-lette" }));
}

static bool is_desktop_of(const struct app *app, const char *comm, const char *exe,
			  const char *args, size_t len)
{
	return app_is_desktop(app,
			      &(struct process){ .comm = comm, .exe = exe, .args = { args, len } });
}

#define ARGS(text) text, sizeof(text)

static void a_desktop_is_known_by_its_script(void **state)
{
	static const char *const programs[] = { "node", "nodejs", "bun",  "deno",  "python3.11",
						"ruby", "perl",	  "java", "python" };
	struct app *app = policy_edit_app(*state, "qwen-code", "test");

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++)
		assert_true(
			is_desktop_of(app, programs[i], NULL, ARGS("x\0-z\0/opt/bin/qwen\0go")));
	/* The program may be known by its exe alone: Node names its main thread. */
	assert_true(is_desktop_of(app, "MainThread", "/usr/bin/node", ARGS("x\0/opt/qwen.js")));
	assert_true(is_desktop_of(app, "x", NULL, ARGS("/usr/bin/node\0/opt/qwen.mjs")));
	assert_true(is_desktop_of(app, "node", NULL, ARGS("node\0--flag=1\0./qwen.cjs")));
	assert_true(is_desktop_of(app, "node", NULL, ARGS("node\0-r\0dotenv\0./qwen")));
	assert_true(is_desktop_of(app, "python3", NULL, ARGS("python3\0-m\0qwen\0x")));
	assert_true(is_desktop_of(app, "python3", NULL, ARGS("python3\0qwen.py")));
	assert_true(is_desktop_of(app, "java", NULL, ARGS("java\0-Xmx1g\0-jar\0/a/qwen.jar")));
	assert_true(is_desktop_of(app, "ruby", NULL, ARGS("ruby\0qwen.rb")));
	assert_true(is_desktop_of(app, "perl", NULL, ARGS("perl\0qwen.pl")));
}

static void another_argument_is_no_script(void **state)
{
	struct app *app = policy_edit_app(*state, "qwen-code", "test");

	assert_false(is_desktop_of(app, "node", NULL, ARGS("node\0/opt/other\0qwen")));
	assert_false(is_desktop_of(app, "node", NULL, ARGS("node\0qwen.txt")));
	assert_false(is_desktop_of(app, "node", NULL, ARGS("node\0qwen.js.py.js")));
	assert_false(is_desktop_of(app, "node", NULL, ARGS("node\0-e\0qwen")));
	assert_false(is_desktop_of(app, "node", NULL, ARGS("node\0-\0qwen")));
	assert_false(is_desktop_of(app, "python3", NULL, ARGS("python3\0-c\0qwen")));
	assert_false(is_desktop_of(app, "node", NULL, ARGS("node\0-r\0qwen\0other")));
	assert_false(is_desktop_of(app, "sh", NULL, ARGS("sh\0/opt/qwen")));
	assert_false(is_desktop_of(app, "nodes", NULL, ARGS("nodes\0/opt/qwen")));
	assert_false(is_desktop_of(app, "node", NULL, ARGS("node")));
}

static void a_desktop_is_known_by_its_whole_path(void **state)
{
	struct app *app = policy_edit_app(*state, "claude-code", "test");

	assert_true(is_desktop_of(app, "2.1.332", "/home/u/.local/share/claude/versions/2.1.332",
				  ARGS("x")));
	assert_true(is_desktop_of(app, "2.1.332",
				  "/home/u/.local/share/claude/versions/2.1.332 (deleted)",
				  ARGS("x")));
	assert_true(is_desktop_of(app, "x", NULL, ARGS("/h/claude/versions/2\0y")));
	assert_false(is_desktop_of(app, "x", "/h/claude/version/2", ARGS("x")));
	assert_false(is_desktop_of(app, "x", "/bin/x", ARGS("x\0/h/claude/versions/2")));
	strings_add(&app->desktops, "/opt/my*/bin", 12);
	assert_true(is_desktop_of(app, "x", "/opt/my-own/bin", ARGS("x")));
	assert_false(is_desktop_of(app, "x", "/mnt/opt/my-own/bin", ARGS("x")));
}

static void the_guardian_of_a_desktop_is_none(void **state)
{
	const struct app *app = policy_find_app(*state, "buzz");

	assert_true(is_desktop_of(app, "buzz-desktop", NULL, ARGS("buzz-desktop\0--x")));
	assert_false(is_desktop_of(app, "buzz-desktop", NULL,
				   ARGS("buzz-desktop\0--x\0--buzz-agent-session-supervisor")));
	assert_true(is_desktop_of(app, "buzz-desktop", NULL,
				  ARGS("buzz-desktop\0--buzz-agent-session-supervisor=1")));
}

static void a_value_names_an_instance_unless_it_is_excepted(void **state)
{
	const struct app *buzz = policy_find_app(*state, "buzz");
	const struct app *runner = policy_find_app(*state, "github-runner");
	static const char *const none[] = { "", "1", "0", "true", "false" };

	for (size_t i = 0; i < ARRAY_SIZE(none); i++)
		assert_false(app_names_instance(buzz, "BUZZ_MANAGED_AGENT", bytes_of(none[i])));
	assert_true(app_names_instance(buzz, "BUZZ_MANAGED_AGENT", bytes_of("10")));
	assert_true(app_names_instance(buzz, "BUZZ_MANAGED_AGENT", bytes_of("a b")));
	assert_true(app_names_instance(runner, "RUNNER_TRACKING_ID", bytes_of("github_1")));
	assert_false(app_names_instance(runner, "RUNNER_TRACKING_ID", bytes_of("gitlab_1")));
	assert_false(app_names_instance(runner, "RUNNER_TRACKING_ID", bytes_of("0")));
}

static void a_marker_may_have_several_globs(void **state)
{
	struct app *app = policy_replace_app(*state, "x", "test");

	assert_int_equal(app_add_marker(app, "M", 1, "a*", 2), 0);
	assert_int_equal(app_add_marker(app, "M", 1, "b*", 2), 0);
	assert_int_equal(app_add_marker(app, "MM", 2, NULL, 0), 0);
	assert_int_equal(app->markers.nr, 2);
	assert_true(app_names_instance(app, "M", bytes_of("a1")));
	assert_true(app_names_instance(app, "M", bytes_of("b1")));
	assert_false(app_names_instance(app, "M", bytes_of("c1")));
	assert_true(app_names_instance(app, "MM", bytes_of("c1")));
	/* Once without a glob, every value counts, whichever came first. */
	assert_int_equal(app_add_marker(app, "M", 1, NULL, 0), 0);
	assert_true(app_names_instance(app, "M", bytes_of("c1")));
	assert_int_equal(app_add_marker(app, "MM", 2, "z", 1), 0);
	assert_true(app_names_instance(app, "MM", bytes_of("c1")));
}

static void the_agent_programs_have_their_profiles(void **state)
{
	static const struct {
		const char *name, *marker;
		enum app_owner owner;
		enum app_sweep sweep;
		size_t desktops;
	} apps[] = {
		{ "claude-code", "CLAUDE_CODE_MESSAGING_SOCKET", APP_OWNER_PID, APP_SWEEP_STDIO,
		  3 },
		{ "opencode", "OPENCODE_PID", APP_OWNER_PID, APP_SWEEP_STDIO, 1 },
		{ "qwen-code", "QWEN_CODE_MESSAGING_SOCKET", APP_OWNER_PID, APP_SWEEP_STDIO, 1 },
		{ "copilot-cli", "COPILOT_LOADER_PID", APP_OWNER_PID, APP_SWEEP_STDIO, 1 },
		{ "vscode", "VSCODE_PID", APP_OWNER_PID, APP_SWEEP_STDIO, 0 },
		{ "github-runner", "RUNNER_TRACKING_ID", APP_OWNER_NAME, APP_SWEEP_YES, 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(apps); i++) {
		const struct app *app = policy_find_app(*state, apps[i].name);

		assert_non_null(app);
		assert_int_equal(app->markers.nr, 1);
		assert_string_equal(app->markers.items[0], apps[i].marker);
		assert_int_equal(app->owner, apps[i].owner);
		assert_int_equal(app->sweep, apps[i].sweep);
		assert_int_equal(app->desktops.nr, apps[i].desktops);
		assert_int_equal(app->no_inherit, i == 5);
		assert_false(app->stdio);
	}
	assert_true(policy_find_app(*state, "stdio")->stdio);
	assert_int_equal(policy_find_app(*state, "stdio")->sweep, APP_SWEEP_NO);
}

static void a_removed_app_is_gone_and_the_others_stay(void **state)
{
	struct policy *p = *state;

	assert_true(policy_remove_app(p, "buzz"));
	assert_false(policy_remove_app(p, "buzz"));
	assert_null(policy_find_app(p, "buzz"));
	assert_int_equal(p->nr_apps, BUILTIN_APPS - 1);
	assert_int_equal(policy_find_app(p, "sprout")->desktops.nr, 3);
	assert_int_equal(policy_find_app(p, "github-runner")->filters.nr, 1);
}

static void a_referenced_policy_stays(void **state)
{
	struct policy *p;

	(void)state;
	assert_int_equal(policy_new(&p), 0);
	assert_ptr_equal(policy_ref(p), p);
	policy_unref(p);
	assert_non_null(policy_find_app(p, "sprout"));
	policy_unref(p);
	policy_unref(NULL);
}

static void the_dead_and_the_kernel_are_no_desktops(void **state)
{
	/* State Z alone is not dead: the main thread may have ended before the others. */
	assert_true(
		is_desktop(*state, "sprout", (struct process){ .comm = "Sprout", .state = 'Z' }));
	assert_false(
		is_desktop(*state, "sprout", (struct process){ .comm = "Sprout", .dead = true }));
	assert_false(is_desktop(*state, "sprout",
				(struct process){ .comm = "Sprout", .kernel_thread = true }));
}

static void replacing_an_app_empties_it(void **state)
{
	struct policy *p = *state;
	struct app *app = policy_replace_app(p, "sprout", "FILE:3");

	assert_int_equal(p->nr_apps, BUILTIN_APPS);
	assert_string_equal(app->name, "sprout");
	assert_string_equal(app->origin, "FILE:3");
	assert_int_equal(app->markers.nr, 0);
	assert_int_equal(app->desktops.nr, 0);
	assert_null(app->default_instance);
	assert_null(app->receipts);
	assert_ptr_equal(policy_find_app(p, "sprout"), app);
	assert_false(policy_is_marker(p, bytes_of("SPROUT_MANAGED_AGENT")));
}

static void adding_an_app_leaves_the_others(void **state)
{
	struct policy *p = *state;
	char name[] = "mine-a";

	for (char c = 'a'; c <= 'z'; c++) {
		name[5] = c;
		assert_string_equal(policy_replace_app(p, name, "x")->name, name);
	}
	assert_int_equal(p->nr_apps, BUILTIN_APPS + 26);
	assert_int_equal(policy_find_app(p, "sprout")->desktops.nr, 3);
	assert_non_null(policy_find_app(p, "mine-a"));
}

static void knows_markers_by_their_whole_name(void **state)
{
	const struct policy *p = *state;

	assert_true(policy_is_marker(p, bytes_of("SPROUT_MANAGED_AGENT")));
	assert_true(policy_is_marker(p, bytes_of("BUZZ_MANAGED_AGENT")));
	assert_true(policy_is_marker(p, bytes_of("STRAY_INSTANCE")));
	assert_false(policy_is_marker(p, bytes_of("SPROUT_MANAGED_AGENTS")));
	assert_false(policy_is_marker(p, bytes_of("PROUT_MANAGED_AGENT")));
	assert_false(policy_is_marker(p, bytes_of("STRAY_KEEP")));
	assert_true(policy_wants_variable(p, bytes_of("STRAY_KEEP")));
	assert_true(policy_wants_variable(p, bytes_of("BUZZ_MANAGED_AGENT")));
	assert_true(policy_wants_variable(p, bytes_of("BUZZ_MANAGED_AGENT_START_NONCE")));
	assert_true(policy_wants_variable(p, bytes_of("TMUX")));
	assert_true(policy_wants_variable(p, bytes_of("STY")));
	assert_true(policy_wants_variable(p, bytes_of("ZELLIJ_SESSION_NAME")));
	assert_true(policy_wants_variable(p, bytes_of("SYSTEMD_EXEC_PID")));
	assert_true(policy_wants_variable(p, bytes_of("DISPLAY")));
	assert_false(policy_is_marker(p, bytes_of("BUZZ_MANAGED_AGENT_START_NONCE")));
	assert_false(policy_wants_variable(p, bytes_of("PATH")));
	assert_false(policy_wants_variable(p, bytes_of("")));
}

static void assert_owner(const char *value, pid_t pid, uint64_t start)
{
	uint64_t ret_start = 99;
	pid_t ret_pid = 99;

	if (!pid) {
		assert_int_equal(app_parse_owner(bytes_of(value), &ret_pid, &ret_start), -EINVAL);
		assert_int_equal(ret_pid, 99);
		assert_int_equal(ret_start, 99);
		return;
	}
	assert_int_equal(app_parse_owner(bytes_of(value), &ret_pid, &ret_start), 0);
	assert_int_equal(ret_pid, pid);
	assert_true(ret_start == start);
}

static void an_owner_is_a_pid_perhaps_with_its_start(void **state)
{
	(void)state;
	assert_owner("4242", 4242, 0);
	assert_owner("2", 2, 0);
	assert_owner("0042", 42, 0);
	assert_owner("2147483647", 2147483647, 0);
	assert_owner("4242:812345", 4242, 812345);
	assert_owner("4242:18446744073709551615", 4242, UINT64_MAX);
	assert_owner("4242:0", 4242, 0);
	assert_owner("/run/user/1000/cc-socks/52.sock", 52, 0);
	assert_owner("/run/52", 52, 0);
	assert_owner("rel/52.s", 52, 0);
}

static void anything_else_is_no_owner(void **state)
{
	static const char *const bad[] = {
		"",
		"0",
		"1",
		"-2",
		"+2",
		" 2",
		"2 ",
		"two",
		"2147483648",
		"4294967298",
		"99999999999999999999",
		"42:",
		":5",
		"42:x",
		"42:5x",
		"42:-5",
		"42:5:6",
		"42,5",
		"42:18446744073709551616",
		"0x2a",
		"42\n",
		"52.sock",
		"/run/",
		"/run/52.sock/x",
		"/run/a52.sock",
		"/run/52.",
		"/run/52.s1",
		"/run/52.sock.tmp",
		"/run/52:812",
		"/run/52sock",
		"/run/1.sock",
		"/run/.sock",
		"/run/2147483648.sock",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_owner(bad[i], 0, 0);
	/* The length counts, not a NUL. */
	assert_owner("42", 42, 0);
	assert_int_equal(
		app_parse_owner((struct bytes){ "42\0", 3 }, &(pid_t){ 0 }, &(uint64_t){ 0 }),
		-EINVAL);
}

static void knows_adopters_of_orphans(void **state)
{
	static const char *const names[] = {
		"systemd",
		"init",
		"tini",
		"docker-init",
		"dumb-init",
		"catatonit",
		"containerd-shim",
		"containerd-shi",
		"conmon",
		"podman-init",
		"s6-svscan",
		"runsvdir",
		"init(Ubuntu)",
		"init(Ubuntu-24.",
		"Relay(123)",
	};
	struct policy *p = *state;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct process proc = { .id.pid = 50, .comm = names[i] };

		assert_int_equal(policy_is_adopter(p, &proc), i != 7);
	}
	assert_false(policy_is_adopter(p, &(struct process){ .id.pid = 50, .comm = "bash" }));
	assert_false(policy_is_adopter(p, &(struct process){ .id.pid = 50, .comm = "systemd-x" }));
	assert_false(policy_is_adopter(p, &(struct process){ .id.pid = 50, .comm = "" }));
}

static void pid_1_adopts_by_name_alone(void **state)
{
	static const char *const waiters[] = { "tail", "sleep", "cat", "pause" };
	struct policy *p = *state;

	for (size_t i = 0; i < ARRAY_SIZE(waiters); i++) {
		struct process proc = { .id.pid = 1, .comm = waiters[i] };

		assert_true(policy_is_adopter(p, &proc));
		proc.id.pid = 50;
		assert_false(policy_is_adopter(p, &proc));
	}
	assert_true(policy_is_adopter(p, &(struct process){ .id.pid = 1, .comm = "systemd" }));
	assert_true(policy_is_adopter(p, &(struct process){ .id.pid = 1, .comm = "init" }));
	assert_false(policy_is_adopter(p, &(struct process){ .id.pid = 1, .comm = "bash" }));
	assert_false(policy_is_adopter(p, &(struct process){ .id.pid = 1, .comm = "node" }));
	assert_false(policy_is_adopter(p, &(struct process){ .id.pid = 1, .comm = "tails" }));
}

static void a_container_init_was_made_to_run_a_command(void **state)
{
	static const char *const inits[] = { "tini", "docker-init", "podman-init", "dumb-init",
					     "catatonit" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(inits); i++)
		assert_true(policy_is_container_init(&(struct process){ .comm = inits[i] }));
	assert_false(policy_is_container_init(&(struct process){ .comm = "systemd" }));
	assert_false(policy_is_container_init(&(struct process){ .comm = "conmon" }));
	assert_false(policy_is_container_init(&(struct process){ .comm = "" }));
}

static void an_adopters_name_may_be_cut(void **state)
{
	struct policy *p = *state;

	assert_int_equal(strings_add(&p->adopters, "my-very-long-adopter", 20), 0);
	assert_true(
		policy_is_adopter(p, &(struct process){ .id.pid = 50, .comm = "my-very-long-ad" }));
	assert_false(
		policy_is_adopter(p, &(struct process){ .id.pid = 50, .comm = "my-very-long-a" }));
}

static void released_policy_is_empty(void **state)
{
	struct policy p;

	(void)state;
	assert_int_equal(policy_init(&p), 0);
	assert_int_equal(strings_add(&p.keep, "x", 1), 0);
	policy_release(&p);
	assert_int_equal(p.nr_apps + p.adopters.nr + p.keep.nr, 0);
	assert_null(policy_find_app(&p, "sprout"));
	policy_release(&p);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_built_in_apps_are_there),
		TEST(every_desktop_name_of_the_apps_counts),
		TEST(a_desktop_is_known_by_comm_exe_or_argv0),
		TEST(a_desktop_is_not_known_by_less),
		TEST(a_comm_that_may_be_cut_proves_nothing),
		TEST(the_dead_and_the_kernel_are_no_desktops),
		TEST(replacing_an_app_empties_it),
		TEST(adding_an_app_leaves_the_others),
		TEST(a_desktop_is_known_by_its_script),
		TEST(another_argument_is_no_script),
		TEST(a_desktop_is_known_by_its_whole_path),
		TEST(the_guardian_of_a_desktop_is_none),
		TEST(a_value_names_an_instance_unless_it_is_excepted),
		TEST(a_marker_may_have_several_globs),
		TEST(the_agent_programs_have_their_profiles),
		TEST(a_removed_app_is_gone_and_the_others_stay),
		TEST(a_referenced_policy_stays),
		TEST(pid_1_adopts_by_name_alone),
		TEST(a_container_init_was_made_to_run_a_command),
		TEST(knows_markers_by_their_whole_name),
		cmocka_unit_test(an_owner_is_a_pid_perhaps_with_its_start),
		cmocka_unit_test(anything_else_is_no_owner),
		TEST(knows_adopters_of_orphans),
		TEST(an_adopters_name_may_be_cut),
		cmocka_unit_test(released_policy_is_empty),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
