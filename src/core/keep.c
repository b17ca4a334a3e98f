/* SPDX-License-Identifier: MIT */
/*
 * The keep list: programs that outlive their starter on purpose and carry other
 * people's work. An agent that starts a tmux server hands it its marker, and so
 * marks everything that the user later runs in it.
 */
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/bytes.h"
#include "core/name.h"
#include "stray/policy.h"

/* Options of ssh(1) that stand alone, and those that a value follows. */
static const char ssh_flags[] = "1246AaCfGgKkMNnqsTtVvXxYy";
static const char ssh_valued[] = "BbcDEeFIiJLlmOoPpQRSWw";

/* Does this value of -o ask for a control master: "ControlMaster=auto"? */
static bool asks_for_master(const char *value)
{
	static const char key[] = "controlmaster";

	value += strspn(value, " \t");
	if (strncasecmp(value, key, sizeof(key) - 1) != 0)
		return false;
	value += sizeof(key) - 1;
	return value[strspn(value, " \t=")] && strcasecmp(value + strspn(value, " \t="), "no") != 0;
}

/*
 * ssh(1) with the option @flag, in whatever cluster of options, or with -o ControlMaster
 * where that is meant (@master). What follows the host is another program's, save for
 * options right behind it.
 */
static bool has_ssh_option(const struct process *proc, char flag, bool master)
{
	size_t at = 0;
	bool host = false, value = false, option = false;

	for (bool program = true; at < proc->args.len; program = false) {
		const char *arg = proc->args.data + at;

		at += strnlen(arg, proc->args.len - at) + 1;
		if (at > proc->args.len) /* the last one lacks its NUL */
			return false;
		if (master && value && option && asks_for_master(arg))
			return true;
		if (program || value) {
			value = false;
			continue;
		}
		if (arg[0] != '-') {
			if (host)
				return false;
			host = true;
			continue;
		}
		for (arg++; *arg && strchr(ssh_flags, *arg); arg++)
			if (*arg == flag)
				return true;
		option = *arg == 'o';
		if (master && option && arg[1] && asks_for_master(arg + 1))
			return true;
		value = *arg && strchr(ssh_valued, *arg) && !arg[1];
	}
	return false;
}

static bool is_ssh_master(const struct process *proc)
{
	return has_ssh_option(proc, 'M', true);
}

/* ssh -N runs no command: it is there for its tunnels, which others use. */
static bool is_ssh_tunnel(const struct process *proc)
{
	return has_ssh_option(proc, 'N', false);
}

/* Both must hold: the name (a glob), and where given, a text in the arguments. */
const struct keep_rule builtin_keep[] = {
	{ .name = "tmux: server" },
	{ .name = "screen" },
	{ .name = "SCREEN" }, /* what its server calls itself */
	{ .name = "screen-[0-9]*" },
	{ .name = "zellij" },
	{ .name = "dtach" },
	{ .name = "abduco" },
	{ .name = "ssh-agent" },
	{ .name = "ssh", .argument = "ControlMaster", .holds = is_ssh_master },
	/* What a control master calls itself once it is in the background. */
	{ .name = "ssh", .argument = "[mux]" },
	{ .name = "ssh: *\\[mux\\]" },
	{ .name = "ssh", .argument = "-N", .holds = is_ssh_tunnel },
	{ .name = "mosh-server" },
	{ .name = "tmate" },
	{ .name = "tmate: server" },
	{ .name = "shpool" },
	{ .name = "wezterm-mux-server" },
	{ .name = "gpg-agent" },
	{ .name = "scdaemon" },
	{ .name = "dirmngr" },
	{ .name = "keyboxd" },
	{ .name = "tpm2daemon" },
	{ .name = "pinentry*" },
	{ .name = "dbus-daemon" },
	{ .name = "dbus-broker" },
	{ .name = "dbus-broker-launch" },
	{ .name = "gnome-keyring-daemon" },
	{ .name = "kwalletd*" },
	{ .name = "ksecretd" },
	{ .name = "oo7-daemon" },
	{ .name = "PM2 v*: God*" },
	{ .name = "*", .argument = "God Daemon" },
	{ .name = "emacs*", .argument = "--daemon" },
	{ .name = "emacs*", .argument = "--bg-daemon" },
	{ .name = "emacs*", .argument = "--fg-daemon" },
	{ .name = "emacs*",
	  .argument = "-daemon" }, /* emacs takes long options with one dash, too */
	{ .name = "emacs*", .argument = "-bg-daemon" },
	{ .name = "emacs*", .argument = "-fg-daemon" },
	{ .name = "nvim", .argument = "--headless" },
	{ .name = "kak", .argument = "-d" },
	{ .name = "pulseaudio" },
	{ .name = "pipewire" },
	{ .name = "pipewire-pulse" },
	{ .name = "wireplumber" },
	{ .name = "wineserver*" }, /* wineserver32, wineserver64 */
	{ .name = "VBoxSVC" },
	{ .name = "adb" },
	{ .name = "conmon" },
	{ .name = "pasta" },
	{ .name = "pasta.avx2" },
	{ .name = "slirp4netns" },
	{ .name = "rootlessport" },
	{ .name = "rootlessport-child" },
	{ .name = "aardvark-dns" },
	{ .name = "git", .argument = "fsmonitor--daemon" },
	{ .name = "git", .argument = "credential-cache--daemon" },
	{ .name = "git-credential-cache--daemon" }, /* its own program, where git execs that */
	{ .name = "java", .argument = "org.gradle.launcher.daemon.bootstrap.GradleDaemon" },
	{ .name = "java", .argument = "org.jetbrains.kotlin.daemon.KotlinCompileDaemon" },
	{ .name = "bazel(*" }, /* the server puts the workspace behind it */
	{ .name = "sccache" },
	{ .name = "watchman" },
};

const size_t nr_builtin_keep = ARRAY_SIZE(builtin_keep);

static bool has_name(const char *glob, const struct process *proc)
{
	/* A title is no path: "ssh: /home/u/.ssh/cm [mux]" has no base name. */
	struct bytes title = { proc->args.data, strnlen(proc->args.data ?: "", proc->args.len) };

	return glob_matches_comm(glob, proc->comm) || glob_matches(glob, name_of_exe(proc)) ||
	       glob_matches(glob, name_of_argv0(proc)) || glob_matches(glob, title);
}

/* Does an argument begin with @text, or the title (argv[0]) hold it? */
static bool has_argument(const char *text, const struct process *proc)
{
	size_t len = strlen(text), at = 0;
	bool first = true;

	while (at < proc->args.len) {
		const char *arg = proc->args.data + at;
		size_t arg_len = strnlen(arg, proc->args.len - at);

		if (arg_len >= len && memcmp(arg, text, len) == 0)
			return true;
		/* A program that sets its title writes everything into the first argument. */
		if (first && arg_len && memmem(arg, arg_len, text, len))
			return true;
		first = false;
		at += arg_len + 1;
	}
	return false;
}

static bool keeps(const struct keep_rule *rule, const struct process *proc)
{
	if (rule->holds ? !rule->holds(proc)
			: rule->argument && !has_argument(rule->argument, proc))
		return false;
	return has_name(rule->name, proc);
}

/* Does the glob match one of the arguments behind the program? */
static bool has_matching_argument(const char *glob, const struct process *proc)
{
	struct bytes arg;
	size_t at = 0;

	args_next(proc->args, &at, &arg);
	while (args_next(proc->args, &at, &arg))
		if (glob_matches(glob, arg))
			return true;
	return false;
}

bool keep_entry_matches(const char *entry, const struct process *proc)
{
	size_t len = strcspn(entry, " \t");
	const char *argument = entry + len + strspn(entry + len, " \t");
	char name[256];

	if (has_name(entry, proc) || glob_matches(entry, name_of_script(proc)))
		return true;
	if (!*argument || len >= sizeof(name))
		return false;
	memcpy(name, entry, len);
	name[len] = '\0';
	return (has_name(name, proc) || glob_matches(name, name_of_script(proc))) &&
	       has_matching_argument(argument, proc);
}

/* Does an entry of the list match it? */
static bool is_listed(const struct strings *list, const struct process *proc)
{
	for (size_t i = 0; i < list->nr; i++)
		if (keep_entry_matches(list->items[i], proc))
			return true;
	return false;
}

bool policy_allows(const struct policy *p, const struct process *proc)
{
	return is_listed(&p->allow, proc);
}

bool policy_is_kept(const struct policy *p, const struct process *proc)
{
	for (size_t i = 0; i < ARRAY_SIZE(builtin_keep); i++)
		if (keeps(&builtin_keep[i], proc))
			return true;
	return is_listed(&p->keep, proc) || is_listed(&p->allow, proc);
}
