/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "stray/policy.h"

static int setup(void **state)
{
	static struct policy policy;

	*state = &policy;
	return policy_init(&policy);
}

static int teardown(void **state)
{
	policy_release(*state);
	return 0;
}

/* @args: arguments with `|` between them; NULL: none. */
static bool kept(const struct policy *p, const char *comm, const char *exe, const char *args)
{
	struct process proc = { .comm = comm, .exe = exe };
	char buf[600];
	size_t len = args ? strlen(args) + 1 : 0;

	assert_true(len <= sizeof(buf));
	for (size_t i = 0; i < len; i++)
		buf[i] = args[i] == '|' ? '\0' : args[i];
	proc.args = (struct bytes){ buf, len };
	return policy_is_kept(p, &proc);
}

/* One that matches each row of the built-in list and no other row. */
static void every_built_in_row_keeps_something(void **state)
{
	static const struct {
		const char *comm, *exe, *args;
	} rows[] = {
		{ "tmux: server", NULL, NULL },
		{ "screen", NULL, NULL },
		{ "screen-4.9.0", NULL, NULL },
		{ "zellij", NULL, NULL },
		{ "dtach", NULL, NULL },
		{ "abduco", NULL, NULL },
		{ "ssh-agent", NULL, NULL },
		{ "ssh", NULL, "ssh: /home/u/.ssh/cm-u@host:22 [mux]" },
		{ "ssh", NULL, "ssh|-o|ControlMaster=yes|host" },
		{ "ssh", NULL, "ssh|-oControlMaster=auto|host" },
		{ "ssh", NULL, "ssh|-MNf|host" },
		{ "ssh", NULL, "ssh|-fNM|-S|/run/x|host" },
		{ "ssh", NULL, "ssh|-v|-p|22|-M|host" },
		{ "ssh", NULL, "ssh|host|-M" },
		{ "ssh", NULL, "ssh|-S|/run/x|-o|controlmaster yes|host" },
		{ "sleep", NULL, "ssh: /home/u/.ssh/cm-u@host:22 [mux]" },
		{ "sleep", NULL, "SCREEN|-dmS|x" },
		{ "mosh-server", NULL, NULL },
		{ "gpg-agent", NULL, NULL },
		{ "scdaemon", NULL, NULL },
		{ "dirmngr", NULL, NULL },
		{ "keyboxd", NULL, NULL },
		{ "tpm2daemon", NULL, NULL },
		{ "pinentry-gtk-2", NULL, NULL },
		{ "dbus-daemon", NULL, NULL },
		{ "dbus-broker", NULL, NULL },
		{ "dbus-broker-lau", NULL, NULL },
		{ "x", "/usr/bin/dbus-broker-launch", NULL },
		{ "gnome-keyring-d", NULL, NULL },
		{ "kwalletd5", NULL, NULL },
		{ "kwalletd6", NULL, NULL },
		{ "ksecretd", NULL, NULL },
		{ "oo7-daemon", NULL, NULL },
		{ "PM2 v5.3.0: God", NULL, NULL },
		{ "node", NULL, "PM2 v5.3.0: God Daemon (/root/.pm2)" },
		{ "emacs", NULL, "emacs|--daemon" },
		{ "emacs-gtk", NULL, "emacs|--daemon=work" },
		{ "emacs", NULL, "emacs|--bg-daemon=work" },
		{ "emacs", NULL, "emacs|--fg-daemon" },
		{ "emacs", NULL, "emacs|-daemon" },
		{ "emacs", NULL, "emacs|-bg-daemon" },
		{ "emacs", NULL, "emacs|-fg-daemon" },
		{ "adb", NULL, "adb|-L|tcp:5037|fork-server|server" },
		{ "conmon", NULL, NULL },
		{ "pasta", NULL, NULL },
		{ "pasta.avx2", NULL, NULL },
		{ "slirp4netns", NULL, NULL },
		{ "rootlessport", NULL, NULL },
		{ "rootlessport-ch", NULL, NULL },
		{ "ssh", NULL, "ssh|-NL|8080:localhost:80|host" },
		{ "ssh", NULL, "ssh|-f|-N|host" },
		{ "tmate", NULL, NULL },
		{ "tmate: server", NULL, NULL },
		{ "shpool", NULL, "shpool|daemon" },
		{ "wezterm-mux-ser", NULL, NULL },
		{ "nvim", NULL, "nvim|--headless|--listen|/run/x" },
		{ "kak", NULL, "kak|-d|-s|work" },
		{ "pulseaudio", NULL, NULL },
		{ "pipewire", NULL, NULL },
		{ "pipewire-pulse", NULL, NULL },
		{ "wireplumber", NULL, NULL },
		{ "wineserver", NULL, NULL },
		{ "wineserver64", NULL, NULL },
		{ "VBoxSVC", NULL, NULL },
		{ "aardvark-dns", NULL, NULL },
		{ "git", NULL, "git|fsmonitor--daemon|run|--detach" },
		{ "git", NULL, "git|credential-cache--daemon|/home/u/.cache/git/socket" },
		{ "git-credential-", NULL, NULL },
		{ "java", NULL,
		  "java|-Xmx1g|org.gradle.launcher.daemon.bootstrap.GradleDaemon|8.5" },
		{ "java", NULL, "java|-cp|x|org.jetbrains.kotlin.daemon.KotlinCompileDaemon" },
		{ "java", NULL, "bazel(project)|-jar|A-server.jar" },
		{ "sccache", NULL, NULL },
		{ "watchman", NULL, NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (!kept(*state, rows[i].comm, rows[i].exe, rows[i].args))
			fail_msg("'%s' is not kept", rows[i].comm);
}

static void knows_it_by_comm_exe_or_argv0(void **state)
{
	assert_true(kept(*state, "x", "/usr/bin/zellij", NULL));
	assert_true(kept(*state, "x", "/usr/bin/zellij (deleted)", NULL));
	assert_true(kept(*state, "x", NULL, "/usr/local/bin/zellij|--server|/run/z"));
	assert_true(kept(*state, "x", NULL, "tmux: server"));
}

static void keeps_nothing_else(void **state)
{
	static const struct {
		const char *comm, *args;
	} rows[] = {
		{ "node", "node|server.js" },
		{ "tmux: client", "tmux|attach" },
		{ "tmux", "tmux" },
		{ "screens", "screens" },
		{ "screen-saver", "screen-saver" },
		{ "zellij2", "zellij2" },
		{ "ssh", "ssh|host|uptime" },
		{ "ssh", "ssh|host|-m|x" },
		{ "ssh", "ssh|host|grep|-M|x" },
		{ "ssh", "ssh|-i|-M|host" },
		{ "ssh", "ssh|-iM|host" },
		{ "ssh", "ssh|-S|/run/x|host" },
		{ "ssh", "ssh|-o|ControlMaster=no|host" },
		{ "ssh", "ssh|-oControlMaster=no|host" },
		{ "ssh", "ssh|-o|ControlPath=ControlMaster|host" },
		{ "ssh", "ssh|-p|ControlMaster=yes|host" },
		{ "ssh", "ssh|-o" },
		{ "node", "node|-M" },
		{ "ssh", "ssh|host|grep|-N|x" },
		{ "ssh", "ssh|-n|host" },
		{ "nvim", "nvim|notes" },
		{ "kak", "kak|notes" },
		{ "git", "git|fetch" },
		{ "java", "java|org.example.Main" },
		{ "sleep", "ssh: x" },
		{ "emacs", "emacs|notes.txt" },
		{ "python", "python|--daemon" },
		{ "node", "node|-M" },
		{ "ssh", "ssh|host|grep|-N|x" },
		{ "ssh", "ssh|-n|host" },
		{ "nvim", "nvim|notes" },
		{ "kak", "kak|notes" },
		{ "git", "git|fetch" },
		{ "java", "java|org.example.Main" },
		{ "node", "node|ControlMaster" },
		{ "adbx", "adbx" },
		{ "bash", "bash|-c|zellij" },
		{ "", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (kept(*state, rows[i].comm, NULL, rows[i].args))
			fail_msg("'%s' is kept", rows[i].comm);
}

static void a_cut_comm_is_the_beginning_of_a_name(void **state)
{
	struct policy *p = *state;

	/* "gnome-keyring-daemon" cut at 15 bytes; 14 bytes are no cut name. */
	assert_true(kept(p, "gnome-keyring-d", NULL, NULL));
	assert_false(kept(p, "gnome-keyring-", NULL, NULL));
	assert_false(kept(p, "gnome-keyring-x", NULL, NULL));
	/* Only a literal is cut: a glob has to match what is there. */
	assert_int_equal(strings_add(&p->keep, "my-long-d?emon-name", 19), 0);
	assert_false(kept(p, "my-long-d?emon-", NULL, NULL));
	assert_true(kept(p, "x", "/bin/my-long-daemon-name", NULL));
}

static void the_users_globs_are_added(void **state)
{
	struct policy *p = *state;

	assert_false(kept(p, "my-daemon", NULL, NULL));
	assert_false(kept(p, "jupyter-lab", NULL, NULL));
	assert_int_equal(strings_add(&p->keep, "my-daemon", 9), 0);
	assert_int_equal(strings_add(&p->keep, "jupyter*", 8), 0);
	assert_int_equal(strings_add(&p->keep, "db[0-9]", 7), 0);
	assert_true(kept(p, "my-daemon", NULL, NULL));
	assert_true(kept(p, "python3", NULL, "/usr/bin/jupyter-lab|--port=1"));
	assert_true(kept(p, "db7", NULL, NULL));
	assert_false(kept(p, "dbx", NULL, NULL));
	assert_false(kept(p, "my-daemon-2", NULL, NULL));
	/* The built-in ones stay. */
	assert_true(kept(p, "zellij", NULL, NULL));
}

static void a_glob_does_not_look_at_other_arguments(void **state)
{
	struct policy *p = *state;

	assert_int_equal(strings_add(&p->keep, "server.js", 9), 0);
	assert_false(kept(p, "node", NULL, "node|server.js"));
}

static void a_title_is_searched_an_argument_must_begin(void **state)
{
	struct policy *p = *state;

	/* argv[0] is what a program that sets its title writes all into. */
	assert_true(kept(p, "ssh", NULL, "ssh: x [mux]"));
	assert_false(kept(p, "ssh", NULL, "ssh|x [mux]"));
	assert_true(kept(p, "node", NULL, "node God Daemon"));
	assert_false(kept(p, "node", NULL, "node|echo God Daemon"));
	/* An empty first argument is the first one all the same. */
	assert_false(kept(p, "ssh", NULL, "|x [mux]"));
}

static void an_entry_is_a_name_first_and_then_a_name_and_an_argument(void **state)
{
	struct policy *p = *state;
	static const char *const entries[] = { "my: server", "java org.example.Main",
					       "run* --serve*", "jupyter*" };

	for (size_t i = 0; i < ARRAY_SIZE(entries); i++)
		assert_int_equal(strings_add(&p->keep, entries[i], strlen(entries[i])), 0);
	assert_true(kept(p, "my: server", NULL, NULL));
	assert_true(kept(p, "java", NULL, "java|-Xmx1g|org.example.Main|x"));
	assert_true(kept(p, "runner", NULL, "runner|x|--serve=1"));
	assert_false(kept(p, "java", NULL, "java|org.example.Main2"));
	assert_false(kept(p, "node", NULL, "node|org.example.Main"));
	assert_false(kept(p, "java", NULL, "org.example.Main|x"));
	/* A script has a name too. */
	assert_true(kept(p, "python3", NULL, "python3|/opt/bin/jupyter-lab"));
	assert_true(kept(p, "node", NULL, "node|/opt/runner.js|--serve"));
	assert_false(kept(p, "python3", NULL, "python3|/opt/bin/other|jupyter-lab"));
}

static void a_name_too_long_to_be_one_matches_nothing(void **state)
{
	struct policy *p = *state;
	char exe[5000] = "/bin/";

	memset(exe + 5, 'x', 4095);
	assert_int_equal(strings_add(&p->keep, "xx*", 3), 0);
	assert_true(kept(p, "n", exe, NULL));
	exe[5 + 4095] = 'x';
	assert_false(kept(p, "n", exe, NULL));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static void what_is_allowed_is_kept(void **state)
{
	struct policy *p = *state;
	struct process proc = { .comm = "may-stay" };

	assert_false(policy_allows(p, &proc));
	assert_false(policy_is_kept(p, &proc));
	assert_int_equal(strings_add(&p->allow, "may-*", strlen("may-*")), 0);
	assert_true(policy_allows(p, &proc));
	assert_true(policy_is_kept(p, &proc));
	proc.comm = "ssh-agent"; /* kept, and yet not allowed */
	assert_false(policy_allows(p, &proc));
	assert_true(policy_is_kept(p, &proc));
	strings_release(&p->allow);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_built_in_row_keeps_something),
		TEST(knows_it_by_comm_exe_or_argv0),
		TEST(keeps_nothing_else),
		TEST(a_cut_comm_is_the_beginning_of_a_name),
		TEST(the_users_globs_are_added),
		TEST(a_glob_does_not_look_at_other_arguments),
		TEST(a_title_is_searched_an_argument_must_begin),
		TEST(an_entry_is_a_name_first_and_then_a_name_and_an_argument),
		TEST(a_name_too_long_to_be_one_matches_nothing),
		TEST(what_is_allowed_is_kept),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
