/* SPDX-License-Identifier: MIT */
#ifndef STRAY_CLI_OPTIONS_H
#define STRAY_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/strbuf.h"
#include "stray/app.h"

/*
 * The command line. All options stand in one const table; the parser and --help
 * come from it; tests/unit/cli/option_table.c holds the shells' completions to it,
 * tests/integration/tables.sh the man page.
 *
 * There are 3 things to do for another option: its row in option_table.c, its
 * member in struct options (or its key in config.c), its entry in the man page;
 * then `build/tests/unit/cli/option_table --update` writes the completions again.
 */

/* The faces, and what else the program can be asked for instead of one. */
enum mode_id {
	MODE_VIEW,
	MODE_LIST,
	MODE_SWEEP,
	MODE_CHECK,
	MODE_REAP,
	MODE_RUN,
	MODE_EXPLAIN,
	MODE_HISTORY,
	MODE_PRINT_CONFIG,
	MODE_VERSION,
	MODE_HELP,
	MODE_NR
};

enum colour_when { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

/* A [sweep] key given as an option: it beats the file. */
struct setting_option {
	const char *key;   /* also the option's name */
	const char *value; /* "yes" where none was given */
};

/* What was asked for. Strings point into argv. */
struct options {
	enum mode_id mode;
	enum mode_id help_for; /* MODE_HELP: the face it is about, MODE_HELP: all */
	const char *help_face; /* as given; options_parse() turns it into help_for */
	bool demo;

	const char *reap_instance; /* MODE_REAP, not empty */
	pid_t explain_pid;	   /* MODE_EXPLAIN, > 0 */
	const char *since;	   /* MODE_HISTORY: a length of time or a date; NULL: all */
	char **command;		   /* what follows "--", ended by NULL; NULL: none */

	bool uid_given;
	uid_t uid;
	bool all_users;
	const char *instance; /* glob; NULL: all */
	const char *app;      /* NULL: all */

	const char *config; /* NULL: the usual places */
	struct setting_option *settings;
	size_t nr_settings, alloc_settings;

	bool once, dry_run, force, kill;
	bool metrics_instances;
	const char *metrics; /* file, NULL: none */
	int64_t settle_ms;
	struct strings allow; /* --allow, in the order given */
	const char *baseline; /* file, NULL: none */

	const char *format;  /* NULL: text; --json is "json" */
	const char *output;  /* file, NULL: stdout */
	const char *columns; /* --list: those of a table; NULL: not given */
	bool no_headers;
	bool show_args, verbose, quiet;
	enum colour_when colour;

	int64_t delay_ms; /* 0: as the configuration says */
	bool arm, letters, no_mouse, ascii;
	const char *sort, *filter; /* NULL: not given */
	bool tree, flat, no_args;
};

enum option_type {
	OPTION_FACE,	/* a face; its argument, if it has one, is read as `of` says */
	OPTION_FLAG,	/* bool */
	OPTION_PRESET,	/* const char *, set to `value` */
	OPTION_STRING,	/* const char *, not empty */
	OPTION_TIME,	/* int64_t, ms */
	OPTION_LIST,	/* struct strings, one more each time */
	OPTION_UID,	/* uid by number or name, and uid_given */
	OPTION_PID,	/* pid_t */
	OPTION_WORD,	/* const char *, one of `words` */
	OPTION_COLOUR,	/* enum colour_when; without argument: never (--no-color) */
	OPTION_SETTING, /* a [sweep] key; config.c reads the value */
};

enum option_group {
	GROUP_FACES,
	GROUP_WHOSE,
	GROUP_SWEEP,
	GROUP_CHECK,
	GROUP_OUTPUT,
	GROUP_VIEW,
	GROUP_NR
};

struct option_row {
	const char *name;     /* without the dashes */
	char letter;	      /* the short form; 0: none */
	const char *argument; /* as it is called in help texts; NULL: takes none */
	const char *help;     /* a few words, no full stop */
	enum option_type type;
	enum option_group group;
	enum mode_id face;	  /* OPTION_FACE */
	enum option_type of;	  /* OPTION_FACE with an argument */
	unsigned modes;		  /* the faces it is for: bits 1 << enum mode_id */
	bool optional;		  /* the argument may be left out; given as --name=ARG only */
	bool command;		  /* a command may follow after "--" */
	const char *const *words; /* what the argument may be, ended by NULL */
	const char *value;	  /* OPTION_PRESET */
	int64_t min_ms;		  /* OPTION_TIME */
	size_t offset;		  /* in struct options */
};

extern const struct option_row option_rows[];
extern const size_t nr_option_rows;

/* The row of that name (@len bytes), or NULL. */
const struct option_row *option_find(const char *name, size_t len);

/* The row with that short form, or NULL. */
const struct option_row *option_find_letter(char letter);

/* The name of a face as an option, "--list"; "the view" for MODE_VIEW. */
const char *mode_option_name(enum mode_id mode);

/*
 * Read the command line. 0 and *ret_options (options_release), -EINVAL with one
 * line for people in @error, or -ENOMEM.
 */
int options_parse(int argc, char **argv, struct options *ret_options, struct strbuf *error);
void options_release(struct options *o);

/*
 * Append the help text, about one face or (MODE_HELP) about everything: at most
 * 24 lines of 79 columns. 0 or -ENOMEM.
 */
int options_help(struct strbuf *sb, enum mode_id mode);

#endif
