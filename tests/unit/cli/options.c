/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "cli/options.h"
#include "cli/settings.h"

enum { MAX_ARGS = 10 };

/* Parse "stray" and these words, ended by NULL. */
static int parse(struct options *o, struct strbuf *error, const char *const *words)
{
	static char *argv[MAX_ARGS + 4]; /* the options point into it */
	int argc = 1;

	argv[0] = (char *)"stray";
	for (; words[argc - 1]; argc++)
		argv[argc] = (char *)words[argc - 1];
	argv[argc] = NULL;
	return options_parse(argc, argv, o, error);
}

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* What is refused, and a piece of the one line that says why. */
static const struct {
	const char *words[MAX_ARGS];
	const char *says;
} refused[] = {
	{ { "--lst" }, "unknown option '--lst'" },
	{ { "--lis" }, "unknown option '--lis'" },
	{ { "-x" }, "unknown option '-x'" },
	{ { "word" }, "unexpected argument 'word'" },
	{ { "-" }, "unexpected argument '-'" },
	{ { "" }, "unexpected argument ''" },
	{ { "--list", "--sweep" }, "'--list' and '--sweep' are two faces" },
	{ { "--sweep", "--json", "--list" }, "two faces" },
	{ { "--reap", "a", "--check" }, "two faces" },
	{ { "--explain", "7", "--print-config" }, "two faces" },
	{ { "--reap" }, "'--reap' wants an argument: INSTANCE" },
	{ { "--reap", "" }, "is empty" },
	{ { "--reap=" }, "is empty" },
	{ { "--reap", "--force" }, "'--reap' wants an argument" },
	{ { "--reap", "a", "--reap", "b" }, "given twice" },
	{ { "--list", "--metrics", "f" }, "'--metrics' is not for --list, only for --sweep" },
	{ { "--once" }, "'--once' is not for the view" },
	{ { "--force", "--sweep" }, "'--force' is not for --sweep" },
	{ { "--print-config", "--json" }, "'--json' is not for --print-config" },
	{ { "--run" }, "wants a command" },
	{ { "--run", "--" }, "not followed by a command" },
	{ { "--check", "--" }, "not followed by a command" },
	{ { "--check", "--", "" }, "is empty" },
	{ { "--list", "--", "ls" }, "unexpected '--'" },
	{ { "--check", "ls" }, "a command goes after '--'" },
	{ { "--explain", "0" }, "wants a pid, not '0'" },
	{ { "--explain", "12x" }, "wants a pid" },
	{ { "--explain", "2147483648" }, "wants a pid" },
	{ { "--explain", "+7" }, "wants a pid" },
	{ { "--uid", "4294967295" }, "wants a user's number or name" },
	{ { "--uid", "no such user" }, "wants a user's number or name" },
	{ { "--uid", "0root" }, "wants a user's number or name" },
	{ { "-u" }, "'--uid' wants an argument: USER" },
	{ { "-nx", "--sweep" }, "unknown option '-nx'" },
	{ { "-n" }, "'--dry-run' is not for the view" },
	{ { "--sweep", "-q", "-v" }, "exclude each other" },
	{ { "--check", "--allow", "" }, "wants NAME" },
	{ { "--list", "--allow", "x" }, "'--allow' is not for --list" },
	{ { "list" }, "stray --list" },
	{ { "list", "--json" }, "stray --list" },
	{ { "reap", "x" }, "stray --reap INSTANCE" },
	{ { "run", "--", "ls" }, "stray --run -- CMD" },
	{ { "check", "--", "ls" }, "stray --check [-- CMD]" },
	{ { "view" }, "'view' is what stray shows without a face" },
	{ { "--list", "--uid", "1", "--all-users" }, "exclude each other" },
	{ { "--once=yes", "--sweep" }, "takes no argument" },
	{ { "--color", "red" }, "is one of auto, always, never, not 'red'" },
	{ { "--check", "--format", "xml" }, "is one of text, json, junit, github" },
	{ { "--check", "--settle", "5x" }, "a length of time" },
	{ { "--delay", "0" }, "a length of time" },
	{ { "--instance=" }, "wants GLOB" },
	{ { "--list\033[2J" }, "\\x1b[2J" },
};

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		_cleanup_strbuf_ struct strbuf error = STRBUF_INIT;
		struct options o;

		assert_int_equal(parse(&o, &error, refused[i].words), -EINVAL);
		if (!strstr(error.buf, refused[i].says))
			fail_msg("row %zu: '%s' does not say '%s'", i, error.buf, refused[i].says);
		assert_null(strchr(error.buf, '\n'));
	}
}

/* What may stand in the file whatever the face, may be an option of every face. */
static void test_settings_are_for_every_face(void **state)
{
	static const char *const faces[][3] = {
		{ "--demo" },	   { "--list" },	 { "--sweep" },	       { "--check" },
		{ "--reap", "x" }, { "--explain", "7" }, { "--print-config" },
	};

	(void)state;
	for (size_t i = 0; i < nr_option_rows; i++) {
		char option[64];

		if (option_rows[i].type != OPTION_SETTING)
			continue;
		snprintf(option, sizeof(option), "--%s=1", option_rows[i].name);
		for (size_t f = 0; f < ARRAY_SIZE(faces); f++) {
			_cleanup_strbuf_ struct strbuf error = STRBUF_INIT;
			struct options o;

			if (parse(&o, &error, WORDS(option, faces[f][0], faces[f][1])) < 0)
				fail_msg("%s: %s", option, error.buf);
			assert_int_equal(o.nr_settings, 1);
			options_release(&o);
		}
	}
}

static void test_faces(void **state)
{
	static const struct {
		const char *words[MAX_ARGS];
		enum mode_id mode;
	} rows[] = {
		{ { NULL }, MODE_VIEW },
		{ { "--demo" }, MODE_VIEW },
		{ { "--list" }, MODE_LIST },
		{ { "--json", "--list" }, MODE_LIST },
		{ { "--list", "--list" }, MODE_LIST },
		{ { "--sweep", "--once", "--demo" }, MODE_SWEEP },
		{ { "--check" }, MODE_CHECK },
		{ { "--reap", "x" }, MODE_REAP },
		{ { "--reap=x" }, MODE_REAP },
		{ { "--run", "--", "true" }, MODE_RUN },
		{ { "--explain", "1" }, MODE_EXPLAIN },
		{ { "--print-config" }, MODE_PRINT_CONFIG },
		{ { "--version", "--list" }, MODE_VERSION },
		{ { "--help", "--version" }, MODE_HELP },
		{ { "--reap", "x", "--help" }, MODE_HELP },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_strbuf_ struct strbuf error = STRBUF_INIT;
		struct options o;

		if (parse(&o, &error, rows[i].words) != 0)
			fail_msg("row %zu: %s", i, error.buf);
		assert_int_equal(o.mode, rows[i].mode);
		options_release(&o);
	}
}

static void test_values(void **state)
{
	_cleanup_strbuf_ struct strbuf error = STRBUF_INIT;
	struct options o;

	(void)state;
	assert_int_equal(parse(&o, &error, WORDS("--list")), 0);
	assert_null(o.format);
	assert_int_equal(o.colour, COLOUR_AUTO);
	assert_int_equal(o.settle_ms, 2000);
	assert_int_equal(o.delay_ms, 0); /* as [view] says */
	assert_null(o.command);
	options_release(&o);

	assert_int_equal(parse(&o, &error,
			       WORDS("--check", "--settle=50ms", "--no-color", "--json", "--uid",
				     "0", "--", "--list")),
			 0);
	assert_string_equal(o.format, "json");
	assert_int_equal(o.settle_ms, 50);
	assert_int_equal(o.colour, COLOUR_NEVER);
	assert_true(o.uid_given);
	assert_int_equal(o.uid, 0);
	assert_string_equal(o.command[0], "--list");
	assert_null(o.command[1]);
	options_release(&o);
}

static void short_forms_are_the_long_ones(void **state)
{
	_cleanup_strbuf_ struct strbuf error = STRBUF_INIT;
	struct options o;

	(void)state;
	assert_int_equal(parse(&o, &error, WORDS("--sweep", "-nqu", "7")), 0);
	assert_true(o.dry_run && o.quiet && o.uid_given);
	assert_int_equal(o.uid, 7);
	options_release(&o);
	assert_int_equal(parse(&o, &error, WORDS("--sweep", "-u12", "-v")), 0);
	assert_true(o.verbose);
	assert_int_equal(o.uid, 12);
	options_release(&o);
	assert_int_equal(parse(&o, &error, WORDS("--list", "-u", "root")), 0);
	assert_int_equal(o.uid, 0);
	options_release(&o);
	assert_int_equal(parse(&o, &error, WORDS("-V")), 0);
	assert_int_equal(o.mode, MODE_VERSION);
	options_release(&o);
	assert_int_equal(parse(&o, &error, WORDS("--reap", "-h")), 0);
	assert_int_equal(o.help_for, MODE_REAP);
	options_release(&o);
}

static void allow_adds_up(void **state)
{
	_cleanup_strbuf_ struct strbuf error = STRBUF_INIT;
	struct options o;

	(void)state;
	assert_int_equal(parse(&o, &error, WORDS("--check", "--allow", "a b", "--allow=c*")), 0);
	assert_int_equal(o.allow.nr, 2);
	assert_string_equal(o.allow.items[0], "a b");
	assert_string_equal(o.allow.items[1], "c*");
	options_release(&o);
}

static void each_face_settles_for_its_own_time(void **state)
{
	_cleanup_strbuf_ struct strbuf error = STRBUF_INIT;
	struct options o;

	(void)state;
	assert_int_equal(parse(&o, &error, WORDS("--check")), 0);
	assert_int_equal(o.settle_ms, 2000);
	options_release(&o);
	assert_int_equal(parse(&o, &error, WORDS("--reap", "x")), 0);
	assert_int_equal(o.settle_ms, 10000);
	options_release(&o);
	assert_int_equal(parse(&o, &error, WORDS("--reap", "x", "--settle", "1m30s")), 0);
	assert_int_equal(o.settle_ms, 90000);
	options_release(&o);
}

static void test_settings(void **state)
{
	_cleanup_strbuf_ struct strbuf error = STRBUF_INIT;
	struct options o;

	(void)state;
	assert_int_equal(parse(&o, &error,
			       WORDS("--sweep", "--grace", "3", "--reap-detached",
				     "--reap-detached=no", "--keep=a,b")),
			 0);
	assert_int_equal(o.nr_settings, 4);
	assert_string_equal(o.settings[0].key, "grace");
	assert_string_equal(o.settings[0].value, "3");
	assert_string_equal(o.settings[1].value, "yes");
	assert_string_equal(o.settings[2].value, "no");
	assert_string_equal(o.settings[3].value, "a,b");
	options_release(&o);
}

/* A flag's optional argument stands behind `=` only: the next word is not eaten. */
static void test_optional(void **state)
{
	_cleanup_strbuf_ struct strbuf error = STRBUF_INIT;
	struct options o;

	(void)state;
	assert_int_equal(parse(&o, &error, WORDS("--sweep", "--reap-detached", "no")), -EINVAL);
	assert_non_null(strstr(error.buf, "unexpected argument 'no'"));
}

static void test_help_for(void **state)
{
	_cleanup_strbuf_ struct strbuf error = STRBUF_INIT;
	struct options o;

	(void)state;
	assert_int_equal(parse(&o, &error, WORDS("--help")), 0);
	assert_int_equal(o.help_for, MODE_HELP);
	options_release(&o);
	assert_int_equal(parse(&o, &error, WORDS("--help=view")), 0);
	assert_int_equal(o.help_for, MODE_VIEW);
	options_release(&o);
	assert_int_equal(parse(&o, &error, WORDS("--help", "list")), 0);
	assert_int_equal(o.help_for, MODE_LIST);
	assert_int_equal(parse(&o, &error, WORDS("--help", "nothing")), -EINVAL);
	assert_int_equal(parse(&o, &error, WORDS("--help=list", "sweep")), -EINVAL);
	assert_int_equal(parse(&o, &error, WORDS("--version", "list")), -EINVAL);

	assert_int_equal(parse(&o, &error, WORDS("--sweep", "--help")), 0);
	assert_int_equal(o.help_for, MODE_SWEEP);
	/* --help needs no argument of the face; without --help it is required. */
	assert_int_equal(parse(&o, &error, WORDS("--reap", "--help")), 0);
	assert_int_equal(o.mode, MODE_HELP);
	assert_int_equal(o.help_for, MODE_REAP);
	assert_int_equal(parse(&o, &error, WORDS("--help", "--explain")), 0);
	assert_int_equal(o.help_for, MODE_EXPLAIN);
	assert_int_equal(parse(&o, &error, WORDS("--reap", "--", "--help")), -EINVAL);
	options_release(&o);
}

static void check_fits(const char *text)
{
	size_t lines = 0;

	for (const char *line = text; *line; lines++) {
		size_t len = strcspn(line, "\n");

		if (len > 79)
			fail_msg("%zu columns: %.*s", len, (int)len, line);
		line += len + (line[len] == '\n');
	}
	if (lines > 24)
		fail_msg("%zu lines:\n%s", lines, text);
}

static void test_help_fits(void **state)
{
	(void)state;
	for (enum mode_id m = MODE_VIEW; m < MODE_NR; m++) {
		_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;

		assert_int_equal(options_help(&sb, m), 0);
		assert_true(sb.len > 0);
		check_fits(sb.buf);
	}
}

/* Everything that is not hidden stands in the help, and in the help of each of its faces. */
static void test_help_is_whole(void **state)
{
	_cleanup_strbuf_ struct strbuf all = STRBUF_INIT;

	(void)state;
	assert_int_equal(options_help(&all, MODE_HELP), 0);
	for (size_t i = 0; i < nr_option_rows; i++) {
		const struct option_row *row = &option_rows[i];
		char name[64];

		snprintf(name, sizeof(name), "--%s", row->name);
		assert_non_null(strstr(all.buf, name));
		for (enum mode_id m = 0; m < MODE_HELP && row->type != OPTION_FACE; m++) {
			_cleanup_strbuf_ struct strbuf one = STRBUF_INIT;

			if (m == MODE_VERSION)
				continue;
			assert_int_equal(options_help(&one, m), 0);
			/* Those of the sweep come by name in the help of the view. */
			if (m == MODE_VIEW && row->group == GROUP_SWEEP)
				snprintf(name, sizeof(name), " --%s", row->name);
			else if (row->letter)
				snprintf(name, sizeof(name), "\n  -%c, --%s", row->letter,
					 row->name);
			else
				snprintf(name, sizeof(name), "\n  --%s", row->name);
			if ((row->modes & (1u << m)) && !strstr(one.buf, name))
				fail_msg("'%s' is missing in the help of %s", row->name,
					 mode_option_name(m));
		}
	}
}

static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < nr_option_rows; i++) {
		const struct option_row *row = &option_rows[i];

		/* Names are found by the first match. */
		assert_ptr_equal(option_find(row->name, strlen(row->name)), row);
		/* These would break the completions. */
		assert_null(strpbrk(row->help, "'[]\\:\n"));
		assert_true(row->type == OPTION_FACE || row->modes);
		assert_true(row->type != OPTION_WORD || row->words);
		assert_true(row->type != OPTION_PRESET || row->value);
		assert_true(row->type != OPTION_SETTING || setting_find(SECTION_SWEEP, row->name));
	}
	/* `history` can be turned off in the file alone: --history is a face. */
	for (size_t i = 0; i < nr_settings; i++)
		if (settings[i].section == SECTION_SWEEP &&
		    strcmp(settings[i].name, "history") != 0)
			assert_int_equal(
				option_find(settings[i].name, strlen(settings[i].name))->type,
				OPTION_SETTING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_faces),
		cmocka_unit_test(test_values),
		cmocka_unit_test(short_forms_are_the_long_ones),
		cmocka_unit_test(allow_adds_up),
		cmocka_unit_test(each_face_settles_for_its_own_time),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_optional),
		cmocka_unit_test(test_settings_are_for_every_face),
		cmocka_unit_test(test_help_for),
		cmocka_unit_test(test_help_fits),
		cmocka_unit_test(test_help_is_whole),
		cmocka_unit_test(test_table),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
