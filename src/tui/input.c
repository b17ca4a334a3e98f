/* SPDX-License-Identifier: MIT */
#include <curses.h>
#include <poll.h>
#include <unistd.h>

#include "base/array.h"
#include "tui/state.h"

static const struct {
	int code, key;
} keys[] = {
	{ KEY_UP, K_UP },
	{ KEY_DOWN, K_DOWN },
	{ KEY_LEFT, K_LEFT },
	{ KEY_RIGHT, K_RIGHT },
	{ KEY_PPAGE, K_PGUP },
	{ KEY_NPAGE, K_PGDN },
	{ KEY_HOME, K_HOME },
	{ KEY_END, K_END },
	{ KEY_FIND, K_HOME },
	{ KEY_SELECT, K_END },
	{ KEY_BACKSPACE, K_BACKSPACE },
	{ KEY_DC, K_DELETE },
	{ KEY_BTAB, K_BACKTAB },
	{ KEY_ENTER, K_ENTER },
	{ KEY_F(1), K_F1 },
	{ KEY_F(2), K_F2 },
	{ KEY_F(3), K_F3 },
	{ KEY_F(4), K_F4 },
	{ KEY_F(5), K_F5 },
	{ KEY_F(6), K_F6 },
	{ KEY_F(7), K_F7 },
	{ KEY_F(8), K_F8 },
	{ KEY_F(9), K_F9 },
	{ KEY_F(10), K_F10 },
};

static int mouse_key(struct tui *t)
{
	MEVENT event;
	int key;

	if (getmouse(&event) != OK)
		return K_NONE;
	if (event.bstate & BUTTON4_PRESSED)
		return K_WHEEL_UP;
	if (event.bstate & BUTTON5_PRESSED)
		return K_WHEEL_DOWN;
	if (!(event.bstate & BUTTON1_PRESSED))
		return K_NONE;
	key = draw_find_hit(&t->screen, event.y, event.x);
	t->mouse_y = event.y;
	t->mouse_x = event.x;
	return key ? key : K_CLICK;
}

/*
 * A key that nobody knows comes as Esc and its letters, which would be taken for
 * commands. Esc itself stands alone: nothing follows it at once.
 */
static int unknown_sequence(void)
{
	wint_t wc;

	if (get_wch(&wc) != OK)
		return K_ESC;
	if (wc != '[' && wc != 'O') {
		unget_wch((wchar_t)wc);
		return K_ESC;
	}
	/* Up to the final byte; of ESC O it is the next one. */
	do
		if (get_wch(&wc) != OK)
			break;
	while (wc < 0x40 || wc > 0x7e);
	return K_NONE;
}

int input_key(struct tui *t)
{
	wint_t wc;
	int r = get_wch(&wc);

	if (r == ERR)
		return -1;
	if (r == KEY_CODE_YES) {
		if (wc == KEY_MOUSE)
			return mouse_key(t);
		for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
			if ((wint_t)keys[i].code == wc)
				return keys[i].key;
		return K_NONE;
	}
	if (wc == '\n')
		return K_ENTER;
	if (wc == 033)
		return unknown_sequence();
	return wc == 0x7f || wc == 8 ? K_BACKSPACE : (int)wc;
}
