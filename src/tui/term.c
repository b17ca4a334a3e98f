/* SPDX-License-Identifier: MIT */
#include "tui/term.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#include "base/array.h"

/* A terminal that says it is larger than this is drawn in its upper left corner. */
enum { MAX_COLS = 3000, MAX_ROWS = 1000 };

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
	int nowhere; /* /dev/null, for a terminal that takes no output */
	int tty;     /* a copy of standard output */
	bool mouse;
	int stops_told; /* of stop_count */
} term = { .pipe = { -1, -1 }, .nowhere = -1, .tty = -1 };

static volatile sig_atomic_t got_stop, stop_count, got_winch, got_cont, got_suspend, got_tick;
static volatile sig_atomic_t drawing, stuck;

static const int stop_signals[] = { SIGTERM, SIGINT, SIGHUP };

/* The signals that end the program by default; real-time signals do too. */
static const int crash_signals[] = { SIGSEGV, SIGABRT, SIGBUS,	  SIGFPE,  SIGILL,   SIGQUIT,
				     SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGIO,    SIGPWR,
				     SIGXCPU, SIGXFSZ, SIGTRAP,	  SIGSYS,  SIGSTKFLT };

/* --- handlers: async-signal-safe calls only --------------------------------------- */

static bool takes_output(void)
{
	struct pollfd pfd = { .fd = STDOUT_FILENO, .events = POLLOUT };

	return poll(&pfd, 1, 0) != 0;
}

static void on_signal(int signo)
{
	int saved = errno;

	if (signo == SIGWINCH)
		got_winch = 1;
	else if (signo == SIGCONT)
		got_cont = 1;
	else if (signo == SIGTSTP)
		got_suspend = 1;
	else if (signo == SIGUSR1)
		got_tick = 1;
	else {
		got_stop = signo;
		stop_count++;
		/* The write that curses waits in is interrupted, and goes on there. */
		if (drawing && !takes_output()) {
			dup2(term.nowhere, STDOUT_FILENO);
			stuck = 1;
		}
	}
	(void)!write(term.pipe[1], "", 1);
	errno = saved;
}

/* Write without waiting: the terminal may take nothing. */
static void write_restore(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	(void)!write(fd, term.restore, term.restore_len);
	fcntl(fd, F_SETFL, flags);
	if (term.have_saved)
		tcsetattr(STDIN_FILENO, TCSANOW, &term.saved);
}

/* curses itself gives the terminal back on TERM and INT only. */
static void on_crash(int signo)
{
	write_restore(term.tty);
	/* SA_RESETHAND: the second one is the default's. */
	raise(signo);
}

static bool is_ignored(int signo)
{
	struct sigaction now;

	return sigaction(signo, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

/* What was ignored when we were started stays so. */
static void handle(int signo, void (*handler)(int), int flags)
{
	struct sigaction sa = { .sa_handler = handler, .sa_flags = flags };

	if (is_ignored(signo))
		return;
	sigemptyset(&sa.sa_mask);
	sigaction(signo, &sa, NULL);
}

static void handle_crashes(void (*handler)(int))
{
	int flags = handler == SIG_DFL ? 0 : (int)SA_RESETHAND | SA_NODEFER;

	for (size_t i = 0; i < ARRAY_SIZE(crash_signals); i++)
		handle(crash_signals[i], handler, flags);
	for (int signo = SIGRTMIN; signo <= SIGRTMAX; signo++)
		handle(signo, handler, flags);
}

static void handle_all(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	/* Without SA_RESTART: a write that waits for the terminal must come back. */
	for (size_t i = 0; i < ARRAY_SIZE(stop_signals); i++)
		handle(stop_signals[i], on_signal, 0);
	handle_crashes(on_crash);
	handle(SIGWINCH, on_signal, SA_RESTART);
	handle(SIGCONT, on_signal, SA_RESTART);
	handle(SIGTSTP, on_signal, SA_RESTART);
	handle(SIGUSR1, on_signal, SA_RESTART);
	sigaction(SIGPIPE, &ignore, NULL);
}

static void handle_none(void)
{
	handle_crashes(SIG_DFL);
	handle(SIGWINCH, SIG_DFL, 0);
	handle(SIGCONT, SIG_DFL, 0);
	handle(SIGTSTP, SIG_DFL, 0);
	/* USR1 stays caught: its default would end us before all is told. */
}

/* --- the string for the worst case ------------------------------------------------ */

static void add_restore(const char *text)
{
	size_t len = text ? strlen(text) : 0;

	if (len && term.restore_len + len < sizeof(term.restore)) {
		memcpy(term.restore + term.restore_len, text, len);
		term.restore_len += len;
	}
}

const char *term_capability(const char *name)
{
	const char *text = tigetstr(name);

	return text != (char *)-1 ? text : NULL;
}

static bool has(const char *name)
{
	return term_capability(name) != NULL;
}

bool term_is_ansi(void)
{
	const char *text = term_capability("cup");

	return text && !strncmp(text, "\033[", 2);
}

static void build_restore(void)
{
	term.restore_len = 0;
	if (has("kmous"))
		add_restore("\033[?1000l\033[?1002l\033[?1003l\033[?1006l");
	if (term_is_ansi())
		add_restore("\033[?2004l");
	add_restore(term_capability("sgr0"));
	add_restore(term_capability("rmkx"));
	add_restore(term_capability("cnorm"));
	add_restore(term_capability("rmcup"));
	add_restore("\r\n");
}

/* --- modes ------------------------------------------------------------------------ */

/* What curses has not flushed yet would come later; between two pictures that is nothing. */
void term_send(const char *bytes)
{
	size_t len = strlen(bytes);

	while (len) {
		ssize_t n = write(STDOUT_FILENO, bytes, len);

		if (n < 0 && errno != EINTR)
			return;
		bytes += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
}

void term_mouse(bool on)
{
	term.mouse = on;
	if (has("kmous"))
		term_send(on ? "\033[?1000h\033[?1006h" : "\033[?1006l\033[?1000l");
}

/* A paste comes between brackets, so that it is not taken for keys. */
static void set_brackets(bool on)
{
	if (term_is_ansi())
		term_send(on ? "\033[?2004h" : "\033[?2004l");
}

static void set_modes(void)
{
	/* Keys come as they are, Ctrl-C and Ctrl-Z too: while armed they ask first. */
	raw();
	noecho();
	nonl();
	/* Bytes are read and decoded by ourselves: this sends smkx, nothing else. */
	keypad(stdscr, TRUE);
	typeahead(-1);
	curs_set(1);
	set_brackets(true);
}

void term_flush_input(void)
{
	tcflush(STDIN_FILENO, TCIFLUSH);
}

/* --- face ------------------------------------------------------------------------- */

static bool is_too_large(struct winsize *size)
{
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, size) < 0)
		return false;
	return size->ws_col > MAX_COLS || size->ws_row > MAX_ROWS;
}

static void close_all(void)
{
	int *fds[] = { &term.pipe[0], &term.pipe[1], &term.nowhere, &term.tty };

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
}

int term_open(bool mouse)
{
	struct winsize size;

	/* With these set, curses would not believe a resize. */
	unsetenv("LINES");
	unsetenv("COLUMNS");
	if (pipe2(term.pipe, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	term.nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	term.tty = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	term.have_saved = tcgetattr(STDIN_FILENO, &term.saved) == 0;
	/* curses counts rows and columns in shorts; it must not see such a size. */
	use_env(!is_too_large(&size));
	term.screen = term.tty < 0 ? NULL : newterm(NULL, stdout, stdin);
	if (!term.screen) {
		close_all();
		return -ENOTTY;
	}
	set_term(term.screen);
	build_restore();
	set_modes();
	term_mouse(mouse);
	if (is_too_large(&size))
		term_resize();
	term.stops_told = 0;
	got_stop = stop_count = got_winch = got_cont = got_suspend = got_tick = 0;
	drawing = stuck = 0;
	handle_all();
	return 0;
}

/* The terminal takes nothing: what it has not shown is dropped, then it is given back. */
static void give_back_stuck(void)
{
	dup2(term.nowhere, STDOUT_FILENO);
	endwin();
	dup2(term.tty, STDOUT_FILENO);
	tcflow(STDOUT_FILENO, TCOON);
	tcflush(STDOUT_FILENO, TCOFLUSH);
	write_restore(STDOUT_FILENO);
}

void term_close(void)
{
	if (!term.screen)
		return;
	if (stuck || (got_stop && !takes_output())) {
		give_back_stuck();
	} else {
		set_brackets(false);
		term_mouse(false);
		endwin();
	}
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

static bool take_flag(volatile sig_atomic_t *flag)
{
	bool was = *flag;

	*flag = 0;
	return was;
}

unsigned term_events(void)
{
	char drain[64];
	unsigned events = 0;

	while (read(term.pipe[0], drain, sizeof(drain)) > 0)
		;
	if (take_flag(&got_winch))
		events |= TERM_RESIZED;
	if (take_flag(&got_cont))
		events |= TERM_CONTINUED;
	if (take_flag(&got_suspend))
		events |= TERM_SUSPEND;
	if (take_flag(&got_tick))
		events |= TERM_TICK;
	if (stop_count != term.stops_told) {
		term.stops_told = stop_count;
		events |= TERM_STOP;
	}
	return events;
}

int term_stop_signal(void)
{
	return got_stop;
}

unsigned term_stop_count(void)
{
	return (unsigned)stop_count;
}

void term_draw_begin(void)
{
	drawing = 1;
}

void term_draw_end(void)
{
	drawing = 0;
}

bool term_is_stuck(void)
{
	return stuck;
}

void term_resize(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col)
		resizeterm(size.ws_row < MAX_ROWS ? size.ws_row : MAX_ROWS,
			   size.ws_col < MAX_COLS ? size.ws_col : MAX_COLS);
	clearok(curscr, TRUE);
}

void term_retake(void)
{
	reset_prog_mode();
	if (has("smcup"))
		term_send(term_capability("smcup"));
	if (has("smkx"))
		term_send(term_capability("smkx"));
	set_brackets(true);
	term_mouse(term.mouse);
	term_resize();
}

int term_suspend(int (*stop)(void))
{
	bool mouse = term.mouse;
	int r;

	def_prog_mode();
	set_brackets(false);
	term_mouse(false);
	endwin();
	handle(SIGTSTP, SIG_DFL, 0);
	r = stop();
	/* Stopped there until SIGCONT. */
	handle(SIGTSTP, on_signal, SA_RESTART);
	got_cont = 0;
	term.mouse = mouse;
	term_retake();
	refresh();
	return r;
}
