/* SPDX-License-Identifier: MIT */
#include "tui/term.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#include "base/array.h"

/*
 * Signal handlers have nothing but static storage to work with. All of it is
 * written before they are installed, save the flags.
 */
static struct {
	SCREEN *screen;
	struct termios saved;
	bool have_saved;
	char restore[256]; /* what gives the screen back, ready to be written */
	size_t restore_len;
	int pipe[2];
} term = { .pipe = { -1, -1 } };

static volatile sig_atomic_t got_stop, got_winch, got_suspend;

static const int stop_signals[] = { SIGTERM, SIGINT, SIGHUP };
static const int crash_signals[] = { SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGQUIT };

/* --- handlers: async-signal-safe calls only --------------------------------------- */

static void on_signal(int signo)
{
	int saved = errno;

	if (signo == SIGWINCH || signo == SIGCONT)
		got_winch = 1;
	else if (signo == SIGTSTP)
		got_suspend = 1;
	else
		got_stop = signo;
	(void)!write(term.pipe[1], "", 1);
	errno = saved;
}

/* curses itself gives the terminal back on TERM and INT only. */
static void on_crash(int signo)
{
	(void)!write(STDOUT_FILENO, term.restore, term.restore_len);
	if (term.have_saved)
		tcsetattr(STDIN_FILENO, TCSANOW, &term.saved);
	/* SA_RESETHAND: the second one is the default's. */
	raise(signo);
}

static void handle(int signo, void (*handler)(int), int flags)
{
	struct sigaction sa = { .sa_handler = handler, .sa_flags = flags };

	sigemptyset(&sa.sa_mask);
	sigaction(signo, &sa, NULL);
}

static void handle_all(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(stop_signals); i++)
		handle(stop_signals[i], on_signal, SA_RESTART);
	for (size_t i = 0; i < ARRAY_SIZE(crash_signals); i++)
		handle(crash_signals[i], on_crash, (int)SA_RESETHAND | SA_NODEFER);
	handle(SIGWINCH, on_signal, SA_RESTART);
	handle(SIGCONT, on_signal, SA_RESTART);
	handle(SIGTSTP, on_signal, SA_RESTART);
	handle(SIGPIPE, SIG_IGN, 0);
}

static void handle_none(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(crash_signals); i++)
		handle(crash_signals[i], SIG_DFL, 0);
	handle(SIGWINCH, SIG_DFL, 0);
	handle(SIGCONT, SIG_DFL, 0);
	handle(SIGTSTP, SIG_DFL, 0);
}

/* --- the string for the worst case ------------------------------------------------ */

static void add_restore(const char *text)
{
	size_t len = text && text != (char *)-1 ? strlen(text) : 0;

	if (len && term.restore_len + len < sizeof(term.restore)) {
		memcpy(term.restore + term.restore_len, text, len);
		term.restore_len += len;
	}
}

static void build_restore(void)
{
	const char *name = termname();

	term.restore_len = 0;
	/* Mouse reporting off; only where the terminal's own restore speaks like xterm's. */
	if (tigetstr("kmous") && tigetstr("kmous") != (char *)-1)
		add_restore("\033[?1000l\033[?1002l\033[?1003l\033[?1006l");
	add_restore(tigetstr("sgr0"));
	add_restore(tigetstr("rmkx"));
	add_restore(tigetstr("cnorm"));
	add_restore(tigetstr("rmcup"));
	add_restore(name ? "\r\n" : "");
}

/* --- face ------------------------------------------------------------------------- */

void term_mouse(bool on)
{
	mousemask(on ? BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED : 0, NULL);
}

/*
 * Keys as other terminals than the one that TERM names send them: what sits
 * before the person is often an xterm, whatever TERM says.
 */
static void add_keys(void)
{
	static const struct {
		const char *bytes;
		int code;
	} keys[] = {
		{ "\033[A", KEY_UP },	   { "\033[B", KEY_DOWN },   { "\033[C", KEY_RIGHT },
		{ "\033[D", KEY_LEFT },	   { "\033[H", KEY_HOME },   { "\033[F", KEY_END },
		{ "\033OH", KEY_HOME },	   { "\033OF", KEY_END },    { "\033[1~", KEY_HOME },
		{ "\033[4~", KEY_END },	   { "\033[7~", KEY_HOME },  { "\033[8~", KEY_END },
		{ "\033[3~", KEY_DC },	   { "\033[5~", KEY_PPAGE }, { "\033[6~", KEY_NPAGE },
		{ "\033[Z", KEY_BTAB },	   { "\033OM", KEY_ENTER },  { "\033OP", KEY_F(1) },
		{ "\033OQ", KEY_F(2) },	   { "\033OR", KEY_F(3) },   { "\033OS", KEY_F(4) },
		{ "\033[11~", KEY_F(1) },  { "\033[12~", KEY_F(2) }, { "\033[13~", KEY_F(3) },
		{ "\033[14~", KEY_F(4) },  { "\033[15~", KEY_F(5) }, { "\033[17~", KEY_F(6) },
		{ "\033[18~", KEY_F(7) },  { "\033[19~", KEY_F(8) }, { "\033[20~", KEY_F(9) },
		{ "\033[21~", KEY_F(10) },
	};

	/* What terminfo knows stays as it says. */
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (key_defined(keys[i].bytes) == 0)
			define_key(keys[i].bytes, keys[i].code);
}

static void set_modes(void)
{
	/* Keys come as they are, Ctrl-C and Ctrl-Z too: while armed they ask first. */
	raw();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(25);
	add_keys();
	mouseinterval(0);
	curs_set(1);
}

int term_open(bool mouse)
{
	/* With these set, curses would not believe a resize. */
	unsetenv("LINES");
	unsetenv("COLUMNS");
	if (pipe2(term.pipe, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	term.have_saved = tcgetattr(STDIN_FILENO, &term.saved) == 0;
	term.screen = newterm(NULL, stdout, stdin);
	if (!term.screen) {
		close(term.pipe[0]);
		close(term.pipe[1]);
		term.pipe[0] = term.pipe[1] = -1;
		return -ENOTTY;
	}
	set_term(term.screen);
	build_restore();
	set_modes();
	term_mouse(mouse);
	got_stop = got_winch = got_suspend = 0;
	handle_all();
	return 0;
}

void term_close(void)
{
	if (!term.screen)
		return;
	term_mouse(false);
	endwin();
	handle_none();
	delscreen(term.screen);
	term.screen = NULL;
	if (term.have_saved)
		tcsetattr(STDIN_FILENO, TCSANOW, &term.saved);
}

int term_fd(void)
{
	return term.pipe[0];
}

unsigned term_events(void)
{
	char drain[64];
	unsigned events = 0;

	while (read(term.pipe[0], drain, sizeof(drain)) > 0)
		;
	if (got_winch) {
		got_winch = 0;
		events |= TERM_RESIZED;
	}
	if (got_suspend) {
		got_suspend = 0;
		events |= TERM_SUSPEND;
	}
	return got_stop ? events | TERM_STOP : events;
}

int term_stop_signal(void)
{
	return got_stop;
}

void term_resize(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col)
		resizeterm(size.ws_row, size.ws_col);
	clearok(curscr, TRUE);
}

bool term_suspend(void)
{
	if (getpgrp() != getpid())
		return false;
	def_prog_mode();
	endwin();
	handle(SIGTSTP, SIG_DFL, 0);
	raise(SIGTSTP);
	/* Stopped here until SIGCONT. */
	handle(SIGTSTP, on_signal, SA_RESTART);
	reset_prog_mode();
	term_resize();
	refresh();
	return true;
}
