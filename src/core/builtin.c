/* SPDX-License-Identifier: MIT */
#include "core/builtin.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* Where Tauri apps keep what is theirs, by the id. */
#define TAURI_DATA                                                                                 \
	{                                                                                          \
		"${XDG_DATA_HOME}/%i", "${XDG_CONFIG_HOME}/%i", "${XDG_CACHE_HOME}/%i"             \
	}
#define AGENT_RECEIPTS "${XDG_DATA_HOME}/%i/agents/agent-pids"

/* Lists end with NULL. */
static const struct builtin_app {
	const char *name;
	const char *marker;
	const char *filter; /* glob of the marker's values; NULL: each */
	const char *except[5];
	const char *desktops[5];
	const char *helper;
	const char *named;
	const char *data[4];
	enum app_owner owner;
	enum app_sweep sweep;
	bool no_inherit, stdio;
	const char *default_instance;
	const char *receipts;
	const char *generation;
} builtin_apps[] = {
	{
		.name = "sprout",
		.marker = "SPROUT_MANAGED_AGENT",
		.desktops = { "sprout-desktop", "sprout_desktop", "Sprout" },
		.default_instance = "xyz.block.sprout.app",
		.named = "xyz.block.sprout.app.dev*",
		.data = TAURI_DATA,
		.receipts = AGENT_RECEIPTS,
	},
	{
		.name = "buzz",
		.marker = "BUZZ_MANAGED_AGENT",
		/* Other programs read the marker as a flag, and stamp that on what they start. */
		.except = { "1", "0", "true", "false" },
		.desktops = { "Buzz", "buzz-desktop", "buzz_desktop", "buzz-desktop.bin" },
		.helper = "--buzz-agent-session-supervisor",
		.default_instance = "xyz.block.buzz.app",
		.named = "xyz.block.buzz.app.dev*",
		.data = TAURI_DATA,
		.receipts = AGENT_RECEIPTS,
		.generation = "BUZZ_MANAGED_AGENT_START_NONCE",
	},
	{
		/* What --run and --check -- CMD stamp on the command they wrap. */
		.name = "stray",
		.marker = "STRAY_INSTANCE",
		.owner = APP_OWNER_PID,
	},
	{
		/* Dead stdio servers that carry no marker. */
		.name = "stdio",
		.stdio = true,
		.sweep = APP_SWEEP_NO,
	},
	{
		/* The socket's path names the owner: .../cc-socks/52.sock. */
		.name = "claude-code",
		.marker = "CLAUDE_CODE_MESSAGING_SOCKET",
		.owner = APP_OWNER_PID,
		.desktops = { "claude", "claude.exe", "*/claude/versions/*" },
		.sweep = APP_SWEEP_STDIO,
	},
	{
		.name = "opencode",
		.marker = "OPENCODE_PID",
		.owner = APP_OWNER_PID,
		.desktops = { "opencode" },
		.sweep = APP_SWEEP_STDIO,
	},
	{
		.name = "qwen-code",
		.marker = "QWEN_CODE_MESSAGING_SOCKET",
		.owner = APP_OWNER_PID,
		.desktops = { "qwen" },
		.sweep = APP_SWEEP_STDIO,
	},
	{
		.name = "copilot-cli",
		.marker = "COPILOT_LOADER_PID",
		.owner = APP_OWNER_PID,
		.desktops = { "copilot" },
		.sweep = APP_SWEEP_STDIO,
	},
	{
		.name = "vscode",
		.marker = "VSCODE_PID",
		.owner = APP_OWNER_PID,
		.sweep = APP_SWEEP_STDIO,
	},
	{
		/* One Runner.Worker for each job; a job that opts out clears the id, or sets 0. */
		.name = "github-runner",
		.marker = "RUNNER_TRACKING_ID",
		.filter = "github_*",
		.except = { "0" },
		.desktops = { "Runner.Worker" },
		.no_inherit = true,
	},
};

/*
 * Init systems, also where they run as subreapers; WSL's; the inits of containers, and
 * what stands above those.
 */
const char *const builtin_adopters[] = {
	"systemd",     "init",	      "init(*)",   "Relay(*)",	"tini",
	"docker-init", "podman-init", "dumb-init", "catatonit", "containerd-shim",
	"conmon",      "s6-svscan",   "runsvdir",  NULL,
};

const char *const builtin_waiters[] = { "tail", "sleep", "cat", "pause", NULL };

const char *const builtin_container_inits[] = {
	"tini", "docker-init", "podman-init", "dumb-init", "catatonit", NULL,
};

static int copy_text(char **ret, const char *text)
{
	if (!text)
		return 0;
	*ret = strdup(text);
	return *ret ? 0 : -ENOMEM;
}

static int copy_list(struct strings *list, const char *const *from, size_t nr)
{
	int r = 0;

	for (size_t i = 0; !r && i < nr && from[i]; i++)
		r = strings_add(list, from[i], strlen(from[i]));
	return r;
}

static int add_app(struct policy *p, const struct builtin_app *from)
{
	struct app *app = policy_replace_app(p, from->name, "built-in");
	int r = app ? 0 : -ENOMEM;

	if (!r && from->marker)
		r = app_add_marker(app, from->marker, strlen(from->marker), from->filter,
				   from->filter ? strlen(from->filter) : 0);
	if (!r)
		r = copy_list(&app->except, from->except, ARRAY_SIZE(from->except));
	if (!r)
		r = copy_list(&app->desktops, from->desktops, ARRAY_SIZE(from->desktops));
	if (!r)
		r = copy_list(&app->helpers, &from->helper, 1);
	if (!r)
		r = copy_list(&app->named, &from->named, 1);
	if (!r)
		r = copy_list(&app->data, from->data, ARRAY_SIZE(from->data));
	if (!r)
		r = copy_text(&app->default_instance, from->default_instance);
	if (!r)
		r = copy_text(&app->receipts, from->receipts);
	if (!r)
		r = copy_text(&app->generation, from->generation);
	if (r)
		return r;
	app->owner = from->owner;
	app->sweep = from->sweep;
	app->no_inherit = from->no_inherit;
	app->stdio = from->stdio;
	return 0;
}

int builtin_add_apps(struct policy *p)
{
	int r = 0;

	for (size_t i = 0; !r && i < ARRAY_SIZE(builtin_apps); i++)
		r = add_app(p, &builtin_apps[i]);
	return r;
}
