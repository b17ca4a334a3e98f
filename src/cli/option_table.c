#include "cli/options.h"

#include <string.h>

#include "base/array.h"

#define M(mode) (1u << MODE_##mode)
#define LOOK (M(VIEW) | M(LIST) | M(SWEEP) | M(CHECK) | M(EXPLAIN))
#define FACES (LOOK | M(REAP) | M(RUN))
#define CONFIGURED (FACES | M(PRINT_CONFIG))
#define AT(member) .offset = offsetof(struct options, member)

static const char *const format_words[] = { "text", "json", "junit", "github", NULL };
static const char *const colour_words[] = { "auto", "always", "never", NULL };
static const char *const bool_words[] = { "yes", "no", NULL };
static const char *const shell_words[] = { "bash", "zsh", "fish", NULL };
static const char *const face_words[] = { "view", "list",    "sweep",	      "check", "reap",
					  "run",  "explain", "print-config", NULL };

/* In the order of the help texts. */
const struct option_row option_rows[] = {
	{ .name = "list", .type = OPTION_FACE, .group = GROUP_FACES, .face = MODE_LIST,
	  .help = "print who is managed, and whose owner is gone, once" },
	{ .name = "sweep", .type = OPTION_FACE, .group = GROUP_FACES, .face = MODE_SWEEP,
	  .help = "end what was an orphan on enough ticks, unattended" },
	{ .name = "check", .type = OPTION_FACE, .group = GROUP_FACES, .face = MODE_CHECK,
	  .command = true, .help = "exit 1 if agents are left over, or if CMD leaves some" },
	{ .name = "reap", .type = OPTION_FACE, .group = GROUP_FACES, .face = MODE_REAP,
	  .argument = "INSTANCE", .of = OPTION_STRING, AT(reap_instance),
	  .help = "end the agents of this instance now" },
	{ .name = "run", .type = OPTION_FACE, .group = GROUP_FACES, .face = MODE_RUN,
	  .command = true, .help = "run CMD, and end what it leaves behind" },
	{ .name = "explain", .type = OPTION_FACE, .group = GROUP_FACES, .face = MODE_EXPLAIN,
	  .argument = "PID", .of = OPTION_PID, AT(explain_pid),
	  .help = "say why this process is kept, or would be ended" },
	{ .name = "print-config", .type = OPTION_FACE, .group = GROUP_FACES,
	  .face = MODE_PRINT_CONFIG, .help = "print what is in force, and where it came from" },
	{ .name = "version", .type = OPTION_FACE, .group = GROUP_FACES, .face = MODE_VERSION,
	  .help = "print the version" },
	{ .name = "help", .type = OPTION_FACE, .group = GROUP_FACES, .face = MODE_HELP,
	  .argument = "FACE", .of = OPTION_WORD, .optional = true, .words = face_words,
	  AT(help_face), .help = "print this, or the options of one face" },
	{ .name = "demo", .type = OPTION_FLAG, .group = GROUP_FACES, .modes = CONFIGURED, AT(demo),
	  .help = "with any face, on a private fleet of harmless agents" },

	{ .name = "uid", .type = OPTION_UID, .group = GROUP_WHOSE, .argument = "UID",
	  .modes = LOOK | M(REAP), .help = "processes of another user (root)" },
	{ .name = "all-users", .type = OPTION_FLAG, .group = GROUP_WHOSE, .modes = LOOK,
	  AT(all_users), .help = "processes of every user (root)" },
	{ .name = "instance", .type = OPTION_STRING, .group = GROUP_WHOSE, .argument = "GLOB",
	  .modes = M(VIEW) | M(LIST) | M(SWEEP) | M(CHECK), AT(instance),
	  .help = "only instances that match" },
	{ .name = "app", .type = OPTION_STRING, .group = GROUP_WHOSE, .argument = "NAME",
	  .modes = M(VIEW) | M(LIST) | M(SWEEP) | M(CHECK) | M(REAP), AT(app),
	  .help = "only instances of this app" },
	{ .name = "config", .type = OPTION_STRING, .group = GROUP_WHOSE, .argument = "FILE",
	  .modes = CONFIGURED, .file = true, AT(config),
	  .help = "read this configuration, not the usual one" },

	{ .name = "once", .type = OPTION_FLAG, .group = GROUP_SWEEP, .modes = M(SWEEP), AT(once),
	  .help = "one tick, then exit" },
	{ .name = "dry-run", .type = OPTION_FLAG, .group = GROUP_SWEEP,
	  .modes = M(SWEEP) | M(REAP), AT(dry_run), .help = "decide everything, signal nobody" },
	{ .name = "interval", .type = OPTION_SETTING, .group = GROUP_SWEEP, .argument = "TIME",
	  .modes = M(VIEW) | M(SWEEP) | M(PRINT_CONFIG), .help = "between two ticks (60s)" },
	{ .name = "grace", .type = OPTION_SETTING, .group = GROUP_SWEEP, .argument = "TICKS",
	  .modes = LOOK | M(PRINT_CONFIG), .help = "ticks an orphan must be seen on (2)" },
	{ .name = "term-timeout", .type = OPTION_SETTING, .group = GROUP_SWEEP,
	  .argument = "TIME",
	  .modes = CONFIGURED & ~(M(LIST) | M(EXPLAIN)), .help = "from SIGTERM to SIGKILL (5s)" },
	{ .name = "spare-listeners", .type = OPTION_SETTING, .group = GROUP_SWEEP,
	  .argument = "TIME", .modes = LOOK | M(PRINT_CONFIG),
	  .help = "keep who listens on a port so long (1h)" },
	{ .name = "reap-detached", .type = OPTION_SETTING, .group = GROUP_SWEEP,
	  .argument = "BOOL", .optional = true, .words = bool_words,
	  .modes = LOOK | M(PRINT_CONFIG), .help = "end detached processes too" },
	{ .name = "max-kill", .type = OPTION_SETTING, .group = GROUP_SWEEP, .argument = "N",
	  .modes = M(VIEW) | M(SWEEP) | M(PRINT_CONFIG),
	  .help = "refuse a tick that would end more" },
	{ .name = "keep", .type = OPTION_SETTING, .group = GROUP_SWEEP, .argument = "NAMES",
	  .modes = CONFIGURED, .help = "programs to leave alone, besides the built-in ones" },
	{ .name = "adopter", .type = OPTION_SETTING, .group = GROUP_SWEEP, .argument = "NAMES",
	  .modes = CONFIGURED, .help = "programs that adopt orphans, besides those" },
	{ .name = "metrics", .type = OPTION_STRING, .group = GROUP_SWEEP, .argument = "FILE",
	  .modes = M(SWEEP), .file = true, AT(metrics),
	  .help = "write Prometheus text there, each tick" },
	{ .name = "metrics-instances", .type = OPTION_FLAG, .group = GROUP_SWEEP,
	  .modes = M(SWEEP), AT(metrics_instances), .help = "with figures for each instance" },

	{ .name = "settle", .type = OPTION_TIME, .group = GROUP_CHECK, .argument = "TIME",
	  .modes = M(CHECK) | M(REAP), AT(settle_ms),
	  .help = "wait so long for things to end by themselves (2s)" },
	{ .name = "force", .type = OPTION_FLAG, .group = GROUP_CHECK, .modes = M(REAP), AT(force),
	  .help = "although the owner is alive or unknown" },
	{ .name = "baseline", .type = OPTION_STRING, .group = GROUP_CHECK, .argument = "FILE",
	  .modes = M(CHECK), .file = true, AT(baseline),
	  .help = "forgive what stands in this --list --json" },
	{ .name = "kill", .type = OPTION_FLAG, .group = GROUP_CHECK, .modes = M(CHECK), AT(kill),
	  .help = "end the leaks after listing them" },

	{ .name = "json", .type = OPTION_PRESET, .group = GROUP_OUTPUT, .value = "json",
	  .modes = LOOK & ~M(VIEW), AT(format), .help = "print JSON" },
	{ .name = "format", .type = OPTION_WORD, .group = GROUP_OUTPUT, .argument = "FORM",
	  .modes = M(CHECK), .words = format_words, AT(format),
	  .help = "text, json, junit or github" },
	{ .name = "output", .type = OPTION_STRING, .group = GROUP_OUTPUT, .argument = "FILE",
	  .modes = M(CHECK), .file = true, AT(output), .help = "write there, whole or not at all" },
	{ .name = "show-args", .type = OPTION_FLAG, .group = GROUP_OUTPUT,
	  .modes = M(LIST) | M(CHECK) | M(EXPLAIN), AT(show_args),
	  .help = "arguments too; they may hold secrets" },
	{ .name = "verbose", .type = OPTION_FLAG, .group = GROUP_OUTPUT,
	  .modes = M(SWEEP) | M(REAP), AT(verbose), .help = "say when there was nothing to do" },
	{ .name = "color", .type = OPTION_COLOUR, .group = GROUP_OUTPUT, .argument = "WHEN",
	  .modes = LOOK, .words = colour_words, AT(colour), .help = "auto, always or never" },
	{ .name = "no-color", .type = OPTION_COLOUR, .group = GROUP_OUTPUT, .modes = LOOK,
	  AT(colour), .help = "never" },

	{ .name = "delay", .type = OPTION_TIME, .group = GROUP_VIEW, .argument = "TIME",
	  .modes = M(VIEW), .min_ms = 100, AT(delay_ms), .help = "between two looks (2s)" },
	{ .name = "arm", .type = OPTION_FLAG, .group = GROUP_VIEW, .modes = M(VIEW), AT(arm),
	  .help = "begin with the sweep armed" },
	{ .name = "letters", .type = OPTION_FLAG, .group = GROUP_VIEW, .modes = M(VIEW),
	  AT(letters), .help = "letters instead of function keys" },
	{ .name = "no-mouse", .type = OPTION_FLAG, .group = GROUP_VIEW, .modes = M(VIEW),
	  AT(no_mouse), .help = "leave the mouse to the terminal" },
	{ .name = "ascii", .type = OPTION_FLAG, .group = GROUP_VIEW, .modes = M(VIEW), AT(ascii),
	  .help = "draw with ASCII only" },

	{ .name = "completion", .type = OPTION_FACE, .group = GROUP_HIDDEN,
	  .face = MODE_COMPLETION, .argument = "SHELL", .of = OPTION_WORD, .words = shell_words,
	  AT(shell), .help = "print the completion of a shell" },
};

const size_t nr_option_rows = ARRAY_SIZE(option_rows);

/* The parser notes which were given in one word. */
_Static_assert(ARRAY_SIZE(option_rows) <= 64, "too many options");

const struct option_row *option_find(const char *name, size_t len)
{
	for (size_t i = 0; i < nr_option_rows; i++)
		if (strlen(option_rows[i].name) == len &&
		    memcmp(option_rows[i].name, name, len) == 0)
			return &option_rows[i];
	return NULL;
}

static const char *const mode_names[MODE_NR] = {
	[MODE_VIEW] = "the view",
	[MODE_LIST] = "--list",
	[MODE_SWEEP] = "--sweep",
	[MODE_CHECK] = "--check",
	[MODE_REAP] = "--reap",
	[MODE_RUN] = "--run",
	[MODE_EXPLAIN] = "--explain",
	[MODE_PRINT_CONFIG] = "--print-config",
	[MODE_VERSION] = "--version",
	[MODE_HELP] = "--help",
	[MODE_COMPLETION] = "--completion",
};

const char *mode_option_name(enum mode_id mode)
{
	return mode_names[mode];
}
