/* SPDX-License-Identifier: MIT */
/*
 * Golden screens: each case runs the view over a fixed machine, sends keys, and
 * compares what stands on the terminal, cell by cell, with golden/NAME.txt.
 * `golden --update` writes the files anew; look at what has changed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/clock.h"
#include "screen/pty.h"

/* Keys are sent one after the other, each once its text stands there. */
struct step {
	const char *wait, *send;
	bool guarded; /* a dialog has just opened: wait until it takes keys */
};

#define STEP(text, keys)                                                                           \
	{                                                                                          \
		.wait = (text), .send = (keys)                                                     \
	}
#define GUARDED(text, keys)                                                                        \
	{                                                                                          \
		.wait = (text), .send = (keys), .guarded = true                                    \
	}
#define READY "F9Reap"
enum { MAX_STEPS = 6, MAX_ARGS = 5 };

static const struct golden {
	const char *name, *story;
	int rows, cols;
	struct step steps[MAX_STEPS];
	const char *args[2];
	const char *lang, *term; /* NULL: C.UTF-8, xterm-256color */
} cases[] = {
	{ "main-80x24", "main", 24, 80, { STEP(READY, "") }, { 0 }, 0, 0 },
	{ "main-120x40", "main", 40, 120, { STEP(READY, "") }, { 0 }, 0, 0 },
	{ "expanded-80x24", "main", 24, 80, { STEP(READY, "+") }, { 0 }, 0, 0 },
	{ "all-expanded-120x40", "main", 40, 120, { STEP(READY, "t") }, { 0 }, 0, 0 },
	{ "details-80x24", "main", 24, 80, { STEP(READY, "\r") }, { 0 }, 0, 0 },
	{ "details-process-80x24",
	  "main",
	  24,
	  80,
	  { STEP(READY, "+"), STEP("├─", "jji") },
	  { 0 },
	  0,
	  0 },
	{ "details-60x16", "main", 16, 60, { STEP(READY, "i") }, { 0 }, 0, 0 },
	{ "reap-80x24", "main", 24, 80, { STEP(READY, "+"), STEP("├─", "k") }, { 0 }, 0, 0 },
	{ "reap-process-80x24",
	  "main",
	  24,
	  80,
	  { STEP(READY, "+"), STEP("├─", "jjk") },
	  { 0 },
	  0,
	  0 },
	{ "reap-tagged-80x24", "main", 24, 80, { STEP(READY, " j k") }, { 0 }, 0, 0 },
	{ "reap-alive-80x24", "main", 24, 80, { STEP(READY, "jjk") }, { 0 }, 0, 0 },
	{ "reap-unknown-80x24", "unknown", 24, 80, { STEP(READY, "k") }, { 0 }, 0, 0 },
	{ "flat-80x24", "main", 24, 80, { STEP(READY, "f") }, { 0 }, 0, 0 },
	{ "flat-40x10", "main", 10, 40, { STEP(READY, "f") }, { 0 }, 0, 0 },
	{ "flat-one-80x24", "main", 24, 80, { STEP(READY, "f\\staging\r") }, { 0 }, 0, 0 },
	{ "flat-spared-80x24", "spared", 24, 80, { STEP(READY, "f") }, { 0 }, 0, 0 },
	{ "narrow-pid-46x12", "main", 12, 46, { STEP(READY, "\033[F+") }, { 0 }, 0, 0 },
	{ "reap-parent-80x24", "spared", 24, 80, { STEP(READY, "jjk") }, { 0 }, 0, 0 },
	{ "reap-parent-40x10", "spared", 10, 40, { STEP(READY, "jjk") }, { 0 }, 0, 0 },
	{ "details-parent-80x24", "spared", 24, 80, { STEP(READY, "jji") }, { 0 }, 0, 0 },
	{ "reap-wide-200x60", "wide", 60, 200, { STEP(READY, "k") }, { 0 }, 0, 0 },
	{ "reap-wide-120x40", "wide", 40, 120, { STEP(READY, "k") }, { 0 }, 0, 0 },
	{ "reap-many-80x24", "many", 24, 80, { STEP(READY, "k") }, { 0 }, 0, 0 },
	{ "reap-many-40x10", "many", 10, 40, { STEP(READY, "k") }, { 0 }, 0, 0 },
	{ "arm-80x24", "main", 24, 80, { STEP(READY, "S") }, { 0 }, 0, 0 },
	{ "arm-40x10", "main", 10, 40, { STEP(READY, "S") }, { 0 }, 0, 0 },
	{ "armed-80x24",
	  "main",
	  24,
	  80,
	  { STEP(READY, "S"), GUARDED("[ Arm ]", "y"), STEP("ARMED", "") },
	  { 0 },
	  0,
	  0 },
	{ "armed-one-80x24",
	  "main",
	  24,
	  80,
	  { STEP(READY, "jk"), GUARDED("[ Reap 2 ]", "y"), STEP("2 of 2 ended", "S"),
	    GUARDED("[ Arm ]", "y"), STEP("ARMED", "") },
	  { 0 },
	  0,
	  0 },
	{ "armed-40x10",
	  "main",
	  10,
	  40,
	  { STEP(READY, "S"), GUARDED("[ Arm ]", "y"), STEP("ARMED", "") },
	  { 0 },
	  0,
	  0 },
	{ "armed-reap-40x10",
	  "main",
	  10,
	  40,
	  { STEP(READY, "S"), GUARDED("[ Arm ]", "y"), STEP("ARMED", "k") },
	  { 0 },
	  0,
	  0 },
	{ "armed-quit-80x24",
	  "main",
	  24,
	  80,
	  { STEP(READY, "S"), GUARDED("[ Arm ]", "y"), STEP("ARMED", "q") },
	  { 0 },
	  0,
	  0 },
	{ "armed-quit-40x10",
	  "main",
	  10,
	  40,
	  { STEP(READY, "S"), GUARDED("[ Arm ]", "y"), STEP("ARMED", "q") },
	  { 0 },
	  0,
	  0 },
	{ "armed-quit-20x5", "main", 5, 20, { STEP("ARMED", "q") }, { "--arm" }, 0, 0 },
	{ "armed-suspend-20x5", "main", 5, 20, { STEP("ARMED", "\032") }, { "--arm" }, 0, 0 },
	{ "armed-suspend-80x24",
	  "main",
	  24,
	  80,
	  { STEP(READY, "S"), GUARDED("[ Arm ]", "y"), STEP("ARMED", "\032") },
	  { 0 },
	  0,
	  0 },
	{ "armed-suspend-40x10",
	  "main",
	  10,
	  40,
	  { STEP(READY, "S"), GUARDED("[ Arm ]", "y"), STEP("ARMED", "\032") },
	  { 0 },
	  0,
	  0 },
	{ "reaped-80x24",
	  "main",
	  24,
	  80,
	  { STEP(READY, "k"), GUARDED("[ Reap 4 ]", "y"), STEP("4 of 4 ended", "") },
	  { 0 },
	  0,
	  0 },
	{ "refused-80x24",
	  "main",
	  24,
	  80,
	  { STEP(READY, "k"), GUARDED("[ Reap 4 ]", "y"), STEP("refused", "l") },
	  { "--refuse" },
	  0,
	  0 },
	{ "filter-80x24", "main", 24, 80, { STEP(READY, "\\gone dev") }, { 0 }, 0, 0 },
	{ "filter-none-80x24", "main", 24, 80, { STEP(READY, "\\zzzz") }, { 0 }, 0, 0 },
	{ "filter-kept-80x24",
	  "main",
	  24,
	  80,
	  { STEP(READY, "\\alive"), STEP("alive_", "\r") },
	  { 0 },
	  0,
	  0 },
	{ "search-80x24", "main", 24, 80, { STEP(READY, "/stag") }, { 0 }, 0, 0 },
	{ "search-next-80x24", "main", 24, 80, { STEP(READY, "/dev\033OR\033OR") }, { 0 }, 0, 0 },
	{ "sort-80x24", "main", 24, 80, { STEP(READY, "s") }, { 0 }, 0, 0 },
	{ "sorted-by-rss-80x24", "main", 24, 80, { STEP(READY, ">>>>>") }, { 0 }, 0, 0 },
	{ "log-80x24", "main", 24, 80, { STEP(READY, "l") }, { 0 }, 0, 0 },
	{ "help-80x24", "main", 24, 80, { STEP(READY, "?") }, { 0 }, 0, 0 },
	{ "help-40x10", "main", 10, 40, { STEP(READY, "?") }, { 0 }, 0, 0 },
	{ "paused-80x24", "main", 24, 80, { STEP(READY, "Z") }, { 0 }, 0, 0 },
	{ "empty-80x24", "empty", 24, 80, { STEP(READY, "") }, { 0 }, 0, 0 },
	{ "empty-details-80x24", "empty", 24, 80, { STEP(READY, "i") }, { 0 }, 0, 0 },
	{ "empty-40x10", "empty", 10, 40, { STEP(READY, "") }, { 0 }, 0, 0 },
	{ "narrow-60x16", "main", 16, 60, { STEP(READY, "+") }, { 0 }, 0, 0 },
	{ "tiny-40x10", "main", 10, 40, { STEP(READY, "") }, { 0 }, 0, 0 },
	{ "tiny-reap-40x10", "main", 10, 40, { STEP(READY, "+"), STEP("├─", "k") }, { 0 }, 0, 0 },
	{ "tiny-reap-24x6", "main", 6, 24, { STEP(READY, "k") }, { 0 }, 0, 0 },
	{ "demo-40x10", "main", 10, 40, { STEP(READY, "") }, { "--demo" }, 0, 0 },
	{ "demo-20x5", "main", 5, 20, { STEP(READY, "") }, { "--demo" }, 0, 0 },
	{ "spared-80x24", "spared", 24, 80, { STEP(READY, "t") }, { 0 }, 0, 0 },
	{ "spared-72x16", "spared", 16, 72, { STEP(READY, "") }, { 0 }, 0, 0 },
	{ "spared-40x10", "spared", 10, 40, { STEP(READY, "") }, { 0 }, 0, 0 },
	{ "title-46x12", "main", 12, 46, { STEP(READY, "") }, { 0 }, 0, 0 },
	{ "very-tiny-24x6", "main", 6, 24, { STEP(READY, "") }, { 0 }, 0, 0 },
	{ "smallest-20x5", "main", 5, 20, { STEP(READY, "") }, { 0 }, 0, 0 },
	{ "below-minimum-18x4", "main", 4, 18, { STEP("q quit", "") }, { 0 }, 0, 0 },
	{ "ascii-80x14", "main", 14, 80, { STEP(READY, "+") }, { 0 }, "C", 0 },
	{ "ascii-option-80x24",
	  "main",
	  24,
	  80,
	  { STEP(READY, "+"), STEP("|-", "k") },
	  { "--ascii" },
	  0,
	  0 },
	{ "vt100-80x24", "main", 24, 80, { STEP(READY, "") }, { 0 }, "C", "vt100" },
	{ "linux-80x24", "main", 24, 80, { STEP(READY, "") }, { 0 }, 0, "linux" },
	{ "letters-80x24", "main", 24, 80, { STEP("kReap", "") }, { "--letters" }, 0, 0 },
	{ "hostile-80x24", "hostile", 24, 80, { STEP(READY, "t") }, { 0 }, 0, 0 },
	{ "hostile-ascii-80x24", "hostile", 24, 80, { STEP(READY, "t") }, { 0 }, "C", 0 },
	{ "unknown-80x24", "unknown", 24, 80, { STEP(READY, "i") }, { 0 }, 0, 0 },
};

static char view_path[4096];
/* Below the top of the tree, which every test is run from. */
static const char golden_dir[] = "tests/screen/golden";

static char *read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = calloc(1, 1 << 20);

	if (f && text) {
		size_t n = fread(text, 1, (1 << 20) - 1, f);

		text[n] = '\0';
	}
	if (f)
		fclose(f);
	return text;
}

static void start(struct pty *p, const struct golden *g, const char *dir)
{
	char lang[64], term[64], state[4200], story[32];
	char *argv[MAX_ARGS] = { view_path, story };
	char *env[] = { lang, term, state, (char *)"TZ=UTC", (char *)"PATH=/usr/bin:/bin", NULL };

	snprintf(story, sizeof(story), "%s", g->story);
	snprintf(lang, sizeof(lang), "LC_ALL=%s", g->lang ? g->lang : "C.UTF-8");
	snprintf(term, sizeof(term), "TERM=%s", g->term ? g->term : "xterm-256color");
	snprintf(state, sizeof(state), "STRAY_STATE_DIR=%s", dir);
	for (size_t i = 0; i < 2 && g->args[i]; i++)
		argv[2 + i] = (char *)g->args[i];
	pty_start(p, g->rows, g->cols, argv, env);
}

static bool take_steps(struct pty *p, const struct golden *g)
{
	for (size_t i = 0; i < MAX_STEPS && g->steps[i].wait; i++) {
		if (!pty_wait(p, g->steps[i].wait))
			return false;
		if (g->steps[i].guarded && !pty_wait_dialog(p))
			return false;
		pty_send(p, g->steps[i].send);
	}
	return true;
}

/* Until the screen is as it should be; *ret_text is what it is at the end. */
static bool wait_same(struct pty *p, const char *want, char **ret_text)
{
	int64_t until = clock_ms(CLOCK_MONOTONIC) + PTY_DEADLINE_MS;

	for (;;) {
		*ret_text = pty_text(p);
		if (!strcmp(*ret_text, want))
			return true;
		if (clock_ms(CLOCK_MONOTONIC) > until)
			return false;
		free(*ret_text);
		pty_pump(p, 50);
	}
}

static void print_rows(const char *title, const char *text)
{
	printf("# %s\n", title);
	while (*text) {
		size_t len = strcspn(text, "\n");

		printf("# |%.*s|\n", (int)len, text);
		text += len + (text[len] == '\n');
	}
}

static void update(struct pty *p, const char *path)
{
	FILE *f;
	char *text;

	/* Only here, where somebody looks at the outcome: until nothing comes any more. */
	while (pty_pump(p, 500))
		;
	text = pty_text(p);
	f = fopen(path, "w");
	if (!f || fputs(text, f) < 0 || fclose(f)) {
		perror(path);
		exit(1);
	}
	free(text);
}

static void say_failed(const struct golden *g)
{
	printf("not ok %zu - %s\n", (size_t)(g - cases) + 1, g->name);
}

/* Prints its result if that is a failure, what it saw below. */
static bool run_case(const struct golden *g, bool updating)
{
	char path[4400], dir[] = "/tmp/stray-screen-XXXXXX", remove[128];
	char *want, *text = NULL;
	struct pty p;
	bool ok = true;

	if (!mkdtemp(dir)) {
		perror("mkdtemp");
		exit(1);
	}
	snprintf(path, sizeof(path), "%s/%s.txt", golden_dir, g->name);
	start(&p, g, dir);
	if (!take_steps(&p, g)) {
		text = pty_text(&p);
		say_failed(g);
		print_rows("never came to its end", text);
		ok = false;
	} else if (updating) {
		update(&p, path);
	} else {
		want = read_file(path);
		ok = wait_same(&p, want, &text);
		if (!ok) {
			say_failed(g);
			print_rows("want", want);
			print_rows("got", text);
		}
		free(want);
	}
	free(text);
	pty_stop(&p);
	for (int i = 0; i < 2; i++) {
		snprintf(remove, sizeof(remove), "%s/%s", dir, i ? "sweep.lock" : "ledger.json");
		unlink(remove);
	}
	snprintf(remove, sizeof(remove), "%s/ledger.lock", dir);
	unlink(remove);
	rmdir(dir);
	return ok;
}

int main(int argc, char **argv)
{
	bool updating = argc > 1 && !strcmp(argv[1], "--update");
	const char *only = argc > 2 ? argv[2] : NULL;
	char *slash;
	int failed = 0;

	/* The view stands beside this program. */
	if (readlink("/proc/self/exe", view_path, sizeof(view_path) - 8) < 0)
		return 1;
	slash = strrchr(view_path, '/');
	snprintf(slash + 1, 8, "view");
	printf("1..%zu\n", ARRAY_SIZE(cases));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		bool ok = (only && strcmp(only, cases[i].name)) || run_case(&cases[i], updating);

		if (ok)
			printf("ok %zu - %s\n", i + 1, cases[i].name);
		fflush(stdout);
		failed += !ok;
	}
	return failed ? 1 : 0;
}
