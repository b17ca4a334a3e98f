/* SPDX-License-Identifier: MIT */
#include "tui/draw.h"

#include <curses.h>
#include <string.h>
#include <wchar.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "tui/term.h"

void draw_begin(struct screen *s)
{
	getmaxyx(stdscr, s->rows, s->cols);
	s->status_end = s->cols;
	s->nr_hits = 0;
	s->cursor_y = s->cursor_x = 0;
	erase();
}

void draw_end(struct screen *s)
{
	move(s->cursor_y, s->cursor_x);
	term_draw_begin();
	refresh();
	term_draw_end();
}

/*
 * What the locale cannot show would make curses count other columns than we do:
 * a question mark takes the one column that text_width() gives it.
 */
static void add_shown(struct strbuf *sb, const char *text, size_t len)
{
	mbstate_t state = { 0 };

	while (len) {
		wchar_t wc;
		size_t n = mbrtowc(&wc, text, len, &state);

		if (n == 0 || n == (size_t)-1 || n == (size_t)-2) {
			struct bytes rest = { .data = text, .len = len };
			unsigned code;

			n = utf8_decode(rest, &code);
			n = n ? n : 1;
			state = (mbstate_t){ 0 };
			strbuf_addch(sb, '?');
		} else if (wcwidth(wc) < 0) {
			strbuf_addch(sb, '?');
		} else {
			strbuf_add(sb, text, n);
		}
		text += n;
		len -= n;
	}
}

int draw_text(struct screen *s, int y, int x, int width, enum role role, const char *text)
{
	_cleanup_strbuf_ struct strbuf shown = STRBUF_INIT;
	size_t bytes, taken;

	if (x + width > s->cols)
		width = s->cols - x;
	if (y < 0 || y >= s->rows || x < 0 || width <= 0)
		return 0;
	bytes = text_fit(text, strlen(text), (size_t)width, &taken);
	add_shown(&shown, text, bytes);
	attrset((int)s->theme.attrs[role]);
	mvaddnstr(y, x, shown.buf, (int)shown.len);
	attrset(A_NORMAL);
	return (int)taken;
}

void draw_field(struct screen *s, int y, int x, int width, enum role role, const char *text)
{
	int taken = draw_text(s, y, x, width, role, text);

	if (y < 0 || y >= s->rows || x < 0)
		return;
	if (x + width > s->cols)
		width = s->cols - x;
	attrset((int)s->theme.attrs[role]);
	for (int i = taken; i < width; i++)
		mvaddch(y, x + i, ' ');
	attrset(A_NORMAL);
}

void draw_right(struct screen *s, int y, int x, int width, enum role role, const char *text)
{
	int len = (int)text_width(text, strlen(text));

	draw_text(s, y, len < width ? x + width - len : x, width, role, text);
}

void draw_rule(struct screen *s, int y, const char *title)
{
	int x;

	for (x = 0; x < s->cols; x++)
		draw_text(s, y, x, 1, ROLE_NORMAL, s->glyphs->dash);
	if (!*title)
		return;
	draw_text(s, y, 2, 1, ROLE_NORMAL, " ");
	x = 3 + draw_text(s, y, 3, s->cols - 6, ROLE_BOLD, title);
	draw_text(s, y, x, 1, ROLE_NORMAL, " ");
}

void draw_box(struct screen *s, int y, int x, int height, int width, const char *title)
{
	const struct glyphs *g = s->glyphs;
	int end;

	for (int row = 1; row < height - 1; row++) {
		draw_field(s, y + row, x, width, ROLE_DIALOG, g->side);
		draw_text(s, y + row, x + width - 1, 1, ROLE_DIALOG, g->side);
	}
	for (int col = 1; col < width - 1; col++) {
		draw_text(s, y, x + col, 1, ROLE_DIALOG, g->dash);
		draw_text(s, y + height - 1, x + col, 1, ROLE_DIALOG, g->dash);
	}
	draw_text(s, y, x, 1, ROLE_DIALOG, g->top_left);
	draw_text(s, y, x + width - 1, 1, ROLE_DIALOG, g->top_right);
	if (y == 0)
		s->status_end = x + width - 1;
	draw_text(s, y + height - 1, x, 1, ROLE_DIALOG, g->bottom_left);
	draw_text(s, y + height - 1, x + width - 1, 1, ROLE_DIALOG, g->bottom_right);
	draw_text(s, y, x + 2, 1, ROLE_DIALOG, " ");
	end = 3 + draw_text(s, y, x + 3, width - 6, ROLE_DIALOG, title);
	draw_text(s, y, x + end, 1, ROLE_DIALOG, " ");
}

void draw_cursor(struct screen *s, int y, int x)
{
	s->cursor_y = y < s->rows ? y : s->rows - 1;
	s->cursor_x = x < s->cols ? x : s->cols - 1;
}

void draw_hit(struct screen *s, int y, int x, int width, int key)
{
	if (s->nr_hits < MAX_HITS)
		s->hits[s->nr_hits++] = (struct hit){ y, x, width, key };
}

int draw_find_hit(const struct screen *s, int y, int x)
{
	/* What was drawn last lies on top. */
	for (size_t i = s->nr_hits; i-- > 0;) {
		const struct hit *h = &s->hits[i];

		if (h->y == y && x >= h->x && x < h->x + h->width)
			return h->key;
	}
	return 0;
}
