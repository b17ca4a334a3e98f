/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SCREEN_FILM_H
#define TESTS_SCREEN_FILM_H

#include "screen/gif.h"
#include "screen/pty.h"

/*
 * What a program showed, one picture after the other, on a clock of its own: a
 * picture lasts as long as the film says, not as long as this machine took.
 */
struct film {
	struct gif_frame *frames;
	size_t nr, alloc;
	char **screens; /* per frame: what makes a terminal show it */
};

enum { FILM_CELL = 9 };

/* Add what stands on @p for @ms. Exits on failure. */
void film_take(struct film *film, struct pty *p, const char *caption, int ms);

/* Show the last picture for @ms more. */
void film_hold(struct film *film, int ms);

/* FOLDER/stray.gif and, for asciinema, FOLDER/stray.cast. Exits on failure. */
void film_write(const struct film *film, const struct pty *p, const char *folder);
void film_release(struct film *film);

#endif
