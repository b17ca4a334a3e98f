/* SPDX-License-Identifier: MIT */
#include "cli/settings.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/parse.h"

#define SECOND	   INT64_C(1000)
#define MINUTE	   (60 * SECOND)
#define HOUR	   (60 * MINUTE)
#define DAY	   (24 * HOUR)
#define AT(member) .offset = offsetof(struct engine_settings, member)

const struct setting settings[] = {
	{ .name = "interval",
	  .type = SETTING_TIME,
	  AT(interval_ms),
	  .min = SECOND,
	  .max = DAY,
	  .wants = "a length of time from 1s to 1d" },
	{ .name = "grace",
	  .type = SETTING_COUNT,
	  AT(grace),
	  .min = 1,
	  .max = 10,
	  .wants = "a number from 1 to 10" },
	{ .name = "term-timeout",
	  .type = SETTING_TIME,
	  AT(term_timeout_ms),
	  .min = 0,
	  .max = HOUR,
	  .wants = "a length of time from 0 to 1h" },
	{ .name = "spare-listeners",
	  .type = SETTING_TIME,
	  AT(spare_listeners_ms),
	  .min = 0,
	  .max = 365 * DAY,
	  .wants = "a length of time from 0 to 365d" },
	{ .name = "reap-detached", .type = SETTING_BOOL, AT(reap_detached), .wants = "yes or no" },
	{ .name = "max-kill",
	  .type = SETTING_COUNT,
	  AT(max_kill),
	  .min = 0,
	  .max = 1000000,
	  .wants = "a number from 0 to 1000000" },
	{ .name = "keep",
	  .type = SETTING_LIST,
	  .offset = offsetof(struct policy, keep),
	  .wants = "names or patterns, separated by commas" },
	{ .name = "adopter",
	  .type = SETTING_LIST,
	  .offset = offsetof(struct policy, adopters),
	  .names = true,
	  .wants = "names of programs, separated by commas" },
};

const size_t nr_settings = ARRAY_SIZE(settings);

const struct setting *setting_find(const char *name)
{
	for (size_t i = 0; i < nr_settings; i++)
		if (strcmp(settings[i].name, name) == 0)
			return &settings[i];
	return NULL;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/*
 * Add the names of a comma-separated list to @list. -EINVAL for an empty name,
 * one that holds a byte of @forbidden, or no name at all; @list may have grown.
 */
static int add_names(struct strings *list, const char *value, const char *forbidden)
{
	const char *at = value;

	for (;;) {
		const char *comma = strchrnul(at, ',');
		const char *start = at, *end = comma;

		while (start < end && is_blank(*start))
			start++;
		while (end > start && is_blank(end[-1]))
			end--;
		size_t len = (size_t)(end - start);
		if (!len || strcspn(start, forbidden) < len)
			return -EINVAL;
		if (!strings_has(list, start, len) && strings_add(list, start, len) < 0)
			return -ENOMEM;
		if (!*comma)
			return 0;
		at = comma + 1;
	}
}

static int read_bool(const char *value, bool *ret)
{
	static const struct {
		const char *word;
		bool value;
	} words[] = {
		{ "yes", true }, { "true", true },   { "on", true },
		{ "no", false }, { "false", false }, { "off", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(words[i].word, value) == 0) {
			*ret = words[i].value;
			return 0;
		}
	}
	return -EINVAL;
}

int setting_set(struct config *config, const struct setting *setting, const char *value,
		struct strbuf *error)
{
	char *at = (char *)&config->settings + setting->offset;
	int64_t number = setting->min;
	uint64_t count = 0;
	bool flag = false;
	int r;

	switch (setting->type) {
	case SETTING_TIME:
		r = parse_duration(value, &number);
		break;
	case SETTING_COUNT:
		r = parse_number(value, (uint64_t)setting->max, &count);
		number = (int64_t)count;
		break;
	case SETTING_BOOL:
		r = read_bool(value, &flag);
		break;
	case SETTING_LIST:
	default:
		at = (char *)&config->policy + setting->offset;
		r = add_names((struct strings *)at, value, setting->names ? "/" : "");
		break;
	}
	if (r == -ENOMEM)
		return r;
	if (r < 0 || number < setting->min || number > setting->max) {
		strbuf_addstr(error, setting->wants);
		return error->failed ? -ENOMEM : -EINVAL;
	}
	if (setting->type == SETTING_TIME)
		*(int64_t *)at = number;
	else if (setting->type == SETTING_COUNT)
		*(unsigned *)at = (unsigned)number;
	else if (setting->type == SETTING_BOOL)
		*(bool *)at = flag;
	return 0;
}

/* In the largest unit that says it exactly; one minute is 60s to people. */
static void print_time(struct strbuf *sb, int64_t ms)
{
	static const struct {
		int64_t ms, least;
		const char *unit;
	} units[] = { { DAY, DAY, "d" },
		      { HOUR, HOUR, "h" },
		      { MINUTE, 2 * MINUTE, "m" },
		      { SECOND, SECOND, "s" },
		      { 1, 1, "ms" } };
	size_t i = 0;

	if (!ms) {
		strbuf_addch(sb, '0');
		return;
	}
	while (ms % units[i].ms || ms < units[i].least)
		i++;
	strbuf_addf(sb, "%lld%s", (long long)(ms / units[i].ms), units[i].unit);
}

static void print_names(struct strbuf *sb, const struct strings *list, size_t first)
{
	for (size_t i = first; i < list->nr; i++)
		strbuf_addf(sb, "%s%s", i > first ? ", " : "", list->items[i]);
}

void setting_print(struct strbuf *sb, const struct config *config, const struct setting *setting)
{
	const char *at = (const char *)&config->settings + setting->offset;
	const struct strings *list =
		(const void *)((const char *)&config->policy + setting->offset);

	switch (setting->type) {
	case SETTING_TIME:
		print_time(sb, *(const int64_t *)at);
		break;
	case SETTING_COUNT:
		strbuf_addf(sb, "%u", *(const unsigned *)at);
		break;
	case SETTING_BOOL:
		strbuf_addstr(sb, *(const bool *)at ? "yes" : "no");
		break;
	case SETTING_LIST:
		print_names(sb, list,
			    list == &config->policy.adopters ? config->builtin_adopters : 0);
		break;
	}
}

/* --- [app NAME] --------------------------------------------------------------- */

static int wants(struct strbuf *error, int r, const char *what)
{
	if (r != -EINVAL)
		return r;
	strbuf_addstr(error, what);
	return error->failed ? -ENOMEM : -EINVAL;
}

static int set_marker(struct app *app, const char *value, struct strbuf *error)
{
	return wants(error, add_names(&app->markers, value, "= \t"),
		     "names of environment variables, separated by commas");
}

static void print_marker(struct strbuf *sb, const struct app *app)
{
	print_names(sb, &app->markers, 0);
}

static int set_desktop(struct app *app, const char *value, struct strbuf *error)
{
	return wants(error, add_names(&app->desktops, value, "/"),
		     "names of programs, separated by commas");
}

static void print_desktop(struct strbuf *sb, const struct app *app)
{
	print_names(sb, &app->desktops, 0);
}

static int set_owner(struct app *app, const char *value, struct strbuf *error)
{
	if (strcmp(value, "pid") != 0)
		return wants(error, -EINVAL, "the word pid");
	app->owner_pid = true;
	return 0;
}

static void print_owner(struct strbuf *sb, const struct app *app)
{
	if (app->owner_pid)
		strbuf_addstr(sb, "pid");
}

static int set_text(char **ret, const char *value)
{
	*ret = strdup(value);
	return *ret ? 0 : -ENOMEM;
}

static int set_default(struct app *app, const char *value, struct strbuf *error)
{
	(void)error;
	return set_text(&app->default_instance, value);
}

static void print_default(struct strbuf *sb, const struct app *app)
{
	strbuf_addstr(sb, app->default_instance ? app->default_instance : "");
}

/* Has each "${" a name and its "}"? */
static bool has_whole_variables(const char *value)
{
	for (const char *at = value; (at = strstr(at, "${")); at++)
		if (at[2] == '}' || !strchr(at, '}'))
			return false;
	return true;
}

static int set_receipts(struct app *app, const char *value, struct strbuf *error)
{
	const char *percent = strchr(value, '%');
	bool absolute = *value == '/' || *value == '~' || strncmp(value, "${", 2) == 0;

	while (percent && percent[1] == 'i')
		percent = strchr(percent + 1, '%');
	if (!absolute || percent || !has_whole_variables(value))
		return wants(error, -EINVAL,
			     "a folder that begins with /, ~ or ${VAR}, with %i at most");
	return set_text(&app->receipts, value);
}

static void print_receipts(struct strbuf *sb, const struct app *app)
{
	strbuf_addstr(sb, app->receipts ? app->receipts : "");
}

const struct app_key app_keys[] = {
	{ "marker", set_marker, print_marker },
	{ "desktop", set_desktop, print_desktop },
	{ "owner", set_owner, print_owner },
	{ "default-instance", set_default, print_default },
	{ "receipts", set_receipts, print_receipts },
};

const size_t nr_app_keys = ARRAY_SIZE(app_keys);

const struct app_key *app_key_find(const char *name)
{
	for (size_t i = 0; i < nr_app_keys; i++)
		if (strcmp(app_keys[i].name, name) == 0)
			return &app_keys[i];
	return NULL;
}
