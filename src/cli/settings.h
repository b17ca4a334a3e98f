/* SPDX-License-Identifier: MIT */
#ifndef STRAY_CLI_SETTINGS_H
#define STRAY_CLI_SETTINGS_H

#include "base/strbuf.h"
#include "cli/config.h"

/*
 * The keys of the configuration, as two const tables: those of [sweep] and those
 * of [app NAME]. A new key is a row, and for [sweep] a row of options too; its
 * text is in stray.conf(5).
 */
enum setting_type {
	SETTING_TIME,  /* int64_t ms */
	SETTING_COUNT, /* unsigned */
	SETTING_BOOL,
	SETTING_LIST, /* struct strings of the policy; added to, not replaced */
};

struct setting {
	const char *name;
	enum setting_type type;
	size_t offset;	   /* in struct engine_settings; SETTING_LIST: in struct policy */
	int64_t min, max;  /* ms or number */
	const char *wants; /* for messages: "'interval' wants ..." */
	bool names;	   /* SETTING_LIST: plain names, no paths */
};

extern const struct setting settings[];
extern const size_t nr_settings;

const struct setting *setting_find(const char *name); /* or NULL */

/*
 * Read @value into @config. 0, -EINVAL (what is wanted instead is appended to
 * @error) or -ENOMEM.
 */
int setting_set(struct config *config, const struct setting *setting, const char *value,
		struct strbuf *error);

/* Append the value in the form of the file; nothing for an empty list. */
void setting_print(struct strbuf *sb, const struct config *config, const struct setting *setting);

/* The same for the keys of an app. */
struct app_key {
	const char *name;
	int (*set)(struct app *app, const char *value, struct strbuf *error);
	void (*print)(struct strbuf *sb, const struct app *app);
};

extern const struct app_key app_keys[];
extern const size_t nr_app_keys;

const struct app_key *app_key_find(const char *name); /* or NULL */

#endif
