/* SPDX-License-Identifier: MIT */
/* What is typed, pasted or sent by the terminal itself, byte for byte, and what it does. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "screen/stage.h"

static void is_nowhere(struct stage *v, const char *text)
{
	if (pty_find(&v->p, text, NULL) >= 0)
		fail_msg("'%s' stands there", text);
}

/* A key whose effect shows that all before it was looked at, and did nothing. */
static void nothing_happened(struct stage *v)
{
	pty_send(&v->p, "U");
	wait_text(v, "none tagged");
	is_nowhere(v, "[ Cancel ]");
	is_nowhere(v, "[ Arm ]");
	is_nowhere(v, "PAUSED");
	wait_text(v, "GONE    41877");
}

/* --- pasted text ------------------------------------------------------------------------- */

static void a_paste_runs_nothing(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .story = "main" });
	assert_true(pty_wrote(&v->p, "\033[?2004h"));
	pty_send(&v->p, "\033[200~keep away, okay. SSS Z yyy\ry q\033[201~");
	wait_text(v, "pasted text is dropped");
	nothing_happened(v);
	pty_send(&v->p, "q");
	assert_true(pty_wait_end(&v->p));
	assert_true(pty_wrote(&v->p, "\033[?2004l"));
}

static void a_paste_confirms_nothing(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .story = "main" });
	open_dialog(v, "k", "[ Reap 4 ]");
	pty_send(&v->p, "\033[200~yyy\r\033[201~");
	pty_send(&v->p, "n");
	wait_text(v, "cancelled, nothing reaped");
	wait_text(v, "GONE    41877");
}

static void a_paste_goes_into_a_prompt(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .story = "main" });
	pty_send(&v->p, "\\\033[200~fix-\rlogin\033[201~");
	wait_text(v, "Filter: fix-login_");
	wait_text(v, "1 of 5 groups shown");
}

/* Without brackets, as a terminal without that mode sends it. */
static void a_burst_confirms_nothing(void **state)
{
	struct stage *v = *state;
	char text[3001];

	stage_start(v, &(struct setting){ .story = "main" });
	memset(text, 'y', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	text[0] = 'k';
	pty_send(&v->p, text);
	wait_text(v, "[ Reap 4 ]");
	wait_dialog(v);
	pty_send(&v->p, "\033");
	wait_text(v, "cancelled, nothing reaped");
	wait_text(v, "GONE    41877");
}

/* --- what terminals send ----------------------------------------------------------------- */

static void keys_of_each_terminal(void **state)
{
	static const struct {
		const char *term, *f1, *end, *home, *f8;
	} terms[] = {
		{ "xterm-256color", "\033OP", "\033OF", "\033OH", "\033[19~" },
		{ "tmux-256color", "\033OP", "\033[4~", "\033[1~", "\033[19~" },
		{ "screen-256color", "\033OP", "\033[4~", "\033[1~", "\033[19~" },
		{ "linux", "\033[[A", "\033[4~", "\033[1~", "\033[19~" },
		{ "kitty", "\033OP", "\033OF", "\033OH", "\033[19~" },
		{ "alacritty", "\033OP", "\033OF", "\033OH", "\033[19~" },
		{ "rxvt-unicode-256color", "\033[11~", "\033[8~", "\033[7~", "\033[19~" },
	};
	struct stage *v = *state;

	for (size_t i = 0; i < sizeof(terms) / sizeof(terms[0]); i++) {
		stage_start(v, &(struct setting){ .term = terms[i].term });
		pty_send(&v->p, terms[i].end);
		wait_cursor(v, 8);
		pty_send(&v->p, terms[i].home);
		wait_cursor(v, 4);
		pty_send(&v->p, terms[i].f1);
		wait_text(v, "any key closes");
		pty_send(&v->p, "\033");
		wait_gone(v, "any key closes");
		pty_send(&v->p, terms[i].f8);
		wait_text(v, "EscBack");
		pty_stop(&v->p);
		v->running = false;
	}
}

static void the_keypad_works_in_application_mode(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .story = "main" });
	pty_send(&v->p, "\033Ok"); /* + */
	wait_text(v, "├─ sprout-agent");
	pty_send(&v->p, "\033Om"); /* - */
	wait_gone(v, "├─ sprout-agent");
	pty_send(&v->p, "\033Or"); /* 2, which moves down */
	wait_cursor(v, 5);
	pty_send(&v->p, "\033OM"); /* Enter */
	wait_text(v, "Details: ");
	pty_send(&v->p, "\\\033Op\033Oq"); /* in a prompt they are digits */
	wait_text(v, "Filter: 01_");
}

static void alt_and_a_letter_is_not_the_letter(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .story = "main" });
	pty_send(&v->p, "\033k\033S\033Z\033q");
	nothing_happened(v);
	pty_send(&v->p, "\033x");
	wait_text(v, "Alt+x does nothing; Esc alone, then the key");
	pty_send(&v->p, "\\m\033f"); /* in a prompt */
	wait_text(v, "Alt+f does nothing");
	wait_text(v, "Filter: m_");
	pty_send(&v->p, "y");
	wait_text(v, "groups shown. Words:");
	wait_text(v, "Filter: my_");
	pty_send(&v->p, "\r");
	open_dialog(v, "k", "[ Cancel ]");
	pty_send(&v->p, "\033y");
	wait_text(v, "Alt+y does nothing");
	wait_text(v, "[ Cancel ]");
}

static void replies_of_the_terminal_are_swallowed(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .story = "main" });
	pty_send(&v->p, "\033]11;rgb:kkkk/SSSS/ZZZZ\007\033]52;c;kSZ\033\\\033P>|kSZ\033\\");
	pty_send(&v->p, "\033[?62;22c\033[24;80R\033[0n\033_Gk\033\\\033[1;7S\033[57428~");
	nothing_happened(v);
}

/* A key held on another layout, in a terminal that is not set to UTF-8. */
static void undecodable_bytes_do_not_end_the_view(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .story = "main" });
	for (int i = 0; i < 100; i++)
		pty_send(&v->p, "\xf6");
	nothing_happened(v);
}

static void esc_and_a_key_in_one_packet_are_both(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .story = "main" });
	pty_send(&v->p, "\\gone\r");
	wait_text(v, "F4FILTER");
	pty_send(&v->p, "\033\033OF"); /* Esc, End */
	wait_gone(v, "F4FILTER");
	wait_cursor(v, 8);
}

/* --- tags, lists, filters ------------------------------------------------------------------ */

static void hidden_tags_are_told_everywhere(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .story = "main" });
	pty_send(&v->p, "  ");
	wait_text(v, "2 tagged");
	wait_cursor(v, 6); /* each tag moves down */
	pty_send(&v->p, "\\staging\r");
	wait_text(v, "2 tagged, 2 hidden");
	wait_text(v, "F9Reap 2");
	open_dialog(v, "k", "[ Reap 6 ]");
	wait_text(v, "2 of these are hidden by the filter; the selected row is not among them");
}

static void many_are_tagged_at_once(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .story = "main" });
	pty_send(&v->p, "!");
	wait_text(v, "F9Reap 1");
	pty_send(&v->p, "T");
	wait_text(v, "F9Reap 5");
	pty_send(&v->p, "U");
	wait_gone(v, "F9Reap 5");
}

static void a_process_is_tagged_by_itself(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .story = "main" });
	pty_send(&v->p, "+");
	wait_text(v, "├─ sprout-agent");
	pty_send(&v->p, "jj ");
	wait_text(v, "*         41955");
	wait_text(v, "1 tagged");
	open_dialog(v, "k", "Reap process 41955");
	wait_text(v, "[ Reap 1 ]");
}

static void the_flat_list_finds_the_fattest(void **state)
{
	struct stage *v = *state;
	char row[PTY_LINE];

	stage_start(v, &(struct setting){ .option = "--flat" });
	pty_send(&v->p, "s");
	wait_text(v, "Sort by");
	wait_dialog(v);
	pty_send(&v->p, "\033[B\033[B\033[B\033[B\033[B\033[B\033[B\r");
	wait_text(v, "RSS▼");
	pty_row(&v->p, 4, row);
	assert_non_null(strstr(row, "812M"));
	pty_send(&v->p, "f");
	wait_text(v, "▸ xyz.block.sprout.app.dev.my-branch");
}

static void a_hit_inside_opens_its_group(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .story = "main" });
	pty_send(&v->p, "\\npm");
	wait_text(v, ">         42020");
	wait_text(v, "1 of 5 groups shown");
	pty_send(&v->p, "\025!gone");
	wait_text(v, "3 of 5 groups shown");
	pty_send(&v->p, "\025rss>1G");
	wait_text(v, "1 of 5 groups shown");
}

static void a_search_counts_its_matches(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .story = "main" });
	pty_send(&v->p, "/dev\r");
	wait_text(v, "match 1 of 3");
	pty_send(&v->p, "n");
	wait_text(v, "match 2 of 3");
	pty_send(&v->p, "N");
	wait_text(v, "match 1 of 3");
}

static void arguments_can_be_hidden(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .option = "--no-args" });
	pty_send(&v->p, "+");
	wait_text(v, "├─ sprout-agent");
	is_nowhere(v, "--instance");
	open_dialog(v, "k", "[ Reap 4 ]");
	is_nowhere(v, "--instance");
	pty_send(&v->p, "\033");
	wait_gone(v, "[ Reap 4 ]");
	pty_send(&v->p, "a");
	wait_text(v, "--instance");
}

static void c_copies(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .story = "main" });
	pty_send(&v->p, "c");
	wait_text(v, "copied xyz.block.sprout.app.dev.my-branch");
	assert_true(
		pty_wrote(&v->p, "\033]52;c;eHl6LmJsb2NrLnNwcm91dC5hcHAuZGV2Lm15LWJyYW5jaA==\007"));
	pty_send(&v->p, "+j");
	wait_text(v, "├─ sprout-agent");
	pty_send(&v->p, "c");
	wait_text(v, "copied 41912");
}

static void a_prompt_is_edited(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .story = "main" });
	pty_send(&v->p, "/one twx\033[D\033[D\033[3~o\033[F\177\033[Hs");
	wait_text(v, "Search: sone to");
	pty_send(&v->p, "\033[F\027"); /* End, Ctrl-W */
	wait_text(v, "Search: sone _");
}

static void the_scope_is_shown(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .option = "--instance=other-*" });
	wait_text(v, "only other-*");
	wait_text(v, "5 groups are excluded by that");
	pty_resize(&v->p, 10, 40);
	wait_text(v, "only other-*");
}

/* Beside sums that fill their line, and where there is no such line. */
static void the_scope_is_shown_on_a_small_screen(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .story = "spared",
					  .option = "--instance=xyz.*",
					  .rows = 10,
					  .cols = 40 });
	wait_text(v, "stray only xyz.*");
	wait_text(v, "1 alive 1 unknown 1 reapable");
	pty_resize(&v->p, 5, 20);
	wait_text(v, "stray only xy… off");
	pty_resize(&v->p, 24, 46);
	wait_text(v, "only xyz.*");
}

static void a_wheel_step_is_three_rows(void **state)
{
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .story = "main" });
	pty_send(&v->p, "\033[<65;10;10M");
	wait_cursor(v, 7);
	pty_send(&v->p, "\033[<64;10;10M");
	wait_cursor(v, 4);
}

static void sizes_beyond_a_short_do_not_crash(void **state)
{
	struct winsize huge = { .ws_row = 24, .ws_col = 65535 }, tall = { 65535, 80, 0, 0 };
	struct stage *v = *state;

	stage_start(v, &(struct setting){ .story = "main" });
	assert_int_equal(ioctl(v->p.slave, TIOCSWINSZ, &huge), 0);
	pty_send(&v->p, "U");
	wait_text(v, "none tagged");
	assert_int_equal(ioctl(v->p.slave, TIOCSWINSZ, &tall), 0);
	pty_send(&v->p, "j");
	pty_resize(&v->p, 24, 80);
	wait_text(v, "F10Quit");
	pty_send(&v->p, "q");
	wait_text(v, "ended: 0");
}

static void the_log_begins_with_what_was_ended_before(void **state)
{
	struct stage *v = *state;
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/history.jsonl", v->dir);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("{\"time\":\"2026-11-21T10:00:00.000Z\",\"time_ms\":1795255200000,\"face\":\"sweep\","
	      "\"uid\":1000,\"app\":\"sprout\",\"instance\":\"xyz.block.sprout.app.dev.old\","
	      "\"pid\":4711,\"start_ticks\":1,\"boot_id\":\"x\",\"pid_ns\":1,\"name\":\"goose\","
	      "\"outcome\":\"killed\",\"owner\":\"gone\",\"evidence\":\"none\","
	      "\"orphan_age_s\":1.0,\"ticks\":2}\n",
	      f);
	fclose(f);
	stage_start(v, &(struct setting){ .option = "--past" });
	pty_send(&v->p, "l");
	wait_text(v,
		  "Nov 21   REAP   pid 4711 goose: killed (sweep)  xyz.block.sprout.app.dev.old");
}

/* --- a reaping that waits ------------------------------------------------------------------- */

static void begin_slow_reaping(struct stage *v)
{
	stage_start(v, &(struct setting){ .option = "--slow" });
	open_dialog(v, "k", "[ Reap 4 ]");
	pty_send(&v->p, "y");
	wait_text(v, "reaping 4: 0 exited, SIGKILL in");
}

static void leaving_while_it_reaps_asks(void **state)
{
	struct stage *v = *state;

	begin_slow_reaping(v);
	open_dialog(v, "q", "4 processes are still ending: w wait, l leave");
	pty_send(&v->p, "\033");
	wait_gone(v, "w wait, l leave");
	open_dialog(v, "\003", "w wait, l leave");
	pty_send(&v->p, "l");
	assert_true(pty_wait_end(&v->p));
	wait_text(v, "pid 41912 sprout-agent");
	wait_text(v, "pid 41955 node");
}

static void a_signal_while_it_reaps_asks_once(void **state)
{
	struct stage *v = *state;

	begin_slow_reaping(v);
	kill(v->p.pid, SIGTERM);
	wait_text(v, "4 processes are still ending: w wait, l leave");
	kill(v->p.pid, SIGTERM);
	assert_true(pty_wait_end(&v->p));
	wait_text(v, "pid 41912 sprout-agent");
}

static void waiting_leaves_once_all_have_ended(void **state)
{
	struct stage *v = *state;

	begin_slow_reaping(v);
	open_dialog(v, "q", "w wait, l leave");
	pty_send(&v->p, "w");
	assert_true(pty_wait_end(&v->p));
	wait_text(v, "ended: 0");
	is_nowhere(v, "pid 41912 sprout-agent");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, stage_set_up, stage_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_paste_runs_nothing),
		TEST(a_paste_confirms_nothing),
		TEST(a_paste_goes_into_a_prompt),
		TEST(a_burst_confirms_nothing),
		TEST(keys_of_each_terminal),
		TEST(the_keypad_works_in_application_mode),
		TEST(alt_and_a_letter_is_not_the_letter),
		TEST(replies_of_the_terminal_are_swallowed),
		TEST(undecodable_bytes_do_not_end_the_view),
		TEST(esc_and_a_key_in_one_packet_are_both),
		TEST(hidden_tags_are_told_everywhere),
		TEST(many_are_tagged_at_once),
		TEST(a_process_is_tagged_by_itself),
		TEST(the_flat_list_finds_the_fattest),
		TEST(a_hit_inside_opens_its_group),
		TEST(a_search_counts_its_matches),
		TEST(arguments_can_be_hidden),
		TEST(c_copies),
		TEST(a_prompt_is_edited),
		TEST(the_scope_is_shown),
		TEST(the_scope_is_shown_on_a_small_screen),
		TEST(a_wheel_step_is_three_rows),
		TEST(the_log_begins_with_what_was_ended_before),
		TEST(sizes_beyond_a_short_do_not_crash),
		TEST(leaving_while_it_reaps_asks),
		TEST(a_signal_while_it_reaps_asks_once),
		TEST(waiting_leaves_once_all_have_ended),
	};

	if (stage_find_view() < 0)
		return 1;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
