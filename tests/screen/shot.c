/* SPDX-License-Identifier: MIT */
/* The README's pictures: shots.sh SHOT STRAY FOLDER writes *.png, stray.gif, stray.cast. */
#include <stdio.h>
#include <unistd.h>

#include "screen/director.h"
#include "screen/film.h"
#include "screen/paint.h"

enum { PNG_CELL = 11 };

struct studio {
	const char *folder;
	struct film film;
};

static bool shoot(void *ctx, struct pty *p, const char *name)
{
	const struct studio *studio = ctx;
	cairo_surface_t *surface = paint_screen(p, PNG_CELL, NULL);
	cairo_status_t status;
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s.png", studio->folder, name);
	status = cairo_surface_write_to_png(surface, path);
	cairo_surface_destroy(surface);
	return status == CAIRO_STATUS_SUCCESS;
}

static void take(void *ctx, struct pty *p, const char *caption, int ms)
{
	struct studio *studio = ctx;

	if (p)
		film_take(&studio->film, p, caption, ms);
	else
		film_hold(&studio->film, ms);
}

static bool cut(void *ctx, struct pty *p)
{
	struct studio *studio = ctx;

	film_write(&studio->film, p, studio->folder);
	film_release(&studio->film);
	return true;
}

int main(int argc, char **argv)
{
	struct studio studio = { .folder = argc == 3 ? argv[2] : "" };
	struct camera camera = { .ctx = &studio, .shoot = shoot, .take = take, .cut = cut };

	if (argc != 3 || getpid() != 1) {
		fprintf(stderr, "usage: shots.sh SHOT STRAY FOLDER\n");
		return 2;
	}
	return direct(argv[1], &camera) ? 0 : 1;
}
