/* SPDX-License-Identifier: MIT */
/*
 * The shells' completions in src/share/completions are what the table of options
 * gives; `option_table --update`, from the top of the source, writes them again.
 */
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
#include "report/table.h"
#include "tui/columns.h"

/* What the argument of these options is completed from: functions of each shell's frame. */
static const struct {
	const char *option, *from;
} live[] = {
	{ "reap", "instances" }, { "instance", "instances" }, { "explain", "pids" },
	{ "app", "apps" },	 { "uid", "users" },	      { "columns", "columns" },
	{ "sort", "columns" },
};

static const char *live_source(const struct option_row *row)
{
	for (size_t i = 0; i < ARRAY_SIZE(live); i++)
		if (strcmp(live[i].option, row->name) == 0)
			return live[i].from;
	return NULL;
}

static bool wants_file(const struct option_row *row)
{
	return row->argument && strcmp(row->argument, "FILE") == 0;
}

/* Is it offered with that face? A face only where none was given; --help with each. */
static bool offered(const struct option_row *row, enum mode_id mode)
{
	if (row->type != OPTION_FACE)
		return row->modes & (1u << mode);
	return mode == MODE_VIEW || row->face == MODE_HELP;
}

static const char *face_word(enum mode_id mode)
{
	return mode == MODE_VIEW ? "view" : mode_option_name(mode) + 2;
}

/* The faces a line can be about; with --help and --version it is about none. */
#define FOR_EACH_FACE(m) for (enum mode_id m = MODE_VIEW; m < MODE_VERSION; m++)

/* Those with which an option is completed; with @itself a face's own row too. */
static void add_faces(struct strbuf *sb, const struct option_row *row, char between, bool itself)
{
	size_t n = 0;

	FOR_EACH_FACE(m)
	if (offered(row, m) || (itself && row->type == OPTION_FACE && row->face == m))
		strbuf_addf(sb, "%.*s%s", n++ ? 1 : 0, &between, face_word(m));
}

static void add_all_faces(struct strbuf *sb, const char *before, char between)
{
	FOR_EACH_FACE(m)
	if (m != MODE_VIEW)
		strbuf_addf(sb, "%.*s%s%s", m == MODE_VIEW + 1 ? 0 : 1, &between, before,
			    face_word(m));
}

static void add_words(struct strbuf *sb, const struct option_row *row)
{
	for (size_t i = 0; row->words[i]; i++)
		strbuf_addf(sb, "%s%s", i ? " " : "", row->words[i]);
}

/* The columns of --list, from the message that names them all. */
static void add_columns(struct strbuf *sb)
{
	const struct table_options table = { .columns = "?" };
	const struct report_options none = { 0 };
	_cleanup_strbuf_ struct strbuf error = STRBUF_INIT;

	assert_int_equal(table_check(&table, &none, &error), -EINVAL);
	const char *names = strstr(error.buf, "only ");
	assert_non_null(names);
	for (names += strlen("only "); *names; names++)
		if (*names != ',')
			strbuf_addch(sb, *names);
}

/* Those that the view sorts by. */
static void add_view_columns(struct strbuf *sb)
{
	for (enum column_id id = 0, n = 0; id < COLUMN_NR; id++) {
		if (!column_sortable(id))
			continue;
		strbuf_addstr(sb, n++ ? " " : "");
		column_word(sb, id);
	}
}

static void bash_argument(struct strbuf *sb, const struct option_row *row)
{
	strbuf_addf(sb, "\t--%s", row->name);
	if (row->letter)
		strbuf_addf(sb, " | -%c", row->letter);
	strbuf_addstr(sb, ")\n");
	if (wants_file(row)) {
		strbuf_addstr(sb, "\t\tcompopt -o filenames 2>/dev/null\n"
				  "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n");
	} else if (live_source(row)) {
		strbuf_addf(sb, "\t\t_stray_%s \"$1\"\n", live_source(row));
	} else if (row->words) {
		strbuf_addstr(sb, "\t\t_stray_offer ");
		add_words(sb, row);
		strbuf_addch(sb, '\n');
	}
	/* An optional argument is there after `=` only. */
	strbuf_addf(sb, "\t\t%s\n\t\t;;\n", row->optional ? "[ \"$equals\" ] && return" : "return");
}

static void complete_bash(struct strbuf *sb, const char *key)
{
	if (strcmp(key, "faces") == 0) {
		add_all_faces(sb, "--", '|');
	} else if (strcmp(key, "arguments") == 0) {
		for (size_t i = 0; i < nr_option_rows; i++)
			if (option_rows[i].argument)
				bash_argument(sb, &option_rows[i]);
	} else {
		FOR_EACH_FACE(m)
		{
			strbuf_addf(sb, "\t%s)\n\t\t_stray_offer", face_word(m));
			for (size_t i = 0; i < nr_option_rows; i++)
				if (offered(&option_rows[i], m))
					strbuf_addf(sb, " \\\n\t\t\t--%s", option_rows[i].name);
			strbuf_addstr(sb, "\n\t\t;;\n");
		}
	}
}

static void zsh_option(struct strbuf *sb, const struct option_row *row, bool letter)
{
	strbuf_addstr(sb, "[[ $face = (");
	add_faces(sb, row, '|', true);
	if (letter)
		strbuf_addf(sb, ") ]] && options+=('-%c%s[%s]", row->letter,
			    row->argument && !row->optional ? "+" : "", row->help);
	else
		strbuf_addf(sb, ") ]] && options+=('--%s%s[%s]", row->name,
			    !row->argument  ? ""
			    : row->optional ? "=-"
					    : "=",
			    row->help);
	if (row->argument && !(letter && row->optional)) {
		strbuf_addf(sb, "%s%s:", row->optional ? "::" : ":", row->argument);
		if (wants_file(row)) {
			strbuf_addstr(sb, "_files");
		} else if (live_source(row)) {
			strbuf_addf(sb, "_stray_%s", live_source(row));
		} else if (row->words) {
			strbuf_addch(sb, '(');
			add_words(sb, row);
			strbuf_addch(sb, ')');
		}
	}
	strbuf_addstr(sb, "')\n");
}

static void complete_zsh(struct strbuf *sb, const char *key)
{
	if (strcmp(key, "faces") == 0) {
		add_all_faces(sb, "--", '|');
	} else {
		for (size_t i = 0; i < nr_option_rows; i++) {
			zsh_option(sb, &option_rows[i], false);
			if (option_rows[i].letter)
				zsh_option(sb, &option_rows[i], true);
		}
	}
}

static void complete_fish(struct strbuf *sb, const char *key)
{
	if (strcmp(key, "faces") == 0) {
		add_all_faces(sb, "--", ' ');
		return;
	}
	for (size_t i = 0; i < nr_option_rows; i++) {
		const struct option_row *row = &option_rows[i];

		strbuf_addstr(sb, "complete -c stray -n '__stray_face ");
		add_faces(sb, row, ' ', row->argument); /* which its argument follows */
		strbuf_addf(sb, "' -l %s", row->name);
		if (row->letter)
			strbuf_addf(sb, " -s %c", row->letter);
		if (wants_file(row))
			strbuf_addstr(sb, " -rF");
		else if (row->argument && !row->optional)
			strbuf_addstr(sb, " -x");
		if (live_source(row)) {
			strbuf_addf(sb, " -a '(__stray_%s)'", live_source(row));
		} else if (row->words) {
			strbuf_addstr(sb, " -a '");
			add_words(sb, row);
			strbuf_addch(sb, '\'');
		}
		strbuf_addf(sb, " -d '%s'\n", row->help);
	}
}

static const struct {
	const char *name, *file;
	void (*write)(struct strbuf *sb, const char *key);
} shells[] = {
	{ "bash", "src/share/completions/stray.bash", complete_bash },
	{ "zsh", "src/share/completions/_stray", complete_zsh },
	{ "fish", "src/share/completions/stray.fish", complete_fish },
};

static void read_file(struct strbuf *sb, const char *path)
{
	FILE *file = fopen(path, "r");
	int c;

	if (!file)
		fail_msg("cannot read %s", path);
	while ((c = getc(file)) != EOF)
		strbuf_addch(sb, (char)c);
	fclose(file);
}

/* The frame of a shell, each @KEY@ in it replaced by what the table gives. */
static void make_completion(struct strbuf *sb, size_t shell)
{
	_cleanup_strbuf_ struct strbuf frame = STRBUF_INIT;
	char path[64], key[16];

	snprintf(path, sizeof(path), "tests/fixtures/completions/%s.in", shells[shell].name);
	read_file(&frame, path);
	for (const char *at = frame.buf; *at; at++) {
		if (sscanf(at, "@%15[a-z]@", key) != 1 || at[1 + strlen(key)] != '@') {
			strbuf_addch(sb, *at);
			continue;
		}
		if (strcmp(key, "columns") == 0)
			add_columns(sb);
		else if (strcmp(key, "sorts") == 0)
			add_view_columns(sb);
		else
			shells[shell].write(sb, key);
		at += strlen(key) + 1;
	}
}

static void completions_are_what_the_table_gives(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(shells); i++) {
		_cleanup_strbuf_ struct strbuf made = STRBUF_INIT, there = STRBUF_INIT;

		make_completion(&made, i);
		read_file(&there, shells[i].file);
		if (strcmp(made.buf, there.buf) != 0)
			fail_msg("%s is not what the table gives", shells[i].file);
	}
}

static void update(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(shells); i++) {
		_cleanup_strbuf_ struct strbuf made = STRBUF_INIT;

		make_completion(&made, i);
		FILE *file = fopen(shells[i].file, "w");
		if (!file || fputs(made.buf, file) < 0 || fclose(file) != 0)
			fail_msg("cannot write %s", shells[i].file);
	}
}

static void live_sources_are_for_options_with_an_argument(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(live); i++) {
		const struct option_row *row = option_find(live[i].option, strlen(live[i].option));

		assert_non_null(row);
		assert_non_null(row->argument);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest updates[] = { cmocka_unit_test(update) };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(completions_are_what_the_table_gives),
		cmocka_unit_test(live_sources_are_for_options_with_an_argument),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (argc > 1 && strcmp(argv[1], "--update") == 0)
		return cmocka_run_group_tests(updates, NULL, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
