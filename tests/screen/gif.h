/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SCREEN_GIF_H
#define TESTS_SCREEN_GIF_H

#include <cairo.h>
#include <stddef.h>

struct gif_frame {
	cairo_surface_t *surface; /* CAIRO_FORMAT_RGB24, all of one size */
	int ms;			  /* how long it is shown */
};

/*
 * Write them as an endless animation, in 63 colours, which is enough for text and
 * keeps the file small. Exits on failure.
 */
void gif_write(const char *path, const struct gif_frame *frames, size_t nr);

#endif
