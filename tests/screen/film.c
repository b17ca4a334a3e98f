/* SPDX-License-Identifier: MIT */
#include "screen/film.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "screen/paint.h"

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "film: cannot write '%s'\n", what);
	exit(1);
}

/* --- a screen as what a terminal is sent ------------------------------------------------ */

static void put_colour(struct strbuf *sb, VTermColor c, bool foreground)
{
	bool none = foreground ? VTERM_COLOR_IS_DEFAULT_FG(&c) : VTERM_COLOR_IS_DEFAULT_BG(&c);

	/* The view uses the eight of every terminal, and the terminal's own. */
	if (!none && VTERM_COLOR_IS_INDEXED(&c))
		strbuf_addf(sb, ";%d", (foreground ? 30 : 40) + c.indexed.idx % 8);
}

static void put_cell(struct strbuf *sb, const VTermScreenCell *cell, struct strbuf *style)
{
	_cleanup_strbuf_ struct strbuf now = STRBUF_INIT;
	char utf8[8];

	strbuf_addstr(&now, "\033[0");
	strbuf_addstr(&now, cell->attrs.bold ? ";1" : "");
	strbuf_addstr(&now, cell->attrs.underline ? ";4" : "");
	strbuf_addstr(&now, cell->attrs.reverse ? ";7" : "");
	put_colour(&now, cell->fg, true);
	put_colour(&now, cell->bg, false);
	strbuf_addch(&now, 'm');
	if (strcmp(now.buf, style->len ? style->buf : "")) {
		strbuf_addstr(sb, now.buf);
		strbuf_reset(style);
		strbuf_addstr(style, now.buf);
	}
	if (!cell->chars[0])
		strbuf_addch(sb, ' ');
	for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell->chars[i]; i++)
		strbuf_add(sb, utf8, pty_utf8(utf8, cell->chars[i]));
}

/* From the cells, not from what the program wrote: how often it drew is no part of the story. */
static char *screen_bytes(struct pty *p)
{
	_cleanup_strbuf_ struct strbuf sb = STRBUF_INIT, style = STRBUF_INIT;

	strbuf_addstr(&sb, "\033[H");
	for (int row = 0; row < p->rows; row++) {
		if (row)
			strbuf_addstr(&sb, "\r\n");
		for (int col = 0; col < p->cols; col++) {
			VTermScreenCell cell = pty_cell(p, row, col);

			put_cell(&sb, &cell, &style);
		}
	}
	strbuf_addf(&sb, "\033[%d;%dH", p->cursor.row + 1, p->cursor.col + 1);
	return sb.failed ? NULL : strbuf_detach(&sb);
}

/* --- the film ---------------------------------------------------------------------------- */

void film_take(struct film *film, struct pty *p, const char *caption, int ms)
{
	char **screens;

	if (ARRAY_GROW(film->frames, film->nr, film->alloc) < 0)
		die("frame");
	screens = realloc(film->screens, film->alloc * sizeof(*screens));
	if (!screens)
		die("frame");
	film->screens = screens;
	film->screens[film->nr] = screen_bytes(p);
	if (!film->screens[film->nr])
		die("frame");
	film->frames[film->nr++] = (struct gif_frame){ paint_screen(p, FILM_CELL, caption), ms };
}

void film_hold(struct film *film, int ms)
{
	if (film->nr)
		film->frames[film->nr - 1].ms += ms;
}

/* The bytes as a JSON string; they are UTF-8. */
static void put_json(FILE *f, const char *data)
{
	putc('"', f);
	for (; *data; data++) {
		unsigned char c = (unsigned char)*data;

		if (c < 0x20 || c == 0x7f)
			fprintf(f, "\\u%04x", c);
		else if (c == '"' || c == '\\')
			fprintf(f, "\\%c", c);
		else
			putc(c, f);
	}
	putc('"', f);
}

static void write_cast(const struct film *film, const struct pty *p, const char *path)
{
	FILE *f = fopen(path, "w");
	long at = 0;

	if (!f)
		die(path);
	fprintf(f, "{\"version\": 2, \"width\": %d, \"height\": %d, \"title\": \"stray --demo\"}\n",
		p->cols, p->rows);
	for (size_t i = 0; i < film->nr; i++) {
		/* A new caption alone: the screen stays. */
		if (!i || strcmp(film->screens[i], film->screens[i - 1])) {
			fprintf(f, "[%ld.%02ld, \"o\", ", at / 1000, at % 1000 / 10);
			put_json(f, film->screens[i]);
			fputs("]\n", f);
		}
		at += film->frames[i].ms;
	}
	if (ferror(f) | fclose(f))
		die(path);
}

void film_write(const struct film *film, const struct pty *p, const char *folder)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/stray.gif", folder);
	gif_write(path, film->frames, film->nr);
	snprintf(path, sizeof(path), "%s/stray.cast", folder);
	write_cast(film, p, path);
}

void film_release(struct film *film)
{
	for (size_t i = 0; i < film->nr; i++) {
		cairo_surface_destroy(film->frames[i].surface);
		free(film->screens[i]);
	}
	free(film->frames);
	free(film->screens);
}
