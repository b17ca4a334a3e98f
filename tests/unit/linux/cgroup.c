/* SPDX-License-Identifier: MIT */
#include "linux/cgroup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void names_the_last_part(void **state)
{
	static const struct {
		const char *text, *name; /* NULL: none */
	} cases[] = {
		{ "0::/user.slice/user-1000.slice/user@1000.service\n", "user@1000.service" },
		{ "0::/\n", "/" },
		{ "0::/../x\n", "x" },
		{ "12:cpu:/a/b\n9:name=systemd:/user.slice/session-2.scope\n0::/\n",
		  "session-2.scope" },
		{ "0::/one\n1:name=systemd:/\n", "one" },
		{ "0::/no newline", "no newline" },
		{ "12:cpu:/a/b\n", NULL },
		{ "", NULL },
		{ "0::\n", NULL },
		{ "\n\n", NULL },
	};
	char buf[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(cgroup_parse(cases[i].text, buf, sizeof(buf)),
				 cases[i].name != NULL);
		if (cases[i].name)
			assert_string_equal(buf, cases[i].name);
	}
}

static void long_names_are_cut(void **state)
{
	char buf[6];

	(void)state;
	assert_true(cgroup_parse("0::/a/abcdefgh\n", buf, sizeof(buf)));
	assert_string_equal(buf, "abcde");
}

static void ours_is_known(void **state)
{
	char buf[256];

	(void)state;
	if (access("/proc/self/cgroup", R_OK) < 0)
		skip();
	assert_true(cgroup_of(getpid(), buf, sizeof(buf)));
	assert_true(strlen(buf) > 0);
	assert_false(cgroup_of(4194304, buf, sizeof(buf)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_the_last_part),
		cmocka_unit_test(long_names_are_cut),
		cmocka_unit_test(ours_is_known),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
