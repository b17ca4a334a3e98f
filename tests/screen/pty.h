/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SCREEN_PTY_H
#define TESTS_SCREEN_PTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <termios.h>
#include <vterm.h>

/*
 * A program on a pseudo terminal whose bytes go into libvterm: what it shows is
 * read back cell by cell. Whatever is waited for has a deadline.
 */
struct pty {
	int fd, slave; /* the slave stays open, so that the last settings can be read */
	pid_t pid;
	int status; /* of waitpid(2), -1: it runs */
	VTerm *vt;
	VTermScreen *screen;
	int rows, cols;
	VTermPos cursor;
	char *bytes; /* all that it wrote */
	size_t nr_bytes, alloc_bytes;
	struct termios before;
};

enum { PTY_DEADLINE_MS = 10000, PTY_LINE = 2048 };

/* Start @argv with exactly this environment. Exits on failure. */
void pty_start(struct pty *p, int rows, int cols, char *const argv[], char *const env[]);
void pty_stop(struct pty *p); /* end it if it still runs, free all */

void pty_send(struct pty *p, const char *keys);
void pty_resize(struct pty *p, int rows, int cols);

/* Feed what comes within @ms into the terminal; false: nothing came. */
bool pty_pump(struct pty *p, int ms);

/* Wait until @text stands somewhere (until it does not). False: the deadline is over. */
bool pty_wait(struct pty *p, const char *text);
bool pty_wait_gone(struct pty *p, const char *text);
bool pty_wait_end(struct pty *p);
/* Until a dialog that has just opened takes keys: its cursor leaves the title. */
bool pty_wait_dialog(struct pty *p);

/* One row without blanks at its end, UTF-8. */
void pty_row(struct pty *p, int row, char buf[PTY_LINE]);
/* All rows, each ended by a newline; heap. */
char *pty_text(struct pty *p);
/* The first row that holds @text, or -1; *ret_col: where, in columns. */
int pty_find(struct pty *p, const char *text, int *ret_col);
/* One character of a cell as UTF-8 of up to 4 bytes; how many. */
size_t pty_utf8(char *buf, uint32_t c);
VTermScreenCell pty_cell(struct pty *p, int row, int col);

/* Were these bytes written at any time? */
bool pty_wrote(const struct pty *p, const char *bytes);

/* Are the terminal's settings what they were before the program started? */
bool pty_restored(const struct pty *p);

#endif
