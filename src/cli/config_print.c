/* SPDX-License-Identifier: MIT */
#include "cli/config.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/settings.h"
#include "base/escape.h"

/* A line of the file may hold so many bytes; the comment goes above a longer one. */
enum { LINE_MAX_BYTES = 190 };

/* "key = value", and behind it where that came from. */
static void print_line(struct strbuf *sb, const char *key, struct strbuf *value, const char *origin)
{
	size_t start = sb->len;

	if (!value->len)
		return;
	if (strlen(key) + value->len + strlen(origin) > LINE_MAX_BYTES - 10) {
		strbuf_addstr(sb, "; ");
		escape_text(sb, origin);
		strbuf_addf(sb, ":\n%s = ", key);
		escape_text(sb, value->buf);
		strbuf_addch(sb, '\n');
		strbuf_reset(value);
		return;
	}
	strbuf_addf(sb, "%s = ", key);
	escape_text(sb, value->buf);
	size_t width = sb->len - start;
	strbuf_addf(sb, "%*s ; ", (int)(width < 40 ? 40 - width : 1), "");
	escape_text(sb, origin);
	strbuf_addch(sb, '\n');
	strbuf_reset(value);
}

/* Continues a comment within the width of a terminal. */
static void add_word(struct strbuf *sb, size_t *start, const struct strbuf *word)
{
	if (*start != sb->len && sb->len - *start + word->len > 76) {
		strbuf_addch(sb, '\n');
		*start = sb->len;
	}
	strbuf_addf(sb, "%s%s", *start == sb->len ? ";   " : " ", word->buf);
	sb->failed = sb->failed || word->failed;
}

/* What is in force beside the lists of the file; three blanks, so that nothing reads as a key. */
static void print_builtin(struct strbuf *sb, const struct config *config, const char *key)
{
	bool keep = strcmp(key, "keep") == 0;
	size_t nr = keep ? nr_builtin_keep : config->builtin_adopters, start;

	strbuf_addf(sb, "; %s: built in, and always in force:\n", key);
	start = sb->len;
	for (size_t i = 0; i < nr; i++) {
		_cleanup_strbuf_ struct strbuf word = STRBUF_INIT;

		strbuf_addstr(&word,
			      keep ? builtin_keep[i].name : config->policy->adopters.items[i]);
		if (keep && builtin_keep[i].argument)
			strbuf_addf(&word, " (with %s)", builtin_keep[i].argument);
		strbuf_addstr(&word, i + 1 < nr ? "," : "");
		add_word(sb, &start, &word);
	}
	strbuf_addch(sb, '\n');
	if (keep)
		return;
	strbuf_addstr(sb, ";   as pid 1, what only waits:");
	for (size_t i = 0; builtin_waiters[i]; i++)
		strbuf_addf(sb, "%s %s", i ? "," : "", builtin_waiters[i]);
	strbuf_addch(sb, '\n');
}

static void print_settings(struct strbuf *sb, const struct config *config,
			   enum setting_section section)
{
	_cleanup_strbuf_ struct strbuf value = STRBUF_INIT;

	strbuf_addf(sb, "%s[%s]\n", section ? "\n" : "", setting_sections[section]);
	for (size_t i = 0; i < nr_settings; i++) {
		if (settings[i].section != section)
			continue;
		setting_print(&value, config, &settings[i]);
		if (settings[i].type == SETTING_LIST)
			print_builtin(sb, config, settings[i].name);
		print_line(sb, settings[i].name, &value,
			   config_origin(config, setting_sections[section], settings[i].name));
	}
	sb->failed = sb->failed || value.failed;
}

static void print_app(struct strbuf *sb, const struct config *config, const struct app *app)
{
	_cleanup_strbuf_ struct strbuf section = STRBUF_INIT, value = STRBUF_INIT;

	strbuf_addf(&section, "app %s", app->name);
	strbuf_addf(sb, "\n[%s] ; ", section.buf);
	escape_text(sb, app->origin);
	strbuf_addch(sb, '\n');
	for (size_t k = 0; k < nr_app_keys; k++) {
		app_keys[k].print(&value, app);
		print_line(sb, app_keys[k].name, &value,
			   config_origin(config, section.buf, app_keys[k].name));
	}
	sb->failed = sb->failed || section.failed || value.failed;
}

static void print_disabled(struct strbuf *sb, const struct config *config, const char *name)
{
	_cleanup_strbuf_ struct strbuf section = STRBUF_INIT, value = STRBUF_INIT;

	strbuf_addf(&section, "app %s", name);
	strbuf_addf(sb, "\n[%s]\n", section.buf);
	strbuf_addstr(&value, "no");
	print_line(sb, "enabled", &value, config_origin(config, section.buf, "enabled"));
	sb->failed = sb->failed || section.failed || value.failed;
}

int config_print(struct strbuf *sb, const struct config *config)
{
	strbuf_addstr(sb, "; ");
	escape_text(sb, config->file ? config->file : "no configuration file was read");
	strbuf_addch(sb, '\n');
	for (size_t section = 0; section < SECTION_NR; section++)
		print_settings(sb, config, (enum setting_section)section);
	for (size_t i = 0; i < config->policy->nr_apps; i++)
		print_app(sb, config, &config->policy->apps[i]);
	for (size_t i = 0; i < config->disabled.nr; i++)
		print_disabled(sb, config, config->disabled.items[i]);
	return sb->failed ? -ENOMEM : 0;
}
