/* SPDX-License-Identifier: MIT */
#include "screen/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <utmp.h>

#include "base/clock.h"

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "pty: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int on_cursor(VTermPos pos, VTermPos oldpos, int visible, void *user)
{
	struct pty *p = user;

	(void)oldpos;
	(void)visible;
	p->cursor = pos;
	return 1;
}

static const VTermScreenCallbacks callbacks = { .movecursor = on_cursor };

static void exec_child(struct pty *p, char *const argv[], char *const env[])
{
	struct winsize size = { .ws_row = (unsigned short)p->rows,
				.ws_col = (unsigned short)p->cols };

	close(p->fd);
	ioctl(p->slave, TIOCSWINSZ, &size);
	if (login_tty(p->slave) < 0)
		_exit(126);
	execve(argv[0], argv, env);
	_exit(127);
}

void pty_start(struct pty *p, int rows, int cols, char *const argv[], char *const env[])
{
	*p = (struct pty){ .rows = rows, .cols = cols, .status = -1 };
	if (openpty(&p->fd, &p->slave, NULL, NULL, NULL) < 0)
		die("openpty");
	if (tcgetattr(p->slave, &p->before) < 0)
		die("tcgetattr");
	fcntl(p->fd, F_SETFD, FD_CLOEXEC);
	p->vt = vterm_new(rows, cols);
	vterm_set_utf8(p->vt, 1);
	p->screen = vterm_obtain_screen(p->vt);
	vterm_screen_set_callbacks(p->screen, &callbacks, p);
	vterm_screen_enable_altscreen(p->screen, 1);
	vterm_screen_reset(p->screen, 1);
	p->pid = fork();
	if (p->pid < 0)
		die("fork");
	if (p->pid == 0)
		exec_child(p, argv, env);
}

static void reap_child(struct pty *p, int flags)
{
	int status;

	if (p->status < 0 && waitpid(p->pid, &status, flags) == p->pid)
		p->status = status;
}

void pty_stop(struct pty *p)
{
	reap_child(p, WNOHANG);
	if (p->status < 0) {
		kill(p->pid, SIGKILL);
		kill(p->pid, SIGCONT);
		reap_child(p, 0);
	}
	close(p->fd);
	close(p->slave);
	vterm_free(p->vt);
	free(p->bytes);
}

void pty_send(struct pty *p, const char *keys)
{
	size_t len = strlen(keys);

	while (len) {
		ssize_t n = write(p->fd, keys, len);

		if (n < 0)
			die("write");
		keys += n;
		len -= (size_t)n;
	}
}

void pty_resize(struct pty *p, int rows, int cols)
{
	struct winsize size = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols };

	p->rows = rows;
	p->cols = cols;
	vterm_set_size(p->vt, rows, cols);
	if (ioctl(p->slave, TIOCSWINSZ, &size) < 0)
		die("TIOCSWINSZ");
}

static void keep_bytes(struct pty *p, const char *data, size_t len)
{
	if (p->nr_bytes + len + 1 > p->alloc_bytes) {
		p->alloc_bytes = (p->nr_bytes + len + 1) * 2;
		p->bytes = realloc(p->bytes, p->alloc_bytes);
		if (!p->bytes)
			die("realloc");
	}
	memcpy(p->bytes + p->nr_bytes, data, len);
	p->nr_bytes += len;
	p->bytes[p->nr_bytes] = '\0';
}

bool pty_pump(struct pty *p, int ms)
{
	struct pollfd pfd = { .fd = p->fd, .events = POLLIN };
	char buf[65536];
	ssize_t n;

	if (poll(&pfd, 1, ms) <= 0 || !(pfd.revents & POLLIN))
		return false;
	n = read(p->fd, buf, sizeof(buf));
	if (n <= 0)
		return false;
	keep_bytes(p, buf, (size_t)n);
	vterm_input_write(p->vt, buf, (size_t)n);
	vterm_screen_flush_damage(p->screen);
	/* What the terminal answers goes to the program. */
	n = (ssize_t)vterm_output_read(p->vt, buf, sizeof(buf));
	if (n > 0 && write(p->fd, buf, (size_t)n) < 0)
		die("write");
	return true;
}

size_t pty_utf8(char *buf, uint32_t c)
{
	if (c < 0x80) {
		buf[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		buf[0] = (char)(0xc0 | c >> 6);
		buf[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		buf[0] = (char)(0xe0 | c >> 12);
		buf[1] = (char)(0x80 | (c >> 6 & 0x3f));
		buf[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	buf[0] = (char)(0xf0 | c >> 18);
	buf[1] = (char)(0x80 | (c >> 12 & 0x3f));
	buf[2] = (char)(0x80 | (c >> 6 & 0x3f));
	buf[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

VTermScreenCell pty_cell(struct pty *p, int row, int col)
{
	VTermScreenCell cell = { 0 };

	vterm_screen_get_cell(p->screen, (VTermPos){ .row = row, .col = col }, &cell);
	return cell;
}

/* The row's text; columns[i]: the column of byte i. */
static size_t row_text(struct pty *p, int row, char buf[PTY_LINE], int columns[PTY_LINE])
{
	size_t len = 0;

	for (int col = 0; col < p->cols && len + 32 < PTY_LINE;) {
		VTermScreenCell cell = pty_cell(p, row, col);
		size_t start = len;

		if (!cell.chars[0])
			buf[len++] = ' ';
		for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++)
			len += pty_utf8(buf + len, cell.chars[i]);
		for (size_t i = start; columns && i < len; i++)
			columns[i] = col;
		col += cell.width > 1 ? cell.width : 1;
	}
	while (len && buf[len - 1] == ' ')
		len--;
	buf[len] = '\0';
	return len;
}

void pty_row(struct pty *p, int row, char buf[PTY_LINE])
{
	row_text(p, row, buf, NULL);
}

char *pty_text(struct pty *p)
{
	char *text = malloc((size_t)p->rows * PTY_LINE + 1), *at = text;

	if (!text)
		die("malloc");
	for (int row = 0; row < p->rows; row++) {
		at += row_text(p, row, at, NULL);
		*at++ = '\n';
	}
	*at = '\0';
	return text;
}

int pty_find(struct pty *p, const char *text, int *ret_col)
{
	char line[PTY_LINE];
	int columns[PTY_LINE];

	for (int row = 0; row < p->rows; row++) {
		char *found;

		row_text(p, row, line, columns);
		found = strstr(line, text);
		if (found && ret_col)
			*ret_col = columns[found - line];
		if (found)
			return row;
	}
	return -1;
}

static bool wait_for(struct pty *p, const char *text, bool there)
{
	int64_t until = clock_ms(CLOCK_MONOTONIC) + PTY_DEADLINE_MS;

	while ((pty_find(p, text, NULL) >= 0) != there) {
		if (clock_ms(CLOCK_MONOTONIC) > until)
			return false;
		if (!pty_pump(p, 50)) {
			reap_child(p, WNOHANG);
			if (p->status >= 0 && !pty_pump(p, 50))
				return (pty_find(p, text, NULL) >= 0) == there;
		}
	}
	return true;
}

bool pty_wait(struct pty *p, const char *text)
{
	return wait_for(p, text, true);
}

bool pty_wait_gone(struct pty *p, const char *text)
{
	return wait_for(p, text, false);
}

/* Does the cursor stand on the upper side of a frame? */
static bool is_on_title(struct pty *p)
{
	VTermScreenCell cell =
		pty_cell(p, p->cursor.row, p->cursor.col > 2 ? p->cursor.col - 3 : 0);

	return cell.chars[0] == 0x250c || cell.chars[0] == '+';
}

bool pty_wait_dialog(struct pty *p)
{
	int64_t until = clock_ms(CLOCK_MONOTONIC) + PTY_DEADLINE_MS;

	/* A picture that is being drawn has its cursor everywhere: wait until all is in. */
	while (pty_pump(p, 30) || is_on_title(p))
		if (clock_ms(CLOCK_MONOTONIC) > until)
			return false;
	return true;
}

bool pty_wait_end(struct pty *p)
{
	int64_t until = clock_ms(CLOCK_MONOTONIC) + PTY_DEADLINE_MS;

	while (p->status < 0 && clock_ms(CLOCK_MONOTONIC) < until) {
		pty_pump(p, 20);
		reap_child(p, WNOHANG);
	}
	while (pty_pump(p, 20))
		;
	return p->status >= 0;
}

bool pty_wrote(const struct pty *p, const char *bytes)
{
	return p->bytes && memmem(p->bytes, p->nr_bytes, bytes, strlen(bytes));
}

bool pty_restored(const struct pty *p)
{
	struct termios now;

	return tcgetattr(p->slave, &now) == 0 && now.c_lflag == p->before.c_lflag &&
	       now.c_iflag == p->before.c_iflag && now.c_oflag == p->before.c_oflag &&
	       now.c_cflag == p->before.c_cflag &&
	       !memcmp(now.c_cc, p->before.c_cc, sizeof(now.c_cc));
}
