/* SPDX-License-Identifier: MIT */
/*
 * The terminal view over a machine that does not exist, for the screen tests:
 * view STORY [OPTION...]. The state directory is $STRAY_STATE_DIR; once a file
 * `later` stands there, an hour has passed.
 */
#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/worker.h"
#include "screen/fixture.h"
#include "tui/app.h"

/* What newterm(3) leaves behind when it refuses a terminal is not ours. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libtinfo\nleak:libncurses\n";
}

static char later[4200];

static int64_t time_of_test(void)
{
	return access(later, F_OK) == 0 ? 3600 * 1000 : 0;
}

/*
 * Go through the story up to its end, so that the first picture is the last one.
 * The engine takes commands one after the other: when it tries to hold somebody,
 * the looks before are done.
 */
static int tell_story(struct fixture *f, struct worker *w)
{
	struct identity nobody = { .pid = FIXTURE_NOBODY, .start_ticks = 1 };
	unsigned hold;
	int r = 0;

	for (unsigned i = 1; i < fixture_stages(f) && r == 0; i++)
		r = worker_tick(w);
	if (r == 0)
		r = worker_hold(w, &nobody, 1, &hold);
	if (r == 0)
		r = worker_release(w, hold);
	for (int i = 0; r == 0 && !fixture_opens(f); i++) {
		if (i == 10000)
			return -ETIMEDOUT;
		poll(NULL, 0, 1);
	}
	return r;
}

/* The test is the shell of this job. */
static int stop_job(void)
{
	if (getpgrp() == getsid(0))
		return -ECHILD;
	raise(SIGTSTP);
	return 0;
}

static bool details(pid_t pid, int *ret_nice, char *waits_in, size_t size)
{
	(void)pid;
	*ret_nice = 5;
	snprintf(waits_in, size, "futex");
	return true;
}

static int run(struct fixture *f, struct tui_options *o)
{
	struct worker_options w = {
		.sweep = o->sweep,
		.source = o->source,
		.reaper = o->reaper,
		.delay_ms = 1000 * 1000,
		.arm = o->arm,
		.version = o->version,
		.told_delay_ms = o->delay_ms,
		.user_name = o->user_name,
	};
	struct tui_end end;
	int r;

	r = worker_new(&w, &o->worker);
	if (r == 0)
		r = tell_story(f, o->worker);
	if (r < 0) {
		fprintf(stderr, "view: %s\n", strerror(-r));
		return 3;
	}
	r = tui_run(o, &end);
	if (r == -ENOTTY) {
		fprintf(stderr, "view: %s\n", end.why);
		return 2;
	}
	printf("ended: %d signal %d\n", r, end.signal);
	fputs(end.left.buf, stdout);
	strbuf_release(&end.left);
	return 0;
}

int main(int argc, char **argv)
{
	static struct fixture f;
	struct policy policy;
	struct tui_options o = {
		.version = "0.1",
		.delay_ms = 2000,
		.sort = COLUMN_NR,
		.mouse = true,
		.total_kib = 16357785, /* 15.6G */
		.now_ms = time_of_test,
		.stop_job = stop_job,
		.user_name = fixture_user_name,
		.details = details,
	};
	const char *glob = NULL;
	bool past = false;
	int status;

	setlocale(LC_ALL, "");
	fixture_init(&f, argc > 1 ? fixture_find(argv[1]) : STORY_NR);
	if (f.story == STORY_NR || policy_init(&policy) < 0) {
		fprintf(stderr, "usage: view STORY [OPTION...]\n");
		return 2;
	}
	snprintf(later, sizeof(later), "%s/later", getenv("STRAY_STATE_DIR"));
	for (int i = 2; i < argc; i++) {
		o.demo = o.demo || !strcmp(argv[i], "--demo");
		o.letters = o.letters || !strcmp(argv[i], "--letters");
		o.arm = o.arm || !strcmp(argv[i], "--arm");
		o.ascii = o.ascii || !strcmp(argv[i], "--ascii");
		o.flat = o.flat || !strcmp(argv[i], "--flat");
		o.no_args = o.no_args || !strcmp(argv[i], "--no-args");
		o.tree_open = o.tree_open || !strcmp(argv[i], "--tree");
		past = past || !strcmp(argv[i], "--past");
		f.slow = f.slow || !strcmp(argv[i], "--slow");
		if (!strncmp(argv[i], "--filter=", 9))
			o.filter = argv[i] + 9;
		if (!strncmp(argv[i], "--instance=", 11))
			glob = argv[i] + 11;
		f.refuse = f.refuse || !strcmp(argv[i], "--refuse");
		if (!strcmp(argv[i], "--color=never"))
			o.colour = TUI_COLOUR_NEVER;
	}
	o.sweep = (struct engine_options){
		.policy = &policy,
		.settings = engine_defaults,
		.scope = { .uid = 1000, .instance_glob = glob },
		.state_dir = getenv("STRAY_STATE_DIR"),
		.history_dir = past ? getenv("STRAY_STATE_DIR") : NULL,
		.stop_fd = -1,
	};
	o.source = &f.source;
	o.reaper = &f.reaper;
	status = run(&f, &o);
	policy_release(&policy);
	return status;
}
