/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "service/journal.h"

static struct strbuf fields[JOURNAL_FIELDS];

static const char *field(size_t nr, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < nr; i++)
		if (!strncmp(fields[i].buf, name, len) && fields[i].buf[len] == '=')
			return fields[i].buf + len + 1;
	return NULL;
}

static void release(void)
{
	for (size_t i = 0; i < JOURNAL_FIELDS; i++)
		strbuf_release(&fields[i]);
}

static void a_reaped_process_has_all_fields(void **state)
{
	struct event event = {
		.kind = EVENT_REAPED,
		.instance = { "a\nb", 3 },
		.app = "sprout",
		.process.pid = 42,
		.name = "goose",
		.outcome = OUTCOME_KILLED,
	};
	size_t nr = journal_fields(&event, "<5>reaped pid 42 goose\n", fields);

	(void)state;
	assert_int_equal(nr, JOURNAL_FIELDS);
	assert_string_equal(field(nr, "MESSAGE"), "reaped pid 42 goose");
	assert_string_equal(field(nr, "PRIORITY"), "5");
	assert_string_equal(field(nr, "STRAY_INSTANCE"), "a\\x0ab");
	assert_string_equal(field(nr, "STRAY_APP"), "sprout");
	assert_string_equal(field(nr, "STRAY_PID"), "42");
	assert_string_equal(field(nr, "STRAY_NAME"), "goose");
	assert_string_equal(field(nr, "STRAY_OUTCOME"), "killed");
	assert_int_equal(strlen(field(nr, "MESSAGE_ID")), 32);
	release();
}

static void an_orphaned_one_has_no_outcome(void **state)
{
	struct event event = { .kind = EVENT_ORPHANED, .process.pid = 42 };
	size_t nr = journal_fields(&event, "orphaned pid 42", fields);

	(void)state;
	assert_string_equal(field(nr, "MESSAGE"), "orphaned pid 42");
	assert_string_equal(field(nr, "PRIORITY"), "6");
	assert_null(field(nr, "STRAY_OUTCOME"));
	assert_null(field(nr, "STRAY_APP"));
	release();
}

static void ticks_and_warnings_have_no_fields(void **state)
{
	(void)state;
	for (enum event_kind kind = EVENT_TICK; kind <= EVENT_STOP; kind++) {
		struct event event = { .kind = kind };
		bool wants =
			kind == EVENT_ORPHANED || kind == EVENT_REAPED || kind == EVENT_SURVIVED;

		assert_int_equal(journal_wants(&event), wants);
		if (!wants)
			assert_false(journal_send(&event, "line"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reaped_process_has_all_fields),
		cmocka_unit_test(an_orphaned_one_has_no_outcome),
		cmocka_unit_test(ticks_and_warnings_have_no_fields),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
