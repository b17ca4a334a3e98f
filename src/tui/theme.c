/* SPDX-License-Identifier: MIT */
#include "tui/theme.h"

#include <curses.h>

/* Foreground and background: -1 is the terminal's own. */
static const struct {
	short fg, bg;
	attr_t attrs, mono;
} looks[ROLE_NR] = {
	[ROLE_NORMAL] = { -1, -1, A_NORMAL, A_NORMAL },
	[ROLE_TITLE] = { COLOR_WHITE, COLOR_BLUE, A_NORMAL, A_REVERSE },
	/* Not reverse without colour: header, armed bar and selection became one block. */
	[ROLE_HEADER] = { COLOR_BLACK, COLOR_CYAN, A_NORMAL, A_BOLD | A_UNDERLINE },
	[ROLE_SELECTED] = { COLOR_BLACK, COLOR_WHITE, A_NORMAL, A_REVERSE | A_BOLD },
	[ROLE_ALIVE] = { -1, -1, A_NORMAL, A_NORMAL },
	[ROLE_GRACE] = { COLOR_BLACK, COLOR_YELLOW, A_NORMAL, A_BOLD },
	/* Plain red was weaker than the yellow warning to a colour-blind eye: a chip. */
	[ROLE_REAPABLE] = { COLOR_WHITE, COLOR_RED, A_BOLD, A_BOLD | A_UNDERLINE },
	[ROLE_ARMED] = { COLOR_WHITE, COLOR_RED, A_BOLD, A_REVERSE | A_BOLD },
	[ROLE_DIM] = { -1, -1, A_DIM, A_NORMAL },
	[ROLE_BOLD] = { -1, -1, A_BOLD, A_BOLD },
	[ROLE_LABEL] = { COLOR_BLACK, COLOR_CYAN, A_NORMAL, A_REVERSE },
	[ROLE_DIALOG] = { COLOR_WHITE, COLOR_BLUE, A_NORMAL, A_NORMAL },
	[ROLE_FOCUS] = { COLOR_WHITE, COLOR_BLUE, A_REVERSE | A_BOLD, A_REVERSE | A_BOLD },
	[ROLE_BAD] = { COLOR_WHITE, COLOR_RED, A_BOLD, A_BOLD },
	[ROLE_WARN] = { COLOR_BLACK, COLOR_YELLOW, A_NORMAL, A_BOLD },
};

void theme_colours(enum role role, short *ret_fg, short *ret_bg)
{
	*ret_fg = looks[role].fg;
	*ret_bg = looks[role].bg;
}

void theme_init(struct theme *theme, bool colour)
{
	colour = colour && has_colors() && start_color() == OK;
	/* Without the terminal's own colours as -1 the nearest thing is white on black. */
	bool own = colour && use_default_colors() == OK;

	for (int i = 0; i < ROLE_NR; i++) {
		short fg = looks[i].fg, bg = looks[i].bg;

		if (!colour) {
			theme->attrs[i] = looks[i].mono;
			continue;
		}
		if (!own) {
			fg = fg < 0 ? COLOR_WHITE : fg;
			bg = bg < 0 ? COLOR_BLACK : bg;
		}
		theme->attrs[i] = looks[i].attrs;
		if (looks[i].fg >= 0 || looks[i].bg >= 0) {
			init_pair((short)(i + 1), fg, bg);
			theme->attrs[i] |= COLOR_PAIR(i + 1);
		}
	}
}
