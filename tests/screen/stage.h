/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SCREEN_STAGE_H
#define TESTS_SCREEN_STAGE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "screen/pty.h"

/* The view over a fixed machine, for the tests in behaviour.c and ends.c. */
struct stage {
	struct pty p;
	char dir[64]; /* the state directory */
	bool running;
};

struct setting {
	const char *story, *option, *env, *term, *lang; /* NULL: main, none, none, xterm, UTF-8 */
	int rows, cols;					/* 0: 24, 80 */
};

/* Where the view is: beside this program. First of all, from main(). */
int stage_find_view(void);
extern char stage_view[4096];

int stage_set_up(void **state);
int stage_tear_down(void **state);

/* Start the view and wait until it stands there. */
void stage_start(struct stage *v, const struct setting *s);

/* Wait, and fail the test after the deadline. */
void wait_text(struct stage *v, const char *text);
void wait_gone(struct stage *v, const char *text);
void wait_cursor(struct stage *v, int row);

/* Send @key, wait for @button, and until keys are taken. */
void open_dialog(struct stage *v, const char *key, const char *button);

/* Wait until the dialog that stands there takes keys. */
void wait_dialog(struct stage *v);

#endif
