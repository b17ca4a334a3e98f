/* SPDX-License-Identifier: MIT */
/*
 * Names: keep list, desktops and adopters. The first line is the comm, the second
 * the exe, the third a glob of the user's, the rest the arguments.
 */
#include "core/name.h"
#include "fuzz/fuzz.h"
#include "stray/policy.h"

/* A C string of at most @max bytes, cut at a NUL. */
static char *text_of(struct bytes line, size_t max)
{
	if (line.len > max)
		line.len = max;
	return exactly(line, 1);
}

/* Has one of the names, or a glob of a path, which is not looked at more closely? */
static bool has_name_of(const struct app *app, const char *comm, struct bytes exe,
			struct bytes argv0, struct bytes script)
{
	for (size_t i = 0; i < app->desktops.nr; i++)
		if (strchr(app->desktops.items[i], '/'))
			return true;
	return strings_has(&app->desktops, comm, strlen(comm)) ||
	       strings_has(&app->desktops, exe.data, exe.len) ||
	       strings_has(&app->desktops, argv0.data, argv0.len) ||
	       strings_has(&app->desktops, script.data, script.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	char *comm = text_of(input_line(&in), COMM_MAX), *exe = text_of(input_line(&in), 4096);
	char *glob = text_of(input_line(&in), 64);
	struct bytes args = input_rest(&in);
	struct process proc = { .id.pid = 5, .comm = comm, .exe = exe[0] ? exe : NULL };
	struct bytes exe_name, argv0, script;
	struct policy policy;
	bool kept;

	args.data = exactly(args, 0);
	proc.args = args;
	MUST(policy_init(&policy) == 0);
	exe_name = name_of_exe(&proc);
	argv0 = name_of_argv0(&proc);
	script = name_of_script(&proc);
	MUST(!script.len ||
	     (script.data > args.data && script.data + script.len <= args.data + args.len &&
	      !memchr(script.data, '/', script.len)));
	MUST(!exe_name.len || !memchr(exe_name.data, '/', exe_name.len));
	MUST(!argv0.len || !memchr(argv0.data, '/', argv0.len));
	MUST(argv0.len <= args.len &&
	     (!argv0.len || argv0.data + argv0.len <= args.data + args.len));

	kept = policy_is_kept(&policy, &proc);
	/* A name of the user's adds, and takes nothing away. */
	MUST(strings_add(&policy.keep, glob, strlen(glob)) == 0);
	MUST(!kept || policy_is_kept(&policy, &proc));
	MUST(strings_add(&policy.keep, "*", 1) == 0);
	/* Who has no name at all is nobody's; a title such as "/" is one without a base name. */
	MUST(policy_is_kept(&policy, &proc) == kept || comm[0] || exe_name.len ||
	     (args.len && args.data[0]));

	for (size_t i = 0; i < policy.nr_apps; i++) {
		bool named = app_is_desktop(&policy.apps[i], &proc);

		MUST(!named || has_name_of(&policy.apps[i], comm, exe_name, argv0, script));
		proc.dead = true;
		MUST(!app_is_desktop(&policy.apps[i], &proc));
		proc.dead = false;
	}
	MUST(!policy_is_adopter(&policy, &proc) || comm[0]);
	/* What adopts under another pid does so as pid 1. */
	bool adopter = policy_is_adopter(&policy, &proc);

	proc.id.pid = 1;
	MUST(!adopter || policy_is_adopter(&policy, &proc));
	policy_release(&policy);
	free(comm);
	free(exe);
	free(glob);
	free((char *)args.data);
	return 0;
}
