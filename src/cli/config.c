/* SPDX-License-Identifier: MIT */
#include "cli/config.h"

#include <errno.h>
#include <ini.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "cli/settings.h"
#include "base/escape.h"

/* A thousand times the usual size. */
enum { CONFIG_MAX = 1 << 20 };

/* One file being read. The first error ends it: the reader says "end of file". */
struct loader {
	struct config *config;
	const char *file;
	struct strbuf text; /* all of the file */
	size_t at;	    /* where the next line begins */
	int line;
	char *section; /* "sweep", "view" or "app NAME"; NULL: before the first */
	int section_line;
	enum setting_section of; /* [sweep] or [view] */
	struct app *app;	 /* of [app NAME]; good until the next section */
	bool disabled;		 /* enabled = no */
	struct strbuf *error;
	int result; /* 0, -EINVAL (error is written) or -ENOMEM */
	int error_line;
};

static void fail_at(struct loader *l, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* `FILE:LINE: what`; the first one stays. @format's arguments may be hostile: escaped here. */
static void fail_at(struct loader *l, int line, const char *format, ...)
{
	_cleanup_strbuf_ struct strbuf what = STRBUF_INIT;
	va_list args;

	if (l->result < 0)
		return;
	va_start(args, format);
	strbuf_vaddf(&what, format, args);
	va_end(args);
	strbuf_reset(l->error);
	escape_text(l->error, l->file);
	strbuf_addf(l->error, ":%d: ", line);
	escape_text(l->error, what.buf);
	l->result = what.failed || l->error->failed ? -ENOMEM : -EINVAL;
	l->error_line = line;
}

static const struct origin *find_origin(const struct config *config, const char *section,
					const char *key)
{
	for (size_t i = 0; i < config->nr_origins; i++)
		if (strcmp(config->origins[i].section, section) == 0 &&
		    strcmp(config->origins[i].key, key) == 0)
			return &config->origins[i];
	return NULL;
}

const char *config_origin(const struct config *config, const char *section, const char *key)
{
	const struct origin *origin = find_origin(config, section, key);

	return origin ? origin->where : "built-in";
}

static int set_origin(struct config *config, const char *section, const char *key,
		      const char *where)
{
	struct origin o = { strdup(section), strdup(key), strdup(where) };
	const struct origin *old = find_origin(config, section, key);

	if (!o.section || !o.key || !o.where ||
	    (!old && ARRAY_GROW(config->origins, config->nr_origins, config->alloc_origins) < 0)) {
		free(o.section);
		free(o.key);
		free(o.where);
		return -ENOMEM;
	}
	if (old) {
		struct origin *place = &config->origins[old - config->origins];

		free(place->section);
		free(place->key);
		free(place->where);
		*place = o;
	} else {
		config->origins[config->nr_origins++] = o;
	}
	return 0;
}

/* Remember that @key ("": the section itself) stands on this line; an error if it did before. */
static void note_line(struct loader *l, const char *key)
{
	const struct origin *old = find_origin(l->config, l->section, key);
	_cleanup_free_ char *where = NULL;

	if (old) {
		const char *colon = strrchr(old->where, ':');

		if (*key)
			fail_at(l, l->line, "'%s' stands here twice, first in line %s", key,
				colon ? colon + 1 : "?");
		else
			fail_at(l, l->line, "section [%s] stands here twice, first in line %s",
				l->section, colon ? colon + 1 : "?");
		return;
	}
	if (asprintf(&where, "%s:%d", l->file, l->line) < 0) {
		where = NULL;
		l->result = -ENOMEM;
	} else if (set_origin(l->config, l->section, key, where) < 0) {
		l->result = -ENOMEM;
	}
}

/* Carry out `enabled = no`: remove the app, and record its name for --print-config. */
static void take_away(struct loader *l)
{
	const char *name = l->section + strlen("app ");

	if (strings_add(&l->config->disabled, name, strlen(name)) < 0)
		l->result = -ENOMEM;
	policy_remove_app(l->config->policy, name);
}

/* Check that the app has a marker and an owner: without them it would manage nothing. */
static void end_section(struct loader *l)
{
	const struct app *app = l->app;

	l->app = NULL;
	if (!app || l->result < 0)
		return;
	if (l->disabled) {
		take_away(l);
		return;
	}
	if (app->stdio)
		return;
	if (!app->markers.nr)
		fail_at(l, l->section_line, "section [%s] has no 'marker'", l->section);
	else if (!app->desktops.nr && app->owner == APP_OWNER_CARRIER)
		fail_at(l, l->section_line,
			"section [%s] has no 'desktop' that could carry the marker", l->section);
	else if (!app->desktops.nr && app->owner != APP_OWNER_PID)
		fail_at(l, l->section_line, "section [%s] has neither 'desktop' nor 'owner'",
			l->section);
}

static bool is_app_name(const char *name)
{
	return *name && !name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					   "0123456789._-")];
}

/* Find or add the app of an [app NAME] section; a built-in one keeps what is not set. */
static void begin_app(struct loader *l, const char *name)
{
	const char *origin = config_origin(l->config, l->section, "");
	char *copy = strdup(origin);

	l->disabled = false;
	l->app = copy ? policy_edit_app(l->config->policy, name, origin) : NULL;
	if (!l->app) {
		free(copy);
		l->result = -ENOMEM;
		return;
	}
	free(l->app->origin);
	l->app->origin = copy;
}

/* Return which section with a fixed name it is; SECTION_NR: none. */
static enum setting_section find_section(const char *name)
{
	size_t i = 0;

	while (i < SECTION_NR && strcmp(setting_sections[i], name) != 0)
		i++;
	return (enum setting_section)i;
}

static void begin_section(struct loader *l, const char *name)
{
	bool is_app = strncmp(name, "app ", 4) == 0;

	end_section(l);
	if (l->result < 0)
		return;
	l->of = is_app ? SECTION_NR : find_section(name);
	if (!is_app && l->of == SECTION_NR) {
		fail_at(l, l->line,
			"unknown section [%s], there are [sweep], [view] and [app NAME]", name);
		return;
	}
	const char *app_name = is_app ? name + 4 + strspn(name + 4, " \t") : NULL;
	free(l->section);
	if (!is_app)
		l->section = strdup(setting_sections[l->of]);
	else if (asprintf(&l->section, "app %s", app_name) < 0)
		l->section = NULL;
	if (!l->section) {
		l->result = -ENOMEM;
		return;
	}
	l->section_line = l->line;
	if (is_app && !is_app_name(app_name)) {
		fail_at(l, l->line,
			"'%s' is no name for an app: letters, digits, dot, dash and "
			"underscore",
			app_name);
		return;
	}
	note_line(l, "");
	if (is_app && l->result == 0)
		begin_app(l, app_name);
}

/* "[name]" with perhaps a comment behind it. @text is changed. */
static void read_section(struct loader *l, char *text)
{
	char *end = strchr(text, ']');

	if (!end) {
		fail_at(l, l->line, "a section's name ends with ']'");
		return;
	}
	const char *rest = end + 1 + strspn(end + 1, " \t");
	if (*rest && *rest != ';' && *rest != '#') {
		fail_at(l, l->line, "nothing may follow the ']' of a section");
		return;
	}
	while (end > text + 1 && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*end = '\0';
	begin_section(l, text + 1 + strspn(text + 1, " \t"));
}

/*
 * Read one line for inih, like fgets(3). Count lines, because the library does not
 * report the number; strip blanks, because inih takes an indented `key = value` for more
 * of the value above; and refuse a line that inih would cut.
 */
static char *read_line(char *out, int size, void *user)
{
	struct loader *l = user;

	if (l->result < 0)
		return NULL;
	if (l->at == l->text.len)
		return NULL;
	char *start = l->text.buf + l->at;
	char *end = memchr(start, '\n', l->text.len - l->at);
	l->at = end ? (size_t)(end - l->text.buf) + 1 : l->text.len;
	l->line++;
	if (memchr(start, '\0', (size_t)(l->text.buf + l->at - start))) {
		fail_at(l, l->line, "the line holds a NUL byte");
		return NULL;
	}
	if (end)
		*end = '\0';
	if (l->line == 1 && strncmp(start, "\xef\xbb\xbf", 3) == 0)
		start += 3;
	start += strspn(start, " \t\r\n");
	size_t n = strlen(start);
	while (n && strchr(" \t\r\n", start[n - 1]))
		start[--n] = '\0';
	if (*start == ';' || *start == '#')
		n = 0; /* a comment may have any length */
	if (n + 2 >= (size_t)size) {
		fail_at(l, l->line, "the line is longer than %d bytes", size - 3);
		return NULL;
	}
	memcpy(out, start, n);
	memcpy(out + n, "\n", 2);
	if (n && *start == '[')
		read_section(l, start);
	return l->result < 0 ? NULL : out;
}

/* Set the key of the section at hand. -EINVAL: what it wants is appended to @wanted. */
static int set_key(struct loader *l, const char *key, const char *value, struct strbuf *wanted)
{
	bool enabled;

	if (!l->app)
		return setting_set(l->config, setting_find(l->of, key), value, wanted);
	if (strcmp(key, "enabled") != 0)
		return app_key_find(key)->set(l->app, value, wanted);
	if (setting_read_bool(value, &enabled) < 0) {
		strbuf_addstr(wanted, "yes or no");
		return wanted->failed ? -ENOMEM : -EINVAL;
	}
	l->disabled = !enabled;
	return 0;
}

/* Refuse keys of markers and desktops for the app `stdio`, which has neither. */
static bool is_key(const struct loader *l, const char *key)
{
	if (!l->app)
		return setting_find(l->of, key);
	if (strcmp(key, "enabled") == 0)
		return true;
	return l->app->stdio ? strcmp(key, "sweep") == 0 : app_key_find(key) != NULL;
}

static void read_key(struct loader *l, const char *key, const char *value)
{
	_cleanup_strbuf_ struct strbuf wanted = STRBUF_INIT;
	int r;

	if (!l->section) {
		fail_at(l, l->line, "'%s' stands before the first section", key);
		return;
	}
	if (!is_key(l, key)) {
		fail_at(l, l->line, "unknown key '%s' in section [%s]", key, l->section);
		return;
	}
	note_line(l, key);
	if (l->result < 0)
		return;
	if (!*value) {
		fail_at(l, l->line, "'%s' has no value", key);
		return;
	}
	r = set_key(l, key, value, &wanted);
	if (r == -EINVAL)
		fail_at(l, l->line, "'%s' wants %s, not '%s'", key, wanted.buf, value);
	else if (r < 0)
		l->result = r;
}

static int handle(void *user, const char *section, const char *name, const char *value)
{
	struct loader *l = user;

	(void)section; /* cut at 50 bytes; the reader knows it whole */
	if (l->result == 0)
		read_key(l, name, value);
	return l->result == 0;
}

static bool names_marker(const struct config *config, const struct app *app)
{
	_cleanup_strbuf_ struct strbuf section = STRBUF_INIT;

	strbuf_addf(&section, "app %s", app->name);
	return find_origin(config, section.buf, "marker") != NULL;
}

/* Remove from the built-in app the markers that the user's app names. */
static void lose_markers(struct app *app, const struct app *to)
{
	for (size_t i = app->markers.nr; i-- > 0;)
		if (strings_has(&to->markers, app->markers.items[i], strlen(app->markers.items[i])))
			strings_remove(&app->markers, i);
}

/*
 * Give each marker to one app: a variable that a user's profile names as its marker is
 * removed from the built-in ones, and a built-in profile without any marker is dropped.
 */
static void claim_markers(struct config *config)
{
	struct policy *p = config->policy;

	for (size_t i = 0; i < p->nr_apps; i++)
		for (size_t j = 0; names_marker(config, &p->apps[i]) && j < p->nr_apps; j++)
			if (!names_marker(config, &p->apps[j]))
				lose_markers(&p->apps[j], &p->apps[i]);
	for (size_t i = p->nr_apps; i-- > 0;)
		if (!p->apps[i].markers.nr && !p->apps[i].stdio)
			policy_remove_app(p, p->apps[i].name);
}

/* The whole file, so that a device that never ends is no endless line. */
static int read_all(struct loader *l, FILE *stream)
{
	while (l->text.len <= CONFIG_MAX && !feof(stream)) {
		if (!strbuf_reserve(&l->text, 4096))
			return -ENOMEM;
		l->text.len += fread(l->text.buf + l->text.len, 1, 4096, stream);
		l->text.buf[l->text.len] = '\0';
		if (ferror(stream)) {
			fail_at(l, 0, "cannot read: %s", strerror(errno));
			return l->result;
		}
	}
	if (l->text.len > CONFIG_MAX)
		fail_at(l, 0, "larger than %d bytes", CONFIG_MAX);
	return l->result;
}

static int parse(struct loader *l)
{
	int line = ini_parse_stream(read_line, l, handle, l);

	/* What inih itself could not read; it goes on to the next line. */
	if (line > 0 && (l->result == 0 || line < l->error_line)) {
		l->result = 0;
		fail_at(l, line, "neither '[section]' nor 'key = value'");
	} else if (line < 0 && l->result == 0) {
		l->result = -ENOMEM;
	}
	end_section(l);
	if (l->result == 0)
		claim_markers(l->config);
	return l->result;
}

/* 0, -ENOENT (it is not there and @must is false), -EINVAL, -ENOMEM. */
static int read_file(struct config *config, const char *file, bool must, struct strbuf *error)
{
	struct loader l = {
		.config = config,
		.file = file,
		.error = error,
		.text = STRBUF_INIT,
	};
	_cleanup_fclose_ FILE *stream = fopen(file, "re");
	int why = errno;

	if (!stream) {
		struct stat st;

		/*
		 * A link that leads nowhere is there: what it should say is not known. A
		 * folder on the way that may not be entered means that no file is.
		 */
		if (!must && (why == ENOENT || why == ENOTDIR || why == EACCES) &&
		    lstat(file, &st) < 0)
			return -ENOENT;
		fail_at(&l, 0, "cannot open: %s", strerror(why));
		return l.result;
	}
	config->file = strdup(file);
	int r = config->file ? read_all(&l, stream) : -ENOMEM;
	if (r == 0)
		r = parse(&l);
	strbuf_release(&l.text);
	free(l.section);
	return r;
}

/* Return what ~ means to a shell, also without HOME (env -i, cron). */
static const char *home_dir(void)
{
	const char *home = getenv("HOME");
	const struct passwd *user = home ? NULL : getpwuid(getuid());

	return user ? user->pw_dir : home;
}

/* ${XDG_CONFIG_HOME:-~/.config}/stray/stray.conf; NULL: there is no known home. */
static int home_file(char **ret)
{
	const char *dir = getenv("XDG_CONFIG_HOME"), *home = home_dir();
	int r;

	*ret = NULL;
	/* The XDG specification: a relative one is to be ignored. */
	if (dir && *dir == '/')
		r = asprintf(ret, "%s/stray/stray.conf", dir);
	else if (home && *home == '/')
		r = asprintf(ret, "%s/.config/stray/stray.conf", home);
	else
		return 0;
	if (r < 0)
		*ret = NULL;
	return r < 0 ? -ENOMEM : 0;
}

static int read_usual_file(struct config *config, struct strbuf *error)
{
	_cleanup_free_ char *home = NULL;
	int r = home_file(&home);

	if (r < 0)
		return r;
	r = home ? read_file(config, home, false, error) : -ENOENT;
	if (r == -ENOENT)
		r = read_file(config, "/etc/stray.conf", false, error);
	return r == -ENOENT ? 0 : r;
}

static int apply_options(struct config *config, const struct options *options, struct strbuf *error)
{
	for (size_t i = 0; i < options->nr_settings; i++) {
		const struct setting_option *o = &options->settings[i];
		const struct setting *setting = setting_find(SECTION_SWEEP, o->key);
		_cleanup_strbuf_ struct strbuf wanted = STRBUF_INIT, where = STRBUF_INIT;
		int r = setting ? setting_set(config, setting, o->value, &wanted) : -EINVAL;

		if (r == -EINVAL) {
			strbuf_reset(error);
			strbuf_addf(error, "'--%s' wants %s, not '", o->key, wanted.buf);
			escape_text(error, o->value);
			strbuf_addch(error, '\'');
			return error->failed ? -ENOMEM : r;
		}
		/* A list has the file's names too. */
		const struct origin *old = find_origin(config, "sweep", o->key);
		if (r == 0 && old && setting->type == SETTING_LIST &&
		    strcmp(old->where, "command line") != 0)
			strbuf_addf(&where, "%s, ", old->where);
		strbuf_addstr(&where, "command line");
		if (r == 0)
			r = where.failed ? -ENOMEM : set_origin(config, "sweep", o->key, where.buf);
		if (r < 0)
			return r;
	}
	return 0;
}

static int load(const char *file, bool usual, const struct options *options,
		struct config *ret_config, struct strbuf *error)
{
	struct config c = { .settings = engine_defaults, .view = VIEW_SETTINGS_INIT };
	int r = policy_new(&c.policy);

	if (r < 0)
		return r;
	c.builtin_adopters = c.policy->adopters.nr;
	if (file)
		r = read_file(&c, file, true, error);
	else if (usual)
		r = read_usual_file(&c, error);
	if (r == 0)
		r = apply_options(&c, options, error);
	if (r < 0) {
		config_release(&c);
		return r;
	}
	*ret_config = c;
	return 0;
}

int config_load(const struct options *options, struct config *ret_config, struct strbuf *error)
{
	/* A demo is the same for every user, unless a file is asked for. */
	return load(options->config, !options->demo, options, ret_config, error);
}

int config_load_file(const char *file, const struct options *options, struct config *ret_config,
		     struct strbuf *error)
{
	return load(file, false, options, ret_config, error);
}

void config_release(struct config *config)
{
	policy_unref(config->policy);
	strings_release(&config->disabled);
	for (size_t i = 0; i < config->nr_origins; i++) {
		free(config->origins[i].section);
		free(config->origins[i].key);
		free(config->origins[i].where);
	}
	free(config->origins);
	free(config->file);
	*config = (struct config){ 0 };
}
