/* SPDX-License-Identifier: MIT */
#ifndef TUI_FRAME_H
#define TUI_FRAME_H

#include "tui/dialog.h"
#include "tui/draw.h"

/* Where a dialog stands on the screen, and what each of them draws in the same way. */
struct frame {
	int y, x, height, width;
	int tight; /* 1: text may run up to the right side */
};

/* In the middle, cut to the screen. */
struct frame frame_place(const struct screen *s, int height, int width);

/* @text on that line inside, counted from 1; what does not stand inside is left out. */
void frame_text(struct screen *s, const struct frame *f, int line, enum role role,
		const char *text);

/* @text from that line on, in as many as it takes; s NULL: only count them. Returns how many. */
int frame_wrap(struct screen *s, const struct frame *f, int line, const char *text);

/* "[ Cancel ]  [ Reap 4 ]   y reap ..." on the last line inside; the cursor on the focus. */
void frame_buttons(struct screen *s, const struct dialog *d, const struct frame *f, bool with_keys);

#endif
