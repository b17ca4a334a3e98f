/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "cli/config.h"

static char dir[] = "/tmp/stray-config-XXXXXX";
static char path[64];

static void write_file(const char *name, const char *text, size_t len)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static int load_with(const char *text, const struct options *o, struct config *c,
		     struct strbuf *error)
{
	write_file(path, text, strlen(text));
	return config_load_file(path, o, c, error);
}

static int load(const char *text, struct config *c, struct strbuf *error)
{
	static const struct options none;

	return load_with(text, &none, c, error);
}

static void test_builtin(void **state)
{
	static const struct options none;
	_cleanup_strbuf_ struct strbuf error = STRBUF_INIT;
	struct config c;

	(void)state;
	assert_int_equal(config_load_file(NULL, &none, &c, &error), 0);
	assert_null(c.file);
	assert_int_equal(c.settings.interval_ms, 60000);
	assert_int_equal(c.settings.grace, 2);
	assert_int_equal(c.settings.term_timeout_ms, 5000);
	assert_int_equal(c.settings.spare_listeners_ms, 3600000);
	assert_false(c.settings.reap_detached);
	assert_int_equal(c.settings.max_kill, 0);
	assert_non_null(policy_find_app(c.policy, "sprout"));
	assert_non_null(policy_find_app(c.policy, "buzz"));
	assert_non_null(policy_find_app(c.policy, "stray"));
	assert_string_equal(config_origin(&c, "sweep", "interval"), "built-in");
	config_release(&c);
}

static const char every_key[] = "; a comment\n"
				"# another\n"
				"\n"
				"[sweep] ; behind a section\n"
				"interval = 90s\n"
				"grace=3 ; behind a value\n"
				"  term-timeout = 2500ms\n"
				"\tspare-listeners = 0\n"
				"reap-detached = yes\r\n"
				"max-kill = 50\n"
				"keep = my-daemon, jupyter* ,x\n"
				"adopter = my-init\n"
				"history = no\n"
				"[view]\n"
				"sort = -rss\n"
				"tree = open\n"
				"delay = 500ms\n"
				"letters = yes\n"
				"mouse = no\n"
				"[app other]\n"
				"marker = OTHER_AGENT, OTHER_OLD=a*, OTHER_OLD=b*\n"
				"desktop = other, other-bin, */opt/other/*\n"
				"default-instance = org.other\n"
				"receipts = ~/.other/%i/pids\n"
				"except = 0, dont*\n"
				"owner = carrier\n"
				"instances = many\n"
				"sweep = stdio\n"
				"inherit = no\n"
				"named = org.other.dev*\n"
				"data = ~/.other/%i, ${XDG_DATA_HOME}/%i\n"
				"generation = OTHER_START\n"
				"enabled = yes\n"
				"[app byvalue]\n"
				"marker = BY_PID\n"
				"owner = pid\n";

static void check_every_key(const struct config *c)
{
	const struct app *app = policy_find_app(c->policy, "other");

	assert_int_equal(c->settings.interval_ms, 90000);
	assert_int_equal(c->settings.grace, 3);
	assert_int_equal(c->settings.term_timeout_ms, 2500);
	assert_int_equal(c->settings.spare_listeners_ms, 0);
	assert_true(c->settings.reap_detached);
	assert_int_equal(c->settings.max_kill, 50);
	assert_int_equal(c->policy->keep.nr, 3);
	assert_string_equal(c->policy->keep.items[1], "jupyter*");
	assert_int_equal(c->policy->adopters.nr, c->builtin_adopters + 1);
	assert_non_null(app);
	assert_int_equal(app->markers.nr, 2);
	assert_string_equal(app->markers.items[1], "OTHER_OLD");
	assert_int_equal(app->filters.nr, 2);
	assert_string_equal(app->filters.items[1], "OTHER_OLD=b*");
	assert_int_equal(app->desktops.nr, 3);
	assert_string_equal(app->default_instance, "org.other");
	assert_string_equal(app->receipts, "~/.other/%i/pids");
	assert_int_equal(app->except.nr, 2);
	assert_int_equal(app->owner, APP_OWNER_CARRIER);
	assert_true(app->many_instances);
	assert_int_equal(app->sweep, APP_SWEEP_STDIO);
	assert_true(app->no_inherit);
	assert_string_equal(app->named.items[0], "org.other.dev*");
	assert_int_equal(app->data.nr, 2);
	assert_string_equal(app->generation, "OTHER_START");
	assert_false(c->settings.history);
	assert_int_equal(c->view.sort, COLUMN_RSS);
	assert_true(c->view.sort_descends);
	assert_true(c->view.tree_open);
	assert_int_equal(c->view.delay_ms, 500);
	assert_true(c->view.letters);
	assert_false(c->view.mouse);
	app = policy_find_app(c->policy, "byvalue");
	assert_non_null(app);
	assert_true(app->owner == APP_OWNER_PID);
	assert_int_equal(app->desktops.nr, 0);
}

static void test_every_key(void **state)
{
	_cleanup_strbuf_ struct strbuf error = STRBUF_INIT;
	struct config c;
	char where[80];

	(void)state;
	if (load(every_key, &c, &error) != 0)
		fail_msg("%s", error.buf);
	check_every_key(&c);
	assert_string_equal(c.file, path);
	snprintf(where, sizeof(where), "%s:5", path);
	assert_string_equal(config_origin(&c, "sweep", "interval"), where);
	snprintf(where, sizeof(where), "%s:20", path);
	assert_string_equal(policy_find_app(c.policy, "other")->origin, where);
	config_release(&c);
}

/* What is printed is a configuration, and the same one. */
static void test_print(void **state)
{
	_cleanup_strbuf_ struct strbuf error = STRBUF_INIT, first = STRBUF_INIT;
	struct config c;
	char origin[80];

	(void)state;
	assert_int_equal(load(every_key, &c, &error), 0);
	assert_int_equal(config_print(&first, &c), 0);
	config_release(&c);
	snprintf(origin, sizeof(origin), " ; %s:6\n", path);
	assert_non_null(strstr(first.buf, origin));
	assert_non_null(strstr(first.buf, " ; built-in\n"));
	assert_non_null(strstr(first.buf, "interval = 90s"));
	/* What is built in is in force, too. */
	assert_non_null(strstr(first.buf, ";   tmux: server, screen, "));
	assert_non_null(strstr(first.buf, " ssh (with ControlMaster), "));
	assert_non_null(strstr(first.buf, ";   systemd, init, init(*), Relay(*), tini, "));
	if (load(first.buf, &c, &error) != 0)
		fail_msg("%s in:\n%s", error.buf, first.buf);
	check_every_key(&c);
	config_release(&c);
}

static void a_users_keys_override_those_of_the_built_in_app(void **state)
{
	_cleanup_strbuf_ struct strbuf error = STRBUF_INIT;
	struct config c;

	(void)state;
	assert_int_equal(load("[app sprout]\nmarker = NEW\ndesktop = d\n", &c, &error), 0);
	const struct app *app = policy_find_app(c.policy, "sprout");
	assert_int_equal(app->markers.nr, 1);
	assert_string_equal(app->markers.items[0], "NEW");
	assert_int_equal(app->desktops.nr, 1);
	/* What is not said stays as it is built in, and says so. */
	assert_string_equal(app->default_instance, "xyz.block.sprout.app");
	assert_int_equal(app->data.nr, 3);
	assert_string_equal(config_origin(&c, "app sprout", "receipts"), "built-in");
	assert_non_null(strstr(config_origin(&c, "app sprout", "marker"), ":2"));
	config_release(&c);
}

/* LINE, and a piece of what is said behind it. */
static const struct {
	const char *text;
	int line;
	const char *says;
} bad[] = {
	{ "[sweep]\nfoo = 1\n", 2, "unknown key 'foo' in section [sweep]" },
	{ "[sweep]\nmarker = X\n", 2, "unknown key 'marker'" },
	{ "[app x]\ngrace = 2\n", 2, "unknown key 'grace' in section [app x]" },
	{ "[swep]\n", 1, "unknown section [swep]" },
	{ "[sweep]\n\n[Sweep]\n", 3, "unknown section [Sweep]" },
	{ "[app]\nmarker = X\n", 1, "unknown section [app]" },
	{ "[app a/b]\n", 1, "'a/b' is no name for an app" },
	{ "[app  ]\n", 1, "unknown section [app]" },
	{ "[sweep\ngrace = 2\n", 1, "ends with ']'" },
	{ "[sweep] grace = 2\n", 1, "nothing may follow" },
	{ "grace = 2\n", 1, "'grace' stands before the first section" },
	{ "[sweep]\ngrace\n", 2, "neither '[section]' nor 'key = value'" },
	{ "[sweep]\ngarbage\ngrace = 99\n", 2, "neither" },
	{ "[sweep]\ngrace = 99\ngarbage\n", 2, "'grace' wants a number from 1 to 10, not '99'" },
	{ "[sweep]\ngrace = 0\n", 2, "from 1 to 10" },
	{ "[sweep]\ngrace = 2x\n", 2, "from 1 to 10" },
	{ "[sweep]\ngrace = -1\n", 2, "from 1 to 10" },
	{ "[sweep]\ngrace = 99999999999999999999\n", 2, "from 1 to 10" },
	{ "[sweep]\ngrace =\n", 2, "'grace' has no value" },
	{ "[sweep]\ngrace = ; nothing\n", 2, "'grace' has no value" },
	{ "[sweep]\ngrace = 2\ninterval = 5s\ngrace = 3\n", 4, "twice, first in line 2" },
	{ "[sweep]\n[app x]\nmarker = A\nowner = pid\n[sweep]\n", 5, "first in line 1" },
	{ "[sweep]\ninterval = 999ms\n", 2, "from 1s to 1d" },
	{ "[sweep]\ninterval = 25h\n", 2, "from 1s to 1d" },
	{ "[sweep]\ninterval = 86401\n", 2, "from 1s to 1d, not '86401'" },
	{ "[sweep]\ninterval = 1w\n", 2, "from 1s to 1d" },
	{ "[sweep]\nterm-timeout = 2h\n", 2, "from 0 to 1h" },
	{ "[sweep]\nreap-detached = maybe\n", 2, "wants yes or no" },
	{ "[sweep]\nmax-kill = -5\n", 2, "from 0 to 1000000" },
	{ "[sweep]\nkeep = a,,b\n", 2, "separated by commas" },
	{ "[sweep]\nkeep = a,\n", 2, "separated by commas" },
	{ "[sweep]\nadopter = /sbin/init\n", 2, "names of programs" },
	{ "[app x]\ndesktop = d\n\n", 1, "section [app x] has no 'marker'" },
	{ "[sweep]\n[app x]\nmarker = M\n[app y]\n", 2, "neither 'desktop' nor 'owner'" },
	{ "[app x]\n[app x]\n", 1, "has no 'marker'" },
	{ "[app x]\nmarker = A B\n", 2, "names of environment variables" },
	{ "[app x]\nmarker = A=\n", 2, "names of environment variables" },
	{ "[app x]\nmarker = =b\n", 2, "names of environment variables" },
	{ "[app x]\nmarker = M\nowner = uid\n", 3, "wants name, pid or carrier, not 'uid'" },
	{ "[app x]\nmarker = M\nowner = carrier\n", 1, "no 'desktop' that could carry" },
	{ "[app x]\nmarker = M\ndesktop = opt/d\n", 3, "names of programs" },
	{ "[app x]\nmarker = M\ndesktop = *x/d\n", 3, "names of programs" },
	{ "[app x]\nmarker = M\nexcept = a,,b\n", 3, "patterns of values" },
	{ "[app x]\nmarker = M\ninstances = two\n", 3, "wants one or many" },
	{ "[app x]\nmarker = M\nsweep = maybe\n", 3, "wants yes, no or stdio" },
	{ "[app x]\nmarker = M\ninherit = 2\n", 3, "wants yes or no" },
	{ "[app x]\nmarker = M\nnamed = ,\n", 3, "patterns of instances" },
	{ "[app x]\nmarker = M\ndata = /a/%i, b/%i\n", 3, "folders that begin with /" },
	{ "[app x]\nmarker = M\ngeneration = A, B\n", 3, "the name of one environment" },
	{ "[app sprout]\nenabled = perhaps\n", 2, "wants yes or no" },
	{ "[app stdio]\nmarker = M\n", 2, "unknown key 'marker' in section [app stdio]" },
	{ "[sweep]\nhistory = 1\n", 2, "wants yes or no" },
	{ "[sweep]\nsort = rss\n", 2, "unknown key 'sort' in section [sweep]" },
	{ "[view]\ngrace = 2\n", 2, "unknown key 'grace' in section [view]" },
	{ "[view]\nsort = size\n", 2, "the name of a column" },
	{ "[view]\nsort = -\n", 2, "the name of a column" },
	{ "[view]\ntree = half\n", 2, "wants closed or open" },
	{ "[view]\ndelay = 10ms\n", 2, "from 100ms to 1h" },
	{ "[view]\nletters = x\n", 2, "wants yes or no" },
	{ "[app x]\nmarker = M\nreceipts = some/where\n", 3, "begins with /, ~ or ${VAR}" },
	{ "[app x]\nmarker = M\nreceipts = /a/%u\n", 3, "with %i at most" },
	{ "[app x]\nmarker = M\nreceipts = ${HOME/%i\n", 3, "begins with /, ~ or ${VAR}" },
	{ "[app x]\nmarker = M\nreceipts = /a/${}/b\n", 3, "begins with /, ~ or ${VAR}" },
	{ "[sweep]\nfo\033o = 1\n", 2, "'fo\\x1bo'" },
};

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		_cleanup_strbuf_ struct strbuf error = STRBUF_INIT;
		struct config c;
		char prefix[80];

		if (load(bad[i].text, &c, &error) != -EINVAL)
			fail_msg("row %zu was taken: %s", i, bad[i].text);
		snprintf(prefix, sizeof(prefix), "%s:%d: ", path, bad[i].line);
		if (strncmp(error.buf, prefix, strlen(prefix)) != 0 ||
		    !strstr(error.buf, bad[i].says))
			fail_msg("row %zu: '%s' is not about line %d, or does not say '%s'", i,
				 error.buf, bad[i].line, bad[i].says);
		assert_null(strchr(error.buf, '\n'));
	}
}

static void enabled_no_takes_a_built_in_app_away(void **state)
{
	_cleanup_strbuf_ struct strbuf error = STRBUF_INIT, printed = STRBUF_INIT;
	struct config c;

	(void)state;
	assert_int_equal(
		load("[app vscode]\nenabled = no\n[app buzz]\nenabled = yes\n", &c, &error), 0);
	for (int again = 0; again < 2; again++) {
		assert_null(policy_find_app(c.policy, "vscode"));
		assert_non_null(policy_find_app(c.policy, "buzz"));
		strbuf_reset(&printed);
		assert_int_equal(config_print(&printed, &c), 0);
		assert_non_null(strstr(printed.buf, "[app vscode]\nenabled = no"));
		config_release(&c);
		assert_int_equal(load(printed.buf, &c, &error), 0);
	}
	config_release(&c);
}

static void a_marker_that_the_user_names_leaves_the_built_in_app(void **state)
{
	_cleanup_strbuf_ struct strbuf error = STRBUF_INIT;
	const struct app *mine;
	struct config c;

	(void)state;
	assert_int_equal(load("[app mine]\nmarker = OPENCODE_PID, X\nowner = pid\n"
			      "[app two]\nmarker = X\nowner = pid\n"
			      "[app buzz]\nmarker = BUZZ_MANAGED_AGENT, SPROUT_MANAGED_AGENT\n"
			      "[app sprout]\nmarker = SPROUT_MANAGED_AGENT\n",
			      &c, &error),
			 0);
	mine = policy_find_app(c.policy, "mine");
	assert_int_equal(mine->markers.nr, 2);
	/* One that is left without any goes. */
	assert_null(policy_find_app(c.policy, "opencode"));
	/* Two of the user's may share one. */
	assert_int_equal(policy_find_app(c.policy, "two")->markers.nr, 1);
	assert_int_equal(policy_find_app(c.policy, "sprout")->markers.nr, 1);
	assert_int_equal(policy_find_app(c.policy, "buzz")->markers.nr, 2);
	config_release(&c);
}

static void the_app_stdio_may_be_swept(void **state)
{
	_cleanup_strbuf_ struct strbuf error = STRBUF_INIT;
	struct config c;

	(void)state;
	assert_int_equal(load("[app stdio]\nsweep = yes\n", &c, &error), 0);
	assert_int_equal(policy_find_app(c.policy, "stdio")->sweep, APP_SWEEP_YES);
	config_release(&c);
}

/* Many ids below one desktop: the printed line must not be too long to be read. */
static void a_long_value_is_printed_so_that_it_can_be_read(void **state)
{
	_cleanup_strbuf_ struct strbuf error = STRBUF_INIT, text = STRBUF_INIT,
				       printed = STRBUF_INIT;
	struct config c;

	(void)state;
	strbuf_addstr(&text, "[sweep]\nkeep = ");
	strbuf_addchars(&text, 'k', 170);
	assert_int_equal(load(text.buf, &c, &error), 0);
	assert_int_equal(config_print(&printed, &c), 0);
	config_release(&c);
	if (load(printed.buf, &c, &error) != 0)
		fail_msg("%s", error.buf);
	assert_int_equal(strlen(c.policy->keep.items[0]), 170);
	config_release(&c);
}

static void each_shipped_example_can_be_read(void **state)
{
	static const struct options none;
	_cleanup_strbuf_ struct strbuf error = STRBUF_INIT;
	glob_t found;

	(void)state;
	assert_int_equal(glob("src/share/examples/*.conf", 0, NULL, &found), 0);
	assert_true(found.gl_pathc >= 4);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct config c;

		if (config_load_file(found.gl_pathv[i], &none, &c, &error) != 0)
			fail_msg("%s", error.buf);
		config_release(&c);
	}
	globfree(&found);
}

/* An indented key is a key of its own, not more of the value above it. */
static void test_indented(void **state)
{
	_cleanup_strbuf_ struct strbuf error = STRBUF_INIT;
	struct config c;

	(void)state;
	assert_int_equal(load("[app x]\n  marker = M\n  desktop = d\n", &c, &error), 0);
	assert_int_equal(policy_find_app(c.policy, "x")->markers.nr, 1);
	assert_int_equal(policy_find_app(c.policy, "x")->desktops.nr, 1);
	config_release(&c);
}

/* inih reads lines of 197 bytes and would cut longer ones in two. */
static void test_long_lines(void **state)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT, error = STRBUF_INIT;
	struct config c;

	(void)state;
	strbuf_addstr(&text, "[sweep]\n; ");
	strbuf_addchars(&text, 'c', 5000);
	strbuf_addstr(&text, "\nkeep = ");
	strbuf_addchars(&text, 'k', 190);
	strbuf_addstr(&text, "\ngrace = 4\n");
	if (load(text.buf, &c, &error) != 0)
		fail_msg("%s", error.buf);
	assert_int_equal(strlen(c.policy->keep.items[0]), 190);
	assert_int_equal(c.settings.grace, 4);
	config_release(&c);

	strbuf_reset(&text);
	strbuf_addstr(&text, "[sweep]\nkeep = ");
	strbuf_addchars(&text, 'k', 191);
	assert_int_equal(load(text.buf, &c, &error), -EINVAL);
	assert_non_null(strstr(error.buf, ":2: the line is longer than 197 bytes"));
}

static void test_nul(void **state)
{
	static const struct options none;
	_cleanup_strbuf_ struct strbuf error = STRBUF_INIT;
	struct config c;

	(void)state;
	write_file(path, "[sweep]\ngrace = 2\0\n", 19);
	assert_int_equal(config_load_file(path, &none, &c, &error), -EINVAL);
	assert_non_null(strstr(error.buf, ":2: the line holds a NUL byte"));
}

static void test_unreadable(void **state)
{
	static const struct options none;
	_cleanup_strbuf_ struct strbuf error = STRBUF_INIT;
	struct config c;
	char name[80], says[160];

	(void)state;
	snprintf(name, sizeof(name), "%s/nowhere", dir);
	assert_int_equal(config_load_file(name, &none, &c, &error), -EINVAL);
	snprintf(says, sizeof(says), "%s:0: cannot open: No such file or directory", name);
	assert_string_equal(error.buf, says);
	assert_int_equal(config_load_file(dir, &none, &c, &error), -EINVAL);
	assert_non_null(strstr(error.buf, ":0: cannot "));
}

static void test_command_line(void **state)
{
	struct setting_option settings[] = { { "grace", "5" },
					     { "keep", "b,c" },
					     { "reap-detached", "no" } };
	struct options o = { .settings = settings, .nr_settings = 3 };
	_cleanup_strbuf_ struct strbuf error = STRBUF_INIT;
	struct config c;

	(void)state;
	assert_int_equal(
		load_with("[sweep]\ngrace = 2\nkeep = a,b\nreap-detached = yes\n", &o, &c, &error),
		0);
	assert_int_equal(c.settings.grace, 5);
	assert_false(c.settings.reap_detached);
	assert_string_equal(config_origin(&c, "sweep", "grace"), "command line");
	/* A list is added to: one more entry removes no other. */
	assert_int_equal(c.policy->keep.nr, 3);
	assert_non_null(strstr(config_origin(&c, "sweep", "keep"), ":3, command line"));
	config_release(&c);

	settings[0].value = "11";
	assert_int_equal(load_with("[sweep]\n", &o, &c, &error), -EINVAL);
	assert_string_equal(error.buf, "'--grace' wants a number from 1 to 10, not '11'");
}

/* $XDG_CONFIG_HOME, else ~/.config; --config and --demo do without them. */
static void test_usual_places(void **state)
{
	_cleanup_strbuf_ struct strbuf error = STRBUF_INIT;
	struct options o = { 0 };
	struct config c;
	char name[128];

	(void)state;
	snprintf(name, sizeof(name), "%s/.config", dir);
	mkdir(name, 0700);
	snprintf(name, sizeof(name), "%s/.config/stray", dir);
	mkdir(name, 0700);
	snprintf(name, sizeof(name), "%s/.config/stray/stray.conf", dir);
	write_file(name, "[sweep]\ngrace = 7\n", 18);
	setenv("HOME", dir, 1);
	unsetenv("XDG_CONFIG_HOME");
	assert_int_equal(config_load(&o, &c, &error), 0);
	assert_int_equal(c.settings.grace, 7);
	config_release(&c);

	setenv("XDG_CONFIG_HOME", "relative", 1); /* to be ignored */
	assert_int_equal(config_load(&o, &c, &error), 0);
	assert_int_equal(c.settings.grace, 7);
	config_release(&c);

	o.demo = true;
	assert_int_equal(config_load(&o, &c, &error), 0);
	assert_int_equal(c.settings.grace, 2);
	config_release(&c);

	/* A device that never ends is refused, one that is empty is an empty file. */
	assert_int_equal(config_load_file("/dev/zero", &o, &c, &error), -EINVAL);
	assert_non_null(strstr(error.buf, "/dev/zero:0: larger than "));
	assert_int_equal(config_load_file("/dev/null", &o, &c, &error), 0);
	config_release(&c);

	/* A folder on the way that may not be entered: there is no such file. Root enters each. */
	o.demo = false;
	snprintf(name, sizeof(name), "%s/.config", dir);
	setenv("XDG_CONFIG_HOME", name, 1);
	chmod(name, 0);
	if (geteuid() != 0) {
		assert_int_equal(config_load(&o, &c, &error), 0);
		assert_int_equal(c.settings.grace, 2);
		config_release(&c);
	}
	chmod(name, 0700);
	snprintf(name, sizeof(name), "%s/.config/stray/stray.conf", dir);
	if (geteuid() != 0) {
		chmod(name, 0);
		assert_int_equal(config_load(&o, &c, &error), -EINVAL);
		chmod(name, 0600);
	}
	setenv("XDG_CONFIG_HOME", "relative", 1);

	/* What a link that leads nowhere should say is not known: not the same as no file. */
	o.demo = false;
	unlink(name);
	assert_int_equal(symlink("/nowhere/at/all", name), 0);
	assert_int_equal(config_load(&o, &c, &error), -EINVAL);
	assert_non_null(strstr(error.buf, "stray.conf:0: cannot open: "));
	unlink(name);
}

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/stray.conf", dir);
	return 0;
}

static int tear_down(void **state)
{
	char name[64];

	(void)state;
	unlink(path);
	snprintf(name, sizeof(name), "%s/.config/stray", dir);
	rmdir(name);
	snprintf(name, sizeof(name), "%s/.config", dir);
	rmdir(name);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_builtin),
		cmocka_unit_test(test_every_key),
		cmocka_unit_test(test_print),
		cmocka_unit_test(a_users_keys_override_those_of_the_built_in_app),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_indented),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_command_line),
		cmocka_unit_test(test_usual_places),
		cmocka_unit_test(each_shipped_example_can_be_read),
		cmocka_unit_test(enabled_no_takes_a_built_in_app_away),
		cmocka_unit_test(a_marker_that_the_user_names_leaves_the_built_in_app),
		cmocka_unit_test(the_app_stdio_may_be_swept),
		cmocka_unit_test(a_long_value_is_printed_so_that_it_can_be_read),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
