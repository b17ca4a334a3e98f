/* SPDX-License-Identifier: MIT */
#include "screen/director.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/array.h"
#include "base/clock.h"
#include "screen/steady.h"

enum op {
	SEND,  /* these keys */
	WAIT,  /* until this stands there */
	GONE,  /* until it does not */
	PASS,  /* so many ms go by, and the program has looked */
	READY, /* a dialog that has just opened takes keys */
	SIZE,  /* TEXT is ROWSxCOLS */
	CRASH, /* end the process of the fleet whose row is TEXT */
	SHOT,  /* the scene TEXT */
	SAY,   /* the caption from here on */
	HOLD,  /* show the last picture for so many ms more */
};

struct step {
	enum op op;
	const char *text;
	int ms;
};

#define UP	"\020" /* Ctrl-P */
#define DESKTOP "10"   /* of demo.app */

enum { MAX_STEPS = 64, DEADLINE_MS = 40000, QUIET_MS = 60, PACE_MS = 350, CLOCK_COLS = 60 };

static const struct play {
	const char *size, *setting; /* setting: of the environment, or NULL */
	bool filmed;
	struct step steps[MAX_STEPS];
} plays[] = {
	{ .size = "32x112", .steps = {
		{ WAIT, "2 grace", 0 },
		{ PASS, NULL, 60000 },
		{ WAIT, "2 reapable", 0 },
		{ PASS, NULL, 125000 },
		{ CRASH, DESKTOP, 0 },
		{ PASS, NULL, 2000 },
		{ WAIT, "demo.app: owner", 0 },
		{ PASS, NULL, 58000 },
		{ WAIT, "1 grace", 0 },
		{ SEND, "jjj", 0 },
		{ WAIT, "1/2  orphan", 0 },
		{ SHOT, "overview", 0 },
		{ SEND, UP UP UP, 0 },
		{ SIZE, "24x80", 0 },
		{ SEND, "i", 0 },
		{ WAIT, "Details:", 0 },
		{ SHOT, "details", 0 },
		{ SEND, "i", 0 },
		{ GONE, "Details:", 0 },
		{ SEND, "j+", 0 },
		{ WAIT, "├─", 0 },
		{ SHOT, "tree", 0 },
		{ SEND, "k", 0 },
		{ WAIT, "[ Cancel ]", 0 },
		{ READY, NULL, 0 },
		{ SHOT, "dialog", 0 },
		{ SEND, "n", 0 },
		{ GONE, "[ Cancel ]", 0 },
		{ SEND, "-" UP "S", 0 },
		{ WAIT, "[ Arm ]", 0 },
		{ READY, NULL, 0 },
		{ SEND, "y", 0 },
		{ WAIT, "SWEEP ARMED", 0 },
		{ PASS, NULL, 19000 },
		{ SHOT, "armed", 0 },
		{ SIZE, "10x40", 0 },
		{ WAIT, "F9Reap", 0 },
		{ SHOT, "narrow", 0 },
	} },
	{ .size = "24x80", .setting = "NO_COLOR=1", .steps = {
		{ WAIT, "2 grace", 0 },
		{ PASS, NULL, 60000 },
		{ WAIT, "2 reapable", 0 },
		{ SEND, "j+", 0 },
		{ WAIT, "├─", 0 },
		{ SHOT, "mono", 0 },
	} },
	{ .size = "22x80", .filmed = true, .steps = {
		{ SAY, "stray --demo: two desktops live, two are gone", 0 },
		{ WAIT, "2 grace", 0 },
		{ HOLD, NULL, 2000 },
		{ SAY, "their agents are orphans; one glance is not enough", 0 },
		{ PASS, NULL, 60000 },
		{ WAIT, "2 reapable", 0 },
		{ SAY, "seen ownerless on two ticks: they may be ended", 0 },
		{ HOLD, NULL, 2000 },
		{ SEND, "j", 0 },
		{ SAY, "+ shows what is in a group", 0 },
		{ SEND, "+", 0 },
		{ WAIT, "├─", 0 },
		{ HOLD, NULL, 2500 },
		{ SAY, "F9 ends it, after a dialog that names every victim", 0 },
		{ SEND, "k", 0 },
		{ WAIT, "[ Cancel ]", 0 },
		{ READY, NULL, 0 },
		{ HOLD, NULL, 3500 },
		{ SAY, "what it says was ended was seen dead", 0 },
		{ SEND, "y", 0 },
		{ WAIT, " ended, ", 0 },
		{ HOLD, NULL, 2500 },
		{ SAY, "a desktop crashes; its agents stay", 0 },
		{ PASS, NULL, 10000 },
		{ CRASH, DESKTOP, 0 },
		{ PASS, NULL, 2000 },
		{ WAIT, "demo.app: owner", 0 },
		{ HOLD, NULL, 2000 },
		{ PASS, NULL, 48000 },
		{ WAIT, "1 grace", 0 },
		{ HOLD, NULL, 2500 },
		{ SAY, "F7 arms the sweep: from now on without asking", 0 },
		{ SEND, "S", 0 },
		{ WAIT, "[ Arm ]", 0 },
		{ READY, NULL, 0 },
		{ HOLD, NULL, 2500 },
		{ SEND, "y", 0 },
		{ WAIT, "SWEEP ARMED", 0 },
		{ HOLD, NULL, 1500 },
		{ PASS, NULL, 60000 },
		{ WAIT, "Groups 3:", 0 },
		{ PASS, NULL, 2000 },
		{ SAY, "orphans gone; what is owned or asked to be kept stays", 0 },
		{ HOLD, NULL, 4000 },
	} },
};

struct stage {
	struct pty p;
	const struct camera *camera;
	const char *caption;
	int64_t *passed_ms; /* shared with the program */
	bool filmed;
};

/* --- when nothing moves ------------------------------------------------------------------ */

static bool thread_sleeps(const char *pid, const char *tid)
{
	char path[64], line[512], *after;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%.15s/task/%.15s/stat", pid, tid);
	f = fopen(path, "r");
	if (!f)
		return true; /* it has ended */
	after = fgets(line, sizeof(line), f) ? strrchr(line, ')') : NULL;
	fclose(f);
	return after && after[1] == ' ' && after[2] == 'S';
}

/* Does every thread of the program wait for something? */
static bool sleeps(pid_t pid)
{
	char name[16], path[64];
	struct dirent *entry;
	bool all = true;
	DIR *dir;

	snprintf(name, sizeof(name), "%d", (int)pid);
	snprintf(path, sizeof(path), "/proc/%s/task", name);
	dir = opendir(path);
	while (dir && all && (entry = readdir(dir)))
		all = entry->d_name[0] == '.' || thread_sleeps(name, entry->d_name);
	if (dir)
		closedir(dir);
	return all;
}

/* Until nothing comes for a moment and nobody is about to write. */
static void settle(struct stage *s)
{
	do {
		while (pty_pump(&s->p, QUIET_MS))
			;
	} while (!sleeps(s->p.pid));
}

static bool wait_text(struct stage *s, const char *text, bool there)
{
	int64_t until = clock_ms(CLOCK_MONOTONIC) + DEADLINE_MS;

	for (;;) {
		settle(s);
		if ((pty_find(&s->p, text, NULL) >= 0) == there)
			return true;
		if (clock_ms(CLOCK_MONOTONIC) > until)
			return false;
	}
}

/* --- what a step does ---------------------------------------------------------------------- */

static void film(struct stage *s)
{
	if (s->filmed && s->camera->take)
		s->camera->take(s->camera->ctx, &s->p, s->caption, PACE_MS);
}

/* The program tells in its title when it has looked. */
static bool pass(struct stage *s, int ms)
{
	char title[16];
	struct tm tm;
	time_t now;

	settle(s);
	now = (STEADY_REALTIME_MS + __atomic_add_fetch(s->passed_ms, ms, __ATOMIC_RELEASE)) / 1000;
	if (s->p.cols < CLOCK_COLS || !gmtime_r(&now, &tm))
		return false;
	strftime(title, sizeof(title), "%H:%M:%S", &tm);
	return wait_text(s, title, true);
}

static bool is_row(const char *pid, const char *row)
{
	char path[64], data[4096], want[64];
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%.15s/environ", pid);
	snprintf(want, sizeof(want), "STRAY_DEMO_ROLE=%s:", row);
	f = fopen(path, "r");
	if (!f)
		return false;
	len = fread(data, 1, sizeof(data), f);
	fclose(f);
	return memmem(data, len, want, strlen(want));
}

static bool crash(const char *row)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	bool done = false;

	while (dir && !done && (entry = readdir(dir)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
		    is_row(entry->d_name, row))
			done = kill((pid_t)strtol(entry->d_name, NULL, 10), SIGKILL) == 0;
	if (dir)
		closedir(dir);
	return done;
}

static bool resize(struct stage *s, const char *size)
{
	int rows, cols;

	if (sscanf(size, "%dx%d", &rows, &cols) != 2)
		return false;
	settle(s);
	pty_resize(&s->p, rows, cols);
	/* The program has drawn anew once something comes. */
	return pty_pump(&s->p, DEADLINE_MS);
}

static bool take_step(struct stage *s, const struct step *step)
{
	bool ok = true;

	switch (step->op) {
	case SEND:
		settle(s);
		pty_send(&s->p, step->text);
		return true;
	case WAIT:
	case GONE:
		ok = wait_text(s, step->text, step->op == WAIT);
		film(s);
		return ok;
	case PASS:
		return pass(s, step->ms);
	case READY:
		__atomic_add_fetch(s->passed_ms, 300, __ATOMIC_RELEASE);
		return pty_wait_dialog(&s->p);
	case SIZE:
		return resize(s, step->text);
	case CRASH:
		return crash(step->text);
	case SHOT:
		settle(s);
		return s->camera->shoot(s->camera->ctx, &s->p, step->text);
	case SAY:
		settle(s);
		s->caption = step->text;
		film(s);
		return true;
	case HOLD:
		if (s->camera->take)
			s->camera->take(s->camera->ctx, NULL, NULL, step->ms);
		return true;
	}
	return false;
}

/* --- a play --------------------------------------------------------------------------------- */

/* The clock that the program sees; its descriptor is inherited. */
static int64_t *make_clock(char *setting, size_t size)
{
	int fd = memfd_create("clock", 0);
	void *map;

	if (fd < 0 || ftruncate(fd, sizeof(int64_t)) < 0)
		return NULL;
	map = mmap(NULL, sizeof(int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	snprintf(setting, size, STEADY_CLOCK "=%d", fd);
	return map == MAP_FAILED ? NULL : map;
}

static bool start(struct stage *s, const struct play *play, const char *stray)
{
	const char *tmp = getenv("TMPDIR");
	char clock[32], dir[256];
	char *argv[] = { (char *)stray, (char *)"--demo", (char *)"--interval=60s", NULL };
	char *env[] = { (char *)"PATH=/usr/bin:/bin",
			(char *)"LC_ALL=C.UTF-8",
			(char *)"TZ=UTC",
			(char *)"TERM=xterm-256color",
			clock,
			dir,
			(char *)play->setting,
			NULL };
	int rows, cols;

	s->passed_ms = make_clock(clock, sizeof(clock));
	snprintf(dir, sizeof(dir), "TMPDIR=%s", tmp ? tmp : "/tmp");
	if (!s->passed_ms || sscanf(play->size, "%dx%d", &rows, &cols) != 2)
		return false;
	pty_start(&s->p, rows, cols, argv, env);
	return true;
}

static bool perform(const struct play *play, const char *stray, const struct camera *camera)
{
	struct stage s = { .camera = camera, .filmed = play->filmed };
	const struct step *step = play->steps;
	bool ok = true;

	if (!start(&s, play, stray))
		return false;
	for (; ok && step < play->steps + MAX_STEPS && (step->text || step->op); step++)
		ok = take_step(&s, step);
	if (!ok) {
		char *text = pty_text(&s.p);

		fprintf(stderr, "step %zu of play %zu went wrong; the screen:\n%s",
			(size_t)(step - play->steps), (size_t)(play - plays) + 1, text);
		free(text);
	} else if (play->filmed) {
		ok = camera->cut(camera->ctx, &s.p);
	}
	/* Asked to end, so that the fleet and its state directory are gone after it. */
	kill(s.p.pid, SIGTERM);
	ok = pty_wait_end(&s.p) && ok;
	pty_stop(&s.p);
	return ok;
}

bool direct(const char *stray, const struct camera *camera)
{
	for (size_t i = 0; i < ARRAY_SIZE(plays); i++)
		if ((!plays[i].filmed || camera->take) && !perform(&plays[i], stray, camera))
			return false;
	return true;
}
