/* SPDX-License-Identifier: MIT */
/*
 * A program on a pseudo terminal, driven by lines: drive ROWSxCOLS PROGRAM [ARG...].
 * Each line of standard input is a command and gets one line back, `ok` or `no`,
 * before it what it asked for:
 *
 *	wait TEXT	until it stands on the screen
 *	gone TEXT	until it does not
 *	now TEXT	does it stand there at this moment?
 *	send KEYS	\r \e \t are Enter, Esc, Tab
 *	dialog		until a dialog that has just opened takes keys
 *	size ROWSxCOLS
 *	show		the rows of the screen, each after a `|`
 *	row TEXT	the row that holds it, after a `|`
 *	end		until the program has ended; its exit status after a `|`
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "screen/pty.h"

extern char **environ;

static void unescape(char *keys)
{
	char *to = keys;

	for (char *at = keys; *at; at++) {
		if (*at != '\\' || !at[1]) {
			*to++ = *at;
			continue;
		}
		at++;
		*to++ = *at == 'r' ? '\r' : *at == 'e' ? '\033' : *at == 't' ? '\t' : *at;
	}
	*to = '\0';
}

static bool show(struct pty *p, const char *only)
{
	bool found = false;

	for (int row = 0; row < p->rows; row++) {
		char line[PTY_LINE];

		pty_row(p, row, line);
		if (only && !strstr(line, only))
			continue;
		printf("|%s\n", line);
		found = true;
	}
	return found;
}

static bool wait_end(struct pty *p)
{
	if (!pty_wait_end(p))
		return false;
	if (WIFEXITED(p->status))
		printf("|%d\n", WEXITSTATUS(p->status));
	else
		printf("|signal %d\n", WTERMSIG(p->status));
	return true;
}

static bool resize(struct pty *p, const char *text)
{
	int rows, cols;

	if (sscanf(text, "%dx%d", &rows, &cols) != 2)
		return false;
	pty_resize(p, rows, cols);
	return true;
}

static bool obey(struct pty *p, const char *command, char *text)
{
	if (!strcmp(command, "wait"))
		return pty_wait(p, text);
	if (!strcmp(command, "gone"))
		return pty_wait_gone(p, text);
	if (!strcmp(command, "size"))
		return resize(p, text);
	if (!strcmp(command, "end"))
		return wait_end(p);
	if (!strcmp(command, "send")) {
		unescape(text);
		pty_send(p, text);
		return true;
	}
	while (pty_pump(p, 20))
		;
	if (!strcmp(command, "now"))
		return pty_find(p, text, NULL) >= 0;
	if (!strcmp(command, "show"))
		return show(p, NULL);
	if (!strcmp(command, "row"))
		return show(p, text);
	if (!strcmp(command, "dialog"))
		return pty_wait_dialog(p);
	return false;
}

int main(int argc, char **argv)
{
	char line[4096];
	struct pty p;
	int rows, cols;

	if (argc < 3 || sscanf(argv[1], "%dx%d", &rows, &cols) != 2) {
		fprintf(stderr, "usage: drive ROWSxCOLS PROGRAM [ARG...]\n");
		return 2;
	}
	pty_start(&p, rows, cols, argv + 2, environ);
	while (fgets(line, sizeof(line), stdin)) {
		char *text;

		line[strcspn(line, "\n")] = '\0';
		text = strchr(line, ' ');
		if (text)
			*text++ = '\0';
		puts(obey(&p, line, text ? text : line + strlen(line)) ? "ok" : "no");
		fflush(stdout);
	}
	pty_stop(&p);
	return 0;
}
