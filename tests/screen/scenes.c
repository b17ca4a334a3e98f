/* SPDX-License-Identifier: MIT */
/*
 * The scenes of the README's pictures as text: shots.sh SCENES STRAY FOLDER compares
 * them with FOLDER/scene-NAME.txt, so they are the same at every run and on every
 * machine. With UPDATE in the environment it writes these files.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "screen/director.h"

struct desk {
	const char *folder;
	int nr, failed;
};

static void print_rows(const char *title, const char *text)
{
	printf("# %s\n", title);
	while (*text) {
		size_t len = strcspn(text, "\n");

		printf("# |%.*s|\n", (int)len, text);
		text += len + (text[len] == '\n');
	}
}

/* The version stands in one place, and that is not a golden file. */
static void hide_version(char *text)
{
	for (char *at = text; (at = strstr(at, "stray "));) {
		at += strlen("stray ");
		for (; *at == '.' || (*at >= '0' && *at <= '9'); at++)
			*at = *at == '.' ? '.' : '#';
	}
}

static void read_text(const char *path, char *buf, size_t size)
{
	FILE *f = fopen(path, "r");

	buf[f ? fread(buf, 1, size - 1, f) : 0] = '\0';
	if (f)
		fclose(f);
}

static bool write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	return f && fputs(text, f) >= 0 && fclose(f) == 0;
}

static bool shoot(void *ctx, struct pty *p, const char *name)
{
	static char want[1 << 16];
	struct desk *desk = ctx;
	char path[4096], *text = pty_text(p);
	bool same, written = true;

	hide_version(text);
	snprintf(path, sizeof(path), "%s/scene-%s.txt", desk->folder, name);
	if (getenv("UPDATE"))
		written = write_text(path, text);
	read_text(path, want, sizeof(want));
	same = !strcmp(want, text);
	printf("%sok %d - %s\n", same ? "" : "not ", ++desk->nr, name);
	if (!same) {
		print_rows("want", want);
		print_rows("got", text);
		desk->failed++;
	}
	fflush(stdout);
	free(text);
	return written;
}

int main(int argc, char **argv)
{
	struct desk desk = { .folder = argc == 3 ? argv[2] : "" };
	struct camera camera = { .ctx = &desk, .shoot = shoot };
	bool all;

	if (argc != 3 || getpid() != 1) {
		fprintf(stderr, "usage: shots.sh SCENES STRAY FOLDER\n");
		return 2;
	}
	all = direct(argv[1], &camera);
	if (!all)
		printf("not ok %d - all plays come to their end\n", ++desk.nr);
	printf("1..%d\n", desk.nr);
	return all && !desk.failed ? 0 : 1;
}
