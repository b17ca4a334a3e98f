/* SPDX-License-Identifier: MIT */
/*
 * For the static program alone: a machine that it was copied to may have no terminfo
 * database, or keep it where this build does not look. Then what is built in is used
 * (terminfo.c, which the Makefile writes): ncurses takes a whole entry from TERMINFO.
 */
#include <curses.h>
#include <stdlib.h>
#include <string.h>

#include "terminal.h"

SCREEN *__real_newterm(const char *type, FILE *out, FILE *in);
SCREEN *__wrap_newterm(const char *type, FILE *out, FILE *in);

SCREEN *__wrap_newterm(const char *type, FILE *out, FILE *in)
{
	SCREEN *screen = __real_newterm(type, out, in);
	const char *name = type ? type : getenv("TERM");

	if (screen || !name || getenv("TERMINFO"))
		return screen;
	for (const struct terminal *t = terminals; t->name && !screen; t++) {
		if (strcmp(t->name, name) != 0)
			continue;
		/* Not for what is started later. */
		if (setenv("TERMINFO", t->entry, 1) == 0)
			screen = __real_newterm(type, out, in);
		unsetenv("TERMINFO");
	}
	return screen;
}
