/* SPDX-License-Identifier: MIT */
#include "cli/config.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/settings.h"
#include "base/escape.h"

/* "key = value", and behind it where that came from. */
static void print_line(struct strbuf *sb, const char *key, struct strbuf *value, const char *origin)
{
	size_t start = sb->len;

	if (!value->len)
		return;
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
			      keep ? builtin_keep[i].name : config->policy.adopters.items[i]);
		if (keep && builtin_keep[i].argument)
			strbuf_addf(&word, " (with %s)", builtin_keep[i].argument);
		strbuf_addstr(&word, i + 1 < nr ? "," : "");
		add_word(sb, &start, &word);
	}
	strbuf_addch(sb, '\n');
}

int config_print(struct strbuf *sb, const struct config *config)
{
	_cleanup_strbuf_ struct strbuf value = STRBUF_INIT;

	strbuf_addstr(sb, "; ");
	escape_text(sb, config->file ? config->file : "no configuration file was read");
	strbuf_addstr(sb, "\n[sweep]\n");
	for (size_t i = 0; i < nr_settings; i++) {
		setting_print(&value, config, &settings[i]);
		if (settings[i].type == SETTING_LIST)
			print_builtin(sb, config, settings[i].name);
		print_line(sb, settings[i].name, &value,
			   config_origin(config, "sweep", settings[i].name));
	}
	for (size_t i = 0; i < config->policy.nr_apps; i++) {
		const struct app *app = &config->policy.apps[i];
		_cleanup_strbuf_ struct strbuf section = STRBUF_INIT;

		strbuf_addf(&section, "app %s", app->name);
		strbuf_addf(sb, "\n[%s] ; ", section.buf);
		escape_text(sb, app->origin);
		strbuf_addch(sb, '\n');
		for (size_t k = 0; k < nr_app_keys; k++) {
			const char *origin = config_origin(config, section.buf, app_keys[k].name);

			app_keys[k].print(&value, app);
			print_line(sb, app_keys[k].name, &value,
				   strcmp(origin, "built-in") == 0 ? app->origin : origin);
		}
		sb->failed = sb->failed || section.failed;
	}
	return sb->failed || value.failed ? -ENOMEM : 0;
}
