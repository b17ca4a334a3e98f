/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "tui/decode.h"
#include "tui/keymap.h"

/* Keys as text: letters as they are, others as "<number>", pasted ones in brackets. */
struct heard {
	struct decoder d;
	char text[512];
	int64_t now_ms;
};

static void add(struct heard *h, const char *text)
{
	size_t len = strlen(h->text);

	snprintf(h->text + len, sizeof(h->text) - len, "%s", text);
}

static void take(struct heard *h)
{
	static const struct {
		int key;
		const char *name;
	} names[] = {
		{ K_ESC, "<Esc>" },	 { K_UP, "<Up>" },
		{ K_DOWN, "<Down>" },	 { K_END, "<End>" },
		{ K_HOME, "<Home>" },	 { K_F1, "<F1>" },
		{ K_F3, "<F3>" },	 { K_F4, "<F4>" },
		{ K_F9, "<F9>" },	 { K_BACKTAB, "<Backtab>" },
		{ K_ENTER, "<Enter>" },	 { K_BACKSPACE, "<Bs>" },
		{ K_CLICK, "<Click>" },	 { K_WHEEL_UP, "<Wheel>" },
		{ K_PAD + 8, "<Pad8>" }, { K_CTRL('c'), "<Ctrl-C>" },
		{ K_PGDN, "<PgDn>" },
	};
	struct key_event event;

	while (decoder_take(&h->d, &event)) {
		char text[32];

		snprintf(text, sizeof(text), event.key < 0x7f ? "%c" : "<%d>", event.key);
		if (event.key >= K_ALT && event.key < K_END_OF_KEYS)
			snprintf(text, sizeof(text), "<Alt%c>",
				 event.key - K_ALT + !(event.key - K_ALT) * '?');
		for (size_t i = 0; i < ARRAY_SIZE(names); i++)
			if (names[i].key == event.key)
				snprintf(text, sizeof(text), "%s", names[i].name);
		add(h, event.pasted ? "[" : "");
		add(h, text);
		add(h, event.pasted ? "]" : "");
	}
}

static void send(struct heard *h, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		decoder_feed(&h->d, (unsigned char)bytes[i], h->now_ms);
		take(h);
	}
}

static void wait_ms(struct heard *h, int64_t ms)
{
	h->now_ms += ms;
	decoder_expire(&h->d, h->now_ms);
	take(h);
}

static void begin(struct heard *h)
{
	memset(h, 0, sizeof(*h));
	decoder_init(&h->d, true, 100);
}

/* @bytes in one packet, and then nothing for a while. */
static void comes_as(const char *bytes, const char *want)
{
	struct heard h;

	begin(&h);
	send(&h, bytes, strlen(bytes));
	wait_ms(&h, 10000);
	assert_string_equal(h.text, want);
	assert_int_equal(decoder_wait_ms(&h.d, h.now_ms), -1);
}

/* What the terminals send, byte for byte. */
static void terminals_keys_are_known(void **state)
{
	(void)state;
	comes_as("\033OP\033OR\033OS", "<F1><F3><F4>");	      /* xterm, tmux, kitty */
	comes_as("\033[11~\033[13~\033[14~", "<F1><F3><F4>"); /* rxvt, kitty's F3 */
	comes_as("\033[[A\033[[C\033[[D", "<F1><F3><F4>");    /* the Linux console */
	comes_as("\033[20~", "<F9>");
	comes_as("\033[A\033OA\033[F\033OF\033[4~\033[8~", "<Up><Up><End><End><End><End>");
	comes_as("\033[Z\033[6~", "<Backtab><PgDn>");
	comes_as("\033OM\033Ok\033Om\033Ox",
		 "<Enter>+-<Pad8>"); /* the keypad in application mode */
	comes_as("a\177\b\n\r", "a<Bs><Bs><Enter><Enter>");
}

static void a_key_may_come_in_pieces(void **state)
{
	static const char *const keys[] = { "\033OS", "\033[4~", "\033[[D", "\033[Z" };
	static const char *const names[] = { "<F4>", "<End>", "<F4>", "<Backtab>" };

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(keys); k++)
		for (size_t cut = 1; cut < strlen(keys[k]); cut++) {
			struct heard h;

			begin(&h);
			send(&h, keys[k], cut);
			wait_ms(&h, 80);
			send(&h, keys[k] + cut, strlen(keys[k]) - cut);
			wait_ms(&h, 1000);
			assert_string_equal(h.text, names[k]);
		}
}

static void esc_alone_acts_after_its_delay(void **state)
{
	struct heard h;

	(void)state;
	begin(&h);
	send(&h, "\033", 1);
	assert_int_equal(decoder_wait_ms(&h.d, 0), 100);
	wait_ms(&h, 99);
	assert_string_equal(h.text, "");
	wait_ms(&h, 1);
	assert_string_equal(h.text, "<Esc>");
	/* The rest of a key that took longer is no command. */
	send(&h, "OS", 2);
	wait_ms(&h, 5000);
	assert_string_equal(h.text, "<Esc>");
	send(&h, "S", 1);
	assert_string_equal(h.text, "<Esc>S");
}

static void esc_with_a_key_behind_it_is_both(void **state)
{
	(void)state;
	comes_as("\033\033[B", "<Esc><Down>");
	comes_as("\033\r", "<Esc><Enter>");
	comes_as("\033\033", "<Esc><Esc>");
	comes_as("\033?", "<Esc>?");
	comes_as("\033\003", "<Esc><Ctrl-C>");
}

static void alt_and_a_letter_is_not_the_letter(void **state)
{
	(void)state;
	for (char c = 'a'; c <= 'z'; c++) {
		char bytes[3] = { 033, c, 0 }, key[8];

		snprintf(key, sizeof(key), "<Alt%c>", c);
		comes_as(bytes, key);
	}
	comes_as("\033k\033q\033S\033yj", "<Altk><Altq><AltS><Alty>j");
	comes_as("\033\xc3\xa4j", "<Alt?>j"); /* Alt and a letter beyond ASCII */
	comes_as("\033[", "");		      /* Alt-[ */
	comes_as("\033O", "");		      /* Alt-O */
}

static void replies_and_unknown_sequences_are_swallowed(void **state)
{
	(void)state;
	comes_as("\033[?62;22ck", "k"); /* device attributes */
	comes_as("\033[24;80Rk", "k");	/* where the cursor is */
	comes_as("\033[0nk", "k");
	comes_as("\033]11;rgb:0000/yyyy/kkkk\007k", "k"); /* colours, ended by BEL */
	comes_as("\033]52;c;cXlreQ==\033\\k", "k");	  /* the clipboard, ended by ST */
	comes_as("\033P>|XTerm(370)\033\\k", "k");
	comes_as("\033_Gi=1;OK\033\\k", "k"); /* kitty's graphics */
	comes_as("\033[1;7S\033[57428~k", "k");
	comes_as("\033[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15yk", "k");
	comes_as("\033[Ik\033[Ok", "kk"); /* the focus */
	comes_as("\033]never ended", ""); /* Alt-] and typing */
}

static void a_string_is_given_up_after_a_silence(void **state)
{
	struct heard h;

	(void)state;
	begin(&h);
	send(&h, "\033]", 2);
	wait_ms(&h, 499);
	send(&h, "q", 1);
	wait_ms(&h, 500);
	send(&h, "k", 1);
	assert_string_equal(h.text, "k");
}

static void pasted_text_is_marked(void **state)
{
	struct heard h;

	(void)state;
	comes_as("\033[200~ky\rä\033[201~j", "[k][y][<Enter>][<228>]j");
	/* What looks like the closing bracket and is none is text, without its ESC. */
	comes_as("\033[200~a\033[20x\033[201~j", "[a][[][2][0][x]j");
	begin(&h);
	/* In pieces, wherever they are cut, and slowly. */
	for (const char *c = "\033[200~yes\033[201~n"; *c; c++) {
		wait_ms(&h, 90);
		send(&h, c, 1);
	}
	assert_string_equal(h.text, "[y][e][s]n");
	/* Forgetting what is unfinished does not open the brackets. */
	begin(&h);
	send(&h, "\033[200~k", 7);
	decoder_reset(&h.d);
	send(&h, "y\033[201~n", 8);
	assert_string_equal(h.text, "[k][y]n");
}

static void the_mouse_is_decoded(void **state)
{
	struct heard h;
	struct key_event event;

	(void)state;
	comes_as("\033[<0;12;7M\033[<0;12;7m\033[<64;1;1M\033[<35;3;3Mj", "<Click><Wheel>j");
	comes_as("\033[M !!j", "<Click>j");
	begin(&h);
	for (const char *c = "\033[<0;300;40M"; *c; c++)
		decoder_feed(&h.d, (unsigned char)*c, 0);
	assert_true(decoder_take(&h.d, &event));
	assert_int_equal(event.x, 299);
	assert_int_equal(event.y, 39);
}

static void what_is_no_utf8_is_no_key(void **state)
{
	struct heard h;

	(void)state;
	comes_as("\xffk\x80\xc3k\xed\xa0\x80k", "kkk");
	comes_as("\xc3\xa4\xe6\xbc\xa2", "<228><28450>");
	begin(&h);
	h.d.utf8 = false;
	send(&h, "\xc3\xa4k", 3);
	assert_string_equal(h.text, "k");
}

/* What terminfo says goes before what is common: vt100's F9 is a key of the keypad. */
static void terminfo_goes_first(void **state)
{
	struct heard h;

	(void)state;
	begin(&h);
	decoder_learn(&h.d, "\033Ow", K_F9);
	decoder_learn(&h.d, "\033[23$", K_F4); /* rxvt: no final byte that grammar knows */
	decoder_learn(&h.d, "k", K_F1);	       /* no sequence: not taken */
	send(&h, "\033Ow\033[23$k", 9);
	assert_string_equal(h.text, "<F9><F4>k");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(terminals_keys_are_known),
		cmocka_unit_test(a_key_may_come_in_pieces),
		cmocka_unit_test(esc_alone_acts_after_its_delay),
		cmocka_unit_test(esc_with_a_key_behind_it_is_both),
		cmocka_unit_test(alt_and_a_letter_is_not_the_letter),
		cmocka_unit_test(replies_and_unknown_sequences_are_swallowed),
		cmocka_unit_test(a_string_is_given_up_after_a_silence),
		cmocka_unit_test(pasted_text_is_marked),
		cmocka_unit_test(the_mouse_is_decoded),
		cmocka_unit_test(what_is_no_utf8_is_no_key),
		cmocka_unit_test(terminfo_goes_first),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
