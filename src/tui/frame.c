/* SPDX-License-Identifier: MIT */
#include "tui/frame.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "tui/keymap.h"

struct frame frame_place(const struct screen *s, int height, int width)
{
	struct frame f = { .height = height, .width = width };

	if (f.width > s->cols)
		f.width = s->cols;
	if (f.height > s->rows)
		f.height = s->rows;
	f.y = (s->rows - f.height) / 2;
	f.x = (s->cols - f.width) / 2;
	return f;
}

void frame_text(struct screen *s, const struct frame *f, int line, enum role role, const char *text)
{
	if (line >= 1 && line < f->height - 1)
		draw_text(s, f->y + line, f->x + 2, f->width - 4 + f->tight, role, text);
}

int frame_wrap(struct screen *s, const struct frame *f, int line, const char *text)
{
	int nr = 0;
	size_t next;

	do {
		size_t len = text_break(text, (size_t)(f->width - 4 + f->tight), &next);
		_cleanup_strbuf_ struct strbuf part = STRBUF_INIT;

		strbuf_add(&part, text, len);
		if (s)
			frame_text(s, f, line + nr, ROLE_DIALOG, part.buf);
		nr++;
		text += next;
	} while (*text);
	return nr;
}

static int draw_button(struct screen *s, int y, int x, const char *label, const char *form,
		       bool focus, int number)
{
	char text[48];
	int width;

	snprintf(text, sizeof(text), form[0] ? "[ %s ]" : "[%s]", label);
	width = draw_text(s, y, x, s->cols, focus ? ROLE_FOCUS : ROLE_DIALOG, text);
	draw_hit(s, y, x, width, K_BUTTON + number);
	if (focus)
		draw_cursor(s, y, x + 1 + (int)strlen(form));
	return x + width;
}

/* Beside the buttons: which keys there are, once they count. */
static const char *keys_text(const struct dialog *d)
{
	if (!d->settled)
		return "";
	if (d->kind == DIALOG_REAP && !dialog_left(d))
		return d->nr_unknown ? "  u takes the unknown in   Esc cancel" : "  Esc cancel";
	if (!d->need_word)
		return d->keys;
	return dialog_ready(d) ? "  Enter reap   Esc cancel" : "  Esc/Enter cancel";
}

void frame_buttons(struct screen *s, const struct dialog *d, const struct frame *f, bool with_keys)
{
	int y = f->y + f->height - 2, x = f->x + 2, both;
	const char *form = " ";
	char yes[32];

	if (d->kind == DIALOG_REAP)
		snprintf(yes, sizeof(yes), "%s %zu", d->yes, dialog_left(d));
	else
		snprintf(yes, sizeof(yes), "%s", d->yes);
	/* Nothing between the brackets and the words where both do not fit otherwise. */
	both = (int)(strlen("[  ]  [  ]") + strlen(d->no) + strlen(yes));
	if (both > f->width - 3)
		form = "";
	x = draw_button(s, y, x, d->no, form, !d->focus, 0);
	if (dialog_ready(d))
		x = draw_button(s, y, x + 1 + (int)strlen(form), yes, form, d->focus, 1);
	if (with_keys)
		draw_text(s, y, x + 1, f->x + f->width - 1 - (x + 1), ROLE_DIALOG, keys_text(d));
	/* Until keys count, the cursor stands on the title. */
	if (!d->settled)
		draw_cursor(s, f->y, f->x + 3);
}
