/* SPDX-License-Identifier: MIT */
#include "screen/stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

char stage_view[4096];

int stage_find_view(void)
{
	char *slash;

	if (readlink("/proc/self/exe", stage_view, sizeof(stage_view) - 8) < 0)
		return -1;
	slash = strrchr(stage_view, '/');
	snprintf(slash + 1, 8, "view");
	return 0;
}

void stage_start(struct stage *v, const struct setting *s)
{
	char state[96], term[64], lang[64];
	char *argv[] = { stage_view, (char *)(s->story ? s->story : "main"), (char *)s->option,
			 NULL };
	char *env[] = { state,		term, lang, (char *)"TZ=UTC", (char *)"PATH=/usr/bin:/bin",
			(char *)s->env, NULL };

	snprintf(state, sizeof(state), "STRAY_STATE_DIR=%s", v->dir);
	snprintf(term, sizeof(term), "TERM=%s", s->term ? s->term : "xterm-256color");
	snprintf(lang, sizeof(lang), "LC_ALL=%s", s->lang ? s->lang : "C.UTF-8");
	pty_start(&v->p, s->rows ? s->rows : 24, s->cols ? s->cols : 80, argv, env);
	v->running = true;
	if (!pty_wait(&v->p, "F9Reap"))
		fail_msg("the view never came up");
}

int stage_set_up(void **state)
{
	struct stage *v = calloc(1, sizeof(*v));

	assert_non_null(v);
	snprintf(v->dir, sizeof(v->dir), "/tmp/stray-screen-XXXXXX");
	assert_non_null(mkdtemp(v->dir));
	*state = v;
	return 0;
}

int stage_tear_down(void **state)
{
	static const char *const files[] = { "ledger.json", "ledger.lock",   "sweep.lock",  "log",
					     "later",	    "history.jsonl", "history.lock" };
	struct stage *v = *state;

	if (v->running)
		pty_stop(&v->p);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char path[128];

		snprintf(path, sizeof(path), "%s/%s", v->dir, files[i]);
		unlink(path);
	}
	rmdir(v->dir);
	free(v);
	return 0;
}

void wait_text(struct stage *v, const char *text)
{
	if (!pty_wait(&v->p, text)) {
		char *all = pty_text(&v->p);

		print_error("%s", all);
		free(all);
		fail_msg("'%s' never stood there", text);
	}
}

void wait_gone(struct stage *v, const char *text)
{
	if (!pty_wait_gone(&v->p, text))
		fail_msg("'%s' never went away", text);
}

/* Until a dialog takes keys its cursor stands on the title, and then on the button. */
void open_dialog(struct stage *v, const char *key, const char *button)
{
	pty_send(&v->p, key);
	wait_text(v, button);
	wait_dialog(v);
}

void wait_dialog(struct stage *v)
{
	if (!pty_wait_dialog(&v->p))
		fail_msg("the dialog never took keys");
}

void wait_cursor(struct stage *v, int row)
{
	int64_t until = clock_ms(CLOCK_MONOTONIC) + PTY_DEADLINE_MS;

	/* While a picture is drawn the cursor is everywhere: it counts when the bytes are in. */
	while ((pty_pump(&v->p, 30) || v->p.cursor.row != row) && clock_ms(CLOCK_MONOTONIC) < until)
		;
	assert_int_equal(v->p.cursor.row, row);
}
