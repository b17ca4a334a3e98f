/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/escape.h"
#include "tui/keymap.h"

static void keys_have_one_meaning(void **state)
{
	(void)state;
	for (size_t i = 0; i < nr_bindings; i++) {
		assert_true(bindings[i].keys[0] != 0);
		for (size_t k = 0; k < BINDING_KEYS && bindings[i].keys[k]; k++)
			assert_int_equal(keymap_action(bindings[i].keys[k]), bindings[i].action);
	}
	assert_int_equal(keymap_action(K_NONE), ACTION_NONE);
	assert_int_equal(keymap_action('x'), ACTION_NONE);
	/* y and Enter confirm in dialogs; outside of them nothing destructive. */
	assert_int_equal(keymap_action('y'), ACTION_NONE);
	assert_int_equal(keymap_action(K_ENTER), ACTION_DETAILS);
}

static void every_action_has_a_key(void **state)
{
	(void)state;
	for (int action = ACTION_NONE + 1; action < ACTION_NR; action++) {
		bool found = false;

		for (size_t i = 0; i < nr_bindings; i++)
			found = found || (int)bindings[i].action == action;
		if (!found)
			fail_msg("action %d has no row", action);
	}
}

/* vt100 does not decode all of xterm's: each function key needs a letter. */
static void function_keys_have_a_letter(void **state)
{
	(void)state;
	for (size_t i = 0; i < nr_bindings; i++) {
		bool function = false, letter = false;

		for (size_t k = 0; k < BINDING_KEYS && bindings[i].keys[k]; k++) {
			int key = bindings[i].keys[k];

			function = function || (key >= K_F1 && key <= K_F10);
			letter = letter || (key > ' ' && key < 0x7f);
		}
		if (function && !letter)
			fail_msg("row %zu has no letter", i);
		if (bindings[i].rank) {
			assert_non_null(bindings[i].label);
			assert_int_equal(keymap_action(bindings[i].letter[0]), bindings[i].action);
		}
	}
}

static void footer_is(int width, bool letters, bool on, const char *want)
{
	struct footer_state state = { .letters = letters, .filtered = on, .tree = on };
	struct footer_item items[MAX_FOOTER];
	size_t nr = keymap_footer(width, &state, items);
	char text[256] = "";

	for (size_t i = 0; i < nr; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s%s", i ? " " : "",
			 items[i].key, items[i].label);
	assert_string_equal(text, want);
	assert_true((int)strlen(text) <= width);
}

static void footer_fits(void **state)
{
	(void)state;
	footer_is(80, false, false,
		  "F1Help F2Detail F3Search F4Filter F5Tree F6Sort F7Sweep F8Log"
		  " F9Reap F10Quit");
	footer_is(60, false, false, "F1Help F2Detail F4Filter F5Tree F7Sweep F8Log F9Reap F10Quit");
	footer_is(40, false, false, "F1Help F4Filter F7Sweep F9Reap F10Quit");
	footer_is(24, false, false, "F1Help F4Filter F9Reap");
	footer_is(80, true, false,
		  "?Help iDetail /Search \\Filter tTree sSort SSweep lLog kReap"
		  " qQuit");
	footer_is(80, false, true,
		  "F1Help F2Detail F3Search F4FILTER F5TREE F6Sort F7Sweep F8Log"
		  " F9Reap F10Quit");
	for (int width = 0; width < 100; width++) {
		struct footer_state plain = { .letters = false };
		struct footer_item items[MAX_FOOTER];
		int used = -1;
		size_t nr = keymap_footer(width, &plain, items);

		for (size_t i = 0; i < nr; i++)
			used += (int)(strlen(items[i].key) + strlen(items[i].label)) + 1;
		assert_true(used <= width);
	}
}

static void help_names_every_letter(void **state)
{
	struct strbuf all = STRBUF_INIT;

	(void)state;
	for (size_t i = 0; i < keymap_help_lines(); i++) {
		struct strbuf line = STRBUF_INIT;

		keymap_help_line(&line, i);
		assert_true(text_width(line.buf, line.len) <= 72);
		strbuf_addf(&all, "%s\n", line.buf);
		strbuf_release(&line);
	}
	for (size_t i = 0; i < nr_bindings; i++)
		if (bindings[i].help) {
			assert_non_null(strstr(all.buf, bindings[i].help_keys));
			assert_non_null(strstr(all.buf, bindings[i].help));
		}
	strbuf_release(&all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_have_one_meaning),
		cmocka_unit_test(every_action_has_a_key),
		cmocka_unit_test(function_keys_have_a_letter),
		cmocka_unit_test(footer_fits),
		cmocka_unit_test(help_names_every_letter),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
