#include "cli/config.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/settings.h"
#include "report/escape.h"

/* "key = value", and behind it where that came from. */
static void print_line(struct strbuf *sb, const char *key, struct strbuf *value,
		       const char *origin)
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

int config_print(struct strbuf *sb, const struct config *config)
{
	_cleanup_strbuf_ struct strbuf value = STRBUF_INIT;

	strbuf_addstr(sb, "; ");
	escape_text(sb, config->file ? config->file : "no configuration file was read");
	strbuf_addstr(sb, "\n[sweep]\n");
	for (size_t i = 0; i < nr_settings; i++) {
		setting_print(&value, config, &settings[i]);
		if (!value.len)
			strbuf_addf(sb, "; %s: none besides the built-in ones\n", settings[i].name);
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
