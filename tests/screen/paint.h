/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SCREEN_PAINT_H
#define TESTS_SCREEN_PAINT_H

#include <cairo.h>

#include "screen/pty.h"

/*
 * Draw what stands on @p, cell by cell, in DejaVu Sans Mono; @cell is the width of
 * a column in pixels. @caption, unless NULL, stands in a strip below the screen.
 * The surface is the caller's. Exits on failure.
 */
cairo_surface_t *paint_screen(struct pty *p, int cell, const char *caption);

#endif
