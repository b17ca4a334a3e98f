/* SPDX-License-Identifier: MIT */
#include "cli/options.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/parse.h"
#include "base/escape.h"

#define NO_FACE MODE_NR

struct parser {
	struct options *o;
	struct strbuf *error;
	enum mode_id face;  /* the one face, NO_FACE: none yet */
	bool help, version; /* go with any face, and win */
	uint64_t given;	    /* rows seen, by their index */
};

/* The line for people; their own words are escaped, because CI builds command lines. */
static int fail(struct parser *p, const char *before, const char *subject, const char *after)
{
	strbuf_reset(p->error);
	strbuf_addstr(p->error, before);
	strbuf_addch(p->error, '\'');
	escape_text(p->error, subject);
	strbuf_addch(p->error, '\'');
	strbuf_addstr(p->error, after);
	return p->error->failed ? -ENOMEM : -EINVAL;
}

static int fail_value(struct parser *p, const struct option_row *row, const char *value,
		      const char *wanted)
{
	strbuf_reset(p->error);
	strbuf_addf(p->error, "'--%s' wants %s, not '", row->name, wanted);
	escape_text(p->error, value);
	strbuf_addch(p->error, '\'');
	return p->error->failed ? -ENOMEM : -EINVAL;
}

/* A user by number or by name. */
static int read_user(struct parser *p, const struct option_row *row, const char *value)
{
	const struct passwd *user;
	uint64_t number;

	/* (uid_t)-1 means "none" to the kernel. */
	if (parse_number(value, (uid_t)-1 - 1u, &number) == 0) {
		p->o->uid = (uid_t)number;
	} else {
		user = *value >= '0' && *value <= '9' ? NULL : getpwnam(value);
		if (!user)
			return fail_value(p, row, value, "a user's number or name");
		p->o->uid = user->pw_uid;
	}
	p->o->uid_given = true;
	return 0;
}

static int read_word(struct parser *p, const struct option_row *row, const char *value,
		     size_t *ret_index)
{
	size_t i = 0;

	for (; row->words[i]; i++) {
		if (strcmp(row->words[i], value) == 0) {
			*ret_index = i;
			return 0;
		}
	}
	strbuf_reset(p->error);
	strbuf_addf(p->error, "'--%s' is one of", row->name);
	for (i = 0; row->words[i]; i++)
		strbuf_addf(p->error, "%s %s", i ? "," : "", row->words[i]);
	strbuf_addstr(p->error, ", not '");
	escape_text(p->error, value);
	strbuf_addch(p->error, '\'');
	return p->error->failed ? -ENOMEM : -EINVAL;
}

static int add_setting(struct options *o, const char *key, const char *value)
{
	int r = ARRAY_GROW(o->settings, o->nr_settings, o->alloc_settings);

	if (r < 0)
		return r;
	o->settings[o->nr_settings++] = (struct setting_option){ key, value ? value : "yes" };
	return 0;
}

/* @value is NULL only where the row needs none or may do without. */
static int read_value(struct parser *p, const struct option_row *row, enum option_type type,
		      const char *value)
{
	void *at = (char *)p->o + row->offset;
	uint64_t number;
	int64_t ms;
	size_t word;
	int r;

	switch (type) {
	case OPTION_FACE:
		return 0;
	case OPTION_FLAG:
		*(bool *)at = true;
		return 0;
	case OPTION_PRESET:
		*(const char **)at = row->value;
		return 0;
	case OPTION_STRING:
		if (!*value && row->face == MODE_REAP)
			return fail(p, "the instance of ", "--reap",
				    " is empty; is a variable not set?");
		if (!*value)
			return fail_value(p, row, value, row->argument);
		*(const char **)at = value;
		return 0;
	case OPTION_TIME:
		if (parse_duration(value, &ms) < 0 || ms < row->min_ms)
			return fail_value(p, row, value,
					  "a length of time such as 500ms, 90 or 1m30s");
		*(int64_t *)at = ms;
		return 0;
	case OPTION_LIST:
		if (!*value)
			return fail_value(p, row, value, row->argument);
		return strings_add(at, value, strlen(value));
	case OPTION_UID:
		return read_user(p, row, value);
	case OPTION_PID:
		if (parse_number(value, INT_MAX, &number) < 0 || !number)
			return fail_value(p, row, value, "a pid");
		*(pid_t *)at = (pid_t)number;
		return 0;
	case OPTION_WORD:
		r = read_word(p, row, value, &word);
		if (r == 0)
			*(const char **)at = row->words[word];
		return r;
	case OPTION_COLOUR:
		if (!value) {
			*(enum colour_when *)at = COLOUR_NEVER;
			return 0;
		}
		r = read_word(p, row, value, &word);
		if (r == 0)
			*(enum colour_when *)at = (enum colour_when)word;
		return r;
	case OPTION_SETTING:
		return add_setting(p->o, row->name, value);
	}
	return 0;
}

static int set_face(struct parser *p, const struct option_row *row, const char *value)
{
	if (row->face == MODE_HELP)
		p->help = true;
	else if (row->face == MODE_VERSION)
		p->version = true;
	else if (p->face != NO_FACE && p->face != row->face) {
		strbuf_reset(p->error);
		strbuf_addf(p->error, "'%s' and '--%s' are two faces, only one can be asked for",
			    mode_option_name(p->face), row->name);
		return p->error->failed ? -ENOMEM : -EINVAL;
	} else if (p->face != NO_FACE && row->argument)
		return fail(p, "", mode_option_name(row->face), " is given twice");
	else
		p->face = row->face;
	return value ? read_value(p, row, row->of, value) : 0;
}

/*
 * The option @row with @value, or with the next word of argv, which *i moves on over.
 * @option is what was typed.
 */
static int take_option(struct parser *p, const struct option_row *row, const char *option,
		       const char *value, char **argv, int argc, int *i)
{
	if (value && !row->argument)
		return fail(p, "", option, ": this option takes no argument");
	if (!value && row->argument && !row->optional) {
		/*
		 * What looks like an option is none's argument: `--reap $ID --force`
		 * with ID unset must not look for an instance named "--force".
		 */
		if (*i + 1 >= argc || strncmp(argv[*i + 1], "--", 2) == 0) {
			if (p->help && row->type == OPTION_FACE)
				return set_face(p, row, NULL); /* to be told what it wants */
			strbuf_reset(p->error);
			strbuf_addf(p->error, "'--%s' wants an argument: %s", row->name,
				    row->argument);
			return p->error->failed ? -ENOMEM : -EINVAL;
		}
		value = argv[++*i];
	}
	p->given |= UINT64_C(1) << (row - option_rows);
	if (row->type == OPTION_FACE)
		return set_face(p, row, value);
	return read_value(p, row, row->type, value);
}

/* The long option at argv[*i]. */
static int read_option(struct parser *p, char **argv, int argc, int *i)
{
	const char *name = argv[*i] + 2;
	const char *equals = strchr(name, '=');
	const struct option_row *row =
		option_find(name, equals ? (size_t)(equals - name) : strlen(name));

	if (!row)
		return fail(p, "unknown option ", argv[*i], ", see 'stray --help'");
	return take_option(p, row, argv[*i], equals ? equals + 1 : NULL, argv, argc, i);
}

/* The letters at argv[*i]: "-n", "-nq", "-u USER", "-uUSER". */
static int read_letters(struct parser *p, char **argv, int argc, int *i)
{
	const char *word = argv[*i], *at = word + 1;
	int r = 0;

	for (; *at && r == 0; at++) {
		const struct option_row *row = option_find_letter(*at);
		bool rest = row && row->argument && !row->optional;

		if (!row)
			return fail(p, "unknown option ", word, ", see 'stray --help'");
		r = take_option(p, row, word, rest && at[1] ? at + 1 : NULL, argv, argc, i);
		if (rest)
			break;
	}
	return r;
}

/* Append the faces that an option is for: "--list, --sweep". */
static void add_faces(struct strbuf *sb, unsigned which)
{
	bool first = true;

	for (enum mode_id m = 0; m < MODE_NR; m++) {
		if (!(which & (1u << m)))
			continue;
		strbuf_addf(sb, "%s%s", first ? "" : ", ", mode_option_name(m));
		first = false;
	}
}

/*
 * Is each option for the face that was asked for? A key of [sweep] may stand in
 * the file whatever the face, so it may stand here too; help speaks of it only
 * where it matters.
 */
static int check_face(struct parser *p)
{
	enum mode_id mode = p->o->mode;

	for (size_t i = 0; i < nr_option_rows; i++) {
		const struct option_row *row = &option_rows[i];

		if (!(p->given & (UINT64_C(1) << i)) || row->type == OPTION_FACE ||
		    row->type == OPTION_SETTING || (row->modes & (1u << mode)))
			continue;
		strbuf_reset(p->error);
		strbuf_addf(p->error, "'--%s' is not for %s, only for ", row->name,
			    mode_option_name(mode));
		add_faces(p->error, row->modes);
		return p->error->failed ? -ENOMEM : -EINVAL;
	}
	if (p->o->uid_given && p->o->all_users)
		return fail(p, "", "--uid", " and '--all-users' exclude each other");
	if (p->o->quiet && p->o->verbose)
		return fail(p, "", "--quiet", " and '--verbose' exclude each other");
	return 0;
}

static enum mode_id find_mode(const char *word)
{
	for (enum mode_id m = 0; m < MODE_NR; m++)
		if (m != MODE_VIEW && strcmp(mode_option_name(m) + 2, word) == 0)
			return m;
	return MODE_VIEW;
}

/* `stray list`, as other programs have it. */
static int suggest_face(struct parser *p, const char *word)
{
	const struct option_row *row = option_find(word, strlen(word));

	strbuf_reset(p->error);
	strbuf_addf(p->error, "'%s' is written with two dashes: stray --%s", word, word);
	if (row && row->argument && !row->optional)
		strbuf_addf(p->error, " %s", row->argument);
	if (row && row->command)
		strbuf_addstr(p->error, row->face == MODE_RUN ? " -- CMD" : " [-- CMD]");
	return p->error->failed ? -ENOMEM : -EINVAL;
}

static int check_command(struct parser *p, const char *stray_argument)
{
	struct options *o = p->o;
	bool takes = o->mode == MODE_CHECK || o->mode == MODE_RUN;

	if (stray_argument && p->face == NO_FACE &&
	    (find_mode(stray_argument) != MODE_VIEW || strcmp(stray_argument, "demo") == 0))
		return suggest_face(p, stray_argument);
	if (stray_argument && p->face == NO_FACE && strcmp(stray_argument, "view") == 0)
		return fail(p, "", stray_argument, " is what stray shows without a face: stray");
	if (stray_argument)
		return fail(p, "unexpected argument ", stray_argument,
			    takes ? "; a command goes after '--'" : "");
	if (o->command && !takes)
		return fail(p, "unexpected ", "--",
			    ", a command goes with '--check' and '--run' only");
	if (o->command && !o->command[0])
		return fail(p, "", "--", " is not followed by a command");
	if (o->command && !o->command[0][0])
		return fail(p, "the command of ", mode_option_name(o->mode),
			    " is empty; is a variable not set?");
	if (o->mode == MODE_RUN && !o->command)
		return fail(p, "", "--run", " wants a command: stray --run -- CMD");
	return 0;
}

/* --help=FACE, --help FACE, or the face that stands beside it. */
static int choose_help(struct parser *p, const char *face)
{
	struct options *o = p->o;
	size_t word;

	if (face && o->help_face)
		return fail(p, "unexpected argument ", face, "");
	if (face) {
		const struct option_row *row = option_find("help", strlen("help"));
		int r = read_word(p, row, face, &word);

		if (r < 0)
			return r;
		o->help_face = row->words[word];
	}
	o->help_for = o->help_face	   ? find_mode(o->help_face)
		      : p->face != NO_FACE ? p->face
					   : MODE_HELP;
	return 0;
}

/* All of it was read: which mode is it, and does everything fit together? */
static int finish(struct parser *p, const char *stray_argument)
{
	struct options *o = p->o;

	o->mode = p->face == NO_FACE ? MODE_VIEW : p->face;
	if (p->help) {
		o->mode = MODE_HELP;
		return choose_help(p, stray_argument);
	}
	if (p->version) {
		o->mode = MODE_VERSION;
		return stray_argument ? fail(p, "unexpected argument ", stray_argument, "") : 0;
	}
	/* A desktop takes longer to go down than what a test has left. */
	if (o->settle_ms < 0)
		o->settle_ms = o->mode == MODE_REAP ? 10000 : 2000;
	int r = check_command(p, stray_argument);
	return r < 0 ? r : check_face(p);
}

int options_parse(int argc, char **argv, struct options *ret_options, struct strbuf *error)
{
	struct options o = { .help_for = MODE_HELP, .settle_ms = -1 };
	struct parser p = { .o = &o, .error = error, .face = NO_FACE };
	const char *stray_argument = NULL;
	int r = 0;

	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		p.help = p.help || strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0;
	for (int i = 1; i < argc && r == 0; i++) {
		if (strcmp(argv[i], "--") == 0) {
			o.command = argv + i + 1;
			break;
		}
		if (strncmp(argv[i], "--", 2) == 0)
			r = read_option(&p, argv, argc, &i);
		else if (argv[i][0] == '-' && argv[i][1])
			r = read_letters(&p, argv, argc, &i);
		else if (!stray_argument)
			stray_argument = argv[i];
	}
	if (r == 0)
		r = finish(&p, stray_argument);
	if (r < 0) {
		options_release(&o);
		return r;
	}
	*ret_options = o;
	return 0;
}

void options_release(struct options *o)
{
	strings_release(&o->allow);
	free(o->settings);
	o->settings = NULL;
	o->nr_settings = o->alloc_settings = 0;
}
