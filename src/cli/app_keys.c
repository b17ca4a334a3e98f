/* SPDX-License-Identifier: MIT */
/* The keys of an [app NAME] section. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "cli/settings.h"

static int wants(struct strbuf *error, int r, const char *what)
{
	if (r != -EINVAL)
		return r;
	strbuf_addstr(error, what);
	return error->failed ? -ENOMEM : -EINVAL;
}

/* Put the names of @value in the place of @list. */
static int set_names(struct strings *list, const char *value, const char *forbidden)
{
	strings_release(list);
	return setting_add_names(list, value, forbidden);
}

static int set_text(char **ret, const char *value)
{
	char *copy = strdup(value);

	if (!copy)
		return -ENOMEM;
	free(*ret);
	*ret = copy;
	return 0;
}

/* One of a NULL-terminated list of words: its index. -EINVAL: none of them. */
static int set_word(const char *const *words, const char *value, unsigned *ret)
{
	for (unsigned i = 0; words[i]; i++)
		if (strcmp(words[i], value) == 0) {
			*ret = i;
			return 0;
		}
	return -EINVAL;
}

/* --- marker, except ---------------------------------------------------------------- */

static int add_marker(struct app *app, const char *item)
{
	size_t len = strcspn(item, "=");
	const char *glob = item[len] ? item + len + 1 : NULL;

	if (!len || (glob && !*glob) || strcspn(item, " \t") < len)
		return -EINVAL;
	return app_add_marker(app, item, len, glob, glob ? strlen(glob) : 0);
}

static int set_marker(struct app *app, const char *value, struct strbuf *error)
{
	struct strings items = { 0 };
	int r = set_names(&items, value, "");

	strings_release(&app->markers);
	strings_release(&app->filters);
	for (size_t i = 0; !r && i < items.nr; i++)
		r = add_marker(app, items.items[i]);
	strings_release(&items);
	return wants(error, r,
		     "names of environment variables, perhaps with =GLOB, separated by commas");
}

static void print_marker(struct strbuf *sb, const struct app *app)
{
	bool first = true;

	for (size_t i = 0; i < app->markers.nr; i++) {
		const char *name = app->markers.items[i];
		bool filtered = false;

		for (size_t f = 0; f < app->filters.nr; f++) {
			const char *filter = app->filters.items[f];
			size_t len = strlen(name);

			if (strncmp(filter, name, len) != 0 || filter[len] != '=')
				continue;
			filtered = true;
			strbuf_addf(sb, "%s%s", first ? "" : ", ", filter);
			first = false;
		}
		if (!filtered)
			strbuf_addf(sb, "%s%s", first ? "" : ", ", name);
		first = false;
	}
}

static int set_except(struct app *app, const char *value, struct strbuf *error)
{
	return wants(error, set_names(&app->except, value, ""),
		     "patterns of values, separated by commas");
}

static void print_except(struct strbuf *sb, const struct app *app)
{
	setting_print_names(sb, &app->except, 0);
}

/* --- owner, desktop, instances, sweep, inherit ----------------------------------------- */

static const char *const owner_words[] = {
	[APP_OWNER_NAME] = "name", [APP_OWNER_PID] = "pid", [APP_OWNER_CARRIER] = "carrier", NULL
};
static const char *const sweep_words[] = {
	[APP_SWEEP_YES] = "yes", [APP_SWEEP_NO] = "no", [APP_SWEEP_STDIO] = "stdio", NULL
};
static const char *const instances_words[] = { "one", "many", NULL };

static int set_owner(struct app *app, const char *value, struct strbuf *error)
{
	unsigned word = app->owner;
	int r = set_word(owner_words, value, &word);

	app->owner = (enum app_owner)word;
	return wants(error, r, "name, pid or carrier");
}

static void print_owner(struct strbuf *sb, const struct app *app)
{
	if (!app->stdio)
		strbuf_addstr(sb, owner_words[app->owner]);
}

static int set_desktop(struct app *app, const char *value, struct strbuf *error)
{
	int r = set_names(&app->desktops, value, "");

	for (size_t i = 0; !r && i < app->desktops.nr; i++) {
		const char *name = app->desktops.items[i];

		if (strchr(name, '/') && *name != '/' && strncmp(name, "*/", 2) != 0)
			r = -EINVAL;
	}
	return wants(error, r,
		     "names of programs, or patterns of a whole path that begin with / or */, "
		     "separated by commas");
}

static void print_desktop(struct strbuf *sb, const struct app *app)
{
	setting_print_names(sb, &app->desktops, 0);
}

static int set_instances(struct app *app, const char *value, struct strbuf *error)
{
	unsigned word = app->many_instances;
	int r = set_word(instances_words, value, &word);

	app->many_instances = word;
	return wants(error, r, "one or many");
}

static void print_instances(struct strbuf *sb, const struct app *app)
{
	if (!app->stdio)
		strbuf_addstr(sb, instances_words[app->many_instances]);
}

static int set_sweep(struct app *app, const char *value, struct strbuf *error)
{
	unsigned word = app->sweep;
	int r = set_word(sweep_words, value, &word);

	app->sweep = (enum app_sweep)word;
	return wants(error, r, "yes, no or stdio");
}

static void print_sweep(struct strbuf *sb, const struct app *app)
{
	strbuf_addstr(sb, sweep_words[app->sweep]);
}

static int set_inherit(struct app *app, const char *value, struct strbuf *error)
{
	bool inherit = !app->no_inherit;
	int r = setting_read_bool(value, &inherit);

	app->no_inherit = !inherit;
	return wants(error, r, "yes or no");
}

static void print_inherit(struct strbuf *sb, const struct app *app)
{
	if (!app->stdio)
		strbuf_addstr(sb, app->no_inherit ? "no" : "yes");
}

/* --- ids, folders, variables --------------------------------------------------------- */

static int set_default(struct app *app, const char *value, struct strbuf *error)
{
	(void)error;
	return set_text(&app->default_instance, value);
}

static void print_default(struct strbuf *sb, const struct app *app)
{
	strbuf_addstr(sb, app->default_instance ? app->default_instance : "");
}

static int set_named(struct app *app, const char *value, struct strbuf *error)
{
	return wants(error, set_names(&app->named, value, ""),
		     "patterns of instances, separated by commas");
}

static void print_named(struct strbuf *sb, const struct app *app)
{
	setting_print_names(sb, &app->named, 0);
}

/* Has each "${" a name and its "}"? */
static bool has_whole_variables(const char *value)
{
	for (const char *at = value; (at = strstr(at, "${")); at++)
		if (at[2] == '}' || !strchr(at, '}'))
			return false;
	return true;
}

static bool is_folder(const char *value)
{
	const char *percent = strchr(value, '%');
	bool absolute = *value == '/' || *value == '~' || strncmp(value, "${", 2) == 0;

	while (percent && percent[1] == 'i')
		percent = strchr(percent + 1, '%');
	return absolute && !percent && has_whole_variables(value);
}

static int set_data(struct app *app, const char *value, struct strbuf *error)
{
	int r = set_names(&app->data, value, "");

	for (size_t i = 0; !r && i < app->data.nr; i++)
		r = is_folder(app->data.items[i]) ? 0 : -EINVAL;
	return wants(
		error, r,
		"folders that begin with /, ~ or ${VAR}, with %i at most, separated by commas");
}

static void print_data(struct strbuf *sb, const struct app *app)
{
	setting_print_names(sb, &app->data, 0);
}

static int set_receipts(struct app *app, const char *value, struct strbuf *error)
{
	if (!is_folder(value))
		return wants(error, -EINVAL,
			     "a folder that begins with /, ~ or ${VAR}, with %i at most");
	return set_text(&app->receipts, value);
}

static void print_receipts(struct strbuf *sb, const struct app *app)
{
	strbuf_addstr(sb, app->receipts ? app->receipts : "");
}

static int set_generation(struct app *app, const char *value, struct strbuf *error)
{
	if (value[strcspn(value, "=, \t")])
		return wants(error, -EINVAL, "the name of one environment variable");
	return set_text(&app->generation, value);
}

static void print_generation(struct strbuf *sb, const struct app *app)
{
	strbuf_addstr(sb, app->generation ? app->generation : "");
}

const struct app_key app_keys[] = {
	{ "marker", set_marker, print_marker },
	{ "except", set_except, print_except },
	{ "owner", set_owner, print_owner },
	{ "desktop", set_desktop, print_desktop },
	{ "instances", set_instances, print_instances },
	{ "sweep", set_sweep, print_sweep },
	{ "inherit", set_inherit, print_inherit },
	{ "default-instance", set_default, print_default },
	{ "named", set_named, print_named },
	{ "data", set_data, print_data },
	{ "receipts", set_receipts, print_receipts },
	{ "generation", set_generation, print_generation },
};

const size_t nr_app_keys = ARRAY_SIZE(app_keys);

const struct app_key *app_key_find(const char *name)
{
	for (size_t i = 0; i < nr_app_keys; i++)
		if (strcmp(app_keys[i].name, name) == 0)
			return &app_keys[i];
	return NULL;
}
