/* SPDX-License-Identifier: MIT */
#include "cli/options.h"

#include <errno.h>
#include <string.h>

#include "base/array.h"

/*
 * The shells' completions, written from the table of options. They are part of
 * the source (src/share/completions) so that a build without running the
 * program can install them; tests/integration/tables.sh holds them to this.
 */

static bool shown(const struct option_row *row)
{
	return row->group != GROUP_HIDDEN;
}

static void add_words(struct strbuf *sb, const struct option_row *row, char between)
{
	for (size_t i = 0; row->words[i]; i++) {
		if (i)
			strbuf_addch(sb, between);
		strbuf_addstr(sb, row->words[i]);
	}
}

/* One alternative of a bash `case`: what completes the argument of this option. */
static void bash_argument(struct strbuf *sb, const struct option_row *row)
{
	if (!row->argument)
		return;
	strbuf_addf(sb, "\t--%s)\n", row->name);
	if (row->file) {
		strbuf_addstr(sb, "\t\tcompopt -o filenames 2>/dev/null\n"
				  "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n");
	} else if (row->words) {
		strbuf_addstr(sb, "\t\tmapfile -t COMPREPLY < <(compgen -W '");
		add_words(sb, row, ' ');
		strbuf_addstr(sb, "' -- \"$cur\")\n");
	}
	/* An optional argument is there after `=` only. */
	strbuf_addf(sb, "\t\t%s\n\t\t;;\n", row->optional ? "[ \"$equals\" ] && return" : "return");
}

static void complete_bash(struct strbuf *sb)
{
	strbuf_addstr(sb,
		      "# bash completion for stray, generated from its table of options\n"
		      "_stray()\n"
		      "{\n"
		      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} "
		      "equals='' i\n"
		      "\tCOMPREPLY=()\n"
		      "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
		      "\t\t[ \"${COMP_WORDS[i]}\" = -- ] || continue\n"
		      "\t\t# of the package bash-completion: what that command takes\n"
		      "\t\tif declare -F _command_offset >/dev/null; then\n"
		      "\t\t\t_command_offset $((i + 1))\n"
		      "\t\t\treturn\n"
		      "\t\tfi\n"
		      "\t\tcompopt -o filenames 2>/dev/null\n"
		      "\t\tmapfile -t COMPREPLY < <(compgen -c -f -- \"$cur\")\n"
		      "\t\treturn\n"
		      "\tdone\n"
		      "\t# readline takes `=` for a word of its own\n"
		      "\tif [ \"$cur\" = = ]; then\n"
		      "\t\tcur='' equals=1\n"
		      "\telif [ \"$prev\" = = ] && [ \"$COMP_CWORD\" -ge 2 ]; then\n"
		      "\t\tprev=${COMP_WORDS[COMP_CWORD - 2]} equals=1\n"
		      "\tfi\n"
		      "\tcase $prev in\n");
	for (size_t i = 0; i < nr_option_rows; i++)
		if (shown(&option_rows[i]))
			bash_argument(sb, &option_rows[i]);
	strbuf_addstr(sb, "\tesac\n\tmapfile -t COMPREPLY < <(compgen -W '");
	for (size_t i = 0, n = 0; i < nr_option_rows; i++)
		if (shown(&option_rows[i]))
			strbuf_addf(sb, "%s--%s", n++ ? "\n\t\t" : "", option_rows[i].name);
	strbuf_addstr(sb, "' -- \"$cur\")\n}\ncomplete -F _stray stray\n");
}

static void complete_zsh(struct strbuf *sb)
{
	strbuf_addstr(sb, "#compdef stray\n"
			  "# zsh completion for stray, generated from its table of options\n"
			  "local at=${words[(i)--]}\n"
			  "if (( at < CURRENT )); then # a command, and what it takes\n"
			  "\tshift $at words\n"
			  "\t(( CURRENT -= at ))\n"
			  "\t_normal\n"
			  "\treturn\n"
			  "fi\n"
			  "_arguments -s");
	for (size_t i = 0; i < nr_option_rows; i++) {
		const struct option_row *row = &option_rows[i];

		if (!shown(row))
			continue;
		strbuf_addf(sb, " \\\n\t'--%s%s[%s]", row->name,
			    !row->argument  ? ""
			    : row->optional ? "=-"
					    : "=",
			    row->help);
		if (row->argument) {
			strbuf_addf(sb, "%s%s:", row->optional ? "::" : ":", row->argument);
			if (row->file)
				strbuf_addstr(sb, "_files");
			else if (row->words) {
				strbuf_addch(sb, '(');
				add_words(sb, row, ' ');
				strbuf_addch(sb, ')');
			}
		}
		strbuf_addch(sb, '\'');
	}
	strbuf_addch(sb, '\n');
}

static void complete_fish(struct strbuf *sb)
{
	strbuf_addstr(
		sb,
		"# fish completion for stray, generated from its table of options\n"
		"function __stray_command # what stands behind --, completed by itself\n"
		"\tset -l words (commandline -opc)\n"
		"\tset -l at (contains -i -- -- $words)\n"
		"\tset -e words[1..$at]\n"
		"\tcomplete -C (string join -- ' ' (string escape -- $words) (commandline -ct))\n"
		"end\n"
		"complete -c stray -f\n"
		"complete -c stray -n 'contains -- -- (commandline -opc)' -xa '(__stray_command)'\n");
	for (size_t i = 0; i < nr_option_rows; i++) {
		const struct option_row *row = &option_rows[i];

		if (!shown(row))
			continue;
		strbuf_addf(sb, "complete -c stray -l %s", row->name);
		if (row->file)
			strbuf_addstr(sb, " -rF");
		else if (row->argument && !row->optional)
			strbuf_addstr(sb, " -x");
		if (row->words) {
			strbuf_addstr(sb, " -a '");
			add_words(sb, row, ' ');
			strbuf_addch(sb, '\'');
		}
		strbuf_addf(sb, " -d '%s'\n", row->help);
	}
}

static const struct {
	const char *name;
	void (*write)(struct strbuf *sb);
} shells[] = {
	{ "bash", complete_bash },
	{ "zsh", complete_zsh },
	{ "fish", complete_fish },
};

int options_completion(struct strbuf *sb, const char *shell)
{
	for (size_t i = 0; i < ARRAY_SIZE(shells); i++) {
		if (strcmp(shells[i].name, shell) != 0)
			continue;
		shells[i].write(sb);
		return sb->failed ? -ENOMEM : 0;
	}
	return -EINVAL;
}
