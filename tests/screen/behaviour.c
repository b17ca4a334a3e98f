/*
 * How the view behaves on a terminal: colours, cursor, mouse, dialogs, signals,
 * and that the terminal is given back on every way out.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "screen/pty.h"

struct view {
	struct pty p;
	char dir[64];
	bool running;
};

static char view_path[4096];

struct setting {
	const char *story, *option, *env, *term, *lang;
	int rows, cols;
};

static void start(struct view *v, const struct setting *s)
{
	char state[96], term[64], lang[64];
	char *argv[] = { view_path, (char *)(s->story ? s->story : "main"), (char *)s->option, NULL };
	char *env[] = { state, term, lang, (char *)"TZ=UTC", (char *)"PATH=/usr/bin:/bin",
			(char *)s->env, NULL };

	snprintf(state, sizeof(state), "STRAY_STATE_DIR=%s", v->dir);
	snprintf(term, sizeof(term), "TERM=%s", s->term ? s->term : "xterm-256color");
	snprintf(lang, sizeof(lang), "LC_ALL=%s", s->lang ? s->lang : "C.UTF-8");
	pty_start(&v->p, s->rows ? s->rows : 24, s->cols ? s->cols : 80, argv, env);
	v->running = true;
	if (!pty_wait(&v->p, "F9Reap"))
		fail_msg("the view never came up");
}

static int set_up(void **state)
{
	struct view *v = calloc(1, sizeof(*v));

	assert_non_null(v);
	snprintf(v->dir, sizeof(v->dir), "/tmp/stray-screen-XXXXXX");
	assert_non_null(mkdtemp(v->dir));
	*state = v;
	return 0;
}

static int tear_down(void **state)
{
	static const char *const files[] = { "ledger.json", "ledger.lock", "sweep.lock", "log" };
	struct view *v = *state;

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

static void wait_text(struct view *v, const char *text)
{
	if (!pty_wait(&v->p, text)) {
		char *all = pty_text(&v->p);

		print_error("%s", all);
		free(all);
		fail_msg("'%s' never stood there", text);
	}
}

static void wait_gone(struct view *v, const char *text)
{
	if (!pty_wait_gone(&v->p, text))
		fail_msg("'%s' never went away", text);
}

/* A dialog takes no keys at first; that is a time, there is nothing to wait for. */
static void open_dialog(struct view *v, const char *key, const char *button)
{
	pty_send(&v->p, key);
	wait_text(v, button);
	usleep(300 * 1000);
}

static void wait_cursor(struct view *v, int row)
{
	int64_t until = clock_ms(CLOCK_MONOTONIC) + PTY_DEADLINE_MS;

	/* While a picture is drawn the cursor is everywhere: it counts when the bytes are in. */
	while ((pty_pump(&v->p, 30) || v->p.cursor.row != row) &&
	       clock_ms(CLOCK_MONOTONIC) < until)
		;
	assert_int_equal(v->p.cursor.row, row);
}

static bool is_colour(VTermColor c, int index)
{
	return VTERM_COLOR_IS_INDEXED(&c) && c.indexed.idx == index;
}

static VTermScreenCell cell_of(struct view *v, const char *text)
{
	int col = 0, row = pty_find(&v->p, text, &col);

	assert_true(row >= 0);
	return pty_cell(&v->p, row, col);
}

/* --- looks --------------------------------------------------------------------------- */

static void colours_say_the_state(void **state)
{
	struct view *v = *state;
	VTermScreenCell cell;

	start(v, &(struct setting){ .story = "main" });
	pty_send(&v->p, "\033[F"); /* End: the selection is somewhere else */
	wait_cursor(v, 8);
	cell = cell_of(v, "GONE    41877");
	assert_true(is_colour(cell.fg, 7) && is_colour(cell.bg, 1) && cell.attrs.bold);
	cell = cell_of(v, "GONE    39012");
	assert_true(is_colour(cell.fg, 3) && cell.attrs.bold);
	cell = cell_of(v, "alive    2210");
	assert_true(is_colour(cell.fg, 6));
	cell = cell_of(v, "stray 0.1");
	assert_true(is_colour(cell.bg, 4));
	cell = cell_of(v, "TICK");
	assert_true(is_colour(cell.bg, 6) && is_colour(cell.fg, 0));
	cell = cell_of(v, "alive 4194210");
	assert_true(is_colour(cell.bg, 7) && is_colour(cell.fg, 0));
}

static void no_cell_is_coloured(struct view *v)
{
	for (int row = 0; row < v->p.rows; row++)
		for (int col = 0; col < v->p.cols; col++) {
			VTermScreenCell cell = pty_cell(&v->p, row, col);

			if (!VTERM_COLOR_IS_DEFAULT_FG(&cell.fg) ||
			    !VTERM_COLOR_IS_DEFAULT_BG(&cell.bg))
				fail_msg("cell %d,%d is coloured", row, col);
		}
}

static void no_colour_if_asked(void **state)
{
	struct view *v = *state;

	start(v, &(struct setting){ .env = "NO_COLOR=1" });
	no_cell_is_coloured(v);
	assert_true(cell_of(v, "stray 0.1").attrs.reverse);
	assert_true(cell_of(v, "TICK").attrs.bold && cell_of(v, "TICK").attrs.underline);
	assert_false(cell_of(v, "TICK").attrs.reverse);
}

static void no_colour_with_the_option(void **state)
{
	struct view *v = *state;

	start(v, &(struct setting){ .option = "--color=never" });
	no_cell_is_coloured(v);
}

static void vt100_has_no_colour(void **state)
{
	struct view *v = *state;

	start(v, &(struct setting){ .term = "vt100", .lang = "C" });
	no_cell_is_coloured(v);
	for (size_t i = 0; i < v->p.nr_bytes; i++)
		assert_true((unsigned char)v->p.bytes[i] < 0x80);
	pty_send(&v->p, "?");
	wait_text(v, "any key closes");
}

static void no_escape_of_others_passes(void **state)
{
	struct view *v = *state;

	start(v, &(struct setting){ .story = "hostile" });
	pty_send(&v->p, "t");
	wait_text(v, "evil\\x1b]0;title");
	assert_false(pty_wrote(&v->p, "\033]0;title"));
	assert_false(pty_wrote(&v->p, "\xe2\x80\xae"));
	assert_false(pty_wrote(&v->p, "bad\nname"));
	wait_text(v, "漢字 arguments");
}

static void cursor_stands_on_what_is_selected(void **state)
{
	struct view *v = *state;

	start(v, &(struct setting){ .story = "main" });
	wait_cursor(v, 4);
	pty_send(&v->p, "j");
	wait_cursor(v, 5);
	open_dialog(v, "k", "[ Cancel ]");
	wait_cursor(v, pty_find(&v->p, "[ Cancel ]", NULL));
	pty_send(&v->p, "\033");
	wait_gone(v, "[ Cancel ]");
	pty_send(&v->p, "/x");
	wait_text(v, "x_");
	wait_cursor(v, 23);
}

/* --- dialogs -------------------------------------------------------------------------- */

static void y_reaps(void **state)
{
	struct view *v = *state;

	start(v, &(struct setting){ .story = "main" });
	open_dialog(v, "k", "[ Reap 4 ]");
	pty_send(&v->p, "y");
	wait_text(v, "dev.my-branch: 4 signalled, 4 exited, 0 survived");
	wait_gone(v, "GONE    41877");
}

static void held_keys_confirm_nothing(void **state)
{
	struct view *v = *state;

	start(v, &(struct setting){ .story = "main" });
	/* Pasted in one go, and Enter held on: Cancel is what Enter means. */
	pty_send(&v->p, "kyyyyy\r\r\r\r");
	wait_text(v, "[ Reap 4 ]");
	usleep(300 * 1000);
	pty_send(&v->p, "\r");
	wait_text(v, "cancelled, nothing reaped");
	wait_text(v, "GONE    41877");
	pty_send(&v->p, "l");
	wait_text(v, "EscBack");
	assert_int_equal(pty_find(&v->p, "REAP ", NULL), -1);
}

static void a_live_owner_wants_the_word(void **state)
{
	struct view *v = *state;

	start(v, &(struct setting){ .story = "main" });
	pty_send(&v->p, "jj");
	wait_cursor(v, 6);
	open_dialog(v, "k", "OWNER IS ALIVE");
	pty_send(&v->p, "y");
	pty_send(&v->p, "rea");
	wait_text(v, "confirm: rea_");
	assert_int_equal(pty_find(&v->p, "[ Reap 3 ]", NULL), -1);
	pty_send(&v->p, "p");
	wait_text(v, "[ Reap 3 ]");
	pty_send(&v->p, "\r");
	wait_text(v, "3 signalled, 3 exited");
}

static void refusals_are_told(void **state)
{
	struct view *v = *state;

	start(v, &(struct setting){ .option = "--refuse" });
	open_dialog(v, "k", "[ Reap 4 ]");
	pty_send(&v->p, "y");
	wait_text(v, "4 refused");
	pty_send(&v->p, "l");
	wait_text(v, "pid 41912 not signalled: Operation not permi");
}

static void arming_asks_disarming_does_not(void **state)
{
	struct view *v = *state;

	start(v, &(struct setting){ .story = "main" });
	open_dialog(v, "S", "[ Arm ]");
	pty_send(&v->p, "\r");
	wait_text(v, "the sweep stays off");
	open_dialog(v, "S", "[ Arm ]");
	pty_send(&v->p, "\t\r");
	wait_text(v, "SWEEP ARMED");
	assert_true(cell_of(v, "SWEEP ARMED 1:00").attrs.bold);
	pty_send(&v->p, "S");
	wait_text(v, "disarmed by user");
	wait_text(v, "sweep off");
}

static void quitting_while_armed_asks(void **state)
{
	struct view *v = *state;

	start(v, &(struct setting){ .story = "main" });
	open_dialog(v, "S", "[ Arm ]");
	pty_send(&v->p, "y");
	wait_text(v, "SWEEP ARMED");
	open_dialog(v, "q", "Quit and disarm?");
	pty_send(&v->p, "n");
	wait_gone(v, "Quit and disarm?");
	open_dialog(v, "\003", "Quit and disarm?");
	pty_send(&v->p, "y");
	assert_true(pty_wait_end(&v->p));
}

static void two_views_do_not_both_sweep(void **state)
{
	struct view *v = *state, other = { .running = false };

	start(v, &(struct setting){ .story = "main" });
	open_dialog(v, "S", "[ Arm ]");
	pty_send(&v->p, "y");
	wait_text(v, "SWEEP ARMED");
	memcpy(other.dir, v->dir, sizeof(other.dir));
	start(&other, &(struct setting){ .story = "main" });
	wait_text(&other, "swept by pid ");
	pty_send(&other.p, "S");
	wait_text(&other, "sweeps already");
	pty_stop(&other.p);
}

/* --- mouse ------------------------------------------------------------------------------ */

static void click(struct view *v, int row, int col)
{
	char bytes[64];

	snprintf(bytes, sizeof(bytes), "\033[<0;%d;%dM\033[<0;%d;%dm", col + 1, row + 1, col + 1,
		 row + 1);
	pty_send(&v->p, bytes);
}

static void the_mouse_selects_and_presses(void **state)
{
	struct view *v = *state;
	int row, col;

	start(v, &(struct setting){ .story = "main" });
	assert_true(pty_wrote(&v->p, "\033[?1006;1000h") || pty_wrote(&v->p, "\033[?1000h"));
	click(v, 6, 10);
	wait_cursor(v, 6);
	row = pty_find(&v->p, "▸ xyz.block.sprout.app.dev.my-branch", &col);
	click(v, row, col);
	wait_text(v, "├─ sprout-agent");
	row = pty_find(&v->p, "RSS INST", &col);
	click(v, row, col);
	wait_text(v, "RSS▼");
	row = pty_find(&v->p, "F8Log", &col);
	click(v, row, col);
	wait_text(v, "EscBack");
	row = pty_find(&v->p, "EscBack", &col);
	click(v, row, col);
	wait_text(v, "F9Reap");
	/* A click never reaps: it opens the dialog, whose button is another click. */
	row = pty_find(&v->p, "F9Reap", &col);
	click(v, row, col);
	wait_text(v, "[ Cancel ]");
	usleep(300 * 1000);
	row = pty_find(&v->p, "[ Cancel ]", &col);
	click(v, row, col + 2);
	wait_text(v, "cancelled, nothing reaped");
}

static void the_mouse_can_be_left_alone(void **state)
{
	struct view *v = *state;

	start(v, &(struct setting){ .story = "main" });
	pty_send(&v->p, "m");
	wait_text(v, "the mouse is the terminal's");
	assert_true(pty_wrote(&v->p, "1000l"));
}

/* --- sizes ------------------------------------------------------------------------------- */

static void a_resize_is_drawn(void **state)
{
	struct view *v = *state;

	start(v, &(struct setting){ .env = "LINES=10" });
	pty_resize(&v->p, 40, 120);
	wait_text(v, "Events (F8 full screen)");
	wait_text(v, "STATE");
	pty_resize(&v->p, 4, 18);
	wait_text(v, "Need 20x5");
	pty_resize(&v->p, 10, 40);
	wait_text(v, "3 alive 1 grace 1 reapable");
	/* A dialog that is open follows. */
	open_dialog(v, "k", "[ Reap 4 ]");
	pty_resize(&v->p, 24, 80);
	wait_text(v, "Exactly these 4 processes");
}

/* --- ends ---------------------------------------------------------------------------------- */

static void assert_given_back(struct view *v)
{
	assert_true(pty_restored(&v->p));
	/* The cursor is there, the other screen is gone, the mouse is let go. */
	assert_true(pty_wrote(&v->p, "\033[?1049l"));
	assert_true(pty_wrote(&v->p, "1000l"));
	assert_int_equal(pty_find(&v->p, "F9Reap", NULL), -1);
}

static void q_gives_the_terminal_back(void **state)
{
	struct view *v = *state;

	start(v, &(struct setting){ .story = "main" });
	pty_send(&v->p, "q");
	assert_true(pty_wait_end(&v->p));
	assert_true(WIFEXITED(v->p.status) && WEXITSTATUS(v->p.status) == 0);
	assert_given_back(v);
	wait_text(v, "ended: 0 signal 0");
}

static void ends_by(struct view *v, int signo, bool dies)
{
	start(v, &(struct setting){ .story = "main" });
	kill(v->p.pid, signo);
	assert_true(pty_wait_end(&v->p));
	if (dies)
		assert_true(WIFSIGNALED(v->p.status) && WTERMSIG(v->p.status) == signo);
	else
		assert_true(WIFEXITED(v->p.status) && WEXITSTATUS(v->p.status) == 0);
	assert_given_back(v);
}

static void term_ends_it(void **state) { ends_by(*state, SIGTERM, false); }
static void int_ends_it(void **state) { ends_by(*state, SIGINT, false); }
static void hup_ends_it(void **state) { ends_by(*state, SIGHUP, false); }
static void quit_kills_it(void **state) { ends_by(*state, SIGQUIT, true); }
static void segv_kills_it(void **state) { ends_by(*state, SIGSEGV, true); }
static void abrt_kills_it(void **state) { ends_by(*state, SIGABRT, true); }

static void a_hang_up_ends_it(void **state)
{
	struct view *v = *state;
	int64_t until = clock_ms(CLOCK_MONOTONIC) + PTY_DEADLINE_MS;
	int status;

	start(v, &(struct setting){ .story = "main" });
	/* Both ends: then the terminal is gone. HUP alone would end it, too. */
	close(v->p.slave);
	close(v->p.fd);
	v->p.fd = v->p.slave = open("/dev/null", O_RDWR);
	v->p.slave = dup(v->p.fd);
	while (waitpid(v->p.pid, &status, WNOHANG) == 0) {
		assert_true(clock_ms(CLOCK_MONOTONIC) < until);
		usleep(10000);
	}
	v->p.status = status;
}

/*
 * The view leads its session here, and a group without a parent in the session
 * is not stopped by TSTP; as under a shell it needs a parent: see job_main().
 */
static void ctrl_z_and_back_with_a_resize(void **state)
{
	struct view *v = *state;
	char *argv[] = { (char *)"/proc/self/exe", (char *)"--job", view_path, NULL };
	char dir[96];
	char *env[] = { dir, (char *)"TERM=xterm-256color", (char *)"LC_ALL=C.UTF-8",
			(char *)"TZ=UTC", (char *)"PATH=/usr/bin:/bin", NULL };

	snprintf(dir, sizeof(dir), "STRAY_STATE_DIR=%s", v->dir);
	pty_start(&v->p, 24, 80, argv, env);
	v->running = true;
	wait_text(v, "F9Reap");
	pty_send(&v->p, "\032");
	wait_text(v, "JOB STOPPED");
	assert_true(pty_restored(&v->p));
	pty_resize(&v->p, 30, 100);
	pty_send(&v->p, "g\n"); /* the parent lets it go on */
	wait_text(v, "F9Reap");
	wait_gone(v, "JOB STOPPED");
	pty_send(&v->p, "j");
	wait_cursor(v, 5);
	assert_true(pty_find(&v->p, "F10Quit", NULL) == 29);
	pty_send(&v->p, "q");
	wait_text(v, "ended: 0");
}

/* What a shell does with a job, as far as stopping goes. */
static int job_main(char **argv)
{
	pid_t pid = fork();
	int status;
	char c;

	if (pid < 0)
		return 1;
	if (pid == 0) {
		char *args[] = { argv[2], (char *)"main", NULL };

		setpgid(0, 0);
		signal(SIGTTOU, SIG_IGN);
		tcsetpgrp(0, getpid());
		signal(SIGTTOU, SIG_DFL);
		execv(argv[2], args);
		_exit(127);
	}
	setpgid(pid, pid);
	signal(SIGTTOU, SIG_IGN);
	signal(SIGTTIN, SIG_IGN);
	if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status))
		return 1;
	tcsetpgrp(0, getpid());
	dprintf(1, "JOB STOPPED\n");
	while (read(0, &c, 1) == 1 && c != 'g')
		;
	tcsetpgrp(0, pid);
	kill(-pid, SIGCONT);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static void not_a_terminal(void **state)
{
	struct view *v = *state;
	char command[4300], line[256] = "", state_dir[96];
	FILE *f;

	snprintf(state_dir, sizeof(state_dir), "%s", v->dir);
	setenv("STRAY_STATE_DIR", state_dir, 1);
	snprintf(command, sizeof(command), "%s main 2>&1 </dev/null", view_path);
	f = popen(command, "r");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	assert_string_equal(line, "view: not a terminal\n");
	assert_null(fgets(line, sizeof(line), f));
	assert_int_equal(WEXITSTATUS(pclose(f)), 2);
}

static void unknown_terminals_are_refused(void **state)
{
	static const struct {
		const char *term, *said;
	} cases[] = {
		{ "TERM=no-such-terminal", "terminfo does not know" }, { "TERM=dumb", "dumb" },
		{ "TERM=", "TERM is not set" },
	};
	struct view *v = *state;

	for (size_t i = 0; i < 3; i++) {
		char dir[96];
		char *argv[] = { view_path, (char *)"main", NULL };
		char *env[] = { dir, (char *)cases[i].term, (char *)"LC_ALL=C.UTF-8", NULL };

		snprintf(dir, sizeof(dir), "STRAY_STATE_DIR=%s", v->dir);
		pty_start(&v->p, 24, 80, argv, env);
		assert_true(pty_wait_end(&v->p));
		wait_text(v, cases[i].said);
		assert_int_equal(WEXITSTATUS(v->p.status), 2);
		assert_false(pty_wrote(&v->p, "\033"));
		assert_true(pty_restored(&v->p));
		pty_stop(&v->p);
	}
}

static void the_log_can_be_written(void **state)
{
	struct view *v = *state;
	char path[96], line[512], keys[160];
	FILE *f;

	start(v, &(struct setting){ .story = "main" });
	pty_send(&v->p, "l");
	wait_text(v, "EscBack");
	pty_send(&v->p, "w");
	wait_text(v, "stray-events.log");
	snprintf(path, sizeof(path), "%s/log", v->dir);
	snprintf(keys, sizeof(keys), "\025%s\r", path); /* Ctrl-U */
	pty_send(&v->p, keys);
	wait_text(v, "5 lines written");
	f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	assert_non_null(strstr(line, "2026-11-23T19:02:40Z START"));
	fclose(f);
	/* Never over a file that is there. */
	pty_send(&v->p, "w");
	wait_text(v, "Write to");
	pty_send(&v->p, keys);
	wait_text(v, "File exists");
}

int main(int argc, char **argv)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(colours_say_the_state), TEST(no_colour_if_asked),
		TEST(no_colour_with_the_option), TEST(vt100_has_no_colour),
		TEST(no_escape_of_others_passes), TEST(cursor_stands_on_what_is_selected),
		TEST(y_reaps), TEST(held_keys_confirm_nothing), TEST(a_live_owner_wants_the_word),
		TEST(refusals_are_told), TEST(arming_asks_disarming_does_not),
		TEST(quitting_while_armed_asks), TEST(two_views_do_not_both_sweep),
		TEST(the_mouse_selects_and_presses), TEST(the_mouse_can_be_left_alone),
		TEST(a_resize_is_drawn), TEST(q_gives_the_terminal_back), TEST(term_ends_it),
		TEST(int_ends_it), TEST(hup_ends_it), TEST(quit_kills_it), TEST(segv_kills_it),
		TEST(abrt_kills_it), TEST(a_hang_up_ends_it), TEST(ctrl_z_and_back_with_a_resize),
		TEST(not_a_terminal), TEST(unknown_terminals_are_refused),
		TEST(the_log_can_be_written),
	};
	char *slash;

	if (argc > 2 && !strcmp(argv[1], "--job"))
		return job_main(argv);
	if (readlink("/proc/self/exe", view_path, sizeof(view_path) - 8) < 0)
		return 1;
	slash = strrchr(view_path, '/');
	snprintf(slash + 1, 8, "view");
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
