/* SPDX-License-Identifier: MIT */
#include "stray/app.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/bytes.h"
#include "core/name.h"

/* The apps that are built in. A new one is one more row; lists end with NULL. */
static const struct builtin_app {
	const char *name;
	const char *markers[3];
	const char *desktops[5];
	bool owner_pid;
	const char *default_instance;
	const char *receipts;
} builtin_apps[] = {
	{
		.name = "sprout",
		.markers = { "SPROUT_MANAGED_AGENT" },
		.desktops = { "sprout-desktop", "sprout_desktop", "Sprout" },
		.default_instance = "xyz.block.sprout.app",
		.receipts = "${XDG_DATA_HOME}/%i/agents/agent-pids",
	},
	{
		.name = "buzz",
		.markers = { "BUZZ_MANAGED_AGENT" },
		.desktops = { "Buzz", "buzz-desktop", "buzz_desktop", "buzz-desktop.bin" },
		.default_instance = "xyz.block.buzz.app",
		.receipts = "${XDG_DATA_HOME}/%i/agents/agent-pids",
	},
	{
		/* What --run and --check -- CMD stamp on the command they wrap. */
		.name = "stray",
		.markers = { "STRAY_INSTANCE" },
		.owner_pid = true,
	},
};

/*
 * Who adopts the processes whose parent has ended, beside pid 1: init systems
 * that run as subreapers, and the inits of containers.
 */
static const char *const builtin_adopters[] = {
	"systemd",	   "init",   "tini",	    "docker-init", "dumb-init", "catatonit",
	"containerd-shim", "conmon", "podman-init", "s6-svscan",
};

static void app_clear(struct app *app)
{
	free(app->name);
	strings_release(&app->markers);
	strings_release(&app->desktops);
	free(app->default_instance);
	free(app->receipts);
	free(app->origin);
	*app = (struct app){ 0 };
}

struct app *policy_replace_app(struct policy *p, const char *name, const char *origin)
{
	struct app *app = NULL;

	for (size_t i = 0; i < p->nr_apps; i++)
		if (strcmp(p->apps[i].name, name) == 0)
			app = &p->apps[i];
	struct app fresh = { .name = strdup(name), .origin = strdup(origin) };
	if (!fresh.name || !fresh.origin ||
	    (!app && ARRAY_GROW(p->apps, p->nr_apps, p->alloc_apps) < 0)) {
		app_clear(&fresh);
		return NULL;
	}
	if (app)
		app_clear(app);
	else
		app = &p->apps[p->nr_apps++];
	*app = fresh;
	return app;
}

static int copy_text(char **ret, const char *text)
{
	if (!text)
		return 0;
	*ret = strdup(text);
	return *ret ? 0 : -ENOMEM;
}

static int add_builtin(struct policy *p, const struct builtin_app *from)
{
	struct app *app = policy_replace_app(p, from->name, "built-in");
	int r = app ? 0 : -ENOMEM;

	for (size_t i = 0; !r && i < ARRAY_SIZE(from->markers) && from->markers[i]; i++)
		r = strings_add(&app->markers, from->markers[i], strlen(from->markers[i]));
	for (size_t i = 0; !r && i < ARRAY_SIZE(from->desktops) && from->desktops[i]; i++)
		r = strings_add(&app->desktops, from->desktops[i], strlen(from->desktops[i]));
	if (!r)
		r = copy_text(&app->default_instance, from->default_instance);
	if (!r)
		r = copy_text(&app->receipts, from->receipts);
	if (!r)
		app->owner_pid = from->owner_pid;
	return r;
}

int policy_init(struct policy *p)
{
	int r = 0;

	*p = (struct policy){ 0 };
	for (size_t i = 0; !r && i < ARRAY_SIZE(builtin_apps); i++)
		r = add_builtin(p, &builtin_apps[i]);
	for (size_t i = 0; !r && i < ARRAY_SIZE(builtin_adopters); i++)
		r = strings_add(&p->adopters, builtin_adopters[i], strlen(builtin_adopters[i]));
	if (r)
		policy_release(p);
	return r;
}

void policy_release(struct policy *p)
{
	for (size_t i = 0; i < p->nr_apps; i++)
		app_clear(&p->apps[i]);
	free(p->apps);
	strings_release(&p->adopters);
	strings_release(&p->keep);
	strings_release(&p->allow);
	*p = (struct policy){ 0 };
}

const struct app *policy_find_app(const struct policy *p, const char *name)
{
	for (size_t i = 0; i < p->nr_apps; i++)
		if (strcmp(p->apps[i].name, name) == 0)
			return &p->apps[i];
	return NULL;
}

bool app_is_desktop(const struct app *app, const struct process *proc)
{
	struct bytes comm = bytes_of(proc->comm), exe, argv0;

	if (proc->kernel_thread || proc->dead || !app->desktops.nr)
		return false;
	/* A comm of 15 bytes may be the beginning of a longer name: it proves nothing alone. */
	if (comm.len < COMM_MAX && strings_has(&app->desktops, comm.data, comm.len))
		return true;
	exe = name_of_exe(proc);
	argv0 = name_of_argv0(proc);
	return strings_has(&app->desktops, exe.data, exe.len) ||
	       strings_has(&app->desktops, argv0.data, argv0.len);
}

/* A decimal number up to @max from the beginning of *text, which moves on behind it. */
static int parse_number(struct bytes *text, uint64_t max, uint64_t *ret)
{
	uint64_t value = 0;
	size_t i = 0;

	for (; i < text->len && text->data[i] >= '0' && text->data[i] <= '9'; i++) {
		uint64_t digit = (uint64_t)(text->data[i] - '0');

		if (value > (max - digit) / 10)
			return -EINVAL;
		value = value * 10 + digit;
	}
	if (!i)
		return -EINVAL;
	*text = (struct bytes){ text->data + i, text->len - i };
	*ret = value;
	return 0;
}

int app_parse_owner(struct bytes value, pid_t *ret_pid, uint64_t *ret_start_ticks)
{
	uint64_t pid, start = 0;

	if (parse_number(&value, INT32_MAX, &pid) < 0 || pid <= 1)
		return -EINVAL;
	if (value.len) {
		if (value.data[0] != ':')
			return -EINVAL;
		value = (struct bytes){ value.data + 1, value.len - 1 };
		if (parse_number(&value, UINT64_MAX, &start) < 0 || value.len)
			return -EINVAL;
	}
	*ret_pid = (pid_t)pid;
	*ret_start_ticks = start;
	return 0;
}

bool policy_is_marker(const struct policy *p, struct bytes name)
{
	for (size_t i = 0; i < p->nr_apps; i++)
		if (strings_has(&p->apps[i].markers, name.data, name.len))
			return true;
	return false;
}

bool policy_wants_variable(const struct policy *p, struct bytes name)
{
	return bytes_is(name, "STRAY_KEEP") || policy_is_marker(p, name);
}

bool policy_is_adopter(const struct policy *p, const struct process *parent)
{
	if (parent->id.pid == 1)
		return true;
	for (size_t i = 0; i < p->adopters.nr; i++)
		if (strncmp(p->adopters.items[i], parent->comm, COMM_MAX) == 0)
			return true;
	return false;
}
