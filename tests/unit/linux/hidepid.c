/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "linux/hidepid.h"

#define PROC(options) "21 1 0:20 / /proc rw,nosuid - proc proc " options "\n"
#define ROOT	      "20 1 0:19 / / rw - ext4 /dev/vda rw,hidepid=2\n"

static void hidden_is_what_the_topmost_proc_says(void **state)
{
	static const struct {
		const char *text;
		bool hides;
		gid_t gid;
	} cases[] = {
		{ ROOT PROC("rw"), false, (gid_t)-1 },
		{ ROOT PROC("rw,hidepid=2"), true, (gid_t)-1 },
		{ PROC("rw,gid=5,hidepid=invisible"), true, 5 },
		{ PROC("rw,hidepid=ptraceable"), true, (gid_t)-1 },
		{ PROC("rw,hidepid=4"), true, (gid_t)-1 },
		{ PROC("rw,hidepid=1"), false, (gid_t)-1 },
		{ PROC("rw,hidepid=noaccess,gid=7"), false, 7 },
		{ PROC("rw,hidepid=2") PROC("rw"), false, (gid_t)-1 },
		{ PROC("rw") "22 1 0:21 / /proc/x rw - proc proc rw,hidepid=2\n", false,
		  (gid_t)-1 },
		{ "21 1 0:20 / /proc rw shared:5 master:1 - proc none rw,hidepid=2", true,
		  (gid_t)-1 },
		{ "", false, (gid_t)-1 },
		{ "x\n21 1\n", false, (gid_t)-1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		gid_t gid;

		assert_int_equal(hidepid_parse(cases[i].text, &gid), cases[i].hides);
		assert_int_equal(gid, cases[i].gid);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hidden_is_what_the_topmost_proc_says),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
