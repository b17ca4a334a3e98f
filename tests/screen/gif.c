/* SPDX-License-Identifier: MIT */
#include "screen/gif.h"

#include <fcntl.h>
#include <gif_lib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Colours are counted in boxes of five bits a channel; the fullest boxes are the
 * palette, each as the colour that occurs most in it, so that plain areas stay
 * what they are. The last entry is not a colour: unchanged since the frame before.
 */
enum { BOXES = 1 << 15, COLOURS = 63, UNCHANGED = COLOURS };

struct box {
	uint32_t colour;
	uint64_t count, lead; /* pixels; how far @colour leads in them */
	int entry;
};

struct area {
	int left, top, right, bottom;
};

static _Noreturn void die(const char *path)
{
	fprintf(stderr, "gif: cannot write '%s'\n", path);
	exit(1);
}

static const uint32_t *row_of(cairo_surface_t *s, int y)
{
	return (const uint32_t *)(const void *)(cairo_image_surface_get_data(s) +
						y * cairo_image_surface_get_stride(s));
}

static size_t box_of(uint32_t c)
{
	return (c >> 9 & 0x7c00) | (c >> 6 & 0x3e0) | (c >> 3 & 0x1f);
}

static int by_count(const void *a, const void *b)
{
	const struct box *x = *(struct box *const *)a, *y = *(struct box *const *)b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return x->colour < y->colour ? -1 : x->colour > y->colour;
}

static void count_colours(struct box *boxes, cairo_surface_t *s)
{
	int width = cairo_image_surface_get_width(s), height = cairo_image_surface_get_height(s);

	for (int y = 0; y < height; y++) {
		const uint32_t *row = row_of(s, y);

		for (int x = 0; x < width; x++) {
			uint32_t c = row[x] & 0xffffff;
			struct box *box = &boxes[box_of(c)];

			box->count++;
			if (box->colour == c) {
				box->lead++;
			} else if (!box->lead) {
				box->colour = c;
				box->lead = 1;
			} else {
				box->lead--;
			}
		}
	}
}

static int distance(uint32_t a, uint32_t b)
{
	int r = (int)(a >> 16 & 0xff) - (int)(b >> 16 & 0xff);
	int g = (int)(a >> 8 & 0xff) - (int)(b >> 8 & 0xff);
	int l = (int)(a & 0xff) - (int)(b & 0xff);

	return 3 * r * r + 4 * g * g + 2 * l * l;
}

static void choose_palette(struct box *boxes, GifColorType palette[COLOURS + 1])
{
	struct box **used = calloc(BOXES, sizeof(*used));
	size_t nr = 0, kept;

	if (!used)
		die("palette");
	for (size_t i = 0; i < BOXES; i++) {
		if (boxes[i].count)
			used[nr++] = &boxes[i];
	}
	qsort(used, nr, sizeof(*used), by_count);
	kept = nr < COLOURS ? nr : COLOURS;
	for (size_t i = 0; i < nr; i++) {
		uint32_t c = used[i]->colour;

		used[i]->entry = i < kept ? (int)i : 0;
		if (i < kept)
			palette[i] = (GifColorType){ (GifByteType)(c >> 16), (GifByteType)(c >> 8),
						     (GifByteType)c };
		for (size_t k = 1; i >= kept && k < kept; k++) {
			if (distance(c, used[k]->colour) <
			    distance(c, used[used[i]->entry]->colour))
				used[i]->entry = (int)k;
		}
	}
	free(used);
}

/* The smallest rectangle that holds all that differs; false: nothing does. */
static bool changed_area(cairo_surface_t *before, cairo_surface_t *s, struct area *a)
{
	int width = cairo_image_surface_get_width(s), height = cairo_image_surface_get_height(s);

	*a = (struct area){ .right = width, .bottom = height };
	if (!before)
		return true;
	*a = (struct area){ .left = width, .top = height };
	for (int y = 0; y < height; y++) {
		const uint32_t *old = row_of(before, y), *new = row_of(s, y);

		for (int x = 0; x < width; x++) {
			if (old[x] == new[x])
				continue;
			a->left = x < a->left ? x : a->left;
			a->top = y < a->top ? y : a->top;
			a->right = x + 1 > a->right ? x + 1 : a->right;
			a->bottom = y + 1;
		}
	}
	return a->right > a->left;
}

static bool put_frame(GifFileType *gif, const struct box *boxes, cairo_surface_t *before,
		      cairo_surface_t *s, const struct area *a, int ms)
{
	GraphicsControlBlock control = { .DisposalMode = DISPOSE_DO_NOT,
					 .DelayTime = ms / 10,
					 .TransparentColor = before ? UNCHANGED : -1 };
	int width = a->right - a->left;
	GifByteType extension[4], *line = malloc((size_t)width);
	bool ok = line != NULL;

	EGifGCBToExtension(&control, extension);
	ok = ok && EGifPutExtension(gif, GRAPHICS_EXT_FUNC_CODE, 4, extension) == GIF_OK &&
	     EGifPutImageDesc(gif, a->left, a->top, width, a->bottom - a->top, false, NULL) ==
		     GIF_OK;
	for (int y = a->top; ok && y < a->bottom; y++) {
		const uint32_t *old = before ? row_of(before, y) : NULL, *new = row_of(s, y);

		for (int x = 0; x < width; x++) {
			uint32_t c = new[a->left + x];
			bool same = old && old[a->left + x] == c;

			line[x] = (GifByteType)(same ? UNCHANGED : boxes[box_of(c)].entry);
		}
		ok = EGifPutLine(gif, line, width) == GIF_OK;
	}
	free(line);
	return ok;
}

static bool put_loop(GifFileType *gif)
{
	static const GifByteType forever[] = { 1, 0, 0 };

	return EGifPutExtensionLeader(gif, APPLICATION_EXT_FUNC_CODE) == GIF_OK &&
	       EGifPutExtensionBlock(gif, 11, "NETSCAPE2.0") == GIF_OK &&
	       EGifPutExtensionBlock(gif, sizeof(forever), forever) == GIF_OK &&
	       EGifPutExtensionTrailer(gif) == GIF_OK;
}

void gif_write(const char *path, const struct gif_frame *frames, size_t nr)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	struct box *boxes = calloc(BOXES, sizeof(*boxes));
	GifColorType palette[COLOURS + 1] = { 0 };
	ColorMapObject *map;
	GifFileType *gif = fd < 0 ? NULL : EGifOpenFileHandle(fd, NULL);
	cairo_surface_t *first = nr ? frames[0].surface : NULL, *before = NULL;
	struct area area;

	if (!boxes || !gif || !first)
		die(path);
	for (size_t i = 0; i < nr; i++)
		count_colours(boxes, frames[i].surface);
	choose_palette(boxes, palette);
	map = GifMakeMapObject(COLOURS + 1, palette);
	EGifSetGifVersion(gif, true);
	if (!map ||
	    EGifPutScreenDesc(gif, cairo_image_surface_get_width(first),
			      cairo_image_surface_get_height(first), 8, 0, map) != GIF_OK ||
	    !put_loop(gif))
		die(path);
	for (size_t i = 0; i < nr;) {
		cairo_surface_t *s = frames[i].surface;
		bool differs = changed_area(before, s, &area);
		int ms = frames[i++].ms;

		/* What looks the same is one frame. */
		while (i < nr && !memcmp(cairo_image_surface_get_data(s),
					 cairo_image_surface_get_data(frames[i].surface),
					 (size_t)cairo_image_surface_get_stride(s) *
						 (size_t)cairo_image_surface_get_height(s)))
			ms += frames[i++].ms;
		if (differs && !put_frame(gif, boxes, before, s, &area, ms))
			die(path);
		before = s;
	}
	if (EGifCloseFile(gif, NULL) != GIF_OK)
		die(path);
	GifFreeMapObject(map);
	free(boxes);
}
