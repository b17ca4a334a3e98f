/* SPDX-License-Identifier: MIT */
#include "cli/settings.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/parse.h"

#define SECOND	     INT64_C(1000)
#define MINUTE	     (60 * SECOND)
#define HOUR	     (60 * MINUTE)
#define DAY	     (24 * HOUR)
#define AT(member)   .offset = offsetof(struct engine_settings, member)
#define VIEW(member) .section = SECTION_VIEW, .offset = offsetof(struct view_settings, member)

const char *const setting_sections[] = { [SECTION_SWEEP] = "sweep", [SECTION_VIEW] = "view" };

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
	{ .name = "history", .type = SETTING_BOOL, AT(history), .wants = "yes or no" },

	{ .name = "sort",
	  .type = SETTING_COLUMN,
	  VIEW(sort),
	  .wants = "the name of a column, with a - before it for descending" },
	{ .name = "tree", .type = SETTING_TREE, VIEW(tree_open), .wants = "closed or open" },
	{ .name = "delay",
	  .type = SETTING_TIME,
	  VIEW(delay_ms),
	  .min = 100,
	  .max = HOUR,
	  .wants = "a length of time from 100ms to 1h" },
	{ .name = "letters", .type = SETTING_BOOL, VIEW(letters), .wants = "yes or no" },
	{ .name = "mouse", .type = SETTING_BOOL, VIEW(mouse), .wants = "yes or no" },
};

const size_t nr_settings = ARRAY_SIZE(settings);

const struct setting *setting_find(enum setting_section section, const char *name)
{
	for (size_t i = 0; i < nr_settings; i++)
		if (settings[i].section == section && strcmp(settings[i].name, name) == 0)
			return &settings[i];
	return NULL;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

int setting_add_names(struct strings *list, const char *value, const char *forbidden)
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

int setting_read_bool(const char *value, bool *ret)
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

/* A column, perhaps with a - before it. */
static int read_column(const char *value, struct view_settings *view)
{
	bool descends = *value == '-';

	if (!column_find(value + descends, &view->sort))
		return -EINVAL;
	view->sort_descends = descends;
	return 0;
}

static int read_tree(const char *value, bool *ret)
{
	*ret = strcmp(value, "open") == 0;
	return *ret || strcmp(value, "closed") == 0 ? 0 : -EINVAL;
}

/* What @setting is about: the settings of its section, or the policy. */
static void *place_of(struct config *config, const struct setting *setting)
{
	void *base = setting->type == SETTING_LIST	? (void *)config->policy
		     : setting->section == SECTION_VIEW ? (void *)&config->view
							: (void *)&config->settings;

	return (char *)base + setting->offset;
}

int setting_set(struct config *config, const struct setting *setting, const char *value,
		struct strbuf *error)
{
	void *at = place_of(config, setting);
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
		r = setting_read_bool(value, &flag);
		break;
	case SETTING_TREE:
		r = read_tree(value, &flag);
		break;
	case SETTING_COLUMN:
		r = read_column(value, &config->view);
		break;
	case SETTING_LIST:
	default:
		r = setting_add_names(at, value, setting->names ? "/" : "");
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
	else if (setting->type == SETTING_BOOL || setting->type == SETTING_TREE)
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

void setting_print_names(struct strbuf *sb, const struct strings *list, size_t first)
{
	for (size_t i = first; i < list->nr; i++)
		strbuf_addf(sb, "%s%s", i > first ? ", " : "", list->items[i]);
}

static void print_column(struct strbuf *sb, const struct view_settings *view)
{
	if (view->sort == COLUMN_NR)
		return;
	if (view->sort_descends)
		strbuf_addch(sb, '-');
	column_word(sb, view->sort);
}

void setting_print(struct strbuf *sb, const struct config *config, const struct setting *setting)
{
	const void *at = place_of((struct config *)config, setting);

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
	case SETTING_TREE:
		strbuf_addstr(sb, *(const bool *)at ? "open" : "closed");
		break;
	case SETTING_COLUMN:
		print_column(sb, &config->view);
		break;
	case SETTING_LIST:
		setting_print_names(sb, at,
				    at == &config->policy->adopters ? config->builtin_adopters : 0);
		break;
	}
}
