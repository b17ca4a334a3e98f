/* SPDX-License-Identifier: MIT */
/* One profile: its marker values, its desktops, and the pids that name its owners. */
#include "stray/app.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/parse.h"
#include "core/name.h"

void app_clear(struct app *app)
{
	free(app->name);
	strings_release(&app->markers);
	strings_release(&app->filters);
	strings_release(&app->except);
	strings_release(&app->desktops);
	strings_release(&app->helpers);
	strings_release(&app->named);
	strings_release(&app->data);
	free(app->default_instance);
	free(app->receipts);
	free(app->generation);
	free(app->origin);
	*app = (struct app){ 0 };
}

/* --- marker values ---------------------------------------------------------------- */

/* The glob of a filter NAME=GLOB that is for this name, or NULL. */
static const char *glob_for(const char *filter, const char *name, size_t len)
{
	return strncmp(filter, name, len) == 0 && filter[len] == '=' ? filter + len + 1 : NULL;
}

static bool has_filter(const struct app *app, const char *name, size_t len)
{
	for (size_t i = 0; i < app->filters.nr; i++)
		if (glob_for(app->filters.items[i], name, len))
			return true;
	return false;
}

static int add_filter(struct app *app, const char *name, size_t len, const char *glob,
		      size_t glob_len)
{
	char *filter = malloc(len + glob_len + 2);
	int r;

	if (!filter)
		return -ENOMEM;
	memcpy(filter, name, len);
	filter[len] = '=';
	memcpy(filter + len + 1, glob, glob_len);
	filter[len + 1 + glob_len] = '\0';
	r = strings_add(&app->filters, filter, len + glob_len + 1);
	free(filter);
	return r;
}

int app_add_marker(struct app *app, const char *name, size_t len, const char *glob, size_t glob_len)
{
	bool there = strings_has(&app->markers, name, len);
	int r = there ? 0 : strings_add(&app->markers, name, len);

	/* Once with a glob and once without: every value counts. */
	if (r || (there && !has_filter(app, name, len)))
		return r;
	if (glob)
		return add_filter(app, name, len, glob, glob_len);
	return there ? add_filter(app, name, len, "*", 1) : 0;
}

bool app_names_instance(const struct app *app, const char *name, struct bytes value)
{
	bool filtered = false;

	if (!value.len || strings_match(&app->except, value))
		return false;
	for (size_t i = 0; i < app->filters.nr; i++) {
		const char *glob = glob_for(app->filters.items[i], name, strlen(name));

		if (glob && glob_matches(glob, value))
			return true;
		filtered = filtered || glob;
	}
	return !filtered;
}

/* --- desktops ------------------------------------------------------------------------ */

static bool is_path_glob(const char *entry)
{
	return entry[0] == '/' || (entry[0] == '*' && entry[1] == '/');
}

static bool has_path(const struct app *app, struct bytes path)
{
	for (size_t i = 0; i < app->desktops.nr; i++)
		if (is_path_glob(app->desktops.items[i]) &&
		    glob_matches(app->desktops.items[i], path))
			return true;
	return false;
}

/* Does one of the arguments say that this is a helper of the desktop, and not itself one? */
static bool is_helper(const struct app *app, const struct process *proc)
{
	struct bytes arg;
	size_t at = 0;

	while (app->helpers.nr && args_next(proc->args, &at, &arg))
		if (strings_has(&app->helpers, arg.data, arg.len))
			return true;
	return false;
}

static bool has_desktop_name(const struct app *app, const struct process *proc)
{
	struct bytes comm = bytes_of(proc->comm), name;
	size_t at = 0;

	/* A comm of 15 bytes may be the beginning of a longer name: it proves nothing alone. */
	if (comm.len < COMM_MAX && strings_has(&app->desktops, comm.data, comm.len))
		return true;
	name = name_of_exe(proc);
	if (strings_has(&app->desktops, name.data, name.len))
		return true;
	name = name_of_argv0(proc);
	if (strings_has(&app->desktops, name.data, name.len))
		return true;
	name = name_of_script(proc);
	if (name.len && strings_has(&app->desktops, name.data, name.len))
		return true;
	return has_path(app, path_of_exe(proc)) ||
	       (args_next(proc->args, &at, &name) && has_path(app, name));
}

bool app_is_desktop(const struct app *app, const struct process *proc)
{
	if (proc->kernel_thread || proc->dead || !app->desktops.nr)
		return false;
	return has_desktop_name(app, proc) && !is_helper(app, proc);
}

/* --- owner = pid ------------------------------------------------------------------- */

/* Is it nothing, or a dot and at least one byte that is neither a digit nor a dot? */
static bool is_extension(struct bytes text)
{
	if (!text.len)
		return true;
	if (text.data[0] != '.' || text.len == 1)
		return false;
	for (size_t i = 1; i < text.len; i++)
		if ((text.data[i] >= '0' && text.data[i] <= '9') || text.data[i] == '.')
			return false;
	return true;
}

int app_parse_owner(struct bytes value, pid_t *ret_pid, uint64_t *ret_start_ticks)
{
	const char *slash = value.len ? memrchr(value.data, '/', value.len) : NULL;
	uint64_t pid, start = 0;
	size_t digits;

	if (slash)
		value = (struct bytes){ slash + 1, (size_t)(value.data + value.len - slash - 1) };
	digits = parse_digits(value.data, value.len, INT32_MAX, &pid);
	if (!digits || pid <= 1)
		return -EINVAL;
	value = (struct bytes){ value.data + digits, value.len - digits };
	if (slash && !is_extension(value))
		return -EINVAL;
	if (!slash && value.len) {
		if (value.data[0] != ':')
			return -EINVAL;
		digits = parse_digits(value.data + 1, value.len - 1, UINT64_MAX, &start);
		if (!digits || digits + 1 < value.len)
			return -EINVAL;
	}
	*ret_pid = (pid_t)pid;
	*ret_start_ticks = start;
	return 0;
}
