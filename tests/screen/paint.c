/* SPDX-License-Identifier: MIT */
#include "screen/paint.h"

#include <pango/pangocairo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* The advance of DejaVu Sans Mono, in em. */
#define ADVANCE 0.602051

static const uint32_t default_fg = 0xd3d7de, default_bg = 0x14171c, strip_bg = 0x242933;

/* The eight ANSI colours, then the same brighter. */
static const uint32_t palette[16] = {
	0x14171c, 0xb8263c, 0x4f9e5b, 0xe8c35a, 0x1f4e8c, 0x9a5fb5, 0x4fb6c4, 0xe9ecf1,
	0x5c6470, 0xe0566a, 0x7cc987, 0xf5d987, 0x5a8fd6, 0xc08ad8, 0x86d7e2, 0xffffff,
};

struct brush {
	cairo_t *cr;
	PangoLayout *layout;
	PangoFontDescription *normal, *bold;
	int width, height, pad; /* of a cell, around all; pixels */
	double baseline;	/* from a cell's top */
};

static void set_colour(cairo_t *cr, uint32_t rgb)
{
	cairo_set_source_rgb(cr, (rgb >> 16 & 0xff) / 255.0, (rgb >> 8 & 0xff) / 255.0,
			     (rgb & 0xff) / 255.0);
}

static uint32_t colour_of(struct pty *p, VTermColor c, bool foreground)
{
	if (foreground ? VTERM_COLOR_IS_DEFAULT_FG(&c) : VTERM_COLOR_IS_DEFAULT_BG(&c))
		return foreground ? default_fg : default_bg;
	if (VTERM_COLOR_IS_INDEXED(&c) && c.indexed.idx < ARRAY_SIZE(palette))
		return palette[c.indexed.idx];
	vterm_screen_convert_color_to_rgb(p->screen, &c);
	return (uint32_t)c.rgb.red << 16 | (uint32_t)c.rgb.green << 8 | c.rgb.blue;
}

/* --- one character ---------------------------------------------------------------- */

enum { LEFT = 1, RIGHT = 2, UP = 4, DOWN = 8 };

/* Lines are drawn, not written: those of a font leave gaps between the cells. */
static const struct {
	uint32_t c;
	int arms;
} lines[] = {
	{ 0x2500, LEFT | RIGHT },      { 0x2502, UP | DOWN },  { 0x250c, RIGHT | DOWN },
	{ 0x2510, LEFT | DOWN },       { 0x2514, UP | RIGHT }, { 0x2518, UP | LEFT },
	{ 0x251c, UP | DOWN | RIGHT },
};

static bool draw_line(struct brush *b, uint32_t c, int x, int y)
{
	int middle = x + b->width / 2, centre = y + b->height / 2, arms = 0;

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		arms |= lines[i].c == c ? lines[i].arms : 0;
	if (arms & LEFT)
		cairo_rectangle(b->cr, x, centre, middle - x + 1, 1);
	if (arms & RIGHT)
		cairo_rectangle(b->cr, middle, centre, x + b->width - middle, 1);
	if (arms & UP)
		cairo_rectangle(b->cr, middle, y, 1, centre - y + 1);
	if (arms & DOWN)
		cairo_rectangle(b->cr, middle, centre, 1, y + b->height - centre);
	cairo_fill(b->cr);
	return arms;
}

static void draw_text(struct brush *b, const char *text, int len, bool bold, int x, int y)
{
	pango_layout_set_font_description(b->layout, bold ? b->bold : b->normal);
	pango_layout_set_text(b->layout, text, len);
	cairo_move_to(b->cr, x,
		      y + b->baseline - pango_layout_get_baseline(b->layout) / (double)PANGO_SCALE);
	pango_cairo_show_layout(b->cr, b->layout);
}

static void draw_cell(struct brush *b, struct pty *p, int row, int col)
{
	VTermScreenCell cell = pty_cell(p, row, col);
	uint32_t fg = colour_of(p, cell.fg, true), bg = colour_of(p, cell.bg, false);
	int x = b->pad + col * b->width, y = b->pad + row * b->height;
	char text[VTERM_MAX_CHARS_PER_CELL * 6];
	int len = 0, width = b->width * (cell.width > 1 ? cell.width : 1);

	if (cell.attrs.reverse) {
		uint32_t other = fg;

		fg = bg;
		bg = other;
	}
	set_colour(b->cr, bg);
	cairo_rectangle(b->cr, x, y, width, b->height);
	cairo_fill(b->cr);
	set_colour(b->cr, fg);
	if (cell.attrs.underline) {
		cairo_rectangle(b->cr, x, y + b->height - 2, width, 1);
		cairo_fill(b->cr);
	}
	if (!cell.chars[0] || cell.chars[0] == ' ' || draw_line(b, cell.chars[0], x, y))
		return;
	for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++)
		len += g_unichar_to_utf8(cell.chars[i], text + len);
	draw_text(b, text, len, cell.attrs.bold, x, y);
}

/* --- the whole -------------------------------------------------------------------- */

static PangoFontDescription *find_font(int cell, PangoWeight weight)
{
	PangoFontDescription *font = pango_font_description_new();

	pango_font_description_set_family(font, "DejaVu Sans Mono");
	pango_font_description_set_absolute_size(font, cell / ADVANCE * PANGO_SCALE);
	pango_font_description_set_weight(font, weight);
	return font;
}

/* Nothing of what this machine prefers: everywhere the same picture. */
static void set_up_text(struct brush *b, int cell)
{
	cairo_font_options_t *options = cairo_font_options_create();

	cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
	cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
	cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
	b->layout = pango_cairo_create_layout(b->cr);
	pango_cairo_context_set_font_options(pango_layout_get_context(b->layout), options);
	pango_cairo_context_set_resolution(pango_layout_get_context(b->layout), 96);
	pango_layout_context_changed(b->layout);
	cairo_font_options_destroy(options);
	b->normal = find_font(cell, PANGO_WEIGHT_NORMAL);
	b->bold = find_font(cell, PANGO_WEIGHT_BOLD);
}

cairo_surface_t *paint_screen(struct pty *p, int cell, const char *caption)
{
	struct brush b = { .width = cell, .height = 2 * cell - cell / 6, .pad = cell };
	int width = p->cols * b.width + 2 * b.pad;
	int height = p->rows * b.height + 2 * b.pad;
	int strip = caption ? b.height + b.pad : 0;
	cairo_surface_t *surface =
		cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height + strip);

	b.cr = cairo_create(surface);
	b.baseline = b.height * 0.74;
	set_up_text(&b, cell);
	set_colour(b.cr, default_bg);
	cairo_paint(b.cr);
	for (int row = 0; row < p->rows; row++) {
		for (int col = 0; col < p->cols; col++)
			draw_cell(&b, p, row, col);
	}
	if (caption) {
		set_colour(b.cr, strip_bg);
		cairo_rectangle(b.cr, 0, height, width, strip);
		cairo_fill(b.cr);
		set_colour(b.cr, palette[11]);
		draw_text(&b, caption, -1, true, b.pad, height + b.pad / 2);
	}
	if (cairo_status(b.cr) != CAIRO_STATUS_SUCCESS) {
		fprintf(stderr, "paint: %s\n", cairo_status_to_string(cairo_status(b.cr)));
		exit(1);
	}
	pango_font_description_free(b.normal);
	pango_font_description_free(b.bold);
	g_object_unref(b.layout);
	cairo_destroy(b.cr);
	cairo_surface_flush(surface);
	return surface;
}
