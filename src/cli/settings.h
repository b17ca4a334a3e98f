/* SPDX-License-Identifier: MIT */
#ifndef STRAY_CLI_SETTINGS_H
#define STRAY_CLI_SETTINGS_H

#include "base/strbuf.h"
#include "cli/config.h"

/*
 * The keys of the configuration, as two const tables: those of [sweep] and [view], and
 * those of [app NAME] (app_keys.c). A new key is a row, and for [sweep] a row of options
 * too; its text is in stray.conf(5).
 */
enum setting_type {
	SETTING_TIME,  /* int64_t ms */
	SETTING_COUNT, /* unsigned */
	SETTING_BOOL,
	SETTING_TREE,	/* bool: closed or open */
	SETTING_COLUMN, /* what struct view_settings sorts by */
	SETTING_LIST,	/* struct strings of the policy; added to, not replaced */
};

enum setting_section { SECTION_SWEEP, SECTION_VIEW, SECTION_NR };

extern const char *const setting_sections[SECTION_NR];

struct setting {
	enum setting_section section;
	const char *name;
	enum setting_type type;
	size_t offset;	   /* in the settings of its section; SETTING_LIST: in struct policy */
	int64_t min, max;  /* ms or number */
	const char *wants; /* for messages: "'interval' wants ..." */
	bool names;	   /* SETTING_LIST: plain names, no paths */
};

extern const struct setting settings[];
extern const size_t nr_settings;

/* The key of that section, or NULL. */
const struct setting *setting_find(enum setting_section section, const char *name);

/*
 * Read @value into @config. 0, -EINVAL (what is wanted instead is appended to
 * @error) or -ENOMEM.
 */
int setting_set(struct config *config, const struct setting *setting, const char *value,
		struct strbuf *error);

/* Append the value in the form of the file; nothing for an empty list. */
void setting_print(struct strbuf *sb, const struct config *config, const struct setting *setting);

/*
 * Add the names of a comma-separated list to @list. -EINVAL for an empty name,
 * one that holds a byte of @forbidden, or no name at all; @list may have grown.
 */
int setting_add_names(struct strings *list, const char *value, const char *forbidden);
void setting_print_names(struct strbuf *sb, const struct strings *list, size_t first);

/* Read "yes", "no" and the like. 0 or -EINVAL. */
int setting_read_bool(const char *value, bool *ret);

/*
 * The same for the keys of an app. set() puts @value in the place of what was there; on
 * an error the app may hold a part of it. print() appends nothing where there is no
 * value.
 */
struct app_key {
	const char *name;
	int (*set)(struct app *app, const char *value, struct strbuf *error);
	void (*print)(struct strbuf *sb, const struct app *app);
};

extern const struct app_key app_keys[];
extern const size_t nr_app_keys;

const struct app_key *app_key_find(const char *name); /* or NULL */

#endif
