/*
 * Pictures of the real program over its demo fleet: shot STRAY FOLDER. Must be
 * pid 1 of a pid namespace of its own (shots.sh sees to that), because a part of
 * the story is that a desktop of the fleet crashes.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/clock.h"
#include "screen/film.h"
#include "screen/paint.h"

enum op {
	SEND,	/* these keys */
	WAIT,	/* until this stands there */
	GONE,	/* until it does not */
	READY,	/* until a dialog that has just opened takes keys */
	SIZE,	/* TEXT is ROWSxCOLS */
	CRASH,	/* end the live desktop of this instance */
	SHOT,	/* FOLDER/TEXT.png */
	SAY,	/* the caption from here on */
	HOLD,	/* show the last picture for so many ms more */
};

struct step {
	enum op op;
	const char *text;
	int ms;
};

#define UP "\020" /* Ctrl-P */

enum { MAX_STEPS = 64, DEADLINE_MS = 40000, QUIET_MS = 60, PACE_MS = 350, PNG_CELL = 11 };

static const struct play {
	const char *size, *interval, *setting; /* setting: of the environment, or NULL */
	bool filmed;
	struct step steps[MAX_STEPS];
} plays[] = {
	{ .size = "32x112", .interval = "5s", .steps = {
		{ WAIT, "2 reapable", 0 },
		{ CRASH, "demo.app", 0 },
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
		{ SHOT, "dialog", 0 },
		{ READY, NULL, 0 },
		{ SEND, "n", 0 },
		{ GONE, "[ Cancel ]", 0 },
		{ SEND, "-" UP "S", 0 },
		{ WAIT, "[ Arm ]", 0 },
		{ READY, NULL, 0 },
		{ SEND, "y", 0 },
		{ WAIT, "SWEEP ARMED", 0 },
		{ SHOT, "armed", 0 },
		{ SIZE, "10x40", 0 },
		{ WAIT, "F9Reap", 0 },
		{ SHOT, "narrow", 0 },
	} },
	{ .size = "24x80", .interval = "3s", .setting = "NO_COLOR=1", .steps = {
		{ WAIT, "2 reapable", 0 },
		{ SEND, "j+", 0 },
		{ WAIT, "├─", 0 },
		{ SHOT, "mono", 0 },
	} },
	{ .size = "22x80", .interval = "5s", .filmed = true, .steps = {
		{ SAY, "stray --demo: two desktops live, two are gone", 0 },
		{ WAIT, "2 grace", 0 },
		{ HOLD, NULL, 2000 },
		{ SAY, "their agents are orphans; one glance is not enough", 0 },
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
		{ HOLD, NULL, 3500 },
		{ READY, NULL, 0 },
		{ SAY, "what it says was ended was seen dead", 0 },
		{ SEND, "y", 0 },
		{ WAIT, "exited,", 0 },
		{ HOLD, NULL, 2500 },
		{ SAY, "a desktop crashes; its agents stay", 0 },
		{ CRASH, "demo.app", 0 },
		{ WAIT, "1 grace", 0 },
		{ HOLD, NULL, 2500 },
		{ SAY, "F7 arms the sweep: from now on without asking", 0 },
		{ SEND, "S", 0 },
		{ WAIT, "[ Arm ]", 0 },
		{ HOLD, NULL, 2500 },
		{ READY, NULL, 0 },
		{ SEND, "y", 0 },
		{ WAIT, "SWEEP ARMED", 0 },
		{ HOLD, NULL, 1500 },
		{ WAIT, "Groups 2:", 0 },
		{ SAY, "orphans gone; what is owned or asked to be kept stays", 0 },
		{ HOLD, NULL, 4000 },
	} },
};

struct stage {
	struct pty p;
	const char *folder, *caption;
	struct film film;
	bool filmed;
	size_t taken; /* bytes that the last picture shows */
};

/* Until nothing comes for a moment; then, if it is filmed, a picture of what is new. */
static void settle(struct stage *s)
{
	while (pty_pump(&s->p, QUIET_MS))
		;
	if (!s->filmed || s->p.nr_bytes == s->taken)
		return;
	s->taken = s->p.nr_bytes;
	film_take(&s->film, &s->p, s->caption, PACE_MS);
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

/* The desktop's pid stands in the row that ends in the instance's name. */
static bool crash(struct stage *s, const char *instance)
{
	for (int row = 0; row < s->p.rows; row++) {
		char line[PTY_LINE];
		const char *alive, *name;
		long pid;

		pty_row(&s->p, row, line);
		alive = strstr(line, "alive ");
		name = strrchr(line, ' ');
		if (!alive || !name || strcmp(name + 1, instance))
			continue;
		pid = strtol(alive + strlen("alive "), NULL, 10);
		return pid > 1 && kill((pid_t)pid, SIGKILL) == 0;
	}
	return false;
}

static bool shoot(struct stage *s, const char *name)
{
	cairo_surface_t *surface;
	cairo_status_t status;
	char path[4096];

	settle(s);
	snprintf(path, sizeof(path), "%s/%s.png", s->folder, name);
	surface = paint_screen(&s->p, PNG_CELL, NULL);
	status = cairo_surface_write_to_png(surface, path);
	cairo_surface_destroy(surface);
	return status == CAIRO_STATUS_SUCCESS;
}

static bool resize(struct stage *s, const char *size)
{
	int rows, cols;

	if (sscanf(size, "%dx%d", &rows, &cols) != 2)
		return false;
	pty_resize(&s->p, rows, cols);
	/* The program has drawn anew once something comes. */
	return pty_pump(&s->p, DEADLINE_MS);
}

static bool take_step(struct stage *s, const struct step *step)
{
	switch (step->op) {
	case SEND:
		pty_send(&s->p, step->text);
		if (s->filmed)
			settle(s);
		return true;
	case WAIT:
	case GONE:
		return wait_text(s, step->text, step->op == WAIT);
	case READY:
		usleep(300 * 1000);
		return true;
	case SIZE:
		return resize(s, step->text);
	case CRASH:
		return crash(s, step->text);
	case SHOT:
		return shoot(s, step->text);
	case SAY:
		s->caption = step->text;
		if (s->film.nr)
			film_take(&s->film, &s->p, s->caption, PACE_MS);
		return true;
	case HOLD:
		film_hold(&s->film, step->ms);
		return true;
	}
	return false;
}

static bool perform(const struct play *play, char *stray, const char *folder)
{
	struct stage s = { .folder = folder, .filmed = play->filmed };
	char interval[32];
	char *argv[] = { stray, (char *)"--demo", (char *)"--interval", interval, (char *)"--delay",
			 (char *)"1s", NULL };
	char *env[] = { (char *)"PATH=/usr/bin:/bin", (char *)"LC_ALL=C.UTF-8", (char *)"TZ=UTC",
			(char *)"TERM=xterm-256color", (char *)play->setting, NULL };
	const struct step *step = play->steps;
	bool ok = true;
	int rows, cols;

	snprintf(interval, sizeof(interval), "%s", play->interval);
	if (sscanf(play->size, "%dx%d", &rows, &cols) != 2)
		return false;
	pty_start(&s.p, rows, cols, argv, env);
	for (; ok && step < play->steps + MAX_STEPS && (step->text || step->op); step++)
		ok = take_step(&s, step);
	if (!ok) {
		char *text = pty_text(&s.p);

		fprintf(stderr, "shot: step %zu of play %zu went wrong; the screen:\n%s",
			(size_t)(step - play->steps), (size_t)(play - plays) + 1, text);
		free(text);
	} else if (play->filmed) {
		film_write(&s.film, &s.p, folder);
	}
	film_release(&s.film);
	/* Asked to end, so that the fleet and its state directory are gone after it. */
	kill(s.p.pid, SIGTERM);
	ok = pty_wait_end(&s.p) && ok;
	pty_stop(&s.p);
	return ok;
}

int main(int argc, char **argv)
{
	if (argc != 3 || getpid() != 1) {
		fprintf(stderr, "usage: shots.sh SHOT STRAY FOLDER\n");
		return 2;
	}
	for (size_t i = 0; i < ARRAY_SIZE(plays); i++) {
		if (!perform(&plays[i], argv[1], argv[2]))
			return 1;
	}
	return 0;
}
