/* SPDX-License-Identifier: MIT */
#include "tui/glyphs.h"

#include <string.h>

#include "base/escape.h"

const struct glyphs glyphs_utf8 = {
	.utf8 = true,
	.levels = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" },
	.cut = "…",
	.closed = "▸",
	.open = "▾",
	.up = "▲",
	.down = "▼",
	.tee = "├",
	.corner = "└",
	.bar = "│",
	.dash = "─",
	.at_least = "≥",
	.top_left = "┌",
	.top_right = "┐",
	.bottom_left = "└",
	.bottom_right = "┘",
	.side = "│",
};

#define ASCII_MARKS                                                                                \
	.levels = { "_", "_", ".", ".", "-", "-", "=", "#" }, .cut = "~", .closed = "+",           \
	.open = "-", .up = "^", .down = "v", .tee = "|", .corner = "`", .bar = "|", .dash = "-",   \
	.at_least = ">", .top_left = "+", .top_right = "+", .bottom_left = "+",                    \
	.bottom_right = "+", .side = "|"

const struct glyphs glyphs_ascii = { ASCII_MARKS };
const struct glyphs glyphs_console = { .utf8 = true, ASCII_MARKS };

void text_head(struct strbuf *sb, const char *text, size_t columns)
{
	strbuf_add(sb, text, text_fit(text, strlen(text), columns, NULL));
}

void text_tail(struct strbuf *sb, const char *text, size_t columns, const struct glyphs *g)
{
	size_t len = strlen(text), at = 0, width = text_width(text, len);

	if (!columns)
		return;
	if (width <= columns) {
		strbuf_add(sb, text, len);
		return;
	}
	while (at < len && width > columns - 1) {
		size_t from = at++;

		/* To the start of the next character. */
		while (at < len && ((unsigned char)text[at] & 0xc0) == 0x80)
			at++;
		width -= text_width(text + from, at - from);
	}
	strbuf_addstr(sb, g->cut);
	strbuf_add(sb, text + at, len - at);
}

size_t text_break(const char *text, size_t columns, size_t *ret_next)
{
	size_t len = strlen(text), fit = text_fit(text, len, columns, NULL), at = fit;

	*ret_next = fit;
	if (fit == len)
		return fit;
	while (at && text[at] != ' ')
		at--;
	if (!at) {
		/* One word, or nothing fits: broken where it must be, and always onwards. */
		*ret_next = fit ? fit : len;
		return *ret_next;
	}
	*ret_next = at + strspn(text + at, " ");
	while (at && text[at - 1] == ' ')
		at--;
	return at;
}

void text_field(struct strbuf *sb, const char *text, size_t columns, bool right)
{
	size_t width, bytes = text_fit(text, strlen(text), columns, &width);

	if (right)
		strbuf_addchars(sb, ' ', columns - width);
	strbuf_add(sb, text, bytes);
	if (!right)
		strbuf_addchars(sb, ' ', columns - width);
}
