/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "core/environ.h"
#include "engine/receipts.h"

/* Where a template's variables come from. */
struct places {
	struct bytes env;
	struct bytes home; /* empty: HOME of env */
};

/* The home, which must be an absolute path. */
static bool home_of(const struct places *places, struct bytes *ret_home)
{
	struct bytes home = places->home;

	if (!home.len && !environ_get(places->env, "HOME", &home))
		return false;
	if (!home.len || home.data[0] != '/')
		return false;
	*ret_home = home;
	return true;
}

/* Folders that are elsewhere below the home unless a variable says where. */
static const struct {
	const char *name, *below_home;
} base_folders[] = {
	{ "XDG_DATA_HOME", "/.local/share" },
	{ "XDG_CONFIG_HOME", "/.config" },
	{ "XDG_CACHE_HOME", "/.cache" },
	{ "XDG_STATE_HOME", "/.local/state" },
};

static const char *below_home(const char *variable)
{
	for (size_t i = 0; i < ARRAY_SIZE(base_folders); i++)
		if (strcmp(base_folders[i].name, variable) == 0)
			return base_folders[i].below_home;
	return NULL;
}

static int add_variable(struct strbuf *sb, const struct places *places, const char *name)
{
	const char *below = below_home(name);
	struct bytes value;

	if (strcmp(name, "HOME") == 0) {
		if (!home_of(places, &value))
			return -EINVAL;
		strbuf_add(sb, value.data, value.len);
		return 0;
	}
	if (environ_get(places->env, name, &value) && value.len &&
	    (!below || value.data[0] == '/')) {
		strbuf_add(sb, value.data, value.len);
		return 0;
	}
	/* Unset, empty or relative: the default of the XDG base directories. */
	if (!below || !home_of(places, &value))
		return -EINVAL;
	strbuf_add(sb, value.data, value.len);
	strbuf_addstr(sb, below);
	return 0;
}

/* One path component and nothing else, so that an id leads to no other folder. */
static bool is_component(struct bytes id)
{
	return id.len && !memchr(id.data, '/', id.len) && !memchr(id.data, '\0', id.len) &&
	       !bytes_is(id, ".") && !bytes_is(id, "..");
}

/* Expand what stands at @p: *ret_next is behind it. */
static int add_piece(struct strbuf *sb, const struct places *places, struct bytes id, const char *p,
		     const char **ret_next)
{
	const char *end;
	int r;

	if (p[0] == '%' && p[1] == 'i') {
		if (!is_component(id))
			return -EINVAL;
		strbuf_add(sb, id.data, id.len);
		*ret_next = p + 2;
		return 0;
	}
	if (p[0] == '$' && p[1] == '{' && (end = strchr(p, '}'))) {
		char *name = strndup(p + 2, (size_t)(end - p - 2));

		if (!name)
			return -ENOMEM;
		r = add_variable(sb, places, name);
		free(name);
		*ret_next = end + 1;
		return r;
	}
	if (p[0] == '$' || p[0] == '%')
		return -EINVAL;
	strbuf_addch(sb, p[0]);
	*ret_next = p + 1;
	return 0;
}

static int expand(const char *template, struct bytes id, const struct places *places,
		  char **ret_path)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT;
	const char *p = template;
	char *path;
	int r = 0;

	if (p[0] == '~' && (p[1] == '/' || !p[1])) {
		r = add_variable(&sb, places, "HOME");
		p++;
	}
	while (r == 0 && *p)
		r = add_piece(&sb, places, id, p, &p);
	if (r < 0)
		return r;
	if (sb.buf[0] != '/' && !sb.failed)
		return -EINVAL;
	path = strbuf_detach(&sb);
	if (!path)
		return -ENOMEM;
	*ret_path = path;
	return 0;
}

int receipts_expand(const char *template, struct bytes id, struct bytes env, char **ret_path)
{
	return expand(template, id, &(struct places){ .env = env }, ret_path);
}

int receipts_folder(const struct app *app, struct bytes id, struct bytes env, char **ret_path)
{
	if (!app->receipts)
		return -ENOENT;
	return expand(app->receipts, id, &(struct places){ .env = env }, ret_path);
}

/* Our own environment as one block. */
static int own_environ(struct strbuf *sb)
{
	for (char **entry = environ; entry && *entry; entry++)
		strbuf_add(sb, *entry, strlen(*entry) + 1);
	return sb->failed ? -ENOMEM : 0;
}

int receipts_folder_of_user(const struct app *app, struct bytes id, uid_t uid, char **ret_path)
{
	_cleanup_strbuf_ struct strbuf env = STRBUF_INIT;
	_cleanup_free_ char *room = NULL;
	struct places places = { 0 };
	struct passwd pw, *found = NULL;
	size_t size = 16384;

	if (!app->receipts)
		return -ENOENT;
	if (uid == getuid()) {
		if (own_environ(&env) < 0)
			return -ENOMEM;
		places.env = (struct bytes){ env.buf, env.len };
		return expand(app->receipts, id, &places, ret_path);
	}
	room = malloc(size);
	if (!room)
		return -ENOMEM;
	if (getpwuid_r(uid, &pw, room, size, &found) != 0 || !found || !found->pw_dir)
		return -EINVAL;
	places.home = bytes_of(found->pw_dir);
	return expand(app->receipts, id, &places, ret_path);
}
