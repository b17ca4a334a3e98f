#include "screen/film.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/array.h"
#include "screen/paint.h"

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "film: cannot write '%s'\n", what);
	exit(1);
}

void film_take(struct film *film, struct pty *p, const char *caption, int ms)
{
	size_t *ends;

	if (ARRAY_GROW(film->frames, film->nr, film->alloc) < 0)
		die("frame");
	ends = realloc(film->ends, film->alloc * sizeof(*ends));
	if (!ends)
		die("frame");
	film->ends = ends;
	film->ends[film->nr] = p->nr_bytes;
	film->frames[film->nr++] =
		(struct gif_frame){ paint_screen(p, FILM_CELL, caption), ms };
}

void film_hold(struct film *film, int ms)
{
	if (film->nr)
		film->frames[film->nr - 1].ms += ms;
}

/* The bytes as a JSON string; they are UTF-8 and whole between two pictures. */
static void put_json(FILE *f, const char *data, size_t len)
{
	putc('"', f);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)data[i];

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
	size_t from = 0;
	long at = 0;

	if (!f)
		die(path);
	fprintf(f, "{\"version\": 2, \"width\": %d, \"height\": %d, \"title\": \"stray --demo\"}\n",
		p->cols, p->rows);
	for (size_t i = 0; i < film->nr; i++) {
		if (film->ends[i] > from) {
			fprintf(f, "[%ld.%02ld, \"o\", ", at / 1000, at % 1000 / 10);
			put_json(f, p->bytes + from, film->ends[i] - from);
			fputs("]\n", f);
		}
		from = film->ends[i];
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
	for (size_t i = 0; i < film->nr; i++)
		cairo_surface_destroy(film->frames[i].surface);
	free(film->frames);
	free(film->ends);
}
