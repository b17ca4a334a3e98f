/* SPDX-License-Identifier: MIT */
#include "cli/options.h"

#include <errno.h>
#include <string.h>

/* A terminal has 80x24, and the prompt wants a line of it. */
#define COLUMNS 79

static const char *const group_names[GROUP_NR] = {
	[GROUP_WHOSE] = "scope",   [GROUP_SWEEP] = "sweep", [GROUP_CHECK] = "check",
	[GROUP_OUTPUT] = "output", [GROUP_VIEW] = "view",
};

static bool row_is_for(const struct option_row *row, enum mode_id mode)
{
	return row->type != OPTION_FACE && (row->modes & (1u << mode));
}

/* "--name ARG", "--name[=ARG]" or "--check [-- CMD]"; @between it and the short form; NULL: that is left out. */
static void add_form(struct strbuf *sb, const struct option_row *row, const char *between)
{
	if (row->letter && between)
		strbuf_addf(sb, "-%c%s", row->letter, between);
	strbuf_addf(sb, "--%s", row->name);
	if (row->argument)
		strbuf_addf(sb, row->optional ? "[=%s]" : " %s", row->argument);
	if (row->command)
		strbuf_addstr(sb, row->face == MODE_RUN ? " -- CMD..." : " [-- CMD...]");
}

static void add_row(struct strbuf *sb, const struct option_row *row)
{
	size_t start = sb->len;

	strbuf_addstr(sb, "  ");
	add_form(sb, row, ", ");
	strbuf_addf(sb, "%*s %s\n", (int)(sb->len - start < 25 ? 25 - (sb->len - start) : 1), "",
		    row->help);
}

/*
 * The names of a group's options, filled into lines behind the group's name: those of a
 * face, or with MODE_HELP all.
 */
static void add_group(struct strbuf *sb, enum option_group group, enum mode_id mode)
{
	size_t start = sb->len;

	strbuf_addf(sb, "%-8s", group_names[group]);
	for (size_t i = 0; i < nr_option_rows; i++) {
		const struct option_row *row = &option_rows[i];

		if (row->group != group || (mode != MODE_HELP && !row_is_for(row, mode)))
			continue;
		size_t before = sb->len;
		strbuf_addch(sb, ' ');
		add_form(sb, row, NULL);
		if (sb->len - start > COLUMNS) {
			strbuf_truncate(sb, before);
			strbuf_addch(sb, '\n');
			start = sb->len;
			strbuf_addf(sb, "%8s ", "");
			add_form(sb, row, NULL);
		}
	}
	strbuf_addch(sb, '\n');
}

static void help_all(struct strbuf *sb)
{
	strbuf_addstr(
		sb,
		"Shows, and safely ends, agent processes that lost the app which started them.\n"
		"usage: stray [FACE] [OPTION...]; without a face: the terminal view\n");
	for (size_t i = 0; i < nr_option_rows; i++)
		if (option_rows[i].group == GROUP_FACES)
			add_row(sb, &option_rows[i]);
	strbuf_addstr(sb, "Options; what they mean says --help=FACE, also --help=view, and "
			  "stray(1):\n");
	for (enum option_group g = GROUP_FACES + 1; g < GROUP_NR; g++)
		add_group(sb, g, MODE_HELP);
}

/* The view has more options than lines: those that --help=sweep explains come by name. */
static bool is_brief(const struct option_row *row, enum mode_id mode)
{
	return mode == MODE_VIEW && row->group == GROUP_SWEEP;
}

static void help_face(struct strbuf *sb, enum mode_id mode)
{
	const struct option_row *face = NULL;

	for (size_t i = 0; i < nr_option_rows; i++)
		if (option_rows[i].type == OPTION_FACE && option_rows[i].face == mode)
			face = &option_rows[i];
	strbuf_addstr(sb, "usage: stray ");
	if (face)
		strbuf_addf(sb, "--%s%s%s ", face->name, face->argument ? " " : "",
			    face->argument ? face->argument : "");
	strbuf_addstr(sb, "[OPTION...]");
	if (face && face->command)
		strbuf_addstr(sb, mode == MODE_RUN ? " -- CMD..." : " [-- CMD...]");
	strbuf_addch(sb, '\n');
	for (size_t i = 0; i < nr_option_rows; i++)
		if (row_is_for(&option_rows[i], mode) && !is_brief(&option_rows[i], mode))
			add_row(sb, &option_rows[i]);
	if (mode == MODE_VIEW)
		add_group(sb, GROUP_SWEEP, mode);
}

int options_help(struct strbuf *sb, enum mode_id mode)
{
	if (mode == MODE_HELP || mode == MODE_VERSION)
		help_all(sb);
	else
		help_face(sb, mode);
	return sb->failed ? -ENOMEM : 0;
}
