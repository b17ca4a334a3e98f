/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/bytes.h"
#include "stray/app.h"

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

	assert_int_equal(p->nr_apps, 3);
	assert_string_equal(sprout->markers.items[0], "SPROUT_MANAGED_AGENT");
	assert_string_equal(sprout->default_instance, "xyz.block.sprout.app");
	assert_string_equal(sprout->receipts, "${XDG_DATA_HOME}/%i/agents/agent-pids");
	assert_string_equal(sprout->origin, "built-in");
	assert_int_equal(sprout->desktops.nr, 3);
	assert_string_equal(buzz->markers.items[0], "BUZZ_MANAGED_AGENT");
	assert_string_equal(buzz->default_instance, "xyz.block.buzz.app");
	assert_int_equal(buzz->desktops.nr, 4);
	assert_string_equal(stray->markers.items[0], "STRAY_INSTANCE");
	assert_true(stray->owner_pid);
	assert_false(sprout->owner_pid);
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
			   (struct process){ .comm = "x", .args = { "node\0/opt/Sprout", 17 } }));
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

	assert_int_equal(p->nr_apps, 3);
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
	assert_int_equal(p->nr_apps, 3 + 26);
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

static void knows_who_adopts_orphans(void **state)
{
	static const char *const names[] = {
		"systemd",	   "init",	     "tini",
		"docker-init",	   "dumb-init",	     "catatonit",
		"containerd-shim", "containerd-shi", "conmon",
		"podman-init",	   "s6-svscan",
	};
	struct policy *p = *state;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct process proc = { .id.pid = 50, .comm = names[i] };

		assert_int_equal(policy_is_adopter(p, &proc), i != 7);
	}
	assert_true(policy_is_adopter(p, &(struct process){ .id.pid = 1, .comm = "anything" }));
	assert_false(policy_is_adopter(p, &(struct process){ .id.pid = 50, .comm = "bash" }));
	assert_false(policy_is_adopter(p, &(struct process){ .id.pid = 50, .comm = "systemd-x" }));
	assert_false(policy_is_adopter(p, &(struct process){ .id.pid = 50, .comm = "" }));
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

static void released_it_knows_nobody(void **state)
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
		TEST(knows_markers_by_their_whole_name),
		cmocka_unit_test(an_owner_is_a_pid_perhaps_with_its_start),
		cmocka_unit_test(anything_else_is_no_owner),
		TEST(knows_who_adopts_orphans),
		TEST(an_adopters_name_may_be_cut),
		cmocka_unit_test(released_it_knows_nobody),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
