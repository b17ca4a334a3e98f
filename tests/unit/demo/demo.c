/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "demo/demo.h"
#include "demo/fleet.h"

/* The token of a fleet is what its marker ends in. */
static const char *token_of(const struct policy *policy)
{
	return policy->apps[0].markers.items[0] + strlen(DEMO_MARKER) + 1;
}

/* How many processes have @text in their environment? */
static size_t count_processes(const char *text)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	size_t nr = 0;

	assert_non_null(proc);
	while ((entry = readdir(proc))) {
		char path[300], entries[512];
		ssize_t len;
		int fd;

		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/environ", entry->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		len = read(fd, entries, sizeof(entries));
		close(fd);
		if (len > 0 && memmem(entries, (size_t)len, text, strlen(text)))
			nr++;
	}
	closedir(proc);
	return nr;
}

static void only_a_role_is_one(void **state)
{
	char program[] = "stray", list[] = "--list";
	char *plain[] = { program, list, NULL };

	(void)state;
	assert_int_equal(demo_role_main(2, plain), -1);
	setenv(DEMO_ROLE, "x", 1);
	assert_int_equal(demo_role_main(2, plain), 2);
	/* The variable was set by hand: there is no lifeline. */
	setenv(DEMO_ROLE, "1:token", 1);
	if (fcntl(DEMO_LIFELINE_FD, F_GETFD) < 0)
		assert_int_equal(demo_role_main(2, plain), 2);
	unsetenv(DEMO_ROLE);
}

static void a_fleet_is_up_then_gone(void **state)
{
	struct policy policy;
	struct demo *demo;
	struct stat st;
	char dir[300], token[16];
	size_t live = 1; /* the guardian */

	(void)state;
	for (size_t i = 0; i < demo_nr_rows; i++)
		live += !(demo_rows[i].flags & DEMO_GONE);
	assert_int_equal(policy_init(&policy), 0);
	assert_int_equal(demo_start(&policy, &demo), 0);
	snprintf(token, sizeof(token), "%s", token_of(&policy));
	snprintf(dir, sizeof(dir), "%s", demo_state_dir(demo));
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(count_processes(token), live);
	demo_stop(demo);
	assert_int_equal(count_processes(token), 0);
	assert_int_equal(stat(dir, &st), -1);
	policy_release(&policy);
}

static void the_policy_has_the_demo_alone(void **state)
{
	struct policy policy, again;
	struct demo *demo;
	const struct app *app;

	(void)state;
	assert_int_equal(policy_init(&policy), 0);
	assert_int_equal(policy_init(&again), 0);
	assert_int_equal(demo_start(&policy, &demo), 0);
	assert_int_equal(policy.nr_apps, 1);
	app = policy_find_app(&policy, "demo");
	assert_non_null(app);
	assert_string_equal(app->default_instance, DEMO_DEFAULT);
	assert_int_equal(app->markers.nr, 1);
	assert_int_equal(app->desktops.nr, 1);
	assert_true(strings_has(&policy.adopters, DEMO_INIT, strlen(DEMO_INIT)));
	assert_true(strings_has(&policy.adopters, "systemd", 7));

	/* A configuration that was read again gets the same one. */
	assert_int_equal(demo_policy(demo, &again), 0);
	assert_int_equal(again.nr_apps, 1);
	assert_string_equal(again.apps[0].markers.items[0], app->markers.items[0]);
	demo_stop(demo);
	policy_release(&policy);
	policy_release(&again);
}

static void two_fleets_are_strangers(void **state)
{
	struct policy policy[2];
	struct demo *demo[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(policy_init(&policy[i]), 0);
		assert_int_equal(demo_start(&policy[i], &demo[i]), 0);
	}
	assert_string_not_equal(token_of(&policy[0]), token_of(&policy[1]));
	assert_string_not_equal(policy[0].apps[0].desktops.items[0],
				policy[1].apps[0].desktops.items[0]);
	demo_stop(demo[0]);
	assert_int_equal(count_processes(token_of(&policy[0])), 0);
	assert_true(count_processes(token_of(&policy[1])) > 20);
	demo_stop(demo[1]);
	policy_release(&policy[0]);
	policy_release(&policy[1]);
	demo_stop(NULL);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_role_is_one),
		cmocka_unit_test(a_fleet_is_up_then_gone),
		cmocka_unit_test(the_policy_has_the_demo_alone),
		cmocka_unit_test(two_fleets_are_strangers),
	};
	int status = demo_role_main(argc, argv);

	if (status >= 0)
		return status;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
